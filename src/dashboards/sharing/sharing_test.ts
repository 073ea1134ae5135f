import { deepEqual, equal, rejects } from "node:assert/strict";
import type { JsonObject } from "../types.ts";
import { FailureThrottle } from "./failure_throttle.ts";
import { checkVariables, resolveVariables } from "./variables.ts";
import { isView, makeView, viewLifetimeMs } from "./view_ticket.ts";

const list = (name: string, spec: JsonObject = {}): JsonObject => ({ kind: "ListVariable", spec: { name, ...spec } });
const textVariable = (name: string, value: string, constant = false): JsonObject => ({
  kind: "TextVariable",
  spec: { name, value, constant },
});
const staticList = (...values: string[]): JsonObject => ({
  plugin: { kind: "StaticListVariable", spec: { values } },
});

Deno.test("resolveVariables prefers the fixed value, then the default, then a static list's first", () => {
  const spec = {
    variables: [
      textVariable("host", "alpha"),
      list("region", { defaultValue: ["a", "b"], ...staticList("a", "b") }),
      list("first", staticList("x", "y")),
      list("asked", { plugin: { kind: "PrometheusLabelValuesVariable", spec: {} } }),
      "nonsense",
    ],
  };
  deepEqual(resolveVariables(spec, {}), { host: "alpha", region: ["a", "b"], first: "x" });
  deepEqual(resolveVariables(spec, { host: "beta", asked: "1", elsewhere: "2" }), {
    host: "beta",
    region: ["a", "b"],
    first: "x",
    asked: "1",
    elsewhere: "2",
  });
});

Deno.test("checkVariables names a wrong value, an unknown name, and a variable that would have no value", async () => {
  const spec = {
    variables: [
      textVariable("fixed", "1", true),
      list("one", staticList("a")),
      list("asked", { plugin: { kind: "PrometheusLabelValuesVariable", spec: {} } }),
    ],
  };
  const none = () => Promise.resolve(false);
  const pointers = async (values: Record<string, string | string[]>) => {
    try {
      await checkVariables(spec, values, none);
      return [];
    } catch (error) {
      return (error as { fields: { pointer: string }[] }).fields.map(({ pointer }) => pointer);
    }
  };
  deepEqual(await pointers({ asked: "x" }), []);
  deepEqual(await pointers({}), ["/variables/asked"]);
  deepEqual(await pointers({ asked: "x", fixed: "2" }), ["/variables/fixed"]);
  deepEqual(await pointers({ asked: "x", fixed: "1", one: ["a"] }), ["/variables/one"]);
  deepEqual(await pointers({ asked: "x", one: "b" }), ["/variables/one"]);
  deepEqual(await pointers({ asked: "x", "a/b": "c" }), ["/variables/a~1b"]);
  await checkVariables(spec, { asked: "x", elsewhere: "1" }, () => Promise.resolve(true));
  await rejects(checkVariables(spec, { asked: "x", elsewhere: "1" }, none), { kind: "invalid_request" });
});

Deno.test("a view is of one share, for a while, and of this server", () => {
  const secret = new Uint8Array([1, 2, 3]);
  const view = makeView(secret, "sh_1a", 1_000);
  equal(isView(secret, view, "sh_1a", 1_000 + viewLifetimeMs - 1), true);
  equal(isView(secret, view, "sh_1a", 1_000 + viewLifetimeMs), false);
  equal(isView(secret, view, "sh_1b", 1_000), false);
  equal(isView(new Uint8Array([1, 2, 4]), view, "sh_1a", 1_000), false);
  for (let length = 0; length < view.length; length++) equal(isView(secret, view.slice(0, length), "sh_1a", 0), false);
  equal(isView(secret, view.replace(/\.\d+\./, ".99999999999999."), "sh_1a", 0), false);
});

Deno.test("an address waits for the rest of its minute after too many failures, and memory stays bounded", () => {
  let nowMs = 0;
  const throttle = new FailureThrottle(2, () => nowMs);
  throttle.record("192.0.2.1");
  equal(throttle.isBlocked("192.0.2.1"), false);
  throttle.record("192.0.2.1");
  equal(throttle.isBlocked("192.0.2.1"), true);
  equal(throttle.isBlocked("192.0.2.2"), false);
  nowMs = 60_000;
  equal(throttle.isBlocked("192.0.2.1"), false);
  for (const count of [1, 2]) {
    for (let n = 0; n < 10_001; n++) throttle.record(`10.${count}.${n >> 8}.${n & 255}`);
  }
  equal(throttle.isBlocked("192.0.2.1"), false);
});
