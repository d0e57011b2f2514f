//! Both databases have the same tables.

use diesel::sql_types::Text;
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use lvcai_database::{Conn, on_conn};
use lvcai_tests::{Database, workspace};

/// Every table and column; `?` where a column may be null. `UPDATE_GOLDEN=1` writes it, on either database.
const GOLDEN: &str = "tests/golden/tables.txt";

/// The tables and columns that are committed and reviewed.
fn golden() -> Vec<String> {
    let text = std::fs::read_to_string(workspace().join(GOLDEN)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

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

    let found = columns(&mut database.conn());
    if std::env::vars().any(|(name, _)| name == "UPDATE_GOLDEN") {
        std::fs::write(workspace().join(GOLDEN), found.join("\n") + "\n").unwrap();
    }
    assert_eq!(found, golden(), "{GOLDEN} is not what the migrations make: run this with UPDATE_GOLDEN=1");
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
    let dropped = |index: &String| {
        let statement = format!("DROP INDEX {};", index.split(' ').next().unwrap());
        made.iter().any(|script| script.lines().any(|line| line == statement))
    };
    wanted.retain(|it| !dropped(it));
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
    assert_eq!(columns(&mut conn), golden());
    assert_eq!(lvcai_database::migrate(&database.url).unwrap(), 0, "the database is up to date");
}

#[test]
fn starting_again_migrates_nothing() {
    let database = Database::fresh();

    let applied = [lvcai_database::migrate(&database.url).unwrap(), lvcai_database::migrate(&database.url).unwrap()];

    assert_eq!(applied, [scripts(&database, "up.sql").len(), 0]);
}
