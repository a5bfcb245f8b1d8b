use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::NodeConfig;

/// The configurations of nodes, equal ones kept once: a project has few that differ, and each has
/// a score of keys.
#[derive(Debug, Default)]
pub struct SharedConfigs {
    hasher: RandomState,
    /// By the hash of what is in them.
    known: Mutex<HashMap<u64, Vec<Values>>>,
}

type Values = Arc<Map<String, Value>>;

impl SharedConfigs {
    /// Puts in the place of a configuration an earlier one that is the same, if there is one.
    pub fn share(&self, config: &mut NodeConfig) {
        let hash = self.hasher.hash_one(&*config.values);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let alike = known.entry(hash).or_default();
        match alike.iter().find(|one| is_same_map(one, &config.values)) {
            Some(one) => config.values = Arc::clone(one),
            None => alike.push(Arc::clone(&config.values)),
        }
    }
}

/// Whether they are written the same way: entries in the same order, too.
fn is_same_map(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    let same = |((key, value), (other_key, other))| key == other_key && is_same(value, other);
    one.len() == other.len() && one.iter().zip(other).all(same)
}

fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => is_same_map(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        // 0.0 equals -0.0.
        (Value::Number(one), Value::Number(other)) => one == other && one.to_string() == other.to_string(),
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config(values: Value) -> NodeConfig {
        match values {
            Value::Object(values) => NodeConfig::new(values),
            other => panic!("{other} is no configuration"),
        }
    }

    #[test]
    fn only_what_is_written_the_same_way_is_shared() {
        let shared = SharedConfigs::default();
        let mut first = config(json!({"tags": ["밤"], "meta": {"a": 0.0, "b": null}}));
        let mut same = first.clone();
        same.values = Arc::new(Map::clone(&first.values));
        let others = [
            json!({"meta": {"a": 0.0, "b": null}, "tags": ["밤"]}),
            json!({"tags": ["밤"], "meta": {"b": null, "a": 0.0}}),
            json!({"tags": ["밤"], "meta": {"a": -0.0, "b": null}}),
            json!({"tags": ["밤"], "meta": {"a": 0, "b": null}}),
            json!({"tags": ["밤", "밤"], "meta": {"a": 0.0, "b": null}}),
        ];
        shared.share(&mut first);
        shared.share(&mut same);
        assert!(Arc::ptr_eq(&first.values, &same.values));
        for other in others {
            let mut shared_one = config(other.clone());
            shared.share(&mut shared_one);
            assert!(!Arc::ptr_eq(&first.values, &shared_one.values), "{other}");
            assert_eq!(json!(shared_one.values()).to_string(), other.to_string());
        }
    }
}
