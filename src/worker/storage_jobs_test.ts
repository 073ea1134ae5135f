import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { AppError } from "../errors/app_error.ts";
import type { ExportResult, PreviewResult, StorageJob, VersionWritten } from "../ipc/messages.ts";
import { runStorageJob } from "./storage_jobs.ts";

type Job<Name extends StorageJob["job"]> = Extract<StorageJob, { job: Name }>;

class Folder {
  readonly path = mkdtempSync(join(tmpdir(), "eider-jobs-"));
  #count = 0;
  file(content: string | Uint8Array): string {
    const path = join(this.path, `upload-${++this.#count}`);
    writeFileSync(path, content);
    return path;
  }
  target(): string {
    return join(this.path, "tables", `t.v${++this.#count}.duckdb`);
  }
  async import(content: string | Uint8Array, options: Partial<Job<"import">> = {}): Promise<Written> {
    const target = options.target_path ?? this.target();
    const written = await runStorageJob({
      job: "import",
      source_path: this.file(content),
      format: "csv",
      mode: "full",
      base_path: null,
      target_path: target,
      columns: null,
      primary_key: [],
      temp_directory: join(this.path, "spill"),
      memory_bytes_max: 200_000_000,
      ...options,
    }) as VersionWritten;
    return { ...written, path: target };
  }
  async preview(path: string, limit = 100): Promise<PreviewResult> {
    return await runStorageJob({ job: "preview", source_path: path, limit }) as PreviewResult;
  }
  async export(path: string, format: Job<"export">["format"]): Promise<string> {
    const target = join(this.path, `export-${++this.#count}.${format}`);
    const result = await runStorageJob({
      job: "export",
      source_path: path,
      format,
      target_path: target,
      temp_directory: join(this.path, "spill"),
      memory_bytes_max: 200_000_000,
    }) as ExportResult;
    assert.equal(result.size_bytes, readFileSync(target).length);
    return target;
  }
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

interface Written extends VersionWritten {
  readonly path: string;
}

const column = (name: string, type: string, nullable = true) => ({ name, type, nullable });
const idName = [column("id", "INTEGER", false), column("name", "VARCHAR")];

async function failure(work: Promise<unknown>, kind: string, text: RegExp): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof AppError, String(error));
    assert.match(error.message, text);
    assert.equal(error.kind, kind);
    assert.doesNotMatch(error.message, /eider-jobs-|\/tmp\//);
    return true;
  });
}

/** Makes a Parquet file from a SELECT. */
async function parquet(folder: Folder, select: string): Promise<Uint8Array> {
  const path = join(folder.path, "made.parquet");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  return readFileSync(path);
}

Deno.test("a CSV makes a new table with types that keep every value", async () => {
  using folder = new Folder();
  const written = await folder.import(
    "id,zip,amount,day,at,at_zone,flag,long,note\n" +
      '1,01234,1.5,2026-01-02,2026-01-02 03:04:05,2026-01-02T03:04:05+02:00,true,12345678901234567890,""\n' +
      '2,98765,2,2026-01-03,2026-01-02 03:04:05,2026-01-02T03:04:05Z,false,1,"a, ""b""\nc"\n' +
      "3,11111,,,,,,,\n",
  );
  assert.deepEqual(written.columns.map(({ type }) => type), [
    "BIGINT",
    "VARCHAR",
    "DOUBLE",
    "DATE",
    "TIMESTAMP",
    "TIMESTAMP WITH TIME ZONE",
    "BOOLEAN",
    "VARCHAR",
    "VARCHAR",
  ]);
  assert.equal(written.rows, 3);
  assert.equal(written.imported_rows, 3);
  assert.ok(written.size_bytes > 0);
  const { rows } = await folder.preview(written.path);
  assert.deepEqual(rows[0], [
    1,
    "01234",
    1.5,
    "2026-01-02",
    "2026-01-02 03:04:05",
    "2026-01-02T01:04:05.000000Z",
    true,
    "12345678901234567890",
    "",
  ]);
  assert.equal(rows[1]?.[8], 'a, "b"\nc');
  assert.equal(rows[2]?.[8], null);
});

