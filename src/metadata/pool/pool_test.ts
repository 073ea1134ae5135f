import assert from "node:assert/strict";
import * as path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { AppError } from "../../errors/app_error.ts";
import { metadataFileName, type MetadataPoolOptions, openMetadataPool } from "./pool.ts";
import type { MetadataPool } from "../types.ts";

async function withPool(
  use: (pool: MetadataPool, dataDir: string) => Promise<void>,
  options: Partial<MetadataPoolOptions> = {},
): Promise<void> {
  const dataDir = await Deno.makeTempDir();
  try {
    const pool = await openMetadataPool({ dataDir, ...options });
    try {
      await use(pool, dataDir);
    } finally {
      await pool.close();
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

const kind = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof AppError, String(error));
  assert.equal(error.kind, expected, error.message);
  return true;
};
const endless = "SELECT count(*) FROM range(100000000000)";

Deno.test("values are read as types.ts promises", () =>
  withPool(async (pool) => {
    const rows = await pool.query(`SELECT true AS flag, 42::INTEGER AS small, 9007199254740991::BIGINT AS safe,
      9007199254740993::BIGINT AS large, 1.5::DOUBLE AS fraction, 12.25::DECIMAL(10,2) AS amount, sum(x) AS total,
      'text' AS letters, '{"a":1}'::JSON AS document, '6fbd1d31-f0c5-4b7c-9a0c-8f7a1f8b9a11'::UUID AS id,
      TIMESTAMPTZ '2026-01-02 03:04:05.678901+02' AS zoned, TIMESTAMP '1969-12-31 23:59:59.9995' AS plain,
      DATE '2026-01-02' AS day, NULL AS nothing FROM range(5) t(x)`);
    assert.deepEqual(rows, [{
      flag: true,
      small: 42,
      safe: 9007199254740991,
      large: 9007199254740993n,
      fraction: 1.5,
      amount: 12.25,
      total: 10,
      letters: "text",
      document: '{"a":1}',
      id: "6fbd1d31-f0c5-4b7c-9a0c-8f7a1f8b9a11",
      zoned: "2026-01-02T01:04:05.678Z",
      plain: "1969-12-31T23:59:59.999Z",
      day: "2026-01-02",
      nothing: null,
    }]);
    await assert.rejects(pool.query("SELECT [1, 2] AS list"), /column list has a nested or binary value/);
  }));

Deno.test("parameters of each kind come back as they were given", () =>
  withPool(async (pool) => {
    await pool.execute(
      "CREATE TABLE t (a BOOLEAN, b INTEGER, c DOUBLE, d VARCHAR, e TIMESTAMPTZ, f BIGINT, g DOUBLE, h DECIMAL(9,2))",
    );
    const values = [true, -7, 0.25, "it's $1 ; --", "2026-01-02T03:04:05.678Z", 2n ** 62n, 3, null] as const;
    assert.equal(await pool.execute("INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", values), 1);
    const [row] = await pool.query("SELECT * FROM t WHERE b = $1 AND e <= $2 AND d = $3 LIMIT $4", [
      -7,
      "2026-01-02T05:04:05.678+02:00",
      "it's $1 ; --",
      10,
    ]);
    assert.deepEqual(Object.values(row ?? {}), [...values]);
    await assert.rejects(pool.query("SELECT $1", [undefined as unknown as null]), /parameter \$1 is undefined/);
  }));

Deno.test("execute gives the number of changed rows, also with RETURNING", () =>
  withPool(async (pool) => {
    assert.equal(await pool.execute("CREATE TABLE t (id INTEGER)"), 0);
    assert.equal(await pool.execute("INSERT INTO t SELECT * FROM range(5)"), 5);
    assert.equal(await pool.execute("UPDATE t SET id = id + 10 WHERE id < $1 RETURNING id", [3]), 3);
    assert.equal(await pool.execute("DELETE FROM t WHERE id = $1", [99]), 0);
    assert.equal(await pool.execute("SELECT * FROM t"), 0);
    assert.deepEqual(await pool.query("DELETE FROM t RETURNING id"), [10, 11, 12, 3, 4].map((id) => ({ id })));
  }));

Deno.test("withTransaction commits what its work did, and nothing when it throws", () =>
  withPool(async (pool) => {
    await pool.execute("CREATE TABLE t (id INTEGER)");
    const result = await pool.withTransaction(async (transaction) => {
      await transaction.execute("INSERT INTO t VALUES (1)");
      assert.deepEqual(await pool.query("SELECT * FROM t"), [], "not visible outside");
      return (await transaction.query("SELECT * FROM t")).length;
    });
    assert.equal(result, 1);
    await assert.rejects(
      pool.withTransaction(async (transaction) => {
        await transaction.execute("INSERT INTO t VALUES (2)");
        throw new RangeError("mine");
      }),
      RangeError,
    );
    assert.deepEqual(await pool.query("SELECT * FROM t"), [{ id: 1 }]);
    assert.deepEqual([pool.stats().inUse, pool.stats().open], [0, 2]);
  }));

Deno.test("a transaction whose statement failed never commits, even when its work goes on", () =>
  withPool(async (pool) => {
    await pool.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    await assert.rejects(
      pool.withTransaction(async (transaction) => {
        await transaction.execute("INSERT INTO t VALUES (1)");
        await transaction.execute("INSERT INTO t VALUES (1)").catch(() => {});
        await transaction.execute("INSERT INTO t VALUES (2)").catch(() => {});
        return "done";
      }),
      kind("unique_violation"),
    );
    assert.deepEqual(await pool.query("SELECT * FROM t"), []);
  }));

Deno.test("a transaction cannot be used after its end", () =>
  withPool(async (pool) => {
    const kept = await pool.withTransaction((transaction) => Promise.resolve(transaction));
    await assert.rejects(kept.query("SELECT 1"), /has ended/);
  }));

Deno.test("conflicting transactions are all retried until each of them is done", () =>
  withPool(async (pool) => {
    await pool.execute("CREATE TABLE counter (n INTEGER)");
    await pool.execute("INSERT INTO counter VALUES (0)");
    let attempts = 0;
    const increment = () =>
      pool.withTransaction(async (transaction) => {
        attempts += 1;
        const [row] = await transaction.query<{ n: number }>("SELECT n FROM counter");
        await transaction.execute("UPDATE counter SET n = $1", [(row?.n ?? 0) + 1]);
      });
    await Promise.all(Array.from({ length: 20 }, increment));
    assert.deepEqual(await pool.query("SELECT n FROM counter"), [{ n: 20 }]);
    assert.ok(attempts > 20, `${attempts} attempts: no conflict happened`);
  }));

Deno.test("single statements that conflict are retried too", () =>
  withPool(async (pool) => {
    await pool.execute("CREATE TABLE counter (n INTEGER)");
    await pool.execute("INSERT INTO counter VALUES (0)");
    await Promise.all(Array.from({ length: 20 }, () => pool.execute("UPDATE counter SET n = n + 1")));
    assert.deepEqual(await pool.query("SELECT n FROM counter"), [{ n: 20 }]);
  }));

Deno.test("two transactions that insert one key: one commits, the other gets unique_violation", () =>
  withPool(async (pool) => {
    await pool.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    const bothInserted = Promise.withResolvers<void>();
    let inserted = 0;
    const insert = () =>
      pool.withTransaction(async (transaction) => {
        await transaction.execute("INSERT INTO t VALUES (1)");
        if (++inserted === 2) bothInserted.resolve();
        await bothInserted.promise;
      });
    const outcomes = await Promise.allSettled([insert(), insert()]);
    assert.deepEqual(outcomes.map((outcome) => outcome.status).sort(), ["fulfilled", "rejected"]);
    const refused = outcomes.find((outcome) => outcome.status === "rejected");
    kind("unique_violation")(refused?.reason);
  }));

Deno.test("constraint errors have kinds; a defect in SQL stays an ordinary error", () =>
  withPool(async (pool) => {
    await pool.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL CHECK (n > 0))");
    await pool.execute("INSERT INTO t VALUES (1, 1)");
    await assert.rejects(pool.execute("INSERT INTO t VALUES (1, 1)"), kind("unique_violation"));
    await assert.rejects(pool.execute("INSERT INTO t VALUES (2, NULL)"), kind("not_null_violation"));
    await assert.rejects(pool.execute("INSERT INTO t VALUES (2, 0)"), kind("check_violation"));
    await assert.rejects(pool.execute("SELEC 1"), (error) => !(error instanceof AppError));
  }));

