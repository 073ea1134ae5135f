/**
 * The executable as a server: an ordinary user, nothing in the environment but HOME, no Deno and no Node to be found. Its
 * workers are itself, signals reach it, and nothing stays behind.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import { TestProject } from "../support/project.ts";
import { Rest } from "../support/rest.ts";
import { childProcessIds, configFlags, eventually, isProcessRunning } from "../support/server.ts";
import { connect } from "../support/sql.ts";
import { isSelfExtracting, makePlace, type Place, userId } from "./executable.ts";

const adminKey = "test_admin_key_0123456789_0123456789";

interface RunningServer {
  readonly process: Deno.ChildProcess;
  readonly rest: Rest;
  readonly httpPort: number;
  /** What it has logged, to its end. */
  readonly log: Promise<string>;
}

/** Starts it on free ports, with its data in the user's home. */
async function serve(place: Place, config: Readonly<Record<string, string | number>> = {}): Promise<RunningServer> {
  const flags = configFlags({
    data_dir: join(place.home, "da ta"),
    http_port: 0,
    pg_port: 0,
    admin_key: adminKey,
    spare_workers: 0,
    workspace_default_memory_limit: "256MB",
    ...config,
  });
  const process = place.start(["serve", ...flags]);
  const listening = Promise.withResolvers<number>();
  const errors = new Response(process.stderr).text();
  const log = (async () => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of process.stdout) {
      text += decoder.decode(chunk, { stream: true });
      const port = /"message":"listening".*?"http_port":(\d+)/.exec(text)?.[1];
      if (port !== undefined) listening.resolve(Number(port));
    }
    text += await errors;
    listening.reject(new Error(`the server ended: ${text}`));
    return text;
  })();
  const httpPort = await listening.promise;
  return { process, rest: new Rest(`http://127.0.0.1:${httpPort}`, adminKey), httpPort, log };
}

async function stop(server: RunningServer, signal: Deno.Signal = "SIGTERM"): Promise<string> {
  server.process.kill(signal);
  const { code } = await server.process.status;
  const log = await server.log;
  equal(code, 0, log);
  return log;
}

const linkOf = (processId: number) => Deno.readLinkSync(`/proc/${processId}/exe`);

Deno.test("a server in an empty environment answers SQL through a worker that is the same program", async () => {
  await using place = await makePlace();
  const server = await serve(place);
  try {
    const project = await TestProject.withSales(server.rest);
    const workspace = await project.workspace();
    await using client = await connect(workspace);
    equal(await client.value("SELECT count(*) FROM in_c_sales.orders"), "100");
    const workers = childProcessIds(server.process.pid);
    ok(workers.length > 0);
    for (const processId of [server.process.pid, ...workers]) {
      if (isSelfExtracting()) ok(linkOf(processId).startsWith(`${place.cache}/`), linkOf(processId));
      equal(linkOf(processId), linkOf(server.process.pid));
      equal(Deno.readTextFileSync(`/proc/${processId}/comm`), "eider\n");
      match(Deno.readTextFileSync(`/proc/${processId}/status`), new RegExp(`^Uid:\\s+${userId}\\s`, "m"));
    }
    const health = await place.run(["healthcheck", `--http-port=${server.httpPort}`]);
    deepEqual([health.code, health.err], [0, ""]);
  } finally {
    await stop(server);
  }
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal} to the process that was started ends the server in order, and its workers`, async () => {
    await using place = await makePlace();
    const server = await serve(place, { spare_workers: 1 });
    const workers = await eventually("a spare worker runs", () => {
      const ids = childProcessIds(server.process.pid);
      return ids.length > 0 && ids;
    });
    const log = await stop(server, signal);
    match(log, new RegExp(`"message":"stopping","signal":"${signal}"[^]*"message":"stopped"`));
    deepEqual(workers.filter(isProcessRunning), []);
  });
}

Deno.test("a server that is killed leaves no worker, and the next start finds its data", async () => {
  await using place = await makePlace();
  const first = await serve(place, { spare_workers: 1 });
  await TestProject.create(first.rest, "kept");
  const workers = await eventually("a spare worker runs", () => {
    const ids = childProcessIds(first.process.pid);
    return ids.length > 0 && ids;
  });
  first.process.kill("SIGKILL");
  equal((await first.process.status).signal, "SIGKILL");
  await eventually("its workers are gone", () => !workers.some(isProcessRunning));
  await first.log;
  const second = await serve(place);
  const { items } = await second.rest.expect<{ items: unknown[] }>(200, "GET", "/projects");
  equal(items.length, 1);
  await stop(second);
});
