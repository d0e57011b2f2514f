-- How often each client called each operation on a day: who still calls what. Outside the ledger, kept for 400 days.
CREATE TABLE calls (
    client UUID NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    organisation UUID NOT NULL,
    called BIGINT NOT NULL,
    PRIMARY KEY (client, operation, day)
);
CREATE INDEX calls_organisation_client ON calls (organisation, client);
CREATE INDEX calls_day ON calls (day);
