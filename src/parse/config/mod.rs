//! Configuration: the trees of project files, how levels merge, which values are allowed,
//! and what holds when nothing is said.
//!
//! A [`Level`] is what one place says: a folder in a project file, a `config:` in a
//! properties file, a `config()` call. [`ConfigStack`] lays levels over each other in
//! dbt's order. See <https://docs.getdbt.com/reference/define-configs>.

mod check;
mod defaults;
mod level;
mod merge;
mod stack;
mod tree;

pub(super) use check::check;
pub(super) use defaults::is_config;
pub(super) use level::{Level, Setting};
pub(super) use stack::{ConfigStack, Configured};
pub(super) use tree::ProjectConfigs;
