import { deepEqual, equal, ok } from "node:assert/strict";
import { readdirSync } from "node:fs";
import * as path from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { AuditWriter } from "../../audit/audit_log.ts";
import { auditRetention } from "../../audit/retention.ts";
import { testingChain, testingEntry } from "../../audit/testing_entries.ts";
import type { AuditFilter, AuditStore, StoredAuditEntry } from "../../audit/types.ts";
import { type AuditVerification, verifyChain } from "../../audit/verify.ts";
import { silentLogger } from "../../observability/log.ts";
import { openStoppedAudit } from "./source.ts";
import { openAuditStore } from "./store.ts";

const january = Date.UTC(2026, 0, 10);
const dayMs = 86_400_000;
const months = (count: number) => Array.from({ length: count }, (_, index) => Date.UTC(2026, index, 10));

async function withFolder(work: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = await Deno.makeTempDir({ prefix: "eider_audit_" });
  try {
    await work(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

/** A store on the folder with one entry a given time, closed again. */
async function filled(dataDir: string, timesMs: readonly number[]): Promise<void> {
  const store = await openAuditStore(dataDir, silentLogger);
  await store.append(testingChain(store, timesMs, (index) => testingEntry({ objectId: `d${index + 1}` })));
  await store.close();
}

async function verifyStopped(dataDir: string, expected: { sequence: number; hash: string }[] = []) {
  const source = await openStoppedAudit(dataDir);
  try {
    return await verifyChain(source, { expected });
  } finally {
    source.close();
  }
}

function findingsOf(verification: AuditVerification): unknown[] {
  return verification.findings.map(({ kind, fromSequence, toSequence }) => [kind, fromSequence, toSequence]);
}

const files = (dataDir: string) => readdirSync(path.join(dataDir, "audit")).sort();

/** Runs SQL on one month's file as somebody with access to the disk would. */
async function tamper(dataDir: string, file: number, sql: string): Promise<void> {
  const name = files(dataDir)[file]!;
  const instance = await DuckDBInstance.create(path.join(dataDir, "audit", name));
  const connection = await instance.connect();
  await connection.run(sql);
  await connection.run("CHECKPOINT");
  connection.disconnectSync();
  instance.closeSync();
}

async function all(store: AuditStore, filter: AuditFilter = {}): Promise<StoredAuditEntry[]> {
  const entries: StoredAuditEntry[] = [];
  for await (const block of store.stream(filter)) entries.push(...block);
  return entries;
}

Deno.test("entries come back as they were written, over months and a restart, and verify", () =>
  withFolder(async (dataDir) => {
    const first = await openAuditStore(dataDir, silentLogger);
    const odd = testingEntry({
      actor: "zero \0, quote \" and 'č",
      objectId: null,
      versionBefore: null,
      address: "2001:db8::1",
      details: { nested: { list: [1, "two", null] } },
    });
    const written = testingChain(first, [january, january + 1, january + 40 * dayMs], () => odd);
    await first.append(written);
    deepEqual(await all(first), written);
    await first.close();
    deepEqual(files(dataDir), ["000000000001_2026-01.duckdb", "000000000003_2026-02.duckdb", "head"]);

    const second = await openAuditStore(dataDir, silentLogger);
    deepEqual(second.head(), { sequence: 3, hash: written[2]!.hash });
    const more = testingChain(second, [january + 41 * dayMs]);
    await second.append(more);
    deepEqual(await all(second), [...written, ...more]);
    equal((await verifyChain(second)).ok, true);
    await second.close();
    const verification = await verifyStopped(dataDir);
    deepEqual(
      [verification.ok, verification.entryCount, verification.lastSequence, verification.headHash],
      [true, 4, 4, more[0]!.hash],
    );
  }));

Deno.test("list filters, goes newest first over months, and pages without a gap", () =>
  withFolder(async (dataDir) => {
    const store = await openAuditStore(dataDir, silentLogger);
    // One month is longer than the first window that is looked through.
    const times = months(6).flatMap((timeMs, month) =>
      Array.from({ length: month === 1 ? 6_000 : 700 }, (_, index) => timeMs + index)
    );
    await store.append(testingChain(store, times, (index) =>
      testingEntry({
        actor: index % 100 === 3 ? "acme/rare" : "admin",
        action: index % 2 === 0 ? "create" : "delete",
        objectId: `d${index % 10}`,
        project: index % 7 === 0 ? "other" : "acme",
        result: index % 11 === 0 ? "refused" : "ok",
      })));
    const entries = (await all(store)).toReversed();
    const filters: AuditFilter[] = [
      {},
      { actor: "acme/rare" },
      { actor: "admin" },
      { actor: "admin", action: "delete", result: "refused" },
      { objectKind: "dashboard", objectId: "d3", project: "other" },
      { fromMs: times[650]!, toMs: times[1500]! },
      { actor: "acme/rare", action: "delete", fromMs: times[300]!, toMs: times[7_000]! },
      { actor: "nobody" },
      { objectId: "d3", toMs: times[1_000]! },
    ];
    for (const filter of filters) {
      const expected = entries.filter((entry) =>
        (filter.actor === undefined || entry.actor === filter.actor) &&
        (filter.action === undefined || entry.action === filter.action) &&
        (filter.result === undefined || entry.result === filter.result) &&
        (filter.objectId === undefined || entry.objectId === filter.objectId) &&
        (filter.project === undefined || entry.project === filter.project) &&
        (filter.fromMs === undefined || entry.timeMs >= filter.fromMs) &&
        (filter.toMs === undefined || entry.timeMs < filter.toMs)
      ).map(({ sequence }) => sequence);
      const paged: number[] = [];
      for (let before: number | null = null;;) {
        const page = await store.list(filter, 487, before);
        paged.push(...page.items.map(({ sequence }) => sequence));
        before = page.nextSequence;
        if (before === null) break;
      }
      deepEqual(paged, expected, JSON.stringify(filter));
    }
    await store.close();
  }));

Deno.test("verify names an altered, a missing, a moved and a doubled entry", () =>
  withFolder(async (dataDir) => {
    const times = [...months(2), ...Array.from({ length: 8 }, (_, index) => Date.UTC(2026, 1, 11, 0, 0, index))];
    const cases: [string, number, string, unknown[]][] = [
      ["altered", 1, "UPDATE entry SET actor = 'acme/somebody_else' WHERE seq = 4", [["reordered", 4, 4], [
        "altered",
        4,
        4,
      ]]],
      ["details altered", 1, "UPDATE entry SET details = '{}' WHERE seq = 5", [["altered", 5, 5]]],
      ["hash altered", 1, "UPDATE entry SET hash = unhex(repeat('00', 32)) WHERE seq = 5", [
        ["altered", 5, 5],
        ["altered", 6, 6],
      ]],
      ["one removed", 1, "DELETE FROM entry WHERE seq = 6", [["missing", 6, 6]]],
      ["several removed", 1, "DELETE FROM entry WHERE seq BETWEEN 4 AND 7", [["missing", 4, 7]]],
      ["the last removed", 1, "DELETE FROM entry WHERE seq >= 9", [["missing", 9, 10]]],
      ["the first of a month removed", 1, "DELETE FROM entry WHERE seq = 2", [["missing", 2, 2]]],
      ["all of a month removed", 0, "DELETE FROM entry", [["missing", 1, 1]]],
      ["two exchanged", 1, "UPDATE entry SET seq = 11 - seq WHERE seq IN (5, 6)", [
        ["missing", 5, 5],
        ["reordered", 5, 5],
      ]],
      [
        "moved to the end",
        1,
        "CREATE TABLE t AS SELECT * FROM entry WHERE seq = 5; DELETE FROM entry WHERE seq = 5; " +
        "INSERT INTO entry SELECT * FROM t; DROP TABLE t",
        [["reordered", 5, 5]],
      ],
      ["doubled", 1, "INSERT INTO entry SELECT * FROM entry WHERE seq = 3", [["reordered", 3, 3]]],
      ["the beginning of a month forged", 1, "UPDATE partition SET previous_hash = unhex(repeat('11', 32))", [
        ["altered", 2, 2],
      ]],
    ];
    for (const [what, file, sql, expected] of cases) {
      const copy = path.join(dataDir, what.replaceAll(" ", "_"));
      await filled(copy, times);
      equal((await verifyStopped(copy)).ok, true, what);
      await tamper(copy, file, sql);
      const verification = await verifyStopped(copy);
      const found = findingsOf(verification);
      if (what === "two exchanged") {
        // 5 stands after 6 now, and both have contents that fit neither hash; what follows is named, too.
        for (const sequence of [5, 6]) {
          ok(found.some((finding) => JSON.stringify(finding) === `["altered",${sequence},${sequence}]`), `${found}`);
        }
      } else deepEqual(found, expected, what);
      equal(verification.ok, false, what);
    }
  }));

Deno.test("verify names a removed month, an unreadable one, a removed beginning and a removed note of the end", () =>
  withFolder(async (dataDir) => {
    const damage: [string, (copy: string) => Promise<void>, unknown[]][] = [
      ["middle", (copy) => Deno.remove(path.join(copy, "audit", files(copy)[1]!)), [["missing", 2, 2]]],
      ["first", (copy) => Deno.remove(path.join(copy, "audit", files(copy)[0]!)), [["missing", 1, 1]]],
      ["last", (copy) => Deno.remove(path.join(copy, "audit", files(copy)[2]!)), [["missing", 3, 3]]],
      ["head", (copy) => Deno.remove(path.join(copy, "audit", "head")), [["missing", null, null]]],
      ["broken", async (copy) => {
        await Deno.writeFile(path.join(copy, "audit", files(copy)[1]!), new Uint8Array(20_000).fill(7));
      }, [["unreadable", null, null], ["missing", 2, 2]]],
    ];
    for (const [what, apply, expected] of damage) {
      const copy = path.join(dataDir, what);
      await filled(copy, months(3));
      await apply(copy);
      deepEqual(findingsOf(await verifyStopped(copy)), expected, what);
      // A server starts on it all the same, and goes on without hiding what is missing.
      const store = await openAuditStore(copy, silentLogger);
      await store.append(testingChain(store, [Date.UTC(2026, 3, 1)]));
      equal(store.head().sequence, 4, what);
      await store.close();
      const after = findingsOf(await verifyStopped(copy));
      deepEqual(after, what === "head" ? [] : expected, `${what}, after a start`);
    }
  }));

Deno.test("a hash known from elsewhere shows a chain that was computed anew", () =>
  withFolder(async (dataDir) => {
    const store = await openAuditStore(path.join(dataDir, "forged"), silentLogger);
    const honest = testingChain(store, [january, january + 1]);
    await store.append(testingChain(store, [january, january + 1], () => testingEntry({ actor: "nobody" })));
    await store.close();
    equal((await verifyStopped(path.join(dataDir, "forged"))).ok, true);
    const known = [{ sequence: 2, hash: honest[1]!.hash }, { sequence: 9, hash: honest[1]!.hash }];
    deepEqual(findingsOf(await verifyStopped(path.join(dataDir, "forged"), known)), [["altered", 2, 2], [
      "missing",
      9,
      9,
    ]]);
  }));

Deno.test("pruning removes whole old months, the chain says so, and verify accepts that beginning and no other", () =>
  withFolder(async (dataDir) => {
    await filled(dataDir, months(5));
    let store = await openAuditStore(dataDir, silentLogger);
    const nowMs = Date.UTC(2026, 5, 1);
    const log = new AuditWriter({ store, logger: silentLogger, now: () => nowMs });
    const retention = auditRetention(store, log, 75); // before 18 March
    equal(await retention.prune(nowMs), 3);
    equal(await retention.prune(nowMs), 0);
    await log.stop();
    deepEqual((await all(store)).map(({ sequence, action }) => [sequence, action]), [
      [4, "change"],
      [5, "change"],
      [6, "prune_audit"],
    ]);
    await store.close();
    const pruned = await verifyStopped(dataDir);
    deepEqual([pruned.ok, pruned.prunedThrough, pruned.firstSequence], [true, 3, 4]);
    await Deno.remove(path.join(dataDir, "audit", files(dataDir)[0]!));
    deepEqual(findingsOf(await verifyStopped(dataDir)), [["missing", 4, 4]]);

    // The month with the note of the first pruning goes in a second one.
    store = await openAuditStore(dataDir, silentLogger);
    const later = Date.UTC(2026, 11, 1);
    const laterLog = new AuditWriter({ store, logger: silentLogger, now: () => later });
    await laterLog.record(testingEntry());
    equal(await auditRetention(store, laterLog, 30).prune(later), 2);
    await laterLog.stop();
    await store.close();
    deepEqual([(await verifyStopped(dataDir)).ok, (await verifyStopped(dataDir)).prunedThrough], [true, 6]);
  }));

Deno.test("a clock that is set back a year begins a month of its own, and the order of the chain stays", () =>
  withFolder(async (dataDir) => {
    await filled(dataDir, [january, january - 365 * dayMs, january + 1, january - 60_000]);
    deepEqual(files(dataDir), [
      "000000000001_2026-01.duckdb",
      "000000000002_2025-01.duckdb",
      "000000000003_2026-01.duckdb",
      "head",
    ]);
    equal((await verifyStopped(dataDir)).ok, true);
  }));

Deno.test("a month that was begun and never written to is gone at the next start", () =>
  withFolder(async (dataDir) => {
    await filled(dataDir, [january]);
    const begun = path.join(dataDir, "audit", "000000000002_2026-02.duckdb");
    const instance = await DuckDBInstance.create(begun);
    instance.closeSync();
    const store = await openAuditStore(dataDir, silentLogger);
    await store.append(testingChain(store, [january + 30 * dayMs]));
    await store.close();
    const verification = await verifyStopped(dataDir);
    deepEqual([verification.ok, verification.entryCount], [true, 2]);
  }));

Deno.test("a month is not removed while somebody reads it", () =>
  withFolder(async (dataDir) => {
    await filled(dataDir, months(2));
    const store = await openAuditStore(dataDir, silentLogger);
    const reading = store.stream({})[Symbol.asyncIterator]();
    equal((await reading.next()).value?.[0]?.sequence, 1);
    equal(await store.deleteThrough(1), 0);
    await reading.return?.(undefined);
    equal(await store.deleteThrough(1), 1);
    await store.close();
  }));

Deno.test("Parquet holds the entries that fit, with their hashes", () =>
  withFolder(async (dataDir) => {
    const store = await openAuditStore(dataDir, silentLogger);
    const written = testingChain(store, months(2), (index) => testingEntry({ objectId: `d'${index}` }));
    await store.append(written);
    const place = path.join(dataDir, "it's.parquet");
    await Deno.writeFile(place, await store.exportParquet({ objectId: "d'1" }));
    equal(files(dataDir).filter((name) => name.startsWith("export")).length, 0);
    await store.close();
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(
      `SELECT seq, hash, strftime(time, '%Y-%m-%d') FROM '${place.replaceAll("'", "''")}'`,
    );
    deepEqual(reader.getRows(), [[2n, written[1]!.hash, "2026-02-10"]]);
    connection.disconnectSync();
    instance.closeSync();
  }));
