//! `lvcai demo`: a registry with something in it.
use super::Trouble;
use lvcai_config::Config;
use std::process::ExitCode;
pub(super) fn run(config: &Config) -> Result<ExitCode, Trouble> {
    super::serve::run(config)
}
