use std::sync::Arc;

use super::columns::Columns;
use super::places::Places;
use super::{configured, constraints, contract, data_tests, declared, semantic, unit_tests};
use crate::analyze::Schema;
use crate::check::arbiter::Arbiter;
use crate::check::{NodeAnalysis, ProjectAnalysis};
use crate::context::Invocation;
use crate::diagnostic::Diagnostic;
use crate::manifest::{Manifest, Node, NodeId, NodeKind};
use crate::sql::Dialect;
use crate::system::System;

/// Holds what the properties files and configurations say of columns against the columns that
/// are known. Shared by threads.
pub struct Expectations {
    pub(super) places: Places,
    pub(super) arbiter: Arbiter,
    pub(super) dialect: Dialect,
    manifest: Arc<Manifest>,
}

/// One node in its project.
pub(super) struct Scene<'a> {
    pub all: &'a Expectations,
    pub node: &'a Node,
    pub analysis: &'a ProjectAnalysis,
}

impl Expectations {
    #[must_use]
    pub fn new(invocation: &Arc<Invocation>, manifest: &Arc<Manifest>) -> Self {
        Self {
            places: Places::new(&invocation.files),
            arbiter: Arbiter::new(invocation),
            dialect: invocation.adapter.dialect(),
            manifest: Arc::clone(manifest),
        }
    }

    /// Keeps what had to be found out for later runs.
    pub(in crate::check) fn keep(&self, system: &dyn System) {
        self.arbiter.keep(system);
    }

    /// What is wrong with a node's entries in the properties files and with its configuration,
    /// measured at the columns that are known of it and of what it is about. Where a data test
    /// or a unit test is told of here, what its SQL is refused for is the same again.
    #[must_use]
    pub fn examine(&self, node: &Node, analysis: &ProjectAnalysis) -> Vec<Diagnostic> {
        let scene = Scene { all: self, node, analysis };
        match &node.kind {
            NodeKind::Test(test) => data_tests::examine(&scene, test),
            NodeKind::UnitTest(test) => unit_tests::examine(&scene, test),
            NodeKind::SemanticModel(model) => semantic::examine(&scene, model),
            NodeKind::Model(_) | NodeKind::Seed { .. } | NodeKind::Snapshot | NodeKind::Source(_) => {
                let mut told = contract::examine(&scene);
                told.extend(constraints::examine(&scene));
                told.extend(configured::examine(&scene));
                told.extend(declared::examine(&scene));
                told
            }
            _ => Vec::new(),
        }
    }
}

impl<'a> Scene<'a> {
    pub fn manifest(&self) -> &'a Manifest {
        &self.all.manifest
    }

    pub fn analysis_of(&self, id: &NodeId) -> Option<&'a NodeAnalysis> {
        self.analysis.node(id).map(|found| &**found)
    }

    /// All columns of a node; `None` when they are not known to the last.
    pub fn columns(&self, id: &NodeId) -> Option<Columns<'a>> {
        let schema: &Arc<Schema> = self.analysis_of(id)?.schema.as_ref()?;
        let node = self.manifest().node(id)?;
        schema.is_complete.then(|| Columns::new(node, schema))
    }

    pub fn own_columns(&self) -> Option<Columns<'a>> {
        self.columns(&self.node.id)
    }
}
