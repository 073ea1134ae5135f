/** pg_type, pg_enum, pg_range, pg_proc and their like: PostgreSQL's own rows and the user's. */
import assert from "node:assert/strict";
import { openTestingObjects, pg } from "./testing_objects.ts";

const catalog = await openTestingObjects();

Deno.test("pg_type has PostgreSQL's types with their arrays", async () => {
  const rows = await catalog.rows(
    `SELECT t.oid, t.typname, t.typlen, t.typbyval, t.typtype, t.typcategory, t.typispreferred, t.typelem, t.typarray,
       i.proname, t.typalign, t.typstorage
     FROM ${pg("pg_type")} AS t JOIN ${pg("pg_proc")} AS i ON i.oid = t.typinput
     WHERE t.typname IN ('bool', 'int4', '_int4', 'text', 'numeric', 'name', 'oidvector', 'int4range', 'record',
       'anyarray')
     ORDER BY t.oid`,
  );
  assert.deepEqual(rows.map((row) => row.join(" ")), [
    "16 bool 1 true b B true 0 1000 boolin c p",
    "19 name 64 false b S false 18 1003 namein c p",
    "23 int4 4 true b N false 0 1007 int4in i p",
    "25 text -1 false b S true 0 1009 textin i x",
    "30 oidvector -1 false b A false 26 1013 oidvectorin i p",
    "1007 _int4 -1 false b A false 23 0 array_in i x",
    "1700 numeric -1 false b N false 0 1231 numeric_in i m",
    "2249 record -1 false p P false 0 2287 record_in d x",
    "2277 anyarray -1 false p P false 0 0 anyarray_in d x",
    "3904 int4range -1 false r R false 0 3905 range_in i x",
  ]);
});

Deno.test("a user's enum, struct and alias are types with arrays of their own", async () => {
  const rows = await catalog.rows(
    `SELECT t.typname, t.typtype, t.typcategory, t.typlen, b.typname, e.typname, a.typname
     FROM ${pg("pg_type")} AS t LEFT JOIN ${pg("pg_type")} AS b ON b.oid = t.typbasetype
     LEFT JOIN ${pg("pg_type")} AS e ON e.oid = t.typelem LEFT JOIN ${pg("pg_type")} AS a ON a.oid = t.typarray
     WHERE t.oid >= 16384 ORDER BY 1`,
  );
  assert.deepEqual(rows, [
    ["_address", "b", "A", "-1", null, "address", null],
    ["_mood", "b", "A", "-1", null, "mood", null],
    ["_score", "b", "A", "-1", null, "score", null],
    ["address", "d", "U", "-1", "json", null, "_address"],
    ["mood", "e", "E", "4", null, null, "_mood"],
    ["score", "d", "N", "4", "int4", null, "_score"],
  ]);
});

Deno.test("every type of a column and every function of a type is there", async () => {
  assert.deepEqual(
    await catalog.rows(`SELECT DISTINCT atttypid FROM ${pg("pg_attribute")}
      WHERE atttypid NOT IN (SELECT oid FROM ${pg("pg_type")})`),
    [],
  );
  const functions = ["typinput", "typoutput", "typreceive", "typsend", "typmodin", "typmodout", "typanalyze"];
  assert.deepEqual(
    await catalog.rows(`SELECT DISTINCT used FROM (
        SELECT unnest([${functions.join(", ")}, typsubscript]) AS used FROM ${pg("pg_type")})
      WHERE used <> 0 AND used NOT IN (SELECT oid FROM ${pg("pg_proc")})`),
    [],
  );
});

Deno.test("pg_enum lists labels in their order", async () => {
  const rows = await catalog.rows(
    `SELECT t.typname, e.enumsortorder, e.enumlabel FROM ${pg("pg_enum")} AS e
     JOIN ${pg("pg_type")} AS t ON t.oid = e.enumtypid ORDER BY 2`,
  );
  assert.deepEqual(rows, [["mood", "1", "sad"], ["mood", "2", "it's"], ["mood", "3", "happy"]]);
});

