//! One file a command; each reads like a recipe of stages.
//!
//! A command works in a [`Shell`]: the open session, who is told, and how to stop. It says
//! how it [`Ended`], which the command line makes an exit code of.

mod build;
mod catalog_cache;
mod changes;
mod check;
mod clean;
mod clone;
mod compile;
mod completions;
mod debug;
mod deps;
mod docs;
mod docs_serve;
mod docs_site;
mod explain;
mod format;
mod freshness;
mod init;
mod inline;
mod lineage;
mod list;
mod parse;
mod retried;
mod run_operation;
mod shell;
mod show;

pub use build::{BuildOptions, build};
pub use catalog_cache::Unsealed;
pub use changes::{ChangesOptions, changes};
pub use check::{CheckFormat, CheckOptions, check};
pub use clean::clean;
pub use clone::clone;
pub use compile::{CompileOptions, compile};
pub use completions::completions;
pub use debug::{DebugOptions, debug};
pub use deps::{DepsOptions, deps};
pub use docs::{DocsOptions, docs_generate};
pub use docs_serve::{ServeOptions, docs_serve};
pub use explain::explain;
pub use format::{FormatOptions, format, format_selected};
pub use freshness::{FreshnessOptions, freshness};
pub use init::init;
pub use lineage::{LineageFormat, LineageOptions, lineage};
pub use list::{GraphFormat, ListFormat, ListOptions, list};
pub use parse::parse;
pub use retried::Retried;
pub use run_operation::{run_operation, run_sql};
pub use shell::{Ended, Shell};
pub use show::{ShowOptions, show};
