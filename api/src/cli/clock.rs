//! `lvcai clock`, and the same within a server: what becomes due at midnight in Asia/Shanghai.

use super::error::CliError;
use super::open::with_registry;
use super::out;
use jiff::SignedDuration;
use lvcai_config::Config;
use lvcai_domain::calendar::until_next_day;
use lvcai_store::{Registry, expiry};
use std::process::ExitCode;
use std::time::Duration;

/// The longest sleep between two looks, whatever the hour: a machine that was suspended, a clock that was set
/// and a record pushed past its time are noticed after this much.
const POLL: Duration = Duration::from_secs(600);

pub(super) fn run(config: &Config) -> Result<ExitCode, CliError> {
    let done = with_registry(config, async |registry| Ok(expiry::tick(registry).await?))?;
    let (expired, opened) = (done.expired, done.renewals_opened);
    out::said(
        format_args!("{expired} 张证书到期，{opened} 张进入续期窗口"),
        format_args!("{expired} expired, {opened} renewal windows opened"),
    )?;
    Ok(ExitCode::SUCCESS)
}

/// Writes what is due, now and after each midnight, until it is dropped. What fails is tried again.
pub(super) async fn run_forever(registry: Registry) {
    loop {
        match expiry::tick(&registry).await {
            Ok(done) if done.is_idle() => log::debug!("the clock found nothing due"),
            Ok(done) => log::info!(
                "the clock wrote what was due: expired={} renewals_opened={}",
                done.expired,
                done.renewals_opened
            ),
            Err(error) => log::error!("the clock failed and will try again: error={error}"),
        }
        tokio::time::sleep(pause(until_next_day(registry.clock().now()))).await;
    }
}

/// How long to sleep when the day changes in `left`.
fn pause(left: SignedDuration) -> Duration {
    left.try_into().unwrap_or(POLL).min(POLL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_at_midnight_and_every_ten_minutes_until_then() {
        assert_eq!(pause(SignedDuration::from_hours(3)), POLL);
        assert_eq!(pause(SignedDuration::from_millis(250)), Duration::from_millis(250));
    }
}
