use std::fmt;
use std::sync::Arc;

use super::agate::index;
use super::arguments::{Arguments, unknown_method};
use super::values::{cell_value, dict, list};
use crate::adapter::{Cell, Rows};
use crate::jinja::{Enumerator, Error, Object, ObjectRepr, State, Tuple, Value, tuple_value};

/// A row: values by number and by the names of the columns.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) rows: Arc<Rows>,
    pub(super) at: usize,
}

impl Row {
    fn cells(&self) -> &[Cell] {
        self.rows.rows.get(self.at).map_or(&[], Vec::as_slice)
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, Value)> {
        self.rows.names.iter().map(String::as_str).zip(self.cells().iter().map(cell_value))
    }
}

impl Object for Row {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = match key.as_str() {
            Some(name) => self.rows.names.iter().position(|found| found == name)?,
            None => index(key, self.cells().len())?,
        };
        self.cells().get(at).map(cell_value)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.cells().len())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "keys" => Ok(tuple_value(self.pairs().map(|(name, _)| Value::from(name)).collect())),
            "values" => Ok(tuple_value(self.pairs().map(|(_, value)| value).collect())),
            "items" => Ok(list(self.pairs().map(|(name, value)| Value::from((name, value))).collect())),
            "dict" => Ok(dict(self.pairs())),
            "get" => {
                let args = Arguments::bind("row.get", &["key", "default"], args)?;
                let found = self.get_value(args.required("key")?);
                Ok(found.unwrap_or_else(|| args.get("default").cloned().unwrap_or(Value::from(()))))
            }
            _ => Err(unknown_method("row", method, ["keys", "values", "items", "dict", "get"])),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<Value> = self.cells().iter().map(cell_value).collect();
        write!(f, "<agate.Row: {}>", Value::from(Tuple::new(values)))
    }
}
