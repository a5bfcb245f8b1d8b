use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::duckdb::DuckDbAdapter;
use super::{Adapter, AdapterError, ErrorKind};

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
    match kind {
        "duckdb" => Ok(Arc::new(DuckDbAdapter::new(keys, root)?)),
        other => {
            let message = format!("there is no adapter for `type: {other}` yet");
            Err(AdapterError::new(ErrorKind::NotSupported, message).help("use `type: duckdb`"))
        }
    }
}
