use serde::{Deserialize, Serialize};

/// A dialect of SQL: how it quotes, folds and calls things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dialect {
    DuckDb,
    Postgres,
    Snowflake,
    BigQuery,
    Spark,
    Databricks,
    Redshift,
}

/// What becomes of the letters of a name that is written without quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Folding {
    /// Kept as written; names are compared without regard to case, quoted ones too.
    Insensitive,
    /// Made small, then compared letter by letter (Postgres).
    Lower,
    /// Made capital, then compared letter by letter (Snowflake).
    Upper,
}

impl Dialect {
    /// All of them, in the order of the declaration.
    pub const ALL: [Dialect; 7] = [
        Dialect::DuckDb,
        Dialect::Postgres,
        Dialect::Snowflake,
        Dialect::BigQuery,
        Dialect::Spark,
        Dialect::Databricks,
        Dialect::Redshift,
    ];

    /// As in a profile's `type:`, which is also the prefix of its macros: `postgres`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Dialect::DuckDb => "duckdb",
            Dialect::Postgres => "postgres",
            Dialect::Snowflake => "snowflake",
            Dialect::BigQuery => "bigquery",
            Dialect::Spark => "spark",
            Dialect::Databricks => "databricks",
            Dialect::Redshift => "redshift",
        }
    }

    /// The dialect of that [`name`](Self::name).
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// The prefixes of the macros that serve it, the nearest first: `adapter.dispatch` finds
    /// Postgres' macros for Redshift, and Spark's for Databricks
    /// (<https://docs.getdbt.com/reference/dbt-jinja-functions/dispatch>).
    #[must_use]
    pub fn macro_prefixes(self) -> &'static [&'static str] {
        match self {
            Dialect::DuckDb => &["duckdb", "default"],
            Dialect::Postgres => &["postgres", "default"],
            Dialect::Snowflake => &["snowflake", "default"],
            Dialect::BigQuery => &["bigquery", "default"],
            Dialect::Spark => &["spark", "default"],
            Dialect::Databricks => &["databricks", "spark", "default"],
            Dialect::Redshift => &["redshift", "postgres", "default"],
        }
    }

    /// The character around a quoted identifier.
    #[must_use]
    pub fn quote_character(self) -> char {
        match self {
            Dialect::DuckDb | Dialect::Postgres | Dialect::Snowflake | Dialect::Redshift => '"',
            Dialect::BigQuery | Dialect::Spark | Dialect::Databricks => '`',
        }
    }

    /// How many bytes the name of a relation has at most, where letters beyond ASCII reach that soon.
    #[must_use]
    pub fn identifier_bytes(self) -> Option<usize> {
        match self {
            Dialect::Postgres => Some(63),
            Dialect::Redshift => Some(127),
            _ => None,
        }
    }

    /// Whether a subquery in `from` has to have a name, as `PostgreSQL` wants it before version 16.
    #[must_use]
    pub fn subqueries_need_alias(self) -> bool {
        self == Dialect::Postgres
    }

    /// How column names are compared.
    #[must_use]
    pub fn folding(self) -> Folding {
        match self {
            Dialect::Postgres => Folding::Lower,
            Dialect::Snowflake => Folding::Upper,
            // Redshift folds quoted names too unless told otherwise.
            Dialect::DuckDb
            | Dialect::BigQuery
            | Dialect::Spark
            | Dialect::Databricks
            | Dialect::Redshift => Folding::Insensitive,
        }
    }
}
