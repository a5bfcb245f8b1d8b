use std::fmt;
use std::sync::Arc;

use super::agate::index;
use super::arguments::unknown_method;
use super::values::{cell_value, list};
use crate::adapter::{Cell, Rows};
use crate::jinja::{Enumerator, Error, ErrorKind, Object, ObjectRepr, State, Value, tuple_value};

/// A column: its values by number, its `name`.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) rows: Arc<Rows>,
    pub(super) at: usize,
}

impl Column {
    fn cell(&self, row: usize) -> Option<&Cell> {
        self.rows.rows.get(row)?.get(self.at)
    }

    fn values(&self) -> Vec<Value> {
        (0..self.rows.rows.len()).filter_map(|row| self.cell(row)).map(cell_value).collect()
    }
}

impl Object for Column {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("name") => Some(Value::from(self.rows.names.get(self.at)?.as_str())),
            Some("index") => Some(Value::from(self.at)),
            Some("data_type") => Some(Value::from(self.rows.types.get(self.at)?.as_str())),
            Some(_) => None,
            None => self.cell(index(key, self.rows.rows.len())?).map(cell_value),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.rows.rows.len())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let is_null = |value: &Value| value.is_none();
        match (method, args) {
            ("values", []) => Ok(tuple_value(self.values())),
            ("values_distinct", []) => {
                let mut distinct: Vec<Value> = Vec::new();
                let mut seen = std::collections::BTreeSet::new();
                for value in self.values() {
                    if seen.insert(value.clone()) {
                        distinct.push(value);
                    }
                }
                Ok(list(distinct))
            }
            ("values_without_nulls", []) => {
                Ok(tuple_value(self.values().into_iter().filter(|value| !is_null(value)).collect()))
            }
            ("values_without_nulls_sorted", []) => {
                let mut values: Vec<Value> =
                    self.values().into_iter().filter(|value| !is_null(value)).collect();
                values.sort();
                Ok(list(values))
            }
            ("values_sorted", []) => {
                let mut values = self.values();
                values.sort_by_key(|value| (is_null(value), value.clone()));
                Ok(list(values))
            }
            ("index" | "count", _) => Err(Error::from(ErrorKind::UnknownMethod)),
            _ => {
                let known = [
                    "values",
                    "values_distinct",
                    "values_without_nulls",
                    "values_sorted",
                    "values_without_nulls_sorted",
                ];
                Err(unknown_method("column", method, known))
            }
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.rows.names.get(self.at).map_or("", String::as_str);
        write!(f, "<agate.Column: {name}>")
    }
}
