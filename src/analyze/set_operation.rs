use std::collections::HashMap;
use std::rc::Rc;

use super::bind_query::body_names;
use super::flow::Way;
use super::resolver::{Edges, Resolver};
use super::scope::{Open, Origin, Relation, RelationColumn, key};
use super::types;
use crate::diagnostic::Code;
use crate::sql::DataType;
use crate::sql::tree::{Body, SetOperation, SetOperator, TextRange};

/// A column of a set operation while its sides are read.
struct Column {
    name: Rc<str>,
    is_named: bool,
    data_type: Option<DataType>,
    at: TextRange,
    edges: Edges,
}

impl<'q> Resolver<'q> {
    pub fn bind_set_operation(
        &mut self,
        operation: &'q SetOperation,
        outer: Option<usize>,
        frame: usize,
        recursive: Option<usize>,
    ) -> Relation {
        // Hundreds of tables may be put together: from left to right, without nesting.
        let mut operations = vec![operation];
        let mut first = &operation.left;
        while let Body::SetOperation(inner) = first {
            operations.push(inner);
            first = &inner.left;
        }
        operations.reverse();
        let cte_key = recursive.map(|cte| key(&self.ctes[cte].name));
        let left = self.bind_body(first, outer, frame, None, &[]).relation;
        let mut rows: Edges = left.rows.map(|node| (node, Way::Rows)).into_iter().collect();
        let mut open = left.open.clone();
        let mut columns: Vec<Column> = left.columns.into_iter().map(Column::of).collect();
        let mut circle: Option<Vec<usize>> = None;
        let rows_node = self.flow.add(Vec::new());
        for operation in operations {
            if let (Some(cte), Some(name), None) = (recursive, &cte_key, &circle)
                && body_names(&operation.right, name)
            {
                circle = Some(self.begin_circle(cte, &columns, &open, rows_node));
            }
            let right = self.bind_body(&operation.right, outer, frame, None, &[]).relation;
            self.add_side(operation, first, &mut columns, &mut open, &right, &mut rows);
        }
        let is_distinct = !operation.is_all && operation.operator == SetOperator::Union;
        let columns: Vec<RelationColumn> = columns
            .into_iter()
            .enumerate()
            .map(|(place, column)| {
                // The columns that the recursive side has read are the same as those that come out.
                let node = match circle.as_ref().and_then(|nodes| nodes.get(place)) {
                    Some(node) => {
                        self.flow.extend(*node, column.edges);
                        *node
                    }
                    None => self.flow.add(column.edges),
                };
                let Column { name, is_named, data_type, at, .. } = column;
                RelationColumn { name, is_named, data_type, node, at }
            })
            .collect();
        if is_distinct {
            rows.extend(columns.iter().map(|column| (column.node, Way::Group)));
        }
        self.flow.extend(rows_node, rows);
        Relation::new(columns, open, Some(rows_node), Origin::Subquery)
    }

    /// Makes a recursive CTE readable: its columns so far are those of the side that does not
    /// name it.
    fn begin_circle(&mut self, cte: usize, columns: &[Column], open: &[Open], rows: usize) -> Vec<usize> {
        let so_far = columns.iter().map(|column| RelationColumn {
            name: Rc::clone(&column.name),
            is_named: column.is_named,
            data_type: column.data_type.clone(),
            node: self.flow.add(Vec::new()),
            at: column.at,
        });
        let so_far: Vec<RelationColumn> = so_far.collect();
        let nodes = so_far.iter().map(|column| column.node).collect();
        let mut relation = Relation::new(so_far, open.to_vec(), Some(rows), Origin::Cte(cte));
        let names = self.ctes[cte].names;
        if !names.is_empty() {
            self.rename(&mut relation, names);
            relation.origin = Origin::Cte(cte);
        }
        self.ctes[cte].relation = Some(Rc::new(relation));
        nodes
    }

