use crate::manifest::Node;
use crate::select::Pattern;

/// `tag:nightly`: nodes with that tag.
pub(super) fn matches(pattern: &Pattern, node: &Node) -> bool {
    node.tags.iter().any(|tag| pattern.matches(tag))
}
