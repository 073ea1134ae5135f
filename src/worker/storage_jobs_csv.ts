/**
 * CSV (RFC 4180, UTF-8) as an import source. Line 1 is the header. The delimiter is the first of `,` `;` tab `|` that
 * stands in the header outside quotes; nothing else about the dialect is guessed. An empty value is NULL, `""` an empty
 * string. A new table's types come from DuckDB's sniffer over a sample and are then checked against every row.
 */
import { open } from "node:fs/promises";
import type { DuckDBValue } from "@duckdb/node-api";
import { quoteIdentifier, quoteLiteral } from "../engine/duckdb.ts";
import type { JobSession } from "./storage_jobs_session.ts";
import { csvLineOfRecord, firstOtherLineEnd } from "./storage_jobs_scan.ts";
import {
  checkColumnNames,
  type Column,
  columnsParameter,
  errorText,
  type FileSource,
  importFailed,
  type ImportJob,
  matchColumns,
  shown,
} from "./storage_jobs_source.ts";
import { candidateTypes, losslessCondition, sniffCondition } from "./storage_jobs_strict.ts";
import type { AppError } from "../errors/app_error.ts";

const headerBytesMax = 1024 * 1024;
/** Rows that the sniffer looks at; sniffing a whole file is not bounded in memory. */
const sniffRows = 100_000;
/** A longer record is refused. The buffer must hold two; it is allocated per thread. */
const recordBytesMax = 16 * 1024 * 1024;
const delimiters = [",", ";", "\t", "|"] as const;

interface Header {
  readonly names: readonly string[];
  readonly delimiter: string;
}

interface CsvFile {
  readonly session: JobSession;
  readonly path: string;
  readonly header: Header;
}

/** Opens an uploaded CSV for an import. Throws `import_failed` when header and declared columns do not meet. */
export async function openCsv(session: JobSession, job: ImportJob): Promise<FileSource> {
  const header = await readHeader(job.source_path);
  const file: CsvFile = { session, path: job.source_path, header };
  if (job.columns === null) {
    const types = await newTableTypes(file);
    const columns = header.names.map((name, index) => ({ name, type: types[index] ?? "VARCHAR", nullable: true }));
    return csvSource(file, columns, header.names, false);
  }
  const matched = matchColumns(job.columns, header.names, { missingAllowed: false }).map((name) => name ?? "");
  return csvSource(file, job.columns, matched, false);
}

function csvSource(
  file: CsvFile,
  columns: readonly Column[],
  fileNames: readonly string[],
  quotedEmptyIsNull: boolean,
): FileSource {
  const typeByName = new Map(fileNames.map((name, index) => [name, columns[index]?.type ?? "VARCHAR"]));
  const read = readCsv(file, (name) => typeByName.get(name) ?? "VARCHAR", quotedEmptyIsNull);
  const list = columns.map((column, index) =>
    `${quoteIdentifier(fileNames[index] ?? "")} AS ${quoteIdentifier(column.name)}`
  );
  return {
    columns,
    select: `SELECT ${list.join(", ")} FROM ${read}`,
    // Files that quote every value write a missing number as "".
    alternative: (error) =>
      Promise.resolve(
        !quotedEmptyIsNull && /Could not convert string "" to '/.test(errorText(error))
          ? csvSource(file, columns, fileNames, true)
          : null,
      ),
    explain: (error) => explainCsv(file, typeByName, error),
    verify: async () => {
      const checks = columns.flatMap((column, index) => {
        const name = quoteIdentifier(fileNames[index] ?? "");
        const lossless = losslessCondition(column.type, name);
        return lossless === null ? [] : [{ column, name, bad: `${name} IS NOT NULL AND NOT ${lossless}` }];
      });
      if (checks.length === 0) return;
      const text = readCsv(file, () => "VARCHAR", quotedEmptyIsNull);
      const [flags = []] = await file.session.rows(
        `SELECT ${checks.map(({ bad }) => `bool_or(${bad})`).join(", ")} FROM ${text}`,
      );
      const found = checks.find((_check, index) => flags[index] === true);
      if (found === undefined) return;
      const [[rowNumber, value] = []] = await file.session.rows(
        `SELECT row_number, value FROM (SELECT row_number() OVER () AS row_number, ${found.name} AS value, ` +
          `${found.bad} AS bad FROM ${text}) WHERE bad LIMIT 1`,
      );
      const line = await lineOfRow(file, Number(rowNumber));
      throw importFailed(
        `line ${line}, column ${shown(found.column.name)}: ${shown(value)} is not a valid ${found.column.type}`,
      );
    },
    locateNull: async (columnName) => {
      const index = columns.findIndex(({ name }) => name === columnName);
      const name = quoteIdentifier(fileNames[index] ?? columnName);
      const [[rowNumber] = []] = await file.session.rows(
        `SELECT row_number FROM (SELECT row_number() OVER () AS row_number, ${name} IS NULL AS empty FROM ${read}) ` +
          `WHERE empty LIMIT 1`,
      );
      return `line ${await lineOfRow(file, Number(rowNumber))}`;
    },
  };
}

