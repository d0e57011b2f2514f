//! `lvcai certification-body`: bodies that the authority registers, renames and gives further names, from a file.

use super::error::{self, CliError, fault_in_words};
use super::language::Language;
use super::open::{authority, read_now, with_registry};
use super::out::{line, said};
use super::report::Report;
use clap::{Args, Subcommand};
use lvcai_config::Config;
use lvcai_domain::{
    ApprovalNumber, BodyAlias, BodyStatement, CertificationBody, Fault, FormerName, OrganisationId, Rule, Uscc,
    is_garbled,
};
use lvcai_exchange::{BodyRow, Limits, ReadError, Table, read_bodies, write_table};
use lvcai_store::certification_bodies::{self, WhichOrganisation};
use lvcai_store::{CommandContext, Error, Origin, Registry, StoredVersion, View};
use std::path::PathBuf;
use std::process::ExitCode;

/// What to do with certification bodies.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Register, rename and amend certification bodies from a table (xlsx or csv); each row stands for itself.
    Import(Import),
}

/// A table of certification bodies, and on whose behalf.
///
/// Columns that are needed: 批准号 (approval number) and 机构名称 (name). 曾用名 (former names), 更名日期 (first day of the
/// name), 简称 (aliases), 统一社会信用代码, 来源 (source), 已核实 (verified: 是) and 备注 may be there; names in one cell are
/// separated by 、.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The table, xlsx or csv. What it is is seen from its content.
    file: PathBuf,
    /// The authority that states it: its id, or its exact name.
    #[arg(long)]
    authority: String,
    /// Where the rows are from that do not say it.
    #[arg(long)]
    source: Option<String>,
    /// Decide alone: report what would become of each row and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Write the outcome of every row to this csv file.
    #[arg(long)]
    report: Option<PathBuf>,
}

pub(super) fn run(config: &Config, command: Command) -> Result<ExitCode, CliError> {
    let Command::Import(import) = command;
    import.run(config)
}

/// What became of a row.
struct RowOutcome {
    row: u32,
    number: String,
    name: String,
    outcome: Outcome,
    why: String,
}

/// The outcomes, and how they are called in Chinese and in English.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Registered,
    Amended,
    Unchanged,
    Refused,
}

impl Outcome {
    const fn word(self, language: Language) -> &'static str {
        match self {
            Self::Registered => language.of("登记", "registered"),
            Self::Amended => language.of("变更", "amended"),
            Self::Unchanged => language.of("无变化", "unchanged"),
            Self::Refused => language.of("拒绝", "refused"),
        }
    }
}

impl Import {
    fn run(&self, config: &Config) -> Result<ExitCode, CliError> {
        let list = read_bodies(&self.file, &Limits::default()).map_err(|error| match error {
            ReadError::NoHeader => error::said(
                "没有找到表头：表头须有“批准号”和“机构名称”两列",
                "no header was found: it has the columns 批准号 (approval number) and 机构名称 (name)",
            ),
            error => error::said(error.zh(), error.to_string()),
        })?;
        let report = Report::begin(self.report.as_deref())?;
        let outcomes = with_registry(config, async |registry| {
            let authority = authority(registry, &self.authority).await?;
            let mut outcomes = Vec::with_capacity(list.rows.len());
            for row in &list.rows {
                outcomes.push(self.take(registry, row, authority).await?);
            }
            Ok(outcomes)
        })?;
        self.tell(&outcomes, report)
    }

