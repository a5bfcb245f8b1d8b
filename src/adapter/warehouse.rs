use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::duckdb::DuckDbAdapter;
use super::offline::OfflineAdapter;
use super::postgres::PostgresAdapter;
use super::{Adapter, AdapterError, ErrorKind};
use crate::sql::Dialect;

/// The adapter for a kind of warehouse (`type:` of a profile's output), configured with
/// all keys of that output. Relative paths start at `root`. Nothing is opened yet.
///
/// # Errors
/// There is no adapter of that kind, or it cannot use the keys.
pub fn for_target(
    kind: &str,
    keys: &Map<String, Value>,
    root: &Path,
) -> Result<Arc<dyn Adapter>, AdapterError> {
    match Dialect::find(kind) {
        Some(Dialect::DuckDb) => Ok(Arc::new(DuckDbAdapter::new(keys, root)?)),
        Some(Dialect::Postgres) => Ok(Arc::new(PostgresAdapter::new(keys, root)?)),
        Some(dialect) => Ok(Arc::new(OfflineAdapter::new(dialect, keys))),
        None => {
            let message = format!("there is no adapter for `type: {kind}` yet");
            Err(AdapterError::new(ErrorKind::NotSupported, message).help("use `type: duckdb`"))
        }
    }
}
