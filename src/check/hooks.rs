use serde_json::Value;

use super::inspect::is_of_ours;
use crate::manifest::{HookEvent, Manifest, Node, NodeKind};

/// What the project's hooks may make that no node tells of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Hooks {
    /// Functions, types, extensions, settings.
    pub(super) may_make_functions: bool,
    /// Tables: they, or materializations that are not ours.
    pub(super) may_make_tables: bool,
}

impl Hooks {
    pub(super) fn of(manifest: &Manifest) -> Self {
        let mut hooks = Self::default();
        for node in manifest.nodes.values() {
            let is_at_start =
                matches!(&node.kind, NodeKind::Operation(hook) if hook.event == HookEvent::RunStart);
            hooks.may_make_tables |= !is_of_ours(node);
            hooks.may_make_functions |= is_at_start && may_make(&node.raw_code);
            for key in ["pre-hook", "post-hook"] {
                hooks.may_make_functions |= texts(node, key).any(may_make);
            }
            hooks.may_make_functions |= node.config.get("sql_header").is_some();
        }
        hooks.may_make_tables |= hooks.may_make_functions;
        hooks
    }
}

/// Whether the columns of a node's relation may be others than its query gives, for what runs
/// after it is built.
pub(super) fn may_alter(node: &Node) -> bool {
    let mut texts = texts(node, "post-hook");
    texts.any(|text| text.to_lowercase().contains("alter") || calls_macro(text))
}

fn may_make(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = ["create", "load", "install", "attach", "set ", "use ", "import"];
    words.iter().any(|word| lower.contains(word)) || calls_macro(text)
}

/// Whether a hook calls anything but the node's own relation by name: what macros do, nobody
/// knows.
fn calls_macro(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, inside)) = rest.split_once("{{") {
        let (call, after) = inside.split_once("}}").unwrap_or((inside, ""));
        let call = call.trim_matches(['-', ' ', '\n', '\t']);
        let is_plain = call == "this"
            || ["ref(", "source(", "var(", "env_var(", "target.", "this."]
                .iter()
                .any(|known| call.starts_with(known));
        if !is_plain {
            return true;
        }
        rest = after;
    }
    text.contains("{%")
}

/// The hooks of a node under a key, as text.
fn texts<'a>(node: &'a Node, key: &str) -> impl Iterator<Item = &'a str> {
    let list = match node.config.get(key) {
        Some(Value::Array(hooks)) => hooks.iter().collect(),
        Some(hook) => vec![hook],
        None => Vec::new(),
    };
    list.into_iter().filter_map(|hook| hook.as_str().or_else(|| hook.get("sql")?.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hooks_that_can_make_something_count() {
        assert!(!may_make("grant select on {{ this }} to reporter"));
        assert!(!may_make("insert into log select * from {{ ref('주문') }}"));
        assert!(may_make("CREATE MACRO f(x) AS x"));
        assert!(may_make("{{ make_functions() }}"));
        assert!(may_make("{% do make() %}"));
    }
}
