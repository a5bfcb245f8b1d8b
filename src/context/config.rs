use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value as Json};

use super::arguments::{Arguments, describe, invalid, split, unknown_method};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::jinja::{Error, Object, ObjectRepr, State, Value, from_json, raise, to_json};
use crate::manifest::{Node, ResourceType};

/// `config`, in any phase. See <https://docs.getdbt.com/reference/dbt-jinja-functions/config>.
#[derive(Debug)]
pub(super) struct Config {
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// Calls are remembered, after what is known already.
    Parse { known: Map<String, Json>, calls: Mutex<Vec<Map<String, Json>>> },
    /// All is known, calls do nothing.
    Execute { values: Map<String, Json> },
}

const METHODS: &[&str] =
    &["get", "require", "set", "meta_get", "meta_require", "persist_relation_docs", "persist_column_docs"];

impl Config {
    /// For parsing; `known` is the configuration from elsewhere.
    pub(super) fn parse(known: Map<String, Json>) -> Self {
        Self { phase: Phase::Parse { known, calls: Mutex::default() } }
    }

    pub(super) fn execute(values: Map<String, Json>) -> Self {
        Self { phase: Phase::Execute { values } }
    }

    /// The calls so far.
    pub(super) fn calls(&self) -> Vec<Map<String, Json>> {
        match &self.phase {
            Phase::Parse { calls, .. } => calls.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Phase::Execute { .. } => Vec::new(),
        }
    }

    fn find(&self, key: &str) -> Option<Json> {
        let found = match &self.phase {
            Phase::Execute { values } => values.get(key).cloned(),
            Phase::Parse { known, calls } => {
                let calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
                calls.iter().rev().find_map(|call| call.get(key).cloned()).or_else(|| known.get(key).cloned())
            }
        };
        found.filter(|value| !value.is_null())
    }

    fn is_parsing(&self) -> bool {
        matches!(self.phase, Phase::Parse { .. })
    }

    fn record(&self, args: &[Value]) -> Result<(), Error> {
        let said = read_config(args)?;
        self.add_calls([said]);
        Ok(())
    }

    /// Adds calls to those that are remembered.
    pub(super) fn add_calls(&self, said: impl IntoIterator<Item = Map<String, Json>>) {
        if let Phase::Parse { calls, .. } = &self.phase {
            calls.lock().unwrap_or_else(PoisonError::into_inner).extend(said);
        }
    }

    fn get(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::bind("config.get", &["name", "default", "validator"], args)?;
        let key = args.text("name")?;
        let Some(found) = self.find(&key) else {
            let nothing = if self.is_parsing() { Value::from("") } else { Value::from(()) };
            return Ok(args.get("default").cloned().unwrap_or(nothing));
        };
        validated(state, &args, from_json(&found))
    }

    fn require(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::bind("config.require", &["name", "validator"], args)?;
        let key = args.text("name")?;
        match self.find(&key) {
            Some(found) => validated(state, &args, from_json(&found)),
            // Not all is known yet.
            None if self.is_parsing() => Ok(Value::from("")),
            None => Err(self.missing(&key)),
        }
    }

    fn missing(&self, key: &str) -> Error {
        let known: Vec<String> = match &self.phase {
            Phase::Execute { values } => values.keys().cloned().collect(),
            Phase::Parse { .. } => Vec::new(),
        };
        let message = format!("the configuration `{key}` is required here and not set");
        let similar = suggest::similar("configuration", key, known.iter().map(String::as_str));
        let help = similar.unwrap_or_else(|| format!("set it with `{{{{ config({key}=…) }}}}` or in YAML"));
        raise(Diagnostic::error(Code::InvalidConfig, message).help(help))
    }

