-- Refusals beyond what is kept of a client within a day: how often each rule was broken, or how often there was a
-- problem that names no rule.
CREATE TABLE refusal_counts (
    client UUID NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    organisation UUID NOT NULL,
    refused BIGINT NOT NULL,
    PRIMARY KEY (client, day, name)
);
CREATE INDEX refusal_counts_organisation_day ON refusal_counts (organisation, day);
