//! The tables that keep versions: how a row names its subject, and which columns repeat what the body says.

use lvcai_domain::{Certificate, CertificationBody, TestReport, name_key};
use serde_json::Value;

/// What a column must hold for a body.
type Expected = fn(&Value) -> Option<String>;

/// A table of versions.
pub(super) struct Table {
    /// Its name.
    pub(super) name: &'static str,
    /// What stands before the key in the subject of an entry.
    pub(super) prefix: &'static str,
    /// Whether the key is a UUID.
    pub(super) uuid: bool,
    /// Whether a column `public` says who may see the version.
    pub(super) public: bool,
    /// Whether a column `effective_on` says from which day the version holds.
    pub(super) dated: bool,
    /// The columns that are filtered by, with what the body says of them.
    pub(super) columns: &'static [Column],
}

/// A column beside the body.
pub(super) struct Column {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether it holds a UUID.
    pub(super) uuid: bool,
    /// What it must hold.
    pub(super) expected: Expected,
}

const fn text(name: &'static str, expected: Expected) -> Column {
    Column { name, uuid: false, expected }
}

const fn id(name: &'static str, expected: Expected) -> Column {
    Column { name, uuid: true, expected }
}

/// What stands in a body, as a column has it: nothing is the empty text.
fn at(body: &Value, pointer: &str) -> Option<String> {
    Some(match body.pointer(pointer) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    })
}

/// The UUID of an identifier in a body; nothing is the nil UUID.
fn uuid_at(body: &Value, pointer: &str) -> Option<String> {
    let text = at(body, pointer)?;
    let uuid = text.split_once('_').map_or(text.as_str(), |(_, uuid)| uuid).replace('-', "");
    Some(if uuid.is_empty() { "0".repeat(32) } else { uuid })
}

/// The folded form of a name in a body.
fn name_at(body: &Value, pointer: &str) -> Option<String> {
    at(body, pointer).map(|name| name_key(&name))
}

fn predecessor(certificate: Certificate) -> String {
    certificate.predecessor.map(|it| it.number.normalised()).unwrap_or_default()
}

fn certificate(body: &Value, of: fn(Certificate) -> String) -> Option<String> {
    serde_json::from_value(body.clone()).ok().map(of)
}

fn body(body: &Value, of: fn(CertificationBody) -> String) -> Option<String> {
    serde_json::from_value(body.clone()).ok().map(of)
}

fn report(body: &Value, of: fn(TestReport) -> String) -> Option<String> {
    serde_json::from_value(body.clone()).ok().map(of)
}

const ORDINARY: Table = Table { name: "", prefix: "", uuid: true, public: false, dated: false, columns: &[] };

/// Every table of versions.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "organisations",
        prefix: "org_",
        columns: &[
            text("name_key", |it| name_at(it, "/name")),
            text("uscc", |it| at(it, "/uscc")),
            text("retracted_on", |it| at(it, "/retracted_on")),
        ],
        ..ORDINARY
    },
    Table {
        name: "certification_bodies",
        uuid: false,
        columns: &[
            id("organisation", |it| uuid_at(it, "/organisation")),
            text("names", |it| body(it, |it| it.search_keys())),
        ],
        ..ORDINARY
    },
    Table { name: "laboratories", prefix: "laboratory:", uuid: false, ..ORDINARY },
    Table { name: "code_lists", prefix: "codelist:", uuid: false, ..ORDINARY },
    Table {
        name: "clients",
        prefix: "clnt_",
        columns: &[id("organisation", |it| uuid_at(it, "/organisation")), text("status", |it| at(it, "/status"))],
        ..ORDINARY
    },
    Table {
        name: "products",
        prefix: "prod_",
        public: true,
        columns: &[
            id("owner", |it| uuid_at(it, "/enterprise")),
            text("status", |it| at(it, "/status")),
            text("kind", |it| at(it, "/kind")),
            text("gtin", |it| at(it, "/gtin")),
        ],
        ..ORDINARY
    },
    Table {
        name: "certificates",
        prefix: "cert_",
        dated: true,
        columns: &[
            text("certification_body", |it| at(it, "/certification_body")),
            text("number_key", |it| certificate(it, |it| it.number.normalised())),
            text("look_alike", |it| certificate(it, |it| it.number.look_alike())),
            text("scheme", |it| at(it, "/scheme")),
            text("kind", |it| at(it, "/kind")),
            text("star_level", |it| certificate(it, |it| it.star.map_or(0, |star| star.get()).to_string())),
            text("status", |it| at(it, "/reported_status")),
            text("valid_until", |it| certificate(it, |it| it.last_day().to_string())),
            text("record_source", |it| at(it, "/record_source")),
            text("predecessor_key", |it| certificate(it, predecessor)),
            text("retracted_on", |it| at(it, "/retracted_on")),
        ],
        ..ORDINARY
    },
    Table {
        name: "test_reports",
        prefix: "rept_",
        dated: true,
        columns: &[
            text("laboratory", |it| at(it, "/laboratory")),
            text("number_key", |it| report(it, |it| it.number.normalised())),
            text("verdict", |it| at(it, "/conclusion")),
            text("status", |it| at(it, "/status")),
        ],
        ..ORDINARY
    },
    Table {
        name: "evidence",
        prefix: "evid_",
        public: true,
        dated: true,
        columns: &[
            id("product", |it| uuid_at(it, "/product")),
            id("certificate", |it| uuid_at(it, "/certificate")),
            id("test_report", |it| uuid_at(it, "/test_report")),
            text("status", |it| at(it, "/status")),
        ],
        ..ORDINARY
    },
    Table { name: "list_imports", prefix: "impt_", ..ORDINARY },
    Table {
        name: "lists",
        prefix: "list:",
        uuid: false,
        columns: &[id("publisher", |it| uuid_at(it, "/publisher"))],
        ..ORDINARY
    },
    Table {
        name: "publications",
        prefix: "publ_",
        public: true,
        columns: &[
            text("list", |it| at(it, "/list")),
            text("number", |it| at(it, "/number").map(|it| if it.is_empty() { "0".to_owned() } else { it })),
            text("status", |it| at(it, "/status")),
        ],
        ..ORDINARY
    },
    Table {
        name: "listings",
        prefix: "lstg_",
        dated: true,
        columns: &[
            text("list", |it| at(it, "/list")),
            id("product", |it| uuid_at(it, "/product")),
            text("status", |it| at(it, "/status")),
            text("valid_until", |it| at(it, "/valid_until")),
        ],
        ..ORDINARY
    },
];
