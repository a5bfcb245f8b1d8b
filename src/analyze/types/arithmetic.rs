//! What arithmetic gives, and what it surely does not take.
//!
//! Sources: <https://duckdb.org/docs/stable/sql/data_types/numeric> and its own answers,
//! <https://www.postgresql.org/docs/current/functions-datetime.html>,
//! <https://docs.snowflake.com/en/sql-reference/operators-arithmetic>,
//! <https://cloud.google.com/bigquery/docs/reference/standard-sql/operators>,
//! <https://spark.apache.org/docs/latest/sql-ref-ansi-compliance.html>.

use super::common_type::{common_kind, meet};
use super::family::{Group, group};
use super::operand::{Constant, Operand};
use crate::sql::tree::BinaryOp;
use crate::sql::{Dialect, TypeKind, Zone};

/// What `left op right` is; unknown where the rule is not known.
pub(super) fn arithmetic(dialect: Dialect, left: &Operand, op: &BinaryOp, right: &Operand) -> TypeKind {
    if left.is_null() || right.is_null() {
        return TypeKind::Unknown;
    }
    // A constant text is read as what stands beside it needs; which that is, varies.
    if left.is_text_constant() || right.is_text_constant() {
        return TypeKind::Unknown;
    }
    match (group(&left.kind), group(&right.kind)) {
        (Some(Group::Number), Some(Group::Number)) => numbers(dialect, left, op, right),
        (Some(first), Some(second)) => dates(dialect, (&left.kind, first), op, (&right.kind, second)),
        _ => TypeKind::Unknown,
    }
}

/// Whether no dialect of these has the operator for such sides.
pub(super) fn is_never(dialect: Dialect, left: &Operand, op: &BinaryOp, right: &Operand) -> bool {
    use Group::{Day, Interval, Number, Time};
    if [left, right].iter().any(|side| side.is_null() || side.is_text_constant()) {
        return false;
    }
    let (Some(first), Some(second)) = (group(&left.kind), group(&right.kind)) else { return false };
    let pair = (first, second);
    let is_date = |kind: &TypeKind| kind == &TypeKind::Date;
    match dialect {
        Dialect::DuckDb | Dialect::Postgres | Dialect::BigQuery => {
            let may_be = match op {
                BinaryOp::Add => match pair {
                    (Day, Number) => is_date(&left.kind),
                    (Number, Day) => is_date(&right.kind),
                    (Group::List, Group::List) | (Day, Time) | (Time, Day) => true,
                    (Number, Number) | (Interval | Day | Time, Interval) | (Interval, Day | Time) => true,
                    _ => false,
                },
                BinaryOp::Subtract => match pair {
                    (Day, Number) => is_date(&left.kind),
                    (Time, Time) => dialect != Dialect::DuckDb,
                    (Number, Number) | (Interval | Day | Time, Interval) | (Day, Day) => true,
                    _ => false,
                },
                BinaryOp::Multiply => matches!(pair, (Number, Number | Interval) | (Interval, Number)),
                BinaryOp::Divide => matches!(pair, (Number | Interval, Number)),
                BinaryOp::Modulo | BinaryOp::IntegerDivide | BinaryOp::Power => pair == (Number, Number),
                _ => true,
            };
            !may_be
        }
        Dialect::Redshift | Dialect::Snowflake | Dialect::Spark | Dialect::Databricks => match op {
            BinaryOp::Add => pair == (Day, Day),
            BinaryOp::Multiply | BinaryOp::Divide => matches!(pair, (Day, Number | Day) | (Number, Day)),
            _ => false,
        },
    }
}

/// Precision and scale that hold all values of a number.
pub(super) fn digits(kind: &TypeKind) -> Option<(u16, i16)> {
    match kind {
        TypeKind::Decimal(sizes) => *sizes,
        TypeKind::Integer { bits, is_signed } => Some((
            match (bits, is_signed) {
                (8, _) => 3,
                (16, _) => 5,
                (32, _) => 10,
                (64, true) => 19,
                (64, false) => 20,
                (128, _) => 38,
                _ => return None,
            },
            0,
        )),
        _ => None,
    }
}

fn numbers(dialect: Dialect, left: &Operand, op: &BinaryOp, right: &Operand) -> TypeKind {
    match dialect {
        Dialect::DuckDb => duckdb(left, op, right),
        Dialect::Postgres | Dialect::Redshift => postgres(dialect, &left.kind, op, &right.kind),
        Dialect::Snowflake => snowflake(&left.kind, op, &right.kind),
        Dialect::BigQuery => bigquery(&left.kind, op, &right.kind),
        Dialect::Spark | Dialect::Databricks => spark(dialect, &left.kind, op, &right.kind),
    }
}

