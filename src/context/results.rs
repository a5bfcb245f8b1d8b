use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::agate::Table;
use super::arguments::Arguments;
use super::function::pure;
use super::response::ResponseValue;
use super::values::{cell_value, list};
use super::wire::Wire;
use crate::adapter::{Response, Rows};
use crate::jinja::{Enumerator, Object, Value};

/// What statements were answered, by the names they were given.
/// See <https://docs.getdbt.com/reference/dbt-jinja-functions/statement-blocks>.
#[derive(Debug, Default)]
pub(super) struct Results {
    by_name: Mutex<BTreeMap<String, Value>>,
}

/// The statement that a node is reported by.
const MAIN: &str = "main";

/// `load_result`, `store_result` and `store_raw_result`; without a wire, while the project
/// is parsed, nothing is ever there.
pub(super) fn functions(wire: Option<&Arc<Wire>>) -> Vec<(&'static str, Value)> {
    let results = Arc::new(Results::default());
    let (load, store, store_raw) = (Arc::clone(&results), Arc::clone(&results), results);
    let (wire, raw_wire) = (wire.cloned(), wire.cloned());
    vec![
        (
            "load_result",
            pure("load_result", move |args| {
                let args = Arguments::bind("load_result", &["name"], args)?;
                Ok(load.find(&args.text("name")?))
            }),
        ),
        (
            "store_result",
            pure("store_result", move |args| {
                let args = Arguments::bind("store_result", &["name", "response", "agate_table"], args)?;
                let response = args.required("response")?;
                let table = args.some("agate_table");
                store.store(&args.text("name")?, response, table, wire.as_deref());
                Ok(Value::from(""))
            }),
        ),
        (
            "store_raw_result",
            pure("store_raw_result", move |args| {
                let parameters = &["name", "message", "code", "rows_affected", "agate_table"];
                let args = Arguments::bind("store_raw_result", parameters, args)?;
                let text = |name: &str| args.some(name).map(ToString::to_string);
                let rows = args.some("rows_affected").and_then(Value::as_usize);
                let response = ResponseValue::value(Response {
                    message: text("message").or_else(|| text("code")).unwrap_or_default(),
                    rows_affected: rows.map(|rows| rows as u64),
                });
                store_raw.store(
                    &args.text("name")?,
                    &response,
                    args.some("agate_table"),
                    raw_wire.as_deref(),
                );
                Ok(Value::from(""))
            }),
        ),
    ]
}

impl Results {
    fn find(&self, name: &str) -> Value {
        let by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        by_name.get(name).cloned().unwrap_or(Value::from(()))
    }

    fn store(&self, name: &str, response: &Value, table: Option<&Value>, wire: Option<&Wire>) {
        if let (MAIN, Some(wire)) = (name, wire) {
            let rows: Option<Rows> = table.and_then(Table::find).map(|table| table.rows().clone());
            wire.change_handle(|handle| {
                handle.response = Some(ResponseValue::read(response));
                handle.rows = rows;
            });
        }
        let result = StatementResult { response: response.clone(), table: table.cloned() };
        let mut by_name = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        by_name.insert(name.to_owned(), Value::from_object(result));
    }
}

/// One answer: `response`, `table`, and the rows as lists in `data`.
#[derive(Debug)]
struct StatementResult {
    response: Value,
    table: Option<Value>,
}

impl StatementResult {
    fn data(&self) -> Value {
        let table = self.table.as_ref().and_then(Table::find);
        let rows = table.as_ref().map_or(&[][..], |table| table.rows().rows.as_slice());
        list(rows.iter().map(|row| list(row.iter().map(cell_value).collect())).collect())
    }
}

impl Object for StatementResult {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "response" => Some(self.response.clone()),
            "table" => Some(self.table.clone().unwrap_or(Value::from(()))),
            "data" => Some(self.data()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["response", "data", "table"])
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<result {}>", self.response)
    }
}
