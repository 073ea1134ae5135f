import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { AuthFailures } from "./auth_failures.ts";
import { BackendKeys } from "./backend_keys.ts";
import { ConnectionLimits } from "./connection_limits.ts";

Deno.test("AuthFailures blocks an address and user at the limit and frees them as the minute slides on", () => {
  let nowMs = 0;
  const failures = new AuthFailures(3, () => nowMs);
  for (nowMs of [0, 10_000, 20_000]) {
    assert.equal(failures.isBlocked("a", "u"), false);
    failures.record("a", "u");
  }
  assert.equal(failures.isBlocked("a", "u"), true);
  assert.equal(failures.isBlocked("b", "u"), false);
  assert.equal(failures.isBlocked("a", "v"), false);
  nowMs = 59_999;
  assert.equal(failures.isBlocked("a", "u"), true);
  nowMs = 60_000;
  assert.equal(failures.isBlocked("a", "u"), false);
  failures.record("a", "u");
  assert.equal(failures.isBlocked("a", "u"), true);
  nowMs = 200_000;
  assert.equal(failures.isBlocked("a", "u"), false);
  assert.equal(failures.size, 0);
});

Deno.test("AuthFailures is bounded, forgets the oldest first, and 0 means no limit", () => {
  const failures = new AuthFailures(1, () => 0);
  for (let i = 0; i < 10_500; i += 1) failures.record("a", `user ${i}`);
  assert.equal(failures.size, 10_000);
  assert.equal(failures.isBlocked("a", "user 0"), false);
  assert.equal(failures.isBlocked("a", "user 10499"), true);
  const unlimited = new AuthFailures(0, () => 0);
  unlimited.record("a", "u");
  assert.equal(unlimited.isBlocked("a", "u"), false);
});

Deno.test("ConnectionLimits names the limit, gives slots back once, and bounds those it refuses", () => {
  const limits = new ConnectionLimits({ connectionsMax: 3, connectionsPerAddressMax: 2 });
  const first = limits.take("a");
  const second = limits.take("a");
  assert.equal(first?.refusal, null);
  assert.match(limits.take("a")?.refusal ?? "", /max_connections_per_ip is 2/);
  assert.equal(limits.take("b")?.refusal, null);
  assert.match(limits.take("c")?.refusal ?? "", /max_connections_total is 3/);
  second?.release();
  second?.release();
  assert.equal(limits.total, 2);
  const again = limits.take("a");
  assert.equal(again?.refusal, null);
  const refused = [];
  for (let slot = limits.take("d"); slot !== null; slot = limits.take("d")) refused.push(slot);
  assert.equal(refused.length, 62);
  refused[0]?.release();
  assert.notEqual(limits.take("d"), null);
});

Deno.test("BackendKeys finds a session by its full key only", () => {
  const keys = new BackendKeys();
  const target = { workspaceId: "ws_1", sessionId: "pgs_1" };
  const key = keys.register(target);
  const other = keys.register({ workspaceId: "ws_2", sessionId: "pgs_2" });
  assert.notEqual(key.processId, other.processId);
  const secret = Buffer.alloc(4);
  secret.writeUInt32BE(key.secretKey);
  assert.equal(keys.find(key.processId, secret), target);
  assert.equal(keys.find(999, secret), null);
  assert.equal(keys.find(key.processId, secret.subarray(0, 3)), null);
  assert.equal(keys.find(key.processId, Buffer.concat([secret, secret])), null);
  assert.equal(keys.find(999, Buffer.alloc(4)), null);
  secret[3] = (secret[3] ?? 0) ^ 1;
  assert.equal(keys.find(key.processId, secret), null);
  keys.release(key.processId);
  secret[3] = (secret[3] ?? 0) ^ 1;
  assert.equal(keys.find(key.processId, secret), null);
});
