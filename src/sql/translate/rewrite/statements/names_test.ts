import assert from "node:assert/strict";
import { clipped, implicitName, quotedPath, splitPath } from "./names.ts";

/** Table, addition, label and the name, all from PostgreSQL 15. */
const names = [
  ["t", "id", "seq", "t_id_seq"],
  ["t", "", "pkey", "t_pkey"],
  [
    "a_very_long_table_name_that_goes_on_and_on_for_ever",
    "a_column_with_a_long_name_as_well",
    "seq",
    "a_very_long_table_name_that_g_a_column_with_a_long_name_as__seq",
  ],
  [
    "a_very_long_table_name_that_goes_on_and_on_for_ever",
    "c",
    "seq",
    "a_very_long_table_name_that_goes_on_and_on_for_ever_c_seq",
  ],
  [
    "größe_größe_größe_größe_größe_größe_größe",
    "überschrift_überschrift_überschrift",
    "seq",
    "größe_größe_größe_grö_überschrift_überschrift_üb_seq",
  ],
  [
    "t",
    "a_column_name_that_has_exactly_sixty_three_bytes_in_it_abcdefgh",
    "seq",
    "t_a_column_name_that_has_exactly_sixty_three_bytes_in_it_ab_seq",
  ],
] as const;

for (const [table, addition, label, expected] of names) {
  Deno.test(`the name that PostgreSQL makes up is ${expected}`, () => {
    assert.equal(implicitName(table, addition, label), expected);
  });
}

Deno.test("clipped never cuts a character", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 9].map((bytesMax) => clipped("aüb", bytesMax)), ["", "a", "a", "aü", "aüb", "aüb"]);
});

Deno.test("splitPath reads what quotedPath writes, and folds what is not quoted", () => {
  for (const parts of [["t_id_seq"], ["s", "t"], ["S p", 'a"b', "c.d"]]) {
    assert.deepEqual(splitPath(quotedPath(parts)), parts);
  }
  assert.deepEqual(splitPath('Public."T" . seq'), ["public", "T", "seq"]);
  for (const wrong of ["", "a b", "a.", '"a', "a..b"]) assert.equal(splitPath(wrong), null, wrong);
});
