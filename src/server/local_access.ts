/**
 * How a command line on the same machine reaches this server: `server.json` in the data folder, for this user only. Who can
 * read it can read the data anyway. The key in it is an administrator's, made at each start and gone with it.
 */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { hashKey } from "../http/auth.ts";

export const localAccessFileName = "server.json";

export interface LocalAccess {
  readonly process_id: number;
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string;
  readonly key: string;
}

export function makeLocalKey(): { readonly key: string; readonly hash: string } {
  const key = `local_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url")}`;
  return { key, hash: hashKey(key) };
}

/** Writes the file; gives a function that removes it. */
export async function offerLocalAccess(
  dataDirectory: string,
  httpHost: string,
  httpPort: number,
  key: string,
): Promise<() => Promise<void>> {
  const path = join(dataDirectory, localAccessFileName);
  const access: LocalAccess = { process_id: Deno.pid, url: `http://${reachable(httpHost)}:${httpPort}`, key };
  const temporary = `${path}.${Deno.pid}`;
  await Deno.writeTextFile(temporary, JSON.stringify(access) + "\n", { mode: 0o600 });
  await Deno.rename(temporary, path);
  return () => Deno.remove(path).catch(() => {});
}

/** An address that listens everywhere is reached over the loopback. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}
