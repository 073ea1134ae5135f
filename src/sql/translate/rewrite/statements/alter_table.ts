/**
 * ALTER TABLE: DuckDB takes one command a statement, so several become several, in the order of PostgreSQL's passes
 * (drops, types, new columns, constraints). What only concerns storage, owners and replication is left out with a
 * notice.
 */
import { bodyOf, child, flag, list, type PgNode, text, withFields } from "../tree.ts";
import { addedColumn, addedConstraint } from "./add_column.ts";
import { rewriteCollation } from "./columns.ts";
import { and, columnRef, not } from "../build.ts";
import { doNothing, equals, exists, isNamed, refuseWhen, requireRelation } from "./guards.ts";
import { isUnlimitedArray, lengthLimitOf } from "./length_limit.ts";
import { nameList, ownRangeVar, partsOf } from "./names.ts";
import { attachSequence, createSequence, ownedSequence } from "./owned_sequence.ts";
import { changed, refuse, type StatementRewrite } from "./result.ts";

interface Command {
  readonly subtype: string;
  readonly name: string;
  readonly body: PgNode;
  readonly node: PgNode;
}

interface Target {
  readonly table: PgNode;
  readonly ifExists: boolean;
}

interface Step {
  readonly pass: number;
  readonly statements: readonly PgNode[];
  readonly notices: readonly string[];
}

/** Commands that mean nothing here, and what is said about them. */
const ignoredCommands: Readonly<Record<string, string>> = {
  AT_ChangeOwner: "a workspace has one owner; OWNER TO is ignored",
  AT_ClusterOn: "workspaces need no CLUSTER; ignored",
  AT_DropCluster: "workspaces need no CLUSTER; ignored",
  AT_SetLogged: "all tables of a workspace are logged; ignored",
  AT_SetUnLogged: "all tables of a workspace are logged; ignored",
  AT_SetAccessMethod: "a workspace has one access method; ignored",
  AT_SetTableSpace: "a workspace has no tablespaces; ignored",
  AT_SetRelOptions: "storage parameters are ignored",
  AT_ResetRelOptions: "storage parameters are ignored",
  AT_SetStatistics: "column statistics are DuckDB's own; ignored",
  AT_SetOptions: "column options are ignored",
  AT_ResetOptions: "column options are ignored",
  AT_SetStorage: "column storage is DuckDB's own; ignored",
  AT_SetCompression: "column compression is DuckDB's own; ignored",
  AT_ReplicaIdentity: "a workspace is not replicated; REPLICA IDENTITY is ignored",
  AT_DropOids: "tables have no OIDs; ignored",
  AT_ValidateConstraint: "constraints are always valid; ignored",
  ...Object.fromEntries(
    [
      "EnableTrig",
      "EnableAlwaysTrig",
      "EnableReplicaTrig",
      "DisableTrig",
      "EnableTrigAll",
      "DisableTrigAll",
      "EnableTrigUser",
      "DisableTrigUser",
    ]
      .map((name) => [`AT_${name}`, "a workspace has no triggers, and its foreign keys are always checked; ignored"]),
  ),
};

/** PostgreSQL's passes, as far as they matter: a statement's commands are carried out in this order. */
const passes: Readonly<Record<string, number>> = {
  AT_DropColumn: 0,
  AT_DropConstraint: 0,
  AT_DropNotNull: 0,
  AT_AlterColumnType: 1,
  AT_AddColumn: 2,
  AT_SetNotNull: 3,
  AT_AddIdentity: 3,
  AT_AddConstraint: 5,
};

export function rewriteAlterTable(body: PgNode, root: PgNode): StatementRewrite {
  const kind = text(body, "objtype").replace(/^OBJECT_/, "").toLowerCase();
  if (kind !== "table") return rewriteOtherKind(kind, body);
  const target = { table: ownRangeVar(child(body, "relation") ?? {}), ifExists: flag(body, "missing_ok") };
  const commands = list(body, "cmds").map(commandOf);
  const steps = commands.map((command) => ({ pass: passOf(command), ...rewriteCommand(command, target) }));
  const statements = [...steps].sort((a, b) => a.pass - b.pass).flatMap((step) => step.statements);
  const notices = [...new Set(steps.flatMap((step) => step.notices))];
  if (statements.length === 0) {
    return changed(target.ifExists ? [doNothing] : requireRelation(target.table), notices);
  }
  if (isAsItWas(statements, commands, body, target.table)) return changed([root], notices);
  return changed(statements, notices);
}

/** One command that DuckDB has as it is, on a table whose name it has as it is. */
function isAsItWas(statements: readonly PgNode[], commands: readonly Command[], body: PgNode, table: PgNode): boolean {
  const [statement, ...others] = statements;
  if (others.length > 0 || commands.length !== 1 || child(body, "relation") !== table || !flag(table, "inh")) {
    return false;
  }
  const [command] = list(bodyOf(statement, "AlterTableStmt"), "cmds");
  return bodyOf(command, "AlterTableCmd") === commands[0]!.body;
}

