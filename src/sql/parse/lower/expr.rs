use sqlparser::ast::{self, Expr as Theirs};
use sqlparser::tokenizer::Token;

use super::{Lower, Lowered};
use crate::sql::DataType;
use crate::sql::tree::{
    BinaryOp, Branch, Case, Expr, ExprKind, Lambda, Literal, OrderKey, TextRange, UnaryOp,
};

impl Lower<'_> {
    pub(super) fn expr(&mut self, mut expr: Theirs) -> Lowered<Expr> {
        let mut parentheses = 0;
        while let Theirs::Nested(inner) = expr {
            expr = *inner;
            parentheses += 1;
        }
        let mut lowered = match expr {
            Theirs::BinaryOp { .. } => self.chain(expr)?,
            expr => self.deeper(1, |lower| lower.one(expr))?,
        };
        for _ in 0..parentheses {
            lowered.at = self.tokens.enclosing(lowered.at);
        }
        Ok(lowered)
    }

    pub(super) fn boxed(&mut self, expr: Theirs) -> Lowered<Box<Expr>> {
        self.expr(expr).map(Box::new)
    }

    pub(super) fn exprs(&mut self, exprs: impl IntoIterator<Item = Theirs>) -> Lowered<Vec<Expr>> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    pub(super) fn optional(&mut self, expr: Option<Theirs>) -> Lowered<Option<Expr>> {
        expr.map(|expr| self.expr(expr)).transpose()
    }

    fn one(&mut self, expr: Theirs) -> Lowered<Expr> {
        Ok(match expr {
            Theirs::Identifier(ident) => {
                let name = self.name(ident);
                let at = name.at;
                Expr::new(ExprKind::Column(vec![name]), at)
            }
            Theirs::CompoundIdentifier(parts) => {
                let names: Vec<_> = parts.into_iter().map(|part| self.name(part)).collect();
                let at = names.iter().map(|name| name.at).reduce(TextRange::to).unwrap_or_default();
                Expr::new(ExprKind::Column(names), at)
            }
            Theirs::CompoundFieldAccess { root, access_chain } => self.field_access(*root, access_chain)?,
            Theirs::JsonAccess { value, path } => self.json_access(*value, path)?,
            Theirs::IsTrue(expr) => self.is(*expr, BinaryOp::Same, true)?,
            Theirs::IsNotTrue(expr) => self.is(*expr, BinaryOp::Different, true)?,
            Theirs::IsFalse(expr) => self.is(*expr, BinaryOp::Same, false)?,
            Theirs::IsNotFalse(expr) => self.is(*expr, BinaryOp::Different, false)?,
            Theirs::IsNull(expr) | Theirs::IsUnknown(expr) => self.is_null(*expr, false)?,
            Theirs::IsNotNull(expr) | Theirs::IsNotUnknown(expr) => self.is_null(*expr, true)?,
            Theirs::IsDistinctFrom(left, right) => self.binary(*left, BinaryOp::Different, *right)?,
            Theirs::IsNotDistinctFrom(left, right) => self.binary(*left, BinaryOp::Same, *right)?,
            Theirs::IsJson { expr, .. } => self.suffixed("is json", *expr)?,
            Theirs::IsNormalized { expr, .. } => self.suffixed("is normalized", *expr)?,
            Theirs::InList { expr, list, negated } => self.in_list(*expr, list, negated)?,
            Theirs::InSubquery { expr, subquery, negated } => {
                let expr = self.boxed(*expr)?;
                let query = Box::new(self.query(*subquery)?);
                let at = expr.at.to(self.tokens.enclosing(query.at));
                Expr::new(ExprKind::InSubquery { expr, query, is_negated: negated }, at)
            }
            Theirs::InUnnest { expr, array_expr, .. } => {
                let parts = vec![self.expr(*expr)?, self.expr(*array_expr)?];
                let at = parts[0].at.to(self.tokens.enclosing(parts[1].at));
                Expr { at, ..self.other("in unnest", parts) }
            }
            Theirs::Between { expr, negated, low, high } => {
                let (expr, low, high) = (self.boxed(*expr)?, self.boxed(*low)?, self.boxed(*high)?);
                let at = expr.at.to(high.at);
                Expr::new(ExprKind::Between { expr, low, high, is_negated: negated }, at)
            }
            // Chains are taken apart before.
            Theirs::BinaryOp { .. } => self.chain(expr)?,
            Theirs::Nested(_) => self.expr(expr)?,
            Theirs::Like { negated, expr, pattern, escape_char, .. } => {
                self.like("like", negated, *expr, *pattern, escape_char)?
            }
            Theirs::ILike { negated, expr, pattern, escape_char, .. } => {
                self.like("ilike", negated, *expr, *pattern, escape_char)?
            }
            Theirs::SimilarTo { negated, expr, pattern, escape_char } => {
                self.like("similar to", negated, *expr, *pattern, escape_char)?
            }
            Theirs::RLike { negated, expr, pattern, .. } => {
                self.like("rlike", negated, *expr, *pattern, None)?
            }
            Theirs::AnyOp { left, compare_op, right, .. } => {
                self.quantified("any", *left, &compare_op, *right)?
            }
            Theirs::AllOp { left, compare_op, right } => {
                self.quantified("all", *left, &compare_op, *right)?
            }
            Theirs::UnaryOp { op, expr } => self.unary(op, *expr)?,
            Theirs::Convert { expr, data_type, is_try, styles, .. } => {
                self.convert(*expr, data_type.is_some(), is_try, styles)?
            }
            Theirs::Cast { kind, expr, format, .. } => self.cast(&kind, *expr, format.is_some())?,
            Theirs::AtTimeZone { timestamp, time_zone } => self.at_time_zone(*timestamp, *time_zone)?,
            Theirs::Extract { expr, .. } => self.extract(*expr)?,
            Theirs::Ceil { expr, field } | Theirs::Floor { expr, field } => self.rounding(*expr, field)?,
            Theirs::Position { expr, r#in } => self.form("position", vec![*expr, *r#in])?,
            Theirs::Substring { expr, substring_from, substring_for, .. } => {
                let rest = [substring_from, substring_for].into_iter().flatten().map(|part| *part);
                self.form("substring", std::iter::once(*expr).chain(rest).collect())?
            }
            Theirs::Trim { trim_where, trim_what, expr, trim_characters } => {
                self.trim(trim_where, trim_what, *expr, trim_characters)?
            }
            Theirs::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                let rest = overlay_for.map(|part| *part);
                self.form("overlay", [*expr, *overlay_what, *overlay_from].into_iter().chain(rest).collect())?
            }
            Theirs::Collate { expr, collation } => {
                let expr = self.expr(*expr)?;
                let names = self.names(collation);
                let at = names.iter().fold(expr.at, |at, name| at.to(name.at));
                Expr { at, ..self.other("collate", vec![expr]) }
            }
            Theirs::Value(value) => self.value(value),
            Theirs::Prefixed { prefix, value } => {
                let prefix = self.name(prefix);
                let value = self.expr(*value)?;
                let at = prefix.at.to(value.at);
                Expr { at, ..self.other("prefixed string", vec![value]) }
            }
            Theirs::TypedString(typed) => self.typed_string(typed),
            Theirs::Function(function) => self.call(function)?,
            Theirs::Case { case_token, end_token, operand, conditions, else_result } => {
                let start = self.leaf(case_token.0.span);
                let operand = self.optional(operand.map(|operand| *operand))?;
                let mut branches = Vec::with_capacity(conditions.len());
                for ast::CaseWhen { condition, result } in conditions {
                    branches.push(Branch { when: self.expr(condition)?, then: self.expr(result)? });
                }
                let otherwise = self.optional(else_result.map(|otherwise| *otherwise))?;
                let at = start.to(self.leaf(end_token.0.span));
                Expr::new(ExprKind::Case(Box::new(Case { operand, branches, otherwise })), at)
            }
            Theirs::Exists { subquery, negated } => {
                let query = Box::new(self.query(*subquery)?);
                let mut at = self.tokens.enclosing(query.at);
                let mut first = self.tokens.before(at.start);
                for word in ["exists", "not"] {
                    if let Some(index) = first
                        && self.tokens.is_word(index, word)
                        && (word == "exists" || negated)
                    {
                        at = at.to(self.tokens.at(index));
                        first = index.checked_sub(1);
                    }
                }
                Expr::new(ExprKind::Exists { query, is_negated: negated }, at)
            }
            Theirs::Subquery(query) => {
                let query = Box::new(self.query(*query)?);
                let at = self.tokens.enclosing(query.at);
                Expr::new(ExprKind::Subquery(query), at)
            }
            Theirs::GroupingSets(sets) => self.sets("grouping sets", sets)?,
            Theirs::Cube(sets) => self.sets("cube", sets)?,
            Theirs::Rollup(sets) => self.sets("rollup", sets)?,
            Theirs::Tuple(items) => {
                let items = self.exprs(items)?;
                let at = items.first().map_or_else(|| self.here(), |item| self.tokens.enclosing(item.at));
                Expr::new(ExprKind::Row(items), at)
            }
            Theirs::Struct { values, fields } => self.struct_literal(values, fields)?,
            Theirs::Named { expr, name } => {
                let expr = self.expr(*expr)?;
                let at = expr.at.to(self.name(name).at);
                Expr { at, ..expr }
            }
            Theirs::Dictionary(fields) => self.dictionary(fields)?,
            Theirs::Map(map) => self.map(map)?,
            Theirs::Array(array) => self.list(array)?,
            Theirs::Interval(interval) => self.interval(interval)?,
            Theirs::MatchAgainst { columns, match_value, .. } => {
                let mut parts = Vec::new();
                for column in columns {
                    let names = self.names(column);
                    let at = names.iter().map(|name| name.at).reduce(TextRange::to).unwrap_or_default();
                    parts.push(Expr::new(ExprKind::Column(names), at));
                }
                parts.push(self.value(match_value));
                self.other("match against", parts)
            }
            Theirs::Wildcard(token) => {
                let at = self.leaf(token.0.span);
                Expr::new(ExprKind::Other { what: "*".to_owned(), parts: Vec::new() }, at)
            }
            Theirs::QualifiedWildcard(name, token) => {
                let names = self.names(name);
                let end = self.leaf(token.0.span);
                let at = names.iter().fold(end, |at, name| at.to(name.at));
                let name_at = names.iter().map(|name| name.at).reduce(TextRange::to).unwrap_or(at);
                let whole = Expr::new(ExprKind::Column(names), name_at);
                Expr { at, ..self.other("*", vec![whole]) }
            }
            Theirs::OuterJoin(expr) => {
                let expr = self.expr(*expr)?;
                let opener = self.tokens.after(expr.at.end);
                Expr { at: expr.at.to(self.tokens.brackets(opener)), ..expr }
            }
            Theirs::Prior(expr) => {
                let expr = self.expr(*expr)?;
                let at = self.tokens.before(expr.at.start).map_or(expr.at, |index| self.tokens.at(index));
                Expr { at: at.to(expr.at), ..self.other("prior", vec![expr]) }
            }
            Theirs::Lambda(lambda) => {
                let lambda = self.lambda(lambda)?;
                let first = lambda.parameters.first().map_or(lambda.body.at, |name| name.at);
                let mut at = first.to(lambda.body.at);
                if let Some(before) = self.tokens.before(at.start)
                    && (self.tokens.is_word(before, "lambda")
                        || self.tokens.is(before, &Token::LParen)
                            && self.tokens.opener(first) != self.tokens.opener(lambda.body.at))
                {
                    at = at.to(self.tokens.at(before));
                }
                // `a -> 'key'` takes a value out of JSON: no function gives the same always.
                let (key, _) = leftmost(&lambda.body);
                let is_arrow = self.dialect == crate::sql::Dialect::DuckDb
                    && matches!(key.kind, ExprKind::Literal(Literal::String(_) | Literal::Number(_)))
                    && lambda.parameters.len() == 1
                    && self
                        .tokens
                        .before(first.start)
                        .is_none_or(|before| !self.tokens.is_word(before, "lambda"));
                if is_arrow {
                    return Ok(arrow(first, lambda));
                }
                Expr::new(ExprKind::Lambda(Box::new(lambda)), at)
            }
            Theirs::MemberOf(member) => {
                let parts = vec![self.expr(*member.value)?, self.expr(*member.array)?];
                let at = parts[0].at.to(self.tokens.enclosing(parts[1].at));
                Expr { at, ..self.other("member of", parts) }
            }
        })
    }

    fn binary(&mut self, left: Theirs, op: BinaryOp, right: Theirs) -> Lowered<Expr> {
        let (left, right) = (self.boxed(left)?, self.boxed(right)?);
        let at = left.at.to(right.at);
        Ok(Expr::new(ExprKind::Binary { left, op, right }, at))
    }

    /// The end of what stands after an expression: `IS NOT NULL`.
    fn suffix(&mut self, at: TextRange) -> (TextRange, TextRange) {
        let mut last = self.tokens.after(at.end);
        if self.tokens.is_word(last, "is") {
            last += 1;
        }
        if self.tokens.is_word(last, "not") && !self.tokens.is_word(last + 1, "in") {
            last += 1;
        }
        let word = self.tokens.at(last);
        self.cursor = word.end;
        (at.to(word), word)
    }

    fn is(&mut self, expr: Theirs, op: BinaryOp, value: bool) -> Lowered<Expr> {
        let left = self.boxed(expr)?;
        let (at, word) = self.suffix(left.at);
        let right = Box::new(Expr::new(ExprKind::Literal(Literal::Bool(value)), word));
        Ok(Expr::new(ExprKind::Binary { left, op, right }, at))
    }

    fn is_null(&mut self, expr: Theirs, is_negated: bool) -> Lowered<Expr> {
        let expr = self.boxed(expr)?;
        let (at, _) = self.suffix(expr.at);
        Ok(Expr::new(ExprKind::IsNull { expr, is_negated }, at))
    }

    fn suffixed(&mut self, what: &str, expr: Theirs) -> Lowered<Expr> {
        let expr = self.expr(expr)?;
        let (at, _) = self.suffix(expr.at);
        Ok(Expr { at, ..self.other(what, vec![expr]) })
    }

    fn in_list(&mut self, expr: Theirs, list: Vec<Theirs>, is_negated: bool) -> Lowered<Expr> {
        let expr = self.boxed(expr)?;
        let mut next = self.tokens.after(expr.at.end);
        if self.tokens.is_word(next, "not") {
            next += 1;
        }
        // After IN.
        next += 1;
        let is_bare = !self.tokens.is(next, &Token::LParen);
        let list = self.exprs(list)?;
        let at = match list.first() {
            // DuckDB's `x in list`.
            Some(item) if is_bare => expr.at.to(item.at),
            _ => expr.at.to(self.tokens.brackets(next)),
        };
        if is_bare {
            let parts = std::iter::once(*expr).chain(list).collect();
            return Ok(Expr { at, ..self.other("in", parts) });
        }
        Ok(Expr::new(ExprKind::InList { expr, list, is_negated }, at))
    }

    fn like(
        &mut self,
        operator: &str,
        is_negated: bool,
        expr: Theirs,
        pattern: Theirs,
        escape: Option<Box<Theirs>>,
    ) -> Lowered<Expr> {
        let (expr, pattern) = (self.boxed(expr)?, self.boxed(pattern)?);
        let escape = self.optional(escape.map(|escape| *escape))?;
        let at = expr.at.to(pattern.at);
        let at = escape.map_or(at, |escape| at.to(escape.at));
        // For sqlparser it is a LIKE.
        let is_glob =
            self.tokens.before(pattern.at.start).is_some_and(|word| self.tokens.is_word(word, "glob"));
        let operator = if is_glob { "glob" } else { operator };
        Ok(Expr::new(ExprKind::Like { expr, operator: operator.to_owned(), pattern, is_negated }, at))
    }

    fn quantified(
        &mut self,
        what: &str,
        left: Theirs,
        op: &ast::BinaryOperator,
        right: Theirs,
    ) -> Lowered<Expr> {
        let expr = self.boxed(left)?;
        if let Theirs::Subquery(query) = right {
            let query = Box::new(self.query(*query)?);
            let at = expr.at.to(self.tokens.enclosing(query.at));
            let op = self.binary_op(op.clone());
            return Ok(Expr::new(ExprKind::Quantified { expr, op, query }, at));
        }
        let right = self.expr(right)?;
        let at = expr.at.to(match right.kind {
            ExprKind::Row(_) => right.at,
            _ => self.tokens.enclosing(right.at),
        });
        Ok(Expr { at, ..self.other(what, vec![*expr, right]) })
    }

    fn unary(&mut self, op: ast::UnaryOperator, expr: Theirs) -> Lowered<Expr> {
        use ast::UnaryOperator as Op;
        let expr = self.boxed(expr)?;
        let before = self.tokens.before(expr.at.start).map_or(expr.at, |index| self.tokens.at(index));
        let at = match op {
            Op::PGPostfixFactorial => expr.at.to(self.tokens.at(self.tokens.after(expr.at.end))),
            _ => before.to(expr.at),
        };
        let op = match op {
            Op::Not | Op::BangNot => UnaryOp::Not,
            Op::Minus => UnaryOp::Minus,
            Op::Plus => UnaryOp::Plus,
            Op::BitwiseNot => UnaryOp::BitNot,
            other => return Ok(Expr { at, ..self.other(&other.to_string(), vec![*expr]) }),
        };
        Ok(Expr::new(ExprKind::Unary { op, expr }, at))
    }

    fn sets(&mut self, what: &str, sets: Vec<Vec<Theirs>>) -> Lowered<Expr> {
        let parts = self.exprs(sets.into_iter().flatten())?;
        Ok(self.other(what, parts))
    }

    pub(super) fn lambda(&mut self, lambda: ast::LambdaFunction) -> Lowered<Lambda> {
        let parameters =
            lambda.params.into_iter().map(|parameter| parameter.name.clone()).collect::<Vec<_>>();
        let parameters = parameters.into_iter().map(|name| self.name(name)).collect();
        Ok(Lambda { parameters, body: self.expr(*lambda.body)? })
    }

    pub(super) fn value(&mut self, value: ast::ValueWithSpan) -> Expr {
        use ast::Value;
        let at = self.leaf(value.span);
        let literal = match value.value {
            Value::Null => Literal::Null,
            Value::Boolean(value) => Literal::Bool(value),
            Value::Number(..) => Literal::Number(self.slice(at).to_owned()),
            Value::Placeholder(text) => match between_dollars(&text) {
                Some(inside) => Literal::String(inside.to_owned()),
                None => return Expr::new(ExprKind::Parameter(text), at),
            },
            Value::DollarQuotedString(text) => Literal::String(text.value),
            Value::QuoteDelimitedStringLiteral(text) | Value::NationalQuoteDelimitedStringLiteral(text) => {
                Literal::String(text.value)
            }
            Value::SingleQuotedString(text)
            | Value::DoubleQuotedString(text)
            | Value::TripleSingleQuotedString(text)
            | Value::TripleDoubleQuotedString(text)
            | Value::EscapedStringLiteral(text)
            | Value::UnicodeStringLiteral(text)
            | Value::SingleQuotedRawStringLiteral(text)
            | Value::DoubleQuotedRawStringLiteral(text)
            | Value::TripleSingleQuotedRawStringLiteral(text)
            | Value::TripleDoubleQuotedRawStringLiteral(text)
            | Value::NationalStringLiteral(text) => Literal::String(text),
            Value::SingleQuotedByteStringLiteral(text)
            | Value::DoubleQuotedByteStringLiteral(text)
            | Value::TripleSingleQuotedByteStringLiteral(text)
            | Value::TripleDoubleQuotedByteStringLiteral(text) => {
                Literal::Typed(DataType::new(self.byte_string_type()), text)
            }
            Value::HexStringLiteral(text) => Literal::Typed(DataType::new(self.byte_string_type()), text),
        };
        Expr::new(ExprKind::Literal(literal), at)
    }

    fn byte_string_type(&self) -> &'static str {
        use crate::sql::Dialect;
        match self.dialect {
            Dialect::DuckDb => "BLOB",
            Dialect::BigQuery => "BYTES",
            Dialect::Snowflake | Dialect::Spark | Dialect::Databricks => "BINARY",
            Dialect::Postgres => "BIT",
            Dialect::Redshift => "VARBYTE",
        }
    }

    pub(super) fn order_keys(&mut self, keys: Vec<ast::OrderByExpr>) -> Lowered<Vec<OrderKey>> {
        keys.into_iter().map(|key| self.order_key(key)).collect()
    }

    fn order_key(&mut self, key: ast::OrderByExpr) -> Lowered<OrderKey> {
        let expr = self.expr(key.expr)?;
        let is_descending = matches!(key.options.sort, Some(ast::OrderBySort::Desc));
        Ok(OrderKey { expr, is_descending, nulls_first: key.options.nulls_first })
    }
}

