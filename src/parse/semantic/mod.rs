//! The semantic layer: nodes of semantic models, metrics and saved queries, and a look at
//! whether they fit together. Nothing of it is run; other tools read it from
//! `manifest.json` and `semantic_manifest.json`.
//!
//! [`drafts`] makes the nodes, [`Resolver`](super::resolve) finds their parents, [`complete`]
//! adds what is only known then, and [`check`] tells what is wrong.

mod check;
mod complete;
mod drafts;
mod filters;
mod time_spine;

pub(super) use check::check;
pub(super) use complete::complete;
pub(super) use drafts::drafts;
