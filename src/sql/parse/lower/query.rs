use sqlparser::ast;
use sqlparser::tokenizer::Token;

use super::{Lower, Lowered};
use crate::sql::tree::{
    Body, Cte, Distinct, FromItem, GroupBy, OrderKey, Query, Select, SelectItem, SetOperation, SetOperator,
    Star, TextRange,
};

/// From how many operands on a chain of one set operation becomes a tree that is not deep.
const LONG: usize = 64;

impl Lower<'_> {
    pub(super) fn query(&mut self, query: ast::Query) -> Lowered<Query> {
        self.deeper(1, |lower| lower.query_here(query))
    }

    fn query_here(&mut self, query: ast::Query) -> Lowered<Query> {
        if query.for_clause.is_some() || query.settings.is_some() || query.format_clause.is_some() {
            return Err(self.error("clauses of other dialects are not understood", self.here()));
        }
        let mut start = None;
        let mut ctes = Vec::new();
        let mut is_recursive = false;
        if let Some(with) = query.with {
            start = Some(self.leaf(with.with_token.0.span));
            is_recursive = with.recursive;
            for cte in with.cte_tables {
                ctes.push(self.cte(cte)?);
            }
        }
        let mut limit = Vec::new();
        let (body, body_at) = self.body(*query.body, &mut limit)?;
        let mut order_by: Vec<OrderKey> = Vec::new();
        let mut orders_by_all = false;
        if let Some(order) = query.order_by {
            match order.kind {
                ast::OrderByKind::All(_) => orders_by_all = true,
                ast::OrderByKind::Expressions(keys) => order_by = self.order_keys(keys)?,
            }
        }
        match query.limit_clause {
            Some(ast::LimitClause::LimitOffset { limit: count, offset, limit_by }) => {
                limit.extend(self.exprs(count.into_iter().chain(offset.map(|offset| offset.value)))?);
                limit.extend(self.exprs(limit_by)?);
            }
            Some(ast::LimitClause::OffsetCommaLimit { offset, limit: count }) => {
                limit.extend(self.exprs([offset, count])?);
            }
            None => {}
        }
        if let Some(count) = query.fetch.and_then(|fetch| fetch.quantity) {
            limit.push(self.expr(count)?);
        }
        let at = self.tokens.inside(start.unwrap_or(body_at));
        let query_at = match start {
            Some(_) => at,
            None => TextRange::new(body_at.start.min(at.end), at.end),
        };
        let mut made = Query { ctes, is_recursive, body, order_by, orders_by_all, limit, at: query_at };
        for pipe in query.pipe_operators {
            made = self.pipe(made, pipe)?;
        }
        self.cursor = query_at.end;
        Ok(made)
    }

    fn cte(&mut self, cte: ast::Cte) -> Lowered<Cte> {
        let alias = self.alias(cte.alias);
        let query = self.query(*cte.query)?;
        let end = self.leaf(cte.closing_paren_token.0.span);
        Ok(Cte { at: alias.name.at.to(end), name: alias.name, columns: alias.columns, query })
    }

    /// A body and its place. `limit` gets what TOP says.
    fn body(
        &mut self,
        body: ast::SetExpr,
        limit: &mut Vec<crate::sql::tree::Expr>,
    ) -> Lowered<(Body, TextRange)> {
        Ok(match body {
            ast::SetExpr::Select(select) => {
                let select = self.select(*select, limit)?;
                let at = select.at;
                (Body::Select(Box::new(select)), at)
            }
            ast::SetExpr::Query(query) => {
                let query = self.query(*query)?;
                let at = self.tokens.enclosing(query.at);
                self.cursor = at.end;
                (Body::Query(Box::new(query)), at)
            }
            ast::SetExpr::SetOperation { .. } => self.set_operations(body, limit)?,
            ast::SetExpr::Values(values) => self.values(values)?,
            ast::SetExpr::Table(_) => self.table_command(),
            ast::SetExpr::Insert(_)
            | ast::SetExpr::Update(_)
            | ast::SetExpr::Delete(_)
            | ast::SetExpr::Merge(_) => {
                return Err(self.error("expected a query, found a statement that changes data", self.here()));
            }
        })
    }

    fn values(&mut self, values: ast::Values) -> Lowered<(Body, TextRange)> {
        let mut at: Option<TextRange> = None;
        let mut rows = Vec::with_capacity(values.rows.len());
        for row in values.rows {
            let open = self.leaf(row.opening_token.0.span);
            rows.push(self.exprs(row.content)?);
            let row_at = open.to(self.tokens.brackets(self.tokens.after(open.start)));
            self.cursor = row_at.end;
            at = Some(at.map_or(row_at, |at| at.to(row_at)));
        }
        let mut at = at.unwrap_or_else(|| self.here());
        for word in ["row", "values"] {
            if let Some(index) = self.tokens.before(at.start)
                && self.tokens.is_word(index, word)
            {
                at = at.to(self.tokens.at(index));
            }
        }
        Ok((Body::Values(rows), at))
    }

    /// `TABLE name` is `SELECT * FROM name`.
    fn table_command(&mut self) -> (Body, TextRange) {
        let from = self.tokens.after(self.cursor);
        let word =
            (from..self.tokens.len()).find(|index| self.tokens.is_word(*index, "table")).unwrap_or(from);
        let mut name = Vec::new();
        let mut next = word + 1;
        while let Some(Token::Word(part)) = self.tokens.token(next) {
            name.push(crate::sql::tree::Name {
                text: part.value.clone(),
                is_quoted: part.quote_style.is_some(),
                at: self.tokens.at(next),
            });
            next += 1;
            if !self.tokens.is(next, &Token::Period) {
                break;
            }
            next += 1;
        }
        let at = self.run(word, next);
        self.cursor = at.end;
        let name_at = self.run(word + 1, next);
        let select = Select {
            distinct: Distinct::No,
            items: vec![SelectItem::Star(Star { at, ..Star::default() })],
            from: vec![FromItem::Table { name, alias: None, at: name_at }],
            filter: None,
            group_by: GroupBy::No,
            having: None,
            qualify: None,
            windows: Vec::new(),
            connect_by: Vec::new(),
            at,
        };
        (Body::Select(Box::new(select)), at)
    }

    /// `a UNION b EXCEPT c …`, which leans to the left.
    fn set_operations(
        &mut self,
        body: ast::SetExpr,
        limit: &mut Vec<crate::sql::tree::Expr>,
    ) -> Lowered<(Body, TextRange)> {
        let mut operands = Vec::new();
        let mut first = body;
        while let ast::SetExpr::SetOperation { left, op, set_quantifier, right } = first {
            operands.push((kind(op, set_quantifier), *right));
            first = *left;
        }
        operands.reverse();
        let levels = operands
            .chunk_by(|left, right| left.0 == right.0)
            .map(|run| if run.len() < LONG { run.len() } else { run.len().ilog2() as usize + 1 })
            .sum::<usize>();
        self.deeper(levels, |lower| {
            let mut bodies = vec![lower.body(first, limit)?];
            let mut last: Option<Kind> = None;
            for (kind, right) in operands {
                if let Some(last) = last
                    && last != kind
                {
                    bodies = vec![join(last, bodies)];
                }
                bodies.push(lower.body(right, limit)?);
                last = Some(kind);
            }
            Ok(join(last.unwrap_or((SetOperator::Union, true, false)), bodies))
        })
    }
}

