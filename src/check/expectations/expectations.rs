use super::super::ProjectAnalysis;
use crate::diagnostic::Diagnostic;
use crate::manifest::{Manifest, Node};

/// What is wrong with a node's entries in the properties files, measured at the columns that
/// are known of it and of what it is about.
#[must_use]
pub fn examine(_node: &Node, _manifest: &Manifest, _analysis: &ProjectAnalysis) -> Vec<Diagnostic> {
    Vec::new()
}
