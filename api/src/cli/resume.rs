//! `lvcai resume`: the operator states that writing goes on, in spite of what speaks against it.

use super::error::CliError;
use super::open::{Opened, open};
use super::out;
use clap::Args;
use lvcai_config::Config;
use lvcai_domain::watch::Doubt;
use std::process::ExitCode;

/// Why writing goes on.
#[derive(Debug, Args)]
pub(super) struct Resume {
    /// What was found out, and by whom; it is kept, signed, beside the keys.
    #[arg(long)]
    reason: String,
}

impl Resume {
    /// States it and prints what spoke against it.
    pub(super) fn run(self, config: &Config) -> Result<ExitCode, CliError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let Opened { registry, writer: _, watch } = open(config).await?;
            let resumed = registry.read(move |conn| watch.resume(conn, &self.reason)).await?;
            if resumed.doubts.is_empty() {
                out::said("写入并未暂停", "nothing was halted")?;
            }
            for Doubt { alarm, seen } in &resumed.doubts {
                out::said(
                    format_args!("{alarm}：{}（{}）", alarm.zh(), seen.zh),
                    format_args!("{alarm}: {} ({})", alarm.en(), seen.en),
                )?;
            }
            let seq = resumed.seq;
            out::said(format_args!("自第 {seq} 条起继续写入"), format_args!("writing goes on from position {seq}"))?;
            Ok(ExitCode::SUCCESS)
        })
    }
}
