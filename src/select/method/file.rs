use crate::manifest::Node;
use crate::select::Pattern;

/// `file:orders.sql`, `file:orders`: the file a node is written in, by name alone.
pub(super) fn matches(pattern: &Pattern, node: &Node) -> bool {
    let name = name(node);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    pattern.matches(name) || pattern.matches(stem)
}

/// The name of a node's file, without folders.
pub(super) fn name(node: &Node) -> &str {
    let path = node.original_file_path.as_str();
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}
