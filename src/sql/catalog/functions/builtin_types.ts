/**
 * PostgreSQL's built-in types as their names are written: `format_type` for them, and back from any spelling to the
 * OID. OIDs are those of `pg_type`. Types that users make are looked up by the macros that use this.
 */

interface BuiltinType {
  readonly oid: number;
  /** `pg_type.typname`. */
  readonly name: string;
  /** 0: it has none. */
  readonly arrayOid: number;
}

/** `oid:typname:typarray`, by OID. */
const packed = `
  16:bool:1000 17:bytea:1001 18:char:1002 19:name:1003 20:int8:1016 21:int2:1005 22:int2vector:1006 23:int4:1007
  24:regproc:1008 25:text:1009 26:oid:1028 27:tid:1010 28:xid:1011 29:cid:1012 30:oidvector:1013 32:pg_ddl_command:0
  114:json:199 142:xml:143 194:pg_node_tree:0 269:table_am_handler:0 325:index_am_handler:0 600:point:1017
  601:lseg:1018 602:path:1019 603:box:1020 604:polygon:1027 628:line:629 650:cidr:651 700:float4:1021 701:float8:1022
  705:unknown:0 718:circle:719 774:macaddr8:775 790:money:791 829:macaddr:1040 869:inet:1041 1033:aclitem:1034
  1042:bpchar:1014 1043:varchar:1015 1082:date:1182 1083:time:1183 1114:timestamp:1115 1184:timestamptz:1185
  1186:interval:1187 1266:timetz:1270 1560:bit:1561 1562:varbit:1563 1700:numeric:1231 1790:refcursor:2201
  2202:regprocedure:2207 2203:regoper:2208 2204:regoperator:2209 2205:regclass:2210 2206:regtype:2211 2249:record:2287
  2275:cstring:1263 2276:any:0 2277:anyarray:0 2278:void:0 2279:trigger:0 2280:language_handler:0 2281:internal:0
  2283:anyelement:0 2776:anynonarray:0 2950:uuid:2951 2970:txid_snapshot:2949 3115:fdw_handler:0 3220:pg_lsn:3221
  3310:tsm_handler:0 3361:pg_ndistinct:0 3402:pg_dependencies:0 3500:anyenum:0 3614:tsvector:3643 3615:tsquery:3645
  3642:gtsvector:3644 3734:regconfig:3735 3769:regdictionary:3770 3802:jsonb:3807 3831:anyrange:0 3838:event_trigger:0
  3904:int4range:3905 3906:numrange:3907 3908:tsrange:3909 3910:tstzrange:3911 3912:daterange:3913 3926:int8range:3927
  4072:jsonpath:4073 4089:regnamespace:4090 4096:regrole:4097 4191:regcollation:4192 4451:int4multirange:6150
  4532:nummultirange:6151 4533:tsmultirange:6152 4534:tstzmultirange:6153 4535:datemultirange:6155
  4536:int8multirange:6157 4537:anymultirange:0 4538:anycompatiblemultirange:0 4600:pg_brin_bloom_summary:0
  4601:pg_brin_minmax_multi_summary:0 5017:pg_mcv_list:0 5038:pg_snapshot:5039 5069:xid8:271 5077:anycompatible:0
  5078:anycompatiblearray:0 5079:anycompatiblenonarray:0 5080:anycompatiblerange:0
`;

const types: readonly BuiltinType[] = packed.trim().split(/\s+/).map((entry) => {
  const [oid, name, arrayOid] = entry.split(":") as [string, string, string];
  return { oid: Number(oid), name, arrayOid: Number(arrayOid) };
});
const byOid: ReadonlyMap<number, BuiltinType> = new Map(types.map((type) => [type.oid, type]));
const byArrayOid: ReadonlyMap<number, BuiltinType> = new Map(
  types.filter((type) => type.arrayOid !== 0).map((type) => [type.arrayOid, type]),
);
const byName: ReadonlyMap<string, BuiltinType> = new Map(types.map((type) => [type.name, type]));

/** The SQL names of types that are not called by their `typname`; `#` is where the modifier goes. */
const sqlNames: Readonly<Record<string, string>> = {
  any: '"any"',
  bool: "boolean",
  bpchar: "character#",
  char: '"char"',
  float4: "real",
  float8: "double precision",
  int2: "smallint",
  int4: "integer",
  int8: "bigint",
  time: "time# without time zone",
  timestamp: "timestamp# without time zone",
  timestamptz: "timestamp# with time zone",
  timetz: "time# with time zone",
  varbit: "bit varying#",
  varchar: "character varying#",
};

/** No modifier is given to `formatBuiltinType`: the type alone, as for `format_type(oid, NULL)`. */
export const modifierAbsent = -2;

/**
 * What `format_type(oid, modifier)` prints for a built-in type or an array of one, or null when the OID is none of
 * these. A modifier of -1 says that there is none; `modifierAbsent` that nobody knows.
 */
export function formatBuiltinType(oid: number, modifier: number): string | null {
  const element = byArrayOid.get(oid);
  const type = element ?? byOid.get(oid);
  if (type === undefined) return null;
  return `${formatScalar(type.name, modifier)}${element === undefined ? "" : "[]"}`;
}

