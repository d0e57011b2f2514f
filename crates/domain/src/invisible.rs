//! Characters that nobody can see and no Chinese name needs.
//!
//! Two names that differ in these alone look the same, and one of nothing else
//! looks empty. Control characters and blanks are not its concern.

use std::ops::RangeInclusive;

/// Unicode 16.0.0: `Default_Ignorable_Code_Point` and `Noncharacter_Code_Point`
/// (DerivedCoreProperties.txt, PropList.txt), the general categories Cf, Zl and Zp
/// (UnicodeData.txt), and the blank pattern of Braille. In order.
const INVISIBLE: &[RangeInclusive<char>] = &[
    '\u{00AD}'..='\u{00AD}',
    '\u{034F}'..='\u{034F}',
    '\u{0600}'..='\u{0605}',
    '\u{061C}'..='\u{061C}',
    '\u{06DD}'..='\u{06DD}',
    '\u{070F}'..='\u{070F}',
    '\u{0890}'..='\u{0891}',
    '\u{08E2}'..='\u{08E2}',
    '\u{115F}'..='\u{1160}',
    '\u{17B4}'..='\u{17B5}',
    '\u{180B}'..='\u{180F}',
    '\u{200B}'..='\u{200F}',
    '\u{2028}'..='\u{202E}',
    '\u{2060}'..='\u{206F}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{FDD0}'..='\u{FDEF}',
    '\u{FE00}'..='\u{FE0F}',
    '\u{FEFF}'..='\u{FEFF}',
    '\u{FFA0}'..='\u{FFA0}',
    '\u{FFF0}'..='\u{FFFB}',
    '\u{110BD}'..='\u{110BD}',
    '\u{110CD}'..='\u{110CD}',
    '\u{13430}'..='\u{1343F}',
    '\u{1BCA0}'..='\u{1BCA3}',
    '\u{1D173}'..='\u{1D17A}',
    '\u{E0000}'..='\u{E0FFF}',
];

/// Whether a character is shown to nobody: formats, ignorables, noncharacters.
pub fn is_invisible(c: char) -> bool {
    // The last two of every plane are noncharacters.
    u32::from(c) & 0xFFFE == 0xFFFE || INVISIBLE.iter().any(|range| range.contains(&c))
}

#[cfg(test)]
mod tests {
    use super::{INVISIBLE, is_invisible};

    #[test]
    fn what_nobody_sees_is_told_from_what_names_need() {
        let hidden = "\u{200B}\u{FEFF}\u{202E}\u{2066}\u{FFFE}\u{FFFF}\u{1FFFE}\u{10FFFF}\u{FE0F}\u{E0100}\u{3164}";
        assert!(hidden.chars().all(is_invisible));
        // Rare characters of names are in the extensions and, in old systems, in the private use area.
        let shown = "大庆·〇㐀𠮷𰻝\u{E815}（）—－　 A1αл∅°²㎡，。";
        assert_eq!(shown.chars().find(|c| is_invisible(*c)), None);
        assert!(INVISIBLE.windows(2).all(|pair| pair[0].end() < pair[1].start()));
    }
}
