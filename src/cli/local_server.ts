/** The server that runs on a data folder of this machine, as another command line of the same user reaches it. */
import * as path from "node:path";
import { z } from "zod";
import { AppError } from "../errors/app_error.ts";
import { localAccessFileName } from "../server/local_access.ts";

export interface LocalServer {
  /** Holds new writes to the metadata (`metadata`) or to a workspace (its id) for at most this long. */
  holdWrites(target: string, timeMs: number): Promise<void>;
  releaseWrites(target: string): Promise<void>;
}

/** Where a server of this folder can be reached, and an administrator's key for it. */
export interface LocalAddress {
  readonly url: string;
  readonly key: string;
}

const accessSchema = z.object({ url: z.url(), key: z.string() });
const answerTimeoutMs = 10_000;

/** Null when no server has left its address in the folder, or the one that did is gone. */
export async function findLocalAddress(dataDir: string): Promise<LocalAddress | null> {
  const text = await Deno.readTextFile(path.join(dataDir, localAccessFileName)).catch(() => null);
  if (text === null) return null;
  const access = accessSchema.safeParse(JSON.parse(text)).data;
  if (access === undefined) return null;
  const live = await fetch(`${access.url}/live`, { signal: AbortSignal.timeout(answerTimeoutMs) })
    .then(async (response) => (await response.body?.cancel(), response.ok), () => false);
  return live ? access : null;
}

/** Null when no server of this folder runs. */
export async function findLocalServer(dataDir: string): Promise<LocalServer | null> {
  const access = await findLocalAddress(dataDir);
  if (access === null) return null;
  const post = async (route: string, body: unknown) => {
    const response = await fetch(`${access.url}/internal/backup/${route}`, {
      method: "POST",
      headers: { authorization: `Bearer ${access.key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(answerTimeoutMs),
    });
    const answer = await response.text();
    if (!response.ok) {
      throw new AppError("io_error", `backup: the server refused ${route}: ${response.status} ${answer}`);
    }
  };
  return {
    holdWrites: (target, timeMs) => post("pause", { target, milliseconds: timeMs }),
    releaseWrites: (target) => post("resume", { target }),
  };
}
