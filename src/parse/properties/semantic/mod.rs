//! The semantic layer in properties files: semantic models, metrics and saved queries, in
//! the form of their own sections and in that of dbt 1.12, inside the model they describe.
//! See <https://docs.getdbt.com/docs/build/latest-metrics-spec>.

mod input;
mod metric;
mod of_model;
mod part;
mod saved_query;
mod semantic_model;
mod words;

pub(in crate::parse) use input::MetricNames;
pub(in crate::parse) use metric::MetricEntry;
pub(in crate::parse) use of_model::{KEYS as MODEL_KEYS, of_model};
pub(in crate::parse) use saved_query::SavedQueryEntry;
pub(in crate::parse) use semantic_model::{Part, SemanticModelEntry};
pub(in crate::parse) use words::GRANULARITIES;
