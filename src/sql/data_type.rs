use serde::{Deserialize, Serialize};

use super::{Dialect, TypeKind};

/// A data type as the warehouse writes it, for example `DECIMAL(18,3)`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DataType(String);

/// Families of types that `api.Column` asks about, with the names that adapters of dbt have
/// for them (<https://docs.getdbt.com/reference/dbt-classes#column>) and those of DuckDB
/// (<https://duckdb.org/docs/stable/sql/data_types/overview>).
const STRINGS: &[&str] =
    &["text", "character varying", "character", "varchar", "char", "bpchar", "string", "nvarchar"];
const INTEGERS: &[&str] = &[
    "int",
    "integer",
    "bigint",
    "smallint",
    "tinyint",
    "hugeint",
    "int1",
    "int2",
    "int4",
    "int8",
    "int16",
    "int32",
    "int64",
    "int128",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "utinyint",
    "usmallint",
    "uinteger",
    "ubigint",
    "uhugeint",
    "byteint",
    "serial",
    "bigserial",
    "smallserial",
    "serial2",
    "serial4",
    "serial8",
    "long",
    "short",
    "signed",
];
const FLOATS: &[&str] = &["real", "float", "float4", "float8", "double", "double precision"];
const DECIMALS: &[&str] = &["numeric", "decimal", "number", "dec"];

impl DataType {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The type without what stands in parentheses or brackets: `DECIMAL` of
    /// `DECIMAL(18,3)`. A list has the name of the whole, `INTEGER[]`.
    #[must_use]
    pub fn base(&self) -> &str {
        match self.parenthesized() {
            Some((name, _)) => name,
            None => self.0.trim(),
        }
    }

    /// The numbers in parentheses: 18 and 3 of `DECIMAL(18,3)`. None for a type whose
    /// parentheses hold something else, as `STRUCT(a INTEGER)`.
    #[must_use]
    pub fn sizes(&self) -> Vec<u64> {
        let Some((_, inside)) = self.parenthesized() else { return Vec::new() };
        inside.split(',').map(|size| size.trim().parse()).collect::<Result<_, _>>().unwrap_or_default()
    }

    /// Name and content of the parentheses that end the type.
    fn parenthesized(&self) -> Option<(&str, &str)> {
        let (name, rest) = self.0.trim().split_once('(')?;
        Some((name.trim_end(), rest.strip_suffix(')')?))
    }

    /// What the type means in a dialect.
    #[must_use]
    pub fn kind(&self, dialect: Dialect) -> TypeKind {
        TypeKind::read(&self.0, dialect)
    }

    fn is_one_of(&self, names: &[&str]) -> bool {
        let base = self.base();
        names.iter().any(|name| name.eq_ignore_ascii_case(base))
    }

    #[must_use]
    pub fn is_string(&self) -> bool {
        self.is_one_of(STRINGS)
    }

    #[must_use]
    pub fn is_integer(&self) -> bool {
        self.is_one_of(INTEGERS)
    }

    /// Numbers with a floating point.
    #[must_use]
    pub fn is_float(&self) -> bool {
        self.is_one_of(FLOATS)
    }

    /// Numbers with a fixed point, as dbt's word has it.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        self.is_one_of(DECIMALS)
    }

    #[must_use]
    pub fn is_number(&self) -> bool {
        self.is_integer() || self.is_float() || self.is_numeric()
    }

    /// How many characters a string type takes, if it says so.
    #[must_use]
    pub fn string_size(&self) -> Option<u64> {
        self.is_string().then(|| self.sizes().first().copied())?
    }

    /// Digits in all of a decimal type, if it says so.
    #[must_use]
    pub fn precision(&self) -> Option<u64> {
        self.is_numeric().then(|| self.sizes().first().copied())?
    }

    /// Digits after the point of a decimal type; 0 when only the precision is said.
    #[must_use]
    pub fn scale(&self) -> Option<u64> {
        let sizes = self.sizes();
        (self.is_numeric() && !sizes.is_empty()).then(|| sizes.get(1).copied().unwrap_or(0))
    }
}

impl std::fmt::Display for DataType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sizes_come_apart() {
        let decimal = DataType::new("DECIMAL (18, 3)");
        assert_eq!((decimal.base(), decimal.sizes()), ("DECIMAL", vec![18, 3]));
        assert_eq!((decimal.precision(), decimal.scale()), (Some(18), Some(3)));
        assert!(decimal.is_numeric() && decimal.is_number() && !decimal.is_integer());
        let text = DataType::new("character varying(256)");
        assert_eq!((text.base(), text.string_size()), ("character varying", Some(256)));
        assert_eq!(DataType::new("numeric(5)").scale(), Some(0));
        assert_eq!(DataType::new("varchar").string_size(), None);
    }

    #[test]
    fn nested_types_are_no_strings_and_no_numbers() {
        for text in [
            "STRUCT(a DECIMAL(18,3))",
            "INTEGER[]",
            "DECIMAL(18,3)[]",
            "ENUM('가', '나')",
            "MAP(INTEGER, VARCHAR)",
            "",
            "(",
        ] {
            let kind = DataType::new(text);
            assert!(!kind.is_string() && !kind.is_number(), "{text}");
            assert_eq!(kind.sizes(), Vec::<u64>::new(), "{text}");
        }
        assert_eq!(DataType::new("DECIMAL(18,3)[]").base(), "DECIMAL(18,3)[]");
        assert!(DataType::new(" Double Precision ").is_float());
    }
}
