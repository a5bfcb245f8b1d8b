//! What people and tools see: events and diagnostics as lines, a live display, or JSON.
//!
//! One narrator puts an [`Event`](crate::execute::Event) into words, in
//! dbt's form; three reporters print them: [`TerminalReporter`] for people (plain lines
//! when piped, a live display on a terminal), [`JsonReporter`] for `--log-format json`,
//! [`LogFile`] for `logs/dbt.log`. [`Tee`] tells several, and [`Screen`] chooses those that an
//! invocation asks for. All bytes leave by an
//! [`Output`]; nothing else in xform prints.

mod json_reporter;
mod line;
mod live;
mod log_file;
mod narrator;
mod options;
mod output;
mod screen;
mod scrubbed;
mod stats;
mod summary;
mod table;
mod tee;
mod terminal_reporter;
#[cfg(test)]
mod tests;
mod theme;
mod wording;

pub use json_reporter::JsonReporter;
pub use log_file::LogFile;
pub use options::{Level, Options, PreviewFormat, Stream, Wanted};
pub use output::{Captured, Output, Standard};
pub use screen::{Screen, print_usage};
pub use stats::found;
pub use table::{rows_json, table};
pub use tee::Tee;
pub use terminal_reporter::TerminalReporter;
pub use theme::Theme;