/// As its catalog and binder have it.
fn duckdb(left: &Operand, op: &BinaryOp, right: &Operand) -> TypeKind {
    use TypeKind::{Decimal, Double, Float, Integer};
    let is = |kind: &dyn Fn(&TypeKind) -> bool| (kind(&left.kind), kind(&right.kind));
    let (left_whole, right_whole) = is(&|kind| matches!(kind, Integer { .. }));
    let has = |kind: &TypeKind| &left.kind == kind || &right.kind == kind;
    let float = if has(&Double) || !has(&Float) { Double } else { Float };
    match op {
        BinaryOp::Power => return Double,
        BinaryOp::Divide => return float,
        BinaryOp::IntegerDivide if !(left_whole && right_whole) => return float,
        _ => {}
    }
    if has(&Double) || has(&Float) {
        return float;
    }
    if left_whole && right_whole {
        return duckdb_integers(left, right);
    }
    if op == &BinaryOp::Modulo {
        return meet(Dialect::DuckDb, &left.kind, &right.kind);
    }
    let (Some(one), Some(other)) = (digits(&left.kind), digits(&right.kind)) else {
        return TypeKind::Unknown;
    };
    let is_narrow = one.0 <= 18 && other.0 <= 18;
    let (precision, scale) = match op {
        BinaryOp::Multiply => (one.0 + other.0, one.1 + other.1),
        _ => {
            let scale = one.1.max(other.1);
            let before = (i32::from(one.0) - i32::from(one.1)).max(i32::from(other.0) - i32::from(other.1));
            (u16::try_from(before + i32::from(scale) + 1).unwrap_or(38), scale)
        }
    };
    // As long as both fit into 64 bits, so does what comes out.
    let precision = if is_narrow && precision > 18 && scale < 18 { 18 } else { precision.min(38) };
    if u16::try_from(scale).is_ok_and(|scale| scale > precision) {
        return TypeKind::Unknown;
    }
    Decimal(Some((precision, scale)))
}

fn duckdb_integers(left: &Operand, right: &Operand) -> TypeKind {
    let kind = common_kind(Dialect::DuckDb, &[left.clone(), right.clone()]).unwrap_or_default();
    match (&left.kind, &right.kind) {
        (
            TypeKind::Integer { bits: one, is_signed: first },
            TypeKind::Integer { bits: other, is_signed: second },
        ) if first != second && left.constant.is_none() && right.constant.is_none() => {
            // It takes the nearest form that holds both, which for small ones is a far one.
            let unsigned = if *first { *other } else { *one };
            let signed = if *first { *one } else { *other };
            if signed > unsigned || unsigned >= 32 { kind } else { TypeKind::Unknown }
        }
        _ => kind,
    }
}

fn postgres(dialect: Dialect, left: &TypeKind, op: &BinaryOp, right: &TypeKind) -> TypeKind {
    use TypeKind::{Decimal, Double, Float, Integer};
    match (left, right) {
        (Float, Float) if op != &BinaryOp::Power => Float,
        (Float | Double, _) | (_, Float | Double) => Double,
        (Decimal(_), _) | (_, Decimal(_)) if op == &BinaryOp::Power && dialect == Dialect::Redshift => {
            TypeKind::Unknown
        }
        (Decimal(_), _) | (_, Decimal(_)) => Decimal(None),
        (Integer { .. }, Integer { .. }) => match op {
            BinaryOp::Power => Double,
            _ => meet(dialect, left, right),
        },
        _ => TypeKind::Unknown,
    }
}

fn snowflake(left: &TypeKind, op: &BinaryOp, right: &TypeKind) -> TypeKind {
    use TypeKind::{Decimal, Double, Float};
    let (left, right) = match (left, right) {
        (Double | Float, _) | (_, Double | Float) => return Double,
        (Decimal(Some(left)), Decimal(Some(right))) => (*left, *right),
        _ => return Decimal(None),
    };
    let leading = |size: (u16, i16)| i32::from(size.0) - i32::from(size.1);
    let (before, scale) = match op {
        BinaryOp::Add | BinaryOp::Subtract => (leading(left).max(leading(right)) + 1, left.1.max(right.1)),
        BinaryOp::Multiply => {
            (leading(left) + leading(right), (left.1 + right.1).min(left.1.max(right.1).max(12)))
        }
        BinaryOp::Divide => (leading(left) + i32::from(right.1), left.1.max((left.1 + 6).min(12))),
        _ => return Decimal(None),
    };
    let precision = u16::try_from((before + i32::from(scale)).min(38)).unwrap_or(38);
    Decimal(Some((precision, scale)))
}

fn bigquery(left: &TypeKind, op: &BinaryOp, right: &TypeKind) -> TypeKind {
    use TypeKind::{Double, Float, Integer};
    match (left, right) {
        (Double | Float, _) | (_, Double | Float) => Double,
        (Integer { .. }, Integer { .. }) => match op {
            BinaryOp::Divide => Double,
            _ => TypeKind::integer(64),
        },
        _ => {
            let is_big =
                |kind: &TypeKind| matches!(kind, TypeKind::Decimal(Some((precision, _))) if *precision > 38);
            TypeKind::Decimal(Some(if is_big(left) || is_big(right) { (76, 38) } else { (38, 9) }))
        }
    }
}

