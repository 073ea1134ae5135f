/**
 * Relation names: which may be read, which may be changed. Names compare without regard to case, as in DuckDB.
 *
 * The database names are those of the worker's DuckDB instance: the workspace's own database, `project` (in memory, one
 * schema a bucket, a view a table), `temp`, `system`, `memory`, and one alias `__t…` for every attached version file.
 */
import { AppError } from "../../errors/app_error.ts";
import type { ObjectChange, RelationName } from "../statement.ts";

export interface PolicyContext {
  /** Name of the workspace's own database in DuckDB, such as `workspace_ws_0a1b2c3d4e5f`. */
  readonly database: string;
  /** SQL names of the project's buckets, in lower case. */
  readonly projectSchemas: ReadonlySet<string>;
  /** Entries `schema` or `database.schema`, in the order in which names are looked up. */
  readonly searchPath: readonly string[];
  /**
   * Whether `schema.name` is a project table; a null schema asks whether any bucket has a table of that name. Both
   * come in lower case and must be compared without regard to case.
   */
  isProjectTable(schema: string | null, name: string): boolean;
  /**
   * Relations of pg_catalog that the translation of a PostgreSQL statement points at the emulated catalog, so that DuckDB's own
   * are not reached.
   */
  readonly emulatedRelations?: ReadonlySet<string>;
}

/** DuckDB's built-in views over functions that are refused, and their names as such. */
export const forbiddenRelations: ReadonlySet<string> = new Set(
  ("duckdb_databases duckdb_settings duckdb_logs duckdb_log_contexts duckdb_logs_parsed duckdb_secrets duckdb_extensions " +
    "duckdb_temporary_files duckdb_external_file_cache duckdb_prepared_statements pragma_database_list " +
    "pragma_database_size pg_settings").split(" "),
);

/** An alias of an attached version file. */
export function isInternalDatabase(name: string): boolean {
  return /^__/.test(name.toLowerCase());
}

const dataSuffix = new RegExp(
  "\\.(csv|tsv|psv|txt|parquet|parq|json|jsonl|ndjson|geojson|duckdb|db|ddb|sqlite|sqlite3|arrow|arrows|ipc|feather|avro|" +
    "orc|xlsx|xls|vortex|lance|gz|zst|bz2|xz|zip|blob)(?![a-z0-9_])",
  "i",
);
const addressPrefix = /^(https?|s3|s3a|s3n|gs|gcs|r2|hf|az|azure|abfss?|file|ftp|md|ducklake|postgres|sqlite|mysql):/i;

/**
 * Whether DuckDB would take a relation name that it does not find for a file. It joins the parts of a qualified name
 * with dots first: `x.csv` and `"/folder/x"."csv"` are read too.
 */
export function looksLikeFile(name: string): boolean {
  return /[/\\*]/.test(name) || dataSuffix.test(name) || addressPrefix.test(name);
}

export function formatRelation(name: RelationName): string {
  return [name.catalog, name.schema, name.name].filter((part) => part !== null).join(".");
}

function refuse(detail: string, hint?: string): never {
  throw new AppError("insufficient_privilege", detail, hint === undefined ? {} : { hint });
}

const lower = (text: string | null): string | null => text === null ? null : text.toLowerCase();

function normalise(name: RelationName): RelationName {
  return { catalog: lower(name.catalog), schema: lower(name.schema), name: name.name.toLowerCase() };
}

function checkFileName(name: RelationName, context: PolicyContext): void {
  const plain = !/[./\\*]/.test(name.name) && !/[./\\*]/.test(name.schema ?? "");
  const own = name.catalog === context.database.toLowerCase() || (name.catalog === null && name.schema === "main");
  if (plain && own) return;
  const bucket = name.schema !== null && (name.catalog === null || name.catalog === "project");
  if (plain && bucket && context.isProjectTable(name.schema, name.name)) return;
  const joined = formatRelation(name);
  if (!looksLikeFile(joined)) return;
  refuse(
    `permission denied: "${joined}" names a file, and a workspace's SQL cannot read files`,
    "Import the file into a project table over the REST API.",
  );
}

function checkCatalog(name: RelationName, context: PolicyContext): void {
  const own = context.database.toLowerCase();
  if (name.catalog !== null) {
    if (![own, "project", "temp", "system"].includes(name.catalog)) {
      refuse(`permission denied for database "${name.catalog}"`);
    }
    return;
  }
  if (name.schema === null || name.schema === own) return;
  // DuckDB also takes the first of two parts for a database.
  if (isInternalDatabase(name.schema) || name.schema === "memory" || /^workspace_ws_/.test(name.schema)) {
    refuse(`permission denied for database "${name.schema}"`);
  }
}

/** Throws `insufficient_privilege` when the relation may not be read. */
export function checkRead(relation: RelationName, context: PolicyContext): void {
  const name = normalise(relation);
  checkCatalog(name, context);
  checkFileName(name, context);
  const emulated = name.catalog === null && (name.schema === null || name.schema === "pg_catalog") &&
    context.emulatedRelations?.has(name.name) === true;
  if (forbiddenRelations.has(name.name) && !emulated) {
    refuse(`permission denied for relation ${formatRelation(name)}: it shows the server's files or settings`);
  }
}

