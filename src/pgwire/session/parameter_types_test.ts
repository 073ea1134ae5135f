import { deepEqual } from "node:assert/strict";
import duckdb from "@duckdb/node-bindings";
import { type Connection, run } from "../../engine/duckdb.ts";
import { loadPolicyParser } from "../../sql/pg_parser.ts";
import { parseStatements } from "../../sql/policy/mod.ts";
import { translate } from "../../sql/translate/mod.ts";
import { parameterProbe } from "../../sql/translate/parameter_probe.ts";
import { parameterCountOf, prepareTyped } from "./parameter_types.ts";

const samePosition = (position: number) => position;

async function withTable(test: (connection: Connection) => Promise<void>): Promise<void> {
  await loadPolicyParser();
  const instance = await duckdb.open(":memory:");
  const connection = await duckdb.connect(instance);
  try {
    await run(connection, "CREATE TABLE t (a INTEGER, b BIGINT, n DECIMAL(12,2), s VARCHAR, d TIMESTAMP)");
    await test(connection);
  } finally {
    duckdb.disconnect_sync(connection);
    duckdb.close_sync(instance);
  }
}

/** The parameters' OIDs are those that a real PostgreSQL 15 gave for the same statement and table. */
const inferred: readonly (readonly [sql: string, oids: readonly number[]])[] = [
  ["SELECT a FROM t WHERE a = ANY($1)", [1007]],
  ["SELECT a FROM t WHERE b = ANY($1) AND s = $2", [1016, 25]],
  ["SELECT a FROM t WHERE s = ANY($1) AND b = $2", [1009, 20]],
  ["SELECT a FROM t WHERE n = ANY($1)", [1231]],
  ["SELECT a FROM t WHERE d = ANY($1)", [1115]],
  ["SELECT a FROM t WHERE b <> ALL($1)", [1016]],
  ["SELECT 1 WHERE 1 = ANY($1)", [1007]],
  ["SELECT a FROM t WHERE d > $1::date AND b = ANY($2)", [1082, 1016]],
  ["UPDATE t SET a = $1, n = n + $2 WHERE s = $3", [23, 1700, 25]],
  ["SELECT a + $1, n * $2, s || $3 FROM t", [23, 1700, 25]],
  ["SELECT $1 + 1", [23]],
  ["SELECT $1 || 'x'", [25]],
  ["SELECT * FROM generate_series($1::int, $2::int)", [23, 23]],
  ["SELECT $1 = $2", [25, 25]],
];

Deno.test("a parameter beside an operator or in ANY has the type that PostgreSQL infers", async () => {
  await withTable(async (connection) => {
    for (const [sql, oids] of inferred) {
      const [parsed] = parseStatements(sql);
      const translation = translate(parsed!);
      const typed = await prepareTyped(
        connection,
        {
          text: translation.texts[0],
          originalPosition: translation.originalPosition,
          typeProbe: () => parameterProbe(parsed!),
        },
        [],
        parameterCountOf(sql),
      );
      deepEqual([sql, typed.parameterOids], [sql, oids]);
      typed.statement.dispose();
    }
  });
});

Deno.test("a parameter keeps its own scale beside a numeric column", async () => {
  await withTable(async (connection) => {
    const [parsed] = parseStatements("UPDATE t SET n = n + $1");
    const source = { text: parsed!.text, originalPosition: samePosition, typeProbe: () => parameterProbe(parsed!) };
    const { statement } = await prepareTyped(connection, source, [], 1);
    deepEqual(/DECIMAL/.test(statement.text), false, statement.text);
    statement.dispose();
  });
});

Deno.test("open parameters of different types are found one by one", async () => {
  await withTable(async (connection) => {
    const source = { text: "SELECT $1, list_sum($2)", originalPosition: samePosition, typeProbe: () => null };
    const { statement, parameterOids, columns } = await prepareTyped(connection, source, [], 2);
    deepEqual(parameterOids, [25, 1016]);
    deepEqual(columns?.map(({ type }) => type.name), ["VARCHAR", "HUGEINT"]);
    statement.dispose();
  });
});

Deno.test("parameters that the translation left out are numbered over", async () => {
  await withTable(async (connection) => {
    const source = { text: "SELECT $2::INTEGER", originalPosition: samePosition, typeProbe: () => null };
    const typed = await prepareTyped(connection, source, [16, 0], 2);
    deepEqual(typed.nativeIndexes, [null, 1]);
    deepEqual(typed.parameterOids, [16, 23]);
    deepEqual(typed.statement.parameterCount, 1);
    typed.statement.dispose();
    const whole = await prepareTyped(connection, { ...source, text: "SELECT $1::INTEGER" }, [], 1);
    deepEqual(whole.nativeIndexes, undefined);
    whole.statement.dispose();
  });
});

Deno.test("a column of times has the kind of time that the client declared for its parameters", async () => {
  await withTable(async (connection) => {
    const sql = "SELECT g, 1 FROM generate_series($1, $2, interval '5 minutes') AS s(g)";
    const [parsed] = parseStatements(sql);
    const { texts: [text] } = translate(parsed!);
    const source = { text, originalPosition: samePosition, typeProbe: () => parameterProbe(parsed!) };
    for (const [declared, described] of [[[1184, 1184], "TIMESTAMPTZ"], [[1114, 1114], "TIMESTAMP"]] as const) {
      const typed = await prepareTyped(connection, source, declared, 2);
      deepEqual([typed.columns?.[0]?.type.name, typed.parameterOids], [described, declared]);
      typed.statement.dispose();
    }
  });
});
