use sqlparser::ast::{self, Expr as Theirs, TableFactor};
use sqlparser::tokenizer::Token;

use super::{Lower, Lowered};
use crate::sql::tree::{
    Alias, Argument, BinaryOp, Body, Distinct, Expr, ExprKind, FromItem, GroupBy, Join, JoinCondition,
    JoinKind, Name, Pivot, PivotOn, Query, Select, SelectItem, Star, TableFunction, TextRange, Unpivot,
};

/// The name and the arguments of a call; what is none is the argument of `table`.
pub(super) fn called(expr: Expr) -> (Vec<Name>, Vec<Argument>) {
    match expr.kind {
        ExprKind::Call(call) => (call.name, call.arguments),
        kind => {
            let at = TextRange::new(expr.at.start, expr.at.start);
            let name = Name { text: "table".to_owned(), is_quoted: false, at };
            (vec![name], vec![Argument::Expr(Expr::new(kind, expr.at))])
        }
    }
}

impl Lower<'_> {
    pub(super) fn from(&mut self, from: Vec<ast::TableWithJoins>) -> Lowered<Vec<FromItem>> {
        from.into_iter().map(|item| self.joined(item)).collect()
    }

    fn joined(&mut self, item: ast::TableWithJoins) -> Lowered<FromItem> {
        self.deeper(item.joins.len(), |lower| {
            let mut left = lower.source_item(item.relation)?;
            for join in item.joins {
                left = lower.join(left, join)?;
            }
            Ok(left)
        })
    }

    pub(super) fn join(&mut self, left: FromItem, join: ast::Join) -> Lowered<FromItem> {
        use ast::JoinOperator as Op;
        let right = self.source_item(join.relation)?;
        let mut condition = None;
        let (kind, constraint) = match join.join_operator {
            Op::Join(on) | Op::Inner(on) | Op::StraightJoin(on) => (JoinKind::Inner, Some(on)),
            Op::Left(on) | Op::LeftOuter(on) => (JoinKind::Left, Some(on)),
            Op::Right(on) | Op::RightOuter(on) => (JoinKind::Right, Some(on)),
            Op::FullOuter(on) => (JoinKind::Full, Some(on)),
            Op::CrossJoin(on) => (JoinKind::Cross, Some(on)),
            Op::Semi(on) | Op::LeftSemi(on) | Op::RightSemi(on) => (JoinKind::Semi, Some(on)),
            Op::Anti(on) | Op::LeftAnti(on) | Op::RightAnti(on) => (JoinKind::Anti, Some(on)),
            Op::AsOf { match_condition, constraint } => {
                condition = Some(self.expr(match_condition)?);
                (JoinKind::Inner, Some(constraint))
            }
            Op::OuterApply => (JoinKind::Left, None),
            Op::CrossApply | Op::ArrayJoin | Op::LeftArrayJoin | Op::InnerArrayJoin => {
                (JoinKind::Cross, None)
            }
        };
        let mut at = left.at().to(right.at());
        let words = self.join_words(left.at(), right.at());
        let has = |word: &str| words.iter().any(|other| other.eq_ignore_ascii_case(word));
        let is_asof = has("asof");
        let kind = if has("positional") { JoinKind::Positional } else { kind };
        let (left, right) = match has("right") && matches!(kind, JoinKind::Semi | JoinKind::Anti) {
            true => (right, left),
            false => (left, right),
        };
        let matched = condition.is_some();
        let condition = match (constraint, condition) {
            (Some(ast::JoinConstraint::On(on)), None) => JoinCondition::On(self.expr(on)?),
            (Some(ast::JoinConstraint::On(on)), Some(matches)) => {
                let on = self.expr(on)?;
                let whole = matches.at.to(on.at);
                let kind =
                    ExprKind::Binary { left: Box::new(matches), op: BinaryOp::And, right: Box::new(on) };
                JoinCondition::On(Expr::new(kind, whole))
            }
            (Some(ast::JoinConstraint::Using(columns)), _) => {
                let names = columns.into_iter().filter_map(|column| self.names(column).pop()).collect();
                JoinCondition::Using(names)
            }
            (Some(ast::JoinConstraint::Natural), _) => JoinCondition::Natural,
            (_, Some(matches)) => JoinCondition::On(matches),
            (_, None) => JoinCondition::None,
        };
        match &condition {
            JoinCondition::On(on) => {
                at = at.to(on.at);
                if matched {
                    let next = self.tokens.after(at.end);
                    if self.tokens.is(next, &Token::RParen)
                        && self.tokens.partner(next).is_some_and(|o| self.tokens.at(o).start > at.start)
                    {
                        at = at.to(self.tokens.at(next));
                    }
                }
            }
            JoinCondition::Using(names) => {
                if let Some(name) = names.last() {
                    at = at.to(self.tokens.enclosing(name.at));
                }
            }
            JoinCondition::None | JoinCondition::Natural => {}
        }
        Ok(FromItem::Join(Box::new(Join { kind, is_asof, left, right, condition, at })))
    }

    /// The words between the sides of a join.
    fn join_words(&self, left: TextRange, right: TextRange) -> Vec<&str> {
        let first = self.tokens.after(left.end);
        let end = self.tokens.after(right.start);
        (first..end).filter_map(|index| self.tokens.word(index)).collect()
    }

    fn source_item(&mut self, factor: TableFactor) -> Lowered<FromItem> {
        self.deeper(1, |lower| lower.factor(factor))
    }

    /// With the words before it that belong to it.
    fn with_words(&self, mut at: TextRange, words: &[&str]) -> TextRange {
        while let Some(index) = self.tokens.before(at.start)
            && self.tokens.is_any_word(index, words)
        {
            at = at.to(self.tokens.at(index));
        }
        at
    }

    fn table_function(
        &mut self,
        name: Vec<Name>,
        arguments: Vec<Argument>,
        at: TextRange,
        alias: Option<ast::TableAlias>,
        ordinality: Option<Name>,
    ) -> FromItem {
        let alias = alias.map(|alias| self.alias(alias));
        let at = self.through_alias(at, alias.as_ref());
        let at = ordinality.as_ref().map_or(at, |name| at.to(name.at));
        FromItem::Function(Box::new(TableFunction { name, arguments, alias, ordinality, at }))
    }

    /// The name of the column that counts, at the words that ask for it.
    fn ordinality(&self, asked: bool, after: TextRange) -> Option<Name> {
        let word = self.tokens.after(after.end);
        asked.then(|| self.synthetic("ordinality", self.run(word, word + 2)))
    }

    fn factor(&mut self, factor: TableFactor) -> Lowered<FromItem> {
        Ok(match factor {
            TableFactor::Table { name, alias, args, with_ordinality, .. } => {
                let name = self.names(name);
                let at = name.iter().map(|name| name.at).reduce(TextRange::to).unwrap_or_else(|| self.here());
                if let Some(args) = args {
                    return self.called_table(name, args.args, alias, with_ordinality, at);
                }
                let alias = alias.map(|alias| self.alias(alias));
                let at = self.through_alias(at, alias.as_ref());
                FromItem::Table { name, alias, at }
            }
            TableFactor::Function { name, args, alias, with_ordinality, .. } => {
                let name = self.names(name);
                let at = name.iter().map(|name| name.at).reduce(TextRange::to).unwrap_or_else(|| self.here());
                let at = self.with_words(at, &["lateral"]);
                self.called_table(name, args, alias, with_ordinality, at)?
            }
            TableFactor::Derived { lateral, subquery, alias, .. } => {
                let query = Box::new(self.query(*subquery)?);
                let at = self.tokens.enclosing(query.at);
                self.cursor = at.end;
                let at = self.with_words(at, &["lateral"]);
                let alias = alias.map(|alias| self.alias(alias));
                let at = self.through_alias(at, alias.as_ref());
                FromItem::Subquery { query, alias, is_lateral: lateral, at }
            }
            TableFactor::TableFunction { expr, alias } => {
                let expr = self.expr(expr)?;
                let at = self.around(expr.at).1;
                self.cursor = at.end;
                let at = self.with_words(at, &["lateral"]);
                let (name, arguments) = called(expr);
                self.table_function(name, arguments, at, alias, None)
            }
            TableFactor::UNNEST { alias, array_exprs, with_offset, with_offset_alias, with_ordinality } => {
                let arrays = self.exprs(array_exprs)?;
                let inner = arrays.first().map_or_else(|| self.here(), |array| array.at);
                let (name, at) = self.around(inner);
                self.cursor = at.end;
                let arguments = arrays.into_iter().map(Argument::Expr).collect();
                let ordinality = self.ordinality(with_ordinality, at);
                let mut item = self.table_function(
                    vec![name],
                    arguments,
                    self.with_words(at, &["lateral"]),
                    alias,
                    ordinality,
                );
                if with_offset && let FromItem::Function(function) = &mut item {
                    let words = self.tokens.after(function.at.end);
                    let words = self.run(words, words + 2);
                    let offset = with_offset_alias.map(|ident| self.name(ident));
                    let offset = offset.unwrap_or_else(|| self.synthetic("offset", words));
                    function.at = function.at.to(words).to(offset.at);
                    function.ordinality = Some(offset);
                }
                item
            }
            TableFactor::JsonTable { json_expr, columns, alias, .. } => {
                let expr = self.expr(json_expr)?;
                let (name, at) = self.around(expr.at);
                let columns = columns.into_iter().flat_map(json_columns).collect();
                self.columned(name, vec![expr], columns, alias, at)
            }
            TableFactor::OpenJsonTable { json_expr, columns, alias, .. } => {
                let expr = self.expr(json_expr)?;
                let (name, at) = self.around(expr.at);
                let columns = columns.into_iter().map(|column| column.name).collect();
                self.columned(name, vec![expr], columns, alias, at)
            }
            TableFactor::XmlTable { row_expression, passing, columns, alias, .. } => {
                let mut parts = vec![self.expr(row_expression)?];
                for argument in passing.arguments {
                    parts.push(self.expr(argument.expr)?);
                }
                let (name, at) = self.around(parts[0].at);
                let columns = columns.into_iter().map(|column| column.name).collect();
                self.columned(name, parts, columns, alias, at)
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                let item = self.joined(*table_with_joins)?;
                let at = self.tokens.enclosing(item.at());
                self.cursor = at.end;
                match alias.map(|alias| self.alias(alias)) {
                    Some(alias) => {
                        let at = self.through_alias(at, Some(&alias));
                        FromItem::Aliased { item: Box::new(item), alias, at }
                    }
                    None => widened(item, at),
                }
            }
            TableFactor::Pivot { table, aggregate_functions, value_column, value_source, alias, .. } => {
                self.pivot(*table, aggregate_functions, value_column, value_source, alias)?
            }
            TableFactor::Unpivot { table, value, name, columns, null_inclusion, alias } => {
                let include_nulls = matches!(null_inclusion, Some(ast::NullInclusion::IncludeNulls));
                self.unpivot(*table, value, name, columns, include_nulls, alias)?
            }
            TableFactor::UnpivotExpr { expression, value_alias, attribute_alias } => {
                let expr = self.expr(expression)?;
                let at = self.with_words(expr.at, &["unpivot"]);
                let word = self.synthetic("unpivot", TextRange::new(at.start, at.start));
                let value = self.name(value_alias);
                let attribute = attribute_alias.map(|ident| self.name(ident));
                let at = attribute.as_ref().map_or(at.to(value.at), |name| at.to(name.at));
                let columns = std::iter::once(value.clone()).chain(attribute).collect();
                let alias = Some(Alias { name: value, columns });
                let arguments = vec![Argument::Expr(expr)];
                FromItem::Function(Box::new(TableFunction {
                    name: vec![word],
                    arguments,
                    alias,
                    ordinality: None,
                    at,
                }))
            }
            TableFactor::MatchRecognize { table, alias, .. } => self.match_recognize(*table, alias)?,
            TableFactor::SemanticView { name, alias, .. } => {
                let view = self.names(name);
                let inner =
                    view.iter().map(|name| name.at).reduce(TextRange::to).unwrap_or_else(|| self.here());
                let (name, at) = self.around(inner);
                self.cursor = at.end;
                self.table_function(vec![name], Vec::new(), at, alias, None)
            }
        })
    }

    fn called_table(
        &mut self,
        name: Vec<Name>,
        args: Vec<ast::FunctionArg>,
        alias: Option<ast::TableAlias>,
        with_ordinality: bool,
        at: TextRange,
    ) -> Lowered<FromItem> {
        let opener = self.tokens.after(name.last().map_or(at.end, |name| name.at.end));
        let mut arguments = Vec::with_capacity(args.len());
        for argument in args {
            self.argument(argument, &mut arguments)?;
        }
        let at = at.to(self.tokens.brackets(opener));
        self.cursor = at.end;
        let ordinality = self.ordinality(with_ordinality, at);
        Ok(self.table_function(name, arguments, at, alias, ordinality))
    }

    /// A function that says itself which columns it has.
    fn columned(
        &mut self,
        name: Name,
        arguments: Vec<Expr>,
        columns: Vec<ast::Ident>,
        alias: Option<ast::TableAlias>,
        at: TextRange,
    ) -> FromItem {
        let columns: Vec<Name> = columns.into_iter().map(|ident| self.name(ident)).collect();
        self.cursor = at.end;
        let alias = alias.map(|alias| self.alias(alias));
        let at = self.through_alias(at, alias.as_ref());
        let alias = match alias {
            Some(alias) if !alias.columns.is_empty() => alias,
            Some(alias) => Alias { columns, ..alias },
            None => Alias { name: name.clone(), columns },
        };
        let arguments = arguments.into_iter().map(Argument::Expr).collect();
        FromItem::Function(Box::new(TableFunction {
            name: vec![name],
            arguments,
            alias: Some(alias),
            ordinality: None,
            at,
        }))
    }

    fn aliased_exprs(&mut self, exprs: Vec<ast::ExprWithAlias>) -> Lowered<Vec<(Expr, Option<Name>)>> {
        exprs
            .into_iter()
            .map(|ast::ExprWithAlias { expr, alias }| {
                Ok((self.expr(expr)?, alias.map(|ident| self.name(ident))))
            })
            .collect()
    }

    fn pivot(
        &mut self,
        table: TableFactor,
        aggregates: Vec<ast::ExprWithAlias>,
        columns: Vec<Theirs>,
        source: ast::PivotValueSource,
        alias: Option<ast::TableAlias>,
    ) -> Lowered<FromItem> {
        let input = self.source_item(table)?;
        let aggregates = self.aliased_exprs(aggregates)?;
        let inner = aggregates.first().map_or_else(|| self.here(), |(expr, _)| expr.at);
        let columns = self.exprs(columns)?;
        let expr = match <[Expr; 1]>::try_from(columns) {
            Ok([expr]) => expr,
            Err(columns) => {
                let at =
                    columns.first().map_or_else(|| self.here(), |column| self.tokens.enclosing(column.at));
                Expr::new(ExprKind::Row(columns), at)
            }
        };
        let values = match source {
            ast::PivotValueSource::List(values) => Some(self.aliased_exprs(values)?),
            ast::PivotValueSource::Any(_) | ast::PivotValueSource::Subquery(_) => None,
        };
        let at = input.at().to(self.tokens.enclosing(inner));
        self.cursor = at.end;
        let alias = alias.map(|alias| self.alias(alias));
        let at = self.through_alias(at, alias.as_ref());
        let aggregates =
            aggregates.into_iter().map(|(expr, alias)| SelectItem::Expr { expr, alias }).collect();
        let on = vec![PivotOn { expr, values }];
        Ok(FromItem::Pivot(Box::new(Pivot { input, aggregates, on, group_by: None, alias, at })))
    }

    fn unpivot(
        &mut self,
        table: TableFactor,
        value: Theirs,
        name: ast::Ident,
        columns: Vec<ast::ExprWithAlias>,
        include_nulls: bool,
        alias: Option<ast::TableAlias>,
    ) -> Lowered<FromItem> {
        let input = self.source_item(table)?;
        let value = self.expr(value)?;
        let parts = |expr: Expr| match expr.kind {
            ExprKind::Row(parts) => parts,
            _ => vec![expr],
        };
        let values = parts(value)
            .into_iter()
            .filter_map(|value| match value.kind {
                ExprKind::Column(mut names) => names.pop(),
                _ => None,
            })
            .collect();
        let name = self.name(name);
        let columns = self.aliased_exprs(columns)?;
        let at = input.at().to(self.tokens.enclosing(name.at));
        self.cursor = at.end;
        let alias = alias.map(|alias| self.alias(alias));
        let at = self.through_alias(at, alias.as_ref());
        let columns = columns.into_iter().map(|(expr, alias)| (parts(expr), alias)).collect();
        Ok(FromItem::Unpivot(Box::new(Unpivot { input, values, name, columns, include_nulls, alias, at })))
    }

    /// A function of its table. Which columns come out, the tree does not say: patterns bind
    /// names in a way of their own.
    fn match_recognize(&mut self, table: TableFactor, alias: Option<ast::TableAlias>) -> Lowered<FromItem> {
        let input = self.source_item(table)?;
        let word = self.tokens.after(input.at().end);
        let name = self.synthetic("match_recognize", self.tokens.at(word));
        let at = input.at().to(name.at).to(self.tokens.brackets(word + 1));
        self.cursor = at.end;
        let alias = alias.map(|alias| self.alias(alias));
        let at = self.through_alias(at, alias.as_ref());
        let query = everything(input);
        let arguments = vec![Argument::Query(Box::new(query))];
        Ok(FromItem::Function(Box::new(TableFunction {
            name: vec![name],
            arguments,
            alias,
            ordinality: None,
            at,
        })))
    }
}