function readCsv(file: CsvFile, typeOf: (name: string) => string, quotedEmptyIsNull: boolean): string {
  const columns = columnsParameter(file.header.names.map((name) => ({ name, type: typeOf(name) })));
  return `read_csv(${dialect(file)}, auto_detect = false, columns = ${columns}, ` +
    `allow_quoted_nulls = ${quotedEmptyIsNull})`;
}

function dialect(file: CsvFile): string {
  return `${quoteLiteral(file.path)}, header = true, delim = ${quoteLiteral(file.header.delimiter)}, quote = '"', ` +
    `escape = '"', nullstr = '', strict_mode = true, max_line_size = ${recordBytesMax}, buffer_size = ${
      2 * recordBytesMax
    }`;
}

/** The physical line of a data row; DuckDB skips blank lines where a row has more than one column. */
function lineOfRow(file: CsvFile, rowNumber: number): Promise<number> {
  return csvLineOfRecord(file.path, rowNumber + 1, file.header.delimiter, {
    skipBlankLines: file.header.names.length > 1,
  });
}

async function newTableTypes(file: CsvFile): Promise<string[]> {
  const { session, header } = file;
  let sniffed: string[];
  try {
    const description = await session.rows(
      `DESCRIBE SELECT * FROM read_csv(${dialect(file)}, skip = 0, comment = '', sample_size = ${sniffRows})`,
    );
    sniffed = description.map((row) => String(row[1]));
  } catch {
    // A file that the sniffer refuses is read as text: either that works, or its error names the line.
    sniffed = [];
  }
  if (sniffed.length !== header.names.length) sniffed = header.names.map(() => "VARCHAR");
  const checks = sniffed.flatMap((type, index) =>
    candidateTypes(type).map((candidate) => ({
      index,
      candidate,
      condition: sniffCondition(candidate, quoteIdentifier(header.names[index] ?? "")),
      name: quoteIdentifier(header.names[index] ?? ""),
    }))
  );
  const types = header.names.map(() => "VARCHAR");
  if (checks.length === 0) return types;
  let flags: readonly DuckDBValue[];
  try {
    [flags = []] = await session.rows(
      `SELECT ${checks.map(({ name, condition }) => `bool_and(${name} IS NULL OR ${condition})`).join(", ")} ` +
        `FROM ${readCsv(file, () => "VARCHAR", true)}`,
    );
  } catch (error) {
    throw await explainCsv(file, new Map(), error) ?? error;
  }
  const decided = new Set<number>();
  checks.forEach(({ index, candidate }, position) => {
    if (flags[position] === true && !decided.has(index)) {
      types[index] = candidate;
      decided.add(index);
    }
  });
  return types;
}

/** Line 1. Throws `import_failed` for an empty file, a nameless or repeated column. */
async function readHeader(path: string): Promise<Header> {
  const handle = await open(path, "r");
  const buffer = new Uint8Array(headerBytesMax);
  let byteCount = 0;
  try {
    while (byteCount < headerBytesMax) {
      const { bytesRead } = await handle.read(buffer, byteCount, headerBytesMax - byteCount);
      if (bytesRead === 0) break;
      byteCount += bytesRead;
    }
  } finally {
    await handle.close();
  }
  if (byteCount === 0) throw importFailed("the file is empty: a CSV file starts with a header line");
  const text = decodeUtf8(buffer.subarray(0, byteCount), byteCount === headerBytesMax);
  const header = parseHeader(text);
  checkColumnNames(header.names, "line 1 (header)");
  return header;
}

