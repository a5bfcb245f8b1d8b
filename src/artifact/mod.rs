//! The JSON that other tools read; the only serialized types.
//!
//! [`manifest_json`] makes the bytes of dbt's `manifest.json` (schema v12), [`RunResultsJson`]
//! is its `run_results.json` (schema v6), as <https://schemas.getdbt.com> defines them. They are
//! made from the nouns by pure functions (run results by the room that knows results) and put
//! on disk by [`write()`] and [`write_streamed`].

mod about;
mod catalog_cache;
mod catalog_json;
mod graph_summary_json;
mod macro_json;
mod manifest_json;
mod node_json;
mod past_run;
mod paths;
mod run_results_json;
mod semantic_json;
mod semantic_manifest_json;
mod source_json;
mod sources_json;
mod unit_test_json;
mod write;

pub use about::{About, DBT_VERSION, Metadata};
pub use catalog_cache::{CachedRelation, CatalogCache, CatalogSeal, SealedFile};
pub use catalog_json::{CatalogJson, DescribedRelation};
pub use graph_summary_json::{GraphSummaryJson, graph_summary_json};
pub use manifest_json::{manifest_json, node_json};
pub use node_json::CompiledNode;
pub use past_run::{PastResult, PastRun};
pub use paths::{Paths, cache_file};
pub use run_results_json::{ResultJson, RunResultsJson, TimingJson};
pub use semantic_manifest_json::SemanticManifestJson;
pub use sources_json::{FreshnessJson, SourceAge, SourcesJson, python_time, source_ages};
pub use write::{to_bytes, write, write_streamed};

#[cfg(test)]
mod tests;
