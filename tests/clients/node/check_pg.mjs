/** Node.js: pg (node-postgres) with its pool, its cursor and query streams, and pg-copy-streams. */
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { endless, equal, event, raises, requirePackage, runChecks } from "./checks.mjs";

const pg = requirePackage("pg");
const Cursor = requirePackage("pg-cursor");
const QueryStream = requirePackage("pg-query-stream");
const copyStreams = requirePackage("pg-copy-streams");

const ssl = { rejectUnauthorized: false };

async function connected(body, options = {}) {
  const db = new pg.Client({ ssl, ...options });
  await db.connect();
  try {
    return await body(db);
  } finally {
    await db.end();
  }
}

/** [type, value sent, value that comes back] as the driver maps types by default. */
const samples = [
  ["boolean", true, true],
  ["int2", -7, -7],
  ["int4", 2147483647, 2147483647],
  ["int8", "9007199254740993", "9007199254740993"],
  ["float4", 1.5, 1.5],
  ["float8", 0.1, 0.1],
  ["float8", -Infinity, -Infinity],
  ["numeric(12,2)", "-1234567.80", "-1234567.80"],
  ["text", "žluťoučký 'kůň' \\ \" \t\n", "žluťoučký 'kůň' \\ \" \t\n"],
  ["bytea", Buffer.from([0, 255, 39, 92]), Buffer.from([0, 255, 39, 92])],
  ["date", "2024-02-29", new Date(2024, 1, 29)],
  ["time", "10:20:30.5", "10:20:30.5"],
  ["timestamp", "2024-01-02 03:04:05.006", new Date(2024, 0, 2, 3, 4, 5, 6)],
  ["timestamptz", new Date("2024-06-02T03:04:05Z"), new Date("2024-06-02T03:04:05Z")],
  ["uuid", "00000000-0000-0000-0000-000000000005", "00000000-0000-0000-0000-000000000005"],
  ["json", { a: [1, "x", null] }, { a: [1, "x", null] }],
  ["int4[]", [1, null, 3], [1, null, 3]],
  ["text[]", ["a", null, "b c", "q\"'\\", "NULL", ""], ["a", null, "b c", "q\"'\\", "NULL", ""]],
  ["float8[]", [0.5, -1], [0.5, -1]],
  ["bool[]", [true, false], [true, false]],
  ["text", null, null],
  ["timestamptz", null, null],
  ["int4[]", null, null],
];