Deno.test("a leading zero beyond the sniffer's sample keeps the column text", async () => {
  using folder = new Folder();
  const lines = Array.from({ length: 150_000 }, (_, index) => String(index + 1));
  const written = await folder.import("code\n" + lines.join("\n") + "\n007\n");
  assert.deepEqual(written.columns, [column("code", "VARCHAR")]);
});

Deno.test("declared columns are matched by name, in any order, with a semicolon or a tab too", async () => {
  using folder = new Folder();
  for (
    const text of [
      "name,id\na,1\n",
      "name;id\na;1\n",
      "Name\tID\na\t1\n",
      "\ufeffname,id\r\na,1\r\n",
      '"name","id"\n"a","1"',
    ]
  ) {
    const written = await folder.import(text, { columns: idName });
    assert.deepEqual((await folder.preview(written.path)).rows, [[1, "a"]], text);
    assert.deepEqual(written.columns, idName);
  }
});

Deno.test("missing and unknown columns are named", async () => {
  using folder = new Folder();
  await failure(
    folder.import("name,extra\na,1\n", { columns: idName }),
    "import_failed",
    /missing "id"; unknown "extra"; the table has id, name/,
  );
  await failure(folder.import("a,A\n1,2\n"), "import_failed", /column "A" appears twice/);
  await failure(folder.import("a,,b\n1,2,3\n"), "import_failed", /column 2 has no name/);
  await failure(folder.import(""), "import_failed", /the file is empty/);
  await failure(folder.import("\nid\n1\n"), "import_failed", /line 1 is blank/);
});

Deno.test("a bad CSV row names its line, its column and the value, and leaves no file", async () => {
  using folder = new Folder();
  const declared = { columns: [column("id", "INTEGER"), column("text", "VARCHAR"), column("day", "DATE")] };
  const cases: [string, RegExp][] = [
    ["id,text,day\n1,a,2026-01-01\nx,b,2026-01-01\n", /^line 3, column "id": "x" is not a valid INTEGER$/],
    ['id,text,day\n1,"a\nb\n\nc",2026-01-01\n\nx,b,2026-01-01\n', /^line 7, column "id": "x"/],
    ["id,text,day\n1,a,2026-13-01\n", /^line 2, column "day": "2026-13-01" is not a valid DATE$/],
    ["id,text,day\n1,a,2026-01-01\n1.5,a,2026-01-01\n", /^line 3, column "id": "1.5" is not a valid INTEGER$/],
    ['id,text,day\n1,"a\nb",2026-01-01\n2,a,2026-01-01 10:00\n', /^line 4, column "day": "2026-01-01 10:00" is not/],
    ["id,text,day\n99999999999,a,2026-01-01\n", /^line 2, column "id": "99999999999" is not a valid INTEGER$/],
    ["id,text,day\n1,a\n", /^line 2, column "day": 2 values, the header has 3$/],
    ["id,text,day\n1,a,2026-01-01,9\n", /^line 2: 4 values, the header has 3$/],
    ['id,text,day\n1,"a,2026-01-01\n2,b,2026-01-01\n', /^line 2: a quoted value is not closed/],
    ["id,text,day\r\n1,a,2026-01-01\n2,b,2026-01-01\n", /^line 2: it ends differently from line 1/],
  ];
  for (const [text, expected] of cases) {
    const target = folder.target();
    await failure(folder.import(text, { ...declared, target_path: target }), "import_failed", expected);
    assert.deepEqual(readdirSync(join(folder.path, "tables")), []);
  }
  const invalid = new Uint8Array([...new TextEncoder().encode("id,text,day\n1,a,\n2,"), 0xff, 0x2c, 0x0a]);
  await failure(folder.import(invalid, declared), "import_failed", /^line 3: not valid UTF-8/);
});

Deno.test("a new table's broken CSV row is named too", async () => {
  using folder = new Folder();
  await failure(folder.import("a,b\n1,2\n3,4,5\n"), "import_failed", /^line 3: 3 values, the header has 2$/);
});

