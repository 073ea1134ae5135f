/**
 * What a session's statements change of what the emulated catalog shows. The kept rows of the catalog are told when it is committed or undone, before
 * the client hears of it: whoever asks afterwards sees it.
 */
import type { CatalogChange } from "../../engine/memo/catalog_memos.ts";
import type { ParsedStatement, StatementKind } from "../../sql/statement.ts";
import { changesNames } from "./statement_kinds.ts";

const changesRows: ReadonlySet<StatementKind> = new Set(["insert", "update", "delete", "merge", "truncate", "copy"]);
const namesRoutines = /\b(macro|function|procedure|routine|aggregate|schema|type|domain)\b/i;

/** What a statement may change of what the catalog shows; null for nothing. */
export function catalogChange(parsed: ParsedStatement): CatalogChange | null {
  if (!parsed.writes && !changesNames.has(parsed.kind)) return null;
  if (changesRows.has(parsed.kind)) return "data";
  return namesRoutines.test(parsed.text) ? "routines" : "definitions";
}

/** Each is more than the one before. */
const changes: readonly CatalogChange[] = ["data", "definitions", "routines"];

export class CatalogChanges {
  readonly #tell: (change: CatalogChange) => void;
  #pending: CatalogChange | null = null;

  constructor(tell: (change: CatalogChange) => void) {
    this.#tell = tell;
  }

  /** A statement begins. */
  begun(parsed: ParsedStatement): void {
    const change = catalogChange(parsed);
    this.#pending = changes.findLast((known) => known === change || known === this.#pending) ?? null;
  }

  /** A statement has ended outside of a transaction, or a transaction has. One that still gives rows changes more when these are read. */
  ended(stillGivesRows: boolean): void {
    if (this.#pending === null) return;
    this.#tell(this.#pending);
    if (!stillGivesRows) this.#pending = null;
  }
}
