/**
 * What one statement of DuckDB's dialect is, from its leading words. Only the kinds named here are let through; the
 * rest is refused by name, or is a syntax error.
 */
import type { Token } from "../scanner.ts";
import type { FactsBuilder, ObjectKind, StatementAction, StatementKind } from "../statement.ts";
import { closingIndex, wordIndex } from "./cut.ts";
import { allowedPragmas } from "./functions.ts";
import { isName, isSymbol, isWord, readName, relationFromParts } from "./token_facts.ts";
import { describeExecute, type DescribeInput, type Description } from "./tree_statement.ts";

const execute: StatementAction = { type: "execute" };

function plain(kind: StatementKind, tag: string, returnsRows: boolean | "unknown", writes: boolean): Description {
  return { kind, tag, returnsRows, writes, action: execute };
}

const queryWords: ReadonlySet<string> = new Set(
  "select from with values table pivot unpivot pivot_wider pivot_longer summarize describe desc show".split(" "),
);

/** Statements that reach outside the workspace, with the reason for the error. */
const refusedStatements: Readonly<Record<string, string>> = {
  attach: "ATTACH opens a database file",
  detach: "DETACH removes a database of the server",
  install: "extensions cannot be installed in a workspace",
  load: "extensions cannot be loaded in a workspace",
  export: "EXPORT DATABASE writes the server's files",
  import: "IMPORT DATABASE reads the server's files",
  checkpoint: "CHECKPOINT is the server's",
  force: "CHECKPOINT is the server's",
  copy: "COPY with a file reads or writes the server's files",
  do: "a workspace has no procedural language",
};

/** The description, or null when the leading words are no statement that DuckDB's dialect adds. */
export function describeDuckdb(input: DescribeInput): Description | null {
  const { tokens, facts } = input;
  let start = 0;
  while (isSymbol(tokens[start], "(")) start++;
  const first = tokens[start];
  if (first === undefined || first.kind !== "word") return null;
  if (queryWords.has(first.value)) return describeQuery(tokens, start, facts);
  if (start > 0) return null;
  const reason = refusedStatements[first.value];
  if (reason !== undefined) return refuse(facts, first.value.toUpperCase(), reason);
  switch (first.value) {
    case "insert":
    case "update":
    case "delete":
    case "merge":
    case "truncate":
      return describeData(tokens, 0, facts);
    case "create":
      return describeCreate(tokens, facts);
    case "drop":
      return describeDrop(tokens, facts);
    case "alter":
      return describeAlter(tokens, facts);
    case "comment":
      return describeComment(tokens, facts);
    case "explain":
      return describeExplain(input);
    case "call":
      return describeCall(tokens, facts);
    case "pragma":
      return describePragma(tokens, facts);
    case "use":
      return describeUse(input);
    case "set":
    case "reset":
      return describeVariable(tokens, facts);
    case "execute": {
      const name = tokens[1];
      if (!isName(name)) return null;
      const quoted = name.kind === "quoted";
      const written = input.text.slice(name.start + (quoted ? 1 : 0), name.end - (quoted ? 1 : 0));
      return describeExecute(quoted ? written.replaceAll('""', '"') : name.value, input);
    }
    default:
      return null;
  }
}

function refuse(facts: FactsBuilder, tag: string, reason: string): Description {
  facts.deny("insufficient_privilege", `permission denied: ${reason}`);
  return plain("utility", tag, false, false);
}

function describeQuery(tokens: readonly Token[], start: number, facts: FactsBuilder): Description {
  const first = tokens[start]!.value;
  if (first === "summarize" || first === "describe" || first === "desc" || first === "show") {
    return plain("describe", first === "summarize" ? "SELECT" : "SHOW", true, false);
  }
  if (first !== "with") return plain("select", "SELECT", true, false);
  // WITH [RECURSIVE] name [(columns)] [USING KEY (columns)] AS [[NOT] MATERIALIZED] (query) [, …] statement
  let index = start;
  for (;;) {
    const as = wordIndex(tokens, index + 1, "as");
    if (as < 0) return plain("select", "SELECT", true, false);
    let open = as + 1;
    while (isWord(tokens[open], "not", "materialized")) open++;
    const close = isSymbol(tokens[open], "(") ? closingIndex(tokens, open) : -1;
    if (close < 0) return plain("select", "SELECT", true, false);
    index = close + 1;
    if (!isSymbol(tokens[index], ",")) break;
  }
  const verb = tokens[index];
  if (isWord(verb, "insert", "update", "delete", "merge")) return describeData(tokens, index, facts);
  return plain("select", "SELECT", true, false);
}

