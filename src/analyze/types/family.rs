//! What an argument or operand of a type may stand for: without a doubt, perhaps, never.

use super::operand::{Constant, Operand};
use crate::analyze::functions::Family;
use crate::sql::{Dialect, TypeKind, Zone};

/// Kinds of values that dialects keep apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Boolean,
    Number,
    Text,
    Blob,
    /// Dates and timestamps.
    Day,
    Time,
    Interval,
    List,
    /// Structs and maps.
    Fields,
}

/// `None` for what is not known, or goes with anything: NULL, JSON, variants, types of a kind
/// of their own.
pub(super) fn group(kind: &TypeKind) -> Option<Group> {
    Some(match kind {
        TypeKind::Boolean => Group::Boolean,
        TypeKind::Integer { .. } | TypeKind::Decimal(_) | TypeKind::Float | TypeKind::Double => Group::Number,
        TypeKind::Text(_) | TypeKind::Enum(_) => Group::Text,
        TypeKind::Blob => Group::Blob,
        TypeKind::Date | TypeKind::Timestamp(_) => Group::Day,
        TypeKind::Time | TypeKind::TimeTz => Group::Time,
        TypeKind::Interval => Group::Interval,
        TypeKind::List(_) | TypeKind::Array(..) => Group::List,
        TypeKind::Struct(_) | TypeKind::Map(_) => Group::Fields,
        TypeKind::Unknown
        | TypeKind::Null
        | TypeKind::Bit
        | TypeKind::Uuid
        | TypeKind::Json
        | TypeKind::Variant
        | TypeKind::Geography
        | TypeKind::Other(_) => return None,
    })
}

/// Whether a function that wants values of the one group takes none of the other in a dialect.
/// Sources: the pages on type conversion of each dialect
/// (<https://www.postgresql.org/docs/current/typeconv.html>,
/// <https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_rules>,
/// <https://docs.snowflake.com/en/sql-reference/data-type-conversion>,
/// <https://spark.apache.org/docs/latest/sql-ref-ansi-compliance.html>,
/// <https://docs.aws.amazon.com/redshift/latest/dg/c_Supported_data_types.html>); where one
/// leaves a doubt, the answer is no.
fn never_converts(dialect: Dialect, from: Group, to: Group) -> bool {
    if from == to {
        return false;
    }
    match dialect {
        Dialect::DuckDb => {
            !matches!((from, to), (Group::Boolean, Group::Number) | (Group::Number, Group::Boolean))
        }
        Dialect::Postgres | Dialect::BigQuery => {
            !matches!((from, to), (Group::Time, Group::Interval) | (Group::Interval, Group::Time))
        }
        Dialect::Redshift => match to {
            Group::Number => matches!(from, Group::Day | Group::Text | Group::Time),
            Group::Day => matches!(from, Group::Number | Group::Boolean),
            _ => false,
        },
        Dialect::Snowflake => match to {
            Group::Number => matches!(from, Group::Day | Group::Time | Group::List),
            Group::Day => matches!(from, Group::Boolean | Group::List),
            _ => false,
        },
        Dialect::Spark | Dialect::Databricks => match to {
            Group::Number => matches!(from, Group::Day | Group::List | Group::Fields),
            Group::Day => matches!(from, Group::Number | Group::Boolean | Group::List | Group::Fields),
            Group::Text => matches!(from, Group::List | Group::Fields),
            Group::List => matches!(from, Group::Number | Group::Boolean | Group::Day | Group::Text),
            _ => false,
        },
    }
}

/// Whether an argument can surely not be given for a parameter.
pub(super) fn never(dialect: Dialect, from: &Operand, to: &Family) -> bool {
    if from.is_null() || from.is_text_constant() {
        return false;
    }
    let Some(from) = group(&from.kind) else { return false };
    let never = |to| never_converts(dialect, from, to);
    match to {
        Family::Any | Family::Part | Family::Lambda => false,
        Family::Number | Family::Whole => never(Group::Number),
        Family::Moment => never(Group::Day),
        Family::Clock => never(Group::Day) && never(Group::Time) && never(Group::Interval),
        Family::List(_) => never(Group::List),
        Family::Map | Family::Struct => never(Group::Fields),
        Family::Kind(kind) => group(kind).is_some_and(never),
    }
}

