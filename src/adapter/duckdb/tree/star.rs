use serde_json::Value;

use super::lower::{Lower, Lowered, is, items, text};
use crate::sql::tree::{ColumnsPattern, Expr, ExprKind, Lambda, Literal, Name, SelectItem, Star, TextRange};

/// Operators of `* LIKE 'a%'`, as DuckDB calls them and as they are written.
const PATTERNS: &[(&str, &str)] = &[
    ("~~", "like"),
    ("!~~", "not like"),
    ("~~*", "ilike"),
    ("!~~*", "not ilike"),
    ("~~~", "glob"),
    ("regexp_full_match", "similar to"),
];

impl Lower<'_> {
    pub fn select_item(&self, item: &Value, query: TextRange) -> Lowered<SelectItem> {
        if let Some(star) = self.star_item(item, query)? {
            return Ok(SelectItem::Star(star));
        }
        let expr = self.expr(item)?;
        let alias = Some(text(item, "alias")).filter(|alias| !alias.is_empty());
        let alias = alias.map(|alias| self.places.alias(expr.at, alias));
        Ok(SelectItem::Expr { expr, alias })
    }

    fn star_item(&self, item: &Value, query: TextRange) -> Lowered<Option<Star>> {
        let is_star = |json: &Value| text(json, "class") == "STAR" && !is(json, "columns");
        if is_star(item) {
            return self.star(item, query).map(Some);
        }
        let pattern = PATTERNS.iter().find(|(name, _)| *name == text(item, "function_name"));
        if let (Some((_, operator)), [star, pattern]) = (pattern, items(item, "children"))
            && is_star(star)
        {
            let mut made = self.star(star, query)?;
            let pattern = self.expr(pattern)?;
            if let ExprKind::Literal(Literal::String(written)) = &pattern.kind {
                made.pattern = Some(((*operator).to_owned(), written.clone()));
                made.at = made.at.to(pattern.at);
                return Ok(Some(made));
            }
        }
        Ok(None)
    }

    /// `t.* EXCLUDE (a) REPLACE (x AS b) RENAME (c AS d)`; that of a query without a select
    /// list stands nowhere, and is given the place of the query's first word.
    pub fn star(&self, json: &Value, query: TextRange) -> Lowered<Star> {
        let words = &self.places.words;
        let is_written = |index: &usize| {
            words.range(*index).start >= query.start
                && (words.text(*index) == "*"
                    || words.is(*index, "columns")
                    || words.text(words.chain_end(*index)) == "*")
        };
        let Some(first) = self.places.start(json).filter(is_written) else {
            return Ok(Star { at: words.range(self.places.word_from(query.start)), ..Star::default() });
        };
        let mut star = Star { at: words.range(first), ..Star::default() };
        let mut next = first;
        if words.is(first, "columns") {
            next = first + 2;
            let close = self.places.partner(first + 1).unwrap_or(first);
            star.at = words.range(first).to(words.range(close));
        }
        let relation = text(json, "relation_name");
        if !relation.is_empty() {
            star.qualifier = vec![self.places.name_after(next, relation)];
        }
        let end = words.chain_end(next);
        star.at = star.at.to(words.range(end));
        for excluded in items(json, "exclude_list") {
            star.exclude.push(self.listed(excluded, end));
        }
        for excluded in items(json, "qualified_exclude_list") {
            star.exclude.push(self.listed(excluded, end));
        }
        for replaced in items(json, "replace_list") {
            let expr = self.expr(&replaced["value"])?;
            let name = self.places.alias(expr.at, text(replaced, "key"));
            star.replace.push((expr, name));
        }
        for renamed in items(json, "rename_list") {
            let from = self.listed(&renamed["key"], end);
            let to = self.places.alias(from.at, text(renamed, "value"));
            star.rename.push((from, to));
        }
        let inner = star.exclude.iter().chain(star.replace.iter().map(|(_, name)| name));
        let last = inner.chain(star.rename.iter().map(|(_, name)| name)).map(|name| name.at.end).max();
        if let Some(last) = last.filter(|last| *last > star.at.end) {
            let after = self.places.word_from(last);
            let close = if words.text(after) == ")" { words.range(after).end } else { last };
            star.at.end = close;
        }
        Ok(star)
    }

    /// A column of a list in a star: its name, or its parts.
    fn listed(&self, json: &Value, from: usize) -> Name {
        let column = json.as_str().unwrap_or_else(|| text(json, "column"));
        self.places.name_after(from, column)
    }

    /// `COLUMNS(…)`.
    pub fn columns(&self, json: &Value) -> Lowered<Expr> {
        let words = &self.places.words;
        let star = self.star(json, self.places.whole())?;
        let mut at = star.at;
        if let Some(first) = self.places.start(json)
            && words.text(first + 1) == "("
            && let Some(close) = self.places.partner(first + 1)
        {
            at = words.range(first).to(words.range(close));
        }
        let pattern = match json.get("expr") {
            None => {
                let inner = self.places.start(json).map_or(at, |first| words.range(first + 2));
                ColumnsPattern::Star(Star { at: inner, ..star })
            }
            Some(expr) => self.pattern(expr)?,
        };
        Ok(Expr::new(ExprKind::Columns(pattern), at))
    }

    fn pattern(&self, json: &Value) -> Lowered<ColumnsPattern> {
        if text(json, "function_name") == "list_filter"
            && let [_, lambda] = items(json, "children")
        {
            return Ok(match self.expr(lambda)?.kind {
                ExprKind::Lambda(lambda) => ColumnsPattern::Lambda(lambda),
                kind => {
                    let body = Expr::new(kind, self.places.whole());
                    ColumnsPattern::Lambda(Box::new(Lambda { parameters: Vec::new(), body }))
                }
            });
        }
        let expr = self.expr(json)?;
        let name = |expr: &Expr| match &expr.kind {
            ExprKind::Literal(Literal::String(text)) => {
                Some(Name { text: text.clone(), is_quoted: true, at: expr.at })
            }
            _ => None,
        };
        match &expr.kind {
            ExprKind::Literal(Literal::String(regex)) => Ok(ColumnsPattern::Regex(regex.clone())),
            ExprKind::List(names) => Ok(ColumnsPattern::Names(names.iter().filter_map(name).collect())),
            _ => Err(super::lower::unreadable("the argument of its COLUMNS is made when it runs")),
        }
    }
}
