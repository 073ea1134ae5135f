-- What a dashboard's history lacked: changes of its state, and whether a stored document has passed the rules.

CREATE SEQUENCE dashboard_state_change_id;

-- Rows are never changed. Those of one dashboard are bounded, and go when it is removed for good.
CREATE TABLE dashboard_state_change (
  id BIGINT PRIMARY KEY,
  dashboard_id BIGINT NOT NULL,
  project_id VARCHAR NOT NULL,
  -- the present one when the state changed
  version INTEGER NOT NULL CHECK (version >= 0),
  changed_at VARCHAR NOT NULL,
  changed_by VARCHAR NOT NULL,
  message VARCHAR,
  state_from VARCHAR NOT NULL CHECK (state_from IN ('draft', 'active', 'archived', 'deleted')),
  state_to VARCHAR NOT NULL CHECK (state_to IN ('draft', 'active', 'archived', 'deleted') AND state_to <> state_from)
);

-- <number of the rules>:<CRC-32 of the column document, hex>, for a document that passed these rules; else NULL. A row that
-- somebody has mended by hand does not fit its sum any more.
ALTER TABLE dashboard_version ADD COLUMN checked VARCHAR;
