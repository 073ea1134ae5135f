import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { child, list } from "./tree_facts.ts";
import { loadPolicyParser, parsePostgres, type PgNode } from "../pg_parser.ts";
import type { CopyOptions } from "../statement.ts";
import { checkCopyDirection, readCopyOptions } from "./copy_options.ts";

await loadPolicyParser();

function read(options: string): CopyOptions {
  const [statement] = parsePostgres(`COPY t FROM STDIN ${options}`) as PgNode[];
  return readCopyOptions(list(child(child(statement!, "stmt")!, "CopyStmt")!, "options"));
}

function refusal(work: () => void): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof AppError);
    return `${error.sqlstate} ${error.message}`;
  }
  return "accepted";
}

const textDefaults: CopyOptions = {
  format: "text",
  delimiter: "\t",
  null: "\\N",
  header: false,
  quote: '"',
  escape: '"',
  forceQuote: [],
  forceNotNull: [],
  forceNull: [],
  encoding: null,
  default: null,
};
const csvDefaults: CopyOptions = { ...textDefaults, format: "csv", delimiter: ",", null: "" };

const accepted: readonly (readonly [string, CopyOptions])[] = [
  ["", textDefaults],
  ["(FORMAT csv)", csvDefaults],
  ["(FORMAT binary, FREEZE)", { ...textDefaults, format: "binary" }],
  ["BINARY", { ...textDefaults, format: "binary" }],
  ["(DELIMITER '|', NULL '', ENCODING 'latin1')", { ...textDefaults, delimiter: "|", null: "", encoding: "latin1" }],
  ["USING DELIMITERS '|' WITH NULL AS 'x'", { ...textDefaults, delimiter: "|", null: "x" }],
  ["(HEADER)", { ...textDefaults, header: true }],
  ["(HEADER 1)", { ...textDefaults, header: true }],
  ["(HEADER off)", textDefaults],
  ["(HEADER Match)", { ...textDefaults, header: "match" }],
  ["CSV HEADER QUOTE AS ''''", { ...csvDefaults, header: true, quote: "'", escape: "'" }],
  ["(FORMAT csv, ESCAPE '\\', DEFAULT '\\D')", { ...csvDefaults, escape: "\\", default: "\\D" }],
  ["CSV FORCE NOT NULL a, b FORCE NULL c", { ...csvDefaults, forceNotNull: ["a", "b"], forceNull: ["c"] }],
  ["(FORMAT csv, FORCE_QUOTE *, FORCE_NULL *)", { ...csvDefaults, forceQuote: "all", forceNull: "all" }],
];

Deno.test("options of both syntaxes are read, with the defaults of their format", () => {
  for (const [options, expected] of accepted) assert.deepEqual(read(options), expected, options);
});

/** What PostgreSQL 15 and 16 answer. */
const refused: readonly (readonly [string, string])[] = [
  ["(NONSENSE 1)", '42601 option "nonsense" not recognized'],
  ["(FORMAT csv, FORMAT csv)", "42601 conflicting or redundant options"],
  ["(FORMAT parquet)", '22023 COPY format "parquet" not recognized'],
  ["(FORMAT 'CSV')", '22023 COPY format "CSV" not recognized'],
  ["(FORMAT)", "42601 format requires a parameter"],
  ["(NULL)", "42601 null requires a parameter"],
  ["(HEADER maybe)", '42601 header requires a Boolean value or "match"'],
  ["(HEADER 2)", '42601 header requires a Boolean value or "match"'],
  ["(FREEZE maybe)", "42601 freeze requires a Boolean value"],
  ["(DELIMITER 'ab')", "0A000 COPY delimiter must be a single one-byte character"],
  ["(DELIMITER '')", "0A000 COPY delimiter must be a single one-byte character"],
  ["(DELIMITER 'ž')", "0A000 COPY delimiter must be a single one-byte character"],
  ["(DELIMITER E'\\n')", "22023 COPY delimiter cannot be newline or carriage return"],
  ["(DELIMITER 'a')", '22023 COPY delimiter cannot be "a"'],
  ["(DELIMITER 1)", '22023 COPY delimiter cannot be "1"'],
  ["(NULL E'a\\rb')", "22023 COPY null representation cannot use newline or carriage return"],
  ["(DEFAULT E'\\n')", "22023 COPY default representation cannot use newline or carriage return"],
  ["(NULL E'\\t')", "0A000 COPY delimiter must not appear in the NULL specification"],
  ["(FORMAT csv, NULL '\"')", "0A000 CSV quote character must not appear in the NULL specification"],
  ["(FORMAT csv, DEFAULT 'a,b')", "0A000 COPY delimiter must not appear in the DEFAULT specification"],
  ["(DEFAULT '\\N')", "0A000 NULL specification and DEFAULT specification cannot be the same"],
  ["(QUOTE 'x')", "0A000 COPY quote available only in CSV mode"],
  ["(ESCAPE 'x')", "0A000 COPY escape available only in CSV mode"],
  ["(FORMAT csv, QUOTE 'xx')", "0A000 COPY quote must be a single one-byte character"],
  ["(FORMAT csv, ESCAPE '')", "0A000 COPY escape must be a single one-byte character"],
  ["(FORMAT csv, QUOTE ',')", "22023 COPY delimiter and quote must be different"],
  ["(FORCE_QUOTE (a))", "0A000 COPY force quote available only in CSV mode"],
  ["(FORCE_NOT_NULL (a))", "0A000 COPY force not null available only in CSV mode"],
  ["(FORCE_NULL (a))", "0A000 COPY force null available only in CSV mode"],
  ["(FORMAT csv, FORCE_NULL)", '22023 argument to option "force_null" must be a list of column names'],
  ["(FORMAT binary, DELIMITER ',')", "42601 cannot specify DELIMITER in BINARY mode"],
  ["(FORMAT binary, NULL '')", "42601 cannot specify NULL in BINARY mode"],
  ["(FORMAT binary, DEFAULT 'x')", "42601 cannot specify DEFAULT in BINARY mode"],
  ["(FORMAT binary, HEADER)", "0A000 cannot specify HEADER in BINARY mode"],
];

Deno.test("options that PostgreSQL refuses are refused with its SQLSTATE and words", () => {
  for (const [options, expected] of refused) assert.equal(refusal(() => read(options)), expected, options);
});

Deno.test("options of the other direction are refused", () => {
  const samples: readonly (readonly [string, "from" | "to", string])[] = [
    ["(FORMAT csv, FORCE_QUOTE (a))", "from", "0A000 COPY force quote only available using COPY TO"],
    ["(FORMAT csv, FORCE_QUOTE *)", "from", "0A000 COPY force quote only available using COPY TO"],
    ["(FORMAT csv, FORCE_NULL (a))", "to", "0A000 COPY force null only available using COPY FROM"],
    ["(FORMAT csv, FORCE_NOT_NULL (a))", "to", "0A000 COPY force not null only available using COPY FROM"],
    ["(HEADER MATCH)", "to", '0A000 cannot use "match" with HEADER in COPY TO'],
    ["(DEFAULT 'x')", "to", "0A000 COPY DEFAULT only available using COPY FROM"],
    ["(FORMAT csv, FORCE_QUOTE *, HEADER)", "to", "accepted"],
    ["(FORMAT csv, FORCE_NULL (a), HEADER MATCH, DEFAULT 'x')", "from", "accepted"],
  ];
  for (const [options, direction, expected] of samples) {
    assert.equal(refusal(() => checkCopyDirection(read(options), direction)), expected, `${options} ${direction}`);
  }
});
