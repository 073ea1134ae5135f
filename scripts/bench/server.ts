/** The real server for a benchmark: as it is shipped, but for ports, the key and limits that would stop a measurement. */
import { TestServer } from "../../tests/support/server.ts";
import type { WorkspaceAnswer } from "../../tests/support/rest.ts";
import type { RawTarget } from "./raw_client.ts";

export type ServerConfig = Readonly<Record<string, string | number | boolean>>;

/** The helper starts servers with small limits for tests; these are the product's own. */
const shippedDefaults: ServerConfig = {
  workspace_default_memory_limit: "4GB",
  worker_idle_seconds: 300,
  spare_workers: 1,
  max_workspaces_per_project: 10,
};

/** Dispose it with `await using`; its data go with it. */
export function startServer(config: ServerConfig = {}): Promise<TestServer> {
  return TestServer.start({ config: { ...shippedDefaults, ...config } });
}

/** The server again, on the same data with another configuration. */
export async function restartServer(server: TestServer, config: ServerConfig): Promise<void> {
  await server.stop();
  await server.startProcess({ ...shippedDefaults, ...config });
}

/** A workspace through the server's port, plain TCP. */
export function targetOf(server: TestServer, workspace: WorkspaceAnswer): RawTarget {
  const { username, password, database } = workspace.connection;
  return { hostname: "127.0.0.1", port: server.pgPort, user: username, password, database };
}

/** The process id of a workspace's worker, from the log. */
export async function workerProcessId(server: TestServer, workspaceId: string): Promise<number> {
  const line = await server.waitForLog((line) =>
    line.message === "worker started" && line["workspace_id"] === workspaceId
  );
  return Number(line["worker_pid"]);
}

/** A gauge or counter without labels, or the sum over all of its labels; 0 when there is none. */
export async function metricValue(server: TestServer, name: string): Promise<number> {
  const text = await (await fetch(`${server.baseUrl}/metrics`)).text();
  let sum = 0;
  for (const line of text.split("\n")) {
    if (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) sum += Number(line.slice(line.lastIndexOf(" ")));
  }
  return sum;
}
