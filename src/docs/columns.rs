use std::collections::HashMap;

use super::catalog::CatalogColumn;
use super::contract::{Column, Id};
use super::known::Known;
use crate::lineage::description;
use crate::manifest::{Constraint, ConstraintKind, Node, NodeKind};

/// How many columns of a node are known, are described and have a test; `None` for what has none.
pub(super) fn column_counts(known: &Known<'_>, id: Id, node: &Node) -> Option<[usize; 3]> {
    let names = names(known, node)?;
    let tests = tests_by_column(known, id);
    let is_described = |name: &&Named<'_>| text_of(known, node, name).is_some();
    let is_tested = |name: &&Named<'_>| tests.contains_key(&name.folded);
    Some([names.len(), names.iter().filter(is_described).count(), names.iter().filter(is_tested).count()])
}

/// The columns of a node: in the order of the relation where one is known, then those that only a
/// properties file tells of.
pub(super) fn columns<'a>(known: &Known<'a>, id: Id, node: &'a Node) -> Vec<Column<'a>> {
    let Some(names) = names(known, node) else { return Vec::new() };
    let mut tests = tests_by_column(known, id);
    let keys = node.model().map(|model| model.primary_key.as_slice()).unwrap_or_default();
    let column = |name: Named<'a>| {
        let declared = name.declared;
        let text = text_of(known, node, &name);
        let (text, inherited) = text.unwrap_or_default();
        Column {
            name: name.name,
            data_type: name.data_type,
            description: text,
            inherited,
            tests: tests.remove(&name.folded).unwrap_or_default(),
            tags: declared.map(|column| column.tags.as_slice()).unwrap_or_default(),
            meta: declared.map(|column| &column.meta).filter(|meta| !meta.is_empty()),
            constraints: declared
                .map(|column| column.constraints.iter().map(constraint_text).collect())
                .unwrap_or_default(),
            is_key: keys.iter().any(|key| key.to_lowercase() == name.folded),
        }
    };
    names.into_iter().map(column).collect()
}

/// A column and who told of it.
struct Named<'a> {
    name: &'a str,
    folded: String,
    data_type: Option<&'a str>,
    comment: Option<&'a str>,
    declared: Option<&'a crate::manifest::Column>,
}

/// What the warehouse told, then what the checker knows, then what is declared; each once.
fn names<'a>(known: &Known<'a>, node: &'a Node) -> Option<Vec<Named<'a>>> {
    let has_columns = node.resource_type.is_refable() || matches!(node.kind, NodeKind::Source(_));
    if !has_columns {
        return None;
    }
    let mut all: Vec<Named<'a>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut add = |name: &'a str| -> usize {
        let folded = name.to_lowercase();
        *places.entry(folded).or_insert_with_key(|folded| {
            let folded = folded.clone();
            all.push(Named { name, folded, data_type: None, comment: None, declared: None });
            all.len() - 1
        })
    };
    let relation = known.material.catalog.relation(node.id.as_str());
    let told: Vec<(usize, &'a CatalogColumn)> = relation
        .into_iter()
        .flat_map(|relation| &relation.columns)
        .map(|column| (add(&column.name), column))
        .collect();
    let schema = known.material.analysis.node(&node.id).and_then(|analysis| analysis.schema.as_ref());
    let checked: Vec<(usize, Option<&'a str>)> = schema
        .into_iter()
        .flat_map(|schema| &schema.columns)
        .map(|column| (add(&column.name), column.data_type.as_ref().map(crate::sql::DataType::as_str)))
        .collect();
    let declared: Vec<(usize, &'a crate::manifest::Column)> =
        node.columns.values().map(|column| (add(&column.name), column)).collect();
    for (at, column) in told {
        all[at].data_type = Some(column.data_type.as_str()).filter(|text| !text.is_empty());
        all[at].comment = column.comment.as_deref().filter(|text| !text.trim().is_empty());
    }
    for (at, data_type) in checked {
        all[at].data_type = all[at].data_type.or(data_type);
    }
    for (at, column) in declared {
        all[at].data_type = all[at].data_type.or(column.data_type.as_deref());
        all[at].declared = Some(column);
    }
    Some(all)
}

/// The description of a column, and the column further up that it was written for.
fn text_of<'a>(
    known: &Known<'a>,
    node: &'a Node,
    column: &Named<'a>,
) -> Option<(&'a str, Option<(Id, &'a str)>)> {
    if let Some(own) = description(node, column.name) {
        return Some((own, None));
    }
    let graph = known.material.graph;
    let inherited =
        graph.find(&node.id, column.name).and_then(|found| known.material.inherited.description(found));
    if let Some(inherited) = inherited {
        let from = known.numbers.find(graph.node(inherited.from).as_str());
        return Some((&inherited.text, from.map(|from| (from, graph.name(inherited.from)))));
    }
    column.comment.map(|comment| (comment, None))
}

/// The tests that were asked for by a column, by its name in small letters.
fn tests_by_column(known: &Known<'_>, id: Id) -> HashMap<String, Vec<Id>> {
    let mut tests: HashMap<String, Vec<Id>> = HashMap::new();
    for test in &known.tests[id] {
        let node = known.numbers.items[*test].node();
        let column = node.and_then(|node| node.data_test()?.column_name.as_deref());
        if let Some(column) = column {
            tests.entry(column.trim_matches(['"', '`']).to_lowercase()).or_default().push(*test);
        }
    }
    tests
}

/// A constraint in a line: `check (amount > 0)`.
pub(super) fn constraint_text(constraint: &Constraint) -> String {
    let mut words = vec![constraint.kind.name().replace('_', " ")];
    let in_brackets = |names: &[String]| format!("({})", names.join(", "));
    if !constraint.columns.is_empty() {
        words.push(in_brackets(&constraint.columns));
    }
    words.extend(constraint.expression.as_ref().map(|expression| match constraint.kind {
        ConstraintKind::Check => format!("({expression})"),
        _ => expression.clone(),
    }));
    if let Some(to) = &constraint.to {
        words.push(format!("→ {to}"));
        if !constraint.to_columns.is_empty() {
            words.push(in_brackets(&constraint.to_columns));
        }
    }
    words.join(" ")
}
