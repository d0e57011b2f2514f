//! Characters that no text of the registry needs: those that nobody can see, and those that nobody can read.
//!
//! Two names that differ in what is invisible look the same, and one of nothing else looks empty. What is unreadable
//! is the trace of a conversion that failed, or means something in one typeface alone. Control characters and blanks
//! are not the concern of this file.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory, NoncharacterCodePoint};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Whether a character is shown to nobody: formats, ignorables, noncharacters, and the blank pattern of Braille.
pub fn is_invisible(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    let is_format = matches!(
        category(c),
        GeneralCategory::Format | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator
    );
    is_format
        || c == '\u{2800}'
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        || CodePointSetData::new::<NoncharacterCodePoint>().contains(c)
}

/// Whether nobody can tell what a character is: the signs of a lost character, private use, and what Unicode has not
/// assigned.
fn is_unreadable(c: char) -> bool {
    let is_unknown = || matches!(category(c), GeneralCategory::PrivateUse | GeneralCategory::Unassigned);
    !c.is_ascii() && (matches!(c, '\u{FFFC}' | '\u{FFFD}') || is_unknown() && !is_invisible(c))
}

/// Whether a text holds what is left of Chinese that was read in a wrong encoding and written in another: U+FFFD in
/// UTF-8, read as GBK.
pub fn is_garbled(text: &str) -> bool {
    text.contains("锟斤拷") || text.chars().any(is_unreadable)
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

#[cfg(test)]
mod tests {
    use super::{is_garbled, is_invisible, is_unreadable};

    #[test]
    fn what_nobody_sees_is_told_from_what_names_need() {
        let hidden = "\u{AD}\u{200B}\u{FEFF}\u{202E}\u{2028}\u{2066}\u{FFFE}\u{FFFF}\u{1FFFE}\u{10FFFF}\u{FE0F}\u{E0100}\u{3164}\u{2800}";
        assert_eq!(hidden.chars().find(|c| !is_invisible(*c)), None);
        // Rare characters of names are in the extensions.
        let shown = "大庆·〇㐀䶮𠮷𰻝（）—－　 A1αл∅°²㎡，。①Ⅱ🪟";
        assert_eq!(shown.chars().find(|c| is_invisible(*c)), None);
        assert_eq!(shown.chars().find(|c| is_unreadable(*c)), None);
    }

    #[test]
    fn what_nobody_can_read_is_told() {
        for c in ['\u{FFFD}', '\u{FFFC}', '\u{E863}', '\u{F8FF}', '\u{F0000}', '\u{10FFFD}', '\u{0378}', '\u{3FFFD}'] {
            assert!(is_unreadable(c), "{c:?}");
        }
        assert!(is_garbled("大庆锟斤拷门窗") && is_garbled("大庆\u{FFFD}") && !is_garbled("大庆门窗"));
    }
}
