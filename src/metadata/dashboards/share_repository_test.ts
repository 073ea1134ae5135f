import { deepEqual, equal } from "node:assert/strict";
import type { Share } from "../../dashboards/sharing/types.ts";
import { withDashboards } from "./testing_dashboards.ts";
import { MetadataShareRepository } from "./share_repository.ts";

const nowMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;

function share(id: string, changes: Partial<Share> = {}): Share {
  return {
    id,
    project: "p1",
    dashboard: "sales",
    dashboardCreatedAt: "2026-01-01T00:00:00.000000000Z",
    label: "",
    createdAtMs: nowMs,
    createdBy: "admin",
    expiresAtMs: null,
    usesMax: null,
    useCount: 0,
    allowedCidrs: ["192.0.2.0/24"],
    variables: { region: ["a"] },
    lastUsedAtMs: null,
    revokedAtMs: null,
    ...changes,
  };
}

Deno.test("a share comes back as it was stored, by its hash and by its place, and nowhere else", () =>
  withDashboards(async ({ pool }) => {
    const shares = new MetadataShareRepository(pool);
    const stored = share("sh_1", { expiresAtMs: nowMs + dayMs, usesMax: 3 });
    await shares.insert(stored, "hash1");
    deepEqual(await shares.findByHash("hash1"), stored);
    deepEqual(await shares.find("p1", "sales", "sh_1"), stored);
    deepEqual(
      [await shares.find("p2", "sales", "sh_1"), await shares.find("p1", "x", "sh_1"), await shares.findByHash("x")],
      [null, null, null],
    );
    deepEqual(await shares.change("p1", "sales", "sh_1", { expiresAtMs: null, usesMax: null, allowedCidrs: [] }), {
      ...stored,
      expiresAtMs: null,
      usesMax: null,
      allowedCidrs: [],
    });
    equal(await shares.change("p2", "sales", "sh_1", { label: "x" }), null);
  }));

Deno.test("countUse gives out exactly usesMax uses to many at once, and none after a revocation", () =>
  withDashboards(async ({ pool }) => {
    const shares = new MetadataShareRepository(pool);
    await shares.insert(share("sh_1", { usesMax: 5 }), "hash1");
    const uses = await Promise.all(Array.from({ length: 20 }, () => shares.countUse("sh_1", nowMs)));
    equal(uses.filter((used) => used).length, 5);
    equal((await shares.findByHash("hash1"))?.useCount, 5);
    await shares.insert(share("sh_2"), "hash2");
    equal(await shares.countUse("sh_2", nowMs), true);
    equal(await shares.revoke("p1", "sales", "sh_2", nowMs), true);
    equal(await shares.revoke("p1", "sales", "sh_2", nowMs + 1), true);
    equal((await shares.findByHash("hash2"))?.revokedAtMs, nowMs);
    equal(await shares.countUse("sh_2", nowMs), false);
    equal(await shares.change("p1", "sales", "sh_2", { label: "x" }), null);
  }));

Deno.test("the clean-up removes what ended before, and keeps what is open", () =>
  withDashboards(async ({ pool }) => {
    const shares = new MetadataShareRepository(pool);
    await shares.insert(share("sh_1", { expiresAtMs: nowMs + dayMs }), "hash1");
    await shares.insert(share("sh_2", { expiresAtMs: nowMs + 3 * dayMs }), "hash2");
    await shares.insert(share("sh_3", { revokedAtMs: nowMs + dayMs }), "hash3");
    await shares.insert(share("sh_4"), "hash4");
    equal(await shares.deleteEnded(nowMs + 2 * dayMs), 2);
    deepEqual((await shares.list("p1", "sales", 10, null)).map(({ id }) => id), ["sh_2", "sh_4"]);
    deepEqual((await shares.list("p1", "sales", 10, "sh_2")).map(({ id }) => id), ["sh_4"]);
  }));
