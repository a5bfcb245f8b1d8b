use std::fmt::{self, Write};
use std::sync::Arc;

use super::agate_column::Column;
use super::agate_row::Row;
use super::arguments::{Arguments, invalid, items, unknown_method};
use super::values::{cell_value, list};
use super::{LogLevel, LogSink};
use crate::adapter::{Cell, Rows};
use crate::jinja::{Enumerator, Error, Object, ObjectRepr, State, Value, is_tracing, tuple_value};
use crate::text::LineIndex;

/// The rows of a query as templates see them: as much of an agate table as dbt projects
/// use. See <https://agate.readthedocs.io/en/latest/api/table.html>.
#[derive(Clone)]
pub(super) struct Table {
    rows: Arc<Rows>,
    /// Where `print_table` prints to.
    log: Arc<dyn LogSink>,
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<agate.Table>")
    }
}

/// The rows behind a table that a template returned; `None` for any other value.
#[must_use]
pub fn rows_of(value: &Value) -> Option<Rows> {
    Table::find(value).map(|table| table.rows().clone())
}

const METHODS: &[&str] = &[
    "select",
    "exclude",
    "rename",
    "limit",
    "order_by",
    "distinct",
    "where",
    "group_by",
    "print_table",
    "print_csv",
    "print_json",
];

impl Table {
    pub(super) fn new(rows: Rows, log: &Arc<dyn LogSink>) -> Self {
        Self { rows: Arc::new(rows), log: Arc::clone(log) }
    }

    /// Other rows that print to the same place.
    pub(super) fn changed(&self, rows: Rows) -> Self {
        Self::new(rows, &self.log)
    }

    /// The table behind a value, if it is one.
    pub(super) fn find(value: &Value) -> Option<Arc<Self>> {
        value.downcast_object::<Self>()
    }

    pub(super) fn into_value(self) -> Value {
        Value::from_object(self)
    }

    pub(super) fn rows(&self) -> &Rows {
        &self.rows
    }

    pub(super) fn names(&self) -> Value {
        tuple_value(self.rows.names.iter().map(|name| Value::from(name.as_str())).collect())
    }

    pub(super) fn row(&self, at: usize) -> Value {
        Value::from_object(Row { rows: Arc::clone(&self.rows), at })
    }

    fn column(&self, at: usize) -> Value {
        Value::from_object(Column { rows: Arc::clone(&self.rows), at })
    }

    /// The place of a column by its name.
    pub(super) fn place(&self, name: &Value) -> Result<usize, Error> {
        let found = name.as_str().and_then(|name| self.rows.names.iter().position(|found| found == name));
        found.ok_or_else(|| {
            let names = self.rows.names.join("`, `");
            invalid(format!("the table has no column `{name}`; it has `{names}`"))
        })
    }

    /// The columns that names (one, or a list) mean.
    fn places(&self, function: &str, args: &[Value]) -> Result<Vec<usize>, Error> {
        let args = Arguments::bind(function, &["key"], args)?;
        let key = args.required("key")?;
        match items(key) {
            Some(names) => names.iter().map(|name| self.place(name)).collect(),
            None => Ok(vec![self.place(key)?]),
        }
    }

    fn with_columns(&self, places: &[usize]) -> Self {
        let pick = |texts: &[String]| places.iter().filter_map(|at| texts.get(*at).cloned()).collect();
        let cells = |row: &Vec<Cell>| places.iter().filter_map(|at| row.get(*at).cloned()).collect();
        self.changed(Rows {
            names: pick(&self.rows.names),
            types: pick(&self.rows.types),
            rows: self.rows.rows.iter().map(cells).collect(),
        })
    }

    fn rename(&self, args: &[Value]) -> Result<Self, Error> {
        let args = Arguments::bind("table.rename", &["column_names"], args)?;
        let wanted = args.required("column_names")?;
        let mut renamed = (*self.rows).clone();
        if let Some(names) =
            wanted.as_object().filter(|object| object.repr() != ObjectRepr::Map).and(items(wanted))
        {
            for (slot, name) in renamed.names.iter_mut().zip(names) {
                *slot = name.to_string();
            }
        } else {
            for slot in &mut renamed.names {
                if let Some(name) = wanted.get_attr(slot).ok().filter(|name| !name.is_undefined()) {
                    *slot = name.to_string();
                }
            }
        }
        Ok(self.changed(renamed))
    }

