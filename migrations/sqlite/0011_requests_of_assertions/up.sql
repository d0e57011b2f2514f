-- By which request an assertion was used: its work may be done again after a lost COMMIT, and is then no second use.
ALTER TABLE used_assertions ADD COLUMN request BLOB CHECK (length(request) = 16);
