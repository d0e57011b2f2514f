ALTER TABLE certification_bodies ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE certification_bodies SET name_key = substr(names, 2, instr(substr(names, 2), char(10)) - 1);
CREATE INDEX certification_bodies_name_key ON certification_bodies (name_key);
ALTER TABLE certification_bodies DROP COLUMN names;
