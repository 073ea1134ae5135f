/** A bounded least-recently-used cache of parsed texts: a repeated statement costs one look-up. */
import type { ParsedStatement } from "../statement.ts";

/** 1,000 texts: more than the distinct statements of a busy BI dashboard. */
export const cacheTextsMax = 1_000;
/** 8 MB over all: what a worker's memory goal of 130 MB leaves without being noticed. */
export const cacheBytesMax = 8 * 1024 * 1024;
/** A text that takes more than a sixteenth is data rather than a statement that comes back. */
const entryBytesMax = cacheBytesMax / 16;

interface Entry {
  readonly statements: readonly ParsedStatement[];
  readonly bytes: number;
}

function statementBytes(statement: ParsedStatement): number {
  const { facts, action, text } = statement;
  const count = facts.functions.length + facts.reads.length + facts.changes.length + facts.denials.length;
  // Measured with V8: some 700 bytes a statement object, 150 a fact; strings hold one or two bytes a character.
  const inner = "statement" in action ? statementBytes(action.statement) : 0;
  return 700 + text.length * 2 + count * 150 + inner;
}

export class StatementCache {
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  get textCount(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(text: string): readonly ParsedStatement[] | undefined {
    const entry = this.#entries.get(text);
    if (entry === undefined) return undefined;
    this.#entries.delete(text);
    this.#entries.set(text, entry);
    return entry.statements;
  }

  set(text: string, statements: readonly ParsedStatement[]): void {
    const bytes = statements.reduce((sum, statement) => sum + statementBytes(statement), 200 + text.length * 2);
    if (bytes > entryBytesMax || this.#entries.has(text)) return;
    this.#entries.set(text, { statements, bytes });
    this.#bytes += bytes;
    while (this.#entries.size > cacheTextsMax || this.#bytes > cacheBytesMax) {
      const [oldest, entry] = this.#entries.entries().next().value!;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }
}
