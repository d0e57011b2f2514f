//! `lvcai import`: takes a list that a city published.

use super::error::CliError;
use super::open::{organisation_named, read_now, with_registry};
use clap::Args;
use lvcai_config::Config;
use lvcai_domain::city_list::CityListRow;
use lvcai_domain::{Fault, Organisation, OrganisationId, Role, Rule, Star, Uscc, is_garbled};
use lvcai_exchange::{Limits, List, ListRow, SheetOutcome, Table, read_list, write_csv, write_table};
use lvcai_store::imports::{self, Outcome, RowOutcome};
use lvcai_store::{Registry, organisations};
use std::path::PathBuf;
use std::process::ExitCode;

/// A file to import, and on whose behalf.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The list, xlsx or csv. What it is is seen from its content.
    file: PathBuf,
    /// The authority that vouches for the list: its id, or its exact name.
    #[arg(long)]
    authority: String,
    /// Decide alone: report what would become of each row and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write the outcome of every row to this csv file.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Print the outcome of every row, not of the refused ones alone.
    #[arg(long)]
    all: bool,
}

impl Import {
    pub(super) fn run(&self, config: &Config) -> Result<ExitCode, CliError> {
        let list = read_list(&self.file, &Limits::default(), &mut |rows| eprint!("\r{rows} rows read"))?;
        eprintln!("\r{} rows read from {}", list.rows.len(), self.file.display());
        tell_what_was_left_out(&list);
        let import = with_registry(config, async |registry| self.import(registry, &list).await)?;
        self.tell(&list, &import)
    }

    /// What became of each row, in the order of the list.
    async fn import(&self, registry: &Registry, list: &List) -> Result<imports::Import, CliError> {
        let authority = self.authority(registry).await?;
        let (rows, refused) = sort_out(&list.rows);
        let mut import = imports::import(registry, rows, authority, self.dry_run).await?;
        import.rows.extend(refused);
        import.rows.sort_by_key(|outcome| outcome.row);
        Ok(import)
    }

    /// Who vouches for the list: an authority and nobody else.
    async fn authority(&self, registry: &Registry) -> Result<OrganisationId, CliError> {
        let name = &self.authority;
        let named = match name.parse::<OrganisationId>() {
            Ok(id) => Some(id),
            Err(_) => organisation_named(registry, name, "--authority").await?,
        };
        let id = named.ok_or_else(|| {
            let register = "`lvcai client add --role authority --organisation-name` registers it with a client";
            format!("no organisation is named {name}; {register}")
        })?;
        let found = read_now(registry, move |conn, cut| organisations::read(conn, id, cut)).await?;
        let found: Option<Organisation> = found.map(|it| it.parse()).transpose()?;
        if found.is_some_and(|it| it.roles.contains(&Role::Authority)) {
            return Ok(id);
        }
        Err(format!("{name} is no authority").into())
    }

