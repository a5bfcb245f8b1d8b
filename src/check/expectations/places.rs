use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::jinja::scan;
use crate::manifest::Node;
use crate::text::{FileId, Files, Span};
use crate::yaml::{Mapping, Yaml, YamlKind, parse};

/// Finds where things are written, from a place that is known to be near: a properties file is
/// parsed again when it is first looked into.
pub(super) struct Places {
    files: Arc<Files>,
    trees: Mutex<HashMap<FileId, Arc<Option<Yaml>>>>,
}

impl Places {
    pub fn new(files: &Arc<Files>) -> Self {
        Self { files: Arc::clone(files), trees: Mutex::default() }
    }

    fn tree(&self, file: FileId) -> Arc<Option<Yaml>> {
        let known = self.trees.lock().unwrap_or_else(PoisonError::into_inner).get(&file).cloned();
        known.unwrap_or_else(|| {
            let source = self.files.get(file);
            let is_yaml = [".yml", ".yaml"].iter().any(|ending| source.path().ends_with(ending));
            // What is wrong with it was told when the project was read.
            let tree = Arc::new(if is_yaml { parse(&source).value } else { None });
            self.trees.lock().unwrap_or_else(PoisonError::into_inner).insert(file, Arc::clone(&tree));
            tree
        })
    }

    /// A value of the entry that has its `name` at `anchor`: below `config`, then directly.
    pub fn of_entry(&self, anchor: Span, key: &str) -> Option<Span> {
        let tree = self.tree(anchor.file);
        let entry = mapping_at((*tree).as_ref()?, anchor)?;
        let config = entry.get("config").and_then(Yaml::as_mapping);
        let found = config.and_then(|config| config.get(key)).or_else(|| entry.get(key))?;
        Some(value_span(found))
    }

    /// An argument of the data test whose name stands at `anchor`.
    pub fn of_test(&self, anchor: Span, argument: &str) -> Option<Span> {
        let tree = self.tree(anchor.file);
        let tree = (*tree).as_ref()?;
        // `- unique: {column_name: id}`, or `- {test_name: unique, column_name: id}`.
        let below = key_at(tree, anchor).and_then(Yaml::as_mapping);
        let body = below.or_else(|| mapping_at(tree, anchor))?;
        let nested = body.get("arguments").and_then(Yaml::as_mapping);
        let found = nested.and_then(|nested| nested.get(argument)).or_else(|| body.get(argument))?;
        Some(value_span(found))
    }

    /// The first key of that name in the rows that begin at `anchor`, in YAML; a cell of the
    /// first line where they are CSV.
    pub fn of_rows(&self, anchor: Span, column: &str) -> Span {
        let tree = self.tree(anchor.file);
        let in_yaml = (*tree).as_ref().and_then(|tree| {
            let rows = sequence_at(tree, anchor)?;
            let entries = rows.iter().filter_map(Yaml::as_mapping).flat_map(|row| &row.entries);
            entries.map(|(key, _)| key).find(|key| key.value == column).map(|key| key.span)
        });
        in_yaml.unwrap_or_else(|| self.narrow(anchor, column))
    }

    /// A part of a semantic model whose name stands at `anchor`: the `expr`, or else the name,
    /// of the item called `name` of the list `list`.
    pub fn of_part(&self, anchor: Span, list: &str, name: &str) -> Option<Span> {
        let tree = self.tree(anchor.file);
        let entry = mapping_at((*tree).as_ref()?, anchor)?;
        let items = entry.get(list)?.as_sequence()?;
        let named = |item: &&Mapping| item.get("name").and_then(Yaml::as_text) == Some(name);
        let item = items.iter().filter_map(Yaml::as_mapping).find(named)?;
        item.get("expr").or_else(|| item.get("name")).map(value_span)
    }

    /// Where a configuration of a node is written: in its template, or its properties.
    pub fn of_config(&self, node: &Node, key: &str) -> Span {
        let in_template = || {
            let file = self.files.get(node.body.file);
            let calls = scan(&file, node.body);
            let calls = calls.iter().rev().filter(|call| call.function == "config");
            let mut spans = calls.flat_map(|call| &call.keyword_spans);
            spans.find(|(name, _)| name == key).map(|(_, span)| *span)
        };
        let in_properties = || self.of_entry(node.patch?, key);
        let template = if node.raw_code.is_empty() { None } else { in_template() };
        template.or_else(in_properties).unwrap_or_else(|| {
            let place = node.patch.unwrap_or_else(|| node.place().part(0..0));
            if node.source().is_some() { place } else { place.part(0..place.len()) }
        })
    }

