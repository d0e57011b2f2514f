//! What the operator does and must be told of: wrong clocks, old copies, tampered rows, backups, the command line.

mod audit;
mod backup;
mod clock;
mod command_line;
#[cfg(target_os = "linux")]
mod crowds;
mod power_cut;
mod proxy;
mod rate_limit;
