DROP TABLE deleted_folders;
DROP TABLE table_versions;
DROP TABLE table_version_counters;
DROP TABLE project_tables;
DROP TABLE buckets;
DROP TABLE branches;
DROP TABLE project_keys;
DROP TABLE projects;