fn spark(dialect: Dialect, left: &TypeKind, op: &BinaryOp, right: &TypeKind) -> TypeKind {
    use TypeKind::{Decimal, Double, Float, Integer};
    match (op, left, right) {
        (BinaryOp::IntegerDivide, ..) => TypeKind::integer(64),
        (BinaryOp::Divide, Integer { .. }, Integer { .. }) => Double,
        (_, Double, _) | (_, _, Double) => Double,
        (BinaryOp::Divide, Float, _) | (BinaryOp::Divide, _, Float) => Double,
        (_, Float, Float) => Float,
        (_, Float, Decimal(_)) | (_, Decimal(_), Float) => Double,
        (_, Integer { .. }, Integer { .. }) => meet(dialect, left, right),
        (_, Decimal(_), _) | (_, _, Decimal(_)) => Decimal(None),
        _ => TypeKind::Unknown,
    }
}

/// Sides that are not both numbers.
fn dates(dialect: Dialect, left: (&TypeKind, Group), op: &BinaryOp, right: (&TypeKind, Group)) -> TypeKind {
    use Group::{Day, Interval, Number, Time};
    let no_zone = TypeKind::Timestamp(Zone::None);
    // What a date becomes when a span of time is added to it.
    let moved = |kind: &TypeKind| match (kind, dialect) {
        (TypeKind::Date, Dialect::DuckDb | Dialect::Postgres | Dialect::BigQuery | Dialect::Redshift) => {
            no_zone.clone()
        }
        (TypeKind::Date, _) => TypeKind::Unknown,
        (kind, _) => kind.clone(),
    };
    match (left.1, op, right.1) {
        (Day, BinaryOp::Add | BinaryOp::Subtract, Interval) => moved(left.0),
        (Interval, BinaryOp::Add, Day) => moved(right.0),
        (Time, BinaryOp::Add | BinaryOp::Subtract, Interval) => left.0.clone(),
        (Interval, BinaryOp::Add, Time) => right.0.clone(),
        (Interval, BinaryOp::Add | BinaryOp::Subtract, Interval)
        | (Interval, BinaryOp::Multiply | BinaryOp::Divide, Number)
        | (Number, BinaryOp::Multiply, Interval) => TypeKind::Interval,
        (Day, BinaryOp::Add | BinaryOp::Subtract, Number) if left.0 == &TypeKind::Date => TypeKind::Date,
        (Number, BinaryOp::Add, Day) if right.0 == &TypeKind::Date => TypeKind::Date,
        (Day, BinaryOp::Subtract, Day) => match (left.0, right.0, dialect) {
            (TypeKind::Date, TypeKind::Date, Dialect::DuckDb | Dialect::Redshift) => TypeKind::integer(64),
            (TypeKind::Date, TypeKind::Date, Dialect::Postgres) => TypeKind::integer(32),
            (TypeKind::Date, TypeKind::Date, Dialect::Snowflake) => TypeKind::Decimal(None),
            (_, _, Dialect::Snowflake) => TypeKind::Unknown,
            _ => TypeKind::Interval,
        },
        (Day, BinaryOp::Add, Time) | (Time, BinaryOp::Add, Day)
            if matches!(dialect, Dialect::DuckDb | Dialect::Postgres)
                && [left.0, right.0].iter().all(|kind| matches!(kind, TypeKind::Date | TypeKind::Time)) =>
        {
            no_zone
        }
        _ => TypeKind::Unknown,
    }
}

/// What `||` gives.
pub(super) fn concatenation(dialect: Dialect, left: &Operand, right: &Operand) -> TypeKind {
    if left.is_null() || right.is_null() {
        return TypeKind::Unknown;
    }
    match (group(&left.kind), group(&right.kind)) {
        (Some(Group::List), Some(Group::List)) => meet(dialect, &left.kind, &right.kind),
        (Some(Group::List), _) | (_, Some(Group::List)) => TypeKind::Unknown,
        (Some(Group::Blob), Some(Group::Blob)) => TypeKind::Blob,
        (Some(Group::Blob), _) | (_, Some(Group::Blob)) => TypeKind::Unknown,
        // Of JSON it merges, of bits it puts them in a row.
        (None, None) => TypeKind::Unknown,
        (Some(_), Some(_)) | (Some(Group::Text), None) | (None, Some(Group::Text)) => TypeKind::text(),
        _ => TypeKind::Unknown,
    }
}

/// What `-x` and `~x` give.
pub(super) fn negated(operand: &Operand) -> TypeKind {
    match (&operand.kind, operand.constant) {
        (_, Some(Constant::Text | Constant::Null)) => TypeKind::Unknown,
        (kind, _) if kind.is_number() || kind == &TypeKind::Interval => kind.clone(),
        _ => TypeKind::Unknown,
    }
}
