//! Diagnostics as text: [`human`] like rustc's, [`short`] in one line. One printer a file.

mod human;
mod short;

pub use human::{Colour, human};
pub use short::short;
