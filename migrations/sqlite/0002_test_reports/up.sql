CREATE TABLE laboratories (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX laboratories_current ON laboratories (id) WHERE seq_to = 9223372036854775807;

CREATE TABLE test_reports (
    id BLOB NOT NULL CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    effective_on TEXT NOT NULL,
    laboratory TEXT NOT NULL,
    number_key TEXT NOT NULL,
    verdict TEXT NOT NULL,
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX test_reports_current ON test_reports (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX test_reports_number_key_laboratory ON test_reports (number_key, laboratory);
CREATE INDEX test_reports_laboratory_id ON test_reports (laboratory, id);

-- An evidence rests on a certificate or on a test report; the column of the other is the nil UUID.
ALTER TABLE evidence ADD COLUMN test_report BLOB NOT NULL
    DEFAULT x'00000000000000000000000000000000' CHECK (length(test_report) = 16);
CREATE INDEX evidence_test_report ON evidence (test_report);
