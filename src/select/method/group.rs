use crate::manifest::Node;
use crate::select::Pattern;

/// `group:finance`: nodes of that group.
pub(super) fn matches(pattern: &Pattern, node: &Node) -> bool {
    node.group.as_deref().is_some_and(|group| pattern.matches(group))
}
