DROP TABLE user_preferences;
DROP TABLE share_token;
