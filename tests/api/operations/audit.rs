//! Tampering is named by row.

use lvcai_tests::{CommandOutput, LIST, Story, WorkingFolder, files};
use std::path::Path;

/// Audits the database of a story with the command line.
fn audit(story: &Story, folder: &WorkingFolder) -> CommandOutput {
    let jwks = story.anybody.get("/.well-known/jwks.json").expect(200).text;
    std::fs::write(folder.path("jwks.json"), jwks).unwrap();
    let arguments = ["audit", "--database", &story.server.database.url, "--jwks", "jwks.json"];
    folder.command(&arguments).output().unwrap().into()
}

#[test]
fn a_registry_in_order_has_no_finding_and_is_not_touched() {
    let (story, folder) = (Story::begin(), WorkingFolder::new());
    story.one_of_everything();
    story.server.at("2026-11-26T02:00:00Z");
    story.server.wait(lvcai_store::expiry::tick(&story.server.registry)).unwrap();

    let said = audit(&story, &folder).expect(0);

    assert!(said.out.contains("0 rows are wrong"), "{}", said.out);
}

/// A statement, what the audit must call it, and the row that it must name.
type Tampering = (String, &'static str, String);

/// Statements that change rows of the nouns.
fn changes(story: &Story, ids: &[String]) -> Vec<Tampering> {
    let [product, certificate, evidence, draft, _, organisation, ..] = ids else { panic!("{ids:?}") };
    let client = story.enterprise.id.unwrap().to_string();
    let postgres = story.server.database.is_postgres();
    let key = |id: &str| {
        let uuid = id.split_once('_').unwrap().1;
        if postgres { format!("'{uuid}'") } else { format!("X'{}'", uuid.replace('-', "")) }
    };
    let hidden = format!("public = {}", if postgres { "false" } else { "0" });
    let set = |table: &str, set: &str, column: &str, id: &str| {
        format!("UPDATE {table} SET {set} WHERE {column} = {}", key(id))
    };
    let star = set("certificates", "body = replace(body, '\"star\":3', '\"star\":2')", "id", certificate);
    let entries = set("publication_entries", "body = replace(body, '65', '66')", "publication", draft);
    let deleted = format!("DELETE FROM evidence WHERE id = {} AND version = 1", key(evidence));
    let holder = set("clients", "body = replace(body, 'maker-1', 'maker-9')", "id", &client);
    let column = |name: &str| format!("column {name}");
    let index = format!(
        "DELETE FROM product_index WHERE rowid IN (SELECT id FROM product_texts WHERE product = {})",
        key(product)
    );
    let of_index = (!postgres).then(|| (index, "search-text", format!("product_index of {product}")));
    let changed = vec![
        (star, "body", certificate.clone()),
        (set("certificates", "valid_until = '2039-01-01'", "id", certificate), "column", column("valid_until")),
        (set("certificates", "number_key = 'X'", "id", certificate), "column", column("number_key")),
        (holder, "body", client.clone()),
        (deleted, "no-version", "ledger ".to_owned()),
        (set("products", &hidden, "id", product), "column", column("public")),
        (entries, "entries", draft.clone()),
        (set("organisations", "name_key = 'x'", "id", organisation), "column", column("name_key")),
        ("UPDATE certification_bodies SET names = 'x'".to_owned(), "column", "certification_bodies".to_owned()),
        (set("certificates", "predecessor_key = 'X'", "id", certificate), "column", column("predecessor_key")),
        ("UPDATE evidence SET owner = id, certifier = id".to_owned(), "column", column("owner")),
        (set("product_texts", "content = 'x'", "product", product), "search-text", product.clone()),
    ];
    changed.into_iter().chain(of_index).collect()
}

/// Statements that change the ledger and what was published.
fn ledger_changes(postgres: bool) -> Vec<Tampering> {
    let zero = if postgres { "decode(repeat('00', 32), 'hex')" } else { "zeroblob(32)" };
    let leaf = format!("UPDATE ledger SET leaf_sha256 = {zero} WHERE seq = 3");
    let forged =
        "UPDATE publications SET document = replace(document, 'payload\":\"e', 'payload\":\"f') WHERE number = 1";
    [
        (leaf.as_str(), "leaf", "ledger 3"),
        ("UPDATE ledger SET actor = 'another' WHERE seq = 4", "leaf", "ledger 4"),
        ("DELETE FROM ledger WHERE seq = 5", "gap", "ledger 5"),
        (forged, "document", "publications publ_"),
        ("UPDATE publications SET number = 7 WHERE number = 1", "column", "column number"),
        ("UPDATE publications SET publisher = id", "column", "column publisher"),
        ("UPDATE lists SET seq_to = seq_from + 1", "chain", LIST),
        ("UPDATE ledger_head SET seq = seq + 1", "head", "ledger_head"),
    ]
    .map(|(statement, irregularity, row)| (statement.to_owned(), irregularity, row.to_owned()))
    .into()
}

#[test]
fn every_kind_of_tampering_is_named_with_its_row() {
    let (story, folder) = (Story::begin(), WorkingFolder::new());
    let (_, ids) = story.one_of_everything();
    let mut tampered = changes(&story, &ids);
    tampered.extend(ledger_changes(story.server.database.is_postgres()));
    for (statement, ..) in &tampered {
        story.server.database.conn().batch_execute(statement).unwrap();
    }

    let said = audit(&story, &folder).expect(1);

    for (statement, irregularity, row) in &tampered {
        let named = said.out.lines().any(|line| line.starts_with(&format!("{irregularity}  ")) && line.contains(row));
        assert!(named, "{statement}: {irregularity} {row} is not in\n{}", said.out);
    }
    assert!(!said.out.contains("laboratories"), "what is in order is not named: {}", said.out);
}

#[test]
fn what_cannot_be_audited_is_an_error_of_its_own() {
    let folder = WorkingFolder::new();

    let said = folder.run(&["audit", "--database", "sqlite:missing.db"]).expect(2);

    assert!(said.err.contains("missing.db"), "{}", said.err);
    for address in ["mysql://u:S3CRET@h/d", "postgres://u:S3CRET%zz@127.0.0.1:1/d", "host=h password=S3CRET"] {
        let none = folder.run(&["audit", "--database", address]).expect(2);
        assert!(none.err.contains("--database") && !none.err.contains("S3CRET"), "{}", none.err);
    }
}

#[test]
fn a_text_by_which_a_product_was_found_once_is_audited_too() {
    let (story, folder) = (Story::begin(), WorkingFolder::new());
    let product = story.product("65系列内平开塑料窗");
    let etag = story.anybody.get(&format!("/v1/products/{product}")).header("etag").to_owned();
    let renamed = serde_json::json!({ "name": "70系列内平开塑料窗" });
    story.enterprise.patch(&format!("/v1/products/{product}"), &etag, &renamed).expect(200);
    audit(&story, &folder).expect(0);
    let earlier = "UPDATE product_texts SET content = 'x' WHERE content LIKE '%65%'";
    story.server.database.conn().batch_execute(earlier).unwrap();

    let said = audit(&story, &folder).expect(1);

    assert!(said.out.contains(&format!("search-text  product_texts of {product}")), "{}", said.out);
}

#[test]
fn every_column_is_audited() {
    let read = |path: &str| std::fs::read_to_string(lvcai_tests::workspace().join(path)).unwrap();
    let (schema, audited) = (read("crates/store/src/schema.rs"), read("crates/store/src/audit/tables.rs"));
    let of_the_chain = ["id", "version", "seq_from", "seq_to", "body", "public", "effective_on"];
    // Documents are verified, and the others compared with what the product, the list and the body say.
    let otherwise = ["document", "publisher", "owner", "certifier"];
    let mut seen = 0;
    for table in tables_of_versions() {
        let columns = schema.split(&format!(" {table} (id, version) {{")).nth(1).unwrap().split('}').next().unwrap();
        let block = audited.split(&format!("name: \"{table}\"")).nth(1).unwrap().split("..ORDINARY").next().unwrap();
        let columns = columns.lines().filter_map(|it| it.trim().split_once(" -> ")).map(|(name, _)| name);
        for column in columns.filter(|it| !of_the_chain.contains(it) && !otherwise.contains(it)) {
            assert!(block.contains(&format!("\"{column}\"")), "{table}.{column} is not audited");
            seen += 1;
        }
    }
    assert!(seen > 30, "only {seen} columns");
}

/// The tables whose rows hold over a span of the ledger, as the migrations make them.
fn tables_of_versions() -> Vec<String> {
    let scripts = files(&lvcai_tests::workspace().join("migrations/sqlite"), &["up.sql"]);
    let text: String = scripts.iter().map(|it| std::fs::read_to_string(it).unwrap()).collect();
    let tables = text.split("CREATE TABLE ").skip(1);
    let of = |table: &str| {
        let (name, rest) = table.split_once(' ')?;
        rest.split(';').next()?.contains("seq_from").then(|| name.to_owned())
    };
    tables.filter_map(of).filter(|it| it != "product_texts").collect()
}

#[test]
fn every_table_of_versions_is_audited() {
    let audited = lvcai_tests::workspace().join(Path::new("crates/store/src/audit/tables.rs"));
    let audited = std::fs::read_to_string(audited).unwrap();

    let missing: Vec<_> =
        tables_of_versions().into_iter().filter(|it| !audited.contains(&format!("name: \"{it}\""))).collect();

    assert!(missing.is_empty() && tables_of_versions().len() > 10, "{missing:?}");
}
