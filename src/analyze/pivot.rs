use std::collections::HashSet;
use std::rc::Rc;

use super::flow::Way;
use super::resolver::{Edges, Resolver};
use super::scope::{Entry, Open, Origin, Relation, RelationColumn, key};
use crate::sql::tree::{
    Alias, Expr, ExprKind, FromItem, Literal, Name, Pivot, PivotOn, SelectItem, TextRange, Unpivot,
};
use crate::sql::{DataType, Dialect};

impl<'q> Resolver<'q> {
    /// Rows become columns: what is computed for each value is made of the aggregate's
    /// argument, and the column of the values is the condition.
    pub fn pivot(&mut self, pivot: &'q Pivot, scope: usize, rows: &mut Edges) -> Vec<Entry> {
        let (inner, entries) = self.apart(&pivot.input, scope, rows);
        let mut used: HashSet<String> = HashSet::new();
        let mut on = Edges::new();
        for column in &pivot.on {
            self.walk_noting(&column.expr, inner, Way::Condition, &mut on, &mut used);
        }
        let mut aggregates = Vec::new();
        for item in &pivot.aggregates {
            let SelectItem::Expr { expr, alias } = item else { continue };
            let mut edges = Edges::new();
            self.walk_noting(expr, inner, Way::Direct, &mut edges, &mut used);
            edges.extend(&on);
            let data_type = self.type_of(expr, inner);
            aggregates.push((expr, alias.as_ref(), edges, data_type));
        }
        let (mut columns, mut open) = self.pivot_keys(pivot, inner, &entries, &used);
        rows.extend(columns.iter().map(|column| (column.node, Way::Group)));
        match self.pivot_values(&pivot.on) {
            Some(values) => {
                for value in &values {
                    for (expr, alias, edges, data_type) in &aggregates {
                        let (name, is_named) = self.pivot_name(value, expr, *alias, aggregates.len() > 1);
                        let node = self.flow.add(edges.clone());
                        let name = name.as_str().into();
                        let (data_type, at) = (data_type.clone(), pivot.at);
                        columns.push(RelationColumn { name, is_named, data_type, node, at });
                    }
                }
            }
            None => {
                self.unknown(pivot.at, "the columns that a PIVOT makes depend on the data");
                open.push(Open::Unknown);
            }
        }
        let relation = Relation::new(columns, open, None, Origin::Subquery);
        self.put_made(relation, &pivot.input, pivot.alias.as_ref(), inner, "pivot", scope, rows)
    }

    /// Walks an expression, and notes the names of the columns in it.
    fn walk_noting(
        &mut self,
        expr: &'q Expr,
        scope: usize,
        way: Way,
        edges: &mut Edges,
        used: &mut HashSet<String>,
    ) {
        let before = std::mem::take(&mut self.met.bare);
        let start = edges.len();
        self.walk(expr, scope, way, edges);
        used.extend(std::mem::replace(&mut self.met.bare, before));
        // With a qualifier, too.
        let nodes: HashSet<usize> = edges[start..].iter().map(|(node, _)| *node).collect();
        for found in &self.scopes[scope].relations {
            for column in &found.relation.columns {
                if nodes.contains(&column.node) {
                    used.insert(key(&column.name));
                }
            }
        }
    }

    /// The columns that stay.
    fn pivot_keys(
        &mut self,
        pivot: &'q Pivot,
        inner: usize,
        entries: &[Entry],
        used: &HashSet<String>,
    ) -> (Vec<RelationColumn>, Vec<Open>) {
        let mut columns = Vec::new();
        let mut open = Vec::new();
        if let Some(keys) = &pivot.group_by {
            for expr in keys {
                let name = match &expr.kind {
                    ExprKind::Column(path) => path.last().map(|name| name.text.clone()).unwrap_or_default(),
                    _ => super::naming::implied(expr, self.dialect, self.text),
                };
                let column = self.computed(expr, &name, expr.at, inner);
                columns.push(column);
            }
            return (columns, open);
        }
        for entry in entries {
            match entry {
                Entry::Open(relation) => {
                    let relation = Rc::clone(&self.scopes[inner].relations[*relation].relation);
                    open.push(Open::Star(relation, Rc::new(used.clone())));
                }
                entry => {
                    columns.extend(
                        self.entry(inner, *entry).filter(|column| !used.contains(&key(&column.name))),
                    );
                }
            }
        }
        (columns, open)
    }

    /// The values that become columns, as names: all combinations where there are several lists.
    fn pivot_values(&self, on: &[PivotOn]) -> Option<Vec<Value>> {
        let mut all = vec![Value { text: String::new(), is_alias: true }];
        for (place, column) in on.iter().enumerate() {
            let values = column.values.as_ref()?;
            let mut next = Vec::with_capacity(all.len() * values.len());
            // A cube of values is no query anybody reads.
            if all.len().saturating_mul(values.len()) > 10_000 {
                return None;
            }
            for before in &all {
                for (value, alias) in values {
                    let (text, is_alias) = match alias {
                        Some(alias) => (self.folded(alias), true),
                        None => (self.value_name(value)?, false),
                    };
                    let text = if place == 0 { text } else { format!("{}_{text}", before.text) };
                    next.push(Value { text, is_alias: is_alias && before.is_alias });
                }
            }
            all = next;
        }
        Some(all)
    }

