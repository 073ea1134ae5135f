import { equal } from "node:assert/strict";
import { DuckDBInstance } from "@duckdb/node-api";
import { objectOid } from "../relations/define.ts";
import { constraintOid as constraintOidSql } from "../relations/keys.ts";
import { relationOid as relationOidSql, schemaOid as schemaOidSql } from "../relations/objects.ts";
import { constraintOid, defaultOid, duckdbHash, relationOid, schemaOid } from "./object_hash.ts";

const names = ["t", "orders", "Żółć", "🦆", "a name of more than twelve bytes", "exactly8", "", "x".repeat(200)];
const literal = (name: string) => `'${name.replaceAll("'", "''")}'`;

Deno.test("OIDs of objects are those that DuckDB computes in SQL", async () => {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const valueOf = async (sql: string) => String((await connection.runAndReadAll(`SELECT ${sql}`)).getRows()[0]?.[0]);
  for (const name of names) {
    const [public_, sql] = [literal("public"), literal(name)];
    equal(String(duckdbHash(`relation/public/${name}`)), await valueOf(`hash(${literal(`relation/public/${name}`)})`));
    equal(String(relationOid("public", name)), await valueOf(relationOidSql(public_, sql)));
    equal(String(schemaOid(name)), await valueOf(schemaOidSql(sql)));
    equal(String(constraintOid("public", "t", name)), await valueOf(constraintOidSql(public_, literal("t"), sql)));
    equal(
      String(defaultOid("public", "t", name)),
      await valueOf(objectOid("default", public_, `concat('t.', ${sql})`)),
    );
  }
  equal(String(schemaOid("public")), "2200");
  connection.closeSync();
  instance.closeSync();
});
