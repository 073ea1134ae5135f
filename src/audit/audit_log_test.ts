import { deepEqual, equal, rejects } from "node:assert/strict";
import { AppError } from "../errors/app_error.ts";
import { AuditWriter } from "./audit_log.ts";
import { Refusals } from "./refusals.ts";
import { emptyHead, testingEntry } from "./testing_entries.ts";
import type { AuditEntry, AuditStore, ChainHead, StoredAuditEntry } from "./types.ts";

/** A store in memory whose disk can fail or stand still. */
class FakeStore {
  readonly entries: StoredAuditEntry[] = [];
  readonly batches: number[] = [];
  missingAtEnd = 0;
  failures = 0;
  /** Entries of the next batch that are written before it fails. */
  writtenBeforeFailure = 0;
  hold: Promise<void> = Promise.resolve();

  head(): ChainHead {
    return this.entries.at(-1) ?? emptyHead;
  }

  async append(entries: readonly StoredAuditEntry[]): Promise<void> {
    await this.hold;
    if (this.failures > 0) {
      this.failures -= 1;
      this.entries.push(...entries.slice(0, this.writtenBeforeFailure));
      throw new AppError("disk_full", "the disk is full");
    }
    this.batches.push(entries.length);
    this.entries.push(...entries);
  }
}

function writerOn(store: FakeStore, options: { queueMax?: number; durableWaitMs?: number } = {}) {
  const lines: Record<string, unknown>[] = [];
  const note = (message: string, fields: Readonly<Record<string, unknown>> = {}) => lines.push({ message, ...fields });
  const log = new AuditWriter({
    store: store as unknown as AuditStore,
    logger: { info: note, warn: note, error: note },
    now: () => 0,
    retryMs: 1,
    ...options,
  });
  return { log, lines };
}

Deno.test("record resolves when the entry is stored, and entries of one moment share a batch", async () => {
  const store = new FakeStore();
  const { log, lines } = writerOn(store);
  deepEqual(await Promise.all([1, 2, 3].map((n) => log.record(testingEntry({ objectId: `d${n}` })))), [
    true,
    true,
    true,
  ]);
  deepEqual(store.entries.map(({ sequence, objectId }) => [sequence, objectId]), [[1, "d1"], [2, "d2"], [3, "d3"]]);
  deepEqual(store.batches, [3]);
  deepEqual(
    lines.map(({ message, seq, hash }) => [message, seq, hash]),
    store.entries.map((entry) => [
      "audit",
      entry.sequence,
      entry.hash,
    ]),
  );
});

Deno.test("after a failed batch every entry is stored once, in order, also those written before it failed", async () => {
  const store = new FakeStore();
  store.failures = 2;
  store.writtenBeforeFailure = 1;
  const { log } = writerOn(store);
  await Promise.all([1, 2, 3, 4].map((n) => log.record(testingEntry({ objectId: `d${n}` }))));
  deepEqual(store.entries.map(({ sequence, objectId }) => [sequence, objectId]), [
    [1, "d1"],
    [2, "d2"],
    [3, "d3"],
    [4, "d4"],
  ]);
});

Deno.test("a full queue makes record fail by name, drops and counts connection events, and records the count", async () => {
  const store = new FakeStore();
  const held = Promise.withResolvers<void>();
  store.hold = held.promise;
  const { log } = writerOn(store, { queueMax: 2, durableWaitMs: 5 });
  log.note(testingEntry({ action: "connect" }));
  const place = await log.reserve();
  await rejects(log.record(testingEntry()), { name: "AppError", kind: "audit_unavailable" });
  log.note(testingEntry({ action: "connect" }));
  log.note(testingEntry({ action: "connect" }));
  equal(log.droppedCount, 2);
  place.release();
  held.resolve();
  equal(await log.record(testingEntry()), true);
  log.note(testingEntry({ action: "disconnected" }));
  await log.stop();
  deepEqual(store.entries.map(({ action, detailsText }) => action === "audit_dropped" ? detailsText : action), [
    "connect",
    "change",
    '{"count":2}',
    "disconnected",
  ]);
});

Deno.test("a place that was reserved finds room when the queue is full", async () => {
  const store = new FakeStore();
  const held = Promise.withResolvers<void>();
  store.hold = held.promise;
  const { log } = writerOn(store, { queueMax: 2 });
  const place = await log.reserve();
  log.note(testingEntry({ action: "connect" }));
  const recorded = place.record(testingEntry());
  held.resolve();
  equal(await recorded, true);
  deepEqual(store.entries.map(({ action }) => action), ["connect", "change"]);
});

Deno.test("at a stop what the disk did not take stands in the log instead", async () => {
  const store = new FakeStore();
  store.failures = Infinity;
  const { log, lines } = writerOn(store, { durableWaitMs: 1 });
  equal(await log.record(testingEntry({ objectId: "lost" })), false);
  await log.stop();
  equal(store.entries.length, 0);
  deepEqual(lines.filter(({ message }) => message === "audit").map((line) => [line["stored"], line["object_id"]]), [
    [false, "lost"],
  ]);
});

Deno.test("a thousand refused logins of a minute are ten entries and a count", () => {
  const noted: AuditEntry[] = [];
  let nowMs = 0;
  const refusals = new Refusals({ log: { note: (entry) => noted.push(entry) }, now: () => nowMs });
  for (let n = 0; n < 1_000; n++) {
    refusals.note(
      testingEntry({ action: "login_failed", actor: `user${n % 3}`, result: "refused", code: "invalid_password" }),
    );
  }
  refusals.flush();
  equal(noted.length, 10);
  nowMs = 60_000;
  refusals.flush();
  equal(noted.length, 11);
  deepEqual([noted[10]?.actor, noted[10]?.details], ["(several)", {
    count: 990,
    beyond: 10,
    minute: "1970-01-01T00:00:00.000Z",
    actors: ["user1", "user2", "user0"],
    codes: ["invalid_password"],
  }]);
});

Deno.test("refusals from more addresses than can be counted share a count and lose none", () => {
  const noted: AuditEntry[] = [];
  const refusals = new Refusals({ log: { note: (entry) => noted.push(entry) }, now: () => 0, inFullMax: 1 });
  for (let n = 0; n < 1_500; n++) {
    refusals.note(testingEntry({ action: "login_failed", address: `10.0.${n >> 8}.${n & 255}` }));
  }
  refusals.flush(true);
  equal(noted.length, 1_000 + 1 + 1);
  deepEqual([noted.at(-1)?.address, noted.at(-1)?.details["count"]], [null, 499]);
});
