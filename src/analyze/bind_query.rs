use std::rc::Rc;

use super::flow::Way;
use super::resolver::{CteState, Edges, Frame, Resolver};
use super::scope::{Alias, Aliases, Origin, Relation, RelationColumn, key};
use crate::sql::Dialect;
use crate::sql::tree::{Body, Cte, Expr, ExprKind, FromItem, Literal, OrderKey, Query, TextRange};

/// What a body gives, with the scope that ORDER BY after it sees as well.
pub(super) struct Bound {
    pub relation: Relation,
    pub scope: Option<usize>,
}

impl<'q> Resolver<'q> {
    /// Reads a query: `outer` is the scope it may take columns from, `frame` the CTEs around it,
    /// `recursive` the CTE it is the body of, where that names itself.
    pub fn bind_query(
        &mut self,
        query: &'q Query,
        outer: Option<usize>,
        frame: usize,
        recursive: Option<usize>,
    ) -> Rc<Relation> {
        stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || {
            self.depth += 1;
            let frame = self.bind_ctes(query, outer, frame);
            let mut bound = self.bind_body(&query.body, outer, frame, recursive, &query.order_by);
            self.bind_order(query, &mut bound, outer, frame);
            self.depth -= 1;
            self.last_scope = bound.scope;
            Rc::new(bound.relation)
        })
    }

    fn bind_ctes(&mut self, query: &'q Query, outer: Option<usize>, parent: usize) -> usize {
        if query.ctes.is_empty() {
            return parent;
        }
        self.frames.push(Frame { parent: Some(parent), ..Frame::default() });
        let frame = self.frames.len() - 1;
        // Where recursion is announced, the order of definitions does not matter.
        if query.is_recursive && matches!(self.dialect, Dialect::Postgres | Dialect::BigQuery) {
            for cte in query.ctes.iter().rev() {
                self.frames[frame].pending.insert(key(&cte.name.text), (cte, outer));
            }
        }
        for cte in &query.ctes {
            let is_done = self.frames[frame].ctes.get(&key(&cte.name.text)).copied();
            if is_done.is_none_or(|done| self.ctes[done].at != cte.name.at) {
                self.bind_cte(cte, query.is_recursive, outer, frame);
            }
        }
        frame
    }

    pub fn bind_cte(&mut self, cte: &'q Cte, is_recursive: bool, outer: Option<usize>, frame: usize) {
        let cte_key = key(&cte.name.text);
        self.frames[frame].pending.remove(&cte_key);
        let id = self.ctes.len();
        self.ctes.push(CteState {
            name: cte.name.text.clone(),
            at: cte.name.at,
            relation: None,
            uses: 0,
            names: &cte.columns,
        });
        // Snowflake needs no word for it.
        let may_recurse = is_recursive || self.dialect == Dialect::Snowflake;
        let names_itself = may_recurse && query_names(&cte.query, &cte_key);
        let is_union = matches!(inner_body(&cte.query.body), Body::SetOperation(_));
        let recursive = (names_itself && (is_recursive || is_union)).then_some(id);
        if recursive.is_some() {
            self.frames[frame].ctes.insert(cte_key.clone(), id);
        }
        let met = std::mem::take(&mut self.met);
        let bound = self.bind_query(&cte.query, outer, frame, recursive);
        self.met = met;
        if let Some(scope) = self.last_scope {
            let reads = self.scopes[scope].relations.iter();
            let reads = reads.map(|found| (found.name.clone(), Rc::clone(&found.relation))).collect();
            self.facts.reads.insert(id, reads);
        }
        let mut relation = self.as_subquery(&bound);
        relation.origin = Origin::Cte(id);
        if !cte.columns.is_empty() {
            self.too_many_names(&cte.columns, &relation, &cte.name.text);
            self.rename(&mut relation, &cte.columns);
        }
        self.ctes[id].relation = Some(Rc::new(relation));
        self.frames[frame].ctes.insert(cte_key, id);
    }

    pub fn bind_body(
        &mut self,
        body: &'q Body,
        outer: Option<usize>,
        frame: usize,
        recursive: Option<usize>,
        order_by: &'q [OrderKey],
    ) -> Bound {
        match body {
            Body::Select(select) => self.bind_select(select, outer, frame, order_by),
            Body::SetOperation(operation) => {
                let relation = self.bind_set_operation(operation, outer, frame, recursive);
                Bound { relation, scope: None }
            }
            Body::Values(rows) => Bound { relation: self.bind_values(rows, outer, frame), scope: None },
            Body::Query(query) => {
                self.depth -= 1;
                let inner = self.bind_query(query, outer, frame, recursive);
                self.depth += 1;
                let relation =
                    Relation::new(inner.columns.clone(), inner.open.clone(), inner.rows, Origin::Subquery);
                Bound { relation, scope: None }
            }
        }
    }

    /// ORDER BY and LIMIT.
    fn bind_order(&mut self, query: &'q Query, bound: &mut Bound, outer: Option<usize>, frame: usize) {
        if query.order_by.is_empty() && query.limit.is_empty() && !query.orders_by_all {
            return;
        }
        let scope = match bound.scope {
            Some(scope) => scope,
            None => self.order_scope(&bound.relation, outer, frame),
        };
        let mut edges = Edges::new();
        for order in &query.order_by {
            if let Some(place) = position(&order.expr) {
                let column = place.checked_sub(1).and_then(|place| bound.relation.columns.get(place));
                edges.extend(column.map(|column| (column.node, Way::Order)));
                continue;
            }
            let is_bare = matches!(&order.expr.kind, ExprKind::Column(path) if path.len() == 1);
            let sees = if is_bare { Aliases::BeforeColumns } else { Aliases::Rescue };
            self.scopes[scope].sees_aliases = sees;
            self.walk(&order.expr, scope, Way::Order, &mut edges);
            self.type_of(&order.expr, scope);
        }
        if query.orders_by_all {
            edges.extend(bound.relation.columns.iter().map(|column| (column.node, Way::Order)));
        }
        self.scopes[scope].sees_aliases = Aliases::Hidden;
        self.walk_all(&query.limit, scope, Way::Filter, &mut edges);
        match bound.relation.rows {
            Some(rows) => self.flow.extend(rows, edges),
            None => bound.relation.rows = Some(self.flow.add(edges)),
        }
    }

    /// The names that ORDER BY sees after a set operation: those of its columns.
    fn order_scope(&mut self, relation: &Relation, outer: Option<usize>, frame: usize) -> usize {
        let scope = self.new_scope(outer, frame);
        let copy = Relation::new(relation.columns.clone(), relation.open.clone(), None, Origin::Subquery);
        let name = "the set operation".to_owned();
        let entries = self.enter(Rc::new(copy), Vec::new(), name, scope, &mut Edges::new());
        self.scopes[scope].order = entries;
        scope
    }

    fn bind_values(&mut self, rows: &'q [Vec<Expr>], outer: Option<usize>, frame: usize) -> Relation {
        let scope = self.new_scope(outer, frame);
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut columns: Vec<(Edges, Vec<Option<crate::sql::DataType>>)> = vec![Default::default(); width];
        for row in rows {
            for (expr, (edges, types)) in row.iter().zip(&mut columns) {
                self.walk(expr, scope, Way::Direct, edges);
                let data_type = self.type_of(expr, scope);
                if types.last() != Some(&data_type) {
                    types.push(data_type);
                }
            }
        }
        let at = rows.first().and_then(|row| row.first()).map_or(TextRange::default(), |expr| expr.at);
        let columns = columns.into_iter().enumerate().map(|(place, (edges, types))| RelationColumn {
            name: match self.dialect {
                Dialect::DuckDb => format!("col{place}"),
                Dialect::Snowflake => format!("COLUMN{}", place + 1),
                Dialect::Spark | Dialect::Databricks => format!("col{}", place + 1),
                _ => format!("column{}", place + 1),
            }
            .as_str()
            .into(),
            is_named: true,
            data_type: super::types::common_type(self.dialect, &types).ok().flatten(),
            node: self.flow.add(edges),
            at,
        });
        let columns = columns.collect();
        let rows = self.flow.add(Vec::new());
        Relation::new(columns, Vec::new(), Some(rows), Origin::Subquery)
    }

    /// Adds a name that the select list gives.
    pub fn add_alias(
        &mut self,
        scope: usize,
        column: &RelationColumn,
        reads_itself: bool,
        is: Option<(usize, usize)>,
    ) {
        let key = key(&column.name);
        let (node, data_type) = (column.node, column.data_type.clone());
        let scope = &mut self.scopes[scope];
        let place = scope.aliases.len();
        scope.aliases.push(Alias { node, data_type, reads_itself, column: is });
        scope.alias_at.entry(key).or_insert(place);
    }

    /// A name as the engine will keep it.
    pub fn folded(&self, name: &crate::sql::tree::Name) -> String {
        match self.dialect.folding() {
            crate::sql::Folding::Insensitive => name.text.clone(),
            _ => name.folded(self.dialect),
        }
    }
}