Deno.test("a query past its timeout is interrupted, and its connection works again", () =>
  withPool(async (pool) => {
    await assert.rejects(pool.query(endless), kind("timeout"));
    await assert.rejects(pool.query(`${endless} WHERE range > $1`, [1]), kind("timeout"));
    assert.deepEqual(await pool.query("SELECT 1 AS one"), [{ one: 1 }]);
  }, { queryTimeoutMs: 50, openMax: 1 }));

Deno.test("a transaction past a statement's timeout is rolled back", () =>
  withPool(async (pool) => {
    await pool.execute("CREATE TABLE t (id INTEGER)");
    await assert.rejects(
      pool.withTransaction(async (transaction) => {
        await transaction.execute("INSERT INTO t VALUES (1)");
        await transaction.query(endless);
      }),
      kind("timeout"),
    );
    assert.deepEqual(await pool.query("SELECT * FROM t"), []);
  }, { queryTimeoutMs: 200 }));

Deno.test("more endless queries than DuckDB runs at once all end by their timeout", () =>
  withPool(async (pool) => {
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => pool.query(endless)));
    for (const outcome of outcomes) kind("timeout")((outcome as PromiseRejectedResult).reason);
    await pool.ping();
  }, { queryTimeoutMs: 200, openMax: 40 }));

