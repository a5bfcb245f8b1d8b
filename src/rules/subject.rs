use std::cell::OnceCell;
use std::collections::HashSet;
use std::sync::Arc;

use crate::analyze::{Analysis, Problem};
use crate::check::{NodeAnalysis, Placing, ProjectAnalysis, Standing};
use crate::compile::Compiled;
use crate::context::Invocation;
use crate::diagnostic::Diagnostic;
use crate::lineage::{ColumnGraph, ColumnId, Inherited};
use crate::manifest::{Manifest, Node, NodeId, ResourceType};
use crate::text::Span;

/// What all rules share. What only some rules need is made when the first of them asks.
pub(super) struct Project<'a> {
    pub invocation: &'a Arc<Invocation>,
    pub manifest: &'a Arc<Manifest>,
    pub analysis: &'a ProjectAnalysis,
    pub graph: OnceCell<ColumnGraph>,
    pub live: OnceCell<HashSet<ColumnId>>,
    pub inherited: OnceCell<Inherited>,
}

/// One node, and what a rule may ask of it.
pub(super) struct Subject<'a> {
    pub project: &'a Project<'a>,
    pub node: &'a Node,
    pub known: Option<&'a NodeAnalysis>,
}

/// A query that nothing is wrong with.
pub(super) struct Query<'a> {
    pub analysis: &'a Analysis,
    pub compiled: &'a Compiled,
    /// For each of the analysis' inputs the node it is.
    pub inputs: &'a [Option<NodeId>],
}

impl Project<'_> {
    pub fn graph(&self) -> &ColumnGraph {
        self.graph.get_or_init(|| {
            let adapter = &self.invocation.adapter;
            ColumnGraph::new(self.manifest, self.analysis, adapter.dialect(), adapter.database())
        })
    }

    pub fn inherited(&self) -> &Inherited {
        self.inherited.get_or_init(|| {
            let dialect = self.invocation.adapter.dialect();
            Inherited::new(self.manifest, self.analysis, self.graph(), dialect)
        })
    }
}

impl<'a> Subject<'a> {
    pub fn is_model(&self) -> bool {
        self.node.resource_type == ResourceType::Model
    }

    /// The node's query as it was analyzed; `None` where there is none of its author's own, or
    /// where it is wrong, so that its facts would mislead.
    pub fn query(&self) -> Option<Query<'a>> {
        let known = self.known.filter(|known| known.standing != Standing::Wrong)?;
        if self.node.entry().is_some() {
            return None;
        }
        let analysis = known.analysis.as_deref()?;
        Some(Query { analysis, compiled: known.compiled.as_deref()?, inputs: &known.inputs })
    }

    /// Problems of the query at what the user wrote: those in the node's own file.
    pub fn in_own_file(&self, query: &Query<'_>, problems: &[Problem]) -> Vec<Diagnostic> {
        let mut told = self.place(query, problems);
        told.retain(|told| {
            told.trace().is_empty() && told.span().is_some_and(|span| span.file == self.node.file)
        });
        told
    }

    /// Problems of the query at what the user wrote: those in files of the project, macros too.
    pub fn in_own_project(&self, query: &Query<'_>, problems: &[Problem]) -> Vec<Diagnostic> {
        let invocation = self.project.invocation;
        let own = invocation.packages.iter().find(|package| package.is_root);
        let packages = own.map_or("dbt_packages", |own| own.config.packages_install_path.as_str());
        let is_own = |span: Span| {
            let file = invocation.files.get(span.file);
            !file.path().split(['/', '\\']).any(|part| part == packages)
        };
        let mut told = self.place(query, problems);
        told.retain(|told| told.span().is_some_and(is_own));
        told
    }

    fn place(&self, query: &Query<'_>, problems: &[Problem]) -> Vec<Diagnostic> {
        if problems.is_empty() {
            return Vec::new();
        }
        let placing =
            Placing { invocation: self.project.invocation, node: self.node, compiled: query.compiled };
        placing.diagnostics(problems)
    }

    /// What is said of the node as a whole is said here: at its entry in a properties file, else at
    /// the first line of its template.
    pub fn head(&self) -> Span {
        self.node.patch.unwrap_or_else(|| {
            let place = self.node.place();
            let text = self.project.invocation.files.slice(place);
            let line = text.lines().next().unwrap_or_default().trim_end().len();
            place.part(0..line)
        })
    }

    /// Whether it lies in a folder of that name.
    pub fn is_in(&self, folder: &str) -> bool {
        is_in(self.node, folder)
    }
}

/// Whether a node lies in a folder of that name, at any depth.
pub(super) fn is_in(node: &Node, folder: &str) -> bool {
    let folders = node.fqn.get(1..node.fqn.len().saturating_sub(1)).unwrap_or_default();
    folders.iter().any(|part| part.eq_ignore_ascii_case(folder))
}

/// Whether people outside of the project may read it: `access: public`.
pub(super) fn is_public(node: &Node) -> bool {
    node.config.text("access").is_some_and(|access| access.eq_ignore_ascii_case("public"))
}
