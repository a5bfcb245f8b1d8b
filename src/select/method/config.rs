use serde_json::Value;

use crate::manifest::{Node, NodeKind};
use crate::select::Pattern;

/// `config.materialized:table`, `config.meta.contains_pii:true`.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigMethod {
    keys: Vec<String>,
    value: Pattern,
}

impl ConfigMethod {
    pub(super) fn new(keys: Vec<String>, value: &str) -> Self {
        Self { keys, value: Pattern::new(value) }
    }

    /// Whether the node's config has the value; in a list, whether one item is it; in a
    /// mapping, whether one key is.
    pub(super) fn matches(&self, node: &Node) -> bool {
        if matches!(node.kind, NodeKind::Operation(_) | NodeKind::SqlOperation) {
            return false;
        }
        let Some((first, rest)) = self.keys.split_first() else { return false };
        let start = node.config.get(first);
        let found = rest.iter().try_fold(start, |at, key| at.map(|at| at.get(key)));
        found.flatten().is_some_and(|found| self.is(found))
    }

    fn is(&self, found: &Value) -> bool {
        match found {
            Value::Null => false,
            Value::Array(items) => items.iter().any(|item| self.is_scalar(item)),
            Value::Object(entries) => entries.keys().any(|key| self.value.matches(key)),
            scalar => self.is_scalar(scalar),
        }
    }

    fn is_scalar(&self, found: &Value) -> bool {
        match found {
            Value::String(text) if self.keys == ["severity"] => {
                text.eq_ignore_ascii_case(self.value.as_str())
            }
            Value::String(text) => self.value.matches(text),
            Value::Bool(flag) => {
                self.value.as_str().eq_ignore_ascii_case(if *flag { "true" } else { "false" })
            }
            Value::Number(number) => self.value.as_str() == number.to_string(),
            _ => false,
        }
    }
}