function commandOf(node: PgNode): Command {
  const body = bodyOf(node, "AlterTableCmd") ?? {};
  return { subtype: text(body, "subtype"), name: text(body, "name"), body, node };
}

/** DROP DEFAULT comes with the drops, SET DEFAULT after new columns. */
function passOf(command: Command): number {
  if (command.subtype === "AT_ColumnDefault") return child(command.body, "def") === null ? 0 : 4;
  return passes[command.subtype] ?? 6;
}

function rewriteCommand(command: Command, target: Target): Omit<Step, "pass"> {
  const { subtype, name, body } = command;
  const ignored = ignoredCommands[subtype];
  if (ignored !== undefined) return { statements: [], notices: [ignored] };
  const asItIs = { statements: [oneCommand(body, target)], notices: [] };
  switch (subtype) {
    case "AT_DropColumn":
    case "AT_ColumnDefault":
    case "AT_DropNotNull":
    case "AT_SetNotNull":
      return asItIs;
    case "AT_AddColumn":
      return addColumn(body, target);
    case "AT_AlterColumnType":
      return alterType(name, body, target);
    case "AT_AddConstraint":
      return {
        statements: addedConstraint(child(body, "def") ?? {}, target.table, target.ifExists),
        notices: [],
      };
    case "AT_DropConstraint":
      return { statements: dropConstraint(name, flag(body, "missing_ok"), target), notices: [] };
    case "AT_AddIdentity":
      return addIdentity(name, body, target);
    case "AT_EnableRowSecurity":
    case "AT_ForceRowSecurity":
      return refuse("row-level security is not supported", "Make a view with the rows that may be seen.");
    case "AT_AddInherit":
    case "AT_AttachPartition":
    case "AT_DetachPartition":
      return refuse("inheritance and partitions are not supported", "Use a view with UNION ALL over the tables.");
    default:
      return refuse(
        `ALTER TABLE ${wordsOf(subtype)} is not supported`,
        "Create the table again with CREATE TABLE … AS SELECT.",
      );
  }
}

/** `AT_SetExpression` -> `SET EXPRESSION`. */
function wordsOf(subtype: string): string {
  return subtype.replace(/^AT_/, "").replace(/([a-z])([A-Z])/g, "$1 $2").toUpperCase();
}

/** The command's body itself, so that its identity tells that nothing changed. */
function oneCommand(body: PgNode, target: Target): PgNode {
  return {
    AlterTableStmt: {
      relation: withFields(target.table, { inh: true }),
      cmds: [{ AlterTableCmd: body }],
      objtype: "OBJECT_TABLE",
      ...(target.ifExists ? { missing_ok: true } : {}),
    },
  };
}

function addColumn(body: PgNode, target: Target): Omit<Step, "pass"> {
  const original = bodyOf(child(body, "def"), "ColumnDef") ?? {};
  const { before, definition, after, notices } = addedColumn(original, target.table);
  const others = [...before, ...after];
  if (others.length > 0 && (target.ifExists || flag(body, "missing_ok"))) refuseUnlessRepeatable(others);
  const changedBody = definition === original ? body : withFields(body, { def: { ColumnDef: definition } });
  return {
    statements: [
      ...(before.length === 0 ? [] : refuseTemporary(target.table)),
      ...before,
      oneCommand(changedBody, target),
      ...after.map(repeatable(body, target)),
    ],
    notices,
  };
}

/** A sequence is in its table's database, and a name without a schema does not tell whether that is `temp`. */
function refuseTemporary(table: PgNode): readonly PgNode[] {
  const [name, ...schema] = partsOf(table).toReversed();
  if (name === undefined || schema.length > 0) return [];
  const isTemporary = exists("duckdb_tables", [isNamed("table_name", ["temp", name])]);
  const detail = `serial and identity columns cannot be added to the temporary table "${name}". ` +
    "Name them in CREATE TEMP TABLE.";
  return [refuseWhen(isTemporary, detail)];
}

/**
 * With IF NOT EXISTS only what can be done a second time without effect may follow: NOT NULL, and a unique index under
 * its name.
 */
function refuseUnlessRepeatable(statements: readonly PgNode[]): void {
  const isRepeatable = (statement: PgNode) => {
    if (bodyOf(statement, "IndexStmt") !== null) return true;
    const [command] = list(bodyOf(statement, "AlterTableStmt"), "cmds");
    return text(bodyOf(command, "AlterTableCmd"), "subtype") === "AT_SetNotNull";
  };
  if (statements.every(isRepeatable)) return;
  refuse(
    "ADD COLUMN IF NOT EXISTS with serial, identity, PRIMARY KEY or a computed default and NOT NULL is not supported",
    "Leave IF NOT EXISTS out, or add the column first and its constraints with statements of their own.",
  );
}

