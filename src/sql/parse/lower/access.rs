use sqlparser::ast::{self, AccessExpr, Expr as Theirs, JsonPathElem, Subscript};
use sqlparser::tokenizer::Token;

use super::{Lower, Lowered};
use crate::sql::tree::{Argument, Expr, ExprKind, Literal, Name, TextRange};

/// Parts of values, and values made of parts.
impl Lower<'_> {
    pub(super) fn field_access(&mut self, root: Theirs, chain: Vec<AccessExpr>) -> Lowered<Expr> {
        let levels = chain.len();
        self.deeper(levels, |lower| {
            let mut expr = lower.expr(root)?;
            for access in chain {
                expr = match access {
                    AccessExpr::Dot(Theirs::Identifier(ident)) => {
                        let name = lower.name(ident);
                        field(expr, name)
                    }
                    AccessExpr::Dot(Theirs::CompoundIdentifier(idents)) => {
                        let names: Vec<Name> = idents.into_iter().map(|ident| lower.name(ident)).collect();
                        names.into_iter().fold(expr, field)
                    }
                    AccessExpr::Dot(other) => {
                        let made = lower.expr(other)?;
                        let at = expr.at.to(made.at);
                        match made.kind {
                            // `x.lower()` is `lower(x)`.
                            ExprKind::Call(mut call) => {
                                call.arguments.insert(0, Argument::Expr(expr));
                                Expr::new(ExprKind::Call(call), at)
                            }
                            ExprKind::Literal(Literal::String(text)) => {
                                field(expr, Name { text, is_quoted: true, at: made.at })
                            }
                            _ => Expr { at, ..lower.other(".", vec![expr, made]) },
                        }
                    }
                    AccessExpr::Subscript(Subscript::Index { index }) => lower.index(expr, index)?,
                    AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride }) => {
                        let opener = lower.tokens.after(expr.at.end);
                        let at = expr.at.to(lower.tokens.brackets(opener));
                        let mut indices = Vec::new();
                        for bound in [lower_bound, upper_bound] {
                            let missing =
                                Expr::new(ExprKind::Literal(Literal::Null), lower.tokens.brackets(opener));
                            indices.push(lower.optional(bound)?.unwrap_or(missing));
                        }
                        indices.extend(lower.optional(stride)?);
                        lower.cursor = at.end;
                        Expr::new(ExprKind::Index { expr: Box::new(expr), indices }, at)
                    }
                };
            }
            Ok(expr)
        })
    }

    fn index(&mut self, expr: Expr, index: Theirs) -> Lowered<Expr> {
        let opener = self.tokens.after(expr.at.end);
        let index = self.expr(index)?;
        let at = expr.at.to(self.tokens.brackets(opener));
        self.cursor = at.end;
        let expr = Box::new(expr);
        Ok(Expr::new(
            match index.kind {
                ExprKind::Literal(Literal::String(text)) => {
                    ExprKind::Field { expr, field: Name { text, is_quoted: true, at: index.at } }
                }
                _ => ExprKind::Index { expr, indices: vec![index] },
            },
            at,
        ))
    }

    /// Snowflake's and Databricks' `value:path.to[0]`.
    pub(super) fn json_access(&mut self, value: Theirs, path: ast::JsonPath) -> Lowered<Expr> {
        if self.dialect == crate::sql::Dialect::DuckDb {
            // `alias: expression`, of which sqlparser has taken apart the wrong half.
            return Err(self.error("an alias in front of its expression is not read", self.here()));
        }
        let levels = path.path.len();
        self.deeper(levels, |lower| {
            let mut expr = lower.expr(value)?;
            for element in path.path {
                let separator = lower.tokens.after(expr.at.end);
                expr = match element {
                    JsonPathElem::Dot { key, quoted } => {
                        let at = lower.tokens.at(separator + 1);
                        lower.cursor = at.end;
                        let whole = expr.at.to(at);
                        let name = Name { text: key, is_quoted: quoted, at };
                        Expr::new(ExprKind::Field { expr: Box::new(expr), field: name }, whole)
                    }
                    JsonPathElem::Bracket { key } => lower.index(expr, key)?,
                    JsonPathElem::ColonBracket { key } => {
                        let at = lower.tokens.brackets(separator + 1);
                        let before = expr.at;
                        expr.at = before.to(lower.tokens.at(separator));
                        let mut made = lower.index(expr, key)?;
                        made.at = before.to(at);
                        made
                    }
                };
            }
            Ok(expr)
        })
    }

    /// BigQuery's and Databricks' `STRUCT<…>(a AS b, c)`.
    pub(super) fn struct_literal(
        &mut self,
        values: Vec<Theirs>,
        fields: Vec<ast::StructField>,
    ) -> Lowered<Expr> {
        let start = self.cursor;
        let mut fields = fields
            .into_iter()
            .map(|field| field.field_name.map(|ident| self.name(ident)))
            .collect::<Vec<_>>()
            .into_iter();
        let mut made = Vec::with_capacity(values.len());
        for value in values {
            let declared = fields.next().flatten();
            let (value, name) = match value {
                Theirs::Named { expr, name } => {
                    let expr = self.expr(*expr)?;
                    (expr, Some(self.name(name)))
                }
                value => (self.expr(value)?, None),
            };
            let name = name.or(declared).unwrap_or_else(|| match &value.kind {
                ExprKind::Column(names) if !names.is_empty() => names[names.len() - 1].clone(),
                _ => self.synthetic("", TextRange::new(value.at.start, value.at.start)),
            });
            made.push((name, value));
        }
        let at = match made.first() {
            Some((_, value)) => {
                let opener = self.tokens.opener(value.at).unwrap_or_default();
                let word = self.tokens.type_before(opener).unwrap_or(opener);
                self.tokens.at(word).to(self.tokens.brackets(opener))
            }
            None => {
                let word = (self.tokens.after(start)..self.tokens.len())
                    .find(|index| self.tokens.is_word(*index, "struct"))
                    .unwrap_or(self.tokens.after(start));
                self.run(word, self.tokens.after_type(word))
            }
        };
        self.cursor = at.end;
        Ok(Expr::new(ExprKind::Struct(made), at))
    }

    /// DuckDB's `{'a': 1}`.
    pub(super) fn dictionary(&mut self, fields: Vec<ast::DictionaryField>) -> Lowered<Expr> {
        let mut made = Vec::with_capacity(fields.len());
        for field in fields {
            let name = self.name(field.key);
            made.push((name, self.expr(*field.value)?));
        }
        let at = match made.first() {
            Some((name, _)) => self.tokens.enclosing(name.at),
            None => self.empty(&Token::LBrace),
        };
        self.cursor = at.end;
        Ok(Expr::new(ExprKind::Struct(made), at))
    }

    /// `MAP {key: value}`.
    pub(super) fn map(&mut self, map: ast::Map) -> Lowered<Expr> {
        let mut made = Vec::with_capacity(map.entries.len());
        for entry in map.entries {
            made.push((self.expr(*entry.key)?, self.expr(*entry.value)?));
        }
        let at = match made.first() {
            Some((key, _)) => self.tokens.enclosing(key.at),
            None => self.empty(&Token::LBrace),
        };
        self.cursor = at.end;
        let word = self.tokens.before(at.start).filter(|index| self.tokens.is_word(*index, "map"));
        Ok(Expr::new(ExprKind::Map(made), word.map_or(at, |index| at.to(self.tokens.at(index)))))
    }

    /// `[a, b]`, `ARRAY[a, b]`.
    pub(super) fn list(&mut self, array: ast::Array) -> Lowered<Expr> {
        let start = self.cursor;
        let items = self.exprs(array.elem)?;
        let at = match items.first() {
            Some(item) => self.tokens.enclosing(item.at),
            None => {
                self.cursor = start;
                self.empty(&Token::LBracket)
            }
        };
        self.cursor = at.end;
        let word = self.tokens.before(at.start).filter(|_| array.named);
        Ok(Expr::new(ExprKind::List(items), word.map_or(at, |index| at.to(self.tokens.at(index)))))
    }

    /// The next pair of brackets with nothing in it.
    fn empty(&self, bracket: &Token) -> TextRange {
        let mut after = self.tokens.after(self.cursor)..self.tokens.len();
        let found = after
            .find(|index| self.tokens.is(*index, bracket) && self.tokens.partner(*index) == Some(index + 1));
        found.map_or_else(|| self.here(), |index| self.tokens.brackets(index))
    }
}

/// `expr.name`. After a column it is one more part of its name.
fn field(expr: Expr, name: Name) -> Expr {
    let at = expr.at.to(name.at);
    match expr.kind {
        ExprKind::Column(mut names)
            if names.last().is_some_and(|last| last.at.end <= expr.at.end && last.at.end == expr.at.end) =>
        {
            names.push(name);
            Expr::new(ExprKind::Column(names), at)
        }
        kind => Expr::new(ExprKind::Field { expr: Box::new(Expr::new(kind, expr.at)), field: name }, at),
    }
}
