use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Manifest, Node, ResourceType};
use crate::select::Pattern;

/// `exposure:weekly_kpis`, `metric:shop.revenue`: a node of one kind by its name, before it
/// the package.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedMethod {
    kind: ResourceType,
    package: Option<Pattern>,
    name: Pattern,
}

impl NamedMethod {
    pub(super) fn new(raw: &str, kind: ResourceType, value: &str) -> Result<Self, Diagnostic> {
        let parts: Vec<&str> = value.split('.').collect();
        match parts.as_slice() {
            [name] => Ok(Self { kind, package: None, name: Pattern::new(name) }),
            [package, name] => {
                Ok(Self { kind, package: Some(Pattern::new(package)), name: Pattern::new(name) })
            }
            _ => {
                let method = kind.name();
                let message = format!("`{value}` in `{raw}` has more than two parts");
                Err(Diagnostic::new(Code::InvalidSelector, message)
                    .help(format!("write `{method}:name` or `{method}:package.name`")))
            }
        }
    }

    pub(super) fn matches(&self, node: &Node) -> bool {
        node.resource_type == self.kind
            && self.name.matches(&node.name)
            && self.package.as_ref().is_none_or(|package| package.matches(&node.package))
    }

    pub(super) fn suggestion(&self, manifest: &Manifest) -> Option<String> {
        let names = manifest.nodes.values().filter(|node| node.resource_type == self.kind);
        let kind = self.kind.name().replace('_', " ");
        suggest::similar(&kind, self.name.as_str(), names.map(|node| node.name.as_str()))
    }
}
