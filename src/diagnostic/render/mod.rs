//! Diagnostics as text: [`human`] like rustc's, [`short`] in one line, [`json`] for
//! tools, [`sarif`] for those of static analysis, [`github`] as annotations of a workflow.
//! One printer a file.

mod github;
mod human;
mod json;
mod sarif;
mod short;
mod trace;

pub use github::github;
pub use human::{Colour, human};
pub use json::json;
pub use sarif::sarif;
pub use short::short;

use trace::trace;
