/** The command line as a process: exit codes, streams, and what needs a socket. */
import assert from "node:assert/strict";
import { programCommand } from "../support/server.ts";

async function run(parameters: readonly string[], environment: Record<string, string> = {}) {
  const { command, args } = programCommand(parameters);
  const output = await new Deno.Command(command, { args, env: environment, stdin: "null" }).output();
  const decoder = new TextDecoder();
  return { code: output.code, out: decoder.decode(output.stdout), err: decoder.decode(output.stderr) };
}

Deno.test("an unknown flag ends the process with 2 and one line on stderr", async () => {
  const { code, out, err } = await run(["serve", "--no-such-flag", "1"]);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^eider serve: unknown flag --no-such-flag: [^\n]*\n$/);
});

Deno.test("eider config takes the environment, and a bad value there ends with 2", async () => {
  const good = await run(["config"], { EIDER_HTTP_PORT: "1234" });
  assert.equal(good.code, 0);
  assert.match(good.out, /^http_port: 1234 # environment EIDER_HTTP_PORT$/m);
  const bad = await run(["config"], { EIDER_HTTP_PORT: "many" });
  assert.equal(bad.code, 2);
  assert.match(bad.err, /^eider: http_port: "many" \(environment EIDER_HTTP_PORT\) is not a whole number[^\n]*\n$/);
  const unknown = await run(["config"], { EIDER_NO_SUCH_KEY: "1" });
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /^eider: EIDER_NO_SUCH_KEY \(environment\): unknown key[^\n]*\n$/);
});

Deno.test("eider healthcheck exits with 0 when /live answers 200, else with 1", async () => {
  let status = 200;
  const paths: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    paths.push(new URL(request.url).pathname);
    return new Response("{}", { status });
  });
  const flags = [`--http-port=${server.addr.port}`, "--http-host=0.0.0.0"];
  const alive = await run(["healthcheck", ...flags]);
  assert.deepEqual([alive.code, alive.err], [0, ""]);
  status = 503;
  const failing = await run(["healthcheck", ...flags]);
  assert.equal(failing.code, 1);
  assert.match(failing.err, /^http:\/\/127\.0\.0\.1:\d+\/live: answered 503\n$/);
  await server.shutdown();
  const gone = await run(["healthcheck", ...flags]);
  assert.equal(gone.code, 1);
  assert.match(gone.err, /^http:[^\n]*: no answer \([^\n]*\)\n$/);
  assert.deepEqual(paths, ["/live", "/live"]);
});
