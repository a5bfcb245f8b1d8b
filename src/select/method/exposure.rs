use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Manifest, Node, ResourceType};
use crate::select::Pattern;

/// `exposure:weekly_kpis`, `exposure:shop.weekly_kpis`: name, before it the package.
pub(super) fn parse(raw: &str, value: &str) -> Result<Vec<Pattern>, Diagnostic> {
    let parts: Vec<Pattern> = value.split('.').map(Pattern::new).collect();
    if parts.len() <= 2 {
        return Ok(parts);
    }
    let message = format!("`{value}` in `{raw}` has more than two parts");
    Err(Diagnostic::new(Code::InvalidSelector, message)
        .help("write `exposure:name` or `exposure:package.name`"))
}

pub(super) fn matches(parts: &[Pattern], node: &Node) -> bool {
    node.resource_type == ResourceType::Exposure
        && match parts {
            [name] => name.matches(&node.name),
            [package, name] => package.matches(&node.package) && name.matches(&node.name),
            _ => false,
        }
}

pub(super) fn suggestion(parts: &[Pattern], manifest: &Manifest) -> Option<String> {
    let names = manifest.nodes.values().filter(|node| node.resource_type == ResourceType::Exposure);
    suggest::similar("exposure", parts.last()?.as_str(), names.map(|node| node.name.as_str()))
}
