-- The texts by which a certification body is found: names of now and before, aliases, its number; each folded, on a
-- line of its own. They are made by the program, which `text_form` tells to make all folded texts anew.
DROP INDEX certification_bodies_name_key;
ALTER TABLE certification_bodies DROP COLUMN name_key;
ALTER TABLE certification_bodies ADD COLUMN names TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE text_form SET form = 0;
