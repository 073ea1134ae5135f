/**
 * Functions that return rows: which they are, and the names and types of their columns. Their macros give a list of
 * values or of structs, whose fields have the names of PostgreSQL's columns.
 */
import type { SetFunction } from "../../../catalog/functions/mod.ts";
import type { Scope, ScopeColumn } from "../scope.ts";

/** Of functions with rows of several columns. */
const rowColumns: Readonly<Record<string, string>> = {
  _pg_expandarray: "x,n int4",
  aclexplode: "grantor oid,grantee oid,privilege_type text,is_grantable bool",
  pg_get_keywords: "word text,catcode char,barelabel bool,catdesc text,baredesc text",
  pg_options_to_table: "option_name text,option_value text",
  pg_partition_tree: "relid regclass,parentrelid regclass,isleaf bool,level int4",
  json_each: "key text,value json",
  jsonb_each: "key text,value jsonb",
  json_each_text: "key text,value text",
  jsonb_each_text: "key text,value text",
};

/** Functions whose rows are those of a relation. */
const rowRelations: Readonly<Record<string, string>> = {
  pg_lock_status: "pg_locks",
  pg_show_all_settings: "pg_settings",
};

/**
 * What functions of one column call it, where that is not their own name, and its type where no other table knows it.
 */
const valueColumns: Readonly<Record<string, ScopeColumn>> = {
  pg_partition_ancestors: { name: "relid", type: "regclass" },
  pg_tablespace_databases: { name: "", type: "oid" },
  pg_snapshot_xip: { name: "", type: "xid8" },
  json_array_elements: { name: "value", type: "json" },
  jsonb_array_elements: { name: "value", type: "jsonb" },
  json_array_elements_text: { name: "value", type: "text" },
  jsonb_array_elements_text: { name: "value", type: "text" },
};

/** Functions outside the catalog whose macro `__name` gives a list. */
const listMacros: ReadonlySet<string> = new Set(
  ("regexp_matches regexp_split_to_table string_to_table json_array_elements jsonb_array_elements " +
    "json_array_elements_text jsonb_array_elements_text json_object_keys jsonb_object_keys json_each jsonb_each " +
    "json_each_text jsonb_each_text jsonb_path_query")
    .split(" "),
);

export interface RowFunction extends SetFunction {
  /** The macro that gives the list or row. */
  readonly macro: string;
}

/** What is known of a function that returns rows; null for all others, and those that have no macro. */
export function rowFunction(name: string, scope: Scope): RowFunction | null {
  const { macros, sets } = scope.statement.names;
  const known = sets.get(name);
  if (known !== undefined) return macros.has(name) ? { ...known, macro: name } : null;
  const macro = `__${name}`;
  if (!listMacros.has(name) || !macros.has(macro)) return null;
  return { gives: "list", isComposite: rowColumns[name] !== undefined, macro };
}

/** The columns of rows with several; null when only DuckDB knows them. */
export function rowFunctionColumns(name: string, scope: Scope): readonly ScopeColumn[] | null {
  const columns = rowColumns[name];
  if (columns !== undefined) {
    return columns.split(",").map((column) => {
      const [columnName, type] = column.split(" ");
      return { name: columnName!, type: type ?? null };
    });
  }
  const relation = rowRelations[name];
  return relation === undefined ? null : scope.statement.names.catalog.get(relation)?.columns ?? null;
}

/** The one column of a function that returns values: its own name or "", its type or null. */
export function valueColumn(name: string): ScopeColumn {
  return valueColumns[name] ?? { name: "", type: null };
}
