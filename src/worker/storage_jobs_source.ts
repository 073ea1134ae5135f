/** What the import needs of an uploaded file, whatever its format; see `storage_jobs_{csv,json,parquet}.ts`. */
import { AppError } from "../errors/app_error.ts";
import type { StorageJob } from "../ipc/messages.ts";
import { quoteIdentifier } from "../engine/duckdb.ts";

export type ImportJob = Extract<StorageJob, { job: "import" }>;

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

export interface FileSource {
  /** The table's columns: as declared, or as found in the file. */
  readonly columns: readonly Column[];
  /** A SELECT that gives the file's rows in file order, with these columns in this order. */
  readonly select: string;
  /** Another way to read the file, worth trying after this failure, or null. */
  alternative(error: unknown): Promise<FileSource | null>;
  /** The failure of reading in the user's terms, or null when it is not the file's fault. */
  explain(error: unknown): Promise<AppError | null>;
  /** Throws when a value was read but not kept as it is; runs after the rows have been read. */
  verify(): Promise<void>;
  /** Where a column is first empty, such as `line 7`. */
  locateNull(columnName: string): Promise<string>;
}

/** The DuckDB message without what is below its first paragraph. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function importFailed(detail: string, cause?: unknown): AppError {
  return new AppError("import_failed", detail, cause === undefined ? {} : { cause });
}

/** A value as it stands in an error text. */
export function shown(value: unknown): string {
  const text = String(value);
  return `"${text.length > 100 ? text.slice(0, 100) + "…" : text}"`;
}

/** A DuckDB struct literal `{'name': 'TYPE', …}` as the readers' `columns` parameter takes it. */
export function columnsParameter(columns: readonly { name: string; type: string }[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  return `{${columns.map((column) => `${quoted(column.name)}: ${quoted(column.type)}`).join(", ")}}`;
}

/**
 * Finds the file's column for each declared one: by its exact name, else regardless of case. Throws with all missing and
 * all unknown columns named. `missingAllowed`: leaves null for a missing one (JSON).
 */
export function matchColumns(
  declared: readonly Column[],
  found: readonly string[],
  options: { missingAllowed: boolean },
): (string | null)[] {
  const exact = new Set(found);
  const folded = new Map(found.map((name) => [name.toLowerCase(), name]));
  const matched = declared.map(({ name }) => exact.has(name) ? name : folded.get(name.toLowerCase()) ?? null);
  const used = new Set(matched);
  const unknown = found.filter((name) => !used.has(name));
  const missing = declared.filter((_column, index) => matched[index] === null).map(({ name }) => name);
  const parts = [
    ...(missing.length > 0 && !options.missingAllowed ? [`missing ${missing.map(shown).join(", ")}`] : []),
    ...(unknown.length > 0 ? [`unknown ${unknown.map(shown).join(", ")}`] : []),
  ];
  if (parts.length > 0) {
    const expected = declared.map(({ name }) => name).join(", ");
    throw importFailed(`columns: ${parts.join("; ")}; the table has ${expected}`);
  }
  return matched;
}

/** Throws when names repeat regardless of case, as SQL compares them, or are empty. */
export function checkColumnNames(names: readonly string[], place: string): void {
  if (names.length === 0) throw importFailed(`${place}: no columns`);
  const seen = new Map<string, number>();
  names.forEach((name, index) => {
    if (name.trim() === "") throw importFailed(`${place}: column ${index + 1} has no name`);
    const earlier = seen.get(name.toLowerCase());
    if (earlier !== undefined) {
      throw importFailed(`${place}: column ${shown(name)} appears twice, as number ${earlier + 1} and ${index + 1}`);
    }
    seen.set(name.toLowerCase(), index);
  });
}

/** `CAST("a" AS T) AS "b"` */
export function castColumn(source: string, column: Column): string {
  return `CAST(${source} AS ${column.type}) AS ${quoteIdentifier(column.name)}`;
}
