/**
 * What one statement of PostgreSQL's grammar is: kind, command tag, rows, and what the session must do. Statement types
 * that are not named here are not supported. Tags: https://www.postgresql.org/docs/16/protocol-message-formats.html
 */
import type { PgNode } from "../pg_parser.ts";
import type { Token } from "../scanner.ts";
import type { FactsBuilder, ParsedStatement, RelationName, StatementAction, StatementKind } from "../statement.ts";
import { closingIndex, commaParts, type InnerRange } from "./cut.ts";
import { readCopyOptions } from "./copy_options.ts";
import { describeDiscard, describeFetch, describeSet, describeTransaction } from "./session_action.ts";
import { isSymbol } from "./token_facts.ts";
import { child, list, objectWord, relationOf, stringOf, text } from "./tree_facts.ts";

export interface Description {
  readonly kind: StatementKind;
  readonly tag: string;
  readonly returnsRows: boolean | "unknown";
  readonly writes: boolean;
  readonly action: StatementAction;
}

export interface DescribeInput {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** The inner statement of PREPARE, DECLARE, EXPLAIN or COPY (query), parsed by itself, and where it stands. */
  readonly inner: { readonly range: InnerRange; readonly statement: ParsedStatement } | null;
  /** Parses the SELECT that stands for `COPY table TO STDOUT`. */
  readonly parseQuery: (query: string) => ParsedStatement;
  readonly facts: FactsBuilder;
}

const execute: StatementAction = { type: "execute" };

function plain(kind: StatementKind, tag: string, returnsRows: boolean, writes: boolean): Description {
  return { kind, tag, returnsRows, writes, action: execute };
}

function session(kind: StatementKind, tag: string, action: StatementAction, returnsRows = false): Description {
  return { kind, tag, returnsRows, writes: false, action };
}

function ignored(tag: string, notice: string): Description {
  return session("utility", tag, { type: "ignored", notice });
}

function refused(input: DescribeInput, tag: string, detail: string, hint?: string): Description {
  input.facts.deny("insufficient_privilege", detail, hint);
  return plain("utility", tag, false, false);
}

/** What to do instead, by tag. */
const insteadOf: Readonly<Record<string, string>> = {
  "ALTER ENUM":
    "Create a type with all values, give it to the columns with ALTER TABLE … ALTER COLUMN … TYPE, and drop the old type.",
};

function unsupported(input: DescribeInput, tag: string): Description {
  const hint = insteadOf[tag];
  const detail = `${tag} is not supported${hint === undefined ? "" : ": DuckDB's types cannot be changed"}`;
  input.facts.deny("feature_not_supported", detail, hint);
  return plain("utility", tag, false, true);
}

function hasDataChange(node: PgNode): boolean {
  const clause = child(node, "withClause");
  return clause !== null && list(clause, "ctes").some((cte) => {
    const query = child(child(cte, "CommonTableExpr") ?? {}, "ctequery") ?? {};
    return ["InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"].some((type) => type in query);
  });
}

const dataTags: Readonly<Record<string, [kind: StatementKind, tag: string]>> = {
  InsertStmt: ["insert", "INSERT"],
  UpdateStmt: ["update", "UPDATE"],
  DeleteStmt: ["delete", "DELETE"],
  MergeStmt: ["merge", "MERGE"],
};

