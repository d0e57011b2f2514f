ALTER TABLE certification_bodies ADD COLUMN name_key TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE certification_bodies SET name_key = split_part(names, chr(10), 2);
CREATE INDEX certification_bodies_name_key ON certification_bodies (name_key);
ALTER TABLE certification_bodies DROP COLUMN names;