    /// The table as agate prints it: columns between bars, at most `most` rows.
    fn text(&self, most: usize) -> String {
        let cells = |row: &Vec<Cell>| row.iter().map(|cell| cell_value(cell).to_string()).collect::<Vec<_>>();
        let lines: Vec<Vec<String>> = self.rows.rows.iter().take(most).map(cells).collect();
        let width = |text: &String| LineIndex::display_width(text);
        let widths: Vec<usize> = (0..self.rows.names.len())
            .map(|at| {
                let column = lines.iter().filter_map(|line| line.get(at));
                self.rows.names.get(at).into_iter().chain(column).map(width).max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        let mut line = |cells: &[String]| {
            for (cell, width) in cells.iter().zip(&widths) {
                let padding = width.saturating_sub(LineIndex::display_width(cell));
                let _ = write!(text, "| {cell}{} ", " ".repeat(padding));
            }
            text.push_str("|\n");
        };
        line(&self.rows.names);
        line(&widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>());
        for cells in &lines {
            line(cells);
        }
        text
    }

    fn csv(&self) -> String {
        let field = |text: &str| match text.contains([',', '"', '\n']) {
            true => format!("\"{}\"", text.replace('"', "\"\"")),
            false => text.to_owned(),
        };
        let cell = |cell: &Cell| match cell {
            Cell::Null => String::new(),
            other => field(&cell_value(other).to_string()),
        };
        let head = self.rows.names.iter().map(|name| field(name)).collect::<Vec<_>>().join(",");
        let lines = self.rows.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join(","));
        std::iter::once(head).chain(lines).collect::<Vec<_>>().join("\n")
    }
}

impl Object for Table {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("rows") => Some(Value::from_object(Sequence { table: (**self).clone(), is_rows: true })),
            Some("columns") => Some(Value::from_object(Sequence { table: (**self).clone(), is_rows: false })),
            Some("column_names") => Some(self.names()),
            Some("column_types") => {
                Some(list(self.rows.types.iter().map(|name| Value::from(name.as_str())).collect()))
            }
            Some(_) => None,
            None => {
                let at = index(key, self.rows.rows.len())?;
                Some(self.row(at))
            }
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values((0..self.rows.rows.len()).map(|at| self.row(at)).collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.rows.rows.len())
    }

    /// A table is something also when it has no rows: `{% if results %}`.
    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "select" => Ok(self.with_columns(&self.places("table.select", args)?).into_value()),
            "exclude" => {
                let out = self.places("table.exclude", args)?;
                let kept: Vec<usize> = (0..self.rows.names.len()).filter(|at| !out.contains(at)).collect();
                Ok(self.with_columns(&kept).into_value())
            }
            "order_by" => Ok(self.order_by(state, args)?.into_value()),
            "distinct" => Ok(self.distinct(state, args)?.into_value()),
            "where" => Ok(self.filtered(state, args)?.into_value()),
            "group_by" => self.group_by(state, args),
            "rename" => Ok(self.rename(args)?.into_value()),
            "limit" => {
                let args = Arguments::bind("table.limit", &["start_or_stop", "stop", "step"], args)?;
                let number = |name: &str| -> Result<Option<usize>, Error> {
                    Ok(args.optional_integer(name)?.map(|number| usize::try_from(number).unwrap_or(0)))
                };
                let (start, stop) = match number("stop")? {
                    None => (0, number("start_or_stop")?),
                    stop => (number("start_or_stop")?.unwrap_or(0), stop),
                };
                let count = stop.unwrap_or(usize::MAX).saturating_sub(start);
                let step = number("step")?.unwrap_or(1).max(1);
                let rows = self.rows.rows.iter().skip(start).take(count).step_by(step).cloned().collect();
                let (names, types) = (self.rows.names.clone(), self.rows.types.clone());
                Ok(self.changed(Rows { names, types, rows }).into_value())
            }
            "print_table" | "print_csv" | "print_json" => {
                let args = Arguments::bind("table.print_table", &["max_rows", "max_columns"], args)?;
                let most = args.optional_integer("max_rows")?.map_or(Ok(20), usize::try_from);
                let text = match method {
                    "print_table" => self.text(most.unwrap_or(0)),
                    "print_csv" => self.csv(),
                    _ => self.rows.to_json().to_string(),
                };
                if !is_tracing(state) {
                    self.log.log(LogLevel::Print, text.trim_end());
                }
                Ok(Value::from(()))
            }
            _ => Err(unknown_method("table", method, METHODS.iter().copied())),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<agate.Table>")
    }
}

/// A place in a sequence, counted from the end when negative.
pub(super) fn index(key: &Value, length: usize) -> Option<usize> {
    let at = key.as_i64()?;
    let length = i64::try_from(length).ok()?;
    usize::try_from(if at < 0 { at + length } else { at })
        .ok()
        .filter(|at| i64::try_from(*at).is_ok_and(|at| at < length))
}

