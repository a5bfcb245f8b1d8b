use crate::manifest::Node;
use crate::select::Pattern;

/// `test_name:unique`: data tests that call that generic test, and unit tests of that name.
pub(super) fn matches(pattern: &Pattern, node: &Node) -> bool {
    of(node).is_some_and(|name| pattern.matches(name))
}

/// The generic test that a data test calls; a unit test's name.
pub(super) fn of(node: &Node) -> Option<&str> {
    if node.unit_test().is_some() {
        return Some(&node.name);
    }
    Some(node.data_test()?.metadata.as_ref()?.name.as_str())
}