await runChecks("pg:", {
  "values of every type come and go": () =>
    connected(async (db) => {
      for (const [type, sent, expected] of samples) {
        for (const name of [undefined, `n_${type}`]) {
          const { rows } = await db.query({ name, text: `SELECT $1::${type} AS v`, values: [sent] });
          equal([type, rows[0].v], [type, expected]);
        }
      }
    }),
  "values in binary": () =>
    connected(async (db) => {
      const { rows } = await db.query({
        text: "SELECT $1::int4 AS i, true AS b, 7::int8 AS l, 'x'::text AS t",
        values: [7],
        binary: true,
      });
      equal(rows, [{ i: 7, b: true, l: "7", t: "x" }]);
    }),
  "intervals are objects": () =>
    connected(async (db) => {
      const { rows } = await db.query("SELECT INTERVAL '1 year 2 months 3 days 04:05:06.5' AS v");
      equal({ ...rows[0].v }, { years: 1, months: 2, days: 3, hours: 4, minutes: 5, seconds: 6, milliseconds: 500 });
    }),
  "project tables are read": () =>
    connected(async (db) => {
      const { rows, rowCount, fields } = await db.query("SELECT id, name, city FROM in_c_sales.customers ORDER BY id");
      equal(rows[3], { id: "4", name: "Dvořák, Jan", city: "Ostrava" });
      equal(rowCount, 4);
      equal(fields.map(({ name, dataTypeID }) => [name, dataTypeID]), [["id", 20], ["name", 25], ["city", 25]]);
      equal(fields.every(({ tableID, columnID }, index) => tableID > 0 && columnID === index + 1), true);
      const found = await db.query(
        "SELECT count(*)::int AS n FROM in_c_sales.orders WHERE customer_id = ANY($1) AND amount > $2",
        [[1, 2], 5],
      );
      equal(found.rows, [{ n: 40 }]);
    }),
  "rows as arrays, several results of one string": () =>
    connected(async (db) => {
      equal((await db.query({ text: "SELECT 1 AS a, 2 AS a", rowMode: "array" })).rows, [[1, 2]]);
      const results = await db.query(
        "CREATE TEMP TABLE nmany (a int); INSERT INTO nmany VALUES (1), (2); SELECT a FROM nmany ORDER BY a",
      );
      equal(results.map(({ command, rowCount }) => [command, rowCount]), [["CREATE", null], ["INSERT", 2], [
        "SELECT",
        2,
      ]]);
    }),
  "named statements executed many times": () =>
    connected(async (db) => {
      for (let n = 0; n < 100; n++) {
        const { rows } = await db.query({
          name: "nsum",
          text: "SELECT $1::int + 1 AS sum, upper($2) AS up",
          values: [n, "a"],
        });
        equal(rows, [{ sum: n + 1, up: "A" }]);
      }
      equal((await db.query("SELECT count(*)::int AS n FROM pg_prepared_statements WHERE name = 'nsum'")).rows, [{
        n: 1,
      }]);
    }),
  "queries that are queued answer in order": () =>
    connected(async (db) => {
      const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => db.query("SELECT $1::int AS n", [n])));
      equal(answers.map(({ rows }) => rows[0].n), Array.from({ length: 30 }, (_, n) => n));
    }),
  "transactions and savepoints": () =>
    connected(async (db) => {
      await db.query("CREATE TEMP TABLE ntx (a int)");
      await db.query("BEGIN");
      await db.query("INSERT INTO ntx VALUES (1)");
      await db.query("ROLLBACK");
      await db.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
      await db.query("SAVEPOINT one");
      await raises("42P01", db.query("SELECT * FROM nope"));
      await raises("25P02", db.query("SELECT 1"));
      await db.query("ROLLBACK TO SAVEPOINT one");
      await db.query("INSERT INTO ntx VALUES (2)");
      await db.query("COMMIT");
      equal((await db.query("SELECT a FROM ntx")).rows, [{ a: 2 }]);
    }),
  "a pool serves many at once": async () => {
    const pool = new pg.Pool({ ssl, max: 4 });
    try {
      const answers = await Promise.all(
        Array.from({ length: 40 }, (_, n) => pool.query("SELECT $1::int * 2 AS n", [n])),
      );
      equal(answers.map(({ rows }) => rows[0].n), Array.from({ length: 40 }, (_, n) => 2 * n));
    } finally {
      await pool.end();
    }
  },
  "cursors are read in portions and closed early": () =>
    connected(async (db) => {
      const cursor = db.query(new Cursor("SELECT g FROM generate_series(1, $1::int) g", [3000]));
      equal((await cursor.read(10)).map(({ g }) => g), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      equal((await cursor.read(1000)).length, 1000);
      await cursor.close();
      const short = db.query(new Cursor("SELECT id FROM in_c_sales.orders ORDER BY id"));
      equal([(await short.read(99)).length, (await short.read(99)).length, (await short.read(99)).length], [99, 1, 0]);
      await short.close();
    }),
  "query streams": () =>
    connected(async (db) => {
      let sum = 0;
      for await (
        const row of db.query(new QueryStream("SELECT g FROM generate_series(1, 20000) g", [], { batchSize: 500 }))
      ) sum += row.g;
      equal(sum, 20000 * 20001 / 2);
    }),
  "COPY in from a stream": () =>
    connected(async (db) => {
      await db.query("CREATE TEMP TABLE ncopy (a int, b text)");
      const lines = Array.from({ length: 20_000 }, (_, n) => `${n}\trow\\t${n}\n`);
      const target = db.query(copyStreams.from("COPY ncopy FROM STDIN"));
      await pipeline(Readable.from(lines), target);
      equal(target.rowCount, 20_000);
      const csv = db.query(copyStreams.from("COPY ncopy FROM STDIN WITH (FORMAT csv, HEADER)"));
      await pipeline(Readable.from(['a,b\n-1,"x, ', '""y"""\n']), csv);
      const { rows } = await db.query(
        "SELECT count(*)::int AS n, count(*) FILTER (WHERE b = E'row\\t' || a)::int AS same, max(b) FILTER (WHERE a < 0) AS last FROM ncopy",
      );
      equal(rows, [{ n: 20_001, same: 20_000, last: 'x, "y"' }]);
    }),
  "a bad row of COPY names its line": () =>
    connected(async (db) => {
      await db.query("CREATE TEMP TABLE nbad (a int)");
      const failed = pipeline(Readable.from(["1\n", "2\nthree\n"]), db.query(copyStreams.from("COPY nbad FROM STDIN")));
      const error = await raises("22P02", failed);
      equal(error.where, 'COPY nbad, line 3, column a: "three"');
      equal((await db.query("SELECT count(*)::int AS n FROM nbad")).rows, [{ n: 0 }]);
    }),
  "COPY out to a stream": () =>
    connected(async (db) => {
      equal(
        await text(
          db.query(
            copyStreams.to("COPY (SELECT id, name FROM in_c_sales.customers WHERE id <> 2 ORDER BY id) TO STDOUT"),
          ),
        ),
        "1\tAda\n3\tČeněk\n4\tDvořák, Jan\n",
      );
      const csv = await text(db.query(copyStreams.to("COPY in_c_sales.orders TO STDOUT (FORMAT csv, HEADER)")));
      equal(csv.split("\n").length, 102);
    }),
  "errors carry SQLSTATE, position and constraint": () =>
    connected(async (db) => {
      await db.query("CREATE TABLE nerr (id int PRIMARY KEY, v text NOT NULL, n int CHECK (n > 0))");
      await db.query("INSERT INTO nerr VALUES (1, 'x', 1)");
      for (
        const [state, statement, position] of [
          ["42703", "SELECT nope FROM nerr", "8"],
          ["42P01", "SELECT * FROM nope", "15"],
          ["42601", "SELEC 1", "1"],
          ["22012", "SELECT 1 / (id - 1) FROM nerr", undefined],
          ["23505", "INSERT INTO nerr VALUES (1, 'y', 1)", undefined],
          ["23502", "INSERT INTO nerr VALUES (2, NULL, 1)", undefined],
          ["23514", "INSERT INTO nerr VALUES (2, 'y', -1)", undefined],
          ["25006", "DELETE FROM in_c_sales.orders", undefined],
        ]
      ) {
        const error = await raises(state, db.query(statement));
        equal([statement, error.severity, error.position], [statement, "ERROR", position]);
      }
      const error = await raises("23505", db.query("INSERT INTO nerr VALUES ($1, $2, $3)", [1, "y", 1]));
      equal([error.constraint, error.table, error.schema, error.detail], [
        "nerr_pkey",
        "nerr",
        "public",
        "Key (id)=(1) already exists.",
      ]);
      await db.query("DROP TABLE nerr");
    }),
  "RETURNING and row counts": () =>
    connected(async (db) => {
      await db.query("CREATE TEMP TABLE nret (id serial PRIMARY KEY, v text)");
      for (let n = 1; n <= 3; n++) {
        equal((await db.query("INSERT INTO nret (v) VALUES ($1) RETURNING id", ["x"])).rows, [{ id: n }]);
      }
      equal((await db.query("UPDATE nret SET v = 'y' WHERE id > 1")).rowCount, 2);
      equal((await db.query("DELETE FROM nret WHERE id = $1 RETURNING *", [1])).rows, [{ id: 1, v: "x" }]);
    }),
  "a statement is cancelled by another connection": () =>
    connected((db) =>
      connected(async (other) => {
        const running = raises("57014", db.query(endless));
        const active =
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE pid = $1 AND state = 'active' AND query LIKE '%100000000000%'";
        while ((await other.query(active, [db.processID])).rows[0].n === 0);
        equal((await other.query("SELECT pg_cancel_backend($1) AS done", [db.processID])).rows, [{ done: true }]);
        await running;
        equal((await db.query("SELECT 1 AS one")).rows, [{ one: 1 }]);
      })
    ),
  "statement_timeout and idle_in_transaction_session_timeout as options": () =>
    connected(async (db) => {
      await raises("57014", db.query(endless));
      equal(
        (await db.query("SHOW idle_in_transaction_session_timeout")).rows[0].idle_in_transaction_session_timeout,
        "30s",
      );
      equal((await db.query("SHOW application_name")).rows[0].application_name, "node checks");
    }, { statement_timeout: 200, idle_in_transaction_session_timeout: 30_000, application_name: "node checks" }),
  "notifications and notices arrive": () =>
    connected(async (db) => {
      await db.query("LISTEN nchannel");
      const notification = event(db, "notification");
      await db.query("SELECT pg_notify('nchannel', $1)", ["hello"]);
      const { channel, payload } = await notification;
      equal([channel, payload], ["nchannel", "hello"]);
      const notice = event(db, "notice");
      await db.query("DROP TABLE IF EXISTS nnothing");
      equal((await notice).message, 'table "nnothing" does not exist, skipping');
    }),
  "the schema as object mappers read it": () =>
    connected(async (db) => {
      await db.query("CREATE TABLE nowner (id serial PRIMARY KEY, name text NOT NULL UNIQUE)");
      await db.query(
        "CREATE TABLE nthing (id int, owner_id int REFERENCES nowner (id), price numeric(12,2) DEFAULT 0)",
      );
      const columns = await db.query(
        `SELECT column_name, data_type, udt_name, is_nullable, numeric_precision::int AS precision, numeric_scale::int AS scale
         FROM information_schema.columns WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position`,
        ["public", "nthing"],
      );
      equal(columns.rows[2], {
        column_name: "price",
        data_type: "numeric",
        udt_name: "numeric",
        is_nullable: "YES",
        precision: 12,
        scale: 2,
      });
      const keys = await db.query(
        `SELECT con.conname, con.contype, att2.attname AS child, cl.relname AS parent_table, att.attname AS parent FROM (
           SELECT unnest(con1.conkey) AS parent, unnest(con1.confkey) AS child, con1.confrelid, con1.conrelid, con1.contype, con1.conname
           FROM pg_class cl JOIN pg_namespace ns ON cl.relnamespace = ns.oid JOIN pg_constraint con1 ON con1.conrelid = cl.oid
           WHERE con1.contype = 'f' AND ns.nspname = 'public' AND cl.relname = 'nthing') con
         JOIN pg_attribute att ON att.attrelid = con.confrelid AND att.attnum = con.child
         JOIN pg_class cl ON cl.oid = con.confrelid JOIN pg_attribute att2 ON att2.attrelid = con.conrelid AND att2.attnum = con.parent`,
      );
      equal(keys.rows, [{
        conname: "nthing_owner_id_fkey",
        contype: "f",
        child: "owner_id",
        parent_table: "nowner",
        parent: "id",
      }]);
      const indexes = await db.query(
        `SELECT t.relname AS "table", i.relname AS name, ix.indisunique AS "unique", array_agg(a.attname::text) AS columns FROM pg_class t, pg_class i, pg_index ix, pg_attribute a
         WHERE t.oid = ix.indrelid AND i.oid = ix.indexrelid AND a.attrelid = t.oid AND a.attnum = ANY(ix.indkey) AND t.relkind = 'r' AND t.relname = 'nowner'
         GROUP BY t.relname, i.relname, ix.indisunique ORDER BY i.relname`,
      );
      equal(indexes.rows, [
        { table: "nowner", name: "nowner_name_key", unique: true, columns: ["name"] },
        { table: "nowner", name: "nowner_pkey", unique: true, columns: ["id"] },
      ]);
      await db.query("DROP TABLE nthing");
      await db.query("DROP TABLE nowner");
    }),
  "wrong passwords are refused": () => raises("28P01", connected(() => undefined, { password: "wrong" })),
});
