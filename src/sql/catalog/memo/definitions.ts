/** Definitions as SQL text from kept rows: views, constraints, indexes, and the sequences of serial columns. */
import { lookupMemo } from "./define.ts";
import { AppError } from "../../../errors/app_error.ts";
import {
  constraintDefinitions,
  indexDefinitions,
  nameSeparator,
  serialSequences,
  viewDefinitions,
} from "../functions/definitions.ts";
import { quoteIdentifier } from "../functions/keywords.ts";
import { nameParts } from "../functions/name_syntax.ts";
import { pg } from "../functions/macro.ts";
import { isVisible } from "./name_index.ts";
import { regclass, relationsMemo, schemasMemo } from "./object_names.ts";
import type { LookupFunction, SessionView } from "./types.ts";

type Row = readonly (string | null)[];

const viewsMemo = lookupMemo<ReadonlyMap<string, string | null>>(
  "definitions of views",
  viewDefinitions,
  (rows) => new Map(rows.map(([oid, definition]) => [oid!, definition ?? null])),
);

interface ConstraintDefinition {
  /** Of a foreign key: up to the other table's schema. */
  readonly before: string;
  /** Of a foreign key: the other table. */
  readonly referencedOid: number | null;
  readonly schema: string;
  readonly after: string;
}

const namesIn = (text: string | null | undefined) => (text ?? "").split(nameSeparator);
const nameList = (text: string | null | undefined) => `(${namesIn(text).map(quoteIdentifier).join(", ")})`;

function readConstraint([, kind, columns, check, schema, table, tableOid, tableColumns]: Row): ConstraintDefinition {
  const whole = (before: string) => ({ before, referencedOid: null, schema: "", after: "" });
  switch (kind) {
    case "p":
      return whole(`PRIMARY KEY ${nameList(columns)}`);
    case "u":
      return whole(`UNIQUE ${nameList(columns)}`);
    case "f":
      return {
        before: `FOREIGN KEY ${nameList(columns)} REFERENCES `,
        referencedOid: Number(tableOid),
        schema: quoteIdentifier(schema ?? ""),
        after: `${quoteIdentifier(table ?? "")}${nameList(tableColumns)}`,
      };
    default:
      return whole(`CHECK (${check})`);
  }
}

const constraintsMemo = lookupMemo<ReadonlyMap<string, ConstraintDefinition>>(
  "definitions of constraints",
  constraintDefinitions,
  (rows) => new Map(rows.map((row) => [row[0]!, readConstraint(row)])),
);

interface IndexDefinition {
  readonly definition: string;
  readonly keys: readonly string[];
}

function readIndex([, schema, table, name, isUnique, isCreated, keyNames]: Row): IndexDefinition {
  // A key of CREATE INDEX is a column, or an expression in brackets of its own.
  const keys = namesIn(keyNames).map((key) => isCreated === "t" && key.includes("(") ? key : quoteIdentifier(key));
  const place = `${quoteIdentifier(schema ?? "")}.${quoteIdentifier(table ?? "")}`;
  const definition = `CREATE ${isUnique === "t" ? "UNIQUE " : ""}INDEX ${
    quoteIdentifier(name ?? "")
  } ON ${place} USING btree (${keys.join(", ")})`;
  return { definition, keys };
}

const indexesMemo = lookupMemo<ReadonlyMap<string, IndexDefinition>>(
  "definitions of indexes",
  indexDefinitions,
  (rows) => new Map(rows.map((row) => [row[0]!, readIndex(row)])),
);

/** Numbers of a relation's columns by name. */
export const columnsMemo = lookupMemo<ReadonlyMap<string, ReadonlyMap<string, string>>>(
  "columns of relations",
  `SELECT attrelid, attname, attnum FROM ${pg("pg_attribute")}`,
  (rows) => grouped(rows),
);

/** The sequence that `serial` made for a column. */
const serialsMemo = lookupMemo<ReadonlyMap<string, ReadonlyMap<string, string>>>(
  "sequences of serial columns",
  serialSequences,
  (rows) => grouped(rows),
);

/** Of rows of an OID, a name and a text: the texts by OID and name. */
function grouped(rows: readonly Row[]): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const groups = new Map<string, Map<string, string>>();
  for (const [oid, name, text] of rows) {
    const before = groups.get(oid!);
    if (before === undefined) groups.set(oid!, new Map([[name!, text ?? ""]]));
    else before.set(name!, text ?? "");
  }
  return groups;
}

function constraintDefinition(view: SessionView, oid: bigint): string | null {
  const found = view.lookUp(constraintsMemo).get(String(oid));
  if (found === undefined) return null;
  if (found.referencedOid === null) return found.before + found.after;
  const relations = view.lookUp(relationsMemo);
  const referenced = relations.byOid.get(found.referencedOid);
  const isBare = referenced !== undefined && isVisible(referenced, relations, view);
  return `${found.before}${isBare ? "" : `${found.schema}.`}${found.after}`;
}

function serialSequence(view: SessionView, relation: string, column: string): string | null {
  const oid = String(regclass(view, relation));
  if (view.lookUp(columnsMemo).get(oid)?.has(column) !== true) {
    throw new AppError(
      "undefined_column",
      `column "${column}" of relation "${nameParts(relation)?.at(-1) ?? relation}" does not exist`,
    );
  }
  return view.lookUp(serialsMemo).get(oid)?.get(column) ?? null;
}

export const definitionLookups: readonly LookupFunction[] = [
  {
    name: "__eider_viewdef",
    parameters: ["BIGINT"],
    returns: "VARCHAR",
    memos: [viewsMemo],
    call: (view: SessionView, oid: bigint) => view.lookUp(viewsMemo).get(String(oid)) ?? null,
  },
  {
    name: "__eider_constraintdef",
    parameters: ["BIGINT"],
    returns: "VARCHAR",
    memos: [constraintsMemo, relationsMemo],
    call: constraintDefinition,
  },
  {
    /** The whole for key 0. */
    name: "__eider_indexdef",
    parameters: ["BIGINT", "BIGINT"],
    returns: "VARCHAR",
    memos: [indexesMemo],
    call: (view: SessionView, oid: bigint, key: bigint) => {
      const index = view.lookUp(indexesMemo).get(String(oid));
      if (index === undefined) return null;
      return key === 0n ? index.definition : index.keys[Number(key) - 1] ?? "";
    },
  },
  {
    name: "__eider_serial_sequence",
    parameters: ["VARCHAR", "VARCHAR"],
    returns: "VARCHAR",
    memos: [relationsMemo, schemasMemo, columnsMemo, serialsMemo],
    call: serialSequence,
  },
];
