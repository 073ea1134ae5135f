-- What only the Perses API knows of a project: a project that was made by another API has no row, and version 0.
CREATE TABLE project_details (
  project_id VARCHAR PRIMARY KEY,
  -- RFC 3339 UTC with nine digits
  updated_at VARCHAR NOT NULL,
  version INTEGER NOT NULL CHECK (version >= 0),
  -- JSON: ["tag"], NULL when the document has none
  tags VARCHAR,
  -- JSON: the document's spec
  spec VARCHAR NOT NULL
);
