use super::subject::Subject;
use super::words::words;
use crate::analyze::Problem;
use crate::diagnostic::{Code, Diagnostic};

/// Common table expressions that the result does not depend on.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let Some(query) = subject.query() else { return Vec::new() };
    let template = &subject.node.raw_code;
    let problems: Vec<Problem> = query
        .analysis
        .facts
        .ctes
        .iter()
        .filter(|cte| !cte.is_live && !cte.name.starts_with("__dbt__cte__"))
        .filter(|cte| !(template.contains("{%") && is_read_by(template, &cte.name)))
        .map(|cte| {
            let label = match cte.uses {
                0 => "no FROM names it",
                _ => "only what is not used itself reads it",
            };
            Problem {
                code: Code::UnusedCte,
                message: format!("the common table expression `{}` is not used", cte.name),
                at: cte.at,
                label: label.to_owned(),
                also: Vec::new(),
                help: Some("remove it, or read from it what was meant to be".to_owned()),
            }
        })
        .collect();
    subject.in_own_file(&query, &problems)
}

/// Whether some branch of a template reads a CTE: `from name`, `join name`, `, name`.
fn is_read_by(template: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let mut before = String::new();
    for word in words(template) {
        if word == name && matches!(before.as_str(), "from" | "join") {
            return true;
        }
        before = word;
    }
    false
}
