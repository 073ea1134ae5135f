/**
 * The sequence behind a serial or identity column: named as PostgreSQL names it, made anew with its column, and owned
 * by the table, so that DuckDB drops it with the table.
 *
 * DuckDB forgets the owner when the database is opened again (`ownership.ts`; the column's default keeps its
 * dependency), so a sequence can outlive its table. Therefore one of that name is dropped first; DuckDB refuses that as
 * long as a default or an owner needs it.
 */
import { call, textConstant } from "../build.ts";
import { type PgNode, text } from "../tree.ts";
import { implicitName, nameList, ownSchema, partsOf, quotedPath, rangeVar } from "./names.ts";
import { defElem, sequenceOptions } from "./sequence_options.ts";

export interface OwnedSequence {
  readonly column: string;
  /** `[schema, name]`, or the name alone. */
  readonly parts: readonly string[];
  readonly temporary: boolean;
  readonly options: readonly PgNode[];
}

/** `options` are those of an identity column; `typeName` is `int2`, `int4` or `int8`. */
export function ownedSequence(
  table: PgNode,
  column: string,
  typeName: string,
  options: readonly PgNode[] = [],
): OwnedSequence {
  const temporary = text(table, "relpersistence") === "t" || text(table, "schemaname") === "temp";
  const given = sequenceOptions(options, typeName);
  const schema = temporary ? [] : partsOf(table).slice(0, -1);
  const parts = given.name?.map(ownPart) ?? [...schema, implicitName(text(table, "relname"), column, "seq")];
  return { column, parts, temporary, options: given.options };
}

/** Of `[schema, name]`. */
function ownPart(part: string, at: number, parts: readonly string[]): string {
  return at === parts.length - 2 ? ownSchema(part) : part;
}

/** `nextval('t_id_seq')`. */
export function nextValue(sequence: OwnedSequence): PgNode {
  return call(["nextval"], [textConstant(quotedPath(sequence.parts))]);
}

/** CREATE SEQUENCE, after dropping one that was left over; or IF NOT EXISTS. */
export function createSequence(sequence: OwnedSequence, ifNotExists = false): readonly PgNode[] {
  const create = {
    CreateSeqStmt: {
      sequence: rangeVar(sequence.parts, sequence.temporary),
      ...(sequence.options.length === 0 ? {} : { options: sequence.options }),
      ...(ifNotExists ? { if_not_exists: true } : {}),
    },
  };
  if (ifNotExists) return [create];
  // Without its database the name could be that of a sequence outside `temp`.
  const path = sequence.temporary ? ["temp", "main", sequence.parts.at(-1)!] : sequence.parts;
  return [dropSequence(path), create];
}

function dropSequence(parts: readonly string[]): PgNode {
  return {
    DropStmt: {
      objects: [nameList(parts)],
      removeType: "OBJECT_SEQUENCE",
      behavior: "DROP_RESTRICT",
      missing_ok: true,
    },
  };
}

/**
 * `ALTER SEQUENCE s OWNED BY t.c`; of `column` the printer leaves the column out, since DuckDB's owner is the table.
 */
export function ownSequence(sequence: readonly string[], column: readonly string[], ifExists = false): PgNode {
  return {
    AlterSeqStmt: {
      sequence: rangeVar(sequence),
      // DuckDB takes at most a schema before the table, and no database.
      options: [defElem("owned_by", nameList(column.slice(column.at(-3) === "temp" ? -2 : -3)))],
      ...(ifExists ? { missing_ok: true } : {}),
    },
  };
}

/** `ALTER TABLE t ALTER COLUMN c SET DEFAULT nextval('t_c_seq')`, then the ownership. */
export function attachSequence(table: PgNode, sequence: OwnedSequence): readonly PgNode[] {
  return [
    alterTable(table, { subtype: "AT_ColumnDefault", name: sequence.column, def: nextValue(sequence) }),
    ownSequence(sequence.parts, [...partsOf(table), sequence.column]),
  ];
}

/** One command of ALTER TABLE as a statement. */
export function alterTable(table: PgNode, command: PgNode, ifExists = false): PgNode {
  return {
    AlterTableStmt: {
      relation: { ...table, inh: true, relpersistence: "p" },
      cmds: [{ AlterTableCmd: { ...command, behavior: command["behavior"] ?? "DROP_RESTRICT" } }],
      objtype: "OBJECT_TABLE",
      ...(ifExists ? { missing_ok: true } : {}),
    },
  };
}
