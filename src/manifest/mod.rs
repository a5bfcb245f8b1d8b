//! What the project means: nodes, macros, docs and the graph between them. Data; no work.
//!
//! [`Manifest`] holds every [`Node`] under its [`NodeId`]; what is particular to one kind
//! of node is in its [`NodeKind`]. [`NodeConfig`] is a node's configuration after all
//! inheritance. [`Graph`] answers who depends on whom.

mod column;
mod graph;
mod lookup;
mod macros;
#[allow(clippy::module_inception)]
mod manifest;
mod node;
mod node_config;
mod node_id;
#[cfg(test)]
pub(crate) mod testing;

pub use column::Column;
pub use graph::Graph;
pub use lookup::{Found, Lookup};
pub use macros::{Macro, MacroArgument, MacroId};
pub use manifest::{Doc, Group, Manifest};
pub use node::{
    DataTest, Exposure, Hook, HookEvent, Node, NodeKind, Ref, ResourceType, Source, SourceRef, TestMetadata,
};
pub use node_config::NodeConfig;
pub use node_id::NodeId;
