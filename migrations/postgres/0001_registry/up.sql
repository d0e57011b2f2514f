-- One row per version of a subject: seq_to is the largest bigint while the version is current,
-- so that `seq_from <= N AND seq_to > N` serves every read at a cut N.

-- The last position and instant: the row that writers lock.
CREATE TABLE ledger_head (
    id INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CHECK (id = 1)
);

-- Every change, numbered without gaps.
CREATE TABLE ledger (
    seq BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    subject_version INTEGER NOT NULL,
    body_sha256 BYTEA NOT NULL,
    command UUID NOT NULL,
    cut BOOLEAN NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    authority_document TEXT COLLATE "C",
    effective_on TEXT COLLATE "C",
    nonce BYTEA,
    leaf_sha256 BYTEA NOT NULL,
    PRIMARY KEY (seq)
);
CREATE INDEX ledger_command ON ledger (command);
CREATE INDEX ledger_at ON ledger (at);
CREATE INDEX ledger_subject_subject_version ON ledger (subject, subject_version);

CREATE TABLE organisations (
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    uscc TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX organisations_current ON organisations (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX organisations_name_key ON organisations (name_key);
CREATE INDEX organisations_uscc ON organisations (uscc);

CREATE TABLE certification_bodies (
    id TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    organisation UUID NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX certification_bodies_current ON certification_bodies (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX certification_bodies_name_key ON certification_bodies (name_key);
CREATE INDEX certification_bodies_organisation ON certification_bodies (organisation);

CREATE TABLE code_lists (
    id TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX code_lists_current ON code_lists (id) WHERE seq_to = 9223372036854775807;

CREATE TABLE clients (
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    organisation UUID NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX clients_current ON clients (id) WHERE seq_to = 9223372036854775807;

CREATE TABLE products (
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    public BOOLEAN NOT NULL,
    owner UUID NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    gtin TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX products_current ON products (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX products_kind_id ON products (kind, id);
CREATE INDEX products_owner_id ON products (owner, id);
CREATE INDEX products_gtin ON products (gtin);

-- What a product is searched by, kept apart so that it is indexed only when it changes.
CREATE TABLE product_texts (
    id BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    product UUID NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    tokens TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX product_texts_product_seq_to ON product_texts (product, seq_to);

CREATE TABLE certificates (
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    effective_on TEXT COLLATE "C" NOT NULL,
    certification_body TEXT COLLATE "C" NOT NULL,
    number_key TEXT COLLATE "C" NOT NULL,
    look_alike TEXT COLLATE "C" NOT NULL,
    scheme TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    star_level INTEGER NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    valid_until TEXT COLLATE "C" NOT NULL,
    record_source TEXT COLLATE "C" NOT NULL,
    predecessor_key TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX certificates_current ON certificates (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX certificates_number_key_certification_body ON certificates (number_key, certification_body);
CREATE INDEX certificates_look_alike ON certificates (look_alike);
CREATE INDEX certificates_certification_body_id ON certificates (certification_body, id);
CREATE INDEX certificates_kind_id ON certificates (kind, id);
CREATE INDEX certificates_valid_until_id ON certificates (valid_until, id);
CREATE INDEX certificates_predecessor_key ON certificates (predecessor_key);

CREATE TABLE evidence (
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    public BOOLEAN NOT NULL,
    product UUID NOT NULL,
    certificate UUID NOT NULL,
    owner UUID NOT NULL,
    certifier UUID NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    effective_on TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX evidence_current ON evidence (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX evidence_product ON evidence (product);
CREATE INDEX evidence_certificate ON evidence (certificate);

CREATE TABLE lists (
    id TEXT COLLATE "C" NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    publisher UUID NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX lists_current ON lists (id) WHERE seq_to = 9223372036854775807;

CREATE TABLE publications (
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    public BOOLEAN NOT NULL,
    list TEXT COLLATE "C" NOT NULL,
    number INTEGER NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    publisher UUID NOT NULL,
    document TEXT COLLATE "C",
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX publications_current ON publications (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX publications_list_number ON publications (list, number);

-- The entries of a publication, written once with its draft.
CREATE TABLE publication_entries (
    publication UUID NOT NULL,
    position INTEGER NOT NULL,
    product UUID NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (publication, position)
);
CREATE INDEX publication_entries_product ON publication_entries (product);

CREATE TABLE listings (
    id UUID NOT NULL,
    version INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    effective_on TEXT COLLATE "C" NOT NULL,
    list TEXT COLLATE "C" NOT NULL,
    product UUID NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    valid_until TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);
CREATE UNIQUE INDEX listings_current ON listings (id) WHERE seq_to = 9223372036854775807;
CREATE INDEX listings_product ON listings (product);
CREATE INDEX listings_list_id ON listings (list, id);

-- Answers kept so that a repeated request is answered and not repeated.
CREATE TABLE idempotency (
    client UUID NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    request_sha256 BYTEA NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (client, key)
);
CREATE INDEX idempotency_created_at ON idempotency (created_at);

-- What was refused to whom: for the auditor, outside the ledger, kept for two years.
CREATE TABLE refusals (
    id UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    client UUID NOT NULL,
    organisation UUID NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    problem TEXT COLLATE "C" NOT NULL,
    rules TEXT COLLATE "C" NOT NULL,
    request_id TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX refusals_at ON refusals (at);
CREATE INDEX refusals_organisation_at ON refusals (organisation, at);

-- Client assertions that were used; each works once.
CREATE TABLE used_assertions (
    client UUID NOT NULL,
    jti TEXT COLLATE "C" NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (client, jti)
);
CREATE INDEX used_assertions_expires_at ON used_assertions (expires_at);

CREATE INDEX product_texts_tokens ON product_texts USING gin (array_to_tsvector(string_to_array(tokens, ' ')));

INSERT INTO ledger_head (id, seq, at) VALUES (1, 0, '1970-01-01T00:00:00Z');
