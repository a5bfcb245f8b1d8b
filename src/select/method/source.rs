use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Manifest, Node};
use crate::select::Pattern;

/// `source:raw`, `source:raw.orders`, `source:shop.raw.orders`.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceMethod {
    written: String,
    package: Option<Pattern>,
    source: Pattern,
    table: Option<Pattern>,
}

impl SourceMethod {
    pub(super) fn new(raw: &str, value: &str) -> Result<Self, Diagnostic> {
        let written = value.to_owned();
        let parts: Vec<Pattern> = value.split('.').map(Pattern::new).collect();
        match <[Pattern; 3]>::try_from(parts) {
            Ok([package, source, table]) => {
                Ok(Self { written, package: Some(package), source, table: Some(table) })
            }
            Err(parts) if parts.len() < 3 => {
                let mut parts = parts.into_iter();
                let source = parts.next().unwrap_or_else(|| Pattern::new(""));
                Ok(Self { written, package: None, source, table: parts.next() })
            }
            Err(_) => {
                let message = format!("`{value}` in `{raw}` has more than three parts");
                Err(Diagnostic::new(Code::InvalidSelector, message)
                    .help("write `source:name`, `source:name.table` or `source:package.name.table`"))
            }
        }
    }

    pub(super) fn matches(&self, node: &Node) -> bool {
        let fits = |pattern: &Option<Pattern>, text: &str| pattern.as_ref().is_none_or(|it| it.matches(text));
        node.source().is_some_and(|source| {
            self.source.matches(&source.source_name)
                && fits(&self.table, &node.name)
                && fits(&self.package, &node.package)
        })
    }

    pub(super) fn suggestion(&self, manifest: &Manifest) -> Option<String> {
        let sources = || manifest.nodes.values().filter(|node| node.source().is_some());
        let names: Vec<String> = match &self.table {
            Some(_) => sources().map(Node::search_name).collect(),
            None => sources().filter_map(|node| Some(node.source()?.source_name.clone())).collect(),
        };
        suggest::similar("source", &self.written, names.iter().map(String::as_str))
    }
}
