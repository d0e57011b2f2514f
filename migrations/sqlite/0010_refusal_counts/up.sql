-- Refusals beyond what is kept of a client within a day: how often each rule was broken, or how often there was a
-- problem that names no rule.
CREATE TABLE refusal_counts (
    client BLOB NOT NULL CHECK (length(client) = 16),
    day TEXT NOT NULL,
    name TEXT NOT NULL,
    organisation BLOB NOT NULL CHECK (length(organisation) = 16),
    refused INTEGER NOT NULL,
    PRIMARY KEY (client, day, name)
) STRICT;
CREATE INDEX refusal_counts_organisation_day ON refusal_counts (organisation, day);
