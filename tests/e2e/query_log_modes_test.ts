/** What the query log holds in its modes, changed while sessions run, and the plans of slow statements. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { TestProject } from "../support/project.ts";
import type { List, Rest } from "../support/rest.ts";
import { eventually, sharedServer } from "../support/server.ts";
import { connect, refusal, refusedWith } from "../support/sql.ts";
import { WireClient } from "../support/wire.ts";
import { copyFrom } from "./copy_wire.ts";

const server = sharedServer({ config: { slow_query_threshold_ms: 100_000 } });
const marker = "zqxsecret";
const markerNumber = "918273645";

interface PlanTree {
  readonly operator: string;
  readonly timing_ms: number | null;
  readonly rows: number | null;
  readonly details: Readonly<Record<string, string>>;
  readonly children: readonly PlanTree[];
}

interface LoggedQuery {
  readonly query: string | null;
  readonly query_hash: string;
  readonly mode: string;
  readonly status: string;
  readonly error: string | null;
  readonly sqlstate: string | null;
  readonly slow: boolean;
  readonly plan: { readonly source: string; readonly text: string; readonly tree: PlanTree } | null;
}

async function rowsOf(rest: Rest, path: string, count: number, query = ""): Promise<LoggedQuery[]> {
  return await eventually(`${count} rows`, async () => {
    const { items } = await rest.expect<List<LoggedQuery>>(200, "GET", `${path}/queries?${query}`);
    return items.length >= count && [...items].reverse();
  });
}

async function change(settings: Record<string, unknown>): Promise<void> {
  await server.current.rest.expect(200, "PATCH", "/internal/settings", { json: settings });
}

const operatorsOf = (node: PlanTree): PlanTree[] => [node, ...node.children.flatMap(operatorsOf)];

/** Runs statements with a marker in every kind of place for a value, some of which fail with the value in their message. */
async function runMarked(path: string, rest: Rest, workspace: Parameters<typeof connect>[0]): Promise<LoggedQuery[]> {
  await using client = await connect(workspace);
  await client.query("CREATE TABLE marked (id int PRIMARY KEY, t text)");
  const statements = [
    `INSERT INTO marked VALUES (1, '${marker}'), (${markerNumber}, E'\\'${marker}')`,
    `INSERT INTO marked VALUES (${markerNumber}, 'again ${marker}')`,
    `SELECT '${marker}'::int`,
    `SELECT t::int FROM marked`,
    `SELECT '${marker}'::regclass`,
    `SELECT ('${marker}' || '_x')::regclass`,
    `UPDATE marked SET t = $$${marker}$$ WHERE id = ${markerNumber} /* ${marker} */`,
    `SELECT * FROM marked WHERE t IN ('${marker}') AND id BETWEEN -${markerNumber} AND ${markerNumber} LIMIT ${markerNumber}`,
    `CREATE TABLE defaults (a text DEFAULT '${marker}', b varchar(${
      markerNumber.slice(0, 4)
    }) CHECK (b <> '${marker}'))`,
    `COMMENT ON TABLE marked IS '${marker}'`,
    `CREATE VIEW seen AS SELECT '${marker}' AS v`,
    `ALTER USER somebody PASSWORD '${marker}'`,
    `SET work_mem = '${marker}'`,
    `PREPARE p AS SELECT '${marker}', $1::text`,
    `EXECUTE p('${marker}')`,
    `FROM marked SELECT t, '${marker}', {'${marker}': ${markerNumber}}`,
    `SELECT 'it's ${marker}'`,
    `SELEKT '${marker}'`,
    `SELECT error('${marker}')`,
    `ATTACH '/tmp/${marker}.db' AS it's`,
    `EXPLAIN SELECT '${marker}'`,
    `NOTIFY channel, '${marker}'`,
    `DO $$ ${marker} $$`,
  ];
  for (const text of statements) await client.query(text).catch(() => undefined);
  await refusal(client.query("SELECT $1::int", [marker]));
  await client.query("SELECT $1::text", [marker]);
  using wire = await WireClient.connect(workspace);
  match(
    (await copyFrom(wire, `COPY marked FROM STDIN (NULL '${marker}')`, [`${marker}_x\tx\n`])).error!,
    new RegExp(marker),
  );
  return await rowsOf(rest, path, statements.length + 4, "limit=1000");
}

