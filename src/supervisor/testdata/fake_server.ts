/** A process that has workers and is there to be killed: prints their process ids as a JSON line, then stays. */
import { silentLogger, specOf, workerCommandOf } from "./support.ts";
import { makeSupervisor } from "../supervisor.ts";

const [base] = Deno.args;
const supervisor = await makeSupervisor({
  launchSpec: (workspaceId) => Promise.resolve(specOf(workspaceId)),
  workerCommand: workerCommandOf("fake_worker.ts"),
  logger: silentLogger,
  config: { spareCount: 0, socketBaseDirectory: base ?? null },
});
const first = await supervisor.acquire("ws_a");
const second = await supervisor.acquire("ws_b");
// A worker that is inside of a command must notice as well.
first.call({ command: "drop_object", name: "hang" }).catch(() => {});
const storage = await supervisor.runStorageJob({ job: "preview", source_path: "any", limit: 1 }) as { pid: number };
console.log(JSON.stringify([first.processId, second.processId, storage.pid]));
setInterval(() => {}, 60_000);
