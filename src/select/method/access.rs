use crate::manifest::{Node, ResourceType};

/// `access:public`: models of that access; `protected` when a model says nothing.
pub(super) fn matches(access: &str, node: &Node) -> bool {
    node.resource_type == ResourceType::Model && node.config.text("access").unwrap_or("protected") == access
}
