//! `lvcai import`: takes a list that a city published; lists what was imported, and takes it back.

mod outcomes;
mod undo;

use super::error::{CliError, said as said_error};
use super::language::Language;
use super::open::{authority, with_registry};
use super::out::said;
use super::report::Report;
use clap::Args;
use lvcai_config::Config;
use lvcai_domain::city_list::CityListRow;
use lvcai_domain::spelling::{is_name, says_nothing};
use lvcai_domain::{Fault, ListImportId, Rule, Scheme, Star, Uscc, is_garbled};
use lvcai_exchange::{Limits, List, ListRow, Named, SheetOutcome, read_list, write_table};
use lvcai_store::Registry;
use lvcai_store::imports::{self, ListSource, Outcome, RowOutcome};
use lvcai_trust::Digest;
use outcomes::table;
use std::path::PathBuf;
use std::process::ExitCode;

/// Imports a list, or does something with what was imported.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Import {
    #[command(subcommand)]
    command: Option<undo::Command>,
    #[command(flatten)]
    file: Option<ImportFile>,
}

impl Import {
    pub(super) fn run(&self, config: &Config) -> Result<ExitCode, CliError> {
        match (&self.command, &self.file) {
            (Some(command), _) => command.run(config),
            (None, Some(file)) => file.run(config),
            (None, None) => Err(said_error("须给出名单文件", "name the file of the list")),
        }
    }
}

/// A file to import, and on whose behalf.
///
/// Each row needs an enterprise (企业名称), a product (产品名称), the number of its certificate (证书编号) and the last
/// day of that (有效期至), a kind (产品类别) by its exact name or code, a certification body (认证机构) by a name that it has
/// or had, an alias or its approval number, and a star (认证等级) where the scheme has stars.
/// Columns are known by these headers and by some 250 other words for them; `--column` names further ones.
#[derive(Debug, Args)]
struct ImportFile {
    /// The list, xlsx, xls or csv. What it is is seen from its content.
    file: PathBuf,
    /// The authority that vouches for the list: its id, or its exact name.
    #[arg(long)]
    authority: String,
    /// The document that orders the import (文号).
    #[arg(long)]
    document: Option<String>,
    /// Decide alone: report what would become of each row and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Take the column under a header for a field: `--column 绿标编号=number`. The fields are serial, enterprise, uscc,
    /// product, models, kind, star, number, `valid_until`, `issued_on`, `certification_body`, status and remark.
    #[arg(long = "column", value_name = "HEADER=FIELD", value_parser = column)]
    columns: Vec<(String, String)>,
    /// The kind of the rows that name none, by its name or code.
    #[arg(long)]
    kind: Option<String>,
    /// The certification body of the rows that name none, by a name or its approval number.
    #[arg(long)]
    certification_body: Option<String>,
    /// The scheme of all rows: `star_certification`, `green_product` or `legacy_label`. Without it, that of the kind's
    /// catalogue.
    #[arg(long, value_parser = scheme)]
    scheme: Option<Scheme>,
    /// The star of the rows that name none: 1, 2 or 3.
    #[arg(long, value_parser = star)]
    star: Option<Star>,
    /// Write the outcome of every row to this csv file.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Print the outcome of every row, not of the refused ones alone.
    #[arg(long)]
    all: bool,
}

impl ImportFile {
    fn run(&self, config: &Config) -> Result<ExitCode, CliError> {
        let mut named = Named::default();
        for (header, field) in &self.columns {
            named.column(header, field).map_err(|refusal| said_error(refusal.zh(), refusal.en()))?;
        }
        let language = Language::of_terminal();
        let progress =
            &mut |rows| eprint!("\r{}", language.of(&format!("已读 {rows} 行"), &format!("{rows} rows read")));
        let list = read_list(&self.file, &Limits::default(), &named, progress).map_err(|error| {
            // Those who have the file at hand are offices in China; those who run the program may not be.
            format!("{}\n{error}", error.zh())
        })?;
        let (rows, file) = (list.rows.len(), self.file.display());
        eprintln!(
            "\r{}",
            language.of(&format!("已从 {file} 读取 {rows} 行"), &format!("{rows} rows read from {file}"))
        );
        tell_what_was_left_out(&list, language);
        named.must_be_among(&list).map_err(|refusal| said_error(refusal.zh(), refusal.en()))?;
        let report = Report::begin(self.report.as_deref())?;
        let import = with_registry(config, async |registry| self.import(registry, &list).await)?;
        self.tell(&list, &import, report)
    }

