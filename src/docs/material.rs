use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::artifact::{PastRun, SourceAge};
use crate::check::ProjectAnalysis;
use crate::compile::Compiled;
use crate::docs::Catalog;
use crate::lineage::{ColumnGraph, Inherited};
use crate::manifest::{Manifest, NodeId};
use crate::sql::Dialect;
use crate::text::Files;

/// What a site is made of.
pub struct Material<'a> {
    pub manifest: &'a Manifest,
    /// The project and the packages that it installed, by name.
    pub packages: BTreeSet<&'a str>,
    pub files: &'a Files,
    pub analysis: &'a ProjectAnalysis,
    pub graph: &'a ColumnGraph,
    pub inherited: &'a Inherited,
    /// The SQL that templates became; `None` where it is not to be shown.
    pub compiled: Option<&'a BTreeMap<NodeId, Arc<Compiled>>>,
    pub catalog: &'a Catalog,
    /// The last runs, the newest first.
    pub runs: &'a [PastRun],
    pub sources: &'a [SourceAge],
    /// The README of the project, in Markdown.
    pub readme: Option<&'a str>,
    /// What could not be found out, in words.
    pub notices: &'a [String],
    pub dialect: Dialect,
    /// `duckdb`.
    pub adapter: &'a str,
    /// The target's name in the profile.
    pub target: &'a str,
    /// RFC 3339.
    pub generated_at: &'a str,
}