Deno.test("an integer column takes 1.0 and 1e3, a date midnight, and a file that quotes all its NULLs", async () => {
  using folder = new Folder();
  const columns = [column("id", "INTEGER"), column("day", "DATE")];
  const written = await folder.import("id,day\n1.0,2026-01-02 00:00:00\n1e3,2026-01-03\n", { columns });
  assert.deepEqual((await folder.preview(written.path)).rows, [[1, "2026-01-02"], [1000, "2026-01-03"]]);
  const quoted = await folder.import('"id","day"\n"1",""\n"","2026-01-02"\n', { columns });
  assert.deepEqual((await folder.preview(quoted.path)).rows, [[1, null], [null, "2026-01-02"]]);
});

Deno.test("append keeps the old rows before the new ones and does not touch the base file", async () => {
  using folder = new Folder();
  const base = await folder.import("id,name\n2,b\n1,a\n", { columns: idName });
  const bytes = readFileSync(base.path);
  const next = await folder.import("id,name\n4,d\n3,c\n", { columns: idName, mode: "append", base_path: base.path });
  assert.equal(next.rows, 4);
  assert.equal(next.imported_rows, 2);
  assert.deepEqual((await folder.preview(next.path)).rows.map((row) => row[0]), [2, 1, 4, 3]);
  assert.deepEqual(readFileSync(base.path), bytes);
});

Deno.test("upsert replaces by primary key and inserts the rest", async () => {
  using folder = new Folder();
  const options = { columns: idName, primary_key: ["id"] };
  const base = await folder.import("id,name\n1,a\n2,b\n3,c\n", options);
  const next = await folder.import("id,name\n2,B\n4,D\n", { ...options, mode: "upsert", base_path: base.path });
  assert.deepEqual((await folder.preview(next.path)).rows, [[1, "a"], [3, "c"], [2, "B"], [4, "D"]]);
  assert.equal(next.rows, 4);
  assert.equal(next.imported_rows, 2);
  const first = await folder.import("id,name\n1,a\n", { ...options, mode: "upsert" });
  assert.equal(first.rows, 1);
});

Deno.test("primary key and nullability are enforced, and the offending key is named", async () => {
  using folder = new Folder();
  const key = { columns: idName, primary_key: ["id"] };
  await failure(
    folder.import("id,name\n7,a\n7,b\n", key),
    "import_failed",
    /primary key \(id\): \(7\) appears 2 times/,
  );
  const base = await folder.import("id,name\n1,a\n", key);
  await failure(
    folder.import("id,name\n1,b\n", { ...key, mode: "append", base_path: base.path }),
    "import_failed",
    /primary key \(id\): \(1\) appears 2 times/,
  );
  await failure(
    folder.import("id,name\n5,a\n5,b\n", { ...key, mode: "upsert", base_path: base.path }),
    "import_failed",
    /\(5\) appears 2 times in the file/,
  );
  for (const mode of ["full", "upsert"] as const) {
    await failure(
      folder.import('id,name\n1,"x\ny"\n\n,b\n', { ...key, mode }),
      "import_failed",
      /^line 5, column "id": empty, but the column is not nullable$/,
    );
  }
  await failure(
    folder.import("id,name\n1,a\n", { columns: idName, mode: "upsert" }),
    "invalid_request",
    /needs a table with a primary key/,
  );
});

Deno.test("JSON lines make a table from the union of keys, nested values as JSON", async () => {
  using folder = new Folder();
  const written = await folder.import(
    '{"id":1,"name":"x","tags":[1,2],"sub":{"a":null},"at":"2026-01-02T03:04:05Z"}\n\n{"id":2,"late":1.5}\n',
    { format: "json" },
  );
  assert.deepEqual(written.columns.map(({ name, type }) => [name, type]), [
    ["id", "BIGINT"],
    ["name", "VARCHAR"],
    ["tags", "JSON"],
    ["sub", "JSON"],
    ["at", "TIMESTAMP"],
    ["late", "DOUBLE"],
  ]);
  const { rows } = await folder.preview(written.path);
  assert.deepEqual(rows[0]?.slice(0, 4), [1, "x", "[1,2]", '{"a":null}']);
  assert.deepEqual(rows[1], [2, null, null, null, null, 1.5]);
  const array = await folder.import('[{"id":1},{"id":2}]', { format: "json" });
  assert.equal(array.rows, 2);
});

