/** workspaces_memory_budget with real DuckDB processes: lowered in use, raised again, refused only when the floors do not fit. */
import { deepEqual, equal, match } from "node:assert/strict";
import { eventually, TestServer } from "../support/server.ts";
import { TestProject } from "../support/project.ts";
import { connect, connectionRefusal } from "../support/sql.ts";

/** Three floors of 256 MB fit, a fourth does not. */
const config = {
  workspaces_memory_budget: "800MB",
  workspace_default_memory_limit: "600MB",
  connection_timeout_seconds: 2,
  worker_idle_seconds: 300,
};

Deno.test("limits follow the budget while sessions come and go, and a fourth workspace is refused with 53200", async () => {
  await using server = await TestServer.start({ config });
  const project = await TestProject.withSales(server.rest);
  const [one, two, three, four] = [
    await project.workspace({ name: "one" }),
    await project.workspace({ name: "two" }),
    await project.workspace({ name: "three" }),
    await project.workspace({ name: "four" }),
  ];
  const limitNow = async (workspace: { id: string }) =>
    (await project.rest.expect<{ memory_limit_now: string | null }>(200, "GET", project.workspacePath(workspace)))
      .memory_limit_now;

  await using first = await connect(one!);
  equal(await limitNow(one!), "600MB");
  await using second = await connect(two!);
  deepEqual([await limitNow(one!), await limitNow(two!)], ["400MB", "400MB"]);
  await first.query("CREATE TABLE spills AS SELECT DISTINCT range AS n, repeat('x', 60) AS t FROM range(3000000)");
  const third = await connect(three!);
  for (const workspace of [one!, two!, three!]) match(String(await limitNow(workspace)), /^26[67]/);
  equal(await first.value("SELECT count(*) FROM spills"), "3000000");
  equal(await second.value("SELECT count(*) FROM in_c_sales.orders"), "100");

  const refused = await connectionRefusal(four!);
  deepEqual([refused.code, refused.severity], ["53200", "FATAL"]);
  match(refused.message, /workspaces_memory_budget is used up/);

  // Its process is idle now: it is ended for the fourth, nobody is lowered further.
  await third.end();
  await eventually("the session is over", async () => await limitNow(three!) !== null);
  await using fourth = await connect(four!);
  equal(await fourth.value("SELECT 1"), 1);
  await eventually("the third one's process has ended", () => server.workerProcessIds().length === 3);

  await project.rest.expect(204, "DELETE", project.workspacePath(four!));
  await project.rest.expect(204, "DELETE", project.workspacePath(two!));
  await eventually("the first has its own limit again", async () => await limitNow(one!) === "600MB");
});
