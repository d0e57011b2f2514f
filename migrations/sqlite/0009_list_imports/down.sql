ALTER TABLE certificates DROP COLUMN retracted_on;
ALTER TABLE organisations DROP COLUMN retracted_on;
DROP TABLE list_imports;
