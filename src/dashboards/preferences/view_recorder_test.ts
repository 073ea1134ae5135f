import { deepEqual, equal } from "node:assert/strict";
import { ViewRecorder } from "./view_recorder.ts";

function recorder(fail = false) {
  const noted: string[] = [];
  const warnings: string[] = [];
  const clock = { nowMs: 0 };
  const views = new ViewRecorder({
    preferences: {
      recordView: (user, { project, name }) => {
        noted.push(`${user.name} ${project}/${name}`);
        return fail ? Promise.reject(new Error("store closed")) : Promise.resolve();
      },
    },
    log: { warn: (message) => warnings.push(message) },
    now: () => clock.nowMs,
  });
  return { views, noted, warnings, clock };
}

const viewOf = (dashboard: string) => ({ viewer: "admin", project: "p", dashboard });

Deno.test("the same dashboard again within a minute is noted once, another one or a later look again", async () => {
  const { views, noted, clock } = recorder();
  for (const name of ["a", "a", "b", "a"]) await views.record(viewOf(name));
  clock.nowMs = 59_999;
  await views.record(viewOf("a"));
  clock.nowMs = 60_000;
  await views.record(viewOf("a"));
  deepEqual(noted, ["admin p/a", "admin p/b", "admin p/a", "admin p/a"]);
});

Deno.test("a view that cannot be noted hinders nobody and is tried again", async () => {
  const { views, noted, warnings } = recorder(true);
  await views.record(viewOf("a"));
  await views.record(viewOf("a"));
  equal(noted.length, 2);
  equal(warnings.length, 2);
});
