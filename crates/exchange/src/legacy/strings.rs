//! How long the shared texts of an xls are, and which are struck out in part: a cell names one by its number, and
//! calamine copies it for each.

use std::collections::BTreeSet;

/// A shared text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Text {
    /// In characters.
    pub(super) length: u64,
    /// Whether some of it is struck out.
    pub(super) is_struck: bool,
}

/// The texts in an SST record and the CONTINUE records behind it; what cannot be read ends them. `struck` are the fonts
/// that strike out.
pub(super) fn texts(pieces: &[&[u8]], struck: &BTreeSet<u16>) -> Vec<Text> {
    let mut texts = Texts { pieces, at: 8 };
    std::iter::from_fn(|| texts.next_text(struck)).collect()
}

/// A reading in progress: the pieces that are left, and the place in the first of them.
struct Texts<'a> {
    pieces: &'a [&'a [u8]],
    at: usize,
}

impl Texts<'_> {
    /// Reads over the next text.
    fn next_text(&mut self, struck: &BTreeSet<u16>) -> Option<Text> {
        let length = usize::from(u16::from_le_bytes([self.byte()?, self.byte()?]));
        let options = self.byte()?;
        let runs = if options & 0x08 == 0 { 0 } else { usize::from(u16::from_le_bytes([self.byte()?, self.byte()?])) };
        let extension = if options & 0x04 == 0 {
            0
        } else {
            u32::from_le_bytes([self.byte()?, self.byte()?, self.byte()?, self.byte()?])
        };
        self.pass_characters(length, options)?;
        let mut is_struck = false;
        for _ in 0..runs {
            // Where the run begins, and its font.
            self.pass(2)?;
            is_struck |= struck.contains(&u16::from_le_bytes([self.byte()?, self.byte()?]));
        }
        self.pass(usize::try_from(extension).ok()?)?;
        Some(Text { length: u64::try_from(length).ok()?, is_struck })
    }

    /// Characters have one byte or two; a piece that goes on in the midst of them says anew which.
    fn pass_characters(&mut self, mut left: usize, mut options: u8) -> Option<()> {
        loop {
            let width = if options & 1 == 0 { 1 } else { 2 };
            let here = (self.pieces.first()?.len().saturating_sub(self.at) / width).min(left);
            self.at += here * width;
            left -= here;
            if left == 0 {
                return Some(());
            }
            self.at = self.pieces.first()?.len();
            options = self.byte()?;
        }
    }

    fn pass(&mut self, mut left: usize) -> Option<()> {
        while left > 0 {
            let here = self.pieces.first()?.len().saturating_sub(self.at).min(left);
            self.at += here;
            left -= here;
            if left > 0 {
                self.pieces = self.pieces.get(1..)?;
                self.at = 0;
            }
        }
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        while self.at >= self.pieces.first()?.len() {
            self.pieces = self.pieces.get(1..)?;
            self.at = 0;
        }
        let byte = self.pieces.first()?.get(self.at).copied();
        self.at += 1;
        byte
    }
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn texts_are_measured_over_pieces() {
        let mut first = vec![0; 8];
        first.extend([2, 0, 0, b'a', b'b']);
        first.extend([3, 0, 1, 0x41, 0x4E]);
        let second = [1, 0x42, 0x4E, 0x43, 0x4E, 1, 0, 8, 1, 0, b'c'];
        let third = [0, 0, 7, 0, 4, 0, 0, b'd'];

        let texts = texts(&[&first, &second, &third], &[7].into());
        let read: Vec<_> = texts.iter().map(|it| (it.length, it.is_struck)).collect();
        assert_eq!(read, [(2, false), (3, false), (1, true)], "the last is cut off");
    }
}