export function describeTree(type: string, node: PgNode, input: DescribeInput): Description {
  const data = dataTags[type];
  if (data !== undefined) {
    const returning = "returningClause" in node || list(node, "returningList").length > 0;
    return plain(data[0], data[1], returning, true);
  }
  switch (type) {
    case "SelectStmt":
      if (child(node, "intoClause") !== null) return plain("create_table_as", "SELECT", false, true);
      return plain("select", "SELECT", true, hasDataChange(node));
    case "TruncateStmt":
      return plain("truncate", "TRUNCATE TABLE", false, true);
    case "ExplainStmt":
      return describeExplain(node, input);
    case "CallStmt":
      return plain("call", "CALL", true, false);
    case "CopyStmt":
      return describeCopy(node, input);
    case "TransactionStmt":
      return { ...session("transaction", "", execute), ...describeTransaction(node) };
    case "VariableSetStmt":
      return { ...session("setting", "SET", execute), ...describeSet(node) };
    case "VariableShowStmt":
      return describeShow(text(node, "name"), input);
    case "DiscardStmt":
      return { ...session("setting", "DISCARD", execute), ...describeDiscard(node) };
    case "FetchStmt":
      return { ...session("cursor", "FETCH", execute, node["ismove"] !== true), ...describeFetch(node) };
    case "ClosePortalStmt":
      return session("cursor", "CLOSE CURSOR", { type: "close_cursor", name: text(node, "portalname") || null });
    case "DeclareCursorStmt":
      return describeDeclare(node, input);
    case "PrepareStmt":
      return describePrepare(node, input);
    case "ExecuteStmt":
      return { ...describeExecute(text(node, "name"), input) };
    case "DeallocateStmt": {
      const name = node["isall"] === true ? null : text(node, "name");
      return session("prepared", name === null ? "DEALLOCATE ALL" : "DEALLOCATE", { type: "deallocate", name });
    }
    case "ListenStmt":
      return session("notification", "LISTEN", { type: "listen", channel: text(node, "conditionname") });
    case "UnlistenStmt":
      return session("notification", "UNLISTEN", { type: "unlisten", channel: text(node, "conditionname") || null });
    case "NotifyStmt": {
      const action = { type: "notify", channel: text(node, "conditionname"), payload: text(node, "payload") } as const;
      return session("notification", "NOTIFY", action);
    }
    case "LockStmt": {
      const relations = list(node, "relations").map((item) => relationOf(child(item, "RangeVar") ?? {}));
      return session("lock", "LOCK TABLE", { type: "lock", relations });
    }
    default:
      return describeDefinition(type, node, input);
  }
}

function describeDefinition(type: string, node: PgNode, input: DescribeInput): Description {
  switch (type) {
    case "CreateStmt":
      return plain("create", "CREATE TABLE", false, !isTemporary(child(node, "relation")));
    case "CreateTableAsStmt":
      if (text(node, "objtype") !== "OBJECT_TABLE") return unsupported(input, "CREATE MATERIALIZED VIEW");
      if (child(child(node, "query") ?? {}, "ExecuteStmt") !== null) {
        return unsupported(input, "CREATE TABLE AS EXECUTE");
      }
      return plain("create_table_as", "SELECT", false, !isTemporary(child(child(node, "into") ?? {}, "rel")));
    case "ViewStmt":
      return plain("create", "CREATE VIEW", false, !isTemporary(child(node, "view")));
    case "IndexStmt":
      return plain("create", "CREATE INDEX", false, true);
    case "CreateSeqStmt":
      return plain("create", "CREATE SEQUENCE", false, !isTemporary(child(node, "sequence")));
    case "CreateEnumStmt":
    case "CompositeTypeStmt":
      return plain("create", "CREATE TYPE", false, true);
    case "CreateDomainStmt":
      return plain("create", "CREATE DOMAIN", false, true);
    case "CreateSchemaStmt":
      if (list(node, "schemaElts").length > 0) return unsupported(input, "CREATE SCHEMA with elements");
      return plain("create", "CREATE SCHEMA", false, true);
    case "CreateFunctionStmt":
      return describeCreateFunction(node, input);
    case "DropStmt":
      return plain("drop", `DROP ${objectWord(text(node, "removeType"))}`, false, true);
    case "AlterTableStmt":
      return describeAlterTable(node);
    case "AlterSeqStmt":
      return plain("alter", "ALTER SEQUENCE", false, true);
    case "RenameStmt":
    case "AlterObjectSchemaStmt": {
      const renamed = text(node, type === "RenameStmt" ? "renameType" : "objectType");
      const tag = renamed === "OBJECT_COLUMN" || renamed === "OBJECT_TABCONSTRAINT" ? "TABLE" : objectWord(renamed);
      if (tag === "ROLE" || tag === "DATABASE") {
        return refused(input, `ALTER ${tag}`, `permission denied to alter ${tag}`);
      }
      return plain("alter", `ALTER ${tag}`, false, true);
    }
    case "AlterOwnerStmt":
      return ignored(`ALTER ${objectWord(text(node, "objectType"))}`, "a workspace has one owner; OWNER TO is ignored");
    case "CommentStmt":
      return describeComment(node);
    default:
      return describeUtility(type, input);
  }
}

