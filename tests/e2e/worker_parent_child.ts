/**
 * A server's worth of real workers, one of them inside of an endless query, in a process that is there to be killed.
 */
import { superviseRealWorkers, WorkerSession } from "./worker_support.ts";

const supervisor = await superviseRealWorkers({ spareCount: 1, socketBaseDirectory: Deno.args[0]! }, Deno.args[0]!);
const busy = await WorkerSession.open(supervisor, "ws_busy", "pgs_busy");
await WorkerSession.open(supervisor, "ws_quiet", "pgs_quiet");
busy.send("SELECT count(*) FROM range(100000000000)");
console.log(JSON.stringify(supervisor.runningWorkspaces().map(({ processId }) => processId)));
setInterval(() => {}, 60_000);