/// `SELECT * FROM item`.
pub(super) fn everything(item: FromItem) -> Query {
    let at = item.at();
    let select = Select {
        distinct: Distinct::No,
        items: vec![SelectItem::Star(Star { at, ..Star::default() })],
        from: vec![item],
        filter: None,
        group_by: GroupBy::No,
        having: None,
        qualify: None,
        windows: Vec::new(),
        connect_by: Vec::new(),
        at,
    };
    Query {
        ctes: Vec::new(),
        is_recursive: false,
        body: Body::Select(Box::new(select)),
        order_by: Vec::new(),
        orders_by_all: false,
        limit: Vec::new(),
        at,
    }
}

/// The names of a `JSON_TABLE`'s columns, those of nested paths too.
fn json_columns(column: ast::JsonTableColumn) -> Vec<ast::Ident> {
    match column {
        ast::JsonTableColumn::Named(column) => vec![column.name],
        ast::JsonTableColumn::ForOrdinality(name) => vec![name],
        ast::JsonTableColumn::Nested(nested) => nested.columns.into_iter().flat_map(json_columns).collect(),
    }
}

/// The item with the brackets around it.
fn widened(mut item: FromItem, to: TextRange) -> FromItem {
    match &mut item {
        FromItem::Table { at, .. } | FromItem::Subquery { at, .. } | FromItem::Aliased { at, .. } => *at = to,
        FromItem::Function(function) => function.at = to,
        FromItem::Join(join) => join.at = to,
        FromItem::Pivot(pivot) => pivot.at = to,
        FromItem::Unpivot(unpivot) => unpivot.at = to,
    }
    item
}
