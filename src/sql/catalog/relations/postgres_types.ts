/** PostgreSQL's own types, from `postgres_types.txt`, and their arrays, which have what their elements say. */
import { dataLines } from "./postgres_columns.ts";
import text from "./postgres_types.txt" with { type: "text" };

export interface PostgresTypeRow {
  readonly oid: number;
  readonly name: string;
  readonly length: number;
  readonly byValue: boolean;
  /** typtype: b base, p pseudo, r range, m multirange. */
  readonly kind: string;
  readonly category: string;
  readonly preferred: boolean;
  readonly delimiter: string;
  readonly elementOid: number;
  readonly arrayOid: number;
  readonly alignment: string;
  readonly storage: string;
  readonly collationOid: number;
  /**
   * Names of typinput, typoutput, typreceive, typsend, typmodin, typmodout, typanalyze, typsubscript; empty for none.
   */
  readonly functions: readonly string[];
}

const functionCount = 8;

function parseType(line: string): PostgresTypeRow {
  const [oid, name, length, byValue, kind, category, preferred, delimiter, elementOid, arrayOid, ...rest] = line.split(
    "|",
  ) as [string, string, string, string, string, string, string, string, string, string, ...string[]];
  const [alignment, storage, collationOid, ...functions] = rest as [string, string, string, ...string[]];
  return {
    oid: Number(oid),
    name,
    length: Number(length),
    byValue: byValue === "true",
    kind,
    category,
    preferred: preferred === "true",
    delimiter,
    elementOid: Number(elementOid),
    arrayOid: Number(arrayOid),
    alignment,
    storage,
    collationOid: Number(collationOid),
    functions: Array.from({ length: functionCount }, (_, index) => functions[index] ?? ""),
  };
}

function arrayOf(element: PostgresTypeRow): PostgresTypeRow {
  const [, , , , modifierInput, modifierOutput] = element.functions as [string, string, string, string, string, string];
  return {
    oid: element.arrayOid,
    name: `_${element.name}`,
    length: -1,
    byValue: false,
    kind: "b",
    category: "A",
    preferred: false,
    delimiter: element.delimiter,
    elementOid: element.oid,
    arrayOid: 0,
    alignment: element.alignment === "d" ? "d" : "i",
    storage: "x",
    collationOid: element.collationOid,
    functions: [...arrayFunctions.slice(0, 4), modifierInput, modifierOutput, ...arrayFunctions.slice(6)],
  };
}

/** The functions of each array type, users' ones too. */
export const arrayFunctions: readonly string[] =
  "array_in array_out array_recv array_send   array_typanalyze array_subscript_handler".split(" ");

const elements = dataLines(text).map(parseType);

/** Without arrays first, then the arrays. */
export const postgresTypeRows: readonly PostgresTypeRow[] = [
  ...elements,
  // record[] stands in the file; it is a pseudo-type.
  ...elements.filter((type) => type.arrayOid !== 0 && type.name !== "record").map(arrayOf),
];

const byName: ReadonlyMap<string, PostgresTypeRow> = new Map(postgresTypeRows.map((type) => [type.name, type]));

/** The OID of a type as the data files write it: `int4`, `text[]`. Throws for a name that PostgreSQL does not have. */
export function typeOid(name: string): number {
  const type = byName.get(name.endsWith("[]") ? `_${name.slice(0, -2)}` : name);
  if (type === undefined) throw new Error(`PostgreSQL has no type ${name}`);
  return type.oid;
}
