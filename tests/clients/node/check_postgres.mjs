/** Node.js: postgres.js, which prepares every statement, pipelines them and reads types in text. */
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { endless, equal, raises, requirePackage, runChecks } from "./checks.mjs";

const postgres = requirePackage("postgres");

async function connected(body, options = {}) {
  const sql = postgres({ ssl: "require", max: 1, onnotice: () => undefined, ...options });
  try {
    return await body(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

const samples = (sql) => [
  ["boolean", true],
  ["int2", -7],
  ["int4", 2147483647],
  ["int8", "9007199254740993"],
  ["float8", 0.1],
  ["numeric(12,2)", "-1234567.80"],
  ["text", "žluťoučký 'kůň' \\ \" \t\n"],
  ["bytea", Buffer.from([0, 255, 39, 92])],
  ["date", new Date("2024-02-29T00:00:00Z")],
  ["time", "10:20:30.5"],
  ["timestamptz", new Date("2024-06-02T03:04:05Z")],
  ["uuid", "00000000-0000-0000-0000-000000000005"],
  ["json", { a: [1, "x", null] }, sql.json({ a: [1, "x", null] })],
  ["int4[]", [1, 2, 3]],
  ["text[]", ["a", "b c", "q\"'\\", "NULL", ""]],
  ["float8[]", [0.5, -1]],
  ["text", null],
  ["int8", null],
];

await runChecks("postgres.js:", {
  "values of every type, prepared": () =>
    connected(async (sql) => {
      for (const [type, value, sent] of samples(sql)) {
        for (let time = 0; time < 3; time++) {
          equal([type, (await sql`SELECT ${sent ?? value}::${sql.unsafe(type)} AS v`)[0].v], [type, value]);
        }
      }
    }),
  "values of every type, not prepared": () =>
    connected(async (sql) => {
      for (const [type, value, sent] of samples(sql)) {
        equal([type, (await sql`SELECT ${sent ?? value}::${sql.unsafe(type)} AS v`)[0].v], [type, value]);
      }
    }, { prepare: false }),
  "array types are fetched from the catalog": () =>
    connected(async (sql) => {
      equal(
        (await sql`SELECT ARRAY[1.5, 2]::numeric(5,2)[] AS n, ARRAY['a b']::varchar[] AS t, ARRAY[true] AS b, ARRAY[[1, 2], [3, 4]] AS m`)[
          0
        ],
        {
          n: ["1.50", "2.00"],
          t: ["a b"],
          b: [true],
          m: [[1, 2], [3, 4]],
        },
      );
    }),
  "project tables are read": () =>
    connected(async (sql) => {
      equal([...await sql`SELECT id, name FROM in_c_sales.customers ORDER BY id LIMIT 2`], [{ id: "1", name: "Ada" }, {
        id: "2",
        name: "Božena",
      }]);
      equal(
        (await sql`SELECT count(*)::int AS n FROM in_c_sales.orders WHERE customer_id IN ${
          sql([1, 2])
        } AND amount > ${5}`)[0].n,
        40,
      );
      equal(
        (await sql`SELECT count(*)::int AS n FROM ${sql("in_c_sales.orders")} WHERE id = ANY(${[1, 2, 300]}::int[])`)[0]
          .n,
        2,
      );
    }),
  "descriptions of statements": () =>
    connected(async (sql) => {
      const described = await sql`SELECT id, amount FROM in_c_sales.orders WHERE note = ${"x"}`.describe();
      equal(described.columns.map(({ name, type }) => [name, type]), [["id", 20], ["amount", 701]]);
      equal(described.types, [25]);
    }),
  "inserts and updates by helpers": () =>
    connected(async (sql) => {
      await sql`CREATE TEMP TABLE pins (id int PRIMARY KEY, name text, born date)`;
      const people = [{ id: 1, name: "Ada", born: null }, { id: 2, name: "O'Neil", born: "2024-02-29" }];
      equal((await sql`INSERT INTO pins ${sql(people)} RETURNING id`).map(({ id }) => id), [1, 2]);
      equal((await sql`UPDATE pins SET ${sql({ name: "Grace" }, "name")} WHERE id = ${1}`).count, 1);
      equal((await sql`SELECT name FROM pins ORDER BY id`).map(({ name }) => name), ["Grace", "O'Neil"]);
    }),
  "many statements are pipelined": () =>
    connected(async (sql) => {
      const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => sql`SELECT ${n}::int AS n`));
      equal(answers.map(([row]) => row.n), Array.from({ length: 100 }, (_, n) => n));
    }),
  "an error in a pipeline touches only its statement": () =>
    connected(async (sql) => {
      const [first, broken, last] = await Promise.allSettled([
        sql`SELECT 1 AS n`,
        sql`SELECT * FROM nope`,
        sql`SELECT 3 AS n`,
      ]);
      equal([first.value[0].n, broken.reason.code, last.value[0].n], [1, "42P01", 3]);
    }),
  "a pool serves many at once": () =>
    connected(async (sql) => {
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, n) => sql`SELECT ${n}::int AS n, count(*)::int AS c FROM in_c_sales.orders`),
      );
      equal(answers.every(([row], n) => row.n === n && row.c === 100), true);
    }, { max: 4 }),
  "transactions and savepoints": () =>
    connected(async (sql) => {
      await sql`CREATE TEMP TABLE ptx (a int)`;
      await raises(
        "mine",
        sql.begin(async (tx) => {
          await tx`INSERT INTO ptx VALUES (1)`;
          throw Object.assign(new Error("mine"), { code: "mine" });
        }),
      );
      await sql.begin("ISOLATION LEVEL REPEATABLE READ", async (tx) => {
        await tx.savepoint(async (inner) => {
          await inner`SELECT * FROM nope`;
        }).catch((error) => equal(error.code, "42P01"));
        await tx.savepoint("named", (inner) => inner`INSERT INTO ptx VALUES (2)`);
      });
      equal([...await sql`SELECT a FROM ptx`], [{ a: 2 }]);
      const both = await sql.begin((tx) => [tx`SELECT 1 AS a`, tx`SELECT 2 AS a`]);
      equal(both.map(([row]) => row.a), [1, 2]);
    }),
  "cursors": () =>
    connected(async (sql) => {
      let sum = 0;
      await sql`SELECT g FROM generate_series(1, 2505) g`.cursor(100, (rows) => {
        for (const { g } of rows) sum += g;
      });
      equal(sum, 2505 * 2506 / 2);
      const seen = [];
      for await (const [row] of sql`SELECT id FROM in_c_sales.orders ORDER BY id`.cursor()) {
        seen.push(row.id);
        if (seen.length === 3) break;
      }
      equal(seen, ["1", "2", "3"]);
      equal((await sql`SELECT 1 AS a`)[0].a, 1);
    }),
  "rows one by one": () =>
    connected(async (sql) => {
      let count = 0;
      await sql`SELECT g FROM generate_series(1, 5000) g`.forEach(() => count++);
      equal(count, 5000);
    }),
  "COPY in and out": () =>
    connected(async (sql) => {
      await sql`CREATE TEMP TABLE pcopy (a int, b text)`;
      const lines = Array.from({ length: 5000 }, (_, n) => `${n}\trow ${n}\n`);
      await pipeline(Readable.from(lines), await sql`COPY pcopy FROM STDIN`.writable());
      equal((await sql`SELECT count(*)::int AS n, sum(a)::int AS s FROM pcopy WHERE b = 'row ' || a`)[0], {
        n: 5000,
        s: 12497500,
      });
      equal(
        await text(
          await sql`COPY (SELECT a, b FROM pcopy WHERE a < 2 ORDER BY a) TO STDOUT (FORMAT csv, HEADER)`.readable(),
        ),
        "a,b\n0,row 0\n1,row 1\n",
      );
    }),
  "simple queries with several results": () =>
    connected(async (sql) => {
      const results = await sql`SELECT 1 AS a; SELECT 'x' AS b`.simple();
      equal(results.map((rows) => [...rows]), [[{ a: 1 }], [{ b: "x" }]]);
      await sql.unsafe("CREATE TEMP TABLE psimple (a int); INSERT INTO psimple VALUES (1)");
      equal((await sql.unsafe("SELECT a FROM psimple WHERE a = $1", [1])).count, 1);
    }),
  "errors carry SQLSTATE, position and constraint": () =>
    connected(async (sql) => {
      await sql`CREATE TABLE perr (id int PRIMARY KEY, v text NOT NULL)`;
      await sql`INSERT INTO perr VALUES (1, 'x')`;
      const unique = await raises("23505", sql`INSERT INTO perr VALUES (${1}, 'y')`);
      equal([unique.constraint_name, unique.table_name, unique.schema_name], ["perr_pkey", "perr", "public"]);
      equal((await raises("23502", sql`INSERT INTO perr (id) VALUES (2)`)).column_name, "v");
      equal((await raises("42703", sql`SELECT nope FROM perr`)).position, "8");
      await raises("25006", sql`DELETE FROM in_c_sales.orders`);
      await sql`DROP TABLE perr`;
    }),
  "a running statement is cancelled": () =>
    connected(async (sql) => {
      const query = sql.unsafe(endless);
      const verdict = raises("57014", query.execute());
      setTimeout(() => query.cancel(), 300);
      await verdict;
      equal((await sql`SELECT 1 AS a`)[0].a, 1);
    }, { max: 2 }),
  "statement_timeout as a connection's setting": () =>
    connected(async (sql) => {
      equal((await sql`SHOW application_name`)[0].application_name, "postgres.js checks");
      await raises("57014", sql.unsafe(endless));
    }, { connection: { statement_timeout: 200, application_name: "postgres.js checks" } }),
  "listeners hear": () =>
    connected(async (sql) => {
      let hear;
      const heard = new Promise((resolve, reject) => {
        hear = resolve;
        setTimeout(() => reject(new Error("no notification")), 20_000).unref();
      });
      const { unlisten } = await sql.listen("pchannel", hear);
      await sql.notify("pchannel", "hello");
      equal(await heard, "hello");
      await unlisten();
    }, { max: 2 }),
  "wrong passwords are refused": () => raises("28P01", connected((sql) => sql`SELECT 1`, { password: "wrong" })),
});
