use crate::sql::tree::{Expr, ExprKind, Literal, UnaryOp};
use crate::sql::{Dialect, TypeKind};

/// The type of an expression, with what is known of it when it is a constant: constants take
/// the type of what they stand beside.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operand {
    pub kind: TypeKind,
    pub constant: Option<Constant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Constant {
    Null,
    /// A text, which may mean a date or a number as well.
    Text,
    /// A whole number, if it is not too large.
    Whole(Option<i128>),
    /// A number with digits after the point.
    Fraction,
}

impl Operand {
    pub fn new(kind: TypeKind) -> Self {
        Self { kind, constant: None }
    }

    pub fn is_null(&self) -> bool {
        self.kind == TypeKind::Null || self.constant == Some(Constant::Null)
    }

    /// Whether it becomes whatever stands beside it.
    pub fn is_text_constant(&self) -> bool {
        self.constant == Some(Constant::Text)
    }
}

/// What kind of constant an expression is, if it is one.
pub(super) fn constant(expr: &Expr) -> Option<Constant> {
    match &expr.kind {
        ExprKind::Literal(Literal::Null) => Some(Constant::Null),
        ExprKind::Literal(Literal::String(_)) => Some(Constant::Text),
        ExprKind::Literal(Literal::Number(number)) => Some(number_constant(number)),
        ExprKind::Unary { op: UnaryOp::Minus | UnaryOp::Plus, expr } => match constant(expr)? {
            Constant::Whole(value) => Some(Constant::Whole(value.map(i128::wrapping_neg))),
            Constant::Fraction => Some(Constant::Fraction),
            _ => None,
        },
        _ => None,
    }
}

fn number_constant(number: &str) -> Constant {
    let digits = number.replace('_', "");
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return Constant::Whole(i128::from_str_radix(hex, 16).ok());
    }
    if !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Constant::Whole(digits.parse().ok());
    }
    Constant::Fraction
}

/// The type of a number as written.
pub(super) fn number_kind(number: &str, dialect: Dialect) -> TypeKind {
    let number = number.trim();
    if matches!(dialect, Dialect::Spark | Dialect::Databricks)
        && let Some(kind) = spark_suffix(number)
    {
        return kind;
    }
    if let Constant::Whole(value) = number_constant(number) {
        return match (value, dialect) {
            (_, Dialect::BigQuery) => TypeKind::integer(64),
            (Some(value), Dialect::Snowflake) => {
                let digits = u16::try_from(value.to_string().len()).unwrap_or(38);
                if digits <= 38 { TypeKind::Decimal(Some((digits, 0))) } else { TypeKind::Unknown }
            }
            (Some(value), _) if i32::try_from(value).is_ok() => TypeKind::integer(32),
            (Some(value), _) if i64::try_from(value).is_ok() => TypeKind::integer(64),
            (Some(_), Dialect::DuckDb) => TypeKind::integer(128),
            (None, Dialect::DuckDb) => TypeKind::Double,
            (_, Dialect::Postgres) => TypeKind::Decimal(None),
            _ => TypeKind::Unknown,
        };
    }
    let digits = number.replace('_', "");
    if digits.contains(['e', 'E']) {
        return match dialect {
            Dialect::Postgres => TypeKind::Decimal(None),
            Dialect::Redshift | Dialect::Snowflake => TypeKind::Unknown,
            _ => TypeKind::Double,
        };
    }
    let Some((before, after)) = digits.split_once('.') else { return TypeKind::Unknown };
    if !before.bytes().chain(after.bytes()).all(|digit| digit.is_ascii_digit()) {
        return TypeKind::Unknown;
    }
    let size = |text: &str| u16::try_from(text.len()).unwrap_or(u16::MAX);
    match dialect {
        Dialect::BigQuery => TypeKind::Double,
        Dialect::Postgres => TypeKind::Decimal(None),
        Dialect::DuckDb => {
            let (precision, scale) = (size(before).saturating_add(size(after)), size(after));
            decimal(precision, scale).unwrap_or(TypeKind::Double)
        }
        // Zeros in front do not count there.
        Dialect::Spark | Dialect::Databricks => {
            let before = before.trim_start_matches('0');
            let (precision, scale) = (size(before).saturating_add(size(after)), size(after));
            decimal(precision.max(scale), scale).unwrap_or(TypeKind::Unknown)
        }
        Dialect::Snowflake | Dialect::Redshift => {
            let (precision, scale) = (size(before).max(1).saturating_add(size(after)), size(after));
            decimal(precision, scale).unwrap_or(TypeKind::Unknown)
        }
    }
}

fn decimal(precision: u16, scale: u16) -> Option<TypeKind> {
    if precision > 38 {
        return None;
    }
    Some(TypeKind::Decimal(Some((precision.max(1), i16::try_from(scale).ok()?))))
}

/// `1L`, `1.5BD`: <https://spark.apache.org/docs/latest/sql-ref-literals.html>.
fn spark_suffix(number: &str) -> Option<TypeKind> {
    let upper = number.to_ascii_uppercase();
    if upper.ends_with("BD") {
        return Some(TypeKind::Decimal(None));
    }
    Some(match upper.chars().last()? {
        'L' => TypeKind::integer(64),
        'S' => TypeKind::integer(16),
        'Y' => TypeKind::integer(8),
        'D' => TypeKind::Double,
        'F' => TypeKind::Float,
        _ => return None,
    })
}
