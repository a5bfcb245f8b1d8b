use super::subject::{Subject, is_public};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{NodeId, ResourceType};

/// Models that nothing reads.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    if !subject.is_model() || subject.is_in("marts") || is_public(subject.node) {
        return Vec::new();
    }
    let manifest = subject.project.manifest;
    let is_reader = |id: &NodeId| {
        manifest
            .node(id)
            .is_some_and(|node| !matches!(node.resource_type, ResourceType::Test | ResourceType::UnitTest))
    };
    if manifest.graph.children(&subject.node.id).iter().any(is_reader) {
        return Vec::new();
    }
    vec![
        Diagnostic::new(
            Code::DeadModel,
            format!("nothing reads the model `{}`", subject.node.versioned_name()),
        )
        .label(subject.head(), "no node and no exposure depends on it")
        .help("remove it, or write an `exposure` that says who reads it"),
    ]
}
