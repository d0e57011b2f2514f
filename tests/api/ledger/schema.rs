//! Both databases have the same tables.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use lvcai_database::{Conn, on_conn};
use lvcai_tests::{Database, workspace};

/// Every table and column; `?` where a column may be null.
const GOLDEN: &str = "\
certificates.body
certificates.certification_body
certificates.effective_on
certificates.id
certificates.kind
certificates.look_alike
certificates.number_key
certificates.predecessor_key
certificates.record_source
certificates.scheme
certificates.seq_from
certificates.seq_to
certificates.star_level
certificates.status
certificates.valid_until
certificates.version
certification_bodies.body
certification_bodies.id
certification_bodies.name_key
certification_bodies.organisation
certification_bodies.seq_from
certification_bodies.seq_to
certification_bodies.version
clients.body
clients.id
clients.organisation
clients.seq_from
clients.seq_to
clients.status
clients.version
code_lists.body
code_lists.id
code_lists.seq_from
code_lists.seq_to
code_lists.version
evidence.body
evidence.certificate
evidence.certifier
evidence.effective_on
evidence.id
evidence.owner
evidence.product
evidence.public
evidence.seq_from
evidence.seq_to
evidence.status
evidence.test_report
evidence.version
idempotency.answer
idempotency.client
idempotency.created_at
idempotency.key
idempotency.request_sha256
laboratories.body
laboratories.id
laboratories.seq_from
laboratories.seq_to
laboratories.version
ledger.actor
ledger.at
ledger.authority_document?
ledger.body_sha256
ledger.command
ledger.cut
ledger.effective_on?
ledger.event
ledger.leaf_sha256
ledger.nonce?
ledger.seq
ledger.subject
ledger.subject_version
ledger_head.at
ledger_head.id
ledger_head.seq
listings.body
listings.effective_on
listings.id
listings.list
listings.product
listings.seq_from
listings.seq_to
listings.status
listings.valid_until
listings.version
lists.body
lists.id
lists.publisher
lists.seq_from
lists.seq_to
lists.version
organisations.body
organisations.id
organisations.name_key
organisations.seq_from
organisations.seq_to
organisations.uscc
organisations.version
product_texts.content
product_texts.id
product_texts.product
product_texts.seq_from
product_texts.seq_to
product_texts.tokens
products.body
products.gtin
products.id
products.kind
products.owner
products.public
products.seq_from
products.seq_to
products.status
products.version
publication_entries.body
publication_entries.position
publication_entries.product
publication_entries.publication
publications.body
publications.document?
publications.id
publications.list
publications.number
publications.public
publications.publisher
publications.seq_from
publications.seq_to
publications.status
publications.version
refusals.at
refusals.body
refusals.client
refusals.id
refusals.operation
refusals.organisation
refusals.problem
refusals.request_id
refusals.rules
refusals.subject
test_reports.body
test_reports.effective_on
test_reports.id
test_reports.laboratory
test_reports.number_key
test_reports.seq_from
test_reports.seq_to
test_reports.status
test_reports.verdict
test_reports.version
used_assertions.client
used_assertions.expires_at
used_assertions.jti
";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut Conn, postgres: &str, sqlite: &str) -> Vec<String> {
    let sql = if matches!(conn, Conn::Postgres(_)) { postgres } else { sqlite };
    let rows: Vec<Line> = on_conn!(conn, c => sql_query(sql).load(c)).unwrap();
    let mut lines: Vec<String> = rows.into_iter().map(|row| row.line).collect();
    lines.sort();
    lines
}

/// The tables of the migrations' own ledger and of the SQLite index are the databases' own affair.
fn columns(conn: &mut Conn) -> Vec<String> {
    lines(
        conn,
        "SELECT table_name || '.' || column_name || CASE is_nullable WHEN 'YES' THEN '?' ELSE '' END AS line
         FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name <> '__diesel_schema_migrations'",
        "SELECT m.name || '.' || c.name || iif(c.\"notnull\" = 0, '?', '') AS line
         FROM sqlite_schema m JOIN pragma_table_info(m.name) c
         WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'product_index%'
           AND m.name <> '__diesel_schema_migrations'",
    )
}