function isTemporary(rangeVar: PgNode | null): boolean {
  return rangeVar !== null && text(rangeVar, "relpersistence") === "t";
}

/**
 * Statements that manage a PostgreSQL server: refused, or ignored where a dump or a tool sends them as a matter of
 * course.
 */
function describeUtility(type: string, input: DescribeInput): Description {
  switch (type) {
    case "GrantStmt":
      return ignored("GRANT", "a workspace has one user; GRANT and REVOKE are ignored");
    case "GrantRoleStmt":
      return ignored("GRANT ROLE", "a workspace has one user; GRANT and REVOKE are ignored");
    case "AlterDefaultPrivilegesStmt":
      return ignored("ALTER DEFAULT PRIVILEGES", "a workspace has one user; privileges are ignored");
    case "VacuumStmt":
      return ignored(
        /^vacuum/i.test(input.text) ? "VACUUM" : "ANALYZE",
        "workspaces need no VACUUM or ANALYZE; ignored",
      );
    case "ClusterStmt":
      return ignored("CLUSTER", "workspaces need no CLUSTER; ignored");
    case "ReindexStmt":
      return ignored("REINDEX", "workspaces need no REINDEX; ignored");
    case "CheckPointStmt":
      return refused(input, "CHECKPOINT", "permission denied: CHECKPOINT is the server's");
    case "LoadStmt":
      return refused(input, "LOAD", "permission denied: LOAD of extensions and libraries is off");
    case "DoStmt":
      return refused(input, "DO", "permission denied: DO is not available, a workspace has no procedural language");
    case "AlterSystemStmt":
      return refused(input, "ALTER SYSTEM", "permission denied: ALTER SYSTEM changes the server's settings");
    case "CreateExtensionStmt":
    case "AlterExtensionStmt":
    case "AlterExtensionContentsStmt":
      return refused(input, "CREATE EXTENSION", "permission denied: extensions cannot be installed in a workspace");
    case "CreatedbStmt":
    case "DropdbStmt":
    case "AlterDatabaseStmt":
    case "AlterDatabaseSetStmt":
    case "AlterDatabaseRefreshCollStmt":
      return refused(
        input,
        "CREATE DATABASE",
        "permission denied: databases cannot be created, changed or dropped with SQL",
        "Create a workspace over the REST API.",
      );
    case "CreateRoleStmt":
    case "AlterRoleStmt":
    case "AlterRoleSetStmt":
    case "DropRoleStmt":
    case "DropOwnedStmt":
    case "ReassignOwnedStmt":
      return refused(input, "CREATE ROLE", "permission denied: roles cannot be created, changed or dropped with SQL");
    case "CreateTableSpaceStmt":
    case "DropTableSpaceStmt":
    case "CreateFdwStmt":
    case "CreateForeignServerStmt":
    case "CreateForeignTableStmt":
    case "CreateUserMappingStmt":
    case "ImportForeignSchemaStmt":
      return refused(input, "CREATE", "permission denied: files and other servers cannot be reached from a workspace");
    default: {
      const words = statementNames[type] ?? type.replace(/Stmt$/, "").replace(/([a-z])([A-Z])/g, "$1 $2").toUpperCase();
      return unsupported(input, words === "" ? "this statement" : words);
    }
  }
}

