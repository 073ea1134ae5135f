/**
 * The notices of DROP … IF EXISTS and CREATE … IF NOT EXISTS for what is not there, or is there already. DuckDB passes over it in
 * silence, so its catalog is asked before the statement runs.
 */
import { type Connection, quoteLiteral, rows } from "../../engine/duckdb.ts";
import { ownRows } from "../../sql/catalog/relations/objects.ts";
import type { ObjectChange, ObjectKind, ParsedStatement } from "../../sql/statement.ts";
import type { ExecutorPorts } from "./executor_ports.ts";
import { shownSchemas } from "./failures.ts";

interface SkipNotice {
  readonly sqlstate: string;
  readonly message: string;
}

const relations = [["duckdb_tables", "table_name"], ["duckdb_views", "view_name"], ["duckdb_indexes", "index_name"], [
  "duckdb_sequences",
  "sequence_name",
]] as const;

/** DuckDB's lists of the objects that share their names with such an object. */
const listsOf: Readonly<Record<ObjectKind, readonly (readonly [list: string, name: string])[]>> = {
  table: relations,
  view: relations,
  index: relations,
  sequence: relations,
  relation: relations,
  type: [["duckdb_types", "type_name"]],
  schema: [["duckdb_schemas", "schema_name"]],
  macro: [],
};

const createIndex =
  /^\s*create\s+(?:unique\s+)?index\s+(?:concurrently\s+)?if\s+not\s+exists\s+(?:"((?:[^"]|"")+)"|(\w+))/i;

/** Sends the notices of a statement that is about to run; the connection must be free. */
export async function sendSkipNotices(
  parsed: ParsedStatement,
  ports: Pick<ExecutorPorts, "connection" | "settings" | "notice">,
): Promise<void> {
  for (const { sqlstate, message } of await skipNotices(parsed, () => shownSchemas(ports), ports.connection)) {
    ports.notice("NOTICE", sqlstate, message);
  }
}

/** `schemas` are those in which a bare name is looked for, as PostgreSQL shows them. */
async function skipNotices(
  parsed: ParsedStatement,
  schemas: () => readonly string[],
  connection: Connection,
): Promise<readonly SkipNotice[]> {
  const isDrop = parsed.kind === "drop";
  if (!isDrop && parsed.kind !== "create" && parsed.kind !== "create_table_as") return [];
  if (!(isDrop ? /\bif\s+exists\b/i : /\bif\s+not\s+exists\b/i).test(parsed.text)) return [];
  const notices: SkipNotice[] = [];
  for (const change of isDrop ? parsed.facts.changes : created(parsed)) {
    const { object, target } = change;
    if (listsOf[object].length === 0 || target.catalog !== null) continue;
    const places = object === "schema" ? [] : target.schema === null ? schemas() : [shown(target.schema)];
    const exists = await isThere(connection, object, places, target.name);
    if (isDrop && !exists) {
      const isSchemaMissing = object !== "schema" && target.schema !== null &&
        !await isThere(connection, "schema", [], target.schema);
      const what = isSchemaMissing ? `schema "${target.schema}"` : `${wordOf(change)} "${target.name}"`;
      notices.push({ sqlstate: "00000", message: `${what} does not exist, skipping` });
    } else if (!isDrop && exists) {
      const [sqlstate, what] = object === "schema" ? ["42P06", "schema"] : ["42P07", "relation"];
      notices.push({ sqlstate: sqlstate!, message: `${what} "${target.name}" already exists, skipping` });
    }
  }
  return notices;
}

/** What the statement makes; an index is named by no change. */
function created(parsed: ParsedStatement): readonly ObjectChange[] {
  const index = createIndex.exec(parsed.text);
  if (index !== null) {
    const name = index[1]?.replaceAll('""', '"') ?? index[2]!.toLowerCase();
    const schema = parsed.facts.changes[0]?.target.schema ?? null;
    return [{ command: "CREATE INDEX", mode: "create", object: "index", target: { catalog: null, schema, name } }];
  }
  return parsed.facts.changes.filter(({ mode, object }) =>
    (mode === "create" || mode === "create_temporary") && object !== "type" && object !== "macro"
  );
}

/** `table` of DROP TABLE. */
function wordOf(change: ObjectChange): string {
  return change.command.replace(/^DROP /, "").toLowerCase();
}

function shown(schema: string): string {
  return schema === "main" ? "public" : schema;
}

async function isThere(
  connection: Connection,
  object: ObjectKind,
  places: readonly string[],
  name: string,
): Promise<boolean> {
  const condition = places.length === 0 ? "true" : `shown_schema IN (${places.map(quoteLiteral).join(", ")})`;
  const arms = listsOf[object].map(([list, column]) =>
    `SELECT 1 FROM ${ownRows(list, column, object === "type" ? "NOT internal" : "true")} AS objects
     WHERE lower(${column})=${quoteLiteral(shownName(object, name).toLowerCase())} AND ${condition}`
  );
  return (await rows(connection, `${arms.join(" UNION ALL ")} LIMIT 1`)).length > 0;
}

function shownName(object: ObjectKind, name: string): string {
  return object === "schema" && name === "public" ? "main" : name;
}