Deno.test("numbers with more digits than a double keeps stay text: integers in JSON, all in CSV", async () => {
  using folder = new Folder();
  const text = '{"i":123456789012345678901234567890,"e":1000000000000000.5}\n{"i":1.5,"e":1}\n';
  const json = await folder.import(text, { format: "json" });
  assert.deepEqual((await folder.preview(json.path)).rows, [
    ["123456789012345678901234567890", 1000000000000000.5],
    ["1.5", 1],
  ]);
  const csv = await folder.import("i,d,e\n123456789012345678901,12345678901234567890.5,1000000000000000.5\n1,1,1\n");
  assert.deepEqual((await folder.preview(csv.path)).rows, [
    ["123456789012345678901", "12345678901234567890.5", 1000000000000000.5],
    ["1", "1", 1],
  ]);
});

Deno.test("NaN and infinities are exported as JSON that every parser reads, and come back as numbers", async () => {
  using folder = new Folder();
  const columns = [column("d", "DOUBLE"), column("f", "FLOAT")];
  const written = await folder.import("d,f\nnan,1.5\n-inf,inf\n0.1,0.1\n,\n", { columns });
  const exported = readFileSync(await folder.export(written.path, "json"), "utf8");
  assert.deepEqual(exported.trimEnd().split("\n").map((line) => JSON.parse(line)), [
    { d: "NaN", f: 1.5 },
    { d: "-Infinity", f: "Infinity" },
    { d: 0.1, f: 0.1 },
    { d: null, f: null },
  ]);
  const expected = (await folder.preview(written.path)).rows;
  assert.deepEqual((await folder.import('{"d":NaN}\n{"d":1}\n', { format: "json" })).columns[0]?.type, "DOUBLE");
  for (const into of [{ columns }, {}]) {
    const again = await folder.import(exported, { format: "json", ...into });
    assert.deepEqual((await folder.preview(again.path)).rows, expected);
  }
});

Deno.test("a bad JSON line is named with its column and value", async () => {
  using folder = new Folder();
  const declared = { format: "json", columns: idName } as const;
  const cases: [string, RegExp][] = [
    ['{"id":1}\n\n{"id":"x"}\n', /^line 3, column "id": "x" is not a valid INTEGER$/],
    ['{"id":1}\n{"id":2.5}\n', /^line 2, column "id": "2.5" is not a valid INTEGER$/],
    ['{"id":1}\n\n{"id":\n', /^line 3: not valid JSON/],
    ['{"id":1}\n{"id":2} trailing\n', /^line 2: not valid JSON/],
    ['{"id":1}\n[2]\n', /^line 2: not an object/],
    ['{"id":1}\n{"id":2,"other":1}\n', /unknown "other"/],
    ['{"id":1}\n{"name":"a"}\n', /^line 2, column "id": empty, but the column is not nullable$/],
    ['{"name":"a"}\n', /^line 1, column "id": empty/],
    ["", /the file is empty/],
    ['{"id":1}\n\n{"id":1,"id":2}\n', /^line 3: the key "id" appears twice in one object$/],
    ['{"id":1}\n{"name":"\\ud800"}\n', /^line 2: not valid JSON, half of a character/],
  ];
  for (const [text, expected] of cases) await failure(folder.import(text, declared), "import_failed", expected);
  const free = { format: "json" } as const;
  await failure(folder.import('{"id":1}\n{"id":2,"id":3}\n', free), "import_failed", /^line 2: the key "id" appears/);
  await failure(folder.import('{"a":"\\ud800"}\n', free), "import_failed", /^line 1: not valid JSON, half of a char/);
  await failure(folder.import("{}\n{}\n", free), "import_failed", /^no object of the file has a key/);
  await failure(
    folder.import('[{"id":1},{"id":"x"}]', declared),
    "import_failed",
    /^record 2, column "id": "x" is not a valid INTEGER$/,
  );
});

