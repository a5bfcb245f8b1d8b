use std::rc::Rc;

use super::flow::Way;
use super::resolver::{Edges, Resolver};
use super::scope::{Entry, Open, Origin, Relation, RelationColumn, key};
use crate::sql::tree::{Alias, Argument, Name, TableFunction, TextRange};
use crate::sql::{DataType, Dialect};

impl<'q> Resolver<'q> {
    /// A function in FROM. What it is given decides on the rows, and is in every column.
    pub fn table_function(
        &mut self,
        function: &'q TableFunction,
        scope: usize,
        rows: &mut Edges,
    ) -> Vec<Entry> {
        if let Some(entries) = self.source_function(function, scope, rows) {
            return entries;
        }
        let mut edges = Edges::new();
        let mut first_type = None;
        for (place, argument) in function.arguments.iter().enumerate() {
            match argument {
                Argument::Expr(expr) | Argument::Named(_, expr) => {
                    self.walk(expr, scope, Way::Computed, &mut edges);
                    let data_type = self.type_of(expr, scope);
                    if place == 0 {
                        first_type = data_type;
                    }
                }
                Argument::Query(query) => {
                    let frame = self.frame_of(scope);
                    let relation = self.bind_query(query, Some(scope), frame, None);
                    edges.extend(relation.columns.iter().map(|column| (column.node, Way::Computed)));
                    rows.extend(relation.rows.map(|node| (node, Way::Rows)));
                }
                Argument::Star(_) => {}
            }
        }
        rows.extend(edges.iter().map(|(node, _)| (*node, Way::Filter)));
        let name = function.name.last().map(|name| key(&name.text)).unwrap_or_default();
        let (mut names, mut is_complete) = self.function_columns(&name, function, first_type.as_ref());
        if let Some(ordinality) = &function.ordinality {
            names.push((self.folded(ordinality), None));
        }
        let alias = function.alias.as_ref();
        if let Some(alias) = alias
            && !alias.columns.is_empty()
            && names.len() < alias.columns.len()
        {
            // Who names the columns knows how many there are.
            names = alias.columns.iter().map(|name| (name.text.clone(), None)).collect();
            is_complete = true;
        }
        let columns = names
            .iter()
            .map(|(name, data_type)| RelationColumn {
                name: name.as_str().into(),
                is_named: true,
                data_type: data_type.clone(),
                node: self.flow.add(edges.clone()),
                at: function.at,
            })
            .collect();
        let open = if is_complete { Vec::new() } else { vec![Open::Unknown] };
        if !is_complete {
            self.unknown(function.at, format!("the columns that `{name}` gives are not known"));
        }
        let relation = Relation::new(columns, open, None, Origin::Other);
        let relation = self.with_names(relation, alias);
        let (path, shown) = match alias {
            Some(alias) => (vec![key(&alias.name.text)], alias.name.text.clone()),
            None => (vec![name.clone()], name.clone()),
        };
        let is_value = self.dialect == Dialect::BigQuery && name == "unnest" && alias.is_some();
        let entries = self.enter(Rc::new(relation), path, shown, scope, rows);
        if is_value && let Some(relation) = self.scopes[scope].relations.last_mut() {
            relation.is_value = true;
        }
        entries
    }

    /// A function that stands for a relation of the project: a source that is read by it.
    fn source_function(
        &mut self,
        function: &'q TableFunction,
        scope: usize,
        rows: &mut Edges,
    ) -> Option<Vec<Entry>> {
        let relations = self.relations;
        let (relation, known) = relations.call(self.text.get(function.at.range())?)?;
        let id = relation.to_string().to_lowercase();
        let relation = self.known_input(id, relation.clone(), known, function.at);
        let name = function.name.last().map(|name| name.text.clone()).unwrap_or_default();
        let Some(alias) = &function.alias else {
            return Some(self.enter(relation, vec![key(&name)], name, scope, rows));
        };
        let copy = Relation::new(
            relation.columns.clone(),
            relation.open.clone(),
            relation.rows,
            relation.origin.clone(),
        );
        let named = Rc::new(self.with_names(copy, Some(alias)));
        let shown = alias.name.text.clone();
        Some(self.enter(named, vec![key(&shown)], shown, scope, rows))
    }