    /// The part of a place that is this name; all of it when the name is not in it.
    pub fn narrow(&self, place: Span, name: &str) -> Span {
        let text = self.files.slice(place);
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
        let found = text.match_indices(name).find(|(at, _)| {
            let (before, after) = (&text[..*at], &text[at + name.len()..]);
            !before.ends_with(is_part) && !after.starts_with(is_part)
        });
        match found {
            Some((at, _)) => place.part(at..at + name.len()),
            // A text of many lines is shown by its first.
            None => place.part(0..text.find('\n').unwrap_or(text.len())),
        }
    }
}

/// A mapping or list is many lines long: its first part is shown, unless it is on one line.
fn value_span(value: &Yaml) -> Span {
    match &value.kind {
        YamlKind::Sequence(_) | YamlKind::Mapping(_) => value.span,
        _ => value.place(),
    }
}

fn holds(yaml: &Yaml, anchor: Span) -> bool {
    yaml.span.start <= anchor.start && anchor.end <= yaml.span.end
}

/// Looks for something in the values that hold a place, the innermost first.
fn innermost<'y, T>(yaml: &'y Yaml, anchor: Span, find: &dyn Fn(&'y Yaml) -> Option<T>) -> Option<T> {
    let below = match &yaml.kind {
        YamlKind::Mapping(mapping) => mapping
            .entries
            .iter()
            .filter(|(_, value)| holds(value, anchor))
            .find_map(|(_, value)| innermost(value, anchor, find)),
        YamlKind::Sequence(items) => {
            items.iter().filter(|item| holds(item, anchor)).find_map(|item| innermost(item, anchor, find))
        }
        _ => None,
    };
    below.or_else(|| find(yaml))
}

/// The mapping that has a key or a value at a place.
fn mapping_at(tree: &Yaml, anchor: Span) -> Option<&Mapping> {
    innermost(tree, anchor, &|yaml| {
        let mapping = yaml.as_mapping()?;
        let is_there = mapping.entries.iter().any(|(key, value)| key.span == anchor || value.span == anchor);
        is_there.then_some(mapping)
    })
}

/// The value of the key at a place.
fn key_at(tree: &Yaml, anchor: Span) -> Option<&Yaml> {
    innermost(tree, anchor, &|yaml| {
        let mapping = yaml.as_mapping()?;
        mapping.entries.iter().find(|(key, _)| key.span == anchor).map(|(_, value)| value)
    })
}

/// The list that holds a place, with mappings in it.
fn sequence_at(tree: &Yaml, anchor: Span) -> Option<&[Yaml]> {
    innermost(tree, anchor, &|yaml| {
        let items = yaml.as_sequence()?;
        items.iter().all(|item| item.as_mapping().is_some()).then_some(items)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "models:
  - name: orders
    config: {unique_key: [id, 번호]}
    columns:
      - name: id
        data_tests:
          - accepted_values:
              arguments:
                values: [1]
                column_name: 번호
    data_tests:
      - {test_name: unique, column_name: 금액}
unit_tests:
  - name: t
    given:
      - rows:
          - {a: 1}
          - {a: 2, 다른: 3}
      - rows: |
          a,금액
          1,2
";

    fn anchor(file: FileId, text: &str) -> Span {
        let at = TEXT.find(text).expect("it is in the text");
        Span::new(file, at, at + text.len())
    }

    #[test]
    fn values_are_found_from_the_names_near_them() {
        let files = Arc::new(Files::new());
        let file = files.add("models/a.yml", TEXT).id();
        let places = Places::new(&files);
        let shown = |span: Option<Span>| span.map(|span| files.location(span));
        assert_eq!(
            shown(
                places.of_entry(anchor(file, "orders"), "unique_key").map(|span| places.narrow(span, "번호"))
            )
            .as_deref(),
            Some("models/a.yml:3:31")
        );
        assert_eq!(
            shown(places.of_test(anchor(file, "accepted_values"), "column_name")).as_deref(),
            Some("models/a.yml:10:30")
        );
        assert_eq!(
            shown(places.of_test(anchor(file, "unique, "), "column_name")),
            None,
            "the place must be just that of the name"
        );
        let at = TEXT.find("unique, ").expect("it is in the text");
        let name = Span::new(file, at, at + "unique".len());
        assert_eq!(shown(places.of_test(name, "column_name")).as_deref(), Some("models/a.yml:12:42"));
        let row = Span::new(file, TEXT.find("a: 1").unwrap_or(0), TEXT.find("a: 1").unwrap_or(0) + 1);
        assert_eq!(files.location(places.of_rows(row, "다른")), "models/a.yml:18:20");
        let csv = Span::new(file, TEXT.rfind("|\n").unwrap_or(0), TEXT.len());
        assert_eq!(files.location(places.of_rows(csv, "금액")), "models/a.yml:20:13");
    }
}
