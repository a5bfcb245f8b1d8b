use serde_json::Value;

use super::expr::joined;
use super::lower::{Lower, Lowered, is, items, text};
use crate::sql::DataType;
use crate::sql::tree::{
    Argument, BinaryOp, Call, Expr, ExprKind, FrameBound, Literal, Name, Star, TextRange, UnaryOp, Window,
    WindowSpec,
};

/// What DuckDB makes of LIKE and its kin: function, operator, and whether it is negated.
const LIKES: &[(&str, &str, bool)] = &[
    ("~~", "like", false),
    ("!~~", "like", true),
    ("~~*", "ilike", false),
    ("!~~*", "ilike", true),
    ("~~~", "glob", false),
    ("like_escape", "like", false),
    ("not_like_escape", "like", true),
    ("ilike_escape", "ilike", false),
    ("not_ilike_escape", "ilike", true),
];

impl Lower<'_> {
    pub fn plain_call(&self, name: Name, arguments: Vec<Expr>, at: TextRange) -> Expr {
        self.call_of(vec![name], arguments.into_iter().map(Argument::Expr).collect(), at)
    }

    #[allow(clippy::unused_self)]
    pub fn call_of(&self, name: Vec<Name>, arguments: Vec<Argument>, at: TextRange) -> Expr {
        let call =
            Call { name, arguments, is_distinct: false, order_by: Vec::new(), filter: None, over: None };
        Expr::new(ExprKind::Call(Box::new(call)), at)
    }

    pub fn function(&self, json: &Value) -> Lowered<Expr> {
        let name = text(json, "function_name");
        let children = items(json, "children");
        let own = self.places.start(json);
        if let Some(special) = self.special(json, name, children, own)? {
            return Ok(special);
        }
        if is(json, "is_operator") {
            return self.operation(name, children, own);
        }
        let (path, at) = self.called(json, name, own)?;
        let mut arguments = Vec::new();
        for child in children {
            arguments.push(self.argument(child)?);
        }
        if name == "count_star" && self.places.slice(at).contains('*') {
            arguments.push(self.star_argument(at));
        }
        // `position(a in b)` is called with its arguments the other way round.
        if name == "position" && text(json, "schema") == "main" {
            arguments.reverse();
        }
        let call = Call {
            name: path,
            arguments,
            is_distinct: is(json, "distinct"),
            order_by: self
                .order_keys(json.get("order_bys").map(|keys| items(keys, "orders")).unwrap_or_default())?,
            filter: self.optional(json.get("filter"))?,
            over: None,
        };
        Ok(Expr::new(ExprKind::Call(Box::new(call)), at))
    }

    fn star_argument(&self, call: TextRange) -> Argument {
        let words = &self.places.words;
        let first = self.places.word_from(call.start);
        let star = (first..words.len()).find(|index| words.text(*index) == "*");
        let at = star.map_or(call, |index| words.range(index));
        let name = star.and_then(|star| star.checked_sub(2)).filter(|name| words.text(name + 1) == ".");
        let qualifier: Vec<Name> =
            name.map(|name| self.places.name_at(name, words.text(name))).into_iter().collect();
        let at = qualifier.iter().map(|name| name.at).fold(at, TextRange::to);
        Argument::Star(Star { qualifier, at, ..Star::default() })
    }

    /// `a`, `a := 1`; a subquery is an expression.
    pub fn argument(&self, json: &Value) -> Lowered<Argument> {
        let expr = self.expr(json)?;
        let alias = text(json, "alias");
        Ok(if alias.is_empty() {
            Argument::Expr(expr)
        } else {
            Argument::Named(self.places.alias(expr.at, alias), expr)
        })
    }

    /// The name of a function as written, and all of the call with what stands behind it.
    fn called(&self, json: &Value, name: &str, own: Option<usize>) -> Lowered<(Vec<Name>, TextRange)> {
        let words = &self.places.words;
        let Some(first) = own else {
            let inner = self.places.first_in(json).map(|index| words.range(index));
            let at = inner.and_then(|inner| self.places.around(inner)).map(|(_, at)| at);
            let at = at.or(inner).unwrap_or_else(|| self.places.whole());
            return Ok((vec![self.places.synthetic(name, at)], at));
        };
        let last = words.chain_end(first);
        // `count(*)` is `count_star` to DuckDB, `percentile_cont` is `quantile_cont`.
        let is_written = words.text(last + 1) == "(" && !words.text(first).is_empty();
        let path: Vec<Name> = if is_written && (last > first || !self.is_grammar(first)) {
            (first..=last).step_by(2).map(|index| self.places.name_at(index, words.text(index))).collect()
        } else {
            vec![self.places.synthetic(name, words.range(first))]
        };
        let mut at = words.range(first).to(words.range(last));
        if words.text(last + 1) == "(" {
            at = at.to(self.behind(last + 1));
        }
        if words.text(first + 1) != "(" && last == first {
            // `a at time zone 'UTC'` begins with its last argument.
            for child in items(json, "children") {
                at = at.to(self.expr(child)?.at);
            }
        }
        Ok((path, at))
    }

    /// `extract(…)`, `position(a in b)` are other functions, or have another order.
    fn is_grammar(&self, word: usize) -> bool {
        self.places.words.is(word, "extract")
    }

    /// From the bracket of a call to the end of what belongs to it: WITHIN GROUP, FILTER, OVER.
    fn behind(&self, opener: usize) -> TextRange {
        let words = &self.places.words;
        let Some(mut last) = self.places.partner(opener) else { return words.range(opener) };
        loop {
            let next = last + 1;
            let bracket = if words.is(next, "within") { next + 2 } else { next + 1 };
            let is_clause = words.is(next, "filter") || words.is(next, "within") || words.is(next, "over");
            if is_clause && words.text(bracket) == "(" {
                last = self.places.partner(bracket).unwrap_or(bracket);
            } else if words.is(next, "over")
                || ((words.is(next, "ignore") || words.is(next, "respect")) && words.is(next + 1, "nulls"))
            {
                last = next + 1;
            } else {
                return words.range(opener).to(words.range(last));
            }
        }
    }

    fn operation(&self, name: &str, children: &[Value], own: Option<usize>) -> Lowered<Expr> {
        match children {
            [left, right] => {
                let op = match name {
                    "+" => BinaryOp::Add,
                    "-" => BinaryOp::Subtract,
                    "*" => BinaryOp::Multiply,
                    "/" => BinaryOp::Divide,
                    "//" => BinaryOp::IntegerDivide,
                    "%" => BinaryOp::Modulo,
                    "**" | "^" => BinaryOp::Power,
                    "||" => BinaryOp::Concat,
                    other => BinaryOp::Other(other.to_owned()),
                };
                self.binary(left, op, right)
            }
            [child] => {
                let expr = self.boxed(child)?;
                let at = own.map_or(expr.at, |own| self.places.words.range(own).to(expr.at));
                let op = match name {
                    "-" => UnaryOp::Minus,
                    "+" => UnaryOp::Plus,
                    "~" => UnaryOp::BitNot,
                    other => return Ok(self.other(other, vec![*expr], own)),
                };
                Ok(Expr::new(ExprKind::Unary { op, expr }, at))
            }
            _ => {
                let parts = self.exprs(children)?;
                Ok(self.other(name, parts, own))
            }
        }
    }

    /// What DuckDB writes as functions, and is none in the text.
    fn special(
        &self,
        json: &Value,
        name: &str,
        children: &[Value],
        own: Option<usize>,
    ) -> Lowered<Option<Expr>> {
        let words = &self.places.words;
        let is_called = own.is_some_and(|own| words.is_name(words.chain_end(own), name));
        if let (Some((_, operator, is_negated)), [expr, pattern, rest @ ..]) =
            (LIKES.iter().find(|(function, ..)| *function == name), children)
            && !is_called
        {
            let (expr, pattern) = (self.boxed(expr)?, self.boxed(pattern)?);
            let escape = self.exprs(rest)?;
            let at = escape.iter().map(|part| part.at).fold(expr.at.to(pattern.at), TextRange::to);
            let operator = (*operator).to_owned();
            let kind = ExprKind::Like { expr, operator, pattern, is_negated: *is_negated };
            return Ok(Some(Expr::new(kind, at)));
        }
        if name == "regexp_full_match" && !is_called {
            let [left, right] = children else { return Ok(None) };
            let (expr, pattern) = (self.expr(left)?, self.expr(right)?);
            let after = self.places.word_from(expr.at.end);
            if own.is_some_and(|own| words.text(own) == "~") || words.text(after) == "!" {
                return Ok(Some(joined(expr, BinaryOp::Other("~".to_owned()), pattern)));
            }
            let at = expr.at.to(pattern.at);
            let kind = ExprKind::Like {
                expr: Box::new(expr),
                operator: "similar to".to_owned(),
                pattern: Box::new(pattern),
                is_negated: false,
            };
            return Ok(Some(Expr::new(kind, at)));
        }
        if let Some(unit) = name.strip_prefix("to_")
            && !is_called
            && let [child] = children
        {
            return self.interval(child, unit, own).map(Some);
        }
        if text(json, "schema") != "main" || is_called {
            return Ok(None);
        }
        Ok(match name {
            "list_value" => {
                let list = self.exprs(children)?;
                let inner = list.first().map(|item| item.at);
                let inner = inner.or_else(|| own.map(|own| words.range(own))).unwrap_or_default();
                Some(Expr::new(ExprKind::List(list), self.places.bracketed(inner, "[")))
            }
            "struct_pack" => {
                let mut fields = Vec::new();
                for child in children {
                    let expr = self.expr(child)?;
                    let alias = text(child, "alias");
                    let colon = self.places.word_from(expr.at.start).saturating_sub(2);
                    let name = self.places.name_at(colon, alias);
                    fields.push((Name { text: alias.to_owned(), ..name }, expr));
                }
                let inner = fields.first().map_or_else(|| self.places.whole(), |(name, _)| name.at);
                Some(Expr::new(ExprKind::Struct(fields), self.places.bracketed(inner, "{")))
            }
            "row" => {
                let items = self.exprs(children)?;
                let inner = items.first().map_or_else(|| self.places.whole(), |item| item.at);
                Some(Expr::new(ExprKind::Row(items), self.places.bracketed(inner, "(")))
            }
            "map" => {
                let [keys, values] = children else { return Ok(None) };
                let (keys, values) = (items(keys, "children"), items(values, "children"));
                let pairs = self.exprs(keys)?.into_iter().zip(self.exprs(values)?).collect::<Vec<_>>();
                let inner = pairs.first().map_or_else(|| self.places.whole(), |(_, value)| value.at);
                let mut at = self.places.bracketed(inner, "{");
                let word = self.places.word_from(at.start).saturating_sub(1);
                if words.is(word, "map") {
                    at = words.range(word).to(at);
                }
                Some(Expr::new(ExprKind::Map(pairs), at))
            }
            "list_apply" => self.comprehension(children, own)?,
            _ => None,
        })
    }

    /// `interval 3 day`, `interval (n) days`.
    fn interval(&self, child: &Value, unit: &str, own: Option<usize>) -> Lowered<Expr> {
        let mut inner = child;
        // DuckDB's own conversions around the number.
        while let Some(next) = inner.get("child").or_else(|| {
            (text(inner, "function_name") == "trunc").then(|| items(inner, "children").first()).flatten()
        }) {
            inner = next;
        }
        let words = &self.places.words;
        let value = self.expr(inner)?;
        let keyword = own.and_then(|own| (0..own.max(1)).rev().find(|index| words.is(*index, "interval")));
        let after = self.places.word_from(value.at.end);
        let stem = unit.trim_end_matches('s');
        let unit = (after..words.len().min(after + 3))
            .find(|index| words.text(*index).to_lowercase().starts_with(stem.trim_end_matches("ie")));
        let end = unit.map_or(value.at, |index| words.range(index));
        let at = keyword.map_or(value.at, |index| words.range(index)).to(value.at).to(end);
        if matches!(value.kind, ExprKind::Literal(_)) {
            let text = self.places.slice(TextRange::new(value.at.start, at.end)).to_owned();
            let literal = Literal::Typed(DataType::new("INTERVAL"), text);
            return Ok(Expr::new(ExprKind::Literal(literal), at));
        }
        let what = "interval".to_owned();
        Ok(Expr::new(ExprKind::Other { what, parts: vec![value] }, at))
    }

    /// `[f(x) for x in list if g(x)]` is what `list_transform` makes of `list_filter`.
    fn comprehension(&self, children: &[Value], own: Option<usize>) -> Lowered<Option<Expr>> {
        let [list, lambda] = children else { return Ok(None) };
        let place = own.map_or_else(|| self.places.whole(), |own| self.places.words.range(own));
        let own = own.filter(|own| self.places.words.text(*own) == "[");
        let close = own.and_then(|own| self.places.partner(own));
        let at = close.map_or(place, |close| place.to(self.places.words.range(close)));
        let named = |name: &str| self.places.synthetic(name, at);
        // With IF, both results travel in a struct.
        if text(list, "function_name") == "list_filter"
            && let [inner, _] = items(list, "children")
            && let [list, both] = items(inner, "children")
            && let [filter, result] = items(&both["expr"], "children")
        {
            let with = |body: &Value| -> Lowered<Expr> {
                let mut lambda = both.clone();
                lambda["expr"] = body.clone();
                self.expr(&lambda)
            };
            let arguments = vec![self.expr(list)?, with(filter)?];
            let filtered = self.plain_call(named("list_filter"), arguments, at);
            return Ok(Some(self.plain_call(named("list_transform"), vec![filtered, with(result)?], at)));
        }
        let arguments = vec![self.expr(list)?, self.expr(lambda)?];
        Ok(Some(self.plain_call(named("list_transform"), arguments, at)))
    }

    pub fn window(&self, json: &Value) -> Lowered<Expr> {
        let (name, at) = self.called(json, text(json, "function_name"), self.places.start(json))?;
        let mut arguments = Vec::new();
        for child in items(json, "children") {
            arguments.push(self.argument(child)?);
        }
        for part in ["offset_expr", "default_expr"] {
            if let Some(expr) = json.get(part) {
                arguments.push(Argument::Expr(self.expr(expr)?));
            }
        }
        if text(json, "function_name") == "count_star" {
            arguments.push(self.star_argument(at));
        }
        let spec = WindowSpec {
            base: None,
            partition_by: self.exprs(items(json, "partitions"))?,
            order_by: self.order_keys(items(json, "orders"))?,
            frame: self.frame(json)?,
        };
        let call = Call {
            name,
            arguments,
            is_distinct: is(json, "distinct"),
            order_by: self.order_keys(items(json, "arg_orders"))?,
            filter: self.optional(json.get("filter_expr"))?,
            over: Some(Window::Spec(Box::new(spec))),
        };
        Ok(Expr::new(ExprKind::Call(Box::new(call)), at))
    }

    fn frame(&self, json: &Value) -> Lowered<Option<(String, Vec<FrameBound>)>> {
        let (start, end) = (text(json, "start"), text(json, "end"));
        if start == "UNBOUNDED_PRECEDING" && end == "CURRENT_ROW_RANGE" {
            return Ok(None);
        }
        let unit = ["ROWS", "GROUPS"].into_iter().find(|unit| start.ends_with(unit) || end.ends_with(unit));
        let bound = |kind: &str, expr: &str| -> Lowered<FrameBound> {
            let expr = self.optional(json.get(expr))?;
            Ok(if kind.starts_with("CURRENT") {
                FrameBound::CurrentRow
            } else if kind.contains("PRECEDING") {
                FrameBound::Preceding(expr)
            } else {
                FrameBound::Following(expr)
            })
        };
        let bounds = vec![bound(start, "start_expr")?, bound(end, "end_expr")?];
        Ok(Some((unit.unwrap_or("RANGE").to_lowercase(), bounds)))
    }
}
