//! `lvcai verify`: checks a publication document without any network.

use super::error::CliError;
use clap::Args;
use lvcai_domain::PublicationDocument;
use lvcai_trust::{Digest, Jwks, canonical, verify_document};
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
            Ok(document) => {
                let PublicationDocument { issuer, list, publication, entries } = document;
                let number = publication.number.unwrap_or_default();
                let published_on = publication.published_on.map(|day| day.to_string()).unwrap_or_default();
                println!(
                    "OK  {} no. {number}, published on {published_on} by {issuer}, {} entries",
                    list.id,
                    entries.len()
                );
                println!("    {}", publication.title);
                Ok(ExitCode::SUCCESS)
            }
            Err(error) => {
                println!("NOT VALID  {error}");
                Ok(ExitCode::FAILURE)
            }
        }
    }

    fn check(&self) -> Result<PublicationDocument, CliError> {
        let read =
            |path: &PathBuf| std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
        let document = read(&self.file)?;
        let jwks: Jwks =
            serde_json::from_str(&read(&self.jwks)?).map_err(|error| format!("{}: {error}", self.jwks.display()))?;
        let verified = verify_document(&document, &jwks)?;
        if verified.typ != PublicationDocument::TYPE {
            return Err(format!("a document of type {}, not {}", verified.typ, PublicationDocument::TYPE).into());
        }
        let payload: PublicationDocument = serde_json::from_str(&verified.payload)?;
        let day = payload.publication.published_on.map(|day| day.to_string()).unwrap_or_default();
        if !jwks.find(&verified.kid).is_some_and(|key| key.valid_on(&day)) {
            return Err(format!("the key was not in force on {day}").into());
        }
        if Digest::of(canonical(&payload.entries)?.as_bytes()).to_string() != payload.publication.entries_sha256 {
            return Err("the entries are not those that were approved".into());
        }
        Ok(payload)
    }
}
