use serde_json::Value;

use super::lower::{Lower, Lowered, is, items, strings, text, unreadable};
use crate::sql::DataType;
use crate::sql::tree::{
    Alias, Argument, Body, Expr, ExprKind, FromItem, Join, JoinCondition, JoinKind, Literal, Name, Pivot,
    PivotOn, Query, SelectItem, TableFunction, TextRange, Unpivot,
};

impl Lower<'_> {
    /// What stands in FROM, separated by commas: joins of DuckDB's that have no place.
    pub fn read_from(&self, json: &Value) -> Lowered<Vec<FromItem>> {
        let is_comma = text(json, "type") == "JOIN"
            && text(json, "ref_type") == "CROSS"
            && self.places.start(json).is_none();
        if is_comma {
            let mut before = self.read_from(&json["left"])?;
            before.extend(self.read_from(&json["right"])?);
            return Ok(before);
        }
        match text(json, "type") {
            "EMPTY" | "" => Ok(Vec::new()),
            _ => Ok(vec![self.relation(json)?]),
        }
    }

    fn relation(&self, json: &Value) -> Lowered<FromItem> {
        match text(json, "type") {
            "BASE_TABLE" => {
                let parts: Vec<&str> = ["catalog_name", "schema_name", "table_name"]
                    .into_iter()
                    .map(|part| text(json, part))
                    .filter(|part| !part.is_empty())
                    .collect();
                let first = self.places.start(json).unwrap_or_default();
                let name = self.places.path_at(first, &parts);
                let at = name.iter().map(|part| part.at).reduce(TextRange::to).unwrap_or_default();
                let (alias, at) = self.alias(json, at);
                Ok(FromItem::Table { name, alias, at })
            }
            "SUBQUERY" => {
                let query = Box::new(self.query(&json["subquery"]["node"])?);
                Ok(self.subquery_item(json, query))
            }
            "EXPRESSION_LIST" => {
                let at = match self.places.first_in(json) {
                    Some(index) => self.places.query_around(index),
                    None => self.places.whole(),
                };
                let query = Query {
                    ctes: Vec::new(),
                    is_recursive: false,
                    body: Body::Values(self.rows(json)?),
                    order_by: Vec::new(),
                    orders_by_all: false,
                    limit: Vec::new(),
                    at,
                };
                Ok(self.subquery_item(json, Box::new(query)))
            }
            "TABLE_FUNCTION" => self.table_function(json),
            "JOIN" => self.join(json),
            "PIVOT" if !items(json, "unpivot_names").is_empty() => self.unpivot(json),
            "PIVOT" => self.pivot(json),
            _ => Err(unreadable("what it reads from has no place in the tree")),
        }
    }

    fn subquery_item(&self, json: &Value, query: Box<Query>) -> FromItem {
        let words = &self.places.words;
        let at = self.places.bracketed(query.at, "(");
        let before = self.places.word_from(at.start).checked_sub(1);
        let lateral = before.filter(|index| words.is(*index, "lateral"));
        let (alias, mut whole) = self.alias(json, at);
        if let Some(lateral) = lateral {
            whole = words.range(lateral).to(whole);
        }
        FromItem::Subquery { query, alias, is_lateral: lateral.is_some(), at: whole }
    }

    /// `AS name (columns)`, and the range with it.
    fn alias(&self, json: &Value, at: TextRange) -> (Option<Alias>, TextRange) {
        let (name, columns) = (text(json, "alias"), strings(json, "column_name_alias"));
        if name.is_empty() {
            return (None, at);
        }
        let name = self.places.alias(at, name);
        let first = self.places.word_from(name.at.end);
        let columns: Vec<Name> =
            columns.into_iter().map(|column| self.places.name_after(first, column)).collect();
        let mut whole = at.to(name.at);
        if !columns.is_empty()
            && let Some(close) = self.places.partner(first)
        {
            whole = whole.to(self.places.words.range(close));
        }
        (Some(Alias { name, columns }), whole)
    }

    fn table_function(&self, json: &Value) -> Lowered<FromItem> {
        let words = &self.places.words;
        let function = &json["function"];
        let made = self.expr(function)?;
        let at = made.at;
        let ExprKind::Call(call) = made.kind else {
            return Err(unreadable("what it reads from is no function"));
        };
        let mut arguments = Vec::new();
        for (argument, child) in call.arguments.into_iter().zip(items(function, "children")) {
            arguments.push(match argument {
                // `name = value` is not a comparison here.
                Argument::Expr(Expr { kind: ExprKind::Binary { left, right, .. }, .. })
                    if text(child, "type") == "COMPARE_EQUAL"
                        && matches!(&left.kind, ExprKind::Column(names) if names.len() == 1) =>
                {
                    let ExprKind::Column(mut names) = left.kind else { continue };
                    Argument::Named(names.remove(0), *right)
                }
                argument => argument,
            });
        }
        let next = self.places.word_from(at.end);
        let is_counted = words.is(next, "with") && words.is(next + 1, "ordinality");
        let named = if is_counted { at.to(words.range(next + 1)) } else { at };
        let ordinality = is_counted.then(|| self.places.synthetic("ordinality", words.range(next + 1)));
        let (alias, whole) = self.alias(json, named);
        Ok(FromItem::Function(Box::new(TableFunction {
            name: call.name,
            arguments,
            alias,
            ordinality,
            at: whole,
        })))
    }

    fn join(&self, json: &Value) -> Lowered<FromItem> {
        let mut left = self.read_from(&json["left"])?;
        let mut right = self.read_from(&json["right"])?;
        // A comma inside of a join: brackets.
        let (Some(left), Some(right)) = (left.pop(), right.pop()) else {
            return Err(unreadable("a join of nothing"));
        };
        let reference = text(json, "ref_type");
        let kind = match (reference, text(json, "join_type")) {
            ("CROSS", _) => JoinKind::Cross,
            ("POSITIONAL", _) => JoinKind::Positional,
            (_, "LEFT") => JoinKind::Left,
            (_, "RIGHT") => JoinKind::Right,
            (_, "FULL" | "OUTER") => JoinKind::Full,
            (_, "SEMI") => JoinKind::Semi,
            (_, "ANTI") => JoinKind::Anti,
            _ => JoinKind::Inner,
        };
        let mut at = left.at().to(right.at());
        let using = strings(json, "using_columns");
        let condition = if let Some(condition) = json.get("condition") {
            let condition = self.expr(condition)?;
            at = at.to(condition.at);
            JoinCondition::On(condition)
        } else if !using.is_empty() {
            let first = self.places.word_from(right.at().end);
            let names: Vec<Name> =
                using.into_iter().map(|name| self.places.name_after(first, name)).collect();
            if let Some(close) = self.places.partner(first + 1) {
                at = at.to(self.places.words.range(close));
            }
            JoinCondition::Using(names)
        } else if reference == "NATURAL" {
            JoinCondition::Natural
        } else {
            JoinCondition::None
        };
        Ok(FromItem::Join(Box::new(Join { kind, is_asof: reference == "ASOF", left, right, condition, at })))
    }

    /// The range of a PIVOT or UNPIVOT: behind what it takes, or a statement of its own.
    fn pivot_at(&self, json: &Value, input: TextRange) -> (usize, TextRange) {
        let words = &self.places.words;
        let first = self.places.start(json).unwrap_or_default();
        let is_statement = words.range(first).end <= input.start;
        if is_statement {
            return (first, words.range(first).to(self.places.query_around(first)));
        }
        let opener = (first..words.len()).find(|index| words.text(*index) == "(");
        let close = opener.and_then(|opener| self.places.partner(opener));
        (first, input.to(close.map_or(input, |close| words.range(close))))
    }

    fn pivot(&self, json: &Value) -> Lowered<FromItem> {
        let input = self.relation(&json["source"])?;
        let (first, at) = self.pivot_at(json, input.at());
        let mut aggregates = Vec::new();
        for aggregate in items(json, "aggregates") {
            let expr = self.expr(aggregate)?;
            let alias = Some(text(aggregate, "alias")).filter(|alias| !alias.is_empty());
            let alias = alias.map(|alias| self.places.alias(expr.at, alias));
            aggregates.push(SelectItem::Expr { expr, alias });
        }
        let mut on = Vec::new();
        for pivot in items(json, "pivots") {
            let mut exprs = self.exprs(items(pivot, "pivot_expressions"))?;
            let expr = if exprs.len() == 1 {
                exprs.remove(0)
            } else {
                let at = exprs.iter().map(|expr| expr.at).reduce(TextRange::to).unwrap_or(at);
                Expr::new(ExprKind::Row(exprs), at)
            };
            let entries = items(pivot, "entries");
            let values = entries.iter().map(|entry| self.pivot_value(entry, expr.at)).collect();
            on.push(PivotOn { expr, values: Some(values).filter(|_| !entries.is_empty()) });
        }
        let groups = strings(json, "groups");
        let group_by = (!groups.is_empty()).then(|| {
            let words = &self.places.words;
            let by = (first..words.len()).find(|index| words.is(*index, "group")).unwrap_or(first);
            let column = |name: &str| {
                let name = self.places.name_after(by, name);
                let at = name.at;
                Expr::new(ExprKind::Column(vec![name]), at)
            };
            groups.into_iter().map(column).collect()
        });
        let (alias, at) = self.alias(json, at);
        Ok(FromItem::Pivot(Box::new(Pivot { input, aggregates, on, group_by, alias, at })))
    }

    fn pivot_value(&self, entry: &Value, on: TextRange) -> (Expr, Option<Name>) {
        let from = self.places.word_from(on.end);
        let mut values: Vec<Expr> =
            items(entry, "values").iter().map(|value| self.pivot_literal(value, from)).collect();
        let value = match values.len() {
            1 => values.remove(0),
            _ => {
                let at = values.iter().map(|value| value.at).reduce(TextRange::to).unwrap_or(on);
                Expr::new(ExprKind::Row(values), at)
            }
        };
        let alias = Some(text(entry, "alias")).filter(|alias| !alias.is_empty());
        let alias = alias.map(|alias| self.places.alias(value.at, alias));
        (value, alias)
    }

    /// A value that DuckDB tells without its place, found in the text behind a word.
    fn pivot_literal(&self, value: &Value, from: usize) -> Expr {
        let words = &self.places.words;
        let (literal, written) = match &value["value"] {
            Value::String(text) => (Literal::String(text.clone()), crate::sql::string_literal(text)),
            Value::Bool(yes) => (Literal::Bool(*yes), yes.to_string()),
            Value::Null => (Literal::Null, "null".to_owned()),
            other => (Literal::Number(other.to_string()), other.to_string()),
        };
        let name = value["value"].as_str().unwrap_or_default();
        let is_meant =
            |index: &usize| words.text(*index).eq_ignore_ascii_case(&written) || words.is_name(*index, name);
        let place = (from..words.len()).find(is_meant).unwrap_or(from);
        let typed = text(&value["type"], "id");
        let literal = match literal {
            Literal::String(text) if typed != "VARCHAR" => Literal::Typed(DataType::new(typed), text),
            literal => literal,
        };
        Expr::new(ExprKind::Literal(literal), words.range(place))
    }

    fn unpivot(&self, json: &Value) -> Lowered<FromItem> {
        let input = self.relation(&json["source"])?;
        let (first, at) = self.pivot_at(json, input.at());
        let words = &self.places.words;
        let behind = if words.range(first).end <= input.at().start {
            self.places.word_from(input.at().end)
        } else {
            first
        };
        let is_statement = behind != first;
        // In a statement the names stand behind INTO.
        let into = (behind..words.len()).find(|index| words.is(*index, "into"));
        let named = if is_statement { into.unwrap_or(behind) } else { first };
        let name_of = |text: &str| self.places.name_after(named, text);
        let values = strings(json, "unpivot_names").into_iter().map(name_of).collect();
        let pivot = items(json, "pivots").first().unwrap_or(&Value::Null);
        let name =
            strings(pivot, "unpivot_names").first().map_or_else(|| name_of("name"), |text| name_of(text));
        let listed = if is_statement { behind } else { self.places.word_from(name.at.end) };
        let mut columns = Vec::new();
        for entry in items(pivot, "entries") {
            if let Some(star) = entry.get("star_expr") {
                columns.push((vec![self.expr(star)?], None));
                continue;
            }
            let column = |value: &Value| {
                let name = self.places.name_after(listed, value["value"].as_str().unwrap_or_default());
                let at = name.at;
                Expr::new(ExprKind::Column(vec![name]), at)
            };
            let group: Vec<Expr> = items(entry, "values").iter().map(column).collect();
            let alias = Some(text(entry, "alias")).filter(|alias| !alias.is_empty());
            let last = group.last().map_or(at, |expr| expr.at);
            columns.push((group, alias.map(|alias| self.places.alias(last, alias))));
        }
        let include_nulls = is(json, "include_nulls");
        let (alias, at) = self.alias(json, at);
        Ok(FromItem::Unpivot(Box::new(Unpivot { input, values, name, columns, include_nulls, alias, at })))
    }
}
