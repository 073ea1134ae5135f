/**
 * Relations about what a workspace cannot have: triggers, policies, extensions, replication, foreign data, large
 * objects, text search. They have no rows, as in a PostgreSQL where nobody has made any.
 */
import type { CatalogRelation } from "../types.ts";
import { emptyRelation } from "./define.ts";

const names = [
  "pg_available_extension_versions pg_available_extensions pg_extension",
  "pg_trigger pg_event_trigger pg_policy pg_policies",
  "pg_inherits pg_partitioned_table",
  "pg_foreign_data_wrapper pg_foreign_server pg_foreign_table pg_user_mapping pg_user_mappings",
  "pg_publication pg_publication_namespace pg_publication_rel pg_publication_tables",
  "pg_replication_origin pg_replication_origin_status pg_replication_slots pg_subscription pg_subscription_rel",
  "pg_seclabel pg_seclabels pg_shseclabel",
  "pg_default_acl pg_init_privs pg_parameter_acl",
  "pg_largeobject pg_largeobject_metadata",
  "pg_ts_config pg_ts_config_map pg_ts_dict pg_ts_parser pg_ts_template",
  "pg_transform",
  "pg_locks pg_prepared_xacts",
  // About the memory, files and build of a server that is none of PostgreSQL's.
  "pg_backend_memory_contexts pg_config pg_shmem_allocations",
];

export const emptyRelations: readonly CatalogRelation[] = names.flatMap((line) => line.split(" ")).map(emptyRelation);