Deno.test("in the modes structure and hash_only no value is in the log: statements, definitions, errors, plans, COPY, parameters", async () => {
  const project = await TestProject.create(server.current.rest, "modes");
  for (const mode of ["structure", "hash_only"]) {
    await change({ query_audit_mode: mode, slow_query_threshold_ms: 0 });
    const workspace = await project.workspace();
    const path = project.workspacePath(workspace);
    const linesBefore = server.current.logLines.length;
    const rows = await runMarked(path, project.rest, workspace);
    const logged = JSON.stringify([rows, server.current.logLines.slice(linesBefore)]);
    for (const secret of [marker, markerNumber]) {
      const at = logged.indexOf(secret);
      equal(at, -1, `${mode}: ${logged.slice(Math.max(0, at - 300), at + 100)}`);
    }
    ok(rows.every((row) => row.mode === mode && /^sha256:/.test(row.query_hash)));
    ok(rows.some((row) => row.plan !== null), "slow statements have plans");
    deepEqual(rows.filter((row) => row.error !== null).length > 8, true);
    if (mode === "hash_only") ok(rows.every((row) => row.query === null));
    else {
      const texts = rows.map((row) => row.query);
      for (
        const text of [
          "INSERT INTO marked VALUES ($1, $2), ($3, $4)",
          "COMMENT ON TABLE marked IS ?",
          "SELECT * FROM marked WHERE t IN ($1) AND id BETWEEN $2 AND $3 LIMIT $4",
          "SELECT (not parsed)",
        ]
      ) ok(texts.includes(text), `${text} is not in ${JSON.stringify(texts)}`);
    }
  }
  await change({ query_audit_mode: "full", slow_query_threshold_ms: 100_000 });
});

Deno.test("the mode changes at once for running sessions, and statement after statement says which it was", async () => {
  const project = await TestProject.create(server.current.rest, "change");
  const workspace = await project.workspace();
  const path = project.workspacePath(workspace);
  await using client = await connect(workspace);
  await client.query("SELECT 'in full'");
  await rowsOf(project.rest, path, 1);
  await change({ query_audit_mode: "structure" });
  await client.query("SELECT 'in structure'");
  await change({ query_audit_mode: "hash_only", query_audit_max_length: 5 });
  await client.query("SELECT 'hashed'");
  await change({ query_audit_enabled: false });
  await client.query("SELECT 'not logged'");
  await change({ query_audit_mode: "full", query_audit_enabled: true });
  await client.query("SELECT 'cut'");
  const rows = await rowsOf(project.rest, path, 4);
  deepEqual(rows.map((row) => row.query), ["SELECT 'in full'", "SELECT $1", null, "SELEC"]);
  deepEqual(rows.map((row) => row.mode), ["full", "structure", "hash_only", "full"]);
  equal(new Set(rows.map((row) => row.query_hash)).size, 1);
  const settings = await server.current.rest.expect<Record<string, unknown>>(200, "GET", "/internal/settings");
  deepEqual([settings["query_audit_mode"], settings["query_audit_max_length"]], ["full", 5]);
  await change({ query_audit_max_length: 10_000 });

  await project.rest.refused(403, "forbidden", "PATCH", "/internal/settings", { json: {} });
  const problem = await server.current.rest.refused(422, "invalid_request", "PATCH", "/internal/settings", {
    json: { query_audit_mode: "none", other: 1 },
  });
  deepEqual(problem.errors?.map(({ pointer }) => pointer).sort(), ["/other", "/query_audit_mode"]);
});

