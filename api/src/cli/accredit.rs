//! `lvcai accredit`: what a certification body may push.

use super::error::{CliError, parsed};
use super::open::with_registry;
use super::out;
use clap::Args;
use jiff::civil::Date;
use lvcai_config::Config;
use lvcai_domain::{Accreditation, AccreditedScope, ApprovalNumber, Scheme};
use lvcai_store::{CommandContext, certification_bodies};
use std::process::ExitCode;

/// An accreditation to be recorded in place of the one before.
#[derive(Debug, Args)]
pub(super) struct Accredit {
    /// The approval number of the certification body.
    #[arg(value_parser = parsed::<ApprovalNumber>)]
    body: ApprovalNumber,
    /// A scheme it certifies under, with the kinds after `=` when not all: star_certification=gbm-09,gbm-10.
    #[arg(long = "scope", required = true, value_parser = scope)]
    scopes: Vec<AccreditedScope>,
    /// The first day of its approval.
    #[arg(long)]
    from: Date,
    /// The last day of its approval.
    #[arg(long)]
    until: Date,
    /// Where this is from.
    #[arg(long)]
    source: String,
    /// It was checked against the approving authority's publication.
    #[arg(long)]
    verified: bool,
}

fn scope(text: &str) -> Result<AccreditedScope, String> {
    let (scheme, kinds) = text.split_once('=').unwrap_or((text, ""));
    let scheme: Scheme = serde_json::from_value(scheme.into()).map_err(|error| error.to_string())?;
    let kinds = kinds.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
    Ok(AccreditedScope { scheme, kinds })
}

impl Accredit {
    /// Records it and prints the body's number.
    pub(super) fn run(self, config: &Config) -> Result<ExitCode, CliError> {
        let Self { body, scopes, from, until, source, verified } = self;
        let accreditation = Accreditation { valid_from: from, valid_until: until, scopes, source, verified };
        with_registry(config, async |registry| {
            let number = body.clone();
            let decide =
                move |view: &mut lvcai_store::View<'_>| certification_bodies::accredit(view, &number, &accreditation);
            Ok(registry.execute(CommandContext::operator(), decide).await?)
        })?;
        out::line(body)?;
        Ok(ExitCode::SUCCESS)
    }
}