/** Where an entry of the search path leads. */
function bucketOf(entry: string, context: PolicyContext): string | null {
  const parts = entry.toLowerCase().replaceAll('"', "").split(".");
  const schema = parts.at(-1)!;
  const catalog = parts.length > 1 ? parts[0]! : null;
  if (catalog === "project") return schema;
  return catalog === null && context.projectSchemas.has(schema) ? schema : null;
}

function refuseProjectChange(change: ObjectChange, schema: string, name: string, context: PolicyContext): never {
  if (change.object === "schema") {
    throw new AppError(
      "read_only",
      `cannot execute ${change.command} on project schema ${name}: project schemas are read-only`,
      { hint: "Choose a schema name that no bucket of the project has." },
    );
  }
  if (context.isProjectTable(schema, name)) {
    throw new AppError(
      "read_only",
      `cannot execute ${change.command} on project table ${schema}.${name}: project tables are read-only`,
      { hint: `Copy it into the workspace: CREATE TABLE ${name} AS SELECT * FROM ${schema}.${name}.` },
    );
  }
  throw new AppError(
    "read_only",
    `cannot execute ${change.command} on ${schema}.${name}: the project schema ${schema} is read-only`,
    { hint: "Create it in the workspace's schema main." },
  );
}

/**
 * Throws `read_only` for a change of anything of the project's, `insufficient_privilege` for one of another database.
 */
export function checkChange(change: ObjectChange, context: PolicyContext): void {
  const target = normalise(change.target);
  if (change.object === "schema") return checkSchemaChange(change, target, context);
  const own = context.database.toLowerCase();
  checkCatalog(target, context);
  if (change.mode !== "create" && change.mode !== "create_temporary") checkFileName(target, context);
  else if (looksLikeFile(target.name)) refuse(`permission denied: "${target.name}" names a file`);
  if (target.catalog === "system" || target.schema === "system") refuse(`permission denied for database "system"`);
  if (target.catalog === "project") refuseProjectChange(change, target.schema ?? "main", target.name, context);
  if (target.catalog !== null) return;
  if (target.schema !== null) {
    if (target.schema === own || target.schema === "temp" || target.schema === "pg_temp") return;
    if (target.schema === "information_schema" || target.schema === "pg_catalog") {
      refuse(`permission denied for schema ${target.schema}`);
    }
    if (target.schema === "project" || context.projectSchemas.has(target.schema)) {
      refuseProjectChange(change, target.schema, target.name, context);
    }
    return;
  }
  if (change.mode === "create_temporary") return;
  checkUnqualifiedChange(change, target.name, context);
}

/**
 * An unqualified name: a new object goes into the first schema of the path. An existing one is looked up along the
 * path; DuckDB itself refuses rows and tables that turn out to be a project view, but would drop, rename or replace
 * that view.
 */
function checkUnqualifiedChange(change: ObjectChange, name: string, context: PolicyContext): void {
  if (change.mode === "create") {
    const schema = bucketOf(context.searchPath[0] ?? "", context);
    if (schema !== null) refuseProjectChange(change, schema, name, context);
    return;
  }
  const touchesViews = change.mode === "definition" && (change.object === "view" || change.object === "relation");
  for (const entry of context.searchPath) {
    const schema = bucketOf(entry, context);
    if (schema === null) {
      if (touchesViews) continue;
      return;
    }
    if (!context.isProjectTable(schema, name)) continue;
    if (entry === context.searchPath[0] || !touchesViews) refuseProjectChange(change, schema, name, context);
    throw new AppError(
      "read_only",
      `cannot execute ${change.command} on ${name}: the name also stands for project table ${schema}.${name}, which is read-only`,
      { hint: `Write main.${name} for your own one.` },
    );
  }
}

function checkSchemaChange(change: ObjectChange, target: RelationName, context: PolicyContext): void {
  const own = context.database.toLowerCase();
  const database = target.catalog ?? target.schema;
  if (database === "project") refuseProjectChange(change, target.name, target.name, context);
  if (database !== null && database !== own) refuse(`permission denied for database "${database}"`);
  if (context.projectSchemas.has(target.name) || target.name === "project") {
    refuseProjectChange(change, target.name, target.name, context);
  }
  const reserved = isInternalDatabase(target.name) || /^workspace_ws_/.test(target.name) ||
    ["memory", "system", "temp", "pg_catalog", "information_schema"].includes(target.name);
  if (reserved && target.name !== own) refuse(`permission denied for schema ${target.name}: the name is reserved`);
  const schema = bucketOf(context.searchPath[0] ?? "", context);
  if (change.mode === "create" && database === null && schema !== null) {
    throw new AppError(
      "read_only",
      `cannot execute ${change.command}: the search path begins with project schema ${schema}`,
      {
        hint: `Write ${context.database}.${target.name}, or put main first in search_path.`,
      },
    );
  }
}
