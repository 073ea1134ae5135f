import { deepEqual } from "node:assert/strict";
import { chainEntry, firstHash } from "./chain.ts";
import { exportText } from "./export_text.ts";
import { testingEntry } from "./testing_entries.ts";
import type { StoredAuditEntry } from "./types.ts";

async function lines(entries: StoredAuditEntry[], format: "csv" | "jsonl"): Promise<string[]> {
  let text = "";
  for await (
    const part of exportText(
      (async function* () {
        yield entries;
      })(),
      format,
    )
  ) text += part;
  return text.split(format === "csv" ? "\r\n" : "\n");
}

Deno.test("CSV quotes what needs it and keeps a spreadsheet from running a user agent", async () => {
  const entry = chainEntry(
    testingEntry({ userAgent: '=cmd|"x"!A1', objectId: null, details: { a: 1 } }),
    1,
    0,
    firstHash,
  );
  const [header, line] = await lines([entry], "csv");
  deepEqual(header?.split(",").length, 15);
  deepEqual(
    line,
    "1,1970-01-01T00:00:00.000Z,acme/editor,change,dashboard,,acme,1,2,192.0.2.1," +
      `"'=cmd|""x""!A1",ok,,"{""a"":1}",${entry.hash}`,
  );
});

Deno.test("JSON lines hold an entry each, with its details as JSON and its hash", async () => {
  const entry = chainEntry(testingEntry({ details: { a: [1] } }), 7, 0, firstHash);
  const [line, end] = await lines([entry], "jsonl");
  const shown = JSON.parse(line ?? "");
  deepEqual([shown.seq, shown.details, shown.hash, end], [7, { a: [1] }, entry.hash, ""]);
});
