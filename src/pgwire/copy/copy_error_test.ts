import assert from "node:assert/strict";
import { AppError } from "../../errors/app_error.ts";
import { MessageWriter } from "../codec/message_writer.ts";
import { errorResponse } from "../codec/error_response.ts";
import { LocatedError } from "../codec/located_error.ts";
import { badCopyFormat, contextOf, locate } from "./copy_error.ts";
import { utf8 } from "./testing_copy.ts";

const place = { table: "t", lineNumber: 3, column: null, text: null };

Deno.test("a place is told as PostgreSQL tells it", () => {
  assert.equal(contextOf(place), "COPY t, line 3");
  assert.equal(contextOf({ ...place, text: utf8("1\tx") }), 'COPY t, line 3: "1\tx"');
  assert.equal(contextOf({ ...place, column: "a", text: utf8("x") }), 'COPY t, line 3, column a: "x"');
  assert.equal(contextOf({ ...place, column: "a", text: "null" }), "COPY t, line 3, column a: null input");
  assert.equal(contextOf({ ...place, column: "a" }), "COPY t, line 3, column a");
});

Deno.test("a long text is cut after 100 bytes, between characters", () => {
  const shown = (text: string) => /: "(.*)"$/s.exec(contextOf({ ...place, text: utf8(text) }))?.[1];
  assert.equal(shown("x".repeat(100)), "x".repeat(100));
  assert.equal(shown("x".repeat(101)), `${"x".repeat(100)}...`);
  assert.equal(shown("ž".repeat(60)), `${"ž".repeat(50)}...`);
  assert.equal(shown(`a${"ž".repeat(60)}`), `a${"ž".repeat(49)}...`);
});

Deno.test("an error keeps the place it got first, its kind and its hint", () => {
  const located = locate(badCopyFormat("bad", "do this"), place);
  assert.ok(located instanceof LocatedError);
  assert.deepEqual([located.sqlstate, located.message, located.hint, located.context], [
    "22P04",
    "bad",
    "do this",
    "COPY t, line 3",
  ]);
  assert.equal(locate(located, { ...place, lineNumber: 4 }), located);
  const other = new Error("defect");
  assert.equal(locate(other, place), other);
  const early = new AppError("import_failed", "header");
  assert.equal(locate(early, { ...place, lineNumber: 0 }), early, "before the first line there is no place");
});

Deno.test("ErrorResponse has the place in its field W", () => {
  const writer = new MessageWriter();
  errorResponse(writer, new LocatedError(badCopyFormat("bad"), "COPY t, line 3"));
  assert.match(new TextDecoder().decode(writer.take()), /\0WCOPY t, line 3\0/);
});
