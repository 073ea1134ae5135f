/**
 * The notices of DROP … IF EXISTS and CREATE … IF NOT EXISTS for what is not there, or is there already. DuckDB passes over it in
 * silence, so its catalog is asked before the statement runs.
 */
import { quoteLiteral } from "../../engine/duckdb.ts";
import type { Lookups } from "../../engine/lookups.ts";
import { ownRows, temporarySchema } from "../../sql/catalog/relations/objects.ts";
import type { ObjectChange, ObjectKind, ParsedStatement } from "../../sql/statement.ts";
import { createdIndex } from "./created_index.ts";
import type { ExecutorPorts } from "./executor_ports.ts";
import { shownSchemas } from "./failures.ts";
import { type SessionObjects, shownSchemaName } from "./session_objects.ts";

type IsThere = (object: ObjectKind, places: readonly string[], name: string) => Promise<boolean>;

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

/** Sends the notices of a statement that is about to run. */
export async function sendSkipNotices(
  parsed: ParsedStatement,
  ports: Pick<ExecutorPorts, "engine" | "settings" | "notice" | "objects">,
): Promise<void> {
  const { lookups } = ports.engine;
  const there: IsThere = (object, places, name) => isThere(lookups, ports.objects, object, places, name);
  for (const { sqlstate, message } of await skipNotices(parsed, () => shownSchemas(ports), there)) {
    ports.notice("NOTICE", sqlstate, message);
  }
}

/** `schemas` are those in which a bare name is looked for, as PostgreSQL shows them. */
async function skipNotices(
  parsed: ParsedStatement,
  schemas: () => readonly string[],
  there: IsThere,
): Promise<readonly SkipNotice[]> {
  const isDrop = parsed.kind === "drop";
  if (!isDrop && parsed.kind !== "create" && parsed.kind !== "create_table_as") return [];
  if (!(isDrop ? /\bif\s+exists\b/i : /\bif\s+not\s+exists\b/i).test(parsed.text)) return [];
  const notices: SkipNotice[] = [];
  for (const change of isDrop ? parsed.facts.changes : created(parsed)) {
    const { object, target } = change;
    if (listsOf[object].length === 0 || target.catalog !== null) continue;
    const places = object === "schema" ? [] : target.schema === null ? schemas() : [shownSchemaName(target.schema)];
    const exists = await there(object, places, target.name);
    if (isDrop && !exists) {
      const isSchemaMissing = object !== "schema" && target.schema !== null && places[0] !== temporarySchema &&
        !await there("schema", [], target.schema);
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
  const index = createdIndex(parsed);
  if (index !== null) return [{ command: "CREATE INDEX", mode: "create", object: "index", target: index }];
  return parsed.facts.changes.filter(({ mode, object }) =>
    (mode === "create" || mode === "create_temporary") && object !== "type" && object !== "macro"
  );
}

/** `table` of DROP TABLE. */
function wordOf(change: ObjectChange): string {
  return change.command.replace(/^DROP /, "").toLowerCase();
}

/** `places`: the schemas to look in; none for a schema itself. */
async function isThere(
  lookups: Lookups,
  objects: SessionObjects,
  object: ObjectKind,
  places: readonly string[],
  name: string,
): Promise<boolean> {
  if (object === "schema") {
    const changed = objects.hasSchema(name);
    if (changed !== undefined) return changed;
  }
  const known = new Map(places.map((place) => [place, objects.known(object, place, name)?.exists]));
  if ([...known.values()].includes(true)) return true;
  const unknown = places.filter((place) =>
    place !== temporarySchema && known.get(place) === undefined && objects.hasSchema(place) !== false
  );
  if (unknown.length === 0 && object !== "schema") return false;
  const condition = object === "schema" ? "true" : `shown_schema IN (${unknown.map(quoteLiteral).join(", ")})`;
  const arms = listsOf[object].map(([list, column]) =>
    `SELECT 1 FROM ${ownRows(list, column, object === "type" ? "NOT internal" : "true")} AS objects
     WHERE lower(${column})=${quoteLiteral(shownName(object, name).toLowerCase())} AND ${condition}`
  );
  return (await lookups.rows(`${arms.join(" UNION ALL ")} LIMIT 1`)).length > 0;
}

function shownName(object: ObjectKind, name: string): string {
  return object === "schema" && name === "public" ? "main" : name;
}
