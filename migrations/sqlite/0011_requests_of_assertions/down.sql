ALTER TABLE used_assertions DROP COLUMN request;
