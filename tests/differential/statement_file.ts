/**
 * Statement files (`statements/*.sql`): statements that end with `;` at a line's end. A comment line before one may say
 *
 *     --! differs(rows, types): why Eider answers differently
 *
 * with the aspects sqlstate, tag, names, types, modifiers and rows. Such a difference must exist: one that is gone fails the test, so
 * that the list stays true. `docs/postgres-compatibility.md` shows them.
 */
export const aspects = ["sqlstate", "tag", "names", "types", "modifiers", "rows"] as const;
export type Aspect = (typeof aspects)[number];

export interface ComparedStatement {
  readonly sql: string;
  readonly line: number;
  readonly differs: ReadonlySet<Aspect>;
  /** "" where nothing differs. */
  readonly reason: string;
}

/** Throws for a directive that it does not understand. */
export function parseStatementFile(text: string): ComparedStatement[] {
  const statements: ComparedStatement[] = [];
  let lines: string[] = [];
  let firstLine = 0;
  let differs = new Set<Aspect>();
  let reason = "";
  text.split("\n").forEach((line, index) => {
    if (lines.length === 0) {
      const directive = /^--!\s*differs\(([^)]*)\):\s*(.+)$/.exec(line);
      if (directive !== null) {
        differs = new Set(directive[1]!.split(",").map((word) => aspectOf(word.trim(), index + 1)));
        reason = directive[2]!.trim();
        return;
      }
      if (line.startsWith("--!")) throw new Error(`line ${index + 1}: not a directive: ${line}`);
      if (line.trim() === "" || line.startsWith("--")) return;
      firstLine = index + 1;
    }
    lines.push(line);
    if (!/;\s*$/.test(line)) return;
    statements.push({ sql: lines.join("\n").replace(/;\s*$/, ""), line: firstLine, differs, reason });
    lines = [];
    differs = new Set();
    reason = "";
  });
  if (lines.length > 0) throw new Error(`line ${firstLine}: the statement has no end`);
  return statements;
}

function aspectOf(word: string, line: number): Aspect {
  const aspect = aspects.find((candidate) => candidate === word);
  if (aspect === undefined) throw new Error(`line ${line}: no aspect "${word}": ${aspects.join(", ")}`);
  return aspect;
}
