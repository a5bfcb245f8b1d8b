use super::subject::Subject;
use crate::analyze::Problem;
use crate::diagnostic::{Code, Diagnostic};

/// Stars that hand on whatever columns another relation has, in models that people read.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    if !subject.is_model() || !subject.is_in("marts") {
        return Vec::new();
    }
    let Some(query) = subject.query() else { return Vec::new() };
    let stars = query.analysis.facts.stars.iter().filter(|star| star.is_outermost);
    let problems: Vec<Problem> = stars
        .filter_map(|star| {
            let inputs: Vec<String> = star
                .inputs
                .iter()
                .filter_map(|input| query.analysis.inputs.get(*input)?.relation.identifier.clone())
                .map(|name| format!("`{name}`"))
                .collect();
            if inputs.is_empty() {
                return None;
            }
            Some(Problem {
                code: Code::SelectStar,
                message: "a star decides which columns this model gives".to_owned(),
                at: star.at,
                label: format!("all columns of {}, also those that come later", inputs.join(" and ")),
                also: Vec::new(),
                help: Some("name the columns that readers are to have".to_owned()),
            })
        })
        .collect();
    subject.in_own_file(&query, &problems)
}
