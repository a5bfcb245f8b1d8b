use sqlparser::ast::{self, Expr as Theirs, FunctionArg, FunctionArgExpr, FunctionArguments};
use sqlparser::tokenizer::Token;

use super::{Lower, Lowered};
use crate::sql::Dialect;
use crate::sql::tree::{
    Argument, Call, ColumnsPattern, Expr, ExprKind, FrameBound, Literal, Name, OrderKey, Star, TextRange,
    Window, WindowSpec,
};

impl Lower<'_> {
    pub(super) fn call(&mut self, function: ast::Function) -> Lowered<Expr> {
        let name = self.names(function.name);
        let name_at = name.iter().map(|name| name.at).reduce(TextRange::to).unwrap_or_else(|| self.here());
        let mut next = self.tokens.after(name_at.end);
        let mut at = name_at;
        let mut call = Call {
            name,
            arguments: Vec::new(),
            is_distinct: false,
            order_by: Vec::new(),
            filter: None,
            over: None,
        };
        for arguments in [function.parameters, function.args] {
            if matches!(arguments, FunctionArguments::None) {
                continue;
            }
            self.cursor = self.tokens.at(next).end;
            let brackets = self.tokens.brackets(next);
            self.arguments(arguments, &mut call)?;
            at = at.to(brackets);
            self.cursor = brackets.end;
            next = self.tokens.after(brackets.end);
        }
        call.order_by.extend(self.order_keys(function.within_group)?);
        if let Some(filter) = function.filter {
            call.filter = Some(self.expr(*filter)?);
        }
        let is_over = function.over.is_some();
        call.over = function.over.map(|over| self.window_type(over)).transpose()?;
        let has_suffix = is_over
            || call.filter.is_some()
            || !call.order_by.is_empty()
            || function.null_treatment.is_some();
        loop {
            let end = if !has_suffix {
                break;
            } else if self.tokens.is_word(next, "within") && self.tokens.is_word(next + 1, "group") {
                next + 2
            } else if self.tokens.is_word(next, "filter") && call.filter.is_some()
                || self.tokens.is_word(next, "over") && is_over
                || self.tokens.is_any_word(next, &["ignore", "respect"])
                    && self.tokens.is_word(next + 1, "nulls")
            {
                next + 1
            } else {
                break;
            };
            at = at.to(self.tokens.brackets(end)).to(self.tokens.at(end));
            next = self.tokens.after(at.end);
        }
        self.cursor = at.end;
        if let (Dialect::DuckDb, [name]) = (self.dialect, &call.name[..])
            && name.text.eq_ignore_ascii_case("columns")
            && !name.is_quoted
            && let Some(pattern) = columns_pattern(&call)
        {
            return Ok(Expr::new(ExprKind::Columns(pattern), at));
        }
        Ok(Expr::new(ExprKind::Call(Box::new(call)), at))
    }

    fn arguments(&mut self, arguments: FunctionArguments, call: &mut Call) -> Lowered<()> {
        let list = match arguments {
            FunctionArguments::None => return Ok(()),
            FunctionArguments::Subquery(query) => {
                call.arguments.push(Argument::Query(Box::new(self.query(*query)?)));
                return Ok(());
            }
            FunctionArguments::List(list) => list,
        };
        call.is_distinct = matches!(list.duplicate_treatment, Some(ast::DuplicateTreatment::Distinct));
        for argument in list.args {
            self.argument(argument, &mut call.arguments)?;
        }
        for clause in list.clauses {
            use ast::FunctionArgumentClause as Clause;
            match clause {
                Clause::OrderBy(keys) => call.order_by.extend(self.order_keys(keys)?),
                Clause::Where(filter) => call.filter = Some(self.expr(filter)?),
                // `any_value(x HAVING MAX y)` takes the x of the first by y.
                Clause::Having(ast::HavingBound(kind, expr)) => {
                    let expr = self.expr(expr)?;
                    let is_descending = matches!(kind, ast::HavingBoundKind::Max);
                    call.order_by.push(OrderKey { expr, is_descending, nulls_first: None });
                }
                Clause::Limit(expr) => {
                    self.expr(expr)?;
                }
                Clause::Separator(value) => {
                    let value = self.value(value);
                    call.arguments.push(Argument::Expr(value));
                }
                Clause::IgnoreOrRespectNulls(_)
                | Clause::OnOverflow(_)
                | Clause::JsonNullClause(_)
                | Clause::JsonReturningClause(_) => {}
            }
        }
        Ok(())
    }

    pub(super) fn argument(&mut self, argument: FunctionArg, into: &mut Vec<Argument>) -> Lowered<()> {
        match argument {
            FunctionArg::Named { name, arg, .. } => {
                let name = self.name(name);
                self.named_argument(name, arg, into)
            }
            FunctionArg::ExprNamed { name, arg, .. } => match self.expr(name)? {
                Expr { kind: ExprKind::Column(mut names), .. } if names.len() == 1 => {
                    let name = names.remove(0);
                    self.named_argument(name, arg, into)
                }
                // `json_object('key': value)`.
                name => {
                    into.push(Argument::Expr(name));
                    let value = self.argument_expr(arg)?;
                    into.push(value);
                    Ok(())
                }
            },
            FunctionArg::Unnamed(arg) => {
                let argument = self.argument_expr(arg)?;
                into.push(argument);
                Ok(())
            }
        }
    }

    fn named_argument(&mut self, name: Name, arg: FunctionArgExpr, into: &mut Vec<Argument>) -> Lowered<()> {
        let argument = match self.argument_expr(arg)? {
            Argument::Expr(expr) => Argument::Named(name, expr),
            other => other,
        };
        into.push(argument);
        Ok(())
    }

    fn argument_expr(&mut self, arg: FunctionArgExpr) -> Lowered<Argument> {
        Ok(match arg {
            FunctionArgExpr::Expr(Theirs::Wildcard(token)) => {
                Argument::Star(Star { at: self.leaf(token.0.span), ..Star::default() })
            }
            FunctionArgExpr::Expr(expr) => Argument::Expr(self.expr(expr)?),
            FunctionArgExpr::Wildcard => {
                let at = self.next_star();
                Argument::Star(Star { at, ..Star::default() })
            }
            FunctionArgExpr::QualifiedWildcard(name) => {
                let qualifier = self.names(name);
                let at = qualifier.iter().fold(self.next_star(), |at, name| at.to(name.at));
                Argument::Star(Star { qualifier, at, ..Star::default() })
            }
            FunctionArgExpr::WildcardWithOptions(options) => Argument::Star(self.star(Vec::new(), options)?),
        })
    }

    fn next_star(&mut self) -> TextRange {
        let from = self.tokens.after(self.cursor);
        let star = (from..self.tokens.len()).find(|index| self.tokens.is(*index, &Token::Mul));
        let at = star.map_or_else(|| self.here(), |index| self.tokens.at(index));
        self.cursor = at.end;
        at
    }

    fn window_type(&mut self, window: ast::WindowType) -> Lowered<Window> {
        Ok(match window {
            ast::WindowType::NamedWindow(ident) => Window::Named(self.name(ident)),
            ast::WindowType::WindowSpec(spec) => self.window(spec)?,
        })
    }

    pub(super) fn window(&mut self, spec: ast::WindowSpec) -> Lowered<Window> {
        let base = spec.window_name.map(|ident| self.name(ident));
        let partition_by = self.exprs(spec.partition_by)?;
        let order_by = self.order_keys(spec.order_by)?;
        let mut frame = None;
        if let Some(theirs) = spec.window_frame {
            let mut bounds = vec![self.frame_bound(theirs.start_bound)?];
            if let Some(bound) = theirs.end_bound {
                bounds.push(self.frame_bound(bound)?);
            }
            frame = Some((theirs.units.to_string().to_lowercase(), bounds));
        }
        Ok(Window::Spec(Box::new(WindowSpec { base, partition_by, order_by, frame })))
    }

    fn frame_bound(&mut self, bound: ast::WindowFrameBound) -> Lowered<FrameBound> {
        use ast::WindowFrameBound as Bound;
        Ok(match bound {
            Bound::CurrentRow => FrameBound::CurrentRow,
            Bound::Preceding(expr) => FrameBound::Preceding(self.optional(expr.map(|expr| *expr))?),
            Bound::Following(expr) => FrameBound::Following(self.optional(expr.map(|expr| *expr))?),
        })
    }
}

/// What DuckDB's `COLUMNS(…)` takes.
fn columns_pattern(call: &Call) -> Option<ColumnsPattern> {
    let [argument] = &call.arguments[..] else { return None };
    match argument {
        Argument::Star(star) => Some(ColumnsPattern::Star(star.clone())),
        Argument::Expr(Expr { kind: ExprKind::Literal(Literal::String(regex)), .. }) => {
            Some(ColumnsPattern::Regex(regex.clone()))
        }
        Argument::Expr(Expr { kind: ExprKind::Lambda(lambda), .. }) => {
            Some(ColumnsPattern::Lambda(lambda.clone()))
        }
        Argument::Expr(Expr { kind: ExprKind::List(items), .. }) => {
            let name = |item: &Expr| match &item.kind {
                ExprKind::Literal(Literal::String(text)) => {
                    Some(Name { text: text.clone(), is_quoted: true, at: item.at })
                }
                _ => None,
            };
            items.iter().map(name).collect::<Option<_>>().map(ColumnsPattern::Names)
        }
        _ => None,
    }
}
