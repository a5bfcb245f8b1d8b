use super::subject::Subject;
use crate::analyze::{Input, Problem};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::NodeKind;
use crate::sql::RelationName;

/// Relations that a query names itself, so that the graph does not know of them.
pub(super) fn look(subject: &Subject<'_>) -> Vec<Diagnostic> {
    let Some(query) = subject.query() else { return Vec::new() };
    let own = subject.node.relation.as_ref().map(RelationName::key);
    let inputs = query.analysis.inputs.iter().enumerate();
    let problems: Vec<Problem> = inputs
        .filter(|(at, _)| query.inputs.get(*at).is_some_and(Option::is_none))
        .map(|(_, input)| input)
        .filter(|input| Some(input.relation.key()) != own && !is_apart(&input.relation))
        .map(|input| Problem {
            code: Code::HardCodedRelation,
            message: format!("`{}` is read without a `ref()` or `source()`", shown(&input.relation)),
            at: input.at,
            label: "the graph does not know that this model stands on it".to_owned(),
            also: Vec::new(),
            help: Some(help(subject, input)),
        })
        .collect();
    subject.in_own_project(&query, &problems)
}

/// Files, and what describes the warehouse itself.
fn is_apart(relation: &RelationName) -> bool {
    let name = relation.identifier.as_deref().unwrap_or_default();
    let schema = relation.schema.as_deref().unwrap_or_default().to_lowercase();
    let is_of_warehouse =
        |name: &str| ["information_schema", "pg_catalog"].contains(&name) || name.starts_with("duckdb_");
    name.contains(['/', '.', '*', '\\', ':'])
        || is_of_warehouse(&schema)
        || is_of_warehouse(&name.to_lowercase())
}

fn shown(relation: &RelationName) -> String {
    let parts = [&relation.schema, &relation.identifier];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(".")
}

/// The call that means the same, where a node makes the relation.
fn help(subject: &Subject<'_>, input: &Input) -> String {
    let identifier = input.relation.identifier.as_deref().unwrap_or_default();
    let key = input.relation.key();
    let is_it = |own: &RelationName| {
        own.identifier.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(identifier)) && own.key() == key
    };
    let mut nodes = subject.project.manifest.nodes.values();
    match nodes.find(|node| node.relation.as_ref().is_some_and(is_it)) {
        Some(node) => match &node.kind {
            NodeKind::Source(source) => {
                format!("write `{{{{ source('{}', '{}') }}}}`", source.source_name, node.name)
            }
            _ => format!("write `{{{{ ref('{}') }}}}`", node.name),
        },
        None => "declare it as a source, and read it with `source()`".to_owned(),
    }
}
