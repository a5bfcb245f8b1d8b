//! Properties files: what YAML beside the code says of models, seeds, sources, tests,
//! macros, exposures, groups.
//!
//! [`read`] turns one file into [`Properties`]: entries as written, with their places.
//! Texts are rendered as dbt does (not descriptions, hooks and arguments of tests, whose
//! time comes later). What xform does not have yet is an error at its entry.
//! See <https://docs.getdbt.com/reference/define-properties>.

mod column;
mod constraint;
mod exposure;
mod file;
mod function;
mod group;
mod macro_patch;
mod patch;
mod renderer;
mod semantic;
mod source;
mod test_entry;
mod unit_test;
mod version;

pub(super) use column::ColumnEntry;
pub(super) use exposure::ExposureEntry;
pub(super) use file::{Origin, Properties, folders, path_below, read};
pub(super) use function::Signature;
pub(super) use group::GroupEntry;
pub(super) use macro_patch::MacroPatch;
pub(super) use patch::Patch;
pub(super) use renderer::Renderer;
pub(super) use semantic::{GRANULARITIES, MetricEntry, Part, SavedQueryEntry, SemanticModelEntry};
pub(super) use source::{Common, SourceEntry, TableEntry};
pub(super) use test_entry::TestEntry;
pub(super) use unit_test::{InputEntry, RowsEntry, SubjectEntry, UnitTestEntry};
