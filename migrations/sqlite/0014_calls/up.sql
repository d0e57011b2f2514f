-- How often each client called each operation on a day: who still calls what. Outside the ledger, kept for 400 days.
CREATE TABLE calls (
    client BLOB NOT NULL CHECK (length(client) = 16),
    operation TEXT NOT NULL,
    day TEXT NOT NULL,
    organisation BLOB NOT NULL CHECK (length(organisation) = 16),
    called INTEGER NOT NULL,
    PRIMARY KEY (client, operation, day)
) STRICT;
CREATE INDEX calls_organisation_client ON calls (organisation, client);
CREATE INDEX calls_day ON calls (day);
