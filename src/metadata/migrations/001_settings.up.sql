-- The server's own settings, such as the hash of its administrator's key. No secret stands here in plain text.
CREATE TABLE server_settings (
  key VARCHAR PRIMARY KEY,
  value VARCHAR NOT NULL,
  updated_at TIMESTAMPTZ NOT NULL
);
