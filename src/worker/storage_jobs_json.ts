/**
 * JSON lines (one object a line), or one JSON array of objects, as an import source. A key that is missing is NULL; one
 * that the table does not have is an error. A new table takes the union of all keys; nested values become JSON.
 */
import { open, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AppError } from "../errors/app_error.ts";
import { quoteIdentifier, quoteLiteral } from "../engine/duckdb.ts";
import type { JobSession } from "./storage_jobs_session.ts";
import { jsonLines } from "./storage_jobs_scan.ts";
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
import { losslessCondition } from "./storage_jobs_strict.ts";

interface JsonFile {
  readonly session: JobSession;
  readonly path: string;
  readonly format: "newline_delimited" | "array";
  readonly temporaryDirectory: string;
}

/** Opens an uploaded JSON file for an import. */
export async function openJson(session: JobSession, job: ImportJob): Promise<FileSource> {
  const format = await detectFormat(job.source_path);
  const file: JsonFile = { session, path: job.source_path, format, temporaryDirectory: job.temp_directory };
  try {
    if (job.columns === null) {
      const columns = await newTableColumns(file);
      return jsonSource(file, columns, columns.map(({ name }) => name), true);
    }
    const keys = await session.rows(
      `SELECT DISTINCT unnest(json_keys(json)) AS name FROM read_json_objects(${parameters(file)}) ORDER BY name`,
    );
    const matched = matchColumns(job.columns, keys.map((row) => String(row[0])), { missingAllowed: true });
    return jsonSource(file, job.columns, matched, false);
  } catch (error) {
    throw await explainJson(file, [], error) ?? error;
  }
}

function jsonSource(
  file: JsonFile,
  columns: readonly Column[],
  keys: readonly (string | null)[],
  typesAreFree: boolean,
): FileSource {
  const present = columns.flatMap((column, index) => {
    const key = keys[index] ?? null;
    return key === null ? [] : [{ column, key }];
  });
  const readAs = (typeOf: (column: Column) => string) =>
    `read_json(${parameters(file)}, columns = ${
      columnsParameter(
        present.length === 0
          ? [{ name: columns[0]?.name ?? "a", type: "VARCHAR" }]
          : present.map(({ column, key }) => ({ name: key, type: typeOf(column) })),
      )
    })`;
  const read = readAs((column) => column.type);
  const list = columns.map((column, index) => {
    const key = keys[index] ?? null;
    const value = key === null ? `CAST(NULL AS ${column.type})` : quoteIdentifier(key);
    return `${value} AS ${quoteIdentifier(column.name)}`;
  });
  return {
    columns,
    select: `SELECT ${list.join(", ")} FROM ${read}`,
    alternative: async (error) => {
      if (!typesAreFree) return null;
      const found = await findBadValue(file, present, error);
      if (found === null || found.column.type === "VARCHAR") return null;
      const widened = columns.map((column) => column === found.column ? { ...column, type: "VARCHAR" } : column);
      return jsonSource(file, widened, keys, true);
    },
    explain: (error) => explainJson(file, present, error),
    verify: async () => {
      const checks = present.flatMap(({ column, key }) => {
        const name = quoteIdentifier(key);
        const lossless = losslessCondition(column.type, name);
        return lossless === null ? [] : [{ column, name, bad: `${name} IS NOT NULL AND NOT ${lossless}` }];
      });
      if (checks.length === 0) return;
      const text = readAs(() => "VARCHAR");
      const [flags = []] = await file.session.rows(
        `SELECT ${checks.map(({ bad }) => `bool_or(${bad})`).join(", ")} FROM ${text}`,
      );
      const found = checks.find((_check, index) => flags[index] === true);
      if (found === undefined) return;
      const [[rowNumber, value] = []] = await file.session.rows(
        `SELECT row_number, value FROM (SELECT row_number() OVER () AS row_number, ${found.name} AS value, ` +
          `${found.bad} AS bad FROM ${text}) WHERE bad LIMIT 1`,
      );
      const place = await placeOfRow(file, Number(rowNumber));
      throw importFailed(
        `${place}, column ${shown(found.column.name)}: ${shown(value)} is not a valid ${found.column.type}`,
      );
    },
    locateNull: async (columnName) => {
      const key = present.find(({ column }) => column.name === columnName)?.key;
      if (key === undefined) return placeOfRow(file, 1);
      const [[rowNumber] = []] = await file.session.rows(
        `SELECT row_number FROM (SELECT row_number() OVER () AS row_number, ${quoteIdentifier(key)} IS NULL AS empty ` +
          `FROM ${read}) WHERE empty LIMIT 1`,
      );
      return placeOfRow(file, Number(rowNumber));
    },
  };
}

