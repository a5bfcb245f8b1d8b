use crate::manifest::{Manifest, Node};
use crate::select::Pattern;

/// `package:dbt_utils`; `package:this` is the root project.
pub(super) fn matches(pattern: &Pattern, manifest: &Manifest, node: &Node) -> bool {
    match pattern.as_str() {
        "this" => node.package == manifest.project,
        _ => pattern.matches(&node.package),
    }
}
