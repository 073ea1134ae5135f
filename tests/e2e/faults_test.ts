/** Faults that an administrator must not have to get up for: a process that hangs, a flood of wrong passwords, a full disk. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { eventually, residentBytes, TestServer } from "../support/server.ts";
import { TestProject } from "../support/project.ts";
import { connect, connectionRefusal } from "../support/sql.ts";

Deno.test("a worker that hangs is killed after 10 s without an answer, counted, and the next connection works", async () => {
  await using server = await TestServer.start();
  const project = await TestProject.create(server.rest);
  const workspace = await project.workspace();
  await using client = await connect(workspace);
  await client.query("CREATE TABLE kept AS SELECT 1 AS n");
  const [worker] = server.workerProcessIds();
  Deno.kill(worker!, "SIGSTOP");
  const startedMs = performance.now();
  await client.ended;
  ok(performance.now() - startedMs < 30_000, "within two pings");
  await eventually("it is counted", async () => {
    const { text } = await server.rest.request("GET", "/metrics");
    return /^worker_restarts_total\{reason="unresponsive"\} 1$/m.test(text);
  });
  await using again = await connect(workspace);
  equal(await again.value("SELECT count(*) FROM kept"), "1");
});

Deno.test("1,000 wrong passwords in a minute lock out only that user from that address, and cost no memory", async () => {
  await using server = await TestServer.start({ config: { auth_failures_per_minute: 10, max_connections_total: 60 } });
  const project = await TestProject.create(server.rest);
  const [attacked, other] = [await project.workspace({ name: "attacked" }), await project.workspace({ name: "other" })];
  await using bystander = await connect(other);
  const beforeBytes = residentBytes(server.processId);
  const codes = new Map<string, number>();
  for (let round = 0; round < 50; round++) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        // Half of them guess names as well.
        connectionRefusal(attacked, {
          password: `guess ${round} ${index}`,
          ...(index % 2 === 0 ? {} : { user: `guess_${round}_${index}` }),
        })),
    );
    for (const { code } of answers) codes.set(String(code), (codes.get(String(code)) ?? 0) + 1);
  }
  deepEqual([...codes], [["28P01", 1000]]);
  const locked = await connectionRefusal(attacked);
  equal(locked.code, "28P01", "the right password waits, too");
  equal(locked.message, `password authentication failed for user "${attacked.connection.username}"`);
  equal(await bystander.value("SELECT 1"), 1);
  await using colleague = await connect(other);
  equal(await colleague.value("SELECT 2"), 2);
  const { text } = await server.rest.request("GET", "/metrics");
  match(text, /^pgwire_connections_total\{status="auth_failed"\} 1001$/m);
  ok(residentBytes(server.processId) - beforeBytes < 150_000_000, "no memory for each attempt is kept");
  equal((await fetch(`${server.baseUrl}/ready`)).status, 200);
});