Deno.test("Parquet is imported by name; truncated, foreign and unfitting files are refused", async () => {
  using folder = new Folder();
  const file = await parquet(
    folder,
    "SELECT range AS id, 'n' || range AS name, [range] AS list, {'a': range} AS sub, 1.50::DECIMAL(10, 2) AS price FROM range(5)",
  );
  const written = await folder.import(file, { format: "parquet" });
  assert.deepEqual(written.columns.map(({ type }) => type), ["BIGINT", "VARCHAR", "JSON", "JSON", "DECIMAL(10,2)"]);
  assert.deepEqual((await folder.preview(written.path, 1)).rows, [[0, "n0", "[0]", '{"a":0}', "1.50"]]);

  await failure(
    folder.import(file.slice(0, -20), { format: "parquet" }),
    "import_failed",
    /not Parquet, or it is cut off/,
  );
  const damaged = new Uint8Array([...file.slice(0, 30), ...file.slice(60)]);
  await failure(folder.import(damaged, { format: "parquet" }), "import_failed", /Parquet/);
  await failure(folder.import("id\n1\n", { format: "parquet" }), "import_failed", /not Parquet/);
  await failure(folder.import("", { format: "parquet" }), "import_failed", /not Parquet/);

  const declared = { format: "parquet", columns: idName } as const;
  const names = await parquet(folder, "SELECT 'x' || range AS id, 'n' AS name FROM range(3)");
  await failure(folder.import(names, declared), "import_failed", /^row 1, column "id": "x0" is not a valid INTEGER$/);
  const halves = await parquet(folder, "SELECT range / 2 AS id, 'n' AS name FROM range(3)");
  await failure(folder.import(halves, declared), "import_failed", /^row 2, column "id": "0.5" is not a valid INTEGER$/);
  const empty = await parquet(folder, "SELECT nullif(range, 2)::INTEGER AS id, 'n' AS name FROM range(3)");
  await failure(folder.import(empty, declared), "import_failed", /^row 3, column "id": empty/);
});

Deno.test("an export in every format is imported again as the same rows", async () => {
  using folder = new Folder();
  const columns = [
    column("id", "BIGINT"),
    column("text", "VARCHAR"),
    column("price", "DECIMAL(12,2)"),
    column("at", "TIMESTAMP WITH TIME ZONE"),
    column("data", "JSON"),
  ];
  const text = 'id,text,price,at,data\n9007199254740993,"",1.10,2026-01-02T03:04:05.678901Z,"{""a"": [1]}"\n' +
    '2,,99.99,,\n3,"x,""y""\nz",,1999-12-31T00:00:00+05:00,"""s"""\n';
  const written = await folder.import(text, { columns });
  const expected = (await folder.preview(written.path)).rows;
  assert.equal(expected[0]?.[0], "9007199254740993");
  assert.equal(expected[0]?.[2], "1.10");
  for (const format of ["csv", "json", "parquet"] as const) {
    const again = await folder.import(readFileSync(await folder.export(written.path, format)), { format, columns });
    const normalise = (rows: PreviewResult["rows"]) => JSON.stringify(rows).replaceAll(": ", ":");
    assert.equal(normalise((await folder.preview(again.path)).rows), normalise(expected), format);
  }
});

Deno.test("an empty table has its columns, and its primary key columns are not nullable", async () => {
  using folder = new Folder();
  const target = folder.target();
  const written = await runStorageJob({
    job: "create_empty",
    target_path: target,
    columns: [column("id", "INTEGER"), column('odd "name"\'', "DECIMAL(10,2)")],
    primary_key: ["id"],
  }) as VersionWritten;
  assert.deepEqual(written.columns, [column("id", "INTEGER", false), column('odd "name"\'', "DECIMAL(10,2)")]);
  assert.equal(written.rows, 0);
  assert.ok(existsSync(target));
  assert.deepEqual(readdirSync(join(folder.path, "tables")), [target.slice(target.lastIndexOf("/") + 1)]);
});

Deno.test("column names with quotes survive an import", async () => {
  using folder = new Folder();
  const written = await folder.import('"it\'s ""it""",b\n1,2\n');
  assert.equal(written.columns[0]?.name, 'it\'s "it"');
});
