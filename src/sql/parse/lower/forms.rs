use sqlparser::ast::{self, Expr as Theirs};
use sqlparser::tokenizer::Token;

use super::{Lower, Lowered};
use crate::sql::DataType;
use crate::sql::tree::{Argument, Call, Expr, ExprKind, Literal, Name, TextRange};

/// Functions with a grammar of their own, and literals with a type.
impl Lower<'_> {
    /// A call whose arguments are all expressions.
    #[allow(clippy::unused_self)]
    pub(super) fn plain_call(&self, name: Name, arguments: Vec<Expr>, at: TextRange) -> Expr {
        let arguments = arguments.into_iter().map(Argument::Expr).collect();
        let call = Call {
            name: vec![name],
            arguments,
            is_distinct: false,
            order_by: Vec::new(),
            filter: None,
            over: None,
        };
        Expr::new(ExprKind::Call(Box::new(call)), at)
    }

    /// `name(a IN b)`, `name(a FROM b FOR c)`: the parts in the order of the text.
    pub(super) fn form(&mut self, name: &str, parts: Vec<Theirs>) -> Lowered<Expr> {
        let parts = self.exprs(parts)?;
        let inner = parts.first().map_or_else(|| self.here(), |part| part.at);
        let (written, at) = self.around(inner);
        Ok(self.plain_call(self.synthetic(name, written.at), parts, at))
    }

    pub(super) fn cast(&mut self, kind: &ast::CastKind, expr: Theirs, has_format: bool) -> Lowered<Expr> {
        let expr = self.boxed(expr)?;
        // `::` or AS.
        let first = self.tokens.after(expr.at.end) + 1;
        let (at, end) = match kind {
            ast::CastKind::DoubleColon => {
                let end = self.tokens.after_type(first);
                (expr.at.to(self.run(first, end)), end)
            }
            _ => {
                let opener = self.tokens.opener(expr.at).unwrap_or_default();
                let mut end = self.tokens.partner(opener).unwrap_or(first + 1);
                if has_format {
                    end = (first..end).find(|index| self.tokens.is_word(*index, "format")).unwrap_or(end);
                }
                (self.around(expr.at).1, end)
            }
        };
        let to_at = self.run(first, end);
        self.cursor = at.end;
        let to = DataType::new(self.slice(to_at));
        let is_try = matches!(kind, ast::CastKind::TryCast | ast::CastKind::SafeCast);
        Ok(Expr::new(ExprKind::Cast { expr, to, to_at, is_try }, at))
    }

    pub(super) fn convert(
        &mut self,
        expr: Theirs,
        has_type: bool,
        is_try: bool,
        styles: Vec<Theirs>,
    ) -> Lowered<Expr> {
        let expr = self.boxed(expr)?;
        let mut parts = self.exprs(styles)?;
        let at = self.around(expr.at).1;
        let first = self.tokens.after(expr.at.end);
        if has_type && self.tokens.is(first, &Token::Comma) && parts.is_empty() {
            let end = self.tokens.after_type(first + 1);
            let to_at = self.run(first + 1, end);
            let to = DataType::new(self.slice(to_at));
            return Ok(Expr::new(ExprKind::Cast { expr, to, to_at, is_try }, at));
        }
        parts.insert(0, *expr);
        Ok(Expr { at, ..self.other("convert", parts) })
    }

    pub(super) fn at_time_zone(&mut self, timestamp: Theirs, time_zone: Theirs) -> Lowered<Expr> {
        let timestamp = self.expr(timestamp)?;
        let time_zone = self.expr(time_zone)?;
        let at = timestamp.at.to(time_zone.at);
        let words = self.tokens.after(timestamp.at.end);
        let name = self.synthetic("timezone", self.run(words, words + 3));
        Ok(self.plain_call(name, vec![time_zone, timestamp], at))
    }

    /// `extract(field from x)` is `date_part('field', x)`.
    pub(super) fn extract(&mut self, expr: Theirs) -> Lowered<Expr> {
        let expr = self.expr(expr)?;
        let (written, at) = self.around(expr.at);
        let first = self.tokens.opener(expr.at).map_or(0, |opener| opener + 1);
        // Before FROM or the comma.
        let end = self.tokens.before(expr.at.start).unwrap_or(first);
        let field_at = self.run(first, end);
        let field = self.slice(field_at).trim_matches('\'').to_lowercase();
        let field = Expr::new(ExprKind::Literal(Literal::String(field)), field_at);
        Ok(self.plain_call(self.synthetic("date_part", written.at), vec![field, expr], at))
    }

    /// `ceil(x)`, `floor(x, 2)`, `floor(x to day)`.
    pub(super) fn rounding(&mut self, expr: Theirs, field: ast::CeilFloorKind) -> Lowered<Expr> {
        let expr = self.expr(expr)?;
        let (name, at) = self.around(expr.at);
        let mut parts = vec![expr];
        match field {
            ast::CeilFloorKind::Scale(value) => parts.push(self.value(value)),
            ast::CeilFloorKind::DateTimeField(_) => {
                // The word after TO, if there is one.
                let word = self.tokens.after(parts[0].at.end) + 1;
                if self.tokens.at(word).end < at.end {
                    let text = self.slice(self.tokens.at(word)).to_lowercase();
                    parts.push(Expr::new(ExprKind::Literal(Literal::String(text)), self.tokens.at(word)));
                }
            }
        }
        Ok(self.plain_call(name, parts, at))
    }

    pub(super) fn trim(
        &mut self,
        side: Option<ast::TrimWhereField>,
        what: Option<Box<Theirs>>,
        expr: Theirs,
        characters: Option<Vec<Theirs>>,
    ) -> Lowered<Expr> {
        let what = self.optional(what.map(|what| *what))?;
        let expr = self.expr(expr)?;
        let (written, at) = self.around(expr.at);
        let name = match side {
            Some(ast::TrimWhereField::Leading) => "ltrim",
            Some(ast::TrimWhereField::Trailing) => "rtrim",
            _ => "trim",
        };
        let mut parts = vec![expr];
        parts.extend(what);
        parts.extend(self.exprs(characters.unwrap_or_default())?);
        Ok(self.plain_call(self.synthetic(name, written.at), parts, at))
    }

    pub(super) fn typed_string(&mut self, typed: ast::TypedString) -> Expr {
        let value = self.value(typed.value);
        let index = self.tokens.after(value.at.start);
        let first = self.tokens.type_before(index).unwrap_or(index);
        let type_at = self.run(first, index);
        let text = match value.kind {
            ExprKind::Literal(Literal::String(text)) => text,
            _ => self.slice(value.at).to_owned(),
        };
        let literal = Literal::Typed(DataType::new(self.slice(type_at)), text);
        Expr::new(ExprKind::Literal(literal), type_at.to(value.at))
    }

    pub(super) fn interval(&mut self, interval: ast::Interval) -> Lowered<Expr> {
        let value = self.expr(*interval.value)?;
        let keyword = self.tokens.before(value.at.start).map_or(value.at, |index| self.tokens.at(index));
        let mut next = self.tokens.after(value.at.end);
        let mut end = value.at;
        let mut unit = |lower: &Self, next: &mut usize| {
            end = lower.tokens.at(*next);
            *next += 1;
            if lower.tokens.is(*next, &Token::LParen) {
                end = lower.tokens.brackets(*next);
                *next = lower.tokens.partner(*next).map_or(*next, |closer| closer + 1);
            }
        };
        if interval.leading_field.is_some() {
            unit(self, &mut next);
            if interval.last_field.is_some() {
                next += 1;
                unit(self, &mut next);
            }
        }
        let at = keyword.to(value.at).to(end);
        self.cursor = at.end;
        if matches!(value.kind, ExprKind::Literal(_)) {
            let text = self.slice(TextRange::new(value.at.start, at.end)).to_owned();
            return Ok(Expr::new(ExprKind::Literal(Literal::Typed(DataType::new("INTERVAL"), text)), at));
        }
        Ok(Expr { at, ..self.other("interval", vec![value]) })
    }
}
