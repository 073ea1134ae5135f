/** The table and columns that a COPY names, as DuckDB knows them, checked with PostgreSQL's errors. */
import { AppError } from "../../errors/app_error.ts";
import type { CopyOptions, RelationName } from "../../sql/statement.ts";

/**
 * The table as SQL for DuckDB. This is the one place where its name is taken from: schema `public` is `main` of the workspace's database,
 * which is named so that no temporary table hides it; `pg_temp` is the connection's temporary database.
 */
export function copyTableSql({ catalog, schema, name }: RelationName, database: string): string {
  const parts = schema === "pg_temp"
    ? ["temp", "main", name]
    : schema === "public" || schema === "main"
    ? [catalog ?? database, "main", name]
    : [catalog, schema, name].filter((part) => part !== null);
  return parts.map((part) => `"${part.replaceAll('"', '""')}"`).join(".");
}

interface NamedColumn {
  readonly name: string;
}

/** The columns to copy: those that are named, or all that are not generated. */
export function chosenColumns<Column extends NamedColumn>(
  all: readonly Column[],
  names: readonly string[],
  generated: ReadonlySet<string>,
  table: string,
): Column[] {
  if (names.length === 0) return all.filter(({ name }) => !generated.has(name));
  const chosen: Column[] = [];
  for (const name of names) {
    const column = findColumn(all, name, table);
    if (generated.has(column.name)) {
      throw new AppError("invalid_column_reference", `column "${name}" is a generated column`, {
        hint: "Generated columns cannot be used in COPY.",
      });
    }
    if (chosen.includes(column)) {
      throw new AppError("duplicate_column", `column "${name}" specified more than once`);
    }
    chosen.push(column);
  }
  return chosen;
}

/** DuckDB's names keep the case in which they were created and are found in any. */
function findColumn<Column extends NamedColumn>(all: readonly Column[], name: string, table: string): Column {
  const column = all.find((candidate) => candidate.name === name) ??
    all.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (column === undefined) {
    throw new AppError("undefined_column", `column "${name}" of relation "${table}" does not exist`);
  }
  return column;
}

/** Throws unless the columns that an option names are among those to copy. */
export function requireColumns(
  option: "FORCE_NOT_NULL" | "FORCE_NULL" | "FORCE_QUOTE",
  names: CopyOptions["forceNull"],
  chosen: readonly NamedColumn[],
  all: readonly NamedColumn[],
  table: string,
): void {
  if (names === "all") return;
  const seen = new Set<NamedColumn>();
  for (const name of names) {
    const column = findColumn(all, name, table);
    if (seen.has(column)) throw new AppError("duplicate_column", `column "${name}" specified more than once`);
    seen.add(column);
    if (chosen.includes(column)) continue;
    throw new AppError("invalid_column_reference", `${option} column "${name}" not referenced by COPY`);
  }
}
