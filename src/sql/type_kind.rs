use super::{DataType, Dialect, type_names};

/// What a timestamp knows of time zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Zone {
    /// A reading of a clock, wherever it hangs: `TIMESTAMP` of DuckDB and Postgres, BigQuery's
    /// `DATETIME`, `TIMESTAMP_NTZ`.
    None,
    /// A moment, shown in the session's zone: `TIMESTAMP WITH TIME ZONE` of DuckDB and
    /// Postgres, `TIMESTAMP` of BigQuery and Spark, `TIMESTAMP_LTZ`.
    Local,
    /// A moment with the zone it was written in: Snowflake's `TIMESTAMP_TZ`.
    Kept,
}

/// What a [`DataType`] means, told apart from how a dialect writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum TypeKind {
    /// Not known, at this place of the type.
    #[default]
    Unknown,
    /// The type of NULL alone.
    Null,
    Boolean,
    /// 8, 16, 32, 64 or 128 bits; 0 for integers without end.
    Integer {
        bits: u16,
        is_signed: bool,
    },
    /// Precision and scale. Without them, what the dialect takes for it, or not known.
    Decimal(Option<(u16, i16)>),
    Float,
    Double,
    /// At most so many characters.
    Text(Option<u64>),
    Blob,
    Bit,
    Date,
    Time,
    TimeTz,
    Timestamp(Zone),
    Interval,
    Uuid,
    Json,
    /// Anything, decided row by row: Snowflake's `VARIANT`, Redshift's `SUPER`.
    Variant,
    List(Box<TypeKind>),
    /// A list of that many items: `INTEGER[3]` of DuckDB.
    Array(Box<TypeKind>, u64),
    Struct(Vec<(String, TypeKind)>),
    /// Key and value.
    Map(Box<(TypeKind, TypeKind)>),
    /// The text between the parentheses.
    Enum(String),
    Geography,
    /// A type of its own kind, as written.
    Other(String),
}

impl TypeKind {
    /// What the words of a type mean in a dialect.
    #[must_use]
    pub fn read(text: &str, dialect: Dialect) -> Self {
        type_names::read(text, dialect)
    }

    /// An integer with a sign.
    #[must_use]
    pub fn integer(bits: u16) -> Self {
        Self::Integer { bits, is_signed: true }
    }

    #[must_use]
    pub fn list(item: Self) -> Self {
        Self::List(Box::new(item))
    }

    #[must_use]
    pub fn map(key: Self, value: Self) -> Self {
        Self::Map(Box::new((key, value)))
    }

    #[must_use]
    pub fn text() -> Self {
        Self::Text(None)
    }

    /// Whether all of it is known: a list of something unknown is not.
    #[must_use]
    pub fn is_known(&self) -> bool {
        match self {
            Self::Unknown => false,
            Self::List(item) | Self::Array(item, _) => item.is_known(),
            Self::Struct(fields) => fields.iter().all(|(_, kind)| kind.is_known()),
            Self::Map(parts) => parts.0.is_known() && parts.1.is_known(),
            _ => true,
        }
    }

    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Integer { .. } | Self::Decimal(_) | Self::Float | Self::Double)
    }

    /// Whole numbers, decimals without digits after the point among them.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::Integer { .. } | Self::Decimal(Some((_, 0))))
    }

    /// Dates and timestamps.
    #[must_use]
    pub fn is_day(&self) -> bool {
        matches!(self, Self::Date | Self::Timestamp(_))
    }

    #[must_use]
    pub fn is_nested(&self) -> bool {
        matches!(self, Self::List(_) | Self::Array(..) | Self::Struct(_) | Self::Map(_))
    }

    /// The type as its dialect writes it; `None` when not all of it is known.
    #[must_use]
    pub fn data_type(&self, dialect: Dialect) -> Option<DataType> {
        self.name(dialect).map(DataType::new)
    }

    fn name(&self, dialect: Dialect) -> Option<String> {
        if let Some(word) = type_names::word(self, dialect) {
            return Some(word.to_owned());
        }
        Some(match self {
            Self::Decimal(sizes) => type_names::decimal(*sizes, dialect),
            Self::Text(size) => type_names::text(*size, dialect),
            Self::List(item) => {
                let item = item.name(dialect);
                match dialect {
                    Dialect::DuckDb | Dialect::Postgres => format!("{}[]", item?),
                    // Its arrays are of anything.
                    Dialect::Snowflake => "ARRAY".to_owned(),
                    Dialect::BigQuery => format!("ARRAY<{}>", item?),
                    Dialect::Spark | Dialect::Databricks => format!("array<{}>", item?),
                    Dialect::Redshift => "super".to_owned(),
                }
            }
            Self::Array(item, size) => format!("{}[{size}]", item.name(dialect)?),
            Self::Struct(fields) => struct_name(fields, dialect)?,
            Self::Map(parts) => {
                let (key, value) = (parts.0.name(dialect), parts.1.name(dialect));
                match dialect {
                    Dialect::Snowflake => match (key, value) {
                        (Some(key), Some(value)) => format!("MAP({key}, {value})"),
                        _ => "OBJECT".to_owned(),
                    },
                    Dialect::Spark | Dialect::Databricks => format!("map<{},{}>", key?, value?),
                    _ => format!("MAP({}, {})", key?, value?),
                }
            }
            Self::Enum(values) if !values.is_empty() => format!("ENUM({values})"),
            Self::Other(text) => text.clone(),
            _ => return None,
        })
    }
}

fn struct_name(fields: &[(String, TypeKind)], dialect: Dialect) -> Option<String> {
    let parts = |between: &str, quote: &dyn Fn(&str) -> String| {
        let part = |(name, kind): &(String, TypeKind)| {
            let kind = kind.name(dialect)?;
            Some(if name.is_empty() { kind } else { format!("{}{between}{kind}", quote(name)) })
        };
        fields.iter().map(part).collect::<Option<Vec<_>>>()
    };
    let is_plain = |name: &str| {
        name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    let quote = |name: &str| {
        if is_plain(name) { name.to_owned() } else { super::Ident::new(name).quoted(dialect) }
    };
    Some(match dialect {
        Dialect::DuckDb => format!("STRUCT({})", parts(" ", &quote)?.join(", ")),
        Dialect::Snowflake => "OBJECT".to_owned(),
        Dialect::BigQuery => format!("STRUCT<{}>", parts(" ", &str::to_owned)?.join(", ")),
        Dialect::Spark | Dialect::Databricks => {
            format!("struct<{}>", parts(":", &str::to_owned)?.join(","))
        }
        Dialect::Postgres => "record".to_owned(),
        Dialect::Redshift => "super".to_owned(),
    })
}
