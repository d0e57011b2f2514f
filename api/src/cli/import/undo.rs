//! `lvcai import list` and `lvcai import undo`: what was imported, and how it is taken back.

use crate::cli::error::{CliError, parsed, said as said_error};
use crate::cli::language::Language;
use crate::cli::open::{authority, read_now, with_registry};
use crate::cli::out::said;
use crate::cli::report::Report;
use clap::{Args, Subcommand};
use jiff::civil::Date;
use lvcai_config::Config;
use lvcai_domain::{ListImport, ListImportId, ProblemKind};
use lvcai_exchange::{Table, write_table};
use lvcai_store::imports::{Undoing, UndoneRecord, undone};
use lvcai_store::{CommandContext, Origin, Page, Registry, StoredVersion, list_imports};
use std::fmt::Display;
use std::path::PathBuf;
use std::process::ExitCode;

/// How many imports are read at a time.
const PAGE: i64 = 500;

/// What to do with what was imported.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the imports, the newest first.
    List,
    /// Take an import back: withdraw what it recorded and nothing rests on since.
    Undo(Undo),
}

/// An import to be taken back, and on whose behalf.
#[derive(Debug, Args)]
pub(super) struct Undo {
    /// The import, as `lvcai import list` names it.
    #[arg(value_parser = parsed::<ListImportId>)]
    import: ListImportId,
    /// The authority that takes it back: its id, or its exact name; the one of the import when absent.
    #[arg(long)]
    authority: Option<String>,
    /// Why.
    #[arg(long)]
    reason: String,
    /// The document that orders it (文号).
    #[arg(long)]
    document: String,
    /// Decide alone: report what would become of each record and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write what became of every record to this csv file.
    #[arg(long)]
    report: Option<PathBuf>,
}

impl Command {
    pub(super) fn run(&self, config: &Config) -> Result<ExitCode, CliError> {
        match self {
            Self::List => list(config),
            Self::Undo(undo) => undo.run(config),
        }
    }
}