    /// A row is a command of its own; a refusal is its outcome.
    async fn take(&self, registry: &Registry, row: &BodyRow, by: OrganisationId) -> Result<RowOutcome, CliError> {
        let told = |outcome, why| RowOutcome {
            row: row.row,
            number: row.approval_number.clone(),
            name: row.name.clone(),
            outcome,
            why,
        };
        let (number, stated, uscc) = match self.stated(row) {
            Ok(stated) => stated,
            Err(faults) => return Ok(told(Outcome::Refused, words(&faults))),
        };
        let which = WhichOrganisation { uscc, ..WhichOrganisation::default() };
        let before = version(registry, number.clone()).await?;
        let decide = move |view: &mut View<'_>| {
            let held = certification_bodies::read(view.conn, &number, view.cut)?;
            let before: Option<CertificationBody> = held.as_ref().map(StoredVersion::parse).transpose()?;
            let stated = stated.clone();
            let stated = before.map_or(stated.clone(), |before| stated.added_to(&before));
            certification_bodies::put(view, &number, stated, &which)
        };
        let context = CommandContext { by: Origin::of(by.to_string()), idempotency: None, validate_only: self.dry_run };
        match registry.execute(context, decide).await {
            Ok(receipt) if receipt.created => Ok(told(Outcome::Registered, String::new())),
            Ok(receipt) if Some(receipt.version) == before => Ok(told(Outcome::Unchanged, String::new())),
            Ok(_) => Ok(told(Outcome::Amended, String::new())),
            Err(Error::Refused(problem)) => {
                let language = Language::of_terminal();
                let detail = problem.detail.iter().map(|it| language.pick(it).to_owned());
                let why =
                    detail.chain(problem_words(&problem.faults)).collect::<Vec<_>>().join(language.of("；", "; "));
                let kind = language.of(problem.kind.zh(), problem.kind.en());
                Ok(told(Outcome::Refused, if why.is_empty() { kind.to_owned() } else { why }))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What a row states, or what is wrong with it.
    fn stated(&self, row: &BodyRow) -> Result<(ApprovalNumber, BodyStatement, Option<Uscc>), Vec<Fault>> {
        let read = |it: &lvcai_exchange::Fault| Fault::new(it.column, Rule::TextForm).detail(it.zh(), it.en());
        let mut faults: Vec<Fault> = row.faults.iter().filter(|it| !it.code.is_notice()).map(read).collect();
        let number = row.approval_number.parse().map_err(|rule| faults.push(Fault::new("批准号", rule)));
        let uscc = Some(row.uscc.as_str()).filter(|it| !it.is_empty()).map(str::parse::<Uscc>).transpose();
        let uscc = uscc.map_err(|rule| faults.push(Fault::new("统一社会信用代码", rule)));
        let source = Some(&row.source).filter(|it| !it.is_empty()).or(self.source.as_ref());
        let source = source.cloned().ok_or_else(|| {
            let fault = Fault::new("来源", Rule::Required);
            faults.push(
                fault.detail("没有来源，请补填，或用 --source 指定", "no source; add it, or name one with --source"),
            );
        });
        if row.name.is_empty() && !row.faults.iter().any(|it| it.column == "机构名称") {
            faults.push(Fault::new("机构名称", Rule::Required));
        }
        for (column, text) in [("机构名称", &row.name)].into_iter().chain(row.aliases.iter().map(|it| ("简称", it)))
        {
            if is_garbled(text) {
                faults.push(Fault::new(column, Rule::UnreadableCharacter));
            }
        }
        match (number, uscc, source) {
            (Ok(number), Ok(uscc), Ok(source)) if faults.is_empty() => Ok((number, statement(row, &source), uscc)),
            _ => Err(faults),
        }
    }

    fn tell(&self, outcomes: &[RowOutcome], report: Option<Report>) -> Result<ExitCode, CliError> {
        let language = Language::of_terminal();
        let headers = [
            ("行", "row"),
            ("结果", "outcome"),
            ("批准号", "approval number"),
            ("机构名称", "name"),
            ("说明", "explanation"),
        ];
        let row = |it: &RowOutcome| {
            let outcome = it.outcome.word(language).to_owned();
            vec![it.row.to_string(), outcome, it.number.clone(), it.name.clone(), it.why.clone()]
        };
        let headers = headers.map(|(zh, en)| language.of(zh, en)).to_vec();
        let table = Table { headers, rows: outcomes.iter().map(row).collect() };
        let report = report.map(|report| report.write(&table)).transpose();
        write_table(&table, std::io::stdout().lock())?;
        line("")?;
        let count = |wanted: Outcome| outcomes.iter().filter(|it| it.outcome == wanted).count();
        let [registered, amended, unchanged, refused] =
            [Outcome::Registered, Outcome::Amended, Outcome::Unchanged, Outcome::Refused].map(count);
        let (zh, en) = if self.dry_run { ("试运行：", "dry run: ") } else { ("", "") };
        said(
            format!("{zh}登记 {registered} 家，变更 {amended} 家，无变化 {unchanged} 家，拒绝 {refused} 行"),
            format!("{en}{registered} registered, {amended} amended, {unchanged} unchanged, {refused} refused"),
        )?;
        report?;
        Ok(if refused > 0 && refused == outcomes.len() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

/// The version of a body's record, where there is one.
async fn version(registry: &Registry, number: ApprovalNumber) -> Result<Option<i32>, CliError> {
    let held = read_now(registry, move |conn, cut| certification_bodies::read(conn, &number, cut)).await?;
    Ok(held.map(|it| it.version))
}

fn statement(row: &BodyRow, source: &str) -> BodyStatement {
    let verified = ["是", "√", "已核实", "true", "yes", "y", "1"].contains(&row.verified.to_lowercase().as_str());
    let former =
        |name: &String| FormerName { name: name.clone(), valid_until: None, source: source.to_owned(), verified };
    let alias = |name: &String| BodyAlias { name: name.clone(), source: source.to_owned(), verified };
    BodyStatement {
        name: row.name.clone(),
        former_names: Some(row.former_names.iter().map(former).collect()),
        aliases: Some(row.aliases.iter().map(alias).collect()),
        note: Some(&row.note).filter(|it| !it.is_empty()).cloned(),
        source: source.to_owned(),
        verified,
        renamed_on: row.renamed_on,
    }
}

fn words(faults: &[Fault]) -> String {
    problem_words(faults).collect::<Vec<_>>().join(Language::of_terminal().of("；", "; "))
}

fn problem_words(faults: &[Fault]) -> impl Iterator<Item = String> {
    faults.iter().map(|fault| fault_in_words(fault, &fault.pointer, Language::of_terminal()))
}