/** What PostgreSQL calls the statements whose node is not named after them. */
const statementNames: Readonly<Record<string, string>> = {
  CreateTrigStmt: "CREATE TRIGGER",
  CreateEventTrigStmt: "CREATE EVENT TRIGGER",
  CreatePLangStmt: "CREATE LANGUAGE",
  CreateAmStmt: "CREATE ACCESS METHOD",
  CreateStatsStmt: "CREATE STATISTICS",
  CreateOpClassStmt: "CREATE OPERATOR CLASS",
  CreateOpFamilyStmt: "CREATE OPERATOR FAMILY",
  RuleStmt: "CREATE RULE",
};

function describeExplain(node: PgNode, input: DescribeInput): Description {
  const analyze = list(node, "options").some((item) => {
    const definition = child(item, "DefElem") ?? {};
    return text(definition, "defname") === "analyze" && child(definition, "arg") === null;
  }) || /\banaly[sz]e\b/i.test(input.text.slice(0, input.tokens[input.inner?.range.start ?? 1]?.start ?? 0));
  const inner = input.inner?.statement;
  if (inner !== undefined && inner.action.type !== "execute") return unsupported(input, `EXPLAIN ${inner.tag}`);
  return plain("explain", "EXPLAIN", true, analyze && (inner?.writes ?? true));
}

/** The session's own settings, or DuckDB's list of tables. */
export function describeShow(name: string, input: DescribeInput): Description {
  const lower = name.toLowerCase();
  if (lower === "tables") return plain("describe", "SHOW", true, false);
  if (lower === "databases") {
    return refused(input, "SHOW", "permission denied: SHOW DATABASES shows the server's databases");
  }
  const setting = lower === "schema" ? "search_path" : name;
  return session("show", "SHOW", { type: "show", name: setting }, true);
}

function describeDeclare(node: PgNode, input: DescribeInput): Description {
  const inner = input.inner?.statement;
  if (inner === undefined) return unsupported(input, "DECLARE without a query");
  if (inner.kind === "create_table_as" && inner.tag === "SELECT") {
    input.facts.deny("syntax_error", "SELECT ... INTO is not allowed here");
    return plain("cursor", "DECLARE CURSOR", false, false);
  }
  if (inner.kind !== "select" && inner.kind !== "describe") {
    return unsupported(input, `DECLARE CURSOR FOR ${inner.tag}`);
  }
  if (inner.writes) {
    input.facts.deny("feature_not_supported", "DECLARE CURSOR must not contain data-modifying statements in WITH");
  }
  // Bits of DeclareCursorStmt.options (parsenodes.h): 1 BINARY, 2 SCROLL, 4 NO SCROLL, 32 HOLD.
  const options = Number(node["options"] ?? 0);
  return session("cursor", "DECLARE CURSOR", {
    type: "declare_cursor",
    name: text(node, "portalname"),
    text: inner.text,
    statement: inner,
    hold: (options & 32) !== 0,
    scroll: (options & 2) !== 0 ? true : (options & 4) !== 0 ? false : null,
    binary: (options & 1) !== 0,
  });
}

function describePrepare(node: PgNode, input: DescribeInput): Description {
  const inner = input.inner?.statement;
  if (inner === undefined) return unsupported(input, "PREPARE without a statement");
  if (inner.action.type !== "execute") return unsupported(input, `PREPARE of ${inner.tag}`);
  const close = isSymbol(input.tokens[2], "(") ? closingIndex(input.tokens, 2) : -1;
  const types = close < 0 ? [] : commaParts(input.text, input.tokens, 3, close);
  const name = text(node, "name");
  return session("prepared", "PREPARE", { type: "prepare", name, types, text: inner.text, statement: inner });
}

