//! What we tell the user when something is wrong.
//!
//! A [`Diagnostic`] is data until the last moment: a [`Code`] that never changes, a
//! [`Severity`], a message of one lowercase phrase, [`Label`]s that point into the
//! user's own files, the macro calls that led there, and a help line. Stages over many
//! files return [`Checked`]: what they understood, and what they complain about. The
//! printers are in [`render`], one a file; the page behind each code is in `explain/`.

mod checked;
mod code;
#[allow(clippy::module_inception)]
mod diagnostic;
mod internal_error;
mod label;
pub mod render;
mod stored;
pub mod suggest;
mod warning_name;

pub use checked::Checked;
pub use code::{Code, Kind};
pub use diagnostic::{Diagnostic, MaybeText, Severity};
pub use internal_error::{internal_error, keep_panics_quiet};
pub use label::Label;
pub use stored::{StoredDiagnostic, StoredFiles};
pub use warning_name::WarningName;
