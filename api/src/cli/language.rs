//! The language of whoever sits at the terminal.

use lvcai_domain::Bilingual;

/// What the locale asks for: Chinese where it names it, English otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Language {
    /// Whether it is Chinese.
    pub(super) chinese: bool,
}

impl Language {
    /// That of the terminal.
    pub(super) fn of_terminal() -> Self {
        Self { chinese: lvcai_config::reads_chinese() }
    }

    /// Picks from a text in both.
    pub(super) const fn of<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        if self.chinese { zh } else { en }
    }

    /// Picks from a sentence in both.
    pub(super) fn pick(self, said: &Bilingual) -> &str {
        self.of(&said.zh, &said.en)
    }
}