/// `table.rows` or `table.columns`: by number, columns by name too.
#[derive(Debug)]
struct Sequence {
    table: Table,
    is_rows: bool,
}

impl Sequence {
    fn len(&self) -> usize {
        if self.is_rows { self.table.rows.rows.len() } else { self.table.rows.names.len() }
    }

    fn item(&self, at: usize) -> Value {
        if self.is_rows { self.table.row(at) } else { self.table.column(at) }
    }
}

impl Object for Sequence {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let at = match key.as_str() {
            Some(_) if self.is_rows => return None,
            Some(name) => self.table.rows.names.iter().position(|found| found == name)?,
            None => index(key, self.len())?,
        };
        Some(self.item(at))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.len())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "keys" if !self.is_rows => Ok(self.table.names()),
            "values" => Ok(tuple_value((0..self.len()).map(|at| self.item(at)).collect())),
            "get" => {
                let args = Arguments::bind("columns.get", &["key", "default"], args)?;
                let found = self.get_value(args.required("key")?);
                Ok(found.unwrap_or_else(|| args.get("default").cloned().unwrap_or(Value::from(()))))
            }
            "items" if !self.is_rows => {
                let names = self.table.rows.names.iter().enumerate();
                Ok(list(names.map(|(at, name)| Value::from((name.as_str(), self.item(at)))).collect()))
            }
            _ => Err(unknown_method("sequence", method, ["keys", "values", "get", "items"])),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::context::testing::World;

    const TABLE: &str = "{% set t = run_query(\"select * from (values (1, '원'), (2, null), (2, '달러')) as v(id, unit) order by id, unit nulls first\") %}";

    #[test]
    fn tables_are_looked_into_in_many_ways() {
        let world = World::new();
        for (expression, expected) in [
            ("t.columns[0].values() ~ t.columns['unit'].values_without_nulls()", "(1, 2, 2)('원', '달러')"),
            ("t.columns['id'].values_distinct() ~ t.columns[1].name ~ t.columns[0][-1]", "[1, 2]unit2"),
            ("t.columns.keys() ~ (t.columns | length) ~ (t.rows | length)", "('id', 'unit')23"),
            ("t.rows[0].unit ~ t.rows[0]['id'] ~ t[-1][1] ~ t.rows[9]", "원1달러"),
            (
                "t.rows[0].dict() ~ t.rows[0].keys() ~ (t.rows[0].values() | length)",
                "{'id': 1, 'unit': '원'}('id', 'unit')2",
            ),
            ("t.rows[0].get('nope', 'x')", "x"),
            ("t.select(['unit']).column_names ~ t.exclude('unit').column_names", "('unit',)('id',)"),
            (
                "t.rename({'id': '번호'}).column_names ~ t.rename(['a', 'b']).column_names",
                "('번호', 'unit')('a', 'b')",
            ),
            ("t.limit(2) | length ~ ''", "2"),
            ("t.order_by('unit').rows | map(attribute='unit') | list", "['달러', '원', None]"),
            ("t.order_by(['id', 'unit'], reverse=true).rows[0].id", "2"),
            ("t.distinct('id').rows | length", "2"),
            ("t.distinct().rows | length", "3"),
            ("t.group_by('id').keys() ~ (t.group_by('id')[2] | length)", "(1, 2)2"),
            ("t.rows | map(attribute='id') | sum", "5"),
            ("t | map(attribute='unit') | first", "원"),
            ("t.columns | map(attribute='name') | list", "['id', 'unit']"),
            ("t | tojson | length > 10", "True"),
        ] {
            let text = format!("{TABLE}{{{{ {expression} }}}}|");
            assert_eq!(world.text(&text), format!("{expected}|"), "{expression}");
        }
    }

    #[test]
    fn tables_are_printed() {
        let world = World::new();
        world.text(&format!("{TABLE}{{% do t.print_table(max_rows=1) %}}{{% do t.print_csv() %}}"));
        let table = "Print: | id | unit |\n| -- | ---- |\n| 1  | 원   |";
        assert_eq!(world.heard.loud(), [table, "Print: id,unit\n1,원\n2,\n2,달러"]);
    }

    #[test]
    fn wrong_columns_are_told() {
        let world = World::new();
        assert_eq!(
            world.error(&format!("{TABLE}{{{{ t.select(['nope']) }}}}")),
            "invalid-arguments: the table has no column `nope`; it has `id`, `unit`"
        );
        assert_eq!(
            world.error(&format!("{TABLE}{{{{ t.selct() }}}}")),
            "undefined-name: `table` has no method `selct`"
        );
    }
}
