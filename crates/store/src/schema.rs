//! The tables, as both databases keep them.

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    ledger_head (id) {
        id -> Integer,
        seq -> BigInt,
        at -> InstantColumn,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    ledger (seq) {
        seq -> BigInt,
        at -> InstantColumn,
        event -> Text,
        subject -> Text,
        subject_version -> Integer,
        body_sha256 -> Binary,
        command -> IdColumn,
        cut -> Bool,
        actor -> Text,
        authority_document -> Nullable<Text>,
        effective_on -> Nullable<Text>,
        nonce -> Nullable<Binary>,
        leaf_sha256 -> Binary,
        client -> Nullable<IdColumn>,
        request_id -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    organisations (id, version) {
        id -> IdColumn,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        name_key -> Text,
        uscc -> Text,
        body -> Text,
        retracted_on -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    certification_bodies (id, version) {
        id -> Text,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        organisation -> IdColumn,
        names -> Text,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    code_lists (id, version) {
        id -> Text,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    clients (id, version) {
        id -> IdColumn,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        organisation -> IdColumn,
        status -> Text,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    products (id, version) {
        id -> IdColumn,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        public -> Bool,
        owner -> IdColumn,
        status -> Text,
        kind -> Text,
        gtin -> Text,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    product_texts (id) {
        id -> BigInt,
        product -> IdColumn,
        seq_from -> BigInt,
        seq_to -> BigInt,
        content -> Text,
        tokens -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    certificates (id, version) {
        id -> IdColumn,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        effective_on -> Text,
        certification_body -> Text,
        number_key -> Text,
        look_alike -> Text,
        scheme -> Text,
        kind -> Text,
        star_level -> Integer,
        status -> Text,
        valid_until -> Text,
        record_source -> Text,
        predecessor_key -> Text,
        body -> Text,
        retracted_on -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    evidence (id, version) {
        id -> IdColumn,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        public -> Bool,
        product -> IdColumn,
        certificate -> IdColumn,
        owner -> IdColumn,
        certifier -> IdColumn,
        status -> Text,
        effective_on -> Text,
        body -> Text,
        test_report -> IdColumn,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    laboratories (id, version) {
        id -> Text,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    test_reports (id, version) {
        id -> IdColumn,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        effective_on -> Text,
        laboratory -> Text,
        number_key -> Text,
        verdict -> Text,
        status -> Text,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    list_imports (id, version) {
        id -> IdColumn,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    lists (id, version) {
        id -> Text,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        publisher -> IdColumn,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    publications (id, version) {
        id -> IdColumn,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        public -> Bool,
        list -> Text,
        number -> Integer,
        status -> Text,
        publisher -> IdColumn,
        document -> Nullable<Text>,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    publication_entries (publication, position) {
        publication -> IdColumn,
        position -> Integer,
        product -> IdColumn,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    listings (id, version) {
        id -> IdColumn,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        effective_on -> Text,
        list -> Text,
        product -> IdColumn,
        status -> Text,
        valid_until -> Text,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    idempotency (client, key) {
        client -> IdColumn,
        key -> Text,
        request_sha256 -> Binary,
        answer -> Text,
        created_at -> InstantColumn,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::IdColumn;

    calls (client, operation, day) {
        client -> IdColumn,
        operation -> Text,
        day -> Text,
        organisation -> IdColumn,
        called -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::IdColumn;

    refusal_counts (client, day, name) {
        client -> IdColumn,
        day -> Text,
        name -> Text,
        organisation -> IdColumn,
        refused -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    refusals (id) {
        id -> IdColumn,
        at -> InstantColumn,
        client -> IdColumn,
        organisation -> IdColumn,
        operation -> Text,
        subject -> Text,
        problem -> Text,
        rules -> Text,
        request_id -> Text,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use lvcai_database::{IdColumn, InstantColumn};

    used_assertions (client, jti) {
        client -> IdColumn,
        jti -> Text,
        expires_at -> InstantColumn,
        request -> Nullable<IdColumn>,
    }
}

diesel::table! {
    text_form (id) {
        id -> Integer,
        form -> Integer,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    certificates,
    certification_bodies,
    clients,
    code_lists,
    evidence,
    laboratories,
    ledger,
    list_imports,
    listings,
    lists,
    organisations,
    product_texts,
    products,
    publication_entries,
    publications,
    test_reports,
    text_form,
);

diesel::alias! {
    certificates as earlier_certificates: EarlierCertificates,
    certificates as later_certificates: LaterCertificates,
    evidence as later_evidence: LaterEvidence,
    listings as later_listings: LaterListings,
    test_reports as later_test_reports: LaterTestReports,
}