fn list(config: &Config) -> Result<ExitCode, CliError> {
    let imports = with_registry(config, async |registry| all(registry).await)?;
    let language = Language::of_terminal();
    let headers = [
        ("导入编号", "import"),
        ("导入日期", "imported_on"),
        ("主管部门", "authority"),
        ("文号", "document"),
        ("文件摘要", "sha256"),
        ("导入/无变化/保留/拒绝", "imported/unchanged/kept/refused"),
        ("企业/产品/证书/证据", "enterprises/products/certificates/evidence"),
        ("撤回", "undone"),
    ];
    let headers = headers.map(|(zh, en)| language.of(zh, en)).to_vec();
    let table = Table { headers, rows: imports.into_iter().map(|it| listed(it, language)).collect() };
    write_table(&table, std::io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

fn listed(import: ListImport, language: Language) -> Vec<String> {
    let ListImport { id, authority, authority_document, file_sha256, imported_on, rows, made, undone } = import;
    vec![
        id.to_string(),
        imported_on.to_string(),
        authority.to_string(),
        authority_document.unwrap_or_default(),
        file_sha256.get(..12).unwrap_or_default().to_owned(),
        format!("{}/{}/{}/{}", rows.imported, rows.unchanged, rows.kept, rows.refused),
        format!("{}/{}/{}/{}", made.organisations, made.products, made.certificates, made.evidence),
        undone.map(|it| undone_in_words(it.undone_on, it.left_count, language)).unwrap_or_default(),
    ]
}

fn undone_in_words(on: Date, left: impl Display, language: Language) -> String {
    language.of(&format!("{on} 撤回（保留 {left} 条）"), &format!("undone {on} (left {left})")).to_owned()
}

async fn all(registry: &Registry) -> Result<Vec<ListImport>, CliError> {
    let read = |conn: &mut _, cut| {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = list_imports::list(conn, &Page { after, ..Page::newest(cut, PAGE) })?;
            let Some((last, _)) = page.last() else { return Ok(all) };
            after = Some(last.0.to_string());
            for (_, body) in &page {
                all.push(serde_json::from_str(body)?);
            }
        }
    };
    Ok(read_now(registry, read).await?)
}

impl Undo {
    fn run(&self, config: &Config) -> Result<ExitCode, CliError> {
        let report = Report::begin(self.report.as_deref())?;
        let records = with_registry(config, async |registry| self.carry_out(registry).await)?;
        self.tell(&records, report)
    }

    async fn carry_out(&self, registry: &Registry) -> Result<Vec<UndoneRecord>, CliError> {
        let id = self.import;
        let stored = read_now(registry, move |conn, cut| list_imports::read(conn, id, cut)).await?;
        let import: Option<ListImport> = stored.as_ref().map(StoredVersion::parse).transpose()?;
        let import = import.ok_or_else(|| {
            said_error(
                format!("没有编号为 {id} 的导入：{}", ProblemKind::NotFound.zh()),
                format!("there is no import {id}"),
            )
        })?;
        let by = match &self.authority {
            Some(name) => authority(registry, name).await?,
            None => authority(registry, &import.authority.to_string()).await?,
        };
        let undoing = Undoing { note: self.reason.clone(), authority_document: self.document.clone(), by };
        let context = CommandContext { by: Origin::of(by.to_string()), idempotency: None, validate_only: self.dry_run };
        Ok(registry.carry_out(context, move |view| undone(view, id, &undoing)).await?)
    }

    fn tell(&self, records: &[UndoneRecord], report: Option<Report>) -> Result<ExitCode, CliError> {
        let language = Language::of_terminal();
        let shown = |wanted: fn(&UndoneRecord) -> bool| Table {
            headers: [("记录", "record"), ("结果", "outcome"), ("说明", "explanation")]
                .map(|(zh, en)| language.of(zh, en))
                .to_vec(),
            rows: records.iter().filter(|it| wanted(it)).map(|it| row(it, language)).collect(),
        };
        let report = report.map(|report| report.write(&shown(|_| true))).transpose();
        let left = shown(|it| it.left.is_some());
        let told = if report.is_err() { &shown(|_| true) } else { &left };
        if !told.rows.is_empty() {
            write_table(told, std::io::stdout().lock())?;
        }
        let count = |noun: &str| records.iter().filter(|it| it.event.is_some() && it.subject.starts_with(noun)).count();
        let [organisations, products, certificates, evidence] = ["org_", "prod_", "cert_", "evid_"].map(count);
        let left = left.rows.len();
        if organisations + products + certificates + evidence == 0 {
            said(
                format!("没有可撤回的记录，保留 {left} 条"),
                format!("there is nothing left to take back; {left} records stay"),
            )?;
            return report.map(|_| ExitCode::SUCCESS);
        }
        let (zh, en) = if self.dry_run { ("试运行：", "dry run: ") } else { ("", "") };
        said(
            format!(
                "{zh}撤回：企业 {organisations} 家、产品 {products} 个、证书 {certificates} 张、证据 {evidence} 条；保留 {left} 条"
            ),
            format!(
                "{en}taken back: {organisations} enterprises, {products} products, {certificates} certificates, \
                 {evidence} links between them; {left} records left"
            ),
        )?;
        report.map(|_| ExitCode::SUCCESS)
    }
}

fn row(record: &UndoneRecord, language: Language) -> Vec<String> {
    let UndoneRecord { subject, event, left } = record;
    let outcome = if event.is_some() { language.of("撤回", "undone") } else { language.of("保留", "left") };
    let event = event.map(|it| language.of(it.zh(), it.en()));
    let why = event.or(left.map(|it| language.of(it.zh(), it.en()))).unwrap_or_default();
    vec![subject.clone(), outcome.to_owned(), why.to_owned()]
}