    /// Entries of the config's `meta`.
    fn meta(&self, method: &str, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::bind("config.meta_get", &["name", "default", "validator"], args)?;
        let key = args.text("name")?;
        let found =
            self.find("meta").and_then(|meta| meta.get(&key).cloned()).filter(|value| !value.is_null());
        match found {
            Some(found) => Ok(from_json(&found)),
            None if method == "meta_require" && !self.is_parsing() => {
                let message = format!("the entry `{key}` of `meta` is required here and not set");
                let help = format!("set it with `{{{{ config(meta={{'{key}': …}}) }}}}` or in YAML");
                Err(raise(Diagnostic::error(Code::InvalidConfig, message).help(help)))
            }
            None => Ok(args.get("default").cloned().unwrap_or(Value::from(()))),
        }
    }

    /// Whether `persist_docs` asks for the documentation of relations or columns.
    fn persists(&self, part: &str) -> bool {
        let docs = self.find("persist_docs");
        !self.is_parsing() && docs.and_then(|docs| docs.get(part)?.as_bool()).unwrap_or(false)
    }
}

/// What `config` knows of a node that is compiled or run: its configuration, and of a
/// snapshot the names of the columns it adds, all of them, as `snapshot_table_column_names`.
/// See <https://docs.getdbt.com/reference/resource-configs/snapshot_meta_column_names>.
pub(super) fn of_node(node: &Node) -> Map<String, Json> {
    let mut values = node.config.values().clone();
    if node.resource_type == ResourceType::Snapshot {
        let own = node.config.get("snapshot_meta_column_names");
        let names = SNAPSHOT_COLUMNS.map(|name| {
            let named = own.and_then(|own| own.get(name)).filter(|named| !named.is_null());
            (name.to_owned(), named.cloned().unwrap_or_else(|| Json::from(name)))
        });
        values.insert("snapshot_table_column_names".to_owned(), Json::Object(names.into_iter().collect()));
    }
    values
}

/// Reads the arguments of `config(key=value)` or `config({'key': value})`.
pub(super) fn read_config(args: &[Value]) -> Result<Map<String, Json>, Error> {
    let (positional, keywords) = split(args);
    let mut said = Map::new();
    match positional {
        [] => {}
        [mapping] => match to_json(mapping) {
            Json::Object(entries) if keywords.is_empty() => said = entries,
            _ => {
                let found = describe(mapping);
                return Err(invalid(format!("`config` takes keywords or one mapping, not {found}")));
            }
        },
        _ => return Err(invalid("`config` takes keywords or one mapping")),
    }
    said.extend(keywords.into_iter().map(|(name, value)| (name, to_json(&value))));
    Ok(said)
}

/// The columns that a snapshot adds to those of its query.
const SNAPSHOT_COLUMNS: [&str; 5] =
    ["dbt_valid_to", "dbt_valid_from", "dbt_scd_id", "dbt_updated_at", "dbt_is_deleted"];

/// The value after what a template's `validator` had to say of it.
fn validated(state: &mut State<'_, '_>, args: &Arguments, value: Value) -> Result<Value, Error> {
    if let Some(validator) = args.some("validator") {
        validator.call(state, std::slice::from_ref(&value))?;
    }
    Ok(value)
}

impl Object for Config {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        if key == "model" || METHODS.contains(&key) {
            return None;
        }
        self.find(key).map(|value| from_json(&value))
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.record(args)?;
        Ok(Value::from(""))
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "get" => self.get(state, args),
            "require" => self.require(state, args),
            "set" => {
                let args = Arguments::bind("config.set", &["name", "value"], args)?;
                let said = Value::from(crate::jinja::Kwargs::from_iter([(
                    args.text("name")?,
                    args.required("value")?.clone(),
                )]));
                self.record(&[said])?;
                Ok(Value::from(""))
            }
            "meta_get" | "meta_require" => self.meta(method, args),
            "persist_relation_docs" => Ok(Value::from(self.persists("relation"))),
            "persist_column_docs" => Ok(Value::from(self.persists("columns"))),
            _ => Err(unknown_method("config", method, METHODS.iter().copied())),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<config>")
    }
}
