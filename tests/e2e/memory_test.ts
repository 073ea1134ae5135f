/** Memory of the real processes at rest. The figures themselves are `deno task bench --only=memory`'s; these have room for other machines. */
import { ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { TestProject } from "../support/project.ts";
import { eventually, TestServer } from "../support/server.ts";
import { connect } from "../support/sql.ts";

const isLinux = Deno.build.os === "linux";
const remark = isLinux ? "" : " (skipped: not Linux)";

/** Megabytes are 10^6 bytes. */
function residentMb(processId: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/status`, "utf8"))?.[1] ?? NaN) * 1.024e-3;
}

Deno.test({
  name: `at rest the server stays under 150 MB, a spare worker under 90, a used one under 130${remark}`,
  ignore: !isLinux,
  async fn() {
    await using server = await TestServer.start({ config: { spare_workers: 1, worker_idle_seconds: 300 } });
    const spare = await eventually("the spare worker", () => server.workerProcessIds()[0]);
    await eventually("the server at rest", () => residentMb(server.processId) < 150);
    await eventually("the spare at rest", () => residentMb(spare) < 90);

    const project = await TestProject.create(server.rest);
    const workspace = await project.workspace();
    await using client = await connect(workspace);
    await client.query("SELECT 1");
    const tables =
      "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY 1, 2";
    ok((await client.query(tables)).rows.length > 0);
    await eventually("the used worker at rest", () => residentMb(spare) < 130);
    ok((await client.query(tables)).rows.length > 0, "what was given back is there when it is needed");
  },
});
