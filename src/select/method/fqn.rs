use crate::diagnostic::suggest;
use crate::manifest::{Manifest, Node, ResourceType};
use crate::select::Pattern;

/// `orders`, `shop.staging.orders`, `staging.*`: the end of a node's fully qualified name,
/// or its beginning, with or without the package. One version of a model is `orders.v2` or
/// `orders_v2`, all of them are `orders`. Sources have a method of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct FqnMethod {
    whole: Pattern,
    parts: Vec<Pattern>,
}

impl FqnMethod {
    pub(super) fn new(value: &str) -> Self {
        Self { whole: Pattern::new(value), parts: value.split('.').map(Pattern::new).collect() }
    }

    pub(super) fn matches(&self, node: &Node) -> bool {
        if node.resource_type == ResourceType::Source {
            return false;
        }
        let fqn: Vec<&str> = node.fqn.iter().map(String::as_str).collect();
        self.is_version(node, &fqn)
            || fqn.last().is_some_and(|name| self.whole.matches(name))
            || self.begins(&fqn)
            || fqn.split_first().is_some_and(|(_, inside)| self.begins(inside))
    }

    /// Whether this is a versioned model by its name, with its version or without.
    fn is_version(&self, node: &Node, fqn: &[&str]) -> bool {
        let has_version = node.model().is_some_and(|model| model.version.is_some());
        let (true, [.., name, version]) = (has_version, fqn) else { return false };
        let whole = self.whole.as_str();
        whole == *name || whole == format!("{name}.{version}") || whole == format!("{name}_{version}")
    }

    /// Whether the parts are the first of the name. From the first part with a wildcard
    /// on, all that is left of the name has to match all that is left of the value.
    fn begins(&self, fqn: &[&str]) -> bool {
        let segments: Vec<&str> = fqn.iter().flat_map(|segment| segment.split('.')).collect();
        if segments.len() < self.parts.len() {
            return false;
        }
        for (at, part) in self.parts.iter().enumerate() {
            if part.has_wildcard() {
                let rest = self.parts[at..].iter().map(Pattern::as_str).collect::<Vec<_>>().join(".");
                return Pattern::new(&rest).matches(&segments[at..].join("."));
            }
            if part.as_str() != segments[at] {
                return false;
            }
        }
        true
    }

    pub(super) fn suggestion(&self, manifest: &Manifest) -> Option<String> {
        let wanted = self.whole.as_str();
        let mut sources = manifest.nodes.values().filter(|node| node.resource_type == ResourceType::Source);
        if let Some(node) = sources.find(|node| node.search_name() == wanted || node.name == wanted) {
            return Some(format!("to select the source, write `source:{}`", node.search_name()));
        }
        if manifest.nodes.values().any(|node| node.tags.iter().any(|tag| tag == wanted)) {
            return Some(format!("to select by tag, write `tag:{wanted}`"));
        }
        let names = manifest.nodes.values().filter(|node| node.resource_type != ResourceType::Source);
        suggest::similar("node", wanted, names.map(|node| node.name.as_str()))
    }
}