function parameters(file: { path: string; format: string }): string {
  return `${quoteLiteral(file.path)}, format = '${file.format}'`;
}

async function detectFormat(path: string): Promise<JsonFile["format"]> {
  const handle = await open(path, "r");
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(4096), 0, 4096);
    const start = new TextDecoder().decode(buffer.subarray(0, bytesRead)).trimStart();
    if (start === "" && bytesRead < 4096) throw importFailed("the file is empty: one JSON object a line is expected");
    return start.startsWith("[") ? "array" : "newline_delimited";
  } finally {
    await handle.close();
  }
}

async function newTableColumns(file: JsonFile): Promise<Column[]> {
  const described = await file.session.rows(
    `DESCRIBE SELECT * FROM read_json(${parameters(file)}, records = true, maximum_depth = 2, sample_size = -1, ` +
      `map_inference_threshold = -1, dateformat = '%Y-%m-%d')`,
  );
  const columns = described.map((row) => {
    const type = String(row[1]);
    const nested = /\[|^(STRUCT|MAP|LIST|UNION)/.test(type);
    return { name: String(row[0]), type: nested ? "JSON" : type === "NULL" ? "VARCHAR" : type, nullable: true };
  });
  checkColumnNames(columns.map(({ name }) => name), "keys");
  return await correctNumbers(file, columns);
}

/**
 * Types of numbers that DuckDB guesses badly: a DOUBLE would round long integers, so they stay text (fractions it has rounded
 * before anybody can ask); and numbers among which are the texts of those that JSON has no number for ("NaN", as this server
 * exports them) are DOUBLE, not JSON.
 */
async function correctNumbers(file: JsonFile, columns: Column[]): Promise<Column[]> {
  const doubtful = columns.filter(({ type }) => type === "DOUBLE" || type === "JSON");
  if (doubtful.length === 0) return columns;
  const read = `read_json(${parameters(file)}, columns = ${
    columnsParameter(doubtful.map(({ name }) => ({ name, type: "JSON" })))
  })`;
  const checks = doubtful.flatMap(({ name }) => {
    const value = quoteIdentifier(name);
    const text = `(${value} ->> '$')`;
    return [
      `bool_and(json_type(${value}) <> 'VARCHAR' AND json_type(${value}) <> 'ARRAY' AND json_type(${value}) <> 'OBJECT' AND ` +
      `json_type(${value}) <> 'BOOLEAN' OR coalesce(${text} IN ('NaN', 'Infinity', '-Infinity'), false))`,
      `bool_or(regexp_full_match(${text}, '-?[0-9]{16,}'))`,
    ];
  });
  const [flags = []] = await file.session.rows(`SELECT ${checks.join(", ")} FROM ${read}`);
  return columns.map((column) => {
    const place = 2 * doubtful.indexOf(column);
    if (place < 0 || flags[place] !== true) return column;
    return { ...column, type: flags[place + 1] === true ? "VARCHAR" : "DOUBLE" };
  });
}

/** `line 7`, or for an array `record 7`. */
async function placeOfRow(file: JsonFile, rowNumber: number): Promise<string> {
  if (file.format === "array") return `record ${rowNumber}`;
  let count = 0;
  for await (const { line } of jsonLines(file.path)) if (++count === rowNumber) return `line ${line}`;
  return `row ${rowNumber}`;
}

/** DuckDB counts a line too many after broken JSON and none for blank lines, so the text itself is asked. */
async function explainJson(
  file: JsonFile,
  present: readonly { column: Column; key: string }[],
  error: unknown,
): Promise<AppError | null> {
  const text = errorText(error);
  if (/maximum_object_size/.test(text)) return importFailed("an object of the file is larger than 16 MiB", error);
  const isJsonError = /JSON transform error|Malformed JSON|expected records|Expected OBJECT|json/i.test(text) &&
    /^(Invalid Input|Binder|Conversion) Error/.test(text);
  if (!isJsonError) return null;
  if (file.format === "newline_delimited") {
    for await (const { line, text: lineText } of jsonLines(file.path)) {
      const problem = lineProblem(lineText);
      if (problem !== null) return importFailed(`line ${line}: ${problem}`, error);
    }
  }
  if (/expected records/.test(text)) {
    return importFailed("no object of the file has a key, so there are no columns", error);
  }
  const repeated = /in (?:line|record\/value) (\d+).*has duplicate key "(.*?)"/s.exec(text);
  if (repeated !== null) {
    const place = await placeOfRow(file, Number(repeated[1]));
    return importFailed(`${place}: the key ${shown(repeated[2])} appears twice in one object`, error);
  }
  const found = await findBadValue(file, present, error);
  if (found !== null) {
    return importFailed(
      `${found.place}, column ${shown(found.column.name)}: ${shown(found.value)} is not a valid ${found.column.type}`,
      error,
    );
  }
  const first = (text.split("\n")[0] ?? "").replaceAll(file.path, "the file").replace(/^[A-Za-z ]+ Error: /, "");
  return importFailed(first.slice(0, 300), error);
}

/** As JSON.stringify writes a lone surrogate; a pair it writes as the character. */
const halfCharacter = /(?<!\\)(?:\\\\)*\\ud[89a-f][0-9a-f]{2}/;

function lineProblem(text: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // DuckDB also writes and reads NaN and Infinity, which JSON does not have.
    if (/\b(NaN|-?Infinity)\b/.test(text)) return null;
    return `not valid JSON: ${shown(text)}`;
  }
  // JavaScript takes half of a surrogate pair, which is no character and has no UTF-8.
  if (halfCharacter.test(JSON.stringify(value))) return `not valid JSON, half of a character: ${shown(text)}`;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? null : `not an object: ${shown(text)}`;
}

