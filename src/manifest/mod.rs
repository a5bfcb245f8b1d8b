//! What the project means: nodes, macros, docs and the graph between them. Data; no work.
//!
//! [`Manifest`] holds every [`Node`] under its [`NodeId`]; what is particular to one kind
//! of node is in its [`NodeKind`]. [`NodeConfig`] is a node's configuration after all
//! inheritance. [`Graph`] answers who depends on whom.

mod column;
mod constraint;
mod contract;
mod deferral;
mod freshness;
mod function;
mod graph;
#[cfg(test)]
mod kept_tests;
mod lookup;
mod macros;
#[allow(clippy::module_inception)]
mod manifest;
mod model;
mod node;
mod node_config;
mod node_id;
mod semantic;
mod shared_configs;
#[cfg(test)]
pub(crate) mod testing;
mod unit_test;

pub use column::Column;
pub use constraint::{Constraint, ConstraintKind, ForeignKeyTarget};
pub use contract::{Breach, Contract, ContractChange, Mismatch, mismatches};
pub use deferral::{Deferral, Deferred};
pub use freshness::{Age, Freshness, Period};
pub use function::{Function, FunctionRef};
pub use graph::Graph;
pub use lookup::{Found, Lookup};
pub use macros::{Macro, MacroArgument, MacroId};
pub use manifest::{Doc, Group, Manifest};
pub use model::{Language, Model};
pub use node::{
    DataTest, Exposure, Hook, HookEvent, Node, NodeKind, Ref, ResourceType, Source, SourceRef, TestMetadata,
    version_text,
};
pub use node_config::NodeConfig;
pub use node_id::NodeId;
pub use semantic::{Metric, MetricRef, SavedQuery, SemanticModel};
pub use shared_configs::SharedConfigs;
pub use unit_test::{StandsFor, Subject, UnitTest, UnitTestFormat, UnitTestInput, UnitTestRows};
