-- What the clock looks for: the current certificates that have not ended, by their last day.
CREATE INDEX certificates_running ON certificates (valid_until, id) WHERE seq_to = 9223372036854775807 AND status IN ('01', '02');
-- The calendar of one certification body.
CREATE INDEX certificates_certification_body_valid_until ON certificates (certification_body, valid_until);