    /// What became of each row, in the order of the list.
    async fn import(&self, registry: &Registry, list: &List) -> Result<imports::Import, CliError> {
        let authority = authority(registry, &self.authority).await?;
        let (rows, refused) = self.sort_out(&list.rows);
        let source = ListSource {
            id: ListImportId::mint(),
            authority,
            authority_document: self.document.clone(),
            file_sha256: Digest::of(&std::fs::read(&self.file)?).to_string(),
            unreadable: refused.len(),
        };
        let mut import = imports::import(registry, rows, source, self.dry_run).await?;
        import.rows.extend(refused);
        import.rows.sort_by_key(|outcome| outcome.row);
        Ok(import)
    }

    /// Rows that are well-formed, and the outcomes of those that are not.
    fn sort_out(&self, rows: &[ListRow]) -> (Vec<CityListRow>, Vec<RowOutcome>) {
        let mut good = Vec::new();
        let mut refused = Vec::new();
        // Rows of several sheets may have the same number: they are told apart by their place in the list.
        for (place, row) in (0..).zip(rows) {
            match well_formed(row) {
                Ok(row) => good.push(CityListRow { row: place, ..self.completed(row) }),
                Err(faults) => refused.push(RowOutcome::refused(place, faults)),
            }
        }
        (good, refused)
    }

    /// The row with what the whole file has in common.
    fn completed(&self, row: CityListRow) -> CityListRow {
        let or = |text: String, default: &Option<String>| {
            if text.is_empty() { default.clone().unwrap_or_default() } else { text }
        };
        CityListRow {
            kind: or(row.kind, &self.kind),
            body: or(row.body, &self.certification_body),
            star: row.star.or(self.star),
            scheme: self.scheme,
            ..row
        }
    }

