use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::Picture;
use super::svg::colour;
use crate::manifest::ResourceType;

impl Picture {
    /// A flowchart, which GitHub and GitLab draw in a code block named `mermaid`.
    /// See <https://mermaid.js.org/syntax/flowchart.html>.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut text = "flowchart LR\n".to_owned();
        for (at, shape) in self.shapes.iter().enumerate() {
            let (open, close) = brackets(shape.kind);
            let kind = shape.kind.name();
            let _ = writeln!(text, "    n{at}{open}\"{}\"{close}:::{kind}", escaped(&shape.name));
        }
        for edge in &self.edges {
            let arrow = if edge.is_direct { "-->" } else { "-.->" };
            let _ = writeln!(text, "    n{} {arrow} n{}", edge.from, edge.to);
        }
        let kinds: BTreeSet<ResourceType> = self.shapes.iter().map(|shape| shape.kind).collect();
        for kind in kinds {
            let colour = colour(kind);
            let _ = writeln!(
                text,
                "    classDef {} fill:{},stroke:{},color:{}",
                kind.name(),
                colour.fill,
                colour.line,
                colour.text
            );
        }
        text.pop();
        text
    }
}

/// What the shape of a kind is written with.
fn brackets(kind: ResourceType) -> (&'static str, &'static str) {
    match kind {
        ResourceType::Source => ("[(", ")]"),
        ResourceType::Seed => ("[/", "/]"),
        ResourceType::Snapshot => ("[[", "]]"),
        ResourceType::Exposure => (">", "]"),
        ResourceType::Metric | ResourceType::SemanticModel | ResourceType::SavedQuery => ("{{", "}}"),
        ResourceType::Test | ResourceType::UnitTest => ("([", "])"),
        _ => ("[", "]"),
    }
}

/// Text between quotation marks: what Mermaid would read is written by its number.
fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '"' | '#' | '&' | ';' | '<' | '>' | '`' | '\\' | '*' => {
                let _ = write!(text, "#{};", u32::from(c));
            }
            c if c.is_control() => text.push(' '),
            c => text.push(c),
        }
    }
    text
}
