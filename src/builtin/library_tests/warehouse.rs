//! A stand-in for a warehouse and a project, which remembers what it is sent.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{
    Enumerator, Error, ErrorKind, Kwargs, Object, Rest, State, Value, dict_value, from_json, json_text,
    list_value, raise, return_value, to_json, tuple_value,
};
use serde_json::json;

/// Spaces and line ends as one space.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A relation with the type it has.
#[derive(Debug, Clone)]
struct Relation {
    database: &'static str,
    schema: &'static str,
    identifier: String,
    kind: String,
}

impl Relation {
    fn new(identifier: &str, kind: &str) -> Self {
        Self { database: "db", schema: "s", identifier: identifier.to_owned(), kind: kind.to_owned() }
    }

    fn value(self) -> Value {
        Value::from_object(self)
    }
}

impl Object for Relation {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "database" => Value::from(self.database),
            "schema" => Value::from(self.schema),
            "identifier" | "name" => Value::from(self.identifier.as_str()),
            "type" => Value::from(self.kind.as_str()),
            "is_view" => Value::from(self.kind == "view"),
            "is_table" => Value::from(self.kind == "table"),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["database", "schema", "identifier"])
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let keywords = Kwargs::try_from(args.last().cloned().unwrap_or_default())?;
        match method {
            "incorporate" => {
                let mut changed = (**self).clone();
                if let Some(path) = keywords.get::<Option<Value>>("path")? {
                    changed.identifier = path.get_attr("identifier")?.to_string();
                }
                if let Some(kind) = keywords.get::<Option<String>>("type")? {
                    changed.kind = kind;
                }
                Ok(changed.value())
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.database, self.schema, self.identifier)
    }
}

/// What a project configures and a warehouse has; remembers what it is sent.
#[derive(Debug)]
pub(super) struct Warehouse {
    config: serde_json::Value,
    flags: serde_json::Value,
    pub(super) hooks: [Value; 2],
    existing: Option<Relation>,
    columns: BTreeMap<&'static str, Vec<(&'static str, &'static str)>>,
    macros: Mutex<BTreeMap<String, Value>>,
    pub(super) sent: Mutex<Vec<String>>,
}

impl Warehouse {
    pub(super) fn new(existing: &[(&str, &str)]) -> Self {
        Self {
            config: json!({}),
            flags: json!({"FULL_REFRESH": false, "STORE_FAILURES": false}),
            hooks: [list_value(Vec::new()), list_value(Vec::new())],
            existing: existing.first().map(|(name, kind)| Relation::new(name, kind)),
            columns: BTreeMap::new(),
            macros: Mutex::default(),
            sent: Mutex::default(),
        }
    }

    pub(super) fn config(self, config: serde_json::Value) -> Self {
        Self { config, ..self }
    }

    pub(super) fn full_refresh(self) -> Self {
        Self { flags: json!({"FULL_REFRESH": true}), ..self }
    }

    /// Columns of a relation, by the end of its name, or of the seed.
    pub(super) fn columns(
        mut self,
        relation: &'static str,
        columns: &[(&'static str, &'static str)],
    ) -> Self {
        self.columns.insert(relation, columns.to_vec());
        self
    }

    pub(super) fn done(self) -> Arc<Self> {
        Arc::new(self)
    }

    fn send(&self, text: &str) {
        self.sent.lock().expect("nobody panicked").push(one_line(text));
    }

    /// The names that a materialization sees, as far as the library uses them.
    pub(super) fn context(self: &Arc<Self>, macros: BTreeMap<String, Value>) -> Value {
        self.macros.lock().expect("nobody panicked").clone_from(&macros);
        let dict = |macros: &BTreeMap<String, Value>| {
            dict_value(macros.iter().map(|(name, value)| (Value::from(name.as_str()), value.clone())))
        };
        let function = |name: &str, value: Value| (Value::from(name), value);
        let nothing = || Value::from_function(|_: Rest<Value>, _: Kwargs| Value::from(""));
        let compiler_error = |message: String| -> Result<Value, Error> {
            Err(raise(Diagnostic::error(Code::RaisedByMacro, message)))
        };
        let exceptions = dict_value([
            function("raise_compiler_error", Value::from_function(compiler_error)),
            function("warn", nothing()),
        ]);
        let mut names: Vec<(Value, Value)> = vec![
            function(
                "return",
                Value::from_function(|value: Value| -> Result<Value, Error> { Err(return_value(value)) }),
            ),
            function("render", Value::from_function(|text: String| text)),
            function("tojson", Value::from_function(|value: Value| json_text(&to_json(&value), None))),
            function("local_md5", Value::from_function(|text: String| format!("md5({text})"))),
            function("write", nothing()),
            function("store_result", nothing()),
            function("load_result", Value::from_function(|_: String| Value::from(()))),
            function("exceptions", exceptions),
            function("execute", Value::from(true)),
            function("adapter", Value::from_object(Adapter(Arc::clone(self)))),
            function("config", Value::from_object(Config(self.config.clone()))),
            function("flags", from_json(&self.flags)),
            function("this", Relation::new("m", "view").value()),
            function("sql", Value::from("select 1 as id")),
            function("target", from_json(&json!({"schema": "s", "name": "dev", "database": "db"}))),
            function(
                "model",
                from_json(
                    &json!({"name": "m", "description": "it's 설명", "columns": {}, "config": {"materialized": "incremental"}}),
                ),
            ),
            function("api", dict_value([function("Relation", Value::from_object(RelationClass))])),
            function("pre_hooks", self.hooks[0].clone()),
            function("post_hooks", self.hooks[1].clone()),
            function("dbt", dict(&macros)),
            function("context", dict(&macros)),
        ];
        names.extend(macros.into_iter().map(|(name, value)| (Value::from(name), value)));
        dict_value(names)
    }
}

