-- Share links of dashboards, and what each user prefers. No foreign keys: in DuckDB they make updates of the referenced row
-- fail. Columns that change are in no index.

CREATE TABLE share_token (
  id VARCHAR PRIMARY KEY,
  -- SHA-256 of the token, hex; the token itself is nowhere
  token_hash VARCHAR NOT NULL UNIQUE,
  project_id VARCHAR NOT NULL,
  dashboard VARCHAR NOT NULL,
  -- of the dashboard: one that was deleted and made again under the same name is another one
  dashboard_created_at VARCHAR NOT NULL,
  label VARCHAR NOT NULL,
  created_at TIMESTAMPTZ NOT NULL,
  created_by VARCHAR NOT NULL,
  -- NULL: never
  expires_at TIMESTAMPTZ CHECK (expires_at > created_at),
  -- NULL: any number
  uses_max BIGINT CHECK (uses_max > 0),
  use_count BIGINT NOT NULL CHECK (use_count >= 0),
  -- JSON: ["192.0.2.0/24"]; empty: from everywhere
  allowed_cidrs VARCHAR NOT NULL,
  -- JSON: {"name": "value" or ["value"]}
  variables VARCHAR NOT NULL,
  last_used_at TIMESTAMPTZ,
  revoked_at TIMESTAMPTZ
);

-- A user is a key: admin, or <project>/<key name>.
CREATE TABLE user_preferences (
  user_name VARCHAR PRIMARY KEY,
  theme VARCHAR NOT NULL CHECK (theme IN ('light', 'dark', 'system')),
  -- IANA name; NULL: the browser's
  time_zone VARCHAR,
  -- JSON: {"project", "name"}, or NULL
  default_dashboard VARCHAR,
  -- JSON: [{"project", "name", "at"}], newest first
  favourites VARCHAR NOT NULL,
  recently_viewed VARCHAR NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL
);