/** EXECUTE name(arguments): the same for both grammars. */
export function describeExecute(name: string, input: DescribeInput): Description {
  const close = isSymbol(input.tokens[2], "(") ? closingIndex(input.tokens, 2) : -1;
  const values = close < 0 ? [] : commaParts(input.text, input.tokens, 3, close);
  return {
    kind: "prepared",
    tag: "EXECUTE",
    returnsRows: "unknown",
    writes: false,
    action: { type: "execute_prepared", name, arguments: values },
  };
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function quoteRelation(name: RelationName): string {
  return [name.catalog, name.schema, name.name].filter((part) => part !== null).map(quoteName).join(".");
}

function describeCopy(node: PgNode, input: DescribeInput): Description {
  if (node["is_program"] === true) {
    return refused(input, "COPY", "permission denied: COPY with PROGRAM runs a program on the server");
  }
  if (text(node, "filename") !== "") {
    return refused(
      input,
      "COPY",
      "permission denied: COPY with a file reads or writes the server's files",
      "Use COPY … FROM STDIN or COPY … TO STDOUT; psql's \\copy does.",
    );
  }
  const options = readCopyOptions(list(node, "options"));
  const relation = child(node, "relation");
  const table = relation === null ? null : relationOf(relation);
  const columns = list(node, "attlist").map(stringOf);
  if (node["is_from"] === true) {
    if (table === null || child(node, "whereClause") !== null) return unsupported(input, "COPY FROM with WHERE");
    return {
      ...session("copy", "COPY", { type: "copy_from_stdin", table, columns, options }),
      writes: true,
    };
  }
  const list_ = columns.length === 0 ? "*" : columns.map(quoteName).join(", ");
  const statement = table === null
    ? input.inner?.statement
    : input.parseQuery(`SELECT ${list_} FROM ${quoteRelation(table)}`);
  if (statement === undefined || statement.action.type !== "execute" || statement.returnsRows === false) {
    return unsupported(input, "COPY of a statement that returns no rows");
  }
  return {
    ...session("copy", "COPY", { type: "copy_to_stdout", query: statement.text, statement, table, columns, options }),
    writes: statement.writes,
  };
}

function describeCreateFunction(node: PgNode, input: DescribeInput): Description {
  const language = list(node, "options")
    .map((item) => child(item, "DefElem") ?? {})
    .find((definition) => text(definition, "defname") === "language");
  const name = language === undefined ? "" : stringOf(child(language, "arg") ?? {}).toLowerCase();
  if (name === "c" || name === "internal") {
    return refused(input, "CREATE FUNCTION", `permission denied for language ${name}`);
  }
  input.facts.deny(
    "feature_not_supported",
    `CREATE FUNCTION in language ${name === "" ? "sql" : name} is not supported`,
    "Write CREATE MACRO name(parameters) AS expression, or AS TABLE query.",
  );
  return plain("create", "CREATE FUNCTION", false, true);
}

function describeAlterTable(node: PgNode): Description {
  const commands = list(node, "cmds").map((item) => text(child(item, "AlterTableCmd") ?? {}, "subtype"));
  const tag = `ALTER ${objectWord(text(node, "objtype"))}`;
  if (commands.length > 0 && commands.every((command) => command === "AT_ChangeOwner")) {
    return ignored(tag, "a workspace has one owner; OWNER TO is ignored");
  }
  return plain("alter", tag, false, true);
}

const commentable: ReadonlySet<string> = new Set(
  ["OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_COLUMN", "OBJECT_INDEX", "OBJECT_SEQUENCE", "OBJECT_TYPE"],
);

function describeComment(node: PgNode): Description {
  const objectType = text(node, "objtype");
  if (commentable.has(objectType)) return plain("comment", "COMMENT", false, true);
  return ignored("COMMENT", `comments on ${objectWord(objectType)} are not kept`);
}
