-- What came of each list that was imported, and whether it was taken back.
CREATE TABLE list_imports (
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX list_imports_current ON list_imports (id) WHERE seq_to = 9223372036854775807;

-- The day on which a record was taken back because it was recorded by mistake.
ALTER TABLE organisations ADD COLUMN retracted_on TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE certificates ADD COLUMN retracted_on TEXT COLLATE "C" NOT NULL DEFAULT '';
