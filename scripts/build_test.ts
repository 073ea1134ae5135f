import { deepEqual, throws } from "node:assert/strict";
import { parseOptions } from "./build.ts";
import { describeMeasurement, meetsSizeGoals } from "./build/verify.ts";

Deno.test("parseOptions has a default for everything, and takes both ways of writing a value", () => {
  deepEqual(parseOptions([]), { out: "dist/eider", method: "auto", verify: true });
  deepEqual(parseOptions(["--out", "a b", "--method=compile", "--no-verify"]), {
    out: "a b",
    method: "compile",
    verify: false,
  });
});

Deno.test("parseOptions refuses what it does not know", () => {
  throws(() => parseOptions(["--method=zip"]), /--method=zip: accepted are auto, compile, self-extracting/);
  throws(() => parseOptions(["--out="]), /--out has no value/);
  throws(() => parseOptions(["--target=x"]), /--target/);
  throws(() => parseOptions(["dist"]), /dist/);
});

Deno.test("a measurement is shown beside its goals, and only sizes decide", () => {
  const measured = { executableBytes: 62.9e6, unpackedBytes: 200e6, coldStartMs: 4_100, warmStartMs: 999 };
  deepEqual(describeMeasurement(measured), [
    "executable              62.9 MB   goal: under 80.0 MB: met",
    "unpacked               200.0 MB   goal: under 200.0 MB: MISSED",
    "cold start to /ready     4.10 s   goal: under 4.00 s: MISSED",
    "warm start to /ready     1.00 s   goal: under 1.00 s: met",
  ]);
  deepEqual(meetsSizeGoals(measured), false);
  deepEqual(meetsSizeGoals({ ...measured, unpackedBytes: 1 }), true);
});
