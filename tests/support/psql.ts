/** Debian's psql against a workspace. */
import type { WorkspaceAnswer } from "./rest.ts";

export interface PsqlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PsqlOptions {
  /** Connection settings over those of the workspace: `{ sslmode: "verify-full", sslrootcert: path }`. */
  readonly connection?: Readonly<Record<string, string>>;
  /** The script; by default nothing is read. */
  readonly stdin?: string;
  readonly parameters?: readonly string[];
}

/** Runs psql without a start-up file; `parameters` such as `["-c", "select 1"]`. Output is unaligned, without headers. */
export async function psql(workspace: WorkspaceAnswer, options: PsqlOptions): Promise<PsqlResult> {
  const { port, database, username, password } = workspace.connection;
  const settings: Record<string, string> = {
    host: "127.0.0.1",
    port: String(port),
    dbname: database,
    user: username,
    sslmode: "require",
    connect_timeout: "30",
    ...options.connection,
  };
  const conninfo = Object.entries(settings).map(([name, value]) => `${name}='${value}'`).join(" ");
  const child = new Deno.Command("psql", {
    args: ["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose", ...options.parameters ?? [], conninfo],
    env: { PGPASSWORD: settings["password"] ?? password, LC_ALL: "C.UTF-8" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(options.stdin ?? "")).catch(() => {});
  await writer.close().catch(() => {});
  const output = await child.output();
  const decoder = new TextDecoder();
  return { code: output.code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}
