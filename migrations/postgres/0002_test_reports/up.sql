CREATE TABLE laboratories (
    id TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX laboratories_current ON laboratories (id) WHERE seq_to = 9223372036854775807;

CREATE TABLE test_reports (
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    effective_on TEXT COLLATE "C" NOT NULL,
    laboratory TEXT COLLATE "C" NOT NULL,
    number_key TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX test_reports_current ON test_reports (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX test_reports_number_key_laboratory ON test_reports (number_key, laboratory);
CREATE INDEX test_reports_laboratory_id ON test_reports (laboratory, id);

-- An evidence rests on a certificate or on a test report; the column of the other is the nil UUID.
ALTER TABLE evidence ADD COLUMN test_report UUID NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
CREATE INDEX evidence_test_report ON evidence (test_report);
