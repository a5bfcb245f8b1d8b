use anstyle::{AnsiColor, Style};

use crate::diagnostic::render::Colour;
use crate::system::System;

/// What is coloured how, or that nothing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    is_coloured: bool,
}

impl Theme {
    pub const PLAIN: Theme = Theme { is_coloured: false };
    pub const COLOURED: Theme = Theme { is_coloured: true };

    /// What suits a stream: `--use-colors` or `--no-use-colors` if it was given, else
    /// `NO_COLOR` (<https://no-color.org>), `CLICOLOR_FORCE`, `CLICOLOR`
    /// (<https://bixense.com/clicolors>), `TERM=dumb`, else whether it is a terminal.
    #[must_use]
    pub fn detect(system: &dyn System, is_terminal: bool, use_colors: Option<bool>) -> Self {
        let is_set = |name: &str| system.env(name).is_some_and(|value| !value.is_empty());
        let is_on = |name: &str| system.env(name).is_some_and(|value| !value.is_empty() && value != "0");
        let is_coloured = use_colors.unwrap_or_else(|| {
            let is_forced = is_on("CLICOLOR_FORCE");
            let is_unwanted = is_dumb(system) || system.env("CLICOLOR").as_deref() == Some("0");
            !is_set("NO_COLOR") && (is_forced || is_terminal && !is_unwanted)
        });
        Self { is_coloured }
    }

    /// What suits standard output.
    #[must_use]
    pub fn of_output(system: &dyn System, use_colors: Option<bool>) -> Self {
        Self::detect(system, Self::is_output_terminal(), use_colors)
    }

    /// Whether a person looks at standard output, so far as one can tell.
    #[must_use]
    pub fn is_output_terminal() -> bool {
        console::Term::stdout().is_term()
    }

    #[must_use]
    pub fn colour(self) -> Colour {
        if self.is_coloured { Colour::Always } else { Colour::Never }
    }

    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.paint(AnsiColor::Green.on_default(), text)
    }

    #[must_use]
    pub fn doubtful(self, text: &str) -> String {
        self.paint(AnsiColor::Yellow.on_default(), text)
    }

    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.paint(AnsiColor::Red.on_default(), text)
    }

    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.paint(Style::new().dimmed(), text)
    }

    fn paint(self, style: Style, text: &str) -> String {
        if self.is_coloured && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

/// Whether the terminal says that it can do nothing but print.
pub(super) fn is_dumb(system: &dyn System) -> bool {
    system.env("TERM").as_deref() == Some("dumb")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::MemorySystem;

    #[test]
    fn the_user_has_the_last_word_on_colours() {
        let detect = |variables: &[(&str, &str)], is_terminal, flag| {
            let system = MemorySystem::new();
            let system = variables.iter().fold(system, |system, (name, value)| system.env_var(name, value));
            Theme::detect(&system, is_terminal, flag) == Theme::COLOURED
        };
        assert!(detect(&[], true, None));
        assert!(!detect(&[], false, None));
        assert!(!detect(&[("NO_COLOR", "1")], true, None));
        assert!(detect(&[("NO_COLOR", "")], true, None), "an empty NO_COLOR does not count");
        assert!(detect(&[("NO_COLOR", "1")], false, Some(true)));
        assert!(!detect(&[("CLICOLOR_FORCE", "1")], true, Some(false)));
        assert!(detect(&[("CLICOLOR_FORCE", "1")], false, None));
        assert!(!detect(&[("CLICOLOR_FORCE", "0")], false, None));
        assert!(!detect(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], true, None));
        assert!(!detect(&[("TERM", "dumb")], true, None));
        assert!(!detect(&[("CLICOLOR", "0")], true, None));
    }

    #[test]
    fn plain_adds_nothing() {
        assert_eq!(Theme::PLAIN.bad("x"), "x");
        assert_eq!(Theme::COLOURED.bad("x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