/// The first operand of a chain of JSON's arrows, and how many there are.
fn leftmost(expr: &Expr) -> (&Expr, usize) {
    match &expr.kind {
        ExprKind::Binary { left, op: BinaryOp::Other(op), .. } if op == "->>" || op == "->" => {
            let (first, count) = leftmost(left);
            (first, count + 1)
        }
        _ => (expr, 0),
    }
}

/// `a -> ('b' ->> 'c')` as `(a -> 'b') ->> 'c'`.
fn arrow(column: TextRange, lambda: Lambda) -> Expr {
    let (_, count) = leftmost(&lambda.body);
    let mut keys = Vec::with_capacity(count);
    let mut first = lambda.body;
    while let ExprKind::Binary { left, op: BinaryOp::Other(op), right } = first.kind {
        if op != "->>" && op != "->" {
            first.kind = ExprKind::Binary { left, op: BinaryOp::Other(op), right };
            break;
        }
        keys.push((op, *right));
        first = *left;
    }
    let mut made = Expr::new(ExprKind::Column(lambda.parameters), column);
    for (op, key) in std::iter::once(("->".to_owned(), first)).chain(keys.into_iter().rev()) {
        let at = made.at.to(key.at);
        let (left, right) = (Box::new(made), Box::new(key));
        made = Expr::new(ExprKind::Binary { left, op: BinaryOp::Other(op), right }, at);
    }
    made
}

/// What stands between the dollars of a string: `$$text$$`, `$tag$text$tag$`.
fn between_dollars(text: &str) -> Option<&str> {
    let tag = text.get(..=text.get(1..)?.find('$')? + 1)?;
    text.strip_prefix(tag)?.strip_suffix(tag)
}
