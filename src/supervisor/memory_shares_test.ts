import { deepEqual, equal, ok } from "node:assert/strict";
import { memoryShares } from "./memory_shares.ts";

const wish = (wantedBytes: number, floorBytes = Math.min(wantedBytes, 256)) => ({ wantedBytes, floorBytes });

Deno.test("memoryShares gives everybody what they want while it fits", () => {
  deepEqual(memoryShares([], 100), []);
  deepEqual(memoryShares([wish(4000), wish(100)], 4100), [4000, 100]);
});

Deno.test("memoryShares lowers in proportion, and nobody below the floor", () => {
  deepEqual(memoryShares([wish(4000), wish(2000)], 3000), [2000, 1000]);
  // 300 would be 150 in proportion: it stays at its floor, and the others share the rest.
  deepEqual(memoryShares([wish(4000), wish(300), wish(1700)], 3000), [1925, 256, 818]);
  deepEqual(memoryShares([wish(100), wish(1000)], 600), [100, 500]);
});

Deno.test("memoryShares says when the floors do not fit", () => {
  equal(memoryShares([wish(4000), wish(4000)], 511), null);
  deepEqual(memoryShares([wish(4000), wish(4000)], 512), [256, 256]);
});

Deno.test("memoryShares never gives more than the budget or than is wanted, nor less than a floor", () => {
  let seed = 7;
  const random = (max: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % max;
  for (let round = 0; round < 500; round++) {
    const wishes = Array.from({ length: 1 + random(12) }, () => wish(1 + random(5000)));
    const budget = random(20_000);
    const shares = memoryShares(wishes, budget);
    const floors = wishes.reduce((sum, one) => sum + one.floorBytes, 0);
    equal(shares === null, floors > budget, `${budget} for ${JSON.stringify(wishes)}`);
    if (shares === null) continue;
    ok(shares.reduce((sum, bytes) => sum + bytes, 0) <= budget);
    shares.forEach((bytes, index) => {
      ok(bytes <= wishes[index]!.wantedBytes && bytes >= wishes[index]!.floorBytes, JSON.stringify({ wishes, shares }));
    });
  }
});
