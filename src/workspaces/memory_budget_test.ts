import assert from "node:assert/strict";
import { MemoryBudget, memoryShare } from "./memory_budget.ts";

Deno.test("memoryShare gives an own limit as it is, and a default by what is left", () => {
  const share = (limitBytes: number | null, takenBytes: number) =>
    memoryShare({ limitBytes, defaultBytes: 4e9, budgetBytes: 16e9, takenBytes });
  assert.equal(share(6e9, 15e9), 6e9);
  assert.equal(share(null, 0), 4e9);
  assert.equal(share(null, 8e9), 4e9);
  assert.equal(share(null, 12e9), 2e9);
  assert.equal(share(null, 16e9), 256e6);
  assert.equal(memoryShare({ limitBytes: null, defaultBytes: 1e8, budgetBytes: 1e9, takenBytes: 9e8 }), 1e8);
});

Deno.test("shares count while their worker runs or may still be starting", () => {
  const running = new Set<string>();
  let nowMs = 0;
  const budget = new MemoryBudget({
    budgetBytes: 10e9,
    defaultBytes: 4e9,
    isRunning: (workspaceId) => running.has(workspaceId),
    now: () => nowMs,
  });
  budget.launch("ws_1", 3e9);
  budget.launch("ws_2", null);
  assert.equal(budget.takenBytes(), 6.5e9);
  assert.equal(budget.takenBytes("ws_1"), 3.5e9);
  running.add("ws_1");
  nowMs += 200_000;
  assert.equal(budget.takenBytes(), 3e9);
  assert.equal(budget.resize("ws_1", 11e9), null);
  assert.equal(budget.resize("ws_1", 9e9), 9e9);
  assert.equal(budget.shareOf("ws_1"), 9e9);
  budget.release("ws_1");
  assert.equal(budget.takenBytes(), 0);
});

Deno.test("a share over the budget may shrink but not grow", () => {
  const budget = new MemoryBudget({ budgetBytes: 4e9, defaultBytes: 4e9, isRunning: () => true, now: () => 0 });
  budget.launch("ws_1", 4e9);
  budget.launch("ws_2", 3e9);
  assert.equal(budget.resize("ws_2", 2e9), 2e9);
  assert.equal(budget.resize("ws_2", 3e9), null);
});
