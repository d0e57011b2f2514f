//! JSON Lines: whatever is wrong with a line ends with it.

use std::io::{BufRead, Read};

use lvcai_domain::{Fault, Rule};

use super::errors::LinesError;
use super::held::{Held, check};
use super::line::{Line, Taker};

/// Reads line by line; blank ones are counted but not given.
pub(super) fn read(mut source: impl BufRead, taker: &mut Taker<'_>) -> Result<(), LinesError> {
    let mut held = Held::new(taker.limits.line_bytes);
    let mut number = 0;
    while next(&mut source, &mut held, taker.limits.line_bytes)? {
        number += 1;
        if number == 1 && held.bytes.starts_with(b"\xEF\xBB\xBF") {
            held.bytes.drain(..3);
        }
        if held.bytes.trim_ascii().is_empty() && !held.is_cut {
            continue;
        }
        if taker.take(Line::of(number, json(&held).map_err(|fault| vec![fault])))?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Takes the next line and says whether there was one; of a long one the rest is passed over.
fn next(source: &mut impl BufRead, held: &mut Held, limit: usize) -> Result<bool, LinesError> {
    held.clear();
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    let read = source.by_ref().take(limit.saturating_add(1)).read_until(b'\n', &mut held.bytes)?;
    if held.bytes.last() == Some(&b'\n') {
        held.bytes.pop();
    } else if u64::try_from(read).unwrap_or(u64::MAX) > limit {
        held.is_cut = true;
        source.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

fn json(held: &Held) -> Result<String, Fault> {
    let text = held.text()?.trim_ascii();
    match check(text) {
        Ok(()) => Ok(text.to_owned()),
        Err(error) => {
            let zh = format!("第 {} 个字节处不是有效的 JSON", error.column());
            Err(Fault::new("", Rule::MalformedJson).detail(zh, error.to_string()))
        }
    }
}