fn indexes(conn: &mut Conn) -> Vec<String> {
    lines(
        conn,
        "SELECT c.relname || CASE WHEN i.indisunique THEN ' unique' ELSE '' END AS line
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
         WHERE c.relnamespace = current_schema()::regnamespace AND NOT i.indisprimary
           AND t.relname <> '__diesel_schema_migrations' AND c.relname NOT LIKE 'product_texts_tokens%'",
        "SELECT i.name || iif(i.\"unique\", ' unique', '') AS line
         FROM sqlite_schema m JOIN pragma_index_list(m.name) i
         WHERE m.type = 'table' AND m.name NOT LIKE 'product_index%' AND i.origin = 'c'",
    )
}

fn scripts(database: &Database, name: &str) -> Vec<String> {
    scripts_of(if database.is_postgres() { "postgres" } else { "sqlite" }, name)
}

fn scripts_of(tree: &str, name: &str) -> Vec<String> {
    let folder = workspace().join("migrations").join(tree);
    let mut steps: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    steps.sort();
    steps.iter().map(|step| std::fs::read_to_string(step.join(name)).unwrap()).collect()
}

#[test]
fn both_databases_have_the_same_tables() {
    let database = Database::fresh();

    lvcai_database::migrate(&database.url).unwrap();

    assert_eq!(columns(&mut database.conn()), GOLDEN.lines().collect::<Vec<_>>());
}

#[test]
fn both_databases_have_the_same_indexes() {
    let database = Database::fresh();
    lvcai_database::migrate(&database.url).unwrap();

    let found = indexes(&mut database.conn());

    let made = scripts_of("sqlite", "up.sql");
    let mut wanted: Vec<String> = made
        .iter()
        .flat_map(|script| script.lines())
        .filter_map(|line| {
            let unique = line.strip_prefix("CREATE UNIQUE INDEX ").map(|it| (it, " unique"));
            let (rest, unique) = unique.or_else(|| line.strip_prefix("CREATE INDEX ").map(|it| (it, "")))?;
            Some(format!("{}{unique}", rest.split(' ').next()?))
        })
        .collect();
    wanted.sort();
    assert_eq!(found, wanted);
}

#[test]
fn text_is_compared_by_its_bytes_and_sqlite_tables_are_strict() {
    let database = Database::fresh();
    lvcai_database::migrate(&database.url).unwrap();

    let lax = lines(
        &mut database.conn(),
        "SELECT table_name || '.' || column_name AS line FROM information_schema.columns
         WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
           AND table_name <> '__diesel_schema_migrations'",
        "SELECT name AS line FROM pragma_table_list
         WHERE type = 'table' AND schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'
           AND name <> '__diesel_schema_migrations'",
    );

    assert_eq!(lax, Vec::<String>::new());
}

#[test]
fn a_migration_can_be_taken_back_and_done_again() {
    let database = Database::fresh();
    lvcai_database::migrate(&database.url).unwrap();
    let mut conn = database.conn();

    for script in scripts(&database, "down.sql").iter().rev() {
        conn.batch_execute(script).unwrap();
    }
    let left = columns(&mut conn);
    for script in scripts(&database, "up.sql") {
        conn.batch_execute(&script).unwrap();
    }

    assert_eq!(left, Vec::<String>::new());
    assert_eq!(columns(&mut conn), GOLDEN.lines().collect::<Vec<_>>());
    assert_eq!(lvcai_database::migrate(&database.url).unwrap(), 0, "the database is up to date");
}

#[test]
fn starting_again_migrates_nothing() {
    let database = Database::fresh();

    let applied = [lvcai_database::migrate(&database.url).unwrap(), lvcai_database::migrate(&database.url).unwrap()];

    assert_eq!(applied, [scripts(&database, "up.sql").len(), 0]);
}
