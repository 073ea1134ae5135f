-- Projects, their keys and branches, buckets, tables and table versions.
-- branch_id is '' for the project itself, so that it can stand in a primary key. No foreign keys: in DuckDB they make
-- updates of the referenced row fail. Columns that change are in no index.

CREATE TABLE projects (
  id VARCHAR PRIMARY KEY,
  name VARCHAR NOT NULL,
  created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE project_keys (
  id VARCHAR PRIMARY KEY,
  project_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  -- admin or read
  role VARCHAR NOT NULL,
  -- SHA-256 of the key, hex
  key_hash VARCHAR NOT NULL UNIQUE,
  created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE branches (
  project_id VARCHAR NOT NULL,
  id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (project_id, id),
  UNIQUE (project_id, name)
);

CREATE TABLE buckets (
  project_id VARCHAR NOT NULL,
  branch_id VARCHAR NOT NULL,
  -- a function of id; two ids with one schema cannot both exist
  schema_name VARCHAR NOT NULL,
  id VARCHAR NOT NULL,
  description VARCHAR,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (project_id, branch_id, schema_name)
);

CREATE TABLE project_tables (
  project_id VARCHAR NOT NULL,
  branch_id VARCHAR NOT NULL,
  -- <schema>.<lower case name>: SQL does not tell apart what differs in case only
  table_key VARCHAR NOT NULL,
  id VARCHAR NOT NULL,
  bucket_id VARCHAR NOT NULL,
  schema_name VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  -- the pointer: which row of table_versions is current
  version INTEGER NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (project_id, branch_id, table_key)
);

-- The last version number given out; it outlives the table, so that a file name is never used twice.
CREATE TABLE table_version_counters (
  project_id VARCHAR NOT NULL,
  branch_id VARCHAR NOT NULL,
  table_key VARCHAR NOT NULL,
  last_version INTEGER NOT NULL,
  PRIMARY KEY (project_id, branch_id, table_key)
);

CREATE TABLE table_versions (
  project_id VARCHAR NOT NULL,
  branch_id VARCHAR NOT NULL,
  table_key VARCHAR NOT NULL,
  version INTEGER NOT NULL,
  -- relative to the data folder; several versions (restored ones, those of branches) may share a file
  file_path VARCHAR NOT NULL,
  row_count BIGINT NOT NULL,
  size_bytes BIGINT NOT NULL,
  -- JSON: [{"name", "type", "nullable"}]
  columns VARCHAR NOT NULL,
  -- JSON: ["name"]
  primary_key VARCHAR NOT NULL,
  -- create, full, append, upsert, restore, branch
  origin VARCHAR NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (project_id, branch_id, table_key, version)
);

-- Folders of deleted projects and branches, until their files are gone.
CREATE TABLE deleted_folders (
  project_id VARCHAR NOT NULL,
  -- relative to the data folder
  folder VARCHAR NOT NULL,
  PRIMARY KEY (project_id, folder)
);