function decodeUtf8(bytes: Uint8Array, cut: boolean): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: cut });
  } catch {
    // Only the header must be readable here; a bad byte further down is found, with its line, by the reader.
    return new TextDecoder("utf-8").decode(bytes);
  }
}

function parseHeader(text: string): Header {
  let delimiter = "";
  let quoted = false;
  let end = text.length;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === "\n" || character === "\r") {
      end = index;
      break;
    } else if (delimiter === "" && (delimiters as readonly string[]).includes(character)) delimiter = character;
  }
  if (quoted) throw importFailed("line 1 (header): a quoted name is not closed");
  if (end >= headerBytesMax - 4) throw importFailed(`line 1 (header): longer than ${headerBytesMax} bytes`);
  const line = text.slice(0, end);
  if (line.trim() === "") throw importFailed("line 1 is blank: a CSV file starts with a header line");
  if (line.includes("\ufffd")) throw importFailed("line 1 (header): not valid UTF-8");
  if (line.includes("\0")) throw importFailed("line 1 (header): holds a zero byte; the file is no CSV in UTF-8");
  delimiter ||= ",";
  return { delimiter, names: splitHeader(line, delimiter) };
}

function splitHeader(line: string, delimiter: string): string[] {
  const names: string[] = [];
  let name = "";
  let quoted = false;
  for (let index = 0; index < line.length; index++) {
    const character = line.charAt(index);
    if (quoted && character === '"' && line.charAt(index + 1) === '"') {
      name += '"';
      index++;
    } else if (character === '"' && (quoted || name === "")) quoted = !quoted;
    else if (!quoted && character === delimiter) {
      names.push(name);
      name = "";
    } else name += character;
  }
  return [...names, name];
}

/** DuckDB's CSV error in the user's terms: the line in the file, the column, the value. */
async function explainCsv(
  file: CsvFile,
  typeByName: ReadonlyMap<string, string>,
  error: unknown,
): Promise<AppError | null> {
  const text = errorText(error);
  if (/reached an invalid state/.test(text)) {
    const other = await firstOtherLineEnd(file.path);
    return importFailed(
      other === null
        ? "the file is not CSV as RFC 4180 has it"
        : `line ${other}: it ends differently from line 1; use the same line end (LF or CRLF) throughout`,
      error,
    );
  }
  const record = /CSV Error on Line: (\d+)/.exec(text);
  if (record === null) return null;
  const line = await csvLineOfRecord(file.path, Number(record[1]), file.header.delimiter, { skipBlankLines: false });
  const conversion = /Error when converting column "([\s\S]*?)"\. Could not convert string "([\s\S]*?)" to '/.exec(
    text,
  );
  if (conversion !== null) {
    const [, name = "", value = ""] = conversion;
    return importFailed(
      `line ${line}, column ${shown(name)}: ${shown(value)} is not a valid ${typeByName.get(name) ?? "value"}`,
      error,
    );
  }
  const count = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(text);
  if (count !== null) {
    const expected = Number(count[1]);
    const found = Number(count[2]);
    const place = found < expected ? `, column ${shown(file.header.names[found] ?? "")}` : "";
    return importFailed(`line ${line}${place}: ${found} values, the header has ${expected}`, error);
  }
  if (/unterminated quote/i.test(text)) {
    return importFailed(`line ${line}: a quoted value is not closed, or text follows its closing quote`, error);
  }
  if (/not utf-8|Invalid unicode/i.test(text)) return importFailed(`line ${line}: not valid UTF-8`, error);
  if (/Maximum line size/i.test(text)) {
    return importFailed(`line ${line}: longer than ${recordBytesMax} bytes`, error);
  }
  const first = text.split("\n").find((part) => part !== "" && !/CSV Error on Line|Original Line/.test(part)) ?? "";
  return importFailed(`line ${line}: ${first.replaceAll(file.path, "the file").slice(0, 300)}`, error);
}
