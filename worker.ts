/**
 * The entry of a worker process, beside main.ts and apart from it: Deno reads every module that an entry can reach, also those that it
 * would import later, and keeps their texts. A worker that started from main.ts held the server's, too (6 MB).
 */
import { runWorker } from "./src/worker/worker_main.ts";

runWorker(Deno.args.slice(1));
