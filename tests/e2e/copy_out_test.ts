/** COPY … TO STDOUT through the real server. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { sharedServer } from "../support/server.ts";
import { errorFields, frontend, WireClient } from "../support/wire.ts";

const server = sharedServer();
const workspaceOf = once(async () => {
  const project = await TestProject.withSales(server.current.rest);
  return await project.workspace({ max_result_rows: 10 });
});

async function copied(sql: string): Promise<{ readonly lines: string[]; readonly tag: string }> {
  using wire = await WireClient.connect(await workspaceOf());
  const answer = await wire.roundTrip(frontend.query(sql));
  const error = answer.find((next) => next.type === "E");
  if (error !== undefined) throw new Error(errorFields(error.body)["C"]);
  const tag = answer.find((next) => next.type === "C")!.body.toString("utf8").replace("\0", "");
  return { lines: answer.filter((next) => next.type === "d").map((next) => next.body.toString("utf8")), tag };
}

const awkward =
  "(SELECT 'a,b' AS x, NULL AS y, 'say \"hi\"' AS z UNION ALL SELECT e'tab\\tnew\\nline', '', 'back\\\\slash')";

Deno.test("each row is one CopyData, as drivers that hand out rows expect", async () => {
  const { lines, tag } = await copied("COPY (SELECT range FROM range(3000)) TO STDOUT");
  deepEqual([lines.length, lines[0], lines[2999], tag], [3000, "0\n", "2999\n", "COPY 3000"]);
});

Deno.test("CSV quotes what needs it, tells NULL from an empty text, and has a header when asked", async () => {
  const { lines } = await copied(`COPY ${awkward} TO STDOUT (FORMAT csv, HEADER)`);
  equal(lines[0], "x,y,z\n");
  equal(lines[1], '"a,b",,"say ""hi"""\n');
  ok(lines[2]!.startsWith('"tab\tnew\nline","",'), lines[2]!);
});

Deno.test("text escapes tabs, line ends and backslashes, and writes NULL as \\\\N", async () => {
  const { lines } = await copied(`COPY ${awkward} TO STDOUT`);
  equal(lines[0], 'a,b\t\\N\tsay "hi"\n');
  ok(lines[1]!.startsWith("tab\\tnew\\nline\t\t"), lines[1]!);
});

Deno.test("a project table is copied by name and columns, and the result limits do not apply", async () => {
  const { lines, tag } = await copied("COPY in_c_sales.orders (id) TO STDOUT");
  deepEqual([lines.length, tag], [100, "COPY 100"]);
});