Deno.test("a caller that gets no connection in time is told so", () =>
  withPool(async (pool) => {
    const hold = Promise.withResolvers<void>();
    const holding = pool.withTransaction(() => hold.promise);
    await assert.rejects(pool.ping(), kind("timeout"));
    assert.equal(pool.stats().waitCount, 1);
    hold.resolve();
    await holding;
    await pool.ping();
  }, { openMax: 1, acquireTimeoutMs: 20 }));

Deno.test("close waits for the running transaction, and what it committed is there after the next open", async () => {
  const dataDir = await Deno.makeTempDir();
  const pool = await openMetadataPool({ dataDir });
  await pool.execute("CREATE TABLE t (id INTEGER)");
  const hold = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const running = pool.withTransaction(async (transaction) => {
    await transaction.execute("INSERT INTO t VALUES (1)");
    started.resolve();
    await hold.promise;
  });
  await started.promise;
  const closing = pool.close();
  await assert.rejects(pool.ping(), kind("shutting_down"));
  hold.resolve();
  await Promise.all([running, closing, pool.close()]);
  assert.deepEqual([...Deno.readDirSync(dataDir)].map((entry) => entry.name), ["metadata.duckdb"], "checkpointed");
  const again = await openMetadataPool({ dataDir });
  assert.deepEqual(await again.query("SELECT id FROM t"), [{ id: 1 }]);
  await again.close();
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("a second pool on one folder is refused, in the same process too", () =>
  withPool(async (_pool, dataDir) => {
    await assert.rejects(openMetadataPool({ dataDir }), (error) => {
      kind("metadata_unusable")(error);
      assert.ok((error as Error).message.includes(`data_dir ${dataDir}: already in use by this process`));
      return true;
    });
  }));

Deno.test("a file that is no database, and a folder that cannot be made, are metadata_unusable", async () => {
  const dataDir = await Deno.makeTempDir();
  await Deno.writeTextFile(`${dataDir}/metadata.duckdb`, "not a database");
  for (let count = 0; count < 2; count++) {
    await assert.rejects(openMetadataPool({ dataDir }), (error) => {
      kind("metadata_unusable")(error);
      assert.match((error as Error).message, /metadata\.duckdb: cannot be opened \(.*not a valid DuckDB database/);
      return true;
    });
  }
  assert.equal(await Deno.readTextFile(`${dataDir}/metadata.duckdb`), "not a database", "left alone");
  await assert.rejects(openMetadataPool({ dataDir: `${dataDir}/metadata.duckdb/x` }), kind("metadata_unusable"));
  await Deno.remove(dataDir, { recursive: true });
});

Deno.test("a new file has blocks of 16 KB, and one with DuckDB's own block size opens and keeps it", async () => {
  const blockBytes = async (pool: MetadataPool) =>
    (await pool.query("SELECT block_size FROM pragma_database_size() WHERE database_name = 'metadata'"))[0]
      ?.["block_size"];
  await withPool(async (pool) => assert.equal(await blockBytes(pool), 16_384));

  const dataDir = await Deno.makeTempDir();
  try {
    const earlier = await DuckDBInstance.create(path.join(dataDir, metadataFileName));
    const connection = await earlier.connect();
    await connection.run("CREATE TABLE t AS SELECT 7 AS x");
    connection.disconnectSync();
    earlier.closeSync();
    const pool = await openMetadataPool({ dataDir });
    assert.equal(await blockBytes(pool), 262_144);
    await pool.execute("INSERT INTO t VALUES (8)");
    assert.deepEqual(await pool.query("SELECT sum(x) AS total FROM t"), [{ total: 15 }]);
    await pool.close();
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
