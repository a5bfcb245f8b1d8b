//! Which relations of a FROM are joined with which.

use super::facts::{Compared, JoinFact};
use super::resolver::{Resolver, View};
use super::types;
use crate::sql::tree::{BinaryOp, Expr, ExprKind, FromItem, Join, JoinCondition};

/// A join whose sides may yet be connected by a condition further down.
#[derive(Debug)]
pub(super) struct OpenJoin {
    pub scope: usize,
    /// The first relation of the right side, and the one after its last.
    pub right: (usize, usize),
    pub fact: JoinFact,
}

impl<'q> Resolver<'q> {
    pub fn note_join(&mut self, join: &'q Join, scope: usize, middle: usize) {
        let end = self.scopes[scope].relations.len();
        let has_condition = !matches!(join.condition, JoinCondition::None);
        let fact = JoinFact {
            at: join.right.at(),
            kind: Some(join.kind),
            has_condition,
            is_connected: stands_alone(&join.right)
                || matches!(join.condition, JoinCondition::Using(_) | JoinCondition::Natural)
                || join.kind == crate::sql::tree::JoinKind::Positional,
            compared: Vec::new(),
        };
        self.facts.open_joins.push(OpenJoin { scope, right: (middle, end), fact });
    }

    /// What the condition of the join noted last compares.
    pub fn note_compared(&mut self, place: usize, condition: &'q Expr, scope: usize) {
        let mut compared = Vec::new();
        let mut left = vec![condition];
        while let Some(expr) = left.pop() {
            if let ExprKind::Binary { left: first, op, right: second } = &expr.kind {
                match op {
                    BinaryOp::And => left.extend([&**second, &**first]),
                    BinaryOp::Equal | BinaryOp::Same => {
                        let view = View { resolver: self, scope };
                        let type_of = |expr: &Expr| types::type_of(expr, &view, &mut Vec::new());
                        compared.push(Compared {
                            left: first.at,
                            left_type: type_of(first),
                            right: second.at,
                            right_type: type_of(second),
                        });
                    }
                    _ => {}
                }
            }
        }
        self.facts.open_joins[place].fact.compared = compared;
    }

    pub fn note_comma(&mut self, item: &'q FromItem, scope: usize, start: usize) {
        let end = self.scopes[scope].relations.len();
        let fact = JoinFact {
            at: item.at(),
            kind: None,
            has_condition: false,
            is_connected: stands_alone(item),
            compared: Vec::new(),
        };
        self.facts.open_joins.push(OpenJoin { scope, right: (start, end), fact });
    }

    /// A condition has columns of these relations.
    pub fn note_connection(&mut self, scope: usize, mut relations: Vec<(usize, usize)>) {
        relations.sort_unstable();
        relations.dedup();
        self.met.relations.extend(&relations);
        let here: Vec<usize> = relations
            .into_iter()
            .filter(|(found_in, _)| *found_in == scope)
            .map(|(_, index)| index)
            .collect();
        if let [first, rest @ ..] = here.as_slice() {
            self.scopes[scope].connections.extend(rest.iter().map(|other| (*first, *other)));
        }
    }

    /// Closes the joins of a scope, once all its conditions are read.
    pub fn connect_joins(&mut self, scope: usize) {
        let count = self.scopes[scope].relations.len();
        let mut group: Vec<usize> = (0..count).collect();
        for (one, other) in std::mem::take(&mut self.scopes[scope].connections) {
            let (one, other) = (root(&mut group, one), root(&mut group, other));
            group[one] = other;
        }
        let mut left = Vec::new();
        for mut join in std::mem::take(&mut self.facts.open_joins) {
            if join.scope != scope {
                left.push(join);
                continue;
            }
            let (from, to) = join.right;
            let before: Vec<usize> = (0..from).map(|index| root(&mut group, index)).collect();
            let is_connected = (from..to.min(count)).any(|index| before.contains(&root(&mut group, index)));
            join.fact.is_connected |= is_connected;
            self.facts.joins.push(join.fact);
        }
        self.facts.open_joins = left;
    }
}

/// Whether a join with it needs no condition: it takes from what stands before, or may have one
/// row alone.
fn stands_alone(item: &FromItem) -> bool {
    match item {
        FromItem::Table { .. } | FromItem::Pivot(_) | FromItem::Unpivot(_) => false,
        FromItem::Subquery { .. } | FromItem::Function(_) => true,
        FromItem::Join(join) => stands_alone(&join.left) || stands_alone(&join.right),
        FromItem::Aliased { item, .. } => stands_alone(item),
    }
}

/// Which group an item is in; groups are trees whose root is its own parent.
fn root(group: &mut [usize], mut of: usize) -> usize {
    while group[of] != of {
        group[of] = group[group[of]];
        of = group[of];
    }
    of
}
