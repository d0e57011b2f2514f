DROP INDEX ledger_actor_seq;
DROP INDEX ledger_client_seq;
ALTER TABLE ledger DROP COLUMN request_id;
ALTER TABLE ledger DROP COLUMN client;