    fn tell(&self, list: &List, import: &imports::Import, report: Option<Report>) -> Result<ExitCode, CliError> {
        let (outcomes, language) = (&import.rows, Language::of_terminal());
        let report = report.map(|report| report.write(&table(list, import, outcomes.iter(), language))).transpose();
        let told = |it: &&RowOutcome| {
            matches!(it.outcome, Outcome::Refused(_)) || !it.contradicts.is_empty() || it.look_alikes.is_some()
        };
        let shown = outcomes.iter().filter(|it| self.all || report.is_err() || told(it));
        let shown = table(list, import, shown, language);
        if !shown.rows.is_empty() {
            write_table(&shown, std::io::stdout().lock())?;
        }
        let imported = import.count(|it| matches!(it, Outcome::Imported));
        let unchanged = import.count(|it| matches!(it, Outcome::Unchanged));
        let kept = import.count(|it| matches!(it, Outcome::KeptBodysRecord));
        let refused = import.count(|it| matches!(it, Outcome::Refused(_)));
        let (zh, en) = if self.dry_run { ("试运行：", "dry run: ") } else { ("", "") };
        said(
            format!("{zh}导入 {imported} 行，无变化 {unchanged} 行，按认证机构记录保留 {kept} 行，拒绝 {refused} 行"),
            format!(
                "{en}{imported} imported, {unchanged} unchanged, {kept} kept as the body records them, {refused} refused"
            ),
        )?;
        let imports::Import { id, enterprises, products, certificates, evidence, .. } = import;
        said(
            format!("新登记：企业 {enterprises} 家、产品 {products} 个、证书 {certificates} 张、证据 {evidence} 条"),
            format!(
                "registered: {enterprises} enterprises, {products} products, {certificates} certificates, {evidence} \
                 links between them"
            ),
        )?;
        if let Some(id) = id {
            said(
                format!("导入编号：{id}（撤回：lvcai import undo {id}）"),
                format!("import: {id} (to take it back: lvcai import undo {id})"),
            )?;
        }
        report?;
        // A list of which nothing could be taken is a failure; a refused row among others is an outcome.
        let nothing = !outcomes.is_empty() && refused == outcomes.len();
        Ok(if nothing { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn tell_what_was_left_out(list: &List, language: Language) {
    for sheet in &list.sheets {
        let (zh, en) = match sheet.outcome {
            SheetOutcome::Read { .. } => continue,
            SheetOutcome::NoHeader => ("没有表头", "it has no header row"),
            SheetOutcome::Hidden => ("工作表已隐藏", "it is hidden"),
            SheetOutcome::NotATable => ("不是表格", "it is not a table"),
        };
        let name = &sheet.name;
        let said = (format!("未读取工作表“{name}”：{zh}"), format!("the sheet {name} was not read: {en}"));
        eprintln!("{}", language.of(&said.0, &said.1));
    }
    if !list.ignored_columns.is_empty() {
        let names = list.ignored_columns.join("、");
        eprintln!("{}", language.of(&format!("未读取的列：{names}"), &format!("columns not read: {names}")));
    }
}

fn well_formed(row: &ListRow) -> Result<CityListRow, Vec<Fault>> {
    let mut faults: Vec<Fault> = row
        .faults
        .iter()
        .filter(|fault| !fault.code.is_notice())
        .map(|fault| Fault::new(fault.column, Rule::TextForm).detail(fault.zh(), fault.en()))
        .collect();
    let told: Vec<&str> = row.faults.iter().filter(|it| !it.code.is_notice()).map(|it| it.column).collect();
    let mut check = |column: &str, rule: Rule| {
        // What the reader has said of the cell needs no second word.
        if !told.contains(&column) {
            faults.push(Fault::new(column, rule));
        }
    };
    let uscc = row.uscc.as_deref().map(str::parse::<Uscc>).transpose().map_err(|rule| check("统一社会信用代码", rule));
    let number = row.certificate_number.parse().map_err(|rule| check("证书编号", rule));
    let star = row.star.map(|star| Star::try_from(i64::from(star))).transpose().map_err(|rule| check("认证等级", rule));
    if row.valid_until.is_none() {
        check("有效期至", Rule::Required);
    }
    for (column, text) in [("企业名称", &row.enterprise), ("产品名称", &row.product_name)] {
        if is_garbled(text) {
            check(column, Rule::UnreadableCharacter);
        }
        if !text.is_empty() && !is_name(text) {
            check(column, Rule::NotAName);
        }
    }
    if row.models.iter().any(|it| is_garbled(it)) {
        check("规格型号", Rule::UnreadableCharacter);
    }
    if row.models.iter().any(|it| says_nothing(it)) {
        check("规格型号", Rule::TextForm);
    }
    match (uscc, number, star, row.valid_until) {
        (Ok(uscc), Ok(number), Ok(star), Some(valid_until)) if faults.is_empty() => Ok(CityListRow {
            row: row.row,
            enterprise: row.enterprise.clone(),
            uscc,
            product: row.product_name.clone(),
            models: row.models.clone(),
            kind: row.kind.clone(),
            scheme: None,
            star,
            number,
            issued_on: row.issued_on,
            valid_until,
            body: row.certification_body.clone(),
        }),
        _ => Err(faults),
    }
}

fn column(text: &str) -> Result<(String, String), String> {
    let (header, field) = text.rsplit_once('=').ok_or("write it HEADER=FIELD")?;
    Ok((header.to_owned(), field.to_owned()))
}

fn scheme(text: &str) -> Result<Scheme, String> {
    let known = [Scheme::StarCertification, Scheme::GreenProduct, Scheme::LegacyLabel];
    let found = known.into_iter().find(|it| it.name() == text);
    found.ok_or_else(|| format!("no such scheme; there are {}", known.map(Scheme::name).join(", ")))
}

fn star(text: &str) -> Result<Star, String> {
    let star = text.parse::<i64>().ok().and_then(|it| Star::try_from(it).ok());
    star.ok_or_else(|| "write 1, 2 or 3".to_owned())
}
