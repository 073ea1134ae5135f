/**
 * How much room things take. A project table's size is that of its file, which `__eider.state.project_tables` has. An
 * own table's is counted in DuckDB's blocks by the engine before a statement that asks (`table_sizes` in
 * `__eider.state`, filled by `tableSizeQuery`); a table made since, and a temporary one, counts 8 bytes a value. DuckDB
 * keeps indexes beside the tables and says no size of them: 0.
 */
import { checkedWhenCalled } from "../../functions/macro.ts";
import type { MacroFunction } from "../../functions/types.ts";
import { ownRows } from "../relations/objects.ts";
import { stateTablePath } from "../state.ts";
import { lookup, macro, pg, quoteLiteral, raise } from "./macro.ts";

/** Functions whose answer needs `table_sizes` to be filled before. */
export const sizeFunctionNames = ["pg_relation_size", "pg_table_size", "pg_total_relation_size"] as const;

/**
 * A query over one own table that gives its size in bytes: whole blocks on disk, and for what no checkpoint has written
 * yet 8 bytes a value. `path` is `database.schema.table` with quotes where needed.
 */
export function tableSizeQuery(path: string, blockBytes = 262_144): string {
  return `SELECT count(DISTINCT block_id) FILTER (block_id >= 0) * ${blockBytes} +
    coalesce(sum(count * 8) FILTER (NOT persistent AND segment_type <> 'VALIDITY'), 0)
    FROM pragma_storage_info(${quoteLiteral(path)})`;
}

/** SQL: oid, size_bytes. */
export const relationSizes = `
    SELECT ${pg("__object_oid")}('relation', schema_name, table_name) AS oid, size_bytes FROM ${
  stateTablePath("project_tables")
}
    UNION ALL
    SELECT ${
  pg("__object_oid")
}('relation', t.shown_schema, t.table_name), coalesce(s.size_bytes, t.estimated_size * t.column_count * 8)
    FROM ${ownRows("duckdb_tables", "table_name, estimated_size, column_count")} AS t
    LEFT JOIN ${stateTablePath("table_sizes")} AS s ON s.schema_name = t.shown_schema AND s.table_name = t.table_name`;

const size = (object: string) => lookup("__eider_relation_size", `${object}::BIGINT`);

/** By name or OID, and `__pg_…` by OID, which the translation calls where it knows that it has one. */
function sizeFunction(name: string): MacroFunction[] {
  return [
    macro(`__${name}`, `(object) AS ${size("object")}`),
    macro(name, `(object) AS ${checkedWhenCalled("object", `${pg(`__${name}`)}(${pg("__regclass")}(object))`)}`),
  ];
}

/** Only a relation's main fork has bytes. */
function forkSize(object: string): string {
  return `CASE fork WHEN 'main' THEN ${size(object)} WHEN 'fsm' THEN 0 WHEN 'vm' THEN 0 WHEN 'init' THEN 0 ELSE ${
    raise("22023", "'invalid fork name'")
  } END::BIGINT`;
}

const units = `CASE split_part(@z.wal_size, ' ', 2) WHEN 'KiB' THEN 1024 WHEN 'MiB' THEN 1048576
    WHEN 'GiB' THEN 1073741824 ELSE 1 END`;
/** Blocks in use, and what has not been written into them yet. */
const databaseSize = `(SELECT (@z.used_blocks * @z.block_size + round(TRY_CAST(split_part(@z.wal_size, ' ', 1)
    AS DOUBLE) * ${units}))::BIGINT
  FROM pragma_database_size() AS @z WHERE @z.database_name = current_database())`;

const ownDatabase = `(SELECT min(@d.oid) FROM ${pg("pg_database")} AS @d WHERE @d.datname = current_database())`;

export const sizeFunctions: readonly MacroFunction[] = [
  macro("__pg_relation_size", `(object) AS ${size("object")}`, `(object, fork) AS ${forkSize("object")}`),
  macro(
    "pg_relation_size",
    `(object) AS ${checkedWhenCalled("object", `${pg("__pg_relation_size")}(${pg("__regclass")}(object))`)}`,
    `(object, fork) AS ${
      checkedWhenCalled("object", `${pg("__pg_relation_size")}(${pg("__regclass")}(object), fork)`)
    }`,
  ),
  ...sizeFunction("pg_table_size"),
  ...sizeFunction("pg_total_relation_size"),
  macro(
    "pg_indexes_size",
    `(object) AS ${
      checkedWhenCalled("object", `CASE WHEN ${pg("__regclass")}(object) IS NOT NULL THEN 0::BIGINT END`)
    }`,
  ),
  macro(
    "pg_database_size",
    `(database) AS CASE WHEN database IS NULL THEN NULL
      WHEN database::VARCHAR = current_database() OR TRY_CAST(database AS UINTEGER) = ${ownDatabase}
        THEN ${databaseSize}
      ELSE ${raise("3D000", `'database "' || database || '" does not exist'`)} END`,
  ),
  macro(
    "pg_tablespace_size",
    `(tablespace) AS CASE WHEN tablespace IS NULL THEN NULL WHEN tablespace::VARCHAR IN ('pg_default', '1663')
      THEN ${databaseSize}
      WHEN tablespace::VARCHAR IN ('pg_global', '1664') THEN 0 ELSE ${
      raise("42704", `'tablespace "' || tablespace || '" does not exist'`)
    } END`,
  ),
  ...["pg_relation_filenode", "pg_relation_filepath"].map((name) => macro(name, "(relation) AS NULL::VARCHAR")),
  macro("pg_filenode_relation", "(tablespace, filenode) AS NULL::UINTEGER"),
  macro("pg_tablespace_location", "(tablespace) AS CASE WHEN tablespace IS NOT NULL THEN '' END"),
  /** A list of OIDs of databases. */
  macro(
    "pg_tablespace_databases",
    `(tablespace) AS CASE WHEN tablespace = 1663 THEN [${ownDatabase}] ELSE []::UINTEGER[] END`,
  ),
];
