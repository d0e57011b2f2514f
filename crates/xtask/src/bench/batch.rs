//! A body's list pushed in one call, beside what the database takes by itself and what another client notices of it.

use super::data::RECORD;
use super::http;
use super::load::per_second;
use super::registry::{BODY, Registry};
use crate::error::Error;
use std::time::{Duration, Instant};

/// Certificates in one call: as many as the registry takes.
const LINES: usize = 10_000;

/// What the measurements came to.
pub(crate) struct Batches {
    /// The database's own writing of the same rows.
    bulk: f64,
    /// What was pushed, and how many lines in a second.
    pushed: Vec<(&'static str, f64)>,
    /// The most memory of the server before the first batch, after it, and after the last.
    peaks: [u64; 3],
    /// How long single pushes took, sorted.
    alone: Vec<Duration>,
    beside: Vec<Duration>,
}

/// Pushes a list, the same again with one line changed, and another while a client pushes certificates one by one.
pub(crate) fn measure(registry: &Registry<'_>, seconds: u32) -> Result<Batches, Error> {
    // A server of its own, so that its memory is that of these requests.
    let server = registry.serve()?;
    let (token, other) = (registry.token(server.port)?, registry.token(server.port)?);
    println!("measuring: single pushes of one client");
    let deadline = Instant::now() + Duration::from_secs(u64::from(seconds));
    let alone = singles((server.port, &other), "ALONE", || Instant::now() < deadline)?;
    let (first, second) = (lines("BATCH-A"), lines("BATCH-B"));
    let before = server.peak();
    println!("measuring: certificates in one batch");
    let new = ("new certificates", push((server.port, &token), "new", &first, [LINES, 0, 0])?);
    let after = server.peak();
    let changed = first.replacen("内平开塑料窗", "外平开塑料窗", 1);
    let same = (
        "the same again, one changed",
        push((server.port, &token), "same", &changed, [0, 1, LINES.saturating_sub(1)])?,
    );
    let (busy, beside) = std::thread::scope(|threads| {
        let batch = threads.spawn(|| push((server.port, &token), "busy", &second, [LINES, 0, 0]));
        let beside = singles((server.port, &other), "BESIDE", || !batch.is_finished());
        let busy = batch.join().map_err(|_| Error::because("the batch was not pushed to its end"));
        (busy, beside)
    });
    let pushed = vec![new, same, ("new ones, beside single pushes", busy??)];
    let (count, took) = registry.bulk("BATCH-A")?;
    if count != LINES {
        return Err(Error::because(format!("the database was given {count} certificates of {LINES}")));
    }
    let peaks = [before, after, server.peak()];
    Ok(Batches { bulk: per_second(LINES, took), pushed, peaks, alone, beside: beside? })
}

/// JSON Lines with numbers of their own.
fn lines(prefix: &str) -> String {
    (0..LINES).map(|number| RECORD.replacen('{', &format!("{{\"number\":\"{prefix}-{number}\","), 1) + "\n").collect()
}

/// Pushes lines in one call and checks how many were created, changed and unchanged; answers lines in a second.
fn push((port, token): (u16, &str), key: &str, lines: &str, expected: [usize; 3]) -> Result<f64, Error> {
    let headers = format!("content-type: application/jsonl\r\nauthorization: Bearer {token}\r\nidempotency-key: {key}");
    let began = Instant::now();
    let answer =
        http::send(port, ("POST", "/v1/certification-bodies/CNCA-R-2006-148/certificates:batch"), &headers, lines)?;
    let took = began.elapsed();
    let [created, changed, unchanged] = expected;
    let wanted = format!("\"created\":{created},\"changed\":{changed},\"unchanged\":{unchanged},\"refused\":0,");
    if answer.contains(&wanted) {
        return Ok(per_second(LINES, took));
    }
    let said: String = answer.chars().take(400).collect();
    Err(Error::because(format!("a batch was to be {wanted} and was {said}")))
}

/// Pushes certificates one after the other; answers how long each took, sorted.
fn singles((port, token): (u16, &str), prefix: &str, go_on: impl Fn() -> bool) -> Result<Vec<Duration>, Error> {
    let headers = format!("content-type: application/json\r\nauthorization: Bearer {token}");
    let mut took = Vec::new();
    while go_on() {
        let path = format!("/v1/certification-bodies/{BODY}/certificates/{prefix}-{}", took.len());
        let began = Instant::now();
        http::send(port, ("PUT", &path), &headers, RECORD)?;
        took.push(began.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}

/// Prints two small tables; ratios are to the database itself.
pub(crate) fn table(Batches { bulk, pushed, peaks, alone, beside }: &Batches) {
    println!("\n{:<36} {:>11} {:>9}", format!("{LINES} certificates in one call"), "lines/s", "of bulk");
    println!("{:<36} {bulk:>11.1} {:>9.4}", "the database's own bulk load", 1.0);
    for (name, rate) in pushed {
        println!("{name:<36} {rate:>11.1} {:>9.4}", rate / bulk);
    }
    let [before, after, last] = peaks;
    println!("peak memory of the server: {before} MiB before, {after} MiB after the first, {last} MiB after the last");
    println!(
        "\n{:<36} {:>11} {:>9} {:>8} {:>8}",
        "single pushes of one client", "pushes", "p50 ms", "p99 ms", "max ms"
    );
    for (name, took) in [("without a batch", alone), ("while a batch runs", beside)] {
        let [p50, p99, max] = [50, 99, 100].map(|it| percentile(took, it));
        println!("{name:<36} {:>11} {p50:>9.2} {p99:>8.2} {max:>8.2}", took.len());
    }
}

/// In milliseconds, of sorted times.
fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).map_or(0.0, |it| it.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::{LINES, lines, percentile};
    use std::collections::HashSet;
    use std::time::Duration;

    #[test]
    fn no_two_lines_of_a_batch_are_the_same() {
        assert_eq!(lines("A").lines().collect::<HashSet<_>>().len(), LINES);
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_times() {
        let sorted: Vec<_> = (1..=200).map(Duration::from_millis).collect();

        let found = [50, 99, 100].map(|it| percentile(&sorted, it).round());

        assert_eq!(found, [101.0, 199.0, 200.0]);
        assert!(percentile(&[], 99).abs() < f64::EPSILON);
    }
}
