/** The audit log's files after the process that writes them was killed. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { testingChain } from "../../src/audit/testing_entries.ts";
import { verifyChain } from "../../src/audit/verify.ts";
import { openStoppedAudit } from "../../src/metadata/audit/source.ts";
import { openAuditStore } from "../../src/metadata/audit/store.ts";
import { silentLogger } from "../../src/observability/log.ts";

async function verifyStopped(dataDir: string) {
  const source = await openStoppedAudit(dataDir);
  try {
    return await verifyChain(source);
  } finally {
    source.close();
  }
}

async function withFolder(work: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "eider_audit_" });
  try {
    await work(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

Deno.test("after a kill -9 everything that was appended is there and verifies, also read-only", () =>
  withFolder(async (dataDir) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        "--quiet",
        new URL("./audit_crash_child.ts", import.meta.url).pathname,
        dataDir,
      ],
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    let acknowledged = 0;
    let text = "";
    for await (
      const chunk of child.stdout.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    ) {
      text += chunk;
      acknowledged = Number(text.trim().split("\n").at(-1));
      if (acknowledged >= 50) break;
    }
    await rejects(openStoppedAudit(dataDir), { kind: "metadata_unusable" });
    child.kill("SIGKILL");
    await child.status;
    const stopped = await verifyStopped(dataDir);
    deepEqual([stopped.ok, stopped.findings], [true, []]);
    ok(stopped.entryCount >= acknowledged, `${stopped.entryCount} entries, ${acknowledged} acknowledged`);
    const store = await openAuditStore(dataDir, silentLogger);
    equal(store.head().sequence, stopped.entryCount);
    await store.append(testingChain(store, [Date.now()]));
    await store.close();
    equal((await verifyStopped(dataDir)).ok, true);
  }));
