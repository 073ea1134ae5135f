/** The formats of results: what FETCH, EXECUTE and Describe say of columns is what comes. */
import { deepEqual, equal } from "node:assert/strict";
import { once } from "../support/once.ts";
import { TestProject } from "../support/project.ts";
import { sharedServer } from "../support/server.ts";
import {
  type BackendMessage,
  dataRow,
  firstColumn,
  frontend,
  sqlstatesOf,
  typesOf,
  WireClient,
} from "../support/wire.ts";

const server = sharedServer();
const workspaceOf = once(async () => await (await TestProject.create(server.current.rest)).workspace());

/** The values of all rows, in hexadecimal. */
function rowsOf(answers: readonly BackendMessage[]): (string | null)[][] {
  return answers.filter(({ type }) => type === "D").map(({ body }) =>
    dataRow(body).map((value) => value?.toString("hex") ?? null)
  );
}

function hex(text: string): string {
  return new TextEncoder().encode(text).toHex();
}

async function fetch(wire: WireClient, sql: string, formats: readonly number[]): Promise<(string | null)[][]> {
  const answers = await wire.roundTrip(
    frontend.parse("", sql),
    frontend.bind("", "", [], formats),
    frontend.describe("P", ""),
    frontend.execute(""),
    frontend.sync(),
  );
  deepEqual(sqlstatesOf(answers), []);
  return rowsOf(answers);
}

Deno.test("each FETCH gives its rows in the formats of its own Bind, also after the cursor was parked", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(frontend.query("BEGIN"));
  await wire.roundTrip(
    frontend.query(
      "DECLARE c CURSOR FOR SELECT g::int, 't' || g, NULLIF(g, 4)::bigint FROM generate_series(1, 9) t(g)",
    ),
  );
  deepEqual(await fetch(wire, "FETCH 1 FROM c", [0]), [[hex("1"), hex("t1"), hex("1")]]);
  deepEqual(await fetch(wire, "FETCH 1 FROM c", [1]), [["00000002", hex("t2"), "0000000000000002"]]);
  deepEqual(await fetch(wire, "FETCH 1 FROM c", [0, 0, 1]), [[hex("3"), hex("t3"), "0000000000000003"]]);
  equal(firstColumn(await wire.roundTrip(frontend.query("SELECT 'another statement'")))[0], "another statement");
  deepEqual(await fetch(wire, "FETCH 1 FROM c", [1]), [["00000004", hex("t4"), null]]);
  deepEqual(await fetch(wire, "FETCH 2 FROM c", [1, 0, 0]), [
    ["00000005", hex("t5"), hex("5")],
    ["00000006", hex("t6"), hex("6")],
  ]);
  deepEqual(await fetch(wire, "FETCH 1 FROM c", []), [[hex("7"), hex("t7"), hex("7")]]);
  equal(typesOf(await wire.roundTrip(frontend.query("MOVE 1 FROM c"))), "CZ");
  deepEqual(await fetch(wire, "FETCH ALL FROM c", [1]), [["00000009", hex("t9"), "0000000000000009"]]);
  await wire.roundTrip(frontend.query("ROLLBACK"));
});

Deno.test("a BINARY cursor gives a simple query binary rows", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(frontend.query("BEGIN"));
  await wire.roundTrip(frontend.query("DECLARE b BINARY CURSOR FOR SELECT 258::int AS n"));
  const answers = await wire.roundTrip(frontend.query("FETCH b"));
  deepEqual(rowsOf(answers), [["00000102"]]);
  const description = answers.find(({ type }) => type === "T")!.body;
  equal(description.readInt16BE(description.length - 2), 1);
});

Deno.test("a FETCH of more rows than Execute asks for is suspended, and loses none", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(frontend.query("BEGIN"));
  await wire.roundTrip(frontend.query("DECLARE s CURSOR FOR SELECT * FROM generate_series(1, 7)"));
  const answers = await wire.roundTrip(
    frontend.parse("", "FETCH 5 FROM s"),
    frontend.bind("p", ""),
    frontend.execute("p", 2),
    frontend.execute("p", 2),
    frontend.execute("p", 2),
    frontend.sync(),
  );
  equal(typesOf(answers), "12DDsDDsDCZ");
  deepEqual(firstColumn(answers), ["1", "2", "3", "4", "5"]);
  equal(answers.find(({ type }) => type === "C")!.body.toString("utf8").replace("\0", ""), "FETCH 5");
  deepEqual(firstColumn(await wire.roundTrip(frontend.query("FETCH ALL FROM s"))), ["6", "7"]);
});

Deno.test("EXECUTE gives its rows in the formats of its Bind", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  await wire.roundTrip(frontend.query("PREPARE e(int) AS SELECT $1 + 1 AS n"));
  deepEqual(await fetch(wire, "EXECUTE e(6)", [1]), [["00000007"]]);
});

Deno.test("no row comes without its RowDescription when only the result tells the columns", async () => {
  using wire = await WireClient.connect(await workspaceOf());
  const answers = await wire.roundTrip(
    frontend.parse("u", "SELECT array_to_string($1, ','), map_keys($2)"),
    frontend.describe("S", "u"),
    frontend.sync(),
  );
  equal(typesOf(answers), "1EZ");
  deepEqual(sqlstatesOf(answers), ["42P18"]);
  const described = await wire.roundTrip(
    frontend.parse("", "SELECT map_keys($1)"),
    frontend.bind("", "", ["{a=1}"]),
    frontend.describe("P", ""),
    frontend.execute(""),
    frontend.sync(),
  );
  equal(/^12(E|TD+C)Z$/.test(typesOf(described)), true, typesOf(described));
});
