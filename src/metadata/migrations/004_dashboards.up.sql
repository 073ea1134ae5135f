-- Dashboards, their history, what they refer to, and templates.
--
-- DuckDB uses an index in a query only when it is on one column, so what is looked up has one key column: live_key,
-- resource_key, id. Columns that change are in no index, but for live_key, which changes only when a dashboard is deleted
-- or undeleted. No foreign keys: in DuckDB they make updates of the referenced row fail; deletions cascade in the
-- repository. Reasons and measurements: docs/adr/0005-dashboards-on-duckdb.md.
--
-- Times are RFC 3339 UTC with nine digits, so that their text sorts as they do.
-- A document is JSON text or, when that is shorter, "z:" and the base64 of its raw deflate stream.

CREATE SEQUENCE dashboard_id;
CREATE SEQUENCE dashboard_version_id;

CREATE TABLE dashboard (
  id BIGINT PRIMARY KEY,
  project_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  -- <project_id>/<name>, NULL once deleted: so a name is unique among those that live, and free again after a deletion
  live_key VARCHAR UNIQUE,
  state VARCHAR NOT NULL CHECK (state IN ('draft', 'active', 'archived', 'deleted')),
  -- what undelete returns to
  state_before VARCHAR CHECK (state_before IN ('draft', 'active', 'archived')),
  state_changed_at VARCHAR NOT NULL,
  state_changed_by VARCHAR NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 0),
  -- the row of dashboard_version with the present document
  version_id BIGINT NOT NULL,
  created_at VARCHAR NOT NULL,
  created_by VARCHAR NOT NULL,
  updated_at VARCHAR NOT NULL CHECK (updated_at >= created_at),
  updated_by VARCHAR NOT NULL,
  -- of the present document, for lists and search
  title VARCHAR,
  description VARCHAR,
  -- JSON: ["tag"], NULL when the document has none
  tags VARCHAR,
  -- words in lower case without accents, one blank between: of name, title and tags; of the description
  search_text VARCHAR NOT NULL,
  search_description VARCHAR NOT NULL,
  -- the file, relative to the provisioning folder, that owns this dashboard
  provisioned_from VARCHAR,
  -- template_key of the template it was made from
  template_key VARCHAR,
  CHECK ((state = 'deleted') = (live_key IS NULL)),
  CHECK ((state = 'deleted') = (state_before IS NOT NULL)),
  CHECK (live_key = project_id || '/' || name)
);

-- Every version that is kept, the present one too. Rows are never changed.
CREATE TABLE dashboard_version (
  id BIGINT PRIMARY KEY,
  dashboard_id BIGINT NOT NULL,
  project_id VARCHAR NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 0),
  created_at VARCHAR NOT NULL,
  created_by VARCHAR NOT NULL,
  -- create, update, restore, import, provision, copy, template
  origin VARCHAR NOT NULL,
  message VARCHAR,
  tags VARCHAR,
  -- of the document as JSON text
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  document VARCHAR NOT NULL
);

CREATE TABLE ephemeral_dashboard (
  resource_key VARCHAR PRIMARY KEY CHECK (resource_key = project_id || '/' || name),
  project_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 0),
  created_at VARCHAR NOT NULL,
  updated_at VARCHAR NOT NULL CHECK (updated_at >= created_at),
  updated_by VARCHAR NOT NULL,
  tags VARCHAR,
  document VARCHAR NOT NULL,
  ttl_ms BIGINT NOT NULL CHECK (ttl_ms > 0),
  -- updated_at + ttl
  expires_at VARCHAR NOT NULL CHECK (expires_at > updated_at)
);

-- project_id is '' for global datasources and variables.
CREATE TABLE datasource (
  resource_key VARCHAR PRIMARY KEY CHECK (resource_key = project_id || '/' || name),
  project_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 0),
  created_at VARCHAR NOT NULL,
  updated_at VARCHAR NOT NULL CHECK (updated_at >= created_at),
  updated_by VARCHAR NOT NULL,
  tags VARCHAR,
  document VARCHAR NOT NULL,
  provisioned_from VARCHAR
);

CREATE TABLE variable (
  resource_key VARCHAR PRIMARY KEY CHECK (resource_key = project_id || '/' || name),
  project_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 0),
  created_at VARCHAR NOT NULL,
  updated_at VARCHAR NOT NULL CHECK (updated_at >= created_at),
  updated_by VARCHAR NOT NULL,
  tags VARCHAR,
  document VARCHAR NOT NULL,
  provisioned_from VARCHAR
);

CREATE TABLE folder (
  resource_key VARCHAR PRIMARY KEY CHECK (resource_key = project_id || '/' || name),
  project_id VARCHAR NOT NULL CHECK (project_id <> ''),
  name VARCHAR NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 0),
  created_at VARCHAR NOT NULL,
  updated_at VARCHAR NOT NULL CHECK (updated_at >= created_at),
  updated_by VARCHAR NOT NULL,
  tags VARCHAR,
  document VARCHAR NOT NULL,
  provisioned_from VARCHAR
);

-- Templates of users; of system templates, whose documents are in the program, only what is counted.
CREATE TABLE dashboard_template (
  -- <project_id>/<name>
  template_key VARCHAR PRIMARY KEY CHECK (template_key = project_id || '/' || name),
  -- '' for system templates
  project_id VARCHAR NOT NULL,
  name VARCHAR NOT NULL,
  title VARCHAR NOT NULL,
  description VARCHAR,
  category VARCHAR,
  -- JSON: what instantiation asks for
  parameters VARCHAR NOT NULL,
  -- NULL for system templates
  document VARCHAR,
  version INTEGER NOT NULL CHECK (version >= 0),
  created_at VARCHAR NOT NULL,
  created_by VARCHAR NOT NULL,
  updated_at VARCHAR NOT NULL CHECK (updated_at >= created_at),
  updated_by VARCHAR NOT NULL,
  -- as of the last hourly job
  usage_count BIGINT NOT NULL CHECK (usage_count >= 0),
  last_used_at VARCHAR,
  CHECK ((project_id = '') = (document IS NULL))
);

-- Instantiations that the hourly job has not counted yet.
CREATE TABLE dashboard_template_use (
  template_key VARCHAR NOT NULL,
  -- where the dashboard was made
  project_id VARCHAR NOT NULL,
  used_at VARCHAR NOT NULL
);
