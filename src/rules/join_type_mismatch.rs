use super::subject::Subject;
use crate::analyze::Problem;
use crate::diagnostic::{Code, Diagnostic};
use crate::sql::{DataType, TypeKind};

/// Joins on columns of which one is text and the other a number.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let Some(query) = subject.query() else { return Vec::new() };
    let dialect = subject.project.invocation.adapter.dialect();
    let is_text = |kind: &DataType| matches!(kind.kind(dialect), TypeKind::Text(_));
    let is_number = |kind: &DataType| kind.kind(dialect).is_number();
    let code = &query.compiled.code;
    let mut problems = Vec::new();
    for compared in query.analysis.facts.joins.iter().flat_map(|join| &join.compared) {
        let (Some(left), Some(right)) = (&compared.left_type, &compared.right_type) else { continue };
        if !(is_text(left) && is_number(right) || is_number(left) && is_text(right)) {
            continue;
        }
        let (one, other) = (code.get(compared.left.range()), code.get(compared.right.range()));
        let (Some(one), Some(other)) = (one, other) else { continue };
        // A constant is written as what it is compared with.
        if [one, other].iter().any(|side| side.starts_with(['\'', '"']) || side.parse::<f64>().is_ok()) {
            continue;
        }
        problems.push(Problem {
            code: Code::JoinTypeMismatch,
            message: format!("a join compares `{one}`, which is {left}, with `{other}`, which is {right}"),
            at: compared.left.to(compared.right),
            label: "every row is cast to be compared".to_owned(),
            also: Vec::new(),
            help: Some(
                "cast one side where it comes into the project, so that both are of one type".to_owned(),
            ),
        });
    }
    subject.in_own_project(&query, &problems)
}
