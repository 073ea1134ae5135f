DROP TABLE project_details;
