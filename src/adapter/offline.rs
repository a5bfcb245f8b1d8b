use std::path::Path;

use serde_json::{Map, Value};

use super::{
    Adapter, AdapterError, Batches, Canceller, Capabilities, Connection, ErrorKind, Response, SeedFile,
    Transaction,
};
use crate::sql::{Dialect, RelationName};

/// A kind of warehouse that xform writes SQL for and cannot reach yet.
#[derive(Debug)]
pub struct OfflineAdapter {
    dialect: Dialect,
    database: String,
    capabilities: Capabilities,
}

impl OfflineAdapter {
    /// An adapter for a target of a profile, `keys` being all it says.
    #[must_use]
    pub fn new(dialect: Dialect, keys: &Map<String, Value>) -> Self {
        let database = keys.get("database").and_then(Value::as_str).unwrap_or_default().to_owned();
        Self { dialect, database, capabilities: capabilities(dialect) }
    }

    fn refusal(&self) -> AdapterError {
        let message = format!("xform cannot connect to {} yet", self.title());
        let help = "`parse`, `list`, `compile`, `check`, `lineage` and `format` work without a connection";
        AdapterError::new(ErrorKind::NotSupported, message).help(help)
    }

    /// What people call the warehouse.
    fn title(&self) -> &'static str {
        match self.dialect {
            Dialect::DuckDb => "DuckDB",
            Dialect::Postgres => "Postgres",
            Dialect::Snowflake => "Snowflake",
            Dialect::BigQuery => "BigQuery",
            Dialect::Spark => "Spark",
            Dialect::Databricks => "Databricks",
            Dialect::Redshift => "Redshift",
        }
    }
}

/// Strategies are those of the pages under <https://docs.getdbt.com/reference/resource-configs/>.
fn capabilities(dialect: Dialect) -> Capabilities {
    let incremental_strategies: &[&str] = match dialect {
        Dialect::DuckDb | Dialect::Postgres | Dialect::Redshift => {
            &["delete+insert", "append", "merge", "microbatch"]
        }
        Dialect::Snowflake => &["merge", "append", "delete+insert", "insert_overwrite", "microbatch"],
        Dialect::BigQuery => &["merge", "insert_overwrite", "microbatch"],
        Dialect::Spark => &["append", "merge", "insert_overwrite", "microbatch"],
        Dialect::Databricks => {
            &["merge", "append", "insert_overwrite", "replace_where", "delete+insert", "microbatch"]
        }
    };
    Capabilities {
        reads_files: false,
        has_filtered_aggregates: false,
        has_transactional_ddl: matches!(dialect, Dialect::Postgres | Dialect::Redshift),
        has_table_freshness: matches!(
            dialect,
            Dialect::Snowflake | Dialect::BigQuery | Dialect::Databricks | Dialect::Redshift
        ),
        has_foreign_keys_with_database: matches!(
            dialect,
            Dialect::Snowflake | Dialect::BigQuery | Dialect::Databricks
        ),
        incremental_strategies,
    }
}

impl Adapter for OfflineAdapter {
    fn name(&self) -> &'static str {
        self.dialect.name()
    }

    fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn database(&self) -> &str {
        &self.database
    }

    /// # Errors
    /// Always.
    fn connect(&self) -> Result<Box<dyn Connection>, AdapterError> {
        Err(self.refusal())
    }

    fn connect_to_compile(&self) -> Result<Box<dyn Connection>, AdapterError> {
        Ok(Box::new(NoConnection { refusal: self.refusal() }))
    }
}

/// What stands for a connection where nothing is to be asked.
#[must_use]
pub fn unconnected() -> Box<dyn Connection> {
    let refusal = AdapterError::new(ErrorKind::Connection, "the warehouse is not connected to");
    Box::new(NoConnection { refusal })
}

/// What stands for a connection where there is none.
struct NoConnection {
    refusal: AdapterError,
}

impl Connection for NoConnection {
    fn execute(&mut self, _sql: &str) -> Result<Response, AdapterError> {
        Err(self.refusal.clone())
    }

    fn query_arrow(&mut self, _sql: &str) -> Result<Batches, AdapterError> {
        Err(self.refusal.clone())
    }

    fn infer_seed(
        &mut self,
        _path: &Path,
        _delimiter: char,
        _types: &[(String, String)],
    ) -> Result<Vec<(String, String)>, AdapterError> {
        Err(self.refusal.clone())
    }

    fn load_seed(&mut self, _into: &RelationName, _seed: &SeedFile) -> Result<Response, AdapterError> {
        Err(self.refusal.clone())
    }

    fn transaction(&mut self, _step: Transaction) -> Result<(), AdapterError> {
        Ok(())
    }

    fn canceller(&self) -> Canceller {
        Canceller::new(|| {})
    }
}