/** The target of the change itself is found by `collectTokenFacts`; here without one the statement is refused. */
function describeData(tokens: readonly Token[], start: number, facts: FactsBuilder): Description {
  const verb = tokens[start]!.value as "insert" | "update" | "delete" | "merge" | "truncate";
  if (verb === "update" && isWord(tokens[start + 1], "extensions")) {
    return refuse(facts, "UPDATE", "extensions cannot be installed in a workspace");
  }
  const expected =
    { insert: "INSERT", update: "UPDATE", delete: "DELETE", merge: "MERGE", truncate: "TRUNCATE TABLE" }[verb];
  if (!facts.changes.some((change) => change.command === expected)) {
    facts.deny("syntax_error", `syntax error: ${expected} names no table`);
  }
  return plain(verb, expected, wordIndex(tokens, start, "returning") > 0, true);
}

const createWords: Readonly<Record<string, [object: ObjectKind, tag: string]>> = {
  table: ["table", "CREATE TABLE"],
  view: ["view", "CREATE VIEW"],
  macro: ["macro", "CREATE FUNCTION"],
  function: ["macro", "CREATE FUNCTION"],
  schema: ["schema", "CREATE SCHEMA"],
  type: ["type", "CREATE TYPE"],
  sequence: ["sequence", "CREATE SEQUENCE"],
  index: ["index", "CREATE INDEX"],
};

/** Index after IF [NOT] EXISTS. */
function skipIfExists(tokens: readonly Token[], index: number): number {
  if (!isWord(tokens[index], "if")) return index;
  return isWord(tokens[index + 1], "not") ? index + 3 : index + 2;
}

function describeCreate(tokens: readonly Token[], facts: FactsBuilder): Description {
  let index = 1;
  let temporary = false;
  while (
    isWord(tokens[index], ..."or replace temp temporary local global unlogged recursive unique persistent".split(" "))
  ) {
    if (isWord(tokens[index], "temp", "temporary")) temporary = true;
    index++;
  }
  const word = tokens[index];
  const known = word?.kind === "word" ? createWords[word.value] : undefined;
  if (word === undefined || known === undefined) {
    const what = (word?.value ?? "").toUpperCase();
    return refuse(facts, `CREATE ${what}`, `CREATE ${what} is not available in a workspace`);
  }
  const [object, tag] = known;
  if (object === "index") return describeCreateIndex(tokens, index, facts);
  const name = readName(tokens, skipIfExists(tokens, index + 1));
  if (name === null) return refuse(facts, tag, `${tag} names no object`);
  const isMacro = object === "macro";
  facts.change(
    isMacro ? "CREATE MACRO" : tag,
    temporary ? "create_temporary" : "create",
    object,
    relationFromParts(name.parts),
  );
  const isTableAs = object === "table" && wordIndex(tokens, name.next, "as") > 0;
  if (isTableAs) return plain("create_table_as", "SELECT", false, !temporary);
  return plain("create", tag, false, !temporary);
}

function describeCreateIndex(tokens: readonly Token[], index: number, facts: FactsBuilder): Description {
  const on = wordIndex(tokens, index, "on");
  const name = on < 0 ? null : readName(tokens, on + 1);
  if (name === null) return refuse(facts, "CREATE INDEX", "CREATE INDEX names no table");
  facts.change("CREATE INDEX", "definition", "table", relationFromParts(name.parts));
  return plain("create", "CREATE INDEX", false, true);
}

function describeDrop(tokens: readonly Token[], facts: FactsBuilder): Description {
  const word = tokens[1];
  const known = word?.kind === "word" ? createWords[word.value] : undefined;
  if (word === undefined || known === undefined) {
    const what = (word?.value ?? "").toUpperCase();
    return refuse(facts, `DROP ${what}`, `DROP ${what} is not available in a workspace`);
  }
  const [object, createTag] = known;
  const tag = createTag.replace("CREATE", "DROP");
  let index = 2;
  if (object === "macro" && isWord(tokens[2], "table")) index = 3;
  index = skipIfExists(tokens, index);
  for (;;) {
    const name = readName(tokens, index);
    if (name === null) return refuse(facts, tag, `${tag} names no object`);
    facts.change(tag, "definition", object, relationFromParts(name.parts));
    if (!isSymbol(tokens[name.next], ",")) break;
    index = name.next + 1;
  }
  return plain("drop", tag, false, true);
}

