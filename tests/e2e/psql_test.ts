import { equal, match, notEqual } from "node:assert/strict";
import { certificatePathOf } from "../support/certificate.ts";
import { testWith } from "../support/claim.ts";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { psql } from "../support/psql.ts";
import { sharedServer } from "../support/server.ts";

const server = sharedServer();
const workspaceOf = once(async () => await (await TestProject.withSales(server.current.rest)).workspace());

testWith(["psql"], "psql connects with sslmode=require and reads a project table", async () => {
  const result = await psql(await workspaceOf(), {
    parameters: ["-c", "SELECT name, city FROM in_c_sales.customers ORDER BY id"],
  });
  equal(result.stderr, "");
  equal(result.stdout, "Ada|Praha\nBožena|Brno\nČeněk|Praha\nDvořák, Jan|Ostrava\n");
  equal(result.code, 0);
});

testWith(["psql"], "psql connects with sslmode=disable", async () => {
  const result = await psql(await workspaceOf(), {
    connection: { sslmode: "disable" },
    parameters: ["-c", "SELECT 1"],
  });
  equal(result.stdout, "1\n");
});

testWith(["psql"], "psql connects with sslmode=verify-full and the server's certificate as root", async () => {
  const result = await psql(await workspaceOf(), {
    connection: {
      host: "localhost",
      hostaddr: "127.0.0.1",
      sslmode: "verify-full",
      sslrootcert: await certificatePathOf(server.current),
    },
    parameters: ["-c", "SELECT 'verified'"],
  });
  equal(result.stderr, "");
  equal(result.stdout, "verified\n");
});

testWith(["psql"], "psql with channel_binding=require authenticates by SCRAM-SHA-256-PLUS", async () => {
  const result = await psql(await workspaceOf(), {
    connection: { channel_binding: "require" },
    parameters: ["-c", "SELECT 1"],
  });
  equal(result.stderr, "");
  equal(result.stdout, "1\n");
});

testWith(["psql"], "psql's verify-full refuses a certificate that its root did not sign", async () => {
  const other = await Deno.makeTempFile({ suffix: ".pem" });
  try {
    await Deno.writeTextFile(other, "");
    const result = await psql(await workspaceOf(), {
      connection: { host: "localhost", hostaddr: "127.0.0.1", sslmode: "verify-full", sslrootcert: other },
    });
    notEqual(result.code, 0);
  } finally {
    await Deno.remove(other);
  }
});

testWith(["psql"], "psql with a wrong password is told so", async () => {
  const result = await psql(await workspaceOf(), { connection: { password: "wrong" }, parameters: ["-c", "SELECT 1"] });
  equal(result.code, 2);
  match(result.stderr, /password authentication failed/);
});

testWith(["psql"], "psql runs a script with statements of every kind", async () => {
  const result = await psql(await workspaceOf(), {
    stdin: `
      CREATE TABLE script (id integer, name varchar);
      INSERT INTO script SELECT range, 'n' || range FROM range(10);
      BEGIN;
      DELETE FROM script WHERE id >= 5;
      ROLLBACK;
      UPDATE script SET name = upper(name) WHERE id < 2;
      SELECT count(*), max(name) FROM script;
      \\echo done
      DROP TABLE script;
    `,
  });
  equal(result.stderr, "");
  equal(
    result.stdout,
    "CREATE TABLE\nINSERT 0 10\nBEGIN\nDELETE 5\nROLLBACK\nUPDATE 2\n10|n9\ndone\nDROP TABLE\n",
  );
});

testWith(["psql"], "psql shows SQLSTATE and position of an error", async () => {
  const result = await psql(await workspaceOf(), { parameters: ["-c", "SELECT 1 FROM WHERE"] });
  equal(result.code, 1);
  match(result.stderr, /ERROR: {2}42601: /);
  match(result.stderr, /LINE 1: SELECT 1 FROM WHERE/);
});

testWith(["psql"], "psql fetches in batches with FETCH_COUNT and shows every row", async () => {
  const result = await psql(await workspaceOf(), {
    stdin: "\\set FETCH_COUNT 100\nSELECT range FROM range(1234) ORDER BY range;\n",
  });
  equal(result.stderr, "");
  equal(result.stdout, Array.from({ length: 1234 }, (_, index) => `${index}\n`).join(""));
});
