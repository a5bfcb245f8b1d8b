use serde_json::Value;

use super::places::Places;
use crate::adapter::duckdb::error::told;
use crate::adapter::{Refusal, RefusalKind};
use crate::sql::tree::{
    Body, Cte, Distinct, Expr, GroupBy, Name, OrderKey, Query, Select, SetOperation, SetOperator, TextRange,
};

pub(super) type Lowered<T> = Result<T, Refusal>;

/// Reads a query with DuckDB's parser.
///
/// # Errors
/// It is no query, or one that DuckDB does not write as JSON: where its columns depend on data.
pub(in crate::adapter::duckdb) fn read(connection: &::duckdb::Connection, sql: &str) -> Lowered<Query> {
    let ask =
        "select json_serialize_sql(?::varchar, skip_null := true, skip_empty := true, skip_default := true)";
    let answer: Result<String, _> = connection.query_row(ask, [sql], |row| row.get(0));
    let json = match answer {
        Ok(text) => serde_json::from_str(&text).ok(),
        Err(error) => told(&error.to_string()),
    };
    let Some(json) = json else { return Err(unreadable("it is nested too deeply")) };
    let node = json.get("statements").and_then(Value::as_array).filter(|statements| statements.len() == 1);
    let Some(node) = node.and_then(|statements| statements[0].get("node")) else {
        let kind = match json.get("error_type").and_then(Value::as_str) {
            Some("parser") => RefusalKind::Syntax,
            _ => RefusalKind::CannotTell,
        };
        let message = json.get("error_message").and_then(Value::as_str).unwrap_or("it is not one query");
        return Err(Refusal::new(kind, message));
    };
    let places = Places::new(sql);
    let whole = places.whole();
    Lower { places }.query_at(node, whole)
}

pub(super) fn unreadable(why: &str) -> Refusal {
    Refusal::new(RefusalKind::CannotTell, why)
}

/// Makes our tree of DuckDB's.
pub(super) struct Lower<'a> {
    pub places: Places<'a>,
}

pub(super) fn text<'v>(json: &'v Value, key: &str) -> &'v str {
    json.get(key).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn items<'v>(json: &'v Value, key: &str) -> &'v [Value] {
    json.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

pub(super) fn is(json: &Value, key: &str) -> bool {
    json.get(key).and_then(Value::as_bool).unwrap_or_default()
}

pub(super) fn strings<'v>(json: &'v Value, key: &str) -> Vec<&'v str> {
    items(json, key).iter().filter_map(Value::as_str).collect()
}

/// Whether a side of a set operation has clauses of its own, for which it stands in brackets.
fn has_clauses(node: &Value) -> bool {
    items(node, "modifiers").iter().any(|modifier| text(modifier, "type") != "DISTINCT_MODIFIER")
        || node.get("cte_map").is_some_and(|map| !items(map, "map").is_empty())
}

/// The sides of a set operation in the order of the text. Of many unions in a row DuckDB makes
/// a balanced tree.
fn gather_sides<'v>(node: &'v Value, sides: &mut Vec<&'v Value>) {
    for side in [&node["left"], &node["right"]] {
        let is_more = text(node, "setop_type").starts_with("UNION")
            && text(side, "setop_type") == text(node, "setop_type")
            && side.get("setop_all") == node.get("setop_all")
            && !has_clauses(side);
        if is_more {
            gather_sides(side, sides);
        } else {
            sides.push(side);
        }
    }
}

