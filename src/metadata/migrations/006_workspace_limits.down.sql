ALTER TABLE workspaces DROP COLUMN max_connections;
ALTER TABLE workspaces DROP COLUMN max_statement_bytes;
ALTER TABLE workspaces DROP COLUMN max_queries_per_minute;
ALTER TABLE workspaces DROP COLUMN max_temp_bytes;
ALTER TABLE workspaces DROP COLUMN threads;