type Kind = (SetOperator, bool, bool);

fn kind(op: ast::SetOperator, quantifier: ast::SetQuantifier) -> Kind {
    use ast::SetQuantifier as Quantifier;
    let operator = match op {
        ast::SetOperator::Union => SetOperator::Union,
        ast::SetOperator::Intersect => SetOperator::Intersect,
        ast::SetOperator::Except | ast::SetOperator::Minus => SetOperator::Except,
    };
    let is_all = matches!(quantifier, Quantifier::All | Quantifier::AllByName);
    let by_name =
        matches!(quantifier, Quantifier::ByName | Quantifier::AllByName | Quantifier::DistinctByName);
    (operator, is_all, by_name)
}

/// One tree of a chain's operands, leaning to the left unless that would be deep and the
/// operator allows another shape.
fn join(kind: Kind, mut bodies: Vec<(Body, TextRange)>) -> (Body, TextRange) {
    if bodies.len() > LONG && kind.0 != SetOperator::Except {
        while bodies.len() > 1 {
            let mut halved = Vec::with_capacity(bodies.len().div_ceil(2));
            let mut rest = bodies.into_iter();
            while let Some(left) = rest.next() {
                halved.push(match rest.next() {
                    Some(right) => operation(kind, left, right),
                    None => left,
                });
            }
            bodies = halved;
        }
    }
    let mut bodies = bodies.into_iter();
    let first = bodies.next().unwrap_or((Body::Values(Vec::new()), TextRange::default()));
    bodies.fold(first, |left, right| operation(kind, left, right))
}

fn operation(
    (operator, is_all, by_name): Kind,
    (left, left_at): (Body, TextRange),
    (right, right_at): (Body, TextRange),
) -> (Body, TextRange) {
    let at = left_at.to(right_at);
    (Body::SetOperation(Box::new(SetOperation { operator, is_all, by_name, left, right, at })), at)
}
