-- One row per version of a subject: seq_to is the largest bigint while the version is current,
-- so that `seq_from <= N AND seq_to > N` serves every read at a cut N.

-- The last position and instant: the row that writers lock.
CREATE TABLE ledger_head (
    id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (id),
    CHECK (id = 1)
) STRICT;

-- Every change, numbered without gaps.
CREATE TABLE ledger (
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    event TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_version INTEGER NOT NULL,
    body_sha256 BLOB NOT NULL,
    command BLOB NOT NULL CHECK (length(command) = 16),
    cut INTEGER NOT NULL,
    actor TEXT NOT NULL,
    authority_document TEXT,
    effective_on TEXT,
    nonce BLOB,
    leaf_sha256 BLOB NOT NULL,
    PRIMARY KEY (seq)
) STRICT;
CREATE INDEX ledger_command ON ledger (command);
CREATE INDEX ledger_at ON ledger (at);
CREATE INDEX ledger_subject_subject_version ON ledger (subject, subject_version);

CREATE TABLE organisations (
    id BLOB NOT NULL CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    name_key TEXT NOT NULL,
    uscc TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX organisations_current ON organisations (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX organisations_name_key ON organisations (name_key);
CREATE INDEX organisations_uscc ON organisations (uscc);

CREATE TABLE certification_bodies (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    organisation BLOB NOT NULL CHECK (length(organisation) = 16),
    name_key TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX certification_bodies_current ON certification_bodies (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX certification_bodies_name_key ON certification_bodies (name_key);
CREATE INDEX certification_bodies_organisation ON certification_bodies (organisation);

CREATE TABLE code_lists (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX code_lists_current ON code_lists (id) WHERE seq_to = 9223372036854775807;

CREATE TABLE clients (
    id BLOB NOT NULL CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    organisation BLOB NOT NULL CHECK (length(organisation) = 16),
    status TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX clients_current ON clients (id) WHERE seq_to = 9223372036854775807;

CREATE TABLE products (
    id BLOB NOT NULL CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    public INTEGER NOT NULL,
    owner BLOB NOT NULL CHECK (length(owner) = 16),
    status TEXT NOT NULL,
    kind TEXT NOT NULL,
    gtin TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX products_current ON products (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX products_kind_id ON products (kind, id);
CREATE INDEX products_owner_id ON products (owner, id);
CREATE INDEX products_gtin ON products (gtin);

-- What a product is searched by, kept apart so that it is indexed only when it changes.
CREATE TABLE product_texts (
    id INTEGER NOT NULL,
    product BLOB NOT NULL CHECK (length(product) = 16),
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    content TEXT NOT NULL,
    tokens TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX product_texts_product_seq_to ON product_texts (product, seq_to);

CREATE TABLE certificates (
    id BLOB NOT NULL CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    effective_on TEXT NOT NULL,
    certification_body TEXT NOT NULL,
    number_key TEXT NOT NULL,
    look_alike TEXT NOT NULL,
    scheme TEXT NOT NULL,
    kind TEXT NOT NULL,
    star_level INTEGER NOT NULL,
    status TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    record_source TEXT NOT NULL,
    predecessor_key TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX certificates_current ON certificates (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX certificates_number_key_certification_body ON certificates (number_key, certification_body);
CREATE INDEX certificates_look_alike ON certificates (look_alike);
CREATE INDEX certificates_certification_body_id ON certificates (certification_body, id);
CREATE INDEX certificates_kind_id ON certificates (kind, id);
CREATE INDEX certificates_valid_until_id ON certificates (valid_until, id);
CREATE INDEX certificates_predecessor_key ON certificates (predecessor_key);

CREATE TABLE evidence (
    id BLOB NOT NULL CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    public INTEGER NOT NULL,
    product BLOB NOT NULL CHECK (length(product) = 16),
    certificate BLOB NOT NULL CHECK (length(certificate) = 16),
    owner BLOB NOT NULL CHECK (length(owner) = 16),
    certifier BLOB NOT NULL CHECK (length(certifier) = 16),
    status TEXT NOT NULL,
    effective_on TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX evidence_current ON evidence (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX evidence_product ON evidence (product);
CREATE INDEX evidence_certificate ON evidence (certificate);

CREATE TABLE lists (
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    publisher BLOB NOT NULL CHECK (length(publisher) = 16),
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX lists_current ON lists (id) WHERE seq_to = 9223372036854775807;

CREATE TABLE publications (
    id BLOB NOT NULL CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    public INTEGER NOT NULL,
    list TEXT NOT NULL,
    number INTEGER NOT NULL,
    status TEXT NOT NULL,
    publisher BLOB NOT NULL CHECK (length(publisher) = 16),
    document TEXT,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX publications_current ON publications (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX publications_list_number ON publications (list, number);

-- The entries of a publication, written once with its draft.
CREATE TABLE publication_entries (
    publication BLOB NOT NULL CHECK (length(publication) = 16),
    position INTEGER NOT NULL,
    product BLOB NOT NULL CHECK (length(product) = 16),
    body TEXT NOT NULL,
    PRIMARY KEY (publication, position)
) STRICT;
CREATE INDEX publication_entries_product ON publication_entries (product);

CREATE TABLE listings (
    id BLOB NOT NULL CHECK (length(id) = 16),
    version INTEGER NOT NULL,
    seq_from INTEGER NOT NULL,
    seq_to INTEGER NOT NULL,
    effective_on TEXT NOT NULL,
    list TEXT NOT NULL,
    product BLOB NOT NULL CHECK (length(product) = 16),
    status TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT;
CREATE UNIQUE INDEX listings_current ON listings (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX listings_product ON listings (product);
CREATE INDEX listings_list_id ON listings (list, id);

-- Answers kept so that a repeated request is answered and not repeated.
CREATE TABLE idempotency (
    client BLOB NOT NULL CHECK (length(client) = 16),
    key TEXT NOT NULL,
    request_sha256 BLOB NOT NULL,
    answer TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (client, key)
) STRICT;
CREATE INDEX idempotency_created_at ON idempotency (created_at);

-- What was refused to whom: for the auditor, outside the ledger, kept for two years.
CREATE TABLE refusals (
    id BLOB NOT NULL CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    client BLOB NOT NULL CHECK (length(client) = 16),
    organisation BLOB NOT NULL CHECK (length(organisation) = 16),
    operation TEXT NOT NULL,
    subject TEXT NOT NULL,
    problem TEXT NOT NULL,
    rules TEXT NOT NULL,
    request_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id)
) STRICT;
CREATE INDEX refusals_at ON refusals (at);
CREATE INDEX refusals_organisation_at ON refusals (organisation, at);

-- Client assertions that were used; each works once.
CREATE TABLE used_assertions (
    client BLOB NOT NULL CHECK (length(client) = 16),
    jti TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (client, jti)
) STRICT;
CREATE INDEX used_assertions_expires_at ON used_assertions (expires_at);

-- One phrase per term over the registry's own tokens, which are letters and digits only.
CREATE VIRTUAL TABLE product_index USING fts5(tokens, content='', contentless_delete=1, tokenize='ascii');
CREATE TRIGGER product_texts_indexed AFTER INSERT ON product_texts BEGIN
    INSERT INTO product_index (rowid, tokens) VALUES (new.id, new.tokens);
END;

INSERT INTO ledger_head (id, seq, at) VALUES (1, 0, 0);
