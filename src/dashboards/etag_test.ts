import assert from "node:assert/strict";
import { AppError } from "../errors/app_error.ts";
import { etagOf, expectedVersionOf } from "./etag.ts";

Deno.test("an entity tag is the version, and comes back as it", () => {
  for (const version of [0, 1, 123_456]) assert.equal(expectedVersionOf(etagOf(version)), version);
  assert.equal(etagOf(7), '"v7"');
  assert.equal(expectedVersionOf(" v7 "), 7);
});

Deno.test("without If-Match, and with *, no version is expected", () => {
  for (const header of [undefined, null, "", " ", "*"]) assert.equal(expectedVersionOf(header), null);
});

Deno.test("an If-Match that is no tag of ours is refused", () => {
  for (const header of ['W/"v7"', '"7"', '"v7", "v8"', '"v-1"', '"v1e3"', "v12345678901", '"abc"']) {
    assert.throws(
      () => expectedVersionOf(header),
      (error) => error instanceof AppError && error.kind === "invalid_request",
    );
  }
});
