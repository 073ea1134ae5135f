-- Workspaces, their credentials, and the log of PostgreSQL sessions.
-- No foreign keys: in DuckDB they make updates of the referenced row fail.

CREATE TABLE workspaces (
  id VARCHAR PRIMARY KEY,
  project_id VARCHAR NOT NULL,
  branch_id VARCHAR,
  name VARCHAR NOT NULL,
  -- creating: its preload runs, it is invisible; ready
  state VARCHAR NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  expires_at TIMESTAMPTZ NOT NULL,
  size_limit_gb DOUBLE NOT NULL,
  -- NULL in the next three: the server's default at the time of use
  memory_limit_bytes BIGINT,
  max_result_rows BIGINT,
  max_result_bytes BIGINT,
  -- as last measured
  size_bytes BIGINT NOT NULL
);

CREATE TABLE workspace_credentials (
  username VARCHAR PRIMARY KEY,
  workspace_id VARCHAR NOT NULL,
  -- SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>
  verifier VARCHAR NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  changed_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE pg_sessions (
  id VARCHAR PRIMARY KEY,
  workspace_id VARCHAR NOT NULL,
  project_id VARCHAR NOT NULL,
  username VARCHAR NOT NULL,
  client_address VARCHAR NOT NULL,
  application_name VARCHAR NOT NULL,
  tls BOOLEAN NOT NULL,
  started_at TIMESTAMPTZ NOT NULL,
  last_activity_at TIMESTAMPTZ NOT NULL,
  -- NULL while the session is open
  ended_at TIMESTAMPTZ,
  end_reason VARCHAR,
  query_count BIGINT NOT NULL,
  bytes_received BIGINT NOT NULL,
  bytes_sent BIGINT NOT NULL
);
