//! `lvcai verify`: checks a publication document without any network.

use super::error::CliError;
use super::out;
use clap::Args;
use lvcai_client::{Jwks, Publication, verify_document};
use std::path::PathBuf;
use std::process::ExitCode;

/// What to check, and with which keys.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The document, as `…/publications/{n}/document` answers it.
    file: PathBuf,
    /// The public keys: a copy of the registry's `/.well-known/jwks.json`.
    #[arg(long)]
    jwks: PathBuf,
}

impl Verify {
    pub(super) fn run(&self) -> Result<ExitCode, CliError> {
        match self.check() {
            Ok(publication) => {
                let (issuer, list, number) = (publication.issuer(), publication.list(), publication.number());
                let (day, count) = (publication.published_on(), publication.entries().len());
                out::said(
                    format_args!("OK  有效：{list} 第 {number} 批，{issuer} 于 {day} 发布，{count} 条"),
                    format_args!("OK  {list} no. {number}, published on {day} by {issuer}, {count} entries"),
                )?;
                out::line(format_args!("    {}", publication.title()))?;
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                out::said(format_args!("NOT VALID  无效：{error}"), format_args!("NOT VALID  {error}"))?;
                Ok(ExitCode::FAILURE)
            }
        }
    }

    fn check(&self) -> Result<Publication, CliError> {
        let read =
            |path: &PathBuf| std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
        let document = read(&self.file)?;
        let jwks = Jwks::parse(&read(&self.jwks)?).map_err(|error| format!("{}: {error}", self.jwks.display()))?;
        Ok(verify_document(&document, &jwks).map_err(|error| error.to_string())?)
    }
}
