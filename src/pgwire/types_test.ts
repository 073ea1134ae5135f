import assert from "node:assert/strict";
import {
  arrayElementByOid,
  type ColumnType,
  fieldTypeOf,
  formatTypeName,
  postgresTypeByOid,
  postgresTypes,
} from "./types.ts";

const fields: readonly (readonly [ColumnType, { oid: number; length: number; modifier: number }])[] = [
  [{ name: "BOOLEAN" }, { oid: 16, length: 1, modifier: -1 }],
  [{ name: "TINYINT" }, { oid: 21, length: 2, modifier: -1 }],
  [{ name: "UINTEGER" }, { oid: 20, length: 8, modifier: -1 }],
  [{ name: "HUGEINT" }, { oid: 1700, length: -1, modifier: -1 }],
  // pg_attribute.atttypmod of numeric(12,2) on a real server
  [{ name: "DECIMAL", width: 12, scale: 2 }, { oid: 1700, length: -1, modifier: 786438 }],
  [{ name: "VARCHAR" }, { oid: 25, length: -1, modifier: -1 }],
  [{ name: "ENUM", values: ["a"], indexBytes: 1 }, { oid: 25, length: -1, modifier: -1 }],
  [{ name: "TIMESTAMP_NS" }, { oid: 1114, length: 8, modifier: -1 }],
  [{ name: "LIST", child: { name: "INTEGER" } }, { oid: 1007, length: -1, modifier: -1 }],
  [{ name: "ARRAY", size: 2, child: { name: "LIST", child: { name: "VARCHAR" } } }, {
    oid: 1009,
    length: -1,
    modifier: -1,
  }],
  [{ name: "LIST", child: { name: "STRUCT", entries: [] } }, { oid: 199, length: -1, modifier: -1 }],
  [{ name: "MAP", key: { name: "VARCHAR" }, value: { name: "VARCHAR" } }, { oid: 114, length: -1, modifier: -1 }],
];

Deno.test("an engine column is described by PostgreSQL's OID, length and modifier", () => {
  for (const [column, expected] of fields) assert.deepEqual(fieldTypeOf(column), expected);
});

Deno.test("types are found by OID, arrays by the OID of the array type", () => {
  for (const type of Object.values(postgresTypes)) {
    assert.equal(postgresTypeByOid(type.oid), type);
    if (type.arrayOid !== 0) assert.equal(arrayElementByOid(type.arrayOid), type);
  }
  assert.equal(postgresTypeByOid(0), undefined);
  assert.equal(arrayElementByOid(0), undefined);
});

Deno.test("type names are format_type's", () => {
  assert.equal(formatTypeName(23), "integer");
  assert.equal(formatTypeName(1007), "integer[]");
  assert.equal(formatTypeName(1184), "timestamp with time zone");
  assert.equal(formatTypeName(1700), "numeric");
});
