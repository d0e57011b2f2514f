DROP INDEX evidence_test_report;
ALTER TABLE evidence DROP COLUMN test_report;
DROP TABLE test_reports;
DROP TABLE laboratories;