Deno.test("a slow statement has its plan: explained the first time, with the run's own timings after that, and never run twice", async () => {
  const project = await TestProject.create(server.current.rest, "slow");
  const workspace = await project.workspace();
  const path = project.workspacePath(workspace);
  await using client = await connect(workspace);
  await client.query("CREATE TABLE numbers AS SELECT range AS n, range % 10 AS k FROM range(1000000)");
  await client.query("CREATE TABLE log (n bigint); CREATE SEQUENCE runs");
  await change({ slow_query_threshold_ms: 0 });
  const before = await slowCount(workspace.id);
  const work = (limit: number) =>
    `INSERT INTO log SELECT nextval('runs') FROM (SELECT k, count(DISTINCT n * n) FROM numbers WHERE n < ${limit} GROUP BY k)`;
  await client.query(work(800_000));
  await client.query(work(900_000));
  await client.query("SELECT k, sum(n) FROM numbers WHERE n > $1 GROUP BY k ORDER BY k", [5]);
  await change({ slow_query_threshold_ms: 100_000 });
  equal(await client.value("SELECT count(*) FROM log"), "20");
  equal(await client.value("SELECT max(n) FROM log"), "20");

  const rows = (await rowsOf(project.rest, path, 3, "slow=true")).slice(0, 3);
  ok(rows.every((row) => row.slow && row.plan !== null), JSON.stringify(rows));
  const [first, second, third] = rows;
  equal(first!.plan!.source, "explain");
  equal(second!.plan!.source, "profile");
  const operators = operatorsOf(second!.plan!.tree);
  ok(operators.every((node) => node.timing_ms !== null && node.rows !== null));
  const scan = operators.find((node) => /SCAN/.test(node.operator) && /numbers/.test(node.details["Table"] ?? ""));
  equal(scan?.rows, 900_000, JSON.stringify(second!.plan!.tree));
  match(second!.plan!.text, /SCAN \([\d.]+ ms; 900000 rows/);
  ok(operatorsOf(first!.plan!.tree).some((node) => /INSERT/.test(node.operator)));
  match(third!.plan!.text, /numbers/);

  equal(await slowCount(workspace.id) - before, 3);
  const line = await server.current.waitForLog((one) =>
    one["event"] === "slow_query" && String(one["query"]).includes("n < 900000")
  );
  equal(line["plan_source"], "profile");
  match(String(line["plan"]), /900000 rows/);
});

Deno.test("a slow statement that times out in the middle of a transaction has a plan, and the transaction is aborted as ever", async () => {
  const project = await TestProject.create(server.current.rest, "aborted");
  const workspace = await project.workspace();
  const path = project.workspacePath(workspace);
  await using client = await connect(workspace);
  await client.query("CREATE TABLE numbers AS SELECT range AS n FROM range(1000000)");
  await change({ slow_query_threshold_ms: 100 });
  await client.query("BEGIN");
  await client.query("SET LOCAL statement_timeout = 150");
  await refusedWith("57014", client.query("SELECT count(*) FROM numbers a, numbers b WHERE (a.n * b.n) % 7 = 3"));
  await refusedWith("25P02", client.query("SELECT 1"));
  await client.query("ROLLBACK");
  equal(await client.value("SELECT count(*) FROM numbers"), "1000000");
  await change({ slow_query_threshold_ms: 100_000 });
  const [row] = await rowsOf(project.rest, path, 1, "slow=true&status=timeout");
  match(row!.plan!.text, /JOIN/);
});

Deno.test("rows of an open cursor are not lost when its statement is slow", async () => {
  const project = await TestProject.create(server.current.rest, "cursor");
  const workspace = await project.workspace();
  await using client = await connect(workspace);
  await change({ slow_query_threshold_ms: 0 });
  await client.query("BEGIN");
  for (let round = 0; round < 3; round++) {
    await client.query(`DECLARE c${round} CURSOR FOR SELECT range FROM range(10000) ORDER BY range`);
    let count = 0;
    for (;;) {
      const { rows } = await client.query(`FETCH 3000 FROM c${round}`);
      if (rows.length === 0) break;
      equal(rows[0]!["range"], String(count));
      count += rows.length;
    }
    equal(count, 10_000);
  }
  await client.query("COMMIT");
  await change({ slow_query_threshold_ms: 100_000 });
});

async function slowCount(workspaceId: string): Promise<number> {
  const text = await (await fetch(`${server.current.baseUrl}/metrics`)).text();
  const line = text.split("\n").find((one) =>
    one.startsWith(`pgwire_slow_queries_total{workspace_id="${workspaceId}"}`)
  );
  return Number(line?.split(" ").at(-1) ?? 0);
}
