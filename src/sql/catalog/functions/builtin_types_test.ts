import { equal } from "node:assert/strict";
import { builtinTypeOid, formatBuiltinType, modifierAbsent, parseTypeName } from "./builtin_types.ts";

/** OID, modifier, text: what PostgreSQL 15 answered. */
const formatted: readonly (readonly [number, number, string])[] = [
  [1700, 786438, "numeric(12,2)"],
  [1231, 786438, "numeric(12,2)[]"],
  [1700, -1, "numeric"],
  [1700, ((5 << 16) | (-2 & 2047)) + 4, "numeric(5,-2)"],
  [1700, 262144, "numeric(3,-4)"],
  [1043, 14, "character varying(10)"],
  [1043, 4, "character varying"],
  [1015, 24, "character varying(20)[]"],
  [1042, 14, "character(10)"],
  [1042, -1, "bpchar"],
  [1042, modifierAbsent, "character"],
  [1560, 3, "bit(3)"],
  [1560, -1, '"bit"'],
  [1560, modifierAbsent, "bit"],
  [1562, 5, "bit varying(5)"],
  [1114, 3, "timestamp(3) without time zone"],
  [1184, 0, "timestamp(0) with time zone"],
  [1083, 2, "time(2) without time zone"],
  [1266, 6, "time(6) with time zone"],
  [1186, -1, "interval"],
  [1186, 2147418115, "interval(3)"],
  [1186, (4 << 16) | 65535, "interval year"],
  [1186, (7176 << 16) | 2, "interval day to second(2)"],
  [18, -1, '"char"'],
  [1002, -1, '"char"[]'],
  [22, modifierAbsent, "int2vector"],
  [2276, -1, '"any"'],
  [2287, -1, "record[]"],
  [16, -1, "boolean"],
  [25, 10, "text(10)"],
];

Deno.test("formatBuiltinType prints what PostgreSQL's format_type prints", () => {
  for (const [oid, modifier, text] of formatted) equal(formatBuiltinType(oid, modifier), text, `${oid} ${modifier}`);
  equal(formatBuiltinType(99_999, -1), null);
});

/** Spelling, OID: what PostgreSQL 15's regtype reads. */
const read: readonly (readonly [string, number | null])[] = [
  ["integer", 23],
  ["INT4", 23],
  ["int4[]", 1007],
  ["int4[3][]", 1007],
  ["integer array", 1007],
  ["_int4", 1007],
  ["_int4[]", null],
  ["pg_catalog.int4", 23],
  ["pg_catalog.integer", null],
  ["public.int4", null],
  ["double   precision", 701],
  ["float", 701],
  ["float(24)", 700],
  ["float(25)", 701],
  ["character varying(20)", 1043],
  ["national character varying(3)", 1043],
  ["char", 1042],
  ['"char"', 18],
  ["pg_catalog.char", 18],
  ["timestamp with time zone", 1184],
  ["timestamp(3) with time zone", 1184],
  ["timestamp(3)", 1114],
  ["time without time zone", 1083],
  ["interval day to second(3)", 1186],
  ["interval", 1186],
  ["numeric(10, 2)", 1700],
  ["numeric(10,2)[]", 1231],
  ["bit varying", 1562],
  ['"Text"', null],
  ["foo bar", null],
  ["", null],
];

Deno.test("builtinTypeOid reads a type by any of its names", () => {
  for (const [text, oid] of read) equal(builtinTypeOid(text), oid, text);
});

Deno.test("parseTypeName keeps the schema and the case of a quoted name", () => {
  const parsed = parseTypeName('"My schema"."Mood"[]');
  equal(JSON.stringify(parsed), JSON.stringify({ schema: "My schema", name: "Mood", isArray: true }));
  equal(parseTypeName("public.Mood")?.name, "mood");
  equal(parseTypeName("a.b.c"), null);
});
