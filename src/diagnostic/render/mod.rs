//! Diagnostics as text: [`human`] like rustc's, [`short`] in one line, [`json`] for
//! tools. One printer a file.

mod human;
mod json;
mod short;
mod trace;

pub use human::{Colour, human};
pub use json::json;
pub use short::short;

use trace::trace;
