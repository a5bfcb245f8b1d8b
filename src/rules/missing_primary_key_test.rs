use super::subject::Subject;
use crate::diagnostic::{Code, Diagnostic};

/// Tables that people read, and nothing says which columns tell their rows apart.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let is_stored = matches!(subject.node.config.materialized(), "table" | "incremental");
    if !subject.is_model() || !is_stored || !subject.is_in("marts") {
        return Vec::new();
    }
    let is_known = subject.node.model().is_some_and(|model| !model.primary_key.is_empty());
    if is_known || is_tested(subject) || is_implied(subject) {
        return Vec::new();
    }
    vec![
        Diagnostic::new(
            Code::MissingPrimaryKeyTest,
            format!("no test says that the rows of `{}` are unique", subject.node.versioned_name()),
        )
        .label(subject.head(), "")
        .help("test the column that tells them apart: `data_tests: [unique, not_null]`"),
    ]
}

/// Whether a test of uniqueness is asked of it, of a column or of several.
fn is_tested(subject: &Subject<'_>) -> bool {
    let manifest = subject.project.manifest;
    let children = manifest.graph.children(&subject.node.id);
    children.iter().filter_map(|id| manifest.node(id)?.data_test()).any(|test| {
        let is_of_it = test.attached_node.as_ref() == Some(&subject.node.id);
        let name = test.metadata.as_ref().map_or("", |metadata| metadata.name.as_str());
        is_of_it && name.to_lowercase().contains("unique")
    })
}

/// Whether a column is unique because the one that it is a copy of is tested to be.
fn is_implied(subject: &Subject<'_>) -> bool {
    let project = subject.project;
    let columns = project.graph().columns(&subject.node.id);
    columns.iter().any(|column| project.inherited().tests(*column).iter().any(|test| test.name == "unique"))
}