    fn add_side(
        &mut self,
        operation: &'q SetOperation,
        first: &'q Body,
        columns: &mut Vec<Column>,
        open: &mut Vec<Open>,
        right: &Relation,
        rows: &mut Edges,
    ) {
        let is_open = !open.is_empty() || !right.is_complete();
        if !is_open && !operation.by_name && columns.len() != right.columns.len() {
            self.unequal_sides(operation, first, columns.len(), right.columns.len());
        }
        let passes_on = operation.operator != SetOperator::Except;
        let way = if operation.operator == SetOperator::Union { Way::Rows } else { Way::Filter };
        rows.extend(right.rows.map(|node| (node, way)));
        // By place, unless a star hides the places; then by name, as far as names agree.
        let pairs: Vec<Option<usize>> = if operation.by_name || is_open {
            let by_name: HashMap<String, usize> =
                columns.iter().enumerate().map(|(place, column)| (key(&column.name), place)).collect();
            right.columns.iter().map(|column| by_name.get(&key(&column.name)).copied()).collect()
        } else {
            (0..right.columns.len()).map(|place| (place < columns.len()).then_some(place)).collect()
        };
        let mut left_types = Vec::with_capacity(pairs.len());
        let mut right_types = Vec::with_capacity(pairs.len());
        let mut places = Vec::with_capacity(pairs.len());
        for (column, pair) in right.columns.iter().zip(pairs) {
            match pair {
                Some(place) => {
                    if passes_on {
                        columns[place].edges.push((column.node, Way::Direct));
                    }
                    left_types.push(columns[place].data_type.clone());
                    right_types.push(column.data_type.clone());
                    places.push(place);
                }
                None if operation.by_name => columns.push(Column::of(column.clone())),
                None => {}
            }
            if operation.operator != SetOperator::Union {
                rows.push((column.node, Way::Filter));
            }
        }
        if operation.operator != SetOperator::Union {
            let left = columns.iter().flat_map(|column| column.edges.iter());
            rows.extend(left.map(|(node, _)| (*node, Way::Filter)));
        }
        if !is_open || operation.by_name {
            let mut problems = Vec::new();
            let types =
                types::set_operation_types(operation, &left_types, &right_types, self.dialect, &mut problems);
            self.problems.append(&mut problems);
            for (place, data_type) in places.into_iter().zip(types) {
                columns[place].data_type = data_type;
            }
        } else {
            for column in columns.iter_mut() {
                column.data_type = None;
            }
        }
        if operation.by_name || !open.is_empty() {
            open.extend(right.open.iter().cloned());
        }
        if is_open && !operation.by_name {
            self.unknown(
                body_at(&operation.right),
                "which columns of the sides belong together is not known",
            );
        }
    }

    fn unequal_sides(&mut self, operation: &'q SetOperation, first: &'q Body, left: usize, right: usize) {
        let operator = match operation.operator {
            SetOperator::Union => "UNION",
            SetOperator::Intersect => "INTERSECT",
            SetOperator::Except => "EXCEPT",
        };
        let columns = |count: usize| match count {
            1 => "one column".to_owned(),
            count => format!("{count} columns"),
        };
        self.problem(super::Problem {
            code: Code::ColumnCount,
            message: format!("the sides of {operator} give {} and {}", columns(left), columns(right)),
            at: body_at(&operation.right),
            label: format!("{} here", columns(right)),
            also: vec![(body_at(first), format!("{} here", columns(left)))],
            help: None,
        });
    }
}

impl Column {
    fn of(column: RelationColumn) -> Self {
        let RelationColumn { name, is_named, data_type, node, at } = column;
        Self { name, is_named, data_type, at, edges: vec![(node, Way::Direct)] }
    }
}

/// The place of a body; of a SELECT its list is what counts.
pub(super) fn body_at(body: &Body) -> TextRange {
    match body {
        Body::Select(select) => select.at,
        Body::SetOperation(operation) => operation.at,
        Body::Query(query) => query.at,
        Body::Values(rows) => {
            let places = rows.iter().flatten().map(|expr| expr.at);
            places.reduce(TextRange::to).unwrap_or_default()
        }
    }
}