#[derive(Debug)]
struct RelationClass;

impl Object for RelationClass {
    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, _: &str, args: &[Value]) -> Result<Value, Error> {
        let keywords = Kwargs::try_from(args.last().cloned().unwrap_or_default())?;
        let relation =
            Relation::new(&keywords.get::<String>("identifier")?, &keywords.get::<String>("type")?);
        Ok(Relation { database: "temp", schema: "main", ..relation }.value())
    }
}

#[derive(Debug)]
struct Config(serde_json::Value);

impl Object for Config {
    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let flag = |part: &str| Value::from(self.0["persist_docs"][part] == true);
        match method {
            "persist_relation_docs" => Ok(flag("relation")),
            "persist_column_docs" => Ok(flag("columns")),
            _ => {
                let key = args.first().map(Value::to_string).unwrap_or_default();
                let default = Kwargs::try_from(args.last().cloned().unwrap_or_default())
                    .and_then(|keywords| keywords.get::<Value>("default"));
                Ok(self.0.get(key).map_or_else(|| default.unwrap_or(Value::from(())), from_json))
            }
        }
    }
}

#[derive(Debug)]
struct Adapter(Arc<Warehouse>);

impl Object for Adapter {
    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let warehouse = &self.0;
        let text = |at: usize| args.get(at).map(Value::to_string).unwrap_or_default();
        let column = |(name, kind): &(&str, &str)| {
            from_json(
                &json!({"name": name, "type": kind, "data_type": kind, "quoted": format!("\"{name}\"")}),
            )
        };
        let columns = |relation: &str| {
            let found = warehouse.columns.iter().find(|(end, _)| relation.ends_with(**end));
            list_value(found.map(|(_, columns)| columns.iter().map(column).collect()).unwrap_or_default())
        };
        Ok(match method {
            "dispatch" => {
                let macros = warehouse.macros.lock().expect("nobody panicked");
                let names = ["duckdb__", "default__"].map(|prefix| format!("{prefix}{}", text(0)));
                let found = names.iter().find_map(|name| macros.get(name).cloned());
                found.ok_or_else(|| Error::new(ErrorKind::UnknownFunction, text(0)))?
            }
            "execute" => {
                let keywords = Kwargs::try_from(args.last().cloned().unwrap_or_default())?;
                let is_open = warehouse
                    .sent
                    .lock()
                    .expect("nobody panicked")
                    .iter()
                    .rev()
                    .take_while(|text| *text != "commit")
                    .any(|text| text == "begin");
                if keywords.get("auto_begin")? && !is_open {
                    warehouse.send("begin");
                }
                warehouse.send(&text(0));
                tuple_value(vec![Value::from("OK"), Value::from(())])
            }
            "commit" => {
                warehouse.send("commit");
                Value::from("")
            }
            "load_seed" => {
                warehouse.send(&format!("load {}", text(0)));
                Value::from("OK")
            }
            "get_relation" => {
                let wanted: String =
                    Kwargs::try_from(args.last().cloned().unwrap_or_default())?.get("identifier")?;
                let existing = warehouse.existing.clone().filter(|found| found.identifier == wanted);
                existing.map_or(Value::from(()), Relation::value)
            }
            "get_columns_in_relation" => columns(&text(0)),
            "infer_seed" => columns("seed"),
            "quote" | "quote_as_configured" => Value::from(format!("\"{}\"", text(0))),
            // It has no foreign keys.
            "is_ducklake" => Value::from(true),
            "type" => Value::from("duckdb"),
            "valid_incremental_strategies" => from_json(&json!(["delete+insert", "append", "merge"])),
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        })
    }
}
