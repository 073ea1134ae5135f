/** Rows as text for other programs: CSV as RFC 4180 has it, and tab-separated for the clipboard. */

interface Column {
  readonly name: string;
}
type Value = string | number | boolean | null;

const numberTypes =
  /^(smallint|integer|bigint|numeric|real|double precision|oid|u?(tiny|small|big|huge)?int(eger)?|decimal.*|float|double)$/i;

/** Whether values of a type are aligned to the right; both PostgreSQL's and DuckDB's names. */
export function isNumberType(type: string): boolean {
  return numberTypes.test(type.replace(/\(.*$/, ""));
}

/** NULL is nothing, an empty text is `""`, as PostgreSQL's COPY has it. */
export function csvOf(columns: readonly Column[], rows: readonly (readonly Value[])[]): string {
  const lines = [columns.map(({ name }) => csvField(name)), ...rows.map((row) => row.map(csvField))];
  return lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
}

function csvField(value: Value): string {
  if (value === null) return "";
  const text = String(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function tsvOf(columns: readonly Column[], rows: readonly (readonly Value[])[]): string {
  const field = (value: Value) => value === null ? "" : String(value).replace(/[\t\r\n]+/g, " ");
  return [columns.map(({ name }) => field(name)), ...rows.map((row) => row.map(field))]
    .map((line) => line.join("\t")).join("\n");
}