    fn value_name(&self, value: &Expr) -> Option<String> {
        match &value.kind {
            ExprKind::Literal(Literal::String(text)) => Some(match self.dialect {
                // Snowflake keeps the quotes.
                Dialect::Snowflake => format!("'{text}'"),
                _ => text.clone(),
            }),
            ExprKind::Literal(Literal::Bool(value)) => Some(value.to_string()),
            ExprKind::Literal(Literal::Null) => Some("NULL".to_owned()),
            ExprKind::Literal(Literal::Number(text) | Literal::Typed(_, text)) => Some(text.clone()),
            ExprKind::Column(path) => path.last().map(|name| name.text.clone()),
            ExprKind::Row(parts) => {
                let parts: Option<Vec<String>> = parts.iter().map(|part| self.value_name(part)).collect();
                Some(parts?.join("_"))
            }
            ExprKind::Cast { expr, .. } => self.value_name(expr),
            _ => None,
        }
    }

    fn pivot_name(
        &self,
        value: &Value,
        aggregate: &Expr,
        alias: Option<&Name>,
        are_many: bool,
    ) -> (String, bool) {
        let is_sure = value.is_alias || self.dialect == Dialect::DuckDb;
        match alias {
            Some(alias) => {
                let alias = self.folded(alias);
                match self.dialect {
                    Dialect::BigQuery => (format!("{alias}_{}", value.text), is_sure),
                    Dialect::Spark | Dialect::Databricks if !are_many => (value.text.clone(), false),
                    _ => (format!("{}_{alias}", value.text), is_sure),
                }
            }
            None if are_many => {
                let name = super::naming::implied(aggregate, self.dialect, self.text);
                (format!("{}_{name}", value.text), false)
            }
            None => (value.text.clone(), is_sure),
        }
    }

    /// Columns become rows: the value is one of them, and the name is none.
    pub fn unpivot(&mut self, unpivot: &'q Unpivot, scope: usize, rows: &mut Edges) -> Vec<Entry> {
        let (inner, entries) = self.apart(&unpivot.input, scope, rows);
        let mut used: HashSet<String> = HashSet::new();
        let mut values: Vec<Edges> = vec![Edges::new(); unpivot.values.len().max(1)];
        let mut types: Vec<Vec<Option<DataType>>> = vec![Vec::new(); values.len()];
        let mut is_dynamic = false;
        for (exprs, _) in &unpivot.columns {
            for (place, expr) in exprs.iter().enumerate() {
                // `unpivot t on a, b`: a pattern has many columns for the one value.
                let place = place.min(values.len() - 1);
                self.met.columns = None;
                let mut edges = Edges::new();
                self.walk_noting(expr, inner, Way::Direct, &mut edges, &mut used);
                if let Some(found) = self.met.columns.take() {
                    is_dynamic |= std::mem::take(&mut self.met.open_columns);
                    for entry in found {
                        if let Some(column) = self.entry(inner, entry) {
                            used.insert(key(&column.name));
                            types[place].push(column.data_type);
                        }
                    }
                } else {
                    types[place].push(self.type_of(expr, inner));
                }
                values[place].extend(edges);
            }
        }
        let mut columns = Vec::new();
        let mut open = Vec::new();
        for entry in &entries {
            match entry {
                Entry::Open(relation) => {
                    let relation = Rc::clone(&self.scopes[inner].relations[*relation].relation);
                    open.push(if is_dynamic {
                        Open::Unknown
                    } else {
                        Open::Star(relation, Rc::new(used.clone()))
                    });
                }
                entry => {
                    let column = self.entry(inner, *entry);
                    columns.extend(column.filter(|column| !used.contains(&key(&column.name))));
                }
            }
        }
        let made = |it: &mut Self, name: &Name, edges: Edges, data_type: Option<DataType>| RelationColumn {
            name: it.folded(name).as_str().into(),
            is_named: true,
            data_type,
            node: it.flow.add(edges),
            at: if name.at == TextRange::default() { unpivot.at } else { name.at },
        };
        let column = made(self, &unpivot.name, Edges::new(), self.text_type());
        columns.push(column);
        for (name, (edges, types)) in unpivot.values.iter().zip(values.into_iter().zip(types)) {
            let data_type = super::types::common_type(self.dialect, &types).ok().flatten();
            let column = made(self, name, edges, data_type);
            columns.push(column);
        }
        let relation = Relation::new(columns, open, None, Origin::Subquery);
        let alias = unpivot.alias.as_ref();
        self.put_made(relation, &unpivot.input, alias, inner, "unpivot", scope, rows)
    }

    fn text_type(&self) -> Option<DataType> {
        crate::sql::TypeKind::text().data_type(self.dialect)
    }

    /// A relation made of another is known by the name of that, when it is given none.
    #[allow(clippy::too_many_arguments)]
    fn put_made(
        &mut self,
        relation: Relation,
        input: &'q FromItem,
        alias: Option<&'q Alias>,
        inner: usize,
        what: &str,
        scope: usize,
        rows: &mut Edges,
    ) -> Vec<Entry> {
        if alias.is_none()
            && matches!(input, FromItem::Table { .. } | FromItem::Subquery { .. })
            && let [found] = self.scopes[inner].relations.as_slice()
        {
            let (path, name) = (found.path.clone(), found.name.clone());
            return self.enter(Rc::new(relation), path, name, scope, rows);
        }
        self.put(relation, alias, what, scope, rows)
    }
}

struct Value {
    text: String,
    is_alias: bool,
}
