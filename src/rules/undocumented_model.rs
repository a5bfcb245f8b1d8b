use super::subject::Subject;
use crate::diagnostic::{Code, Diagnostic};

/// Models without a description.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    if !subject.is_model() || !subject.node.description.trim().is_empty() {
        return Vec::new();
    }
    let name = &subject.node.name;
    let label = if subject.node.patch.is_some() { "this entry has no `description`" } else { "" };
    vec![
        Diagnostic::new(Code::UndocumentedModel, format!("the model `{name}` has no description"))
            .label(subject.head(), label)
            .help("say in a properties file what one row of it is"),
    ]
}
