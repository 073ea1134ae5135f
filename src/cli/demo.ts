/**
 * `eider demo`: the server on a data folder of its own, with a project to try. The first start imports the demo's
 * files through the REST API, as any client would; a later one finds them there. Then it prints what to paste.
 */
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import type { Config } from "../config/config.ts";
import { createLogger, type Logger } from "../observability/log.ts";
import { demoBuckets, type DemoTable, demoTables, writeCsvFile } from "./demo_data.ts";
import { DemoClient } from "./demo_client.ts";
import { type RunningServer, serve } from "./serve.ts";

const projectId = "demo";
const workspaceName = "demo";
const keyName = "demo";

/** Takes one line of what the demo tells. */
type Tell = (line: string) => void;

/**
 * Serves the demo until a signal and gives the exit code. With the default data folder it keeps to `data/demo`, beside
 * whatever else is in `data`.
 */
export async function runDemo(
  config: Config,
  logger: Logger,
  tell: Tell = (line) => console.log(line),
): Promise<number> {
  const demoConfig: Config = {
    ...config,
    dataDir: config.dataDir === path.resolve("data") ? path.resolve("data", "demo") : config.dataDir,
    // The demo must know the key to import through REST; one that nobody configured is made anew at each start.
    adminKey: config.adminKey ??
      `eider_${crypto.getRandomValues(new Uint8Array(32)).toBase64({ alphabet: "base64url" })}`,
  };
  return await serve(demoConfig, quieter(config, logger), (server) => prepare(demoConfig, server, tell));
}

/** People read the demo's output: only what is wrong is logged, unless the configuration asks for more. */
function quieter(config: Config, logger: Logger): Logger {
  if (config.logLevel !== "info") return logger;
  return createLogger({
    level: "warn",
    format: "pretty",
    color: Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR"),
  });
}

async function prepare(config: Config, server: RunningServer, tell: Tell): Promise<void> {
  const baseUrl = `http://${reachableHost(config.httpHost)}:${server.httpPort}`;
  const client = new DemoClient(baseUrl, config.adminKey ?? "");
  tell(`Eider demo in ${path.relative(Deno.cwd(), config.dataDir) || "."}`);
  await importData(client, config.dataDir, tell);
  const { psqlCommand, pgTls } = await openWorkspace(client, config);
  const apiKey = await freshKey(client);
  const rowCount = demoTables.reduce((sum, table) => sum + table.rowCount, 0);
  tell("");
  tell(
    `Project "${projectId}": ${demoTables.length} tables in ${demoBuckets.length} buckets, ` +
      `${rowCount.toLocaleString("en-US")} rows.`,
  );
  tell("");
  tell(`SQL${pgTls ? ", over TLS" : ""}, in a workspace of your own:`);
  tell(`  ${psqlCommand}`);
  tell("A query to begin with:");
  tell(
    "  SELECT category, sum(total_eur) FROM in_c_shop.orders JOIN in_c_shop.products USING (product_id) GROUP BY 1;",
  );
  tell("REST:");
  tell(`  curl -H "Authorization: Bearer ${apiKey}" ${baseUrl}/projects/${projectId}/tables`);
  tell("In the browser, with the same key:");
  tell(`  ${baseUrl}/console/`);
  tell("");
  tell("Ctrl-C ends it; the next start finds everything as you left it.");
}

/** An address that this machine can connect to, for one to listen on. */
function reachableHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

async function importData(client: DemoClient, dataDir: string, tell: Tell): Promise<void> {
  if (!await client.exists(`/projects/${projectId}`)) {
    await client.post("/projects", { id: projectId, name: "Demo: an outdoor shop" });
  }
  for (const bucket of demoBuckets) {
    if (await client.exists(`/projects/${projectId}/buckets/${bucket.id}`)) continue;
    await client.post(`/projects/${projectId}/buckets`, bucket);
  }
  for (const table of demoTables) await importTable(client, table, dataDir, tell);
}

/** Does nothing when the table has its rows already. */
async function importTable(client: DemoClient, table: DemoTable, dataDir: string, tell: Tell): Promise<void> {
  const tableId = `${table.bucketId}.${table.name}`;
  const url = `/projects/${projectId}/tables/${tableId}`;
  const existing = await client.find<{ rows: number }>(url);
  if (existing !== null && existing.rows > 0) return;
  if (existing === null) {
    await client.post(`/projects/${projectId}/tables`, {
      bucket_id: table.bucketId,
      name: table.name,
      columns: table.columns.map((column) => ({ ...column, nullable: !table.primaryKey.includes(column.name) })),
      primary_key: table.primaryKey,
    });
  }
  const startedAtMs = performance.now();
  if (table.fileName !== null) {
    await client.upload(`${url}/import?mode=full&format=${table.format}`, embeddedFile(table.fileName));
  } else {
    const generated = path.join(dataDir, `${table.name}.${table.format}`);
    try {
      await writeCsvFile(table, generated);
      await client.upload(`${url}/import?mode=full&format=${table.format}`, generated);
    } finally {
      await Deno.remove(generated).catch(() => {});
    }
  }
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  const source = table.fileName === null ? "generated" : `demo/${table.fileName}`;
  tell(
    `  imported ${tableId.padEnd(28)} ${
      table.rowCount.toLocaleString("en-US").padStart(9)
    } rows  ${seconds} s  ${source}`,
  );
}

function embeddedFile(fileName: string): string {
  return fileURLToPath(new URL(`../../demo/${fileName}`, import.meta.url));
}

interface WorkspaceSummary {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

interface Connection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  readonly ssl_mode: string;
}

/** The demo's workspace with a new password; a new workspace when there is none or its time is over. */
async function openWorkspace(client: DemoClient, config: Config): Promise<{ psqlCommand: string; pgTls: boolean }> {
  const url = `/projects/${projectId}/workspaces`;
  const workspaces = await client.list<WorkspaceSummary>(url);
  const active = workspaces.find(({ name, status }) => name === workspaceName && status === "active");
  for (const { id } of workspaces.filter(({ name, status }) => name === workspaceName && status !== "active")) {
    await client.delete(`${url}/${id}`);
  }
  const { connection } = active === undefined
    ? await client.post<{ connection: Connection }>(url, {
      name: workspaceName,
      ttl_hours: config.workspaceMaxTtlHours,
    })
    : await client.post<{ connection: Connection }>(`${url}/${active.id}/credentials/reset`);
  const { host, port, username, database, password, ssl_mode } = connection;
  return {
    psqlCommand: `PGPASSWORD=${password} psql ` +
      `"host=${host} port=${port} user=${username} dbname=${database} sslmode=${ssl_mode}"`,
    pgTls: ssl_mode !== "disable",
  };
}

/** A project key for this run; that of the run before is deleted, as keys are shown only once. */
async function freshKey(client: DemoClient): Promise<string> {
  const url = `/projects/${projectId}/keys`;
  const old = (await client.list<{ id: string; name: string }>(url)).filter(({ name }) => name === keyName);
  const { key } = await client.post<{ key: string }>(url, { name: keyName, role: "admin" });
  for (const { id } of old) await client.delete(`${url}/${id}`);
  return key;
}
