/** The views by name, roles, the database, settings, sessions, statistics. */
import assert from "node:assert/strict";
import { openTestingObjects, pg } from "./testing_objects.ts";

const catalog = await openTestingObjects();
const ofUsers = "schemaname NOT IN ('pg_catalog', 'information_schema')";

Deno.test("pg_tables lists own and project tables with their owners, and the system's", async () => {
  const rows = await catalog.rows(
    `SELECT schemaname, tablename, tableowner, hasindexes, hastriggers FROM ${
      pg("pg_tables")
    } WHERE ${ofUsers} ORDER BY 1, 2`,
  );
  assert.deepEqual(rows.map((row) => row.join(" ")), [
    "in_c_sales customers project true false",
    "in_c_sales orders project false false",
    "pg_temp_1 scratch ws_test_user true false",
    "public booking ws_test_user true true",
    "public payment ws_test_user true true",
    "public person ws_test_user true true",
    "public ticket ws_test_user false false",
    "staging Part of ws_test_user true true",
    "staging other ws_test_user false false",
  ]);
  assert.equal(await catalog.value(`SELECT count(*) FROM ${pg("pg_tables")} WHERE tablename = 'pg_class'`), "1");
});

Deno.test("pg_tables agrees with pg_class about every table", async () => {
  const rows = await catalog.rows(
    `SELECT n.nspname, c.relname, c.relhasindex, c.relhastriggers FROM ${pg("pg_class")} AS c
       JOIN ${pg("pg_namespace")} AS n ON n.oid = c.relnamespace WHERE c.relkind = 'r'
     EXCEPT SELECT schemaname, tablename, hasindexes, hastriggers FROM ${pg("pg_tables")}`,
  );
  assert.deepEqual(rows, []);
});

Deno.test("pg_views gives the text of own views", async () => {
  const rows = await catalog.rows(
    `SELECT schemaname, viewname, viewowner, definition FROM ${pg("pg_views")} WHERE ${ofUsers} ORDER BY 2`,
  );
  assert.deepEqual(rows, [
    ["pg_temp_1", "glance", "ws_test_user", " SELECT 1 AS one;"],
    ["public", "rich", "ws_test_user", " SELECT id, title, balance FROM public.person;"],
    ["staging", "totals", "ws_test_user", " SELECT count(*) AS people, sum(balance) AS money FROM public.person;"],
  ]);
});

Deno.test("pg_rewrite has the rule of each view", async () => {
  const rows = await catalog.rows(
    `SELECT c.relname, r.rulename, r.ev_type FROM ${pg("pg_rewrite")} AS r JOIN ${
      pg("pg_class")
    } AS c ON c.oid = r.ev_class
     ORDER BY 1`,
  );
  assert.deepEqual(rows, [["glance", "_RETURN", "1"], ["rich", "_RETURN", "1"], ["totals", "_RETURN", "1"]]);
});

Deno.test("pg_sequences and pg_sequence tell start, increment and the last value", async () => {
  const rows = await catalog.rows(
    `SELECT s.schemaname, s.sequencename, s.data_type, s.start_value, s.increment_by, s.last_value,
       q.seqstart, q.seqincrement
     FROM ${pg("pg_sequences")} AS s JOIN ${pg("pg_class")} AS c ON c.relname = s.sequencename
     JOIN ${pg("pg_sequence")} AS q ON q.seqrelid = c.oid ORDER BY 2`,
  );
  assert.deepEqual(rows, [
    ["staging", "Odd one", "20", "1", "1", null, "1", "1"],
    ["public", "counter", "20", "5", "2", "7", "5", "2"],
    ["public", "ticket_id_seq", "20", "1", "1", null, "1", "1"],
  ]);
});

Deno.test("the roles are the user, who may log in, and project, who may not", async () => {
  assert.deepEqual(
    await catalog.rows(`SELECT oid, rolname, rolcanlogin, rolsuper, rolpassword FROM ${pg("pg_roles")}`),
    [
      ["10", "ws_test_user", "true", "false", "********"],
      ["11", "project", "false", "false", "********"],
    ],
  );
  assert.deepEqual(await catalog.rows(`SELECT rolname, rolpassword FROM ${pg("pg_authid")}`), [
    ["ws_test_user", null],
    ["project", null],
  ]);
  assert.deepEqual(await catalog.rows(`SELECT usename, usesysid, usesuper FROM ${pg("pg_user")}`), [
    ["ws_test_user", "10", "false"],
  ]);
  assert.deepEqual(await catalog.rows(`SELECT groname, grosysid FROM ${pg("pg_group")}`), [["project", "11"]]);
});

Deno.test("the only database is the workspace's", async () => {
  assert.deepEqual(await catalog.rows(`SELECT datname, datdba, encoding, datallowconn FROM ${pg("pg_database")}`), [
    ["workspace_ws_test", "10", "6", "true"],
  ]);
});

Deno.test("pg_collation has PostgreSQL's fixed ones and those of DuckDB", async () => {
  const rows = await catalog.rows(
    `SELECT collname, collprovider, CASE WHEN oid < 16384 THEN oid END FROM ${pg("pg_collation")}
     WHERE collname IN ('default', 'C', 'POSIX', 'de', 'nocase') ORDER BY collname`,
  );
  assert.deepEqual(rows, [
    ["C", "c", "950"],
    ["POSIX", "c", "951"],
    ["de", "i", null],
    ["default", "d", "100"],
    ["nocase", "i", null],
  ]);
});