    fn tell(&self, list: &List, import: &imports::Import) -> Result<ExitCode, CliError> {
        let outcomes = &import.rows;
        if let Some(path) = &self.report {
            write_csv(&table(list, outcomes.iter()), std::fs::File::create(path)?)?;
        }
        let told = |it: &&RowOutcome| matches!(it.outcome, Outcome::Refused(_)) || !it.contradicts.is_empty();
        let shown = outcomes.iter().filter(|it| self.all || told(it));
        let shown = table(list, shown);
        if !shown.rows.is_empty() {
            write_table(&shown, std::io::stdout().lock())?;
        }
        let count = |wanted: &str| outcomes.iter().filter(|it| word(&it.outcome) == wanted).count();
        println!(
            "{}{} imported, {} unchanged, {} kept as the body records them, {} refused",
            if self.dry_run { "dry run: " } else { "" },
            count("imported"),
            count("unchanged"),
            count("kept"),
            count("refused"),
        );
        println!(
            "registered: {} enterprises, {} products, {} certificates, {} links between them",
            import.enterprises, import.products, import.certificates, import.evidence
        );
        // A list of which nothing could be taken is a failure; a refused row among others is an outcome.
        let nothing = !outcomes.is_empty() && count("refused") == outcomes.len();
        Ok(if nothing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn tell_what_was_left_out(list: &List) {
    for sheet in &list.sheets {
        let why = match sheet.outcome {
            SheetOutcome::Read { .. } => continue,
            SheetOutcome::NoHeader => "it has no header row",
            SheetOutcome::Hidden => "it is hidden",
            SheetOutcome::NotATable => "it is not a table",
        };
        eprintln!("the sheet {} was not read: {why}", sheet.name);
    }
    if !list.ignored_columns.is_empty() {
        eprintln!("columns not read: {}", list.ignored_columns.join("、"));
    }
}

/// Rows that are well-formed, and the outcomes of those that are not.
fn sort_out(rows: &[ListRow]) -> (Vec<CityListRow>, Vec<RowOutcome>) {
    let mut good = Vec::new();
    let mut refused = Vec::new();
    // Rows of several sheets may have the same number: they are told apart by their place in the list.
    for (place, row) in (0..).zip(rows) {
        match well_formed(row) {
            Ok(row) => good.push(CityListRow { row: place, ..row }),
            Err(faults) => {
                refused.push(RowOutcome::refused(place, faults));
            }
        }
    }
    (good, refused)
}

fn well_formed(row: &ListRow) -> Result<CityListRow, Vec<Fault>> {
    let mut faults: Vec<Fault> = row
        .faults
        .iter()
        .filter(|fault| !fault.code.is_notice())
        .map(|fault| Fault::new(fault.column, Rule::TextForm).detail(fault.code.zh(), fault.code.en()))
        .collect();
    let mut check = |column: &str, rule: Rule| faults.push(Fault::new(column, rule));
    let uscc = row.uscc.as_deref().map(str::parse::<Uscc>).transpose().map_err(|rule| check("统一社会信用代码", rule));
    let number = row.certificate_number.parse().map_err(|rule| check("证书编号", rule));
    let star = row.star.map(|star| Star::try_from(i64::from(star))).transpose().map_err(|rule| check("认证等级", rule));
    if row.valid_until.is_none() {
        check("有效期至", Rule::Required);
    }
    for (column, text) in [("企业名称", &row.enterprise), ("产品名称", &row.product_name)] {
        if text.chars().count() > 200 {
            check(column, Rule::TooLong);
        }
        if is_garbled(text) {
            check(column, Rule::UnreadableCharacter);
        }
    }
    if row.models.iter().any(|it| is_garbled(it)) {
        check("规格型号", Rule::UnreadableCharacter);
    }
    match (uscc, number, star, row.valid_until) {
        (Ok(uscc), Ok(number), Ok(star), Some(valid_until)) if faults.is_empty() => Ok(CityListRow {
            row: row.row,
            enterprise: row.enterprise.clone(),
            uscc,
            product: row.product_name.clone(),
            models: row.models.clone(),
            kind: row.kind.clone(),
            star,
            number,
            issued_on: row.issued_on,
            valid_until,
            body: row.certification_body.clone(),
        }),
        _ => Err(faults),
    }
}

const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Imported => "imported",
        Outcome::Unchanged => "unchanged",
        Outcome::KeptBodysRecord => "kept",
        Outcome::Refused(_) => "refused",
    }
}

fn table<'a>(list: &List, outcomes: impl Iterator<Item = &'a RowOutcome>) -> Table<'static> {
    let headers = vec!["row", "sheet", "outcome", "product", "certificate", "企业名称", "产品名称", "证书编号", "说明"];
    let row = |outcome: &RowOutcome| {
        let source = usize::try_from(outcome.row).ok().and_then(|place| list.rows.get(place));
        let of = |take: fn(&ListRow) -> &String| source.map(take).cloned().unwrap_or_default();
        vec![
            source.map(|row| row.row.to_string()).unwrap_or_default(),
            of(|row| &row.sheet),
            word(&outcome.outcome).to_owned(),
            outcome.product.map(|it| it.to_string()).unwrap_or_default(),
            outcome.certificate.map(|it| it.to_string()).unwrap_or_default(),
            of(|row| &row.enterprise),
            of(|row| &row.product_name),
            of(|row| &row.certificate_number),
            explanation(outcome),
        ]
    };
    Table { headers, rows: outcomes.map(row).collect() }
}

fn explanation(row: &RowOutcome) -> String {
    let faults = match &row.outcome {
        Outcome::Refused(faults) => faults,
        Outcome::Imported | Outcome::Unchanged | Outcome::KeptBodysRecord => &row.contradicts,
    };
    let say = |fault: &Fault| {
        let said = fault.detail.as_ref().map_or(fault.rule.zh(), |said| said.zh.as_str());
        format!("{}：{said}", fault.pointer)
    };
    faults.iter().map(say).collect::<Vec<_>>().join("；")
}
