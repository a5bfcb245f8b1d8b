use std::collections::HashSet;
use std::sync::Arc;

use super::agate::Table;
use super::arguments::{Arguments, invalid, items};
use super::values::{cell_value, list};
use crate::adapter::{Cell, Rows};
use crate::jinja::{Enumerator, Error, Object, ObjectRepr, State, Value, tuple_value};

/// What of an agate table looks at the values of its rows.
impl Table {
    fn with_rows(&self, rows: Vec<Vec<Cell>>) -> Self {
        let (names, types) = (self.rows().names.clone(), self.rows().types.clone());
        self.changed(Rows { names, types, rows })
    }

    /// `order_by(key, reverse=False)`: by one column or several, nulls last, or by what a
    /// macro makes of a row.
    pub(super) fn order_by(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Self, Error> {
        let args = Arguments::bind("table.order_by", &["key", "reverse"], args)?;
        let is_reversed = args.flag("reverse", false);
        let mut keyed = self.keyed(state, args.required("key")?)?;
        keyed.sort_by(|(one, _), (two, _)| {
            let order = one.cmp(two);
            if is_reversed { order.reverse() } else { order }
        });
        Ok(self.with_rows(keyed.into_iter().map(|(_, row)| row).collect()))
    }

    /// `distinct(key=None)`: the first row of each key, or of each whole row.
    pub(super) fn distinct(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Self, Error> {
        let args = Arguments::bind("table.distinct", &["key"], args)?;
        let key = args.some("key").cloned().unwrap_or_else(|| self.names());
        let mut seen = HashSet::new();
        let rows = self.keyed(state, &key)?;
        let first = rows.into_iter().filter(|(key, _)| seen.insert(format!("{key:?}")));
        Ok(self.with_rows(first.map(|(_, row)| row).collect()))
    }

    /// `where(test)`: the rows for which a macro gives something true.
    pub(super) fn filtered(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Self, Error> {
        let args = Arguments::bind("table.where", &["test"], args)?;
        let test = args.required("test")?.clone();
        let mut rows = Vec::new();
        for (at, row) in self.rows().rows.iter().enumerate() {
            if test.call(state, &[self.row(at)])?.is_true() {
                rows.push(row.clone());
            }
        }
        Ok(self.with_rows(rows))
    }

    /// `group_by(key)`: a table for each value of a column.
    pub(super) fn group_by(&self, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let parameters = &["key", "key_name", "key_type"];
        let args = Arguments::bind("table.group_by", parameters, args)?;
        let key = args.required("key")?;
        if items(key).is_some() {
            return Err(invalid("`table.group_by` takes one column".to_owned()));
        }
        let mut groups: Vec<(Value, Vec<Vec<Cell>>)> = Vec::new();
        for (key, row) in self.keyed(state, key)? {
            let value = key.into_iter().next().map(|(_, value)| value).unwrap_or_default();
            match groups.iter_mut().find(|(known, _)| *known == value) {
                Some((_, rows)) => rows.push(row),
                None => groups.push((value, vec![row])),
            }
        }
        let tables = groups.into_iter().map(|(key, rows)| (key, self.with_rows(rows).into_value()));
        Ok(Value::from_object(TableSet(tables.collect())))
    }

    /// The rows, each with what it is told apart by: whether a value is null, and the value.
    fn keyed(&self, state: &mut State<'_, '_>, key: &Value) -> Result<Vec<(Key, Vec<Cell>)>, Error> {
        let places = match (key.as_str(), items(key)) {
            (None, Some(names)) => names.iter().map(|name| self.place(name)).collect::<Result<_, _>>()?,
            (Some(_), _) => vec![self.place(key)?],
            (None, None) => {
                let mut keyed = Vec::new();
                for (at, row) in self.rows().rows.iter().enumerate() {
                    let value = key.call(state, &[self.row(at)])?;
                    keyed.push((vec![(value.is_none(), value)], row.clone()));
                }
                return Ok(keyed);
            }
        };
        let key_of = |row: &Vec<Cell>| -> Key {
            let cells = places.iter().filter_map(|at| row.get(*at));
            cells.map(|cell| (cell.is_null(), cell_value(cell))).collect()
        };
        Ok(self.rows().rows.iter().map(|row| (key_of(row), row.clone())).collect())
    }
}

type Key = Vec<(bool, Value)>;

/// Tables by the value that they were grouped by.
#[derive(Debug)]
struct TableSet(Vec<(Value, Value)>);

impl Object for TableSet {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let by_key = self.0.iter().find(|(known, _)| known == key);
        let by_place = || self.0.get(super::agate::index(key, self.0.len())?);
        by_key.or_else(by_place).map(|(_, table)| table.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        _args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "keys" => Ok(tuple_value(self.0.iter().map(|(key, _)| key.clone()).collect())),
            "values" => Ok(tuple_value(self.0.iter().map(|(_, table)| table.clone()).collect())),
            "items" => {
                let pairs = self.0.iter();
                Ok(list(pairs.map(|(key, table)| tuple_value(vec![key.clone(), table.clone()])).collect()))
            }
            _ => Err(super::arguments::unknown_method("table set", method, ["keys", "values", "items"])),
        }
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("<agate.TableSet>")
    }
}