Deno.test("pg_range joins ranges with their elements and multiranges", async () => {
  const rows = await catalog.rows(
    `SELECT r.typname, s.typname, m.typname FROM ${pg("pg_range")} AS p JOIN ${pg("pg_type")} AS r ON r.oid = p.rngtypid
     JOIN ${pg("pg_type")} AS s ON s.oid = p.rngsubtype JOIN ${
      pg("pg_type")
    } AS m ON m.oid = p.rngmultitypid ORDER BY 1`,
  );
  assert.deepEqual(rows.map((row) => row.join(" ")), [
    "daterange date datemultirange",
    "int4range int4 int4multirange",
    "int8range int8 int8multirange",
    "numrange numeric nummultirange",
    "tsrange timestamp tsmultirange",
    "tstzrange timestamptz tstzmultirange",
  ]);
});

Deno.test("pg_proc has functions that exist here, with PostgreSQL's OIDs and signatures, and no others", async () => {
  const rows = await catalog.rows(
    `SELECT oid, proname, prokind, proretset, prorettype, proargtypes, pronargs, proargmodes
     FROM ${pg("pg_proc")} WHERE proname IN ('lower', 'count', 'row_number', 'pg_read_file', 'xmlparse') ORDER BY oid`,
  );
  assert.deepEqual(rows, [
    ["870", "lower", "f", "false", "25", "[25]", "1", null],
    ["2147", "count", "a", "false", "20", "[2276]", "1", null],
    ["2803", "count", "a", "false", "20", "[]", "0", null],
    ["3100", "row_number", "w", "false", "20", "[]", "0", null],
  ]);
});

Deno.test("pg_proc has the user's macros, and not those of the session", async () => {
  const rows = await catalog.rows(
    `SELECT n.nspname, p.proname, p.proretset, p.prorettype, p.proargtypes, p.proargnames, p.prosrc
     FROM ${pg("pg_proc")} AS p JOIN ${
      pg("pg_namespace")
    } AS n ON n.oid = p.pronamespace WHERE p.oid >= 16384 ORDER BY 2`,
  );
  assert.deepEqual(rows, [
    ["public", "add_up", "false", "2276", "[2276, 2276]", "['a', 'b']", "(a + b)"],
    ["public", "series", "true", "2249", "[23]", "['a']", 'SELECT a AS "value"'],
  ]);
});

Deno.test("every aggregate of pg_proc has a row in pg_aggregate", async () => {
  const rows = await catalog.rows(
    `SELECT p.proname, a.aggkind FROM ${pg("pg_proc")} AS p LEFT JOIN ${pg("pg_aggregate")} AS a ON a.aggfnoid = p.oid
     WHERE p.prokind = 'a' AND (a.aggkind IS NULL OR a.aggkind <> 'n') ORDER BY 1`,
  );
  assert.deepEqual([...new Set(rows.map((row) => row.join(" ")))], [
    "cume_dist h",
    "dense_rank h",
    "mode o",
    "percent_rank h",
    "rank h",
  ]);
});

Deno.test("pg_operator and pg_cast speak only of types that are there", async () => {
  const types = `(SELECT oid FROM ${pg("pg_type")})`;
  assert.deepEqual(
    await catalog.rows(`SELECT oprname FROM ${pg("pg_operator")} WHERE oprright NOT IN ${types}
      OR oprresult NOT IN ${types} OR (oprleft <> 0 AND oprleft NOT IN ${types})`),
    [],
  );
  assert.deepEqual(
    await catalog.rows(
      `SELECT oid FROM ${pg("pg_cast")} WHERE castsource NOT IN ${types} OR casttarget NOT IN ${types}`,
    ),
    [],
  );
  assert.deepEqual(
    await catalog.rows(`SELECT oprname, oprleft, oprright, oprresult, oprcom, oprnegate FROM ${pg("pg_operator")}
      WHERE oid IN (96, 654)`),
    [["=", "23", "23", "16", "96", "518"], ["||", "25", "25", "25", "0", "0"]],
  );
});