/// How far an argument is from a parameter: 0 when it is just that, `None` when it becomes
/// such only where the dialect is lenient.
pub(super) fn distance(from: &Operand, to: &Family) -> Option<u32> {
    if from.is_null() || from.kind == TypeKind::Unknown {
        return Some(0);
    }
    let kind = &from.kind;
    // The wider a family, the farther.
    let if_so = |is_so: bool, far: u32| is_so.then_some(far);
    let found = match to {
        Family::Any => Some(20),
        Family::Part => return if_so(matches!(kind, TypeKind::Text(_)), 0),
        Family::Number => if_so(kind.is_number(), 15),
        Family::Whole => if_so(kind.is_whole() || kind == &TypeKind::Decimal(None), 3),
        Family::Moment => if_so(kind.is_day(), 5),
        Family::Clock => if_so(matches!(group(kind), Some(Group::Day | Group::Time | Group::Interval)), 6),
        Family::List(item) => match kind {
            TypeKind::List(inner) | TypeKind::Array(inner, _) => match item.as_ref() {
                Family::Any => Some(4),
                item => distance(&Operand::new(inner.as_ref().clone()), item),
            },
            _ => None,
        },
        Family::Map => if_so(matches!(kind, TypeKind::Map(_)), 4),
        Family::Struct => if_so(matches!(kind, TypeKind::Struct(_)), 4),
        Family::Lambda => None,
        Family::Kind(to) => widening(kind, to),
    };
    match from.constant {
        // A constant is taken for what is wanted, and for what it looks like first.
        Some(Constant::Text)
            if !matches!(to, Family::List(_) | Family::Map | Family::Struct | Family::Lambda) =>
        {
            found.or(Some(10))
        }
        Some(Constant::Whole(_)) if matches!(to, Family::Kind(TypeKind::Integer { bits: 1.., .. })) => {
            found.or(Some(1))
        }
        _ => found,
    }
}

/// How far a type is from one that it becomes without loss.
fn widening(from: &TypeKind, to: &TypeKind) -> Option<u32> {
    if from == to {
        return Some(0);
    }
    match (from, to) {
        (TypeKind::Integer { bits: 0, .. }, TypeKind::Double) => Some(1),
        (
            TypeKind::Integer { bits: from, is_signed: from_signed },
            TypeKind::Integer { bits: to, is_signed: to_signed },
        ) => {
            let fits = match (from_signed, to_signed) {
                (false, true) => from < to,
                (true, false) => false,
                _ => from <= to,
            };
            (fits && *from > 0).then(|| u32::from(*to / from) / 2)
        }
        (TypeKind::Integer { .. }, TypeKind::Decimal(_)) => Some(8),
        (TypeKind::Decimal(Some((_, 0))), TypeKind::Integer { .. }) => Some(1),
        (TypeKind::Decimal(_), TypeKind::Decimal(None)) => Some(0),
        (TypeKind::Decimal(Some(from)), TypeKind::Decimal(Some(to))) => {
            Some(u32::from(to.0.abs_diff(from.0)) / 38)
        }
        (TypeKind::Decimal(None), TypeKind::Decimal(_)) => Some(1),
        (TypeKind::Integer { .. } | TypeKind::Decimal(_), TypeKind::Float) => Some(10),
        (TypeKind::Integer { .. } | TypeKind::Decimal(_), TypeKind::Double) => Some(9),
        (TypeKind::Float, TypeKind::Double) => Some(1),
        (TypeKind::Text(_), TypeKind::Text(_)) => Some(0),
        (TypeKind::Enum(_) | TypeKind::Json, TypeKind::Text(_)) => Some(1),
        (TypeKind::Date, TypeKind::Timestamp(Zone::None))
        | (TypeKind::Timestamp(Zone::None), TypeKind::Timestamp(_))
        | (TypeKind::Timestamp(Zone::Local), TypeKind::Timestamp(Zone::Kept)) => Some(1),
        (TypeKind::Date, TypeKind::Timestamp(_)) => Some(2),
        (TypeKind::Time, TypeKind::TimeTz) => Some(1),
        _ => None,
    }
}

/// Whether values of these types are surely never compared by order, or brought to one type.
pub(super) fn never_meet(dialect: Dialect, left: &TypeKind, right: &TypeKind) -> bool {
    let (Some(first), Some(second)) = (group(left), group(right)) else { return false };
    let pair = |one: Group, other: Group| (first, second) == (one, other) || (first, second) == (other, one);
    if first == second {
        return dialect == Dialect::BigQuery
            && first == Group::Day
            // A date becomes a DATETIME by itself, and nothing becomes a TIMESTAMP.
            && (left == &TypeKind::Timestamp(Zone::Local)) != (right == &TypeKind::Timestamp(Zone::Local));
    }
    match dialect {
        Dialect::DuckDb => !pair(Group::Boolean, Group::Number),
        Dialect::Postgres => !pair(Group::Time, Group::Interval),
        Dialect::BigQuery => true,
        Dialect::Redshift => {
            pair(Group::Day, Group::Number)
                || pair(Group::Day, Group::Boolean)
                || pair(Group::Time, Group::Number)
        }
        Dialect::Snowflake => {
            pair(Group::Day, Group::Number)
                || pair(Group::Day, Group::Boolean)
                || pair(Group::Time, Group::Number)
        }
        Dialect::Spark | Dialect::Databricks => {
            pair(Group::Day, Group::Number)
                || pair(Group::Day, Group::Boolean)
                || [Group::List, Group::Fields].iter().any(|nested| {
                    [Group::Number, Group::Day, Group::Boolean].iter().any(|plain| pair(*nested, *plain))
                })
        }
    }
}
