DROP TABLE pg_sessions;
DROP TABLE workspace_credentials;
DROP TABLE workspaces;