/// The column of the result that a key counts: `order by 2`.
pub(super) fn position(expr: &Expr) -> Option<usize> {
    match &expr.kind {
        ExprKind::Literal(Literal::Number(number)) => number.parse().ok(),
        _ => None,
    }
}

fn inner_body(body: &Body) -> &Body {
    match body {
        Body::Query(query) => inner_body(&query.body),
        body => body,
    }
}

/// Whether a FROM in a query names a relation with that bare name.
pub(super) fn query_names(query: &Query, name: &str) -> bool {
    query.ctes.iter().any(|cte| query_names(&cte.query, name)) || body_names(&query.body, name)
}

pub(super) fn body_names(body: &Body, name: &str) -> bool {
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || match body {
        Body::Select(select) => select.from.iter().any(|item| item_names(item, name)),
        Body::SetOperation(operation) => {
            body_names(&operation.left, name) || body_names(&operation.right, name)
        }
        Body::Values(_) => false,
        Body::Query(query) => query_names(query, name),
    })
}

fn item_names(item: &FromItem, name: &str) -> bool {
    match item {
        FromItem::Table { name: path, .. } => match path.as_slice() {
            [only] => key(&only.text) == name,
            [prefix, only] => key(&prefix.text) == "recurring" && key(&only.text) == name,
            _ => false,
        },
        FromItem::Subquery { query, .. } => query_names(query, name),
        FromItem::Function(_) => false,
        FromItem::Join(join) => item_names(&join.left, name) || item_names(&join.right, name),
        FromItem::Pivot(pivot) => item_names(&pivot.input, name),
        FromItem::Unpivot(unpivot) => item_names(&unpivot.input, name),
        FromItem::Aliased { item, .. } => item_names(item, name),
    }
}
