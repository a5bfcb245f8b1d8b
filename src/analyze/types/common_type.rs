use super::arithmetic::digits;
use super::family::never_meet;
use super::operand::{Constant, Operand};
use crate::sql::{DataType, Dialect, TypeKind, Zone};

/// Two of several types that have no type in common, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::analyze) struct Clash {
    pub first: usize,
    pub second: usize,
}

/// The type that values of all these types are brought to: in CASE, COALESCE, lists and set
/// operations. `None` when it cannot be told.
///
/// # Errors
/// Two of them surely never go together.
pub(in crate::analyze) fn common_type(
    dialect: Dialect,
    types: &[Option<DataType>],
) -> Result<Option<DataType>, Clash> {
    let operand = |kind: &Option<DataType>| {
        Operand::new(kind.as_ref().map_or(TypeKind::Unknown, |kind| kind.kind(dialect)))
    };
    let operands: Vec<Operand> = types.iter().map(operand).collect();
    // Alike to the letter, so that sizes stay.
    if let Some(Some(first)) = types.first()
        && types.iter().all(|other| other.as_ref() == Some(first))
    {
        return Ok(Some(first.clone()));
    }
    Ok(common_kind(dialect, &operands)?.data_type(dialect))
}

/// [`common_type`] of operands, whose constants take the type of the others.
pub(super) fn common_kind(dialect: Dialect, operands: &[Operand]) -> Result<TypeKind, Clash> {
    let mut common: Option<(usize, Operand)> = None;
    let mut is_unknown = false;
    for (place, operand) in operands.iter().enumerate() {
        if operand.kind == TypeKind::Unknown {
            is_unknown = true;
            continue;
        }
        if operand.is_null() {
            continue;
        }
        common = Some(match common {
            None => (place, operand.clone()),
            Some((first, so_far)) => {
                let is_free = so_far.is_text_constant() || operand.is_text_constant();
                if !is_free && never_meet(dialect, &so_far.kind, &operand.kind) {
                    return Err(Clash { first, second: place });
                }
                (if so_far.is_text_constant() { place } else { first }, pair(dialect, &so_far, operand))
            }
        });
    }
    Ok(match common {
        _ if is_unknown => TypeKind::Unknown,
        Some((_, operand)) => operand.kind,
        None if operands.is_empty() => TypeKind::Unknown,
        None => TypeKind::Null,
    })
}

/// Two that may meet, as one.
fn pair(dialect: Dialect, left: &Operand, right: &Operand) -> Operand {
    match (left.constant, right.constant) {
        (Some(Constant::Text), Some(Constant::Text)) => {
            return Operand { kind: TypeKind::text(), constant: Some(Constant::Text) };
        }
        (Some(Constant::Text), _) => return beside_text(dialect, right),
        (_, Some(Constant::Text)) => return beside_text(dialect, left),
        _ => {}
    }
    if dialect == Dialect::DuckDb {
        // A whole constant is as wide as what it stands beside, if it fits.
        for (constant, other) in [(left, right), (right, left)] {
            if let (Some(Constant::Whole(Some(value))), None, TypeKind::Integer { bits, is_signed }) =
                (constant.constant, other.constant, &other.kind)
                && fits(value, *bits, *is_signed)
            {
                return other.clone();
            }
        }
    }
    Operand::new(meet(dialect, &left.kind, &right.kind))
}

/// What a type becomes beside a constant text.
fn beside_text(dialect: Dialect, other: &Operand) -> Operand {
    match (dialect, &other.kind) {
        // Their text would be cut or the number made a text: not worth a wrong word.
        (Dialect::Spark | Dialect::Databricks | Dialect::Snowflake, kind)
            if !matches!(kind, TypeKind::Text(_)) =>
        {
            Operand::new(TypeKind::Unknown)
        }
        (_, TypeKind::Text(_)) => Operand::new(TypeKind::text()),
        (_, kind) => Operand::new(kind.clone()),
    }
}

pub(super) fn fits(value: i128, bits: u16, is_signed: bool) -> bool {
    match (bits, is_signed) {
        (0, _) | (128, true) => true,
        (128, false) => value >= 0,
        (bits @ 1..=64, true) => (-(1_i128 << (bits - 1))..(1_i128 << (bits - 1))).contains(&value),
        (bits @ 1..=64, false) => (0..(1_i128 << bits)).contains(&value),
        _ => false,
    }
}

