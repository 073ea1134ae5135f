import assert from "node:assert/strict";
import { RateLimit } from "./rate_limit.ts";

Deno.test("the rate limit lets the set number through in any minute and says when to come back", () => {
  let now = 0;
  const limit = new RateLimit(2, () => now);
  limit.take();
  now = 30_000;
  limit.take();
  now = 50_000;
  assert.throws(() => limit.take(), { kind: "configuration_limit", hint: "Wait 10 s and try again." });
  now = 60_000;
  limit.take();
  assert.throws(() => limit.take(), { kind: "configuration_limit" });
});

Deno.test("a rate limit of 0 is none", () => {
  const limit = new RateLimit(0, () => 0);
  for (let count = 0; count < 1_000; count++) limit.take();
});