function describeAlter(tokens: readonly Token[], facts: FactsBuilder): Description {
  const word = tokens[1];
  const known = word?.kind === "word" ? createWords[word.value] : undefined;
  if (word === undefined || known === undefined) {
    const what = (word?.value ?? "").toUpperCase();
    return refuse(facts, `ALTER ${what}`, `ALTER ${what} is not available in a workspace`);
  }
  const tag = known[1].replace("CREATE", "ALTER");
  const start = skipIfExists(tokens, 2);
  const name = readName(tokens, isWord(tokens[start], "only") ? start + 1 : start);
  if (name === null) return refuse(facts, tag, `${tag} names no object`);
  facts.change(tag, "definition", known[0], relationFromParts(name.parts));
  const set = wordIndex(tokens, name.next, "schema");
  const schema = set < 0 ? null : readName(tokens, set + 1);
  if (schema !== null) facts.change(tag, "definition", "schema", relationFromParts(schema.parts));
  return plain("alter", tag, false, true);
}

function describeComment(tokens: readonly Token[], facts: FactsBuilder): Description | null {
  if (!isWord(tokens[1], "on")) return null;
  const word = tokens[2];
  const start = isWord(tokens[3], "table") ? 4 : 3;
  const name = readName(tokens, start);
  const isColumn = isWord(word, "column");
  const known = word?.kind === "word" && !isColumn ? createWords[word.value] : undefined;
  if (name === null || (known === undefined && !isColumn)) {
    return refuse(facts, "COMMENT", `COMMENT ON ${(word?.value ?? "").toUpperCase()} is not available in a workspace`);
  }
  const parts = isColumn ? name.parts.slice(0, -1) : name.parts;
  if (parts.length === 0) return null;
  const object = known === undefined || known[0] === "table" ? "relation" : known[0];
  facts.change("COMMENT", "definition", object, relationFromParts(parts));
  return plain("comment", "COMMENT", false, true);
}

function describeExplain(input: DescribeInput): Description | null {
  const inner = input.inner;
  if (inner === null) return null;
  if (inner.statement.action.type !== "execute") {
    input.facts.deny("feature_not_supported", `EXPLAIN ${inner.statement.tag} is not supported`);
  }
  const analyze = input.tokens.slice(1, inner.range.start).some((token) => isWord(token, "analyze", "analyse"));
  return plain("explain", "EXPLAIN", true, analyze && inner.statement.writes);
}

function describeCall(tokens: readonly Token[], facts: FactsBuilder): Description | null {
  const name = readName(tokens, 1);
  if (name === null || !isSymbol(tokens[name.next], "(")) return null;
  // The name itself is checked as a function by collectTokenFacts.
  facts.functions.push({ name: name.parts.at(-1)!, position: "table", literal: null });
  return plain("call", "CALL", true, false);
}

function describePragma(tokens: readonly Token[], facts: FactsBuilder): Description {
  const name = tokens[1];
  if (!isName(name) || !allowedPragmas.has(name.value) || isSymbol(tokens[2], "=") || isSymbol(tokens[2], ".")) {
    const what = isName(name) ? name.value : "";
    return refuse(facts, "PRAGMA", `PRAGMA ${what} is not available in a workspace`);
  }
  return plain("describe", "PRAGMA", true, false);
}

/** USE of a schema is a search path that begins with it; the check refuses other databases. */
function describeUse(input: DescribeInput): Description | null {
  const name = readName(input.tokens, 1);
  if (name === null || name.next !== input.tokens.length || name.parts.length > 2) return null;
  const values = [name.parts.join(".")];
  return {
    ...plain("setting", "USE", false, false),
    action: { type: "set", name: "search_path", values, local: false, isDefault: false },
  };
}

/** SET VARIABLE and RESET VARIABLE are a session's own; any other form that PostgreSQL does not know is refused. */
function describeVariable(tokens: readonly Token[], facts: FactsBuilder): Description {
  const tag = tokens[0]!.value.toUpperCase();
  const index = isWord(tokens[1], "session", "local") ? 2 : 1;
  if (isWord(tokens[index], "variable") && isName(tokens[index + 1])) return plain("setting", tag, false, false);
  return refuse(facts, tag, `${tag} of the server's settings is not available in a workspace`);
}
