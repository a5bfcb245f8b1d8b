use std::collections::BTreeMap;

use serde_json::Value;

use super::columns::{columns, constraint_text};
use super::contract::{Argument, Code, ConstraintText, Detail, ExposureText, Stats};
use super::facts::{facts, unit};
use super::known::Known;
use super::marks::{self, Targets};
use super::numbers::Item;
use crate::manifest::{Group, Language, Macro, MacroId, Node, NodeKind};
use crate::text::Span;

/// What the page of the item of that number needs.
pub(super) fn detail<'a>(known: &'a Known<'a>, id: usize) -> Detail<'a> {
    match known.numbers.items[id] {
        Item::Node(node) => of_node(known, id, node),
        Item::Macro(one) => of_macro(known, id, one),
        Item::Group(_, group) => of_group(group),
    }
}

fn of_node<'a>(known: &'a Known<'a>, id: usize, node: &'a Node) -> Detail<'a> {
    let model = node.model();
    let constraint = |constraint: &'a crate::manifest::Constraint| ConstraintText {
        kind: constraint.kind.name(),
        text: constraint_text(constraint),
    };
    Detail {
        description: &node.description,
        columns: columns(known, id, node),
        code: code(known, node),
        compiled: compiled(known, node),
        meta: Some(&node.meta).filter(|meta| !meta.is_empty()),
        config: config(node),
        patch: node.patch.map(|span| place(known, span)),
        tests: &known.tests[id],
        macros: known.numbers.all(node.depends_on_macros.iter().map(MacroId::as_str)),
        arguments: function_arguments(node),
        stats: stats(known, node),
        history: &known.history[id],
        constraints: model
            .map(|model| model.constraints.iter().map(constraint).collect())
            .unwrap_or_default(),
        exposure: exposure(node),
        unit: unit(node),
        facts: facts(node),
        ..Detail::default()
    }
}

/// The template as it is written, unless it is text that xform made.
fn code<'a>(known: &Known<'a>, node: &'a Node) -> Option<Code<'a>> {
    let is_generic = node.data_test().is_some_and(|test| test.metadata.is_some());
    let text: &str = &node.raw_code;
    if is_generic || text.trim().is_empty() {
        return None;
    }
    let targets = Targets { known, package: &node.package };
    let is_python = node.model().is_some_and(|model| model.language == Language::Python)
        || node.function().is_some_and(|function| function.language == Language::Python);
    let marks = if is_python {
        marks::python(text, &targets)
    } else {
        marks::template(text, known.material.dialect, &targets)
    };
    Some(Code { text, marks })
}

/// The SQL that the template became.
fn compiled<'a>(known: &Known<'a>, node: &'a Node) -> Option<Code<'a>> {
    let compiled = known.material.compiled?.get(&node.id)?;
    let text: &str = &compiled.code;
    if text.trim().is_empty() || node.model().is_some_and(|model| model.language == Language::Python) {
        return None;
    }
    let manifest = known.material.manifest;
    let mut relations: Vec<(String, usize)> = Vec::new();
    let ctes = compiled.ctes.iter().map(|cte| &cte.id);
    for parent in node.depends_on.iter().chain(ctes.clone()).filter_map(|id| manifest.node(id)) {
        // What stands in a CTE is read there.
        let inner = ctes.clone().any(|id| *id == parent.id).then_some(&parent.depends_on);
        for read in std::iter::once(&parent.id).chain(inner.into_iter().flatten()) {
            let Some(read) = manifest.node(read) else { continue };
            let name = read.relation.as_ref().filter(|_| !read.is_ephemeral()).map(ToString::to_string);
            if let (Some(name), Some(id)) = (name, known.numbers.find(read.id.as_str())) {
                relations.push((name, id));
            }
        }
    }
    for cte in &compiled.ctes {
        relations.extend(known.numbers.find(cte.id.as_str()).map(|id| (cte.name.clone(), id)));
    }
    relations.sort();
    relations.dedup();
    Some(Code { text, marks: marks::sql(text, known.material.dialect, &relations) })
}

/// What is configured, without what says nothing.
fn config(node: &Node) -> BTreeMap<&str, &Value> {
    // Shown on their own.
    let is_elsewhere = |key: &str| matches!(key, "meta" | "tags" | "group" | "docs" | "enabled");
    // A contract that is none.
    let is_off = |value: &Value| value.get("enforced") == Some(&Value::Bool(false));
    let values = node.config.values().iter();
    values
        .filter(|(key, value)| says_something(value) && !is_elsewhere(key) && !is_off(value))
        .map(|(key, value)| (key.as_str(), value))
        .collect()
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(all) => !all.is_empty(),
        Value::Object(all) => all.values().any(says_something),
        Value::String(text) => !text.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// `models/schema.yml:12`
fn place(known: &Known<'_>, span: Span) -> String {
    let file = known.material.files.get(span.file);
    let line = file.line_column(span.start as usize).line;
    format!("{}:{line}", file.path())
}

fn stats<'a>(known: &Known<'a>, node: &Node) -> Option<Stats<'a>> {
    let relation = known.material.catalog.relation(node.id.as_str())?;
    Some(Stats {
        rows: relation.rows,
        bytes: relation.bytes,
        owner: relation.owner.as_deref(),
        comment: relation.comment.as_deref().filter(|comment| *comment != node.description),
        kind: Some(relation.kind.as_str()).filter(|kind| !kind.is_empty()),
    })
}

fn exposure(node: &Node) -> Option<ExposureText<'_>> {
    let NodeKind::Exposure(exposure) = &node.kind else { return None };
    let owner = |key: &str| exposure.owner.get(key).and_then(Value::as_str);
    Some(ExposureText {
        kind: &exposure.kind,
        url: exposure.url.as_deref(),
        maturity: exposure.maturity.as_deref(),
        owner: owner("name").unwrap_or_default(),
        email: owner("email"),
    })
}

fn function_arguments(node: &Node) -> Vec<Argument<'_>> {
    let arguments = node.function().map(|function| function.arguments.as_slice()).unwrap_or_default();
    let argument = |argument| {
        let text = |key: &str| Value::get(argument, key).and_then(Value::as_str);
        Some(Argument {
            name: text("name")?,
            data_type: text("data_type"),
            description: text("description").unwrap_or_default(),
        })
    };
    arguments.iter().filter_map(argument).collect()
}

fn of_macro<'a>(known: &'a Known<'a>, id: usize, one: &'a Macro) -> Detail<'a> {
    let text: &str = &one.source;
    let targets = Targets { known, package: &one.package };
    Detail {
        description: &one.description,
        code: Some(Code { text, marks: marks::template(text, known.material.dialect, &targets) }),
        meta: Some(&one.meta).filter(|meta| !meta.is_empty()),
        patch: one.patch.map(|span| place(known, span)),
        macros: known.numbers.all(one.depends_on_macros.iter().map(MacroId::as_str)),
        called_by: &known.callers[id],
        arguments: one
            .arguments
            .iter()
            .map(|argument| Argument {
                name: &argument.name,
                data_type: argument.data_type.as_deref(),
                description: &argument.description,
            })
            .collect(),
        ..Detail::default()
    }
}

fn of_group(group: &Group) -> Detail<'_> {
    let owner = group.owner.iter().filter_map(|(key, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some((format!("owner's {key}").into(), text)).filter(|_| !value.is_null())
    });
    Detail {
        description: group.description.as_deref().unwrap_or_default(),
        facts: owner.collect(),
        ..Detail::default()
    }
}