/** Which column and value a cast failed on: the record is known, its columns are tried one by one. */
async function findBadValue(
  file: JsonFile,
  present: readonly { column: Column; key: string }[],
  error: unknown,
): Promise<{ column: Column; value: string; place: string } | null> {
  const row = /in (?:line|record\/value) (\d+)/.exec(errorText(error));
  if (row === null) return null;
  const rowNumber = Number(row[1]);
  const text = await recordText(file, rowNumber);
  if (text === null) return null;
  const probePath = join(file.temporaryDirectory, `probe-${crypto.randomUUID()}.json`);
  await writeFile(probePath, text);
  try {
    const probe = { path: probePath, format: "newline_delimited" };
    for (const { column, key } of present) {
      const readOne = (type: string) =>
        file.session.rows(`FROM read_json(${parameters(probe)}, columns = ${columnsParameter([{ name: key, type }])})`);
      try {
        await readOne(column.type);
      } catch {
        const [[value] = []] = await readOne("VARCHAR").catch(() => []);
        if (value === undefined) return null;
        return { column, value: String(value), place: await placeOfRow(file, rowNumber) };
      }
    }
    return null;
  } finally {
    await rm(probePath, { force: true });
  }
}

async function recordText(file: JsonFile, rowNumber: number): Promise<string | null> {
  const [[text] = []] = await file.session.rows(
    `SELECT CAST(json AS VARCHAR) FROM (SELECT json, row_number() OVER () AS row_number ` +
      `FROM read_json_objects(${parameters(file)})) WHERE row_number = ${rowNumber}`,
  );
  return text === undefined || text === null ? null : String(text).replaceAll(/\r?\n/g, " ");
}
