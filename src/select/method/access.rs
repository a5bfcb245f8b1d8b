use crate::manifest::{Node, ResourceType};
use crate::select::Pattern;

/// `access:public`: models of that access; `protected` when a model says nothing.
pub(super) fn matches(pattern: &Pattern, node: &Node) -> bool {
    node.resource_type == ResourceType::Model
        && pattern.matches(node.config.text("access").unwrap_or("protected"))
}
