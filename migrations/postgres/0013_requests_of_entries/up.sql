-- Which client acted and by which request, for the auditor. The leaf of an entry commits to neither, and entries of
-- earlier releases have none.
ALTER TABLE ledger ADD COLUMN client UUID;
ALTER TABLE ledger ADD COLUMN request_id TEXT COLLATE "C";
CREATE INDEX ledger_client_seq ON ledger (client, seq) WHERE client IS NOT NULL;
CREATE INDEX ledger_actor_seq ON ledger (actor, seq);