impl Lower<'_> {
    /// A query in brackets somewhere.
    pub fn query(&self, node: &Value) -> Lowered<Query> {
        let at = match self.places.first_in(node) {
            Some(index) => self.places.query_around(index),
            None => self.places.whole(),
        };
        self.query_at(node, at)
    }

    fn query_at(&self, node: &Value, at: TextRange) -> Lowered<Query> {
        let first = self.places.word_from(at.start);
        let mut query = Query {
            ctes: Vec::new(),
            is_recursive: self.places.words.is(first, "with") && self.places.words.is(first + 1, "recursive"),
            body: self.body(node, at)?,
            order_by: Vec::new(),
            orders_by_all: false,
            limit: Vec::new(),
            at,
        };
        for entry in node.get("cte_map").map(|map| items(map, "map")).unwrap_or_default() {
            query.ctes.push(self.cte(entry, first)?);
        }
        for modifier in items(node, "modifiers") {
            match text(modifier, "type") {
                "ORDER_MODIFIER" => {
                    for key in items(modifier, "orders") {
                        if self.is_all(key) {
                            query.orders_by_all = true;
                        } else {
                            query.order_by.push(self.order_key(key)?);
                        }
                    }
                }
                "LIMIT_MODIFIER" | "LIMIT_PERCENT_MODIFIER" => {
                    for part in ["limit", "offset"] {
                        if let Some(expr) = modifier.get(part) {
                            query.limit.push(self.expr(expr)?);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(query)
    }

    /// `ORDER BY ALL` is a star to DuckDB.
    #[allow(clippy::unused_self)]
    fn is_all(&self, key: &Value) -> bool {
        let expr = &key["expression"];
        text(expr, "class") == "STAR" && expr.get("expr").is_none()
    }

    fn cte(&self, entry: &Value, first: usize) -> Lowered<Cte> {
        let (key, value) = (text(entry, "key"), &entry["value"]);
        let words = &self.places.words;
        let is_defined = |index: &usize| {
            words.is_name(*index, key)
                && (words.is(index + 1, "as") || words.is(index + 1, "using") || words.text(index + 1) == "(")
        };
        let place = (first..words.len()).find(is_defined).unwrap_or(first);
        let name = self.places.name_at(place, key);
        let mut next = place + 1;
        let columns: Vec<Name> = strings(value, "aliases")
            .into_iter()
            .map(|column| self.places.name_after(next, column))
            .collect();
        if !columns.is_empty() {
            next = self.places.partner(next).unwrap_or(next) + 1;
        }
        let opener = (next..words.len())
            .find(|index| words.is(*index, "as"))
            .and_then(|index| (index..words.len()).find(|index| words.text(*index) == "("));
        let close = opener.and_then(|opener| self.places.partner(opener));
        let node = &value["query"]["node"];
        let query = match (opener, close) {
            (Some(opener), Some(close)) if close > opener + 1 => {
                self.query_at(node, words.range(opener + 1).to(words.range(close - 1)))?
            }
            _ => self.query(node)?,
        };
        let at = name.at.to(close.map_or(query.at, |close| words.range(close)));
        Ok(Cte { name, columns, query, at })
    }

    fn body(&self, node: &Value, at: TextRange) -> Lowered<Body> {
        match text(node, "type") {
            "SELECT_NODE" => self.select(node, at),
            "SET_OPERATION_NODE" => {
                let (operator, by_name) = match text(node, "setop_type") {
                    "UNION" => (SetOperator::Union, false),
                    "UNION_BY_NAME" => (SetOperator::Union, true),
                    "INTERSECT" => (SetOperator::Intersect, false),
                    "EXCEPT" => (SetOperator::Except, false),
                    _ => return Err(unreadable("a set operation that is not known")),
                };
                let is_all = node.get("setop_all").is_none_or(|all| all.as_bool() != Some(false));
                self.set_operation(node, operator, is_all, by_name, at)
            }
            "RECURSIVE_CTE_NODE" => {
                self.set_operation(node, SetOperator::Union, is(node, "union_all"), false, at)
            }
            _ => Err(unreadable("a query of a kind that is not known")),
        }
    }

    fn set_operation(
        &self,
        node: &Value,
        operator: SetOperator,
        is_all: bool,
        by_name: bool,
        at: TextRange,
    ) -> Lowered<Body> {
        let mut sides = Vec::new();
        gather_sides(node, &mut sides);
        let mut sides = sides.into_iter();
        let mut body = match sides.next() {
            Some(first) => self.side(first, at)?,
            None => return Err(unreadable("a set operation of nothing")),
        };
        for side in sides {
            let (left, right) = (body, self.side(side, at)?);
            body = Body::SetOperation(Box::new(SetOperation { operator, is_all, by_name, left, right, at }));
        }
        Ok(body)
    }

    /// A side of a set operation: one with clauses of its own stands in brackets.
    fn side(&self, node: &Value, at: TextRange) -> Lowered<Body> {
        if has_clauses(node) {
            return Ok(Body::Query(Box::new(self.query(node)?)));
        }
        self.body(node, at)
    }

    fn select(&self, node: &Value, at: TextRange) -> Lowered<Body> {
        let from = &node["from_table"];
        if text(from, "type") == "EXPRESSION_LIST" && items(node, "select_list").len() == 1 {
            return Ok(Body::Values(self.rows(from)?));
        }
        let mut items_made = Vec::new();
        for item in items(node, "select_list") {
            items_made.push(self.select_item(item, at)?);
        }
        let keys = self.exprs(items(node, "group_expressions"))?;
        let group_by = match (text(node, "aggregate_handling"), keys.is_empty()) {
            ("FORCE_AGGREGATES", _) => GroupBy::All,
            (_, true) => GroupBy::No,
            (_, false) => GroupBy::Keys(keys),
        };
        let distinct =
            items(node, "modifiers").iter().find(|modifier| text(modifier, "type") == "DISTINCT_MODIFIER");
        let distinct = match distinct.map(|modifier| items(modifier, "distinct_on_targets")) {
            None => Distinct::No,
            Some([]) => Distinct::Yes,
            Some(targets) => Distinct::On(self.exprs(targets)?),
        };
        Ok(Body::Select(Box::new(Select {
            distinct,
            items: items_made,
            from: self.read_from(from)?,
            filter: self.optional(node.get("where_clause"))?,
            group_by,
            having: self.optional(node.get("having"))?,
            qualify: self.optional(node.get("qualify"))?,
            windows: Vec::new(),
            connect_by: Vec::new(),
            at,
        })))
    }

    pub fn rows(&self, from: &Value) -> Lowered<Vec<Vec<Expr>>> {
        items(from, "values")
            .iter()
            .map(|row| self.exprs(row.as_array().map_or(&[][..], Vec::as_slice)))
            .collect()
    }

    pub fn exprs(&self, exprs: &[Value]) -> Lowered<Vec<Expr>> {
        exprs.iter().map(|expr| self.expr(expr)).collect()
    }

    pub fn optional(&self, expr: Option<&Value>) -> Lowered<Option<Expr>> {
        expr.map(|expr| self.expr(expr)).transpose()
    }

    pub fn order_keys(&self, keys: &[Value]) -> Lowered<Vec<OrderKey>> {
        keys.iter().map(|key| self.order_key(key)).collect()
    }

    fn order_key(&self, key: &Value) -> Lowered<OrderKey> {
        let nulls_first = match text(key, "null_order") {
            "NULLS FIRST" => Some(true),
            "NULLS LAST" => Some(false),
            _ => None,
        };
        let is_descending = text(key, "type") == "DESCENDING";
        Ok(OrderKey { expr: self.expr(&key["expression"])?, is_descending, nulls_first })
    }
}
