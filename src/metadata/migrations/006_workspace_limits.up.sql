-- Limits of a workspace's own beside those of migration 003. NULL: the server's default at the time of use.

ALTER TABLE workspaces ADD COLUMN threads INTEGER;
ALTER TABLE workspaces ADD COLUMN max_temp_bytes BIGINT;
ALTER TABLE workspaces ADD COLUMN max_queries_per_minute BIGINT;
ALTER TABLE workspaces ADD COLUMN max_statement_bytes BIGINT;
ALTER TABLE workspaces ADD COLUMN max_connections INTEGER;
