ALTER TABLE dashboard_version DROP COLUMN checked;
DROP TABLE dashboard_state_change;
DROP SEQUENCE dashboard_state_change_id;