function repeatable(body: PgNode, target: Target): (statement: PgNode) => PgNode {
  return (statement) => {
    const index = bodyOf(statement, "IndexStmt");
    if (index !== null) {
      if (target.ifExists) {
        refuse("ALTER TABLE IF EXISTS … ADD COLUMN … UNIQUE is not supported", "Leave IF EXISTS out.");
      }
      return flag(body, "missing_ok") ? { IndexStmt: withFields(index, { if_not_exists: true }) } : statement;
    }
    const alter = bodyOf(statement, "AlterTableStmt");
    return alter === null || !target.ifExists ? statement : { AlterTableStmt: withFields(alter, { missing_ok: true }) };
  };
}

function alterType(name: string, body: PgNode, target: Target): Omit<Step, "pass"> {
  const original = bodyOf(child(body, "def"), "ColumnDef") ?? {};
  const definition = withFields(original, { collClause: rewriteCollation(child(original, "collClause")) });
  const type = child(definition, "typeName") ?? {};
  const limited = lengthLimitOf(name, type) !== null || isUnlimitedArray(type);
  return {
    statements: [
      oneCommand(definition === original ? body : withFields(body, { def: { ColumnDef: definition } }), target),
    ],
    notices: limited
      ? [`the length of column "${name}" is not limited: DuckDB cannot add CHECK constraints to a table`]
      : [],
  };
}

function addIdentity(name: string, body: PgNode, target: Target): Omit<Step, "pass"> {
  if (target.ifExists) refuse("ALTER TABLE IF EXISTS … ADD GENERATED is not supported", "Leave IF EXISTS out.");
  const constraint = bodyOf(child(body, "def"), "Constraint");
  const sequence = ownedSequence(target.table, name, "int8", list(constraint, "options"));
  const always = text(constraint, "generated_when") === "a";
  return {
    statements: [
      ...refuseTemporary(target.table),
      ...createSequence(sequence),
      ...attachSequence(target.table, sequence),
    ],
    notices: always ? [`column "${name}" GENERATED ALWAYS AS IDENTITY also takes values that an INSERT gives`] : [],
  };
}

/**
 * A constraint that ADD CONSTRAINT … UNIQUE made is a unique index of that name; those of CREATE TABLE have no names in
 * DuckDB and stay.
 */
function dropConstraint(name: string, ifExists: boolean, target: Target): readonly PgNode[] {
  const parts = partsOf(target.table);
  const isIndex = exists("duckdb_indexes", [
    and(equals("index_name", name), columnRef("is_unique")),
    isNamed("table_name", parts),
  ]);
  const hasOthers = exists("duckdb_constraints", [
    not(equals("constraint_type", "NOT NULL")),
    isNamed("table_name", parts),
  ]);
  const detail = `constraint "${name}" cannot be dropped: DuckDB keeps the constraints of CREATE TABLE. ` +
    "Create the table again without it.";
  const condition = ifExists ? and(not(isIndex), hasOthers) : not(isIndex);
  const index = [...parts.slice(0, -1), name];
  return [
    refuseWhen(condition, detail),
    {
      DropStmt: {
        objects: [nameList(index)],
        removeType: "OBJECT_INDEX",
        behavior: "DROP_RESTRICT",
        ...(ifExists ? { missing_ok: true } : {}),
      },
    },
  ];
}

/** ALTER VIEW, SEQUENCE, INDEX, TYPE with the commands of ALTER TABLE. */
function rewriteOtherKind(kind: string, body: PgNode): StatementRewrite {
  const commands = list(body, "cmds").map(commandOf);
  const notices = commands.map((command) => ignoredCommands[command.subtype]);
  if (notices.every((notice) => notice !== undefined) && kind !== "type") {
    const relation = ownRangeVar(child(body, "relation") ?? {});
    const statements = kind === "view" ? requireRelation(relation) : [doNothing];
    return changed(statements, [...new Set(notices)]);
  }
  const advice: Readonly<Record<string, string>> = {
    view: "Replace the view with CREATE OR REPLACE VIEW.",
    index: "Drop the index and create another one.",
    sequence: "Drop the sequence and create another one.",
    type: "Create another type, and change the columns to it with ALTER TABLE … ALTER COLUMN … TYPE.",
  };
  return refuse(
    `ALTER ${kind.replaceAll("_", " ").toUpperCase()} with ${wordsOf(commands[0]?.subtype ?? "")} is not supported`,
    advice[kind] ?? "Create the object again.",
  );
}
