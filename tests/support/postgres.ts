/**
 * A real PostgreSQL beside ours, from Debian's binaries: a data folder and a port of its own, settings as shipped except for
 * trust authentication. Gone with its data at the end of the scope (`await using`).
 */
import { basename } from "node:path";
import pg from "pg";
import { childProcessIds } from "./server.ts";

/** Debian's postgresql-common keeps each major version in a folder of its own. */
const installRoot = "/usr/lib/postgresql";
const startTimeoutMs = 30_000;
const superuser = "reference";

export interface PostgresTarget {
  readonly hostname: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

export class Postgres {
  readonly version: string;
  readonly target: PostgresTarget;
  readonly #folder: string;
  readonly #child: Deno.ChildProcess;
  readonly #binaries: string;

  private constructor(binaries: string, version: string, port: number, folder: string, child: Deno.ChildProcess) {
    this.#binaries = binaries;
    this.version = version;
    this.target = { hostname: "127.0.0.1", port, user: superuser, database: "postgres" };
    this.#folder = folder;
    this.#child = child;
  }

  /** null when it is not installed. */
  static async start(): Promise<Postgres | null> {
    const binaries = findBinaries();
    if (binaries === null) return null;
    const folder = await Deno.makeTempDir({ prefix: "eider_reference_pg_" });
    try {
      const data = `${folder}/data`;
      const user = await serviceUser();
      if (user !== null) await Deno.chown(folder, user.userId, user.groupId);
      const initdb = command(
        user,
        `${binaries}/initdb`,
        ["-D", data, "-U", superuser, "-A", "trust", "--no-sync"],
        folder,
      );
      const made = await initdb.output();
      if (!made.success) throw new Error(`initdb: ${new TextDecoder().decode(made.stderr)}`);
      const port = freePort();
      const options = ["-D", data, "-p", String(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"];
      const child = command(user, `${binaries}/postgres`, options, folder, "null").spawn();
      const version = new TextDecoder().decode(
        (await new Deno.Command(`${binaries}/postgres`, { args: ["-V"] }).output()).stdout,
      );
      const postgres = new Postgres(binaries, version.replace(/^.*?(\d[\d.]*).*$/s, "$1"), port, folder, child);
      await postgres.#ready();
      return postgres;
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  /** The server process and its sessions. */
  get processIds(): number[] {
    return [this.#child.pid, ...childProcessIds(this.#child.pid)];
  }

  /** Runs SQL and psql's own commands. */
  async psql(...commands: readonly string[]): Promise<void> {
    const { hostname, port, user, database } = this.target;
    const args = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", hostname, "-p", String(port), "-U", user, "-d", database];
    const run = new Deno.Command(`${this.#binaries}/psql`, {
      args: [...args, ...commands.flatMap((text) => ["-c", text])],
    });
    const { success, stderr } = await run.output();
    if (!success) throw new Error(`psql: ${new TextDecoder().decode(stderr)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGINT"); // fast shutdown
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #ready(): Promise<void> {
    const deadlineMs = performance.now() + startTimeoutMs;
    for (;;) {
      try {
        const client = new pg.Client({ ...this.target, host: this.target.hostname });
        await client.connect();
        return await client.end();
      } catch (error) {
        if (performance.now() > deadlineMs) throw new Error("PostgreSQL does not answer", { cause: error });
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
}

/** The folder of the newest major version that has a server. */
export function findBinaries(): string | null {
  try {
    const versions = [...Deno.readDirSync(installRoot)].map((entry) => basename(entry.name))
      .filter((name) => exists(`${installRoot}/${name}/bin/initdb`))
      .sort((left, right) => Number(right) - Number(left));
    return versions[0] === undefined ? null : `${installRoot}/${versions[0]}/bin`;
  } catch {
    return null;
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

interface ServiceUser {
  readonly userId: number;
  readonly groupId: number;
}

/** PostgreSQL refuses to run as root: then it runs as the user that its package has made. */
async function serviceUser(): Promise<ServiceUser | null> {
  if (Deno.uid() !== 0) return null;
  const id = async (flag: string) => {
    const { success, stdout } = await new Deno.Command("id", { args: [flag, "postgres"] }).output();
    if (!success) throw new Error("PostgreSQL cannot run as root, and there is no user postgres");
    return Number(new TextDecoder().decode(stdout));
  };
  return { userId: await id("-u"), groupId: await id("-g") };
}

function command(
  user: ServiceUser | null,
  executable: string,
  args: readonly string[],
  folder: string,
  stderr: "piped" | "null" = "piped",
): Deno.Command {
  const options = { cwd: folder, stdin: "null", stdout: "null", stderr } as const;
  if (user === null) return new Deno.Command(executable, { ...options, args: [...args] });
  const identity = [`--reuid=${user.userId}`, `--regid=${user.groupId}`, "--clear-groups"];
  return new Deno.Command("setpriv", { ...options, args: [...identity, executable, ...args] });
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
