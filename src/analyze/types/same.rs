use super::{Environment, Identity};
use crate::sql::tree::{Argument, Expr, ExprKind, deep};

/// Whether two expressions are written alike, but for case, blanks and the ways to name a
/// column. Queries in them are not compared.
pub(super) fn is_same(one: &Expr, other: &Expr, environment: &dyn Environment) -> bool {
    if !is_same_here(one, other, environment) {
        return false;
    }
    let (mut parts, mut others) = (Vec::new(), Vec::new());
    one.for_each_child(&mut |part| parts.push(part));
    other.for_each_child(&mut |part| others.push(part));
    parts.len() == others.len()
        && parts.iter().zip(&others).all(|(one, other)| deep(|| is_same(one, other, environment)))
}

/// Without the parts.
fn is_same_here(one: &Expr, other: &Expr, environment: &dyn Environment) -> bool {
    let dialect = environment.dialect();
    let same_text = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    match (&one.kind, &other.kind) {
        (ExprKind::Column(one), ExprKind::Column(other)) => {
            let is_same_path = one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| same_text(&one.text, &other.text));
            is_same_path
                || match (environment.identity(one), environment.identity(other)) {
                    (Some(one @ Identity::Local { .. }), Some(other)) => one == other,
                    _ => false,
                }
        }
        (ExprKind::Literal(one), ExprKind::Literal(other)) => one == other,
        (ExprKind::Call(one), ExprKind::Call(other)) => {
            let name = |argument: &Argument| match argument {
                Argument::Named(name, _) => Some(name.text.to_lowercase()),
                _ => None,
            };
            one.name.len() == other.name.len()
                && one.name.iter().zip(&other.name).all(|(one, other)| same_text(&one.text, &other.text))
                && one.is_distinct == other.is_distinct
                && one.over.is_some() == other.over.is_some()
                && one.arguments.iter().map(name).eq(other.arguments.iter().map(name))
        }
        (ExprKind::Cast { to: one, .. }, ExprKind::Cast { to: other, .. }) => {
            one.kind(dialect) == other.kind(dialect)
        }
        (ExprKind::Unary { op: one, .. }, ExprKind::Unary { op: other, .. }) => one == other,
        (ExprKind::Binary { op: one, .. }, ExprKind::Binary { op: other, .. }) => one == other,
        (ExprKind::Field { field: one, .. }, ExprKind::Field { field: other, .. }) => {
            same_text(&one.text, &other.text)
        }
        (ExprKind::Parameter(one), ExprKind::Parameter(other)) => one == other,
        (ExprKind::Other { what: one, .. }, ExprKind::Other { what: other, .. }) => one == other,
        (
            ExprKind::Between { is_negated: one, .. }
            | ExprKind::InList { is_negated: one, .. }
            | ExprKind::InSubquery { is_negated: one, .. }
            | ExprKind::IsNull { is_negated: one, .. }
            | ExprKind::Like { is_negated: one, .. },
            ExprKind::Between { is_negated: other, .. }
            | ExprKind::InList { is_negated: other, .. }
            | ExprKind::InSubquery { is_negated: other, .. }
            | ExprKind::IsNull { is_negated: other, .. }
            | ExprKind::Like { is_negated: other, .. },
        ) if one != other => false,
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}