/// Two types as one; unknown where the dialect's rule is not.
pub(super) fn meet(dialect: Dialect, left: &TypeKind, right: &TypeKind) -> TypeKind {
    if left == right {
        return left.clone();
    }
    match (left, right) {
        (TypeKind::Null, other) | (other, TypeKind::Null) => other.clone(),
        (TypeKind::Text(_), TypeKind::Text(_)) => match dialect {
            Dialect::Snowflake | Dialect::Redshift | Dialect::Postgres => TypeKind::text(),
            _ => TypeKind::Text(None),
        },
        (TypeKind::Text(_), TypeKind::Enum(_))
        | (TypeKind::Enum(_), TypeKind::Text(_) | TypeKind::Enum(_)) => TypeKind::text(),
        (left, right) if left.is_number() && right.is_number() => meet_numbers(dialect, left, right),
        (TypeKind::Boolean, number) | (number, TypeKind::Boolean)
            if dialect == Dialect::DuckDb && matches!(number, TypeKind::Integer { .. }) =>
        {
            number.clone()
        }
        (TypeKind::Date, TypeKind::Timestamp(zone)) | (TypeKind::Timestamp(zone), TypeKind::Date) => {
            TypeKind::Timestamp(*zone)
        }
        (TypeKind::Timestamp(one), TypeKind::Timestamp(other)) => match (dialect, one, other) {
            (Dialect::Snowflake, ..) => TypeKind::Unknown,
            (_, Zone::None, Zone::Local) | (_, Zone::Local, Zone::None) => TypeKind::Timestamp(Zone::Local),
            _ => TypeKind::Unknown,
        },
        (TypeKind::List(one), TypeKind::List(other)) => match meet(dialect, one, other) {
            TypeKind::Unknown => TypeKind::Unknown,
            item => TypeKind::list(item),
        },
        (TypeKind::Json, _) | (_, TypeKind::Json) if dialect == Dialect::DuckDb => TypeKind::Json,
        _ => TypeKind::Unknown,
    }
}

fn meet_numbers(dialect: Dialect, left: &TypeKind, right: &TypeKind) -> TypeKind {
    use TypeKind::{Decimal, Double, Float, Integer};
    match (left, right) {
        (Double, _) | (_, Double) => Double,
        (Float, other) | (other, Float) => match (dialect, other) {
            (Dialect::DuckDb, _) => Float,
            (Dialect::Spark | Dialect::Databricks, Decimal(_)) => Double,
            (Dialect::Spark | Dialect::Databricks, _) => TypeKind::Unknown,
            (Dialect::Postgres, _) => Float,
            _ => TypeKind::Unknown,
        },
        (Integer { bits: 0, .. }, _) | (_, Integer { bits: 0, .. }) => TypeKind::Unknown,
        (Integer { bits: one, is_signed: first }, Integer { bits: other, is_signed: second }) => {
            meet_integers((*one, *first), (*other, *second))
        }
        _ => {
            if dialect == Dialect::Postgres {
                return Decimal(None);
            }
            if dialect == Dialect::BigQuery {
                // NUMERIC and BIGNUMERIC.
                let is_big =
                    |kind: &TypeKind| matches!(kind, Decimal(Some((precision, _))) if *precision > 38);
                return Decimal(Some(if is_big(left) || is_big(right) { (76, 38) } else { (38, 9) }));
            }
            match (digits(left), digits(right)) {
                (Some(left), Some(right)) => {
                    let scale = left.1.max(right.1);
                    let before =
                        (i32::from(left.0) - i32::from(left.1)).max(i32::from(right.0) - i32::from(right.1));
                    let precision = u16::try_from(before + i32::from(scale)).unwrap_or(38);
                    if precision > 38 && dialect != Dialect::DuckDb {
                        return Decimal(None);
                    }
                    Decimal(Some((precision.min(38), scale)))
                }
                _ => Decimal(None),
            }
        }
    }
}

fn meet_integers(left: (u16, bool), right: (u16, bool)) -> TypeKind {
    let (wide, narrow) = if left.0 >= right.0 { (left, right) } else { (right, left) };
    if wide.1 == narrow.1 || (wide.1 && wide.0 > narrow.0) {
        return TypeKind::Integer { bits: wide.0, is_signed: wide.1 };
    }
    // The unsigned is as wide or wider: one size up holds both.
    match wide.0 {
        64 => TypeKind::integer(128),
        128 => TypeKind::Unknown,
        bits => TypeKind::integer(bits * 2),
    }
}
