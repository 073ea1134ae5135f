/**
 * `eider audit verify`: reads the audit log's files of a stopped server and names what is missing, altered or out of order. A
 * running server holds its files, so it is asked instead: at the address that it left in its data folder, or else at that of this
 * configuration, with the administrator's key in it.
 */
import { existsSync } from "node:fs";
import type { Config } from "../config/config.ts";
import { AppError } from "../errors/app_error.ts";
import { verifyChain } from "../audit/verify.ts";
import { auditFolder } from "../metadata/audit/files.ts";
import { openStoppedAudit } from "../metadata/audit/source.ts";
import { reachableHost } from "./healthcheck.ts";
import { findLocalAddress } from "./local_server.ts";
import type { CliOutput } from "./output.ts";
import { UsageError } from "./usage_error.ts";

interface Shown {
  readonly ok: boolean;
  readonly entries: number;
  readonly first_seq: number | null;
  readonly last_seq: number | null;
  readonly head_hash: string | null;
  readonly pruned_through: number;
  readonly finding_count: number;
  readonly findings: readonly { readonly kind: string; readonly detail: string }[];
}

/** Exit code 0 when the chain is whole, 1 when something was found. `expected` holds texts like `17:<hash>`. */
export async function verifyAudit(config: Config, expected: readonly string[], output: CliOutput): Promise<number> {
  const known = expected.map(parseExpected);
  const shown = await verifyFiles(config, known) ?? await askServer(config, known);
  if (shown.entries === 0) output.out("the audit log has no entries");
  else {
    output.out(
      `entries ${shown.first_seq} to ${shown.last_seq}` +
        (shown.pruned_through > 0 ? ` (up to ${shown.pruned_through} pruned after their retention)` : "") +
        `, ${shown.entries} read; the last hash is ${shown.head_hash ?? "not known"}`,
    );
  }
  for (const finding of shown.findings) output.out(`${finding.kind}: ${finding.detail}`);
  const more = shown.finding_count - shown.findings.length;
  if (more > 0) output.out(`and ${more} more`);
  output.out(shown.ok ? "ok: nothing is missing, altered or out of order" : `${shown.finding_count} found`);
  return shown.ok ? 0 : 1;
}

function parseExpected(text: string): { sequence: number; hash: string } {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text);
  if (match === null) {
    throw new UsageError(
      `eider audit verify: --expect ${text}: accepted is the seq and hash of an entry, such as 17:<64 hex digits>`,
    );
  }
  return { sequence: Number(match[1]), hash: match[2] ?? "" };
}

/** null: a running server has the files. */
async function verifyFiles(config: Config, expected: { sequence: number; hash: string }[]): Promise<Shown | null> {
  if (!existsSync(auditFolder(config.dataDir))) {
    throw new AppError("metadata_unusable", `data_dir ${config.dataDir}: has no audit log`);
  }
  let source: Awaited<ReturnType<typeof openStoppedAudit>>;
  try {
    source = await openStoppedAudit(config.dataDir);
  } catch (error) {
    if (error instanceof AppError && error.kind === "metadata_unusable") return null;
    throw error;
  }
  try {
    const found = await verifyChain(source, { expected });
    return {
      ok: found.ok,
      entries: found.entryCount,
      first_seq: found.firstSequence,
      last_seq: found.lastSequence,
      head_hash: found.headHash,
      pruned_through: found.prunedThrough,
      finding_count: found.findingCount,
      findings: found.findings,
    };
  } finally {
    source.close();
  }
}

async function askServer(config: Config, expected: { sequence: number; hash: string }[]): Promise<Shown> {
  const address = await findLocalAddress(config.dataDir) ?? {
    url: `http://${reachableHost(config.httpHost)}:${config.httpPort}`,
    key: config.adminKey,
  };
  const url = `${address.url}/internal/audit/verify`;
  if (address.key === null) {
    throw new AppError(
      "metadata_unusable",
      `the audit log in ${config.dataDir} is in use by a running server: set admin_key (EIDER_ADMIN_KEY), so that it can ` +
        `be asked at ${url}, or stop it`,
    );
  }
  const query = expected.map(({ sequence, hash }) => `expect=${sequence}:${hash}`).join("&");
  const response = await fetch(query === "" ? url : `${url}?${query}`, {
    headers: { authorization: `Bearer ${address.key}` },
    redirect: "error",
  }).catch((error: Error) => {
    throw new AppError("io_error", `${url}: no answer (${error.message.split("\n", 1)[0]})`);
  });
  if (!response.ok) throw new AppError("io_error", `${url}: answered ${response.status}: ${await response.text()}`);
  return await response.json() as Shown;
}