function formatScalar(name: string, modifier: number): string {
  if (modifier === -1 && name === "bpchar") return "bpchar";
  if (modifier === -1 && name === "bit") return '"bit"';
  const sqlName = sqlNames[name] ?? `${name}#`;
  return sqlName.replace("#", modifier < 0 ? "" : formatModifier(name, modifier));
}

function formatModifier(name: string, modifier: number): string {
  switch (name) {
    case "bpchar":
    case "varchar":
      return modifier > 4 ? `(${modifier - 4})` : "";
    case "numeric": {
      const value = modifier - 4;
      // The scale is a signed number of 11 bits.
      return value < 0 ? "" : `(${(value >> 16) & 0xffff},${((value & 0x7ff) ^ 1024) - 1024})`;
    }
    case "interval":
      return formatIntervalModifier(modifier);
    default:
      return `(${modifier})`;
  }
}

/** Bits of the interval's fields in the upper half of its modifier. */
const intervalFields: ReadonlyMap<number, string> = new Map(
  [[2, "month"], [4, "year"], [8, "day"], [1024, "hour"], [2048, "minute"], [4096, "second"], [6, "year to month"]]
    .concat([
      [1032, "day to hour"],
      [3080, "day to minute"],
      [7176, "day to second"],
      [3072, "hour to minute"],
      [7168, "hour to second"],
      [6144, "minute to second"],
      [0x7fff, ""],
    ]) as [number, string][],
);

function formatIntervalModifier(modifier: number): string {
  const fields = intervalFields.get((modifier >> 16) & 0x7fff) ?? "";
  const precision = modifier & 0xffff;
  return `${fields === "" ? "" : ` ${fields}`}${precision === 0xffff ? "" : `(${precision})`}`;
}

export interface TypeName {
  /** null: to be looked for along the search path. */
  readonly schema: string | null;
  /** As `pg_type.typname` has it. */
  readonly name: string;
  readonly isArray: boolean;
}

/** Spellings of SQL, in lower case and with single spaces. */
const spellings: Readonly<Record<string, string>> = {
  "bigint": "int8",
  "bit varying": "varbit",
  "bit": "bit",
  "boolean": "bool",
  "char varying": "varchar",
  "char": "bpchar",
  "character varying": "varchar",
  "character": "bpchar",
  "dec": "numeric",
  "decimal": "numeric",
  "double precision": "float8",
  "float": "float8",
  "int": "int4",
  "integer": "int4",
  "national char varying": "varchar",
  "national char": "bpchar",
  "national character varying": "varchar",
  "national character": "bpchar",
  "nchar varying": "varchar",
  "nchar": "bpchar",
  "real": "float4",
  "smallint": "int2",
  "time with time zone": "timetz",
  "time without time zone": "time",
  "timestamp with time zone": "timestamptz",
  "timestamp without time zone": "timestamp",
};

/**
 * Reads a type's name as PostgreSQL's grammar has it, such as `character varying(20)`, `pg_catalog.int4[]`, `"My type"`
 * or `timestamp(3) with time zone`. Null when it is none.
 */
export function parseTypeName(text: string): TypeName | null {
  let rest = text.trim();
  let isArray = false;
  const brackets = /(?:\s*\[\s*\d*\s*\])+$|\s+array(?:\s*\[\s*\d+\s*\])?$/i.exec(rest);
  if (brackets !== null) {
    isArray = true;
    rest = rest.slice(0, brackets.index).trim();
  }
  const qualified = /^(?:("(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)\s*\.\s*)?("(?:[^"]|"")+"|[^".]+)$/
    .exec(rest);
  if (qualified === null) return null;
  const schema = qualified[1] === undefined ? null : unquote(qualified[1]);
  const last = qualified[2]!;
  if (last.startsWith('"')) return { schema, name: unquote(last), isArray };
  // The modifier may stand inside, as in `timestamp(3) with time zone`.
  const bare = last.replace(/\(\s*[-+\w\s,']*\)/, " ").replace(/\s+/g, " ").trim().toLowerCase();
  if (schema === null) {
    const interval = /^interval( (year|month|day|hour|minute|second)( to (month|hour|minute|second))?)?$/.test(bare);
    if (interval) return { schema: "pg_catalog", name: "interval", isArray };
    const float = /^float\s*\(\s*(\d+)\s*\)$/i.exec(last.trim());
    if (float !== null) return { schema: "pg_catalog", name: Number(float[1]) <= 24 ? "float4" : "float8", isArray };
    const name = spellings[bare];
    if (name !== undefined) return { schema: "pg_catalog", name, isArray };
  }
  return /^[a-z_\u0080-\uffff][\w$\u0080-\uffff]*$/.test(bare) ? { schema, name: bare, isArray } : null;
}

function unquote(word: string): string {
  return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word.toLowerCase();
}

/** The OID of a built-in type by any of its names, or null. `_int4` is a name of an array type, too. */
export function builtinTypeOid(text: string): number | null {
  const parsed = parseTypeName(text);
  if (parsed === null || (parsed.schema !== null && parsed.schema !== "pg_catalog")) return null;
  const array = parsed.name.startsWith("_") ? byName.get(parsed.name.slice(1))?.arrayOid : undefined;
  if (array !== undefined && array !== 0) return parsed.isArray ? null : array;
  const type = byName.get(parsed.name);
  if (type === undefined) return null;
  if (!parsed.isArray) return type.oid;
  return type.arrayOid === 0 ? null : type.arrayOid;
}