    /// The columns of a function as far as they are known, and whether these are all.
    fn function_columns(
        &self,
        name: &str,
        function: &TableFunction,
        argument: Option<&DataType>,
    ) -> (Vec<(String, Option<DataType>)>, bool) {
        let alias = function.alias.as_ref().map(|alias| alias.name.text.clone());
        let item = argument.and_then(|data_type| super::fields::item_type(data_type, self.dialect));
        let one = |name: &str, data_type: Option<DataType>| (vec![(name.to_owned(), data_type)], true);
        let some = |names: &[&str]| -> Vec<(String, Option<DataType>)> {
            names.iter().map(|name| ((*name).to_owned(), None)).collect()
        };
        match (self.dialect, name) {
            (Dialect::DuckDb, "range" | "generate_series") => {
                let is_number = argument.is_none_or(DataType::is_integer);
                one(name, is_number.then(|| DataType::new("BIGINT")))
            }
            (Dialect::DuckDb, "unnest") => {
                let is_recursive =
                    function.arguments.iter().any(|argument| matches!(argument, Argument::Named(..)));
                let is_struct = argument.is_some_and(|it| super::fields::fields(it, self.dialect).is_some());
                if is_recursive || is_struct {
                    return (Vec::new(), false);
                }
                one("unnest", item)
            }
            (Dialect::BigQuery, "unnest") => {
                let name = alias.unwrap_or_else(|| "f0_".to_owned());
                match item {
                    Some(item) => match super::fields::fields(&item, self.dialect) {
                        Some(fields) => (fields, true),
                        None => one(&name, Some(item)),
                    },
                    None => (vec![(name, None)], false),
                }
            }
            (
                Dialect::Postgres,
                "generate_series" | "generate_subscripts" | "regexp_split_to_table" | "string_to_table",
            ) => one(alias.as_deref().unwrap_or(name), None),
            (Dialect::Postgres | Dialect::Redshift, "unnest") => {
                let name = alias.unwrap_or_else(|| name.to_owned());
                let is_known = item.is_some() && function.arguments.len() == 1;
                (vec![(name, item)], is_known)
            }
            (Dialect::Postgres, "jsonb_each" | "json_each" | "jsonb_each_text" | "json_each_text") => {
                (some(&["key", "value"]), true)
            }
            (
                Dialect::Postgres,
                "jsonb_array_elements"
                | "json_array_elements"
                | "jsonb_array_elements_text"
                | "json_array_elements_text",
            ) => {
                // An alias names the only column, too.
                let mut columns = some(&["value"]);
                columns.extend(alias.map(|alias| (alias, None)));
                (columns, false)
            }
            (Dialect::Snowflake, "flatten") => {
                (some(&["SEQ", "KEY", "PATH", "INDEX", "VALUE", "THIS"]), true)
            }
            (Dialect::Snowflake, "split_to_table" | "strtok_split_to_table") => {
                (some(&["SEQ", "INDEX", "VALUE"]), true)
            }
            (Dialect::Spark | Dialect::Databricks, "explode" | "explode_outer") => {
                if argument.is_some_and(|it| it.base().to_lowercase().starts_with("map")) {
                    (some(&["key", "value"]), true)
                } else if let Some(item) = item {
                    one("col", Some(item))
                } else {
                    (some(&["col"]), false)
                }
            }
            (Dialect::Spark | Dialect::Databricks, "posexplode" | "posexplode_outer") => match item {
                Some(item) => (vec![("pos".to_owned(), None), ("col".to_owned(), Some(item))], true),
                None => (some(&["pos"]), false),
            },
            (Dialect::Spark | Dialect::Databricks, "range") => one("id", Some(DataType::new("bigint"))),
            _ => (Vec::new(), false),
        }
    }

    /// `FROM orders o, o.items`: a list in a relation that stands before.
    pub fn is_array_of_sibling(&self, name: &[Name], scope: usize) -> bool {
        matches!(self.dialect, Dialect::BigQuery | Dialect::Redshift | Dialect::Databricks)
            && name.len() > 1
            && {
                let first = key(&name[0].text);
                let mut at = Some(scope);
                std::iter::from_fn(|| {
                    let id = at?;
                    at = self.scopes[id].parent;
                    Some(id)
                })
                .any(|id| self.scopes[id].relations.iter().any(|found| found.path == [first.as_str()]))
            }
    }

    pub fn array_of_sibling(
        &mut self,
        name: &'q [Name],
        alias: Option<&'q Alias>,
        at: TextRange,
        scope: usize,
        rows: &mut Edges,
    ) -> Vec<Entry> {
        let mut edges = Edges::new();
        self.column(name, at, scope, Way::Computed, &mut edges);
        rows.extend(edges.iter().map(|(node, _)| (*node, Way::Filter)));
        let shown = alias.map_or_else(
            || name.last().map(|name| name.text.clone()).unwrap_or_default(),
            |alias| alias.name.text.clone(),
        );
        let node = self.flow.add(edges);
        let column =
            RelationColumn { name: shown.as_str().into(), is_named: true, data_type: None, node, at };
        let relation = Relation::new(vec![column], vec![Open::Unknown], None, Origin::Other);
        let entries = self.enter(Rc::new(relation), vec![key(&shown)], shown, scope, rows);
        if let Some(relation) = self.scopes[scope].relations.last_mut() {
            relation.is_value = true;
        }
        entries
    }
}
