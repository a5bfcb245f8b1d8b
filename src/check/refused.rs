use crate::adapter::{Refusal, RefusalKind};
use crate::analyze::{Analysis, Problem};
use crate::diagnostic::{Code, suggest};

/// What a refusal of each kind is told as.
pub(super) fn code(kind: RefusalKind) -> Code {
    match kind {
        RefusalKind::Syntax => Code::SqlSyntax,
        RefusalKind::UnknownColumn => Code::UnknownColumn,
        RefusalKind::UnknownRelation => Code::UnknownRelation,
        RefusalKind::UnknownFunction => Code::UnknownFunction,
        RefusalKind::UnknownType => Code::UnknownType,
        RefusalKind::AmbiguousName => Code::AmbiguousColumn,
        RefusalKind::WrongArguments => Code::WrongArguments,
        RefusalKind::TypeMismatch => Code::TypeMismatch,
        RefusalKind::ColumnCount => Code::ColumnCount,
        RefusalKind::Ungrouped => Code::UngroupedColumn,
        RefusalKind::MisplacedAggregate => Code::MisplacedAggregate,
        RefusalKind::DuplicateColumn => Code::DuplicateColumn,
        RefusalKind::CannotTell | RefusalKind::Other => Code::DatabaseError,
    }
}

/// Whether our own analysis found what the judge refuses the query for.
pub(super) fn same_place(problem: &Problem, refusal: &Refusal) -> bool {
    let Some(place) = refusal.at else { return false };
    let is_there = problem.at.contains(place)
        || place.contains(problem.at)
        || (problem.at.start < place.end && place.start < problem.at.end);
    is_there && is_alike(problem.code, code(refusal.kind))
}

/// What is one thing to us may be another to a warehouse: types that do not fit are arguments
/// that no form of a function takes.
fn is_alike(one: Code, other: Code) -> bool {
    let family = |code: Code| match code {
        Code::WrongArguments | Code::TypeMismatch | Code::DatabaseError => Code::TypeMismatch,
        Code::UngroupedColumn | Code::MisplacedAggregate => Code::UngroupedColumn,
        other => other,
    };
    one == other || family(one) == family(other)
}

/// A refusal in our words, at its place in the query.
pub(super) fn of_refusal(refusal: &Refusal, analysis: Option<&Analysis>) -> Problem {
    let at = refusal.at.unwrap_or_default();
    let name = refusal.name.as_deref();
    let (message, label) = match (refusal.kind, name) {
        (RefusalKind::UnknownColumn, Some(name)) => {
            let only = analysis.map(|analysis| &analysis.inputs[..]).unwrap_or_default();
            let message = match only {
                [input] if input.is_known => {
                    let relation = input.relation.identifier.as_deref().unwrap_or_default();
                    format!("`{relation}` has no column `{name}`")
                }
                _ => format!("there is no column `{name}`"),
            };
            (message, "nothing that is read here has it".to_owned())
        }
        (RefusalKind::UnknownRelation, Some(name)) => {
            (format!("there is no relation `{name}`"), String::new())
        }
        (RefusalKind::UnknownFunction, Some(name)) => {
            (format!("there is no function `{name}`"), String::new())
        }
        (RefusalKind::UnknownType, Some(name)) => (format!("there is no type `{name}`"), String::new()),
        (RefusalKind::Ungrouped, Some(name)) => (
            format!("`{name}` is neither grouped by nor aggregated"),
            "many rows become one here, each with its own".to_owned(),
        ),
        _ => (said(&refusal.message), String::new()),
    };
    let noun = match refusal.kind {
        RefusalKind::UnknownRelation => "relation",
        RefusalKind::UnknownFunction => "function",
        RefusalKind::UnknownType => "type",
        _ => "column",
    };
    let candidates = refusal.candidates.iter().map(String::as_str);
    let help = match refusal.kind {
        RefusalKind::WrongArguments => forms(&refusal.candidates),
        RefusalKind::Ungrouped => {
            name.map(|name| format!("add it to GROUP BY, or take `any_value({name})` if any will do"))
        }
        _ => name.and_then(|name| suggest::similar(noun, name, candidates)),
    };
    Problem { code: code(refusal.kind), message, at, label, also: Vec::new(), help }
}

/// How a function may be called.
fn forms(forms: &[String]) -> Option<String> {
    let shown: Vec<String> = forms.iter().take(3).map(|form| format!("`{form}`")).collect();
    let more = if forms.len() > shown.len() { " …" } else { "" };
    (!shown.is_empty()).then(|| format!("it is called as {}{more}", shown.join(", ")))
}

/// The warehouse's words as one phrase: its first line, without the kind of error before it.
fn said(message: &str) -> String {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it is refused");
    let line = match line.split_once(": ") {
        Some((kind, rest)) if kind.ends_with("Error") => rest,
        _ => line,
    };
    // What is said after the first sentence is advice.
    let line = line.split_once(". ").map_or(line, |(first, _)| first);
    let mut letters = line.trim_end_matches(['.', '!']).chars();
    match letters.next() {
        Some(first) if letters.clone().next().is_some_and(char::is_lowercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        Some(first) => std::iter::once(first).chain(letters).collect(),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_warehouses_words_become_a_phrase() {
        assert_eq!(said("Binder Error: No function matches.\nLINE 1"), "no function matches");
        assert_eq!(said("UNION types differ"), "UNION types differ");
        assert_eq!(said("Catalog Error: Not there. You might add it."), "not there");
        assert_eq!(said(""), "it is refused");
    }
}
