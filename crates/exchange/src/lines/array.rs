//! A JSON array, element by element.
//!
//! Only the ends of elements are found here: by quotes and by counting brackets, in constant memory.
//! Whether an element is JSON is asked of `serde_json`, which cannot frame them itself: it would hold an element whole
//! before it could be found too long.

use std::io::{BufRead, Bytes};

use super::errors::LinesError;
use super::held::{Held, check};
use super::line::{Line, Taker};

/// Reads the elements, which must end with the array, and the input with it.
pub(super) fn read(source: impl BufRead, taker: &mut Taker<'_>) -> Result<(), LinesError> {
    let mut input = Input::new(source)?;
    input.mark()?;
    input.expect(b"[", "the array does not begin")?;
    let mut held = Held::new(taker.limits.line_bytes);
    let mut number = 0;
    let mut more = input.token()? != Some(b']');
    if !more {
        input.pass()?;
    }
    while more {
        number += 1;
        let at = (input.line, input.column);
        input.element(&mut held)?;
        let json = json(&held, at)?;
        if taker.take(Line::of(number, json))?.is_break() {
            return Ok(());
        }
        more = input.expect(b",]", "neither a comma nor the end of the array")? == b',';
        input.token()?;
    }
    match input.token()? {
        None => Ok(()),
        Some(_) => Err(input.broken("something follows the array")),
    }
}

/// The element as text; what is no JSON refuses the array, since its end is then in doubt.
fn json(held: &Held, (line, column): (u64, u64)) -> Result<Result<String, Vec<lvcai_domain::Fault>>, LinesError> {
    let text = match held.text() {
        Ok(text) => text,
        Err(fault) => return Ok(Err(vec![fault])),
    };
    let Err(error) = check(text) else { return Ok(Ok(text.to_owned())) };
    let wide = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let (below, within) = (wide(error.line()).saturating_sub(1), wide(error.column()));
    let column = if below == 0 { column.saturating_add(within).saturating_sub(1) } else { within };
    Err(LinesError::Broken { line: line.saturating_add(below), column, why: error.to_string() })
}

/// The bytes of the input, one ahead, and where that one stands.
struct Input<R> {
    bytes: Bytes<R>,
    ahead: Option<u8>,
    line: u64,
    column: u64,
}

impl<R: BufRead> Input<R> {
    fn new(source: R) -> Result<Self, LinesError> {
        let mut bytes = source.bytes();
        let ahead = bytes.next().transpose()?;
        Ok(Self { bytes, ahead, line: 1, column: 1 })
    }

    fn pass(&mut self) -> Result<(), LinesError> {
        if self.ahead == Some(b'\n') {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        self.ahead = self.bytes.next().transpose()?;
        Ok(())
    }

    /// Passes a byte-order mark.
    fn mark(&mut self) -> Result<(), LinesError> {
        for byte in *b"\xEF\xBB\xBF" {
            if self.ahead != Some(byte) {
                break;
            }
            self.ahead = self.bytes.next().transpose()?;
        }
        Ok(())
    }

    /// Passes blanks and looks at what follows.
    fn token(&mut self) -> Result<Option<u8>, LinesError> {
        while self.ahead.is_some_and(is_blank) {
            self.pass()?;
        }
        Ok(self.ahead)
    }

    /// Passes one of some bytes and says which.
    fn expect(&mut self, wanted: &[u8], otherwise: &str) -> Result<u8, LinesError> {
        match self.token()? {
            Some(byte) if wanted.contains(&byte) => self.pass().map(|()| byte),
            _ => Err(self.broken(otherwise)),
        }
    }

    /// Takes everything up to the comma or bracket that ends the element.
    fn element(&mut self, held: &mut Held) -> Result<(), LinesError> {
        held.clear();
        let (mut depth, mut quoted, mut escaped) = (0_u64, false, false);
        while let Some(byte) = self.ahead {
            if depth == 0 && !quoted && (is_blank(byte) || matches!(byte, b',' | b']')) {
                if held.bytes.is_empty() && !held.is_cut {
                    break;
                }
                return Ok(());
            }
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'{' | b'[' if !quoted => depth += 1,
                b'}' | b']' if !quoted => {
                    depth = depth.checked_sub(1).ok_or_else(|| self.broken("a bracket that was not opened"))?;
                }
                _ => {}
            }
            held.push(byte);
            self.pass()?;
        }
        Err(self.broken(if self.ahead.is_some() { "a value is missing" } else { "the array does not end" }))
    }

    fn broken(&self, why: &str) -> LinesError {
        LinesError::Broken { line: self.line, column: self.column, why: why.to_owned() }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
