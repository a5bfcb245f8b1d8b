//! From node to SQL.
//!
//! The [`Compiler`] renders a node's template with everything known of the project, puts
//! the ephemeral models it refers to before it as CTEs, and keeps for every byte where it
//! came from: [`Compiled`]. What was compiled once is not compiled again.

mod compiled;
mod compiler;
mod cte;
mod unit_test;

pub use compiled::{Compiled, Cte};
pub use compiler::{Compiler, Failure};
pub use unit_test::{PreparedTest, Scratch};
