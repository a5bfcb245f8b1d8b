use serde_json::Value;

use crate::manifest::{Node, ResourceType};

/// `config.materialized:table`, `config.meta.contains_pii:true`.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigMethod {
    keys: Vec<String>,
    value: String,
}

impl ConfigMethod {
    pub(super) fn new(keys: Vec<String>, value: &str) -> Self {
        Self { keys, value: value.to_owned() }
    }

    /// Whether the node's config has the value; in a list, whether one item is it. What is not
    /// in the warehouse has no config that could be asked for, as in dbt.
    pub(super) fn matches(&self, node: &Node) -> bool {
        if !has_config(node.resource_type) {
            return false;
        }
        let Some((first, rest)) = self.keys.split_first() else { return false };
        let start = node.config.get(first);
        let found = rest.iter().try_fold(start, |at, key| at.map(|at| at.get(key)));
        found.flatten().is_some_and(|found| self.is(found))
    }

    fn is(&self, found: &Value) -> bool {
        match found {
            Value::Array(items) => items.iter().any(|item| self.is_scalar(item)),
            Value::Null | Value::Object(_) => false,
            scalar => self.is_scalar(scalar),
        }
    }

    fn is_scalar(&self, found: &Value) -> bool {
        match found {
            Value::String(text) if self.keys == ["severity"] => text.eq_ignore_ascii_case(&self.value),
            Value::String(text) => *text == self.value,
            Value::Bool(flag) => self.value.eq_ignore_ascii_case(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.value == number.to_string(),
            _ => false,
        }
    }
}

fn has_config(kind: ResourceType) -> bool {
    match kind {
        ResourceType::Model
        | ResourceType::Seed
        | ResourceType::Snapshot
        | ResourceType::Analysis
        | ResourceType::Test
        | ResourceType::Source
        | ResourceType::Function => true,
        ResourceType::Exposure
        | ResourceType::UnitTest
        | ResourceType::SemanticModel
        | ResourceType::Metric
        | ResourceType::SavedQuery
        | ResourceType::Operation
        | ResourceType::SqlOperation => false,
    }
}
