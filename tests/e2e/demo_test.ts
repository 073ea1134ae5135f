import { equal, match, ok } from "node:assert/strict";
import { testWith } from "../support/claim.ts";
import { configFlags, programCommand } from "../support/server.ts";

/** A demo on ports of the system's choice; `text` is what it printed until it was ready. */
interface Demo extends AsyncDisposable {
  readonly text: string;
}

async function startDemo(dataDir: string): Promise<Demo> {
  const flags = configFlags({ data_dir: dataDir, http_port: 0, pg_port: 0 });
  const { command, args } = programCommand(["demo", ...flags]);
  const child = new Deno.Command(command, { args, stdin: "null", stdout: "piped", stderr: "piped" }).spawn();
  const failed = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let text = "";
  while (!text.includes("Ctrl-C")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the demo ended: ${text}\n${await failed}`);
    text += value;
  }
  void (async () => {
    while (!(await reader.read()).done);
  })();
  return {
    text,
    async [Symbol.asyncDispose]() {
      child.kill("SIGINT");
      equal((await child.status).code, 0);
      await failed;
    },
  };
}

/** Runs a command that the demo printed, with `more` after it. */
async function paste(command: string, more: string): Promise<string> {
  const shell = new Deno.Command("bash", { args: ["-c", `${command} ${more}`], stdin: "null" });
  const output = await shell.output();
  equal(new TextDecoder().decode(output.stderr), "");
  return new TextDecoder().decode(output.stdout);
}

function lineWith(text: string, mark: string): string {
  return text.split("\n").find((line) => line.includes(mark))?.trim() ?? "";
}

testWith(
  ["psql", "curl"],
  "the demo imports its tables and prints commands that work; a second start reuses them",
  async () => {
    const dataDir = await Deno.makeTempDir({ prefix: "eider_demo_" });
    try {
      {
        await using demo = await startDemo(dataDir);
        match(demo.text, /imported in\.c-shop\.orders +1,000,000 rows/);
        equal(demo.text.match(/^ {2}imported /gm)?.length, 7);
        const psql = lineWith(demo.text, "psql");
        match(psql, /^PGPASSWORD=\S+ psql "host=localhost port=\d+ user=\S+ dbname=workspace_ws_\S+ sslmode=require"$/);
        equal(await paste(psql, "-X -A -t -c 'SELECT count(*) FROM in_c_shop.orders'"), "1000000\n");
        const query = lineWith(demo.text, "SELECT");
        equal((await paste(psql, `-X -A -t -c '${query}'`)).trim().split("\n").length, 8);
        equal(await paste(psql, "-X -A -t -c 'CREATE TABLE mine AS SELECT 7 AS n'"), "SELECT 1\n");
        const tables = JSON.parse(await paste(lineWith(demo.text, "curl"), "--silent")) as {
          items: { rows: number }[];
        };
        equal(tables.items.length, 7);
        const page = await fetch(lineWith(demo.text, "/console/"));
        equal(page.status, 200);
        await page.body?.cancel();
      }
      await using again = await startDemo(dataDir);
      ok(!again.text.includes("imported"), again.text);
      equal(await paste(lineWith(again.text, "psql"), "-X -A -t -c 'SELECT n FROM mine'"), "7\n");
    } finally {
      await Deno.remove(dataDir, { recursive: true });
    }
  },
);

Deno.test("a busy port ends the demo with one line that names it and its flag", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const dataDir = await Deno.makeTempDir({ prefix: "eider_demo_" });
  try {
    for (const key of ["http_port", "pg_port"]) {
      const config = { data_dir: dataDir, http_port: 0, pg_port: 0, [key]: taken.addr.port };
      const { command, args } = programCommand(["demo", ...configFlags(config)]);
      const output = await new Deno.Command(command, { args, stdin: "null" }).output();
      const complaint = new TextDecoder().decode(output.stderr);
      equal(output.code, 2, complaint);
      equal(complaint.trim().split("\n").length, 1, complaint);
      ok(complaint.includes(String(taken.addr.port)), complaint);
      ok(complaint.includes(key) || complaint.includes(`--${key.replaceAll("_", "-")}`), complaint);
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
