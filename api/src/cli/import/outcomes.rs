//! What became of the rows of a list, as a table in the language of the terminal.

use crate::cli::error::fault_in_words;
use crate::cli::language::Language;
use lvcai_domain::Fault;
use lvcai_domain::city_list::column_of;
use lvcai_exchange::{List, ListRow, Table};
use lvcai_store::imports::{Import, Outcome, RowOutcome};

/// The outcomes of rows, and what is to be said of each.
pub(super) fn table<'a>(
    list: &List,
    import: &Import,
    outcomes: impl Iterator<Item = &'a RowOutcome>,
    language: Language,
) -> Table<'static> {
    let headers = [
        ("行", "row"),
        ("工作表", "sheet"),
        ("结果", "outcome"),
        ("产品标识", "product"),
        ("证书标识", "certificate"),
        ("企业名称", "enterprise"),
        ("产品名称", "product name"),
        ("证书编号", "certificate number"),
        ("说明", "explanation"),
        ("导入编号", "import"),
    ];
    let id = import.id.map(|it| it.to_string()).unwrap_or_default();
    let row = |outcome: &RowOutcome| {
        let source = usize::try_from(outcome.row).ok().and_then(|place| list.rows.get(place));
        let of = |take: fn(&ListRow) -> &String| source.map(take).cloned().unwrap_or_default();
        vec![
            source.map(|row| row.row.to_string()).unwrap_or_default(),
            of(|row| &row.sheet),
            word(&outcome.outcome, language).to_owned(),
            outcome.product.map(|it| it.to_string()).unwrap_or_default(),
            outcome.certificate.map(|it| it.to_string()).unwrap_or_default(),
            of(|row| &row.enterprise),
            of(|row| &row.product_name),
            of(|row| &row.certificate_number),
            explanation(outcome, source, language),
            id.clone(),
        ]
    };
    Table { headers: headers.map(|(zh, en)| language.of(zh, en)).to_vec(), rows: outcomes.map(row).collect() }
}

const fn word(outcome: &Outcome, language: Language) -> &'static str {
    match outcome {
        Outcome::Imported => language.of("已导入", "imported"),
        Outcome::Unchanged => language.of("无变化", "unchanged"),
        Outcome::KeptBodysRecord => language.of("保留", "kept"),
        Outcome::Refused(_) => language.of("拒绝", "refused"),
    }
}

/// Why a row was refused; or what was done to its values so that it could be taken, and what it contradicts.
fn explanation(row: &RowOutcome, source: Option<&ListRow>, language: Language) -> String {
    let say = |fault: &Fault| fault_in_words(fault, column_of(&fault.pointer), language);
    let said: Vec<String> = match &row.outcome {
        Outcome::Refused(faults) => faults.iter().map(say).collect(),
        Outcome::Imported | Outcome::Unchanged | Outcome::KeptBodysRecord => {
            let notices = source.iter().flat_map(|it| &it.faults).filter(|it| it.code.is_notice());
            let notices = notices.map(|it| {
                language.of(&format!("{}：{}", it.column, it.zh()), &format!("{}: {}", it.column, it.en())).to_owned()
            });
            notices.chain(row.notes.iter().chain(&row.contradicts).chain(&row.look_alikes).map(say)).collect()
        }
    };
    said.join(language.of("；", "; "))
}
