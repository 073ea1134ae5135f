/** The audit log of a running server: what is in it, who may read it, and that nobody can change it. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { TestProject } from "../support/project.ts";
import type { List, Problem } from "../support/rest.ts";
import { eventually, programCommand, TestServer } from "../support/server.ts";
import { connect, connectionRefusal } from "../support/sql.ts";

interface Entry {
  readonly seq: number;
  readonly time: string;
  readonly actor: string;
  readonly action: string;
  readonly object_kind: string | null;
  readonly object_id: string | null;
  readonly project: string | null;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly result: string;
  readonly code: string | null;
  readonly details: Record<string, unknown>;
  readonly hash: string;
}

interface Verification {
  readonly ok: boolean;
  readonly entries: number;
  readonly findings: readonly unknown[];
}

async function entries(server: TestServer, query = ""): Promise<readonly Entry[]> {
  return (await server.rest.expect<List<Entry>>(200, "GET", `/internal/audit?limit=1000${query}`)).items;
}

const shown = (
  entry: Entry,
) => [entry.actor, entry.action, entry.object_kind, entry.object_id, entry.result, entry.code];

async function runCli(parameters: string[]): Promise<{ code: number; out: string; err: string }> {
  const { command, args } = programCommand(parameters);
  const output = await new Deno.Command(command, { args, stdin: "null" }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code: output.code, out: decode(output.stdout), err: decode(output.stderr) };
}

Deno.test("every change over REST is in the audit log before it is answered, and on stdout", async () => {
  await using server = await TestServer.start();
  const project = await TestProject.create(server.rest, "acme");
  const key = await project.rest.expect<{ id: string; key: string }>(201, "POST", `${project.path}/keys`, {
    json: { name: "viewer", role: "read" },
    headers: { "user-agent": "the test" },
  });
  await project.bucket("in.c-sales");
  await project.import("in.c-sales.orders", "id\n1\n");
  const workspace = await project.workspace();
  await project.rest.expect(200, "POST", `${project.workspacePath(workspace)}/credentials/reset`);
  await project.rest.request("POST", `${project.path}/buckets`, { json: { id: "in.c-sales" } });
  await project.rest.expect(204, "DELETE", `${project.path}/keys/${key.id}`);
  const admin = `${project.id}/first key`;
  const all = (await entries(server)).toReversed();
  deepEqual(all.filter(({ action }) => action !== "read_audit").map(shown), [
    ["admin", "create", "project", project.id, "ok", null],
    [admin, "create", "key", key.id, "ok", null],
    [admin, "create", "bucket", "in.c-sales", "ok", null],
    [admin, "import", "table", "in.c-sales.orders", "ok", null],
    [admin, "create", "workspace", workspace.id, "ok", null],
    [admin, "reset_credentials", "workspace", workspace.id, "ok", null],
    [admin, "create", "bucket", null, "failed", "conflict"],
    [admin, "delete", "key", key.id, "ok", null],
  ]);
  deepEqual(all.map(({ seq }) => seq), all.map((_, index) => index + 1));
  deepEqual([all[1]?.project, all[1]?.address, all[1]?.user_agent], [project.id, "127.0.0.1", "the test"]);
  equal(all[1]?.details["route"], "POST /projects/:project_id/keys");
  // No key, password or body is anywhere.
  const text = JSON.stringify(all);
  for (const secret of [key.key, workspace.connection.password, server.adminKey, project.rest.key ?? "?"]) {
    ok(!text.includes(secret));
  }
  for (const entry of all) {
    const line = server.logLines.find(({ event, seq }) => event === "audit" && seq === entry.seq);
    deepEqual([line?.["action"], line?.["hash"]], [entry.action, entry.hash]);
  }
});

Deno.test("refused accesses, failed logins, connections and disconnections are in the audit log, guesses as a number", async () => {
  await using server = await TestServer.start({ config: { max_connections_per_ip: 1000 } });
  const project = await TestProject.create(server.rest, "one");
  const other = await TestProject.create(server.rest, "two");
  const workspace = await project.workspace();
  equal((await server.rest.as("wrong_key_0123456789").request("GET", "/projects")).status, 401);
  equal((await project.rest.request("GET", `${other.path}/tables`)).status, 404);
  equal((await project.rest.request("POST", "/projects", { json: { name: "x" } })).status, 403);
  const { username } = workspace.connection;
  {
    await using client = await connect(workspace);
    equal(await client.value("select 1"), 1);
  }
  for (let attempt = 0; attempt < 15; attempt++) {
    equal((await connectionRefusal(workspace, { password: "wrong" })).code, "28P01");
  }
  const refused = (await entries(server, "&result=refused")).toReversed();
  deepEqual(refused.slice(0, 3).map(shown), [
    ["anonymous", "access_refused", "project", null, "refused", "unauthorized"],
    [`${project.id}/first key`, "access_refused", "table", null, "refused", "not_found"],
    [`${project.id}/first key`, "access_refused", "project", null, "refused", "forbidden"],
  ]);
  const logins = refused.filter(({ action }) => action === "login_failed");
  deepEqual(logins.map(({ actor, code, address }) => [actor, code, address]), [
    ...Array.from({ length: 10 }, () => [username, "invalid_password", "127.0.0.1"]),
  ]);
  const connected = await eventually("both ends are noted", async () => {
    const found = (await entries(server, `&actor=${username}&result=ok`)).toReversed();
    return found.length === 2 ? found : undefined;
  });
  deepEqual(connected.map(({ action, object_id, project: of }) => [action, object_id, of]), [
    ["connect", workspace.id, project.id],
    ["disconnected", workspace.id, project.id],
  ]);
  // The rest of the minute's guesses is counted when the server stops, or the minute ends.
  await server.stop();
  await server.startProcess();
  const counted = (await entries(server, "&action=login_failed")).find(({ details }) => details["count"] !== undefined);
  deepEqual([counted?.details["count"], counted?.address], [5, "127.0.0.1"]);
});

Deno.test("a project's admin key sees its own project's entries, a read key and other projects nothing", async () => {
  await using server = await TestServer.start();
  const one = await TestProject.create(server.rest, "one");
  const two = await TestProject.create(server.rest, "two");
  const reader = await one.rest.expect<{ key: string }>(201, "POST", `${one.path}/keys`, {
    json: { name: "reader", role: "read" },
  });
  const own = await one.rest.expect<List<Entry>>(200, "GET", `${one.path}/audit`);
  ok(own.items.length >= 2);
  ok(own.items.every(({ project }) => project === one.id));
  equal((await one.rest.request("GET", `${two.path}/audit`)).status, 404);
  equal((await one.rest.request("GET", "/internal/audit")).status, 403);
  equal((await one.rest.request("GET", "/internal/audit/verify")).status, 403);
  equal((await one.rest.as(reader.key).request("GET", `${one.path}/audit`)).status, 403);
  equal((await one.rest.as(reader.key).request("GET", `${one.path}/audit/export`)).status, 403);
  const foreign = await one.rest.expect<List<Entry>>(200, "GET", `${one.path}/audit?project=${two.id}`);
  ok(foreign.items.every(({ project }) => project === one.id));
});

Deno.test("filters, pages and exports give the same entries; nothing can be written or deleted", async () => {
  await using server = await TestServer.start();
  const project = await TestProject.create(server.rest, "acme");
  for (let n = 0; n < 5; n++) await project.bucket(`in.c-b${n}`);
  const all = await entries(server, "&object_kind=bucket");
  equal(all.length, 5);
  const paged: Entry[] = [];
  for (let cursor = "";;) {
    const page = await server.rest.expect<List<Entry>>(
      200,
      "GET",
      `/internal/audit?object_kind=bucket&limit=2${cursor}`,
    );
    paged.push(...page.items);
    if (page.next_cursor === null) break;
    cursor = `&cursor=${page.next_cursor}`;
  }
  deepEqual(paged, all);
  const from = all[3]!.time;
  const since = await entries(server, `&object_kind=bucket&from=${from}`);
  deepEqual(since, all.filter(({ time }) => time >= from));
  equal((await entries(server, `&object=in.c-b2&action=create`)).length, 1);

  const exportPath = "/internal/audit/export?object_kind=bucket&format=";
  const lines = (await server.rest.request("GET", `${exportPath}jsonl`)).text.trim().split("\n");
  deepEqual(lines.map((line) => JSON.parse(line)), all.toReversed());
  const csv = (await server.rest.request("GET", `${exportPath}csv`)).text.trim().split("\r\n");
  deepEqual(csv.slice(1).map((line) => Number(line.split(",")[0])), all.map(({ seq }) => seq).toReversed());
  const parquet = await server.rest.fetch("GET", `${exportPath}parquet`);
  const bytes = new Uint8Array(await parquet.arrayBuffer());
  deepEqual([parquet.headers.get("content-type"), new TextDecoder().decode(bytes.slice(0, 4))], [
    "application/vnd.apache.parquet",
    "PAR1",
  ]);

  const bad = await server.rest.request<Problem>("GET", "/internal/audit?action=nonsense&from=yesterday");
  deepEqual([bad.status, bad.body.errors?.map(({ pointer }) => pointer).sort()], [422, ["/action", "/from"]]);
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    equal((await server.rest.request(method, "/internal/audit")).status, 405);
    equal((await server.rest.request(method, `${project.path}/audit`)).status, 405);
  }
});

Deno.test("eider audit verify: asks a running server, reads a stopped one's files, and names what was tampered with", async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "eider_e2e_" });
  try {
    await using server = await TestServer.start({ dataDir });
    for (let n = 0; n < 3; n++) await TestProject.create(server.rest, "p");
    const running = await server.rest.expect<Verification>(200, "GET", "/internal/audit/verify");
    deepEqual([running.ok, running.findings], [true, []]);
    // The server's address and a key stand in its data folder.
    const place = ["--data-dir", dataDir];
    const asked = await runCli(["audit", "verify", ...place]);
    deepEqual([asked.code, /^ok: nothing is missing/m.test(asked.out)], [0, true], asked.out + asked.err);
    const known = server.logLines.find(({ event, seq }) => event === "audit" && seq === 2);
    await server.kill();
    const read = await runCli(["audit", "verify", ...place, "--expect", `2:${known?.["hash"]}`]);
    deepEqual([read.code, /^ok: nothing is missing/m.test(read.out)], [0, true], read.out + read.err);
    const forged = await runCli(["audit", "verify", ...place, "--expect", `2:${"0".repeat(64)}`]);
    deepEqual([forged.code, /^altered: entry 2 has the hash/m.test(forged.out)], [1, true], forged.out + forged.err);
    await Deno.remove(
      `${dataDir}/audit/${[...Deno.readDirSync(`${dataDir}/audit`)].map(({ name }) => name).sort()[0]}`,
    );
    const damaged = await runCli(["audit", "verify", ...place]);
    deepEqual([damaged.code, /^missing: entries 1 to \d+ are missing$/m.test(damaged.out)], [1, true], damaged.out);
    const wrong = await runCli(["audit", "verify", ...place, "--expect", "nonsense"]);
    deepEqual([wrong.code, wrong.err.includes("--expect nonsense: accepted is")], [2, true], wrong.err);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