Deno.test("pg_timezone_abbrevs lists only what is also the name of a zone", async () => {
  const rows = await catalog.rows(
    `SELECT abbrev FROM ${pg("pg_timezone_abbrevs")} WHERE abbrev NOT IN (SELECT name FROM ${pg("pg_timezone_names")})`,
  );
  assert.deepEqual(rows, []);
  assert.equal(
    await catalog.value(`SELECT utc_offset FROM ${pg("pg_timezone_abbrevs")} WHERE abbrev = 'UTC'`),
    "00:00:00",
  );
});

Deno.test("pg_settings shows this session's settings with PostgreSQL's facts about them", async () => {
  await catalog.run(`INSERT INTO __eider.state.settings VALUES
    (77, 'work_mem', '8192', 'Sets the memory.', '4096', '4096'),
    (77, 'TimeZone', 'UTC', 'Sets the zone.', 'UTC', 'UTC'),
    (77, 'my.own', 'x', '', NULL, NULL), (77, 'is_superuser', 'off', '', 'off', 'off'),
    (78, 'jit', 'on', 'of another session', 'off', 'off')`);
  const rows = await catalog.rows(
    `SELECT name, setting, unit, category, context, vartype, source, min_val, boot_val FROM ${pg("pg_settings")}
     WHERE name IN ('work_mem', 'TimeZone', 'my.own', 'is_superuser', 'jit', 'server_version_num') ORDER BY name`,
  );
  assert.deepEqual(rows, [
    [
      "TimeZone",
      "UTC",
      null,
      "Client Connection Defaults / Locale and Formatting",
      "user",
      "string",
      "default",
      null,
      "UTC",
    ],
    ["my.own", "x", null, "Customized Options", "user", "string", "session", null, null],
    ["server_version_num", "160000", null, "Preset Options", "internal", "integer", "default", "0", "160000"],
    ["work_mem", "8192", "kB", "Resource Usage / Memory", "user", "integer", "session", "64", "4096"],
  ]);
});

Deno.test("pg_stat_activity shows the workspace's sessions", async () => {
  await catalog.run(`INSERT INTO __eider.state.sessions VALUES
    (80, 'ws_test_user', 'psql', '', -1, now(), NULL, now(), now(), 'idle in transaction', 'BEGIN', false, NULL, NULL)`);
  const rows = await catalog.rows(
    `SELECT pid, datname, usesysid, usename, client_addr, state, wait_event, backend_type FROM ${pg("pg_stat_activity")}
     ORDER BY pid`,
  );
  assert.deepEqual(rows, [
    ["77", "workspace_ws_test", "10", "ws_test_user", "127.0.0.1", "active", null, "client backend"],
    ["80", "workspace_ws_test", "10", "ws_test_user", null, "idle in transaction", "ClientRead", "client backend"],
  ]);
  assert.deepEqual(await catalog.rows(`SELECT numbackends, deadlocks, xact_commit FROM ${pg("pg_stat_database")}`), [
    ["2", "0", null],
  ]);
});

Deno.test("pg_stat_ssl tells of each session what was negotiated", async () => {
  assert.deepEqual(
    await catalog.rows(`SELECT pid, ssl, version, cipher, bits, client_dn FROM ${pg("pg_stat_ssl")} ORDER BY pid`),
    [
      ["77", "true", "TLSv1.3", "TLS_AES_256_GCM_SHA384", "256", null],
      ["80", "false", null, null, null, null],
    ],
  );
});

Deno.test("pg_prepared_statements and pg_cursors show this session's own", async () => {
  await catalog.run(`INSERT INTO __eider.state.prepared_statements VALUES
    (77, 'mine', 'SELECT $1', now(), [23::UINTEGER], true), (78, 'theirs', 'SELECT 1', now(), [], false)`);
  await catalog.run(`INSERT INTO __eider.state.cursors VALUES
    (77, 'mine', 'SELECT 1', true, false, false, now()), (78, 'theirs', 'SELECT 1', true, false, false, now())`);
  assert.deepEqual(
    await catalog.rows(`SELECT name, statement, parameter_types, from_sql FROM ${pg("pg_prepared_statements")}`),
    [["mine", "SELECT $1", "[23]", "true"]],
  );
  assert.deepEqual(await catalog.rows(`SELECT name, is_holdable, is_scrollable FROM ${pg("pg_cursors")}`), [
    ["mine", "true", "false"],
  ]);
});

Deno.test("the statistics views count live rows and leave NULL what nobody counts", async () => {
  const rows = await catalog.rows(
    `SELECT s.schemaname, s.relname, s.n_live_tup, s.seq_scan, c.relname FROM ${pg("pg_stat_user_tables")} AS s
     JOIN ${pg("pg_class")} AS c ON c.oid = s.relid WHERE s.relname IN ('person', 'orders') ORDER BY 2`,
  );
  assert.deepEqual(rows, [
    ["in_c_sales", "orders", "100", null, "orders"],
    ["public", "person", "10", null, "person"],
  ]);
});

Deno.test("the statistics of users' and the system's relations make those of all", async () => {
  for (const kind of ["tables", "indexes", "sequences"]) {
    const view = (scope: string) => `SELECT * FROM ${pg(`pg_statio_${scope}_${kind}`)}`;
    const rows = await catalog.rows(`(${view("user")} UNION ALL ${view("sys")}) EXCEPT ALL ${view("all")}`);
    assert.deepEqual(rows, []);
  }
  const missing = await catalog.rows(
    `SELECT indexrelid FROM ${pg("pg_index")} EXCEPT SELECT indexrelid FROM ${pg("pg_stat_user_indexes")}`,
  );
  assert.deepEqual(missing, []);
});
