/** The front with clients that others wrote: psql (libpq) and the npm package `pg`. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { generateSelfSignedCertificate } from "../certificate_generator.ts";
import { expiredUser, startTestFront, testDatabase, type TestFront, testPassword, testUser } from "./front_testing.ts";

const psqlInstalled = await isInstalled("psql");

async function isInstalled(program: string): Promise<boolean> {
  try {
    await new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch {
    return false;
  }
}

interface PsqlResult {
  readonly code: number;
  readonly output: string;
  readonly error: string;
}

async function psql(
  server: TestFront,
  parameters: Readonly<Record<string, string>>,
  password: string = testPassword,
  statement = "select 1",
): Promise<PsqlResult> {
  const all = {
    host: "localhost",
    hostaddr: "127.0.0.1",
    port: String(server.port),
    user: testUser,
    dbname: testDatabase,
    gssencmode: "disable",
    ...parameters,
  };
  const info = Object.entries(all).map(([name, value]) => `${name}='${value}'`).join(" ");
  const { code, stdout, stderr } = await new Deno.Command("psql", {
    args: ["-X", "-A", "-t", "-w", "-c", statement, info],
    env: { PGPASSWORD: password, PGCONNECT_TIMEOUT: "10" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, output: text(stdout), error: text(stderr) };
}

function psqlTest(name: string, fn: () => Promise<void>): void {
  const reason = psqlInstalled ? "" : " (skipped: psql not installed)";
  Deno.test({ name: `psql: ${name}${reason}`, ignore: !psqlInstalled, fn });
}

psqlTest("connects with every sslmode, verify-full included", async () => {
  await using server = await startTestFront();
  const sslrootcert = server.certificatePath;
  const modes: [Record<string, string>, boolean][] = [
    [{ sslmode: "disable" }, false],
    [{ sslmode: "allow" }, false],
    [{ sslmode: "prefer" }, true],
    [{ sslmode: "require" }, true],
    [{ sslmode: "verify-ca", sslrootcert }, true],
    [{ sslmode: "verify-full", sslrootcert }, true],
  ];
  for (const [parameters, tls] of modes) {
    assert.deepEqual(await psql(server, parameters), { code: 0, output: "1", error: "" }, parameters["sslmode"] ?? "");
    assert.equal(server.worker.headers.at(-1)?.tls, tls);
  }
});

const certificateTools = psqlInstalled && await isInstalled("openssl");

Deno.test({
  name: "psql: verify-full works with the authority and certificate of scripts/generate_certs.sh, also renewed" +
    (certificateTools ? "" : " (skipped: psql or openssl not installed)"),
  ignore: !certificateTools,
  async fn() {
    const directory = await Deno.makeTempDir({ prefix: "eider_generated_" });
    const generate = async () => {
      const script = new URL("../../../scripts/generate_certs.sh", import.meta.url);
      const { code, stderr } = await new Deno.Command("sh", { args: [fileURLToPath(script), directory] }).output();
      assert.equal(code, 0, new TextDecoder().decode(stderr));
    };
    try {
      await generate();
      const sslrootcert = `${directory}/ca.crt`;
      await using server = await startTestFront({ certificateDirectory: directory });
      const parameters = { sslmode: "verify-full", sslrootcert, channel_binding: "require" };
      assert.deepEqual(await psql(server, parameters), { code: 0, output: "1", error: "" });
      await generate();
      server.nowMs += 1000;
      assert.deepEqual(await psql(server, parameters), { code: 0, output: "1", error: "" });
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  },
});

psqlTest("verify-full refuses a certificate of another root", async () => {
  await using server = await startTestFront();
  const other = await generateSelfSignedCertificate({
    commonName: "other",
    names: ["localhost"],
    notBefore: new Date(Date.now() - 60_000),
    notAfter: new Date(Date.now() + 3_600_000),
  });
  const sslrootcert = `${server.certificatePath}.other`;
  writeFileSync(sslrootcert, other.certificatePem);
  const result = await psql(server, { sslmode: "verify-full", sslrootcert });
  assert.equal(result.code, 2);
  assert.match(result.error, /certificate verify failed/);
});

psqlTest("channel_binding=require works over TLS and fails without it", async () => {
  await using server = await startTestFront();
  const bound = await psql(server, { sslmode: "require", channel_binding: "require" });
  assert.deepEqual(bound, { code: 0, output: "1", error: "" });
  const plain = await psql(server, { sslmode: "disable", channel_binding: "require" });
  assert.match(plain.error, /channel binding/);
  const unbound = await psql(server, { sslmode: "require", channel_binding: "disable" });
  assert.equal(unbound.code, 0);
});

psqlTest("shows the server's refusals", async () => {
  await using server = await startTestFront();
  const cases: [Record<string, string>, string, RegExp][] = [
    [{}, "wrong", /FATAL: {2}password authentication failed for user "ws_a1_user"/],
    [{ user: "nobody" }, testPassword, /FATAL: {2}password authentication failed for user "nobody"/],
    [{ dbname: "elsewhere" }, testPassword, /FATAL: {2}database "elsewhere" does not exist/],
    [{ user: expiredUser }, testPassword, /FATAL: {2}workspace expired/],
  ];
  for (const [parameters, password, message] of cases) {
    for (const sslmode of ["disable", "require"]) {
      const result = await psql(server, { ...parameters, sslmode }, password);
      assert.equal(result.code, 2);
      assert.match(result.error, message);
    }
  }
});

psqlTest("is told that TLS is required, and uses it by itself with sslmode=prefer", async () => {
  await using server = await startTestFront({ tls: "require" });
  const refused = await psql(server, { sslmode: "disable" });
  assert.match(refused.error, /FATAL: {2}connection without TLS refused: this server requires TLS/);
  assert.match(refused.error, /HINT: {2}Connect with sslmode=require/);
  assert.equal((await psql(server, { sslmode: "prefer" })).code, 0);
});

psqlTest("falls back to a plain connection where TLS is disabled, and says so with sslmode=require", async () => {
  await using server = await startTestFront({ tls: "disable" });
  assert.equal((await psql(server, { sslmode: "prefer" })).code, 0);
  assert.match((await psql(server, { sslmode: "require" })).error, /server does not support SSL/);
});

psqlTest("reads the connection limit through TLS", async () => {
  await using server = await startTestFront({ connectionsMax: 0 });
  const result = await psql(server, { sslmode: "require" });
  assert.match(result.error, /FATAL: {2}sorry, too many clients already: max_connections_total is 0/);
});

psqlTest("an interrupted statement is cancelled through CancelRequest", async () => {
  await using server = await startTestFront();
  const info = `host=127.0.0.1 port=${server.port} user=${testUser} dbname=${testDatabase} sslmode=require`;
  const child = new Deno.Command("psql", {
    args: ["-X", "-w", "-c", "hang", info],
    env: { PGPASSWORD: testPassword },
    stdout: "null",
    stderr: "piped",
  }).spawn();
  await server.until(() => server.worker.received.includes("hang"));
  child.kill("SIGINT");
  const { stderr } = await child.output();
  assert.match(new TextDecoder().decode(stderr), /canceling statement due to user request/);
  assert.deepEqual(server.cancelled, ["ws_a1/pgs_1"]);
});

type PgOptions = pg.ClientConfig & { enableChannelBinding?: boolean };

function pgClient(server: TestFront, options: PgOptions = {}): pg.Client {
  const config: PgOptions = {
    host: "localhost",
    port: server.port,
    user: testUser,
    password: testPassword,
    database: testDatabase,
    ...options,
  };
  const client = new pg.Client(config);
  client.on("error", () => {});
  return client;
}

Deno.test("pg: connects plain, over verified TLS, and with channel binding", async () => {
  await using server = await startTestFront();
  const ca = server.certificatePem;
  for (const options of [{}, { ssl: { ca } }, { ssl: { ca }, enableChannelBinding: true }]) {
    const client = pgClient(server, options);
    await client.connect();
    assert.deepEqual((await client.query("select 1")).rows, [{ "?column?": "1" }]);
    await client.end();
    assert.equal(server.worker.headers.at(-1)?.tls, "ssl" in options);
  }
});

Deno.test("pg: a wrong password, an expired workspace and a foreign database have their codes", async () => {
  await using server = await startTestFront();
  const cases: [PgOptions, string][] = [
    [{ password: "wrong" }, "28P01"],
    [{ user: expiredUser, database: "" }, "28000"],
    [{ database: "elsewhere" }, "3D000"],
    [{ ssl: { ca: server.certificatePem }, password: "wrong" }, "28P01"],
  ];
  for (const [options, code] of cases) {
    const client = pgClient(server, options);
    await assert.rejects(client.connect(), { code });
    await client.end();
  }
});

Deno.test("pg: fifty clients connect at once over TLS and read their rows", async () => {
  await using server = await startTestFront();
  const clients = Array.from({ length: 50 }, () => pgClient(server, { ssl: { ca: server.certificatePem } }));
  await Promise.all(clients.map(async (client) => {
    await client.connect();
    assert.equal((await client.query("rows 1000")).rows.length, 1000);
    await client.end();
  }));
  await server.until(() => server.closedSessions.length === 50);
  assert.deepEqual(new Set(server.closedSessions.map(({ reason }) => reason)), new Set(["terminated"]));
});
