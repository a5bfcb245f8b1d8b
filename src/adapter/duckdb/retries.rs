use std::time::Duration;

use serde_json::{Map, Value};

use super::profile::{list, wrong};
use crate::adapter::AdapterError;

/// How often what failed is tried again: `retries` of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Retries {
    pub connect_attempts: u32,
    pub query_attempts: u32,
    /// Words before `Error` in messages, without spaces and in small letters: `io`.
    exceptions: Vec<String>,
}

impl Default for Retries {
    fn default() -> Self {
        Self { connect_attempts: 1, query_attempts: 1, exceptions: Vec::new() }
    }
}

const KEYS: &[&str] = &["connect_attempts", "query_attempts", "retryable_exceptions"];

impl Retries {
    pub fn read(value: Option<&Value>) -> Result<Self, AdapterError> {
        let keys = match value {
            None | Some(Value::Null) => return Ok(Self::default()),
            Some(Value::Object(keys)) => keys,
            Some(_) => return Err(wrong("`retries` of a duckdb target must be a mapping")),
        };
        if let Some(key) = keys.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let mut error = wrong(format!("`retries` of a duckdb target has no key `{key}`")).about(key);
            error.help = crate::diagnostic::suggest::similar("key", key, KEYS.iter().copied());
            return Err(error);
        }
        let named: Vec<String> =
            list(keys, "retryable_exceptions")?.iter().filter_map(Value::as_str).map(plain).collect();
        Ok(Self {
            connect_attempts: attempts(keys, "connect_attempts")?,
            query_attempts: attempts(keys, "query_attempts")?,
            exceptions: if named.is_empty() { vec!["io".to_owned()] } else { named },
        })
    }

    /// Does something up to `attempts` times, with a growing pause between.
    pub fn run<T>(
        &self,
        attempts: u32,
        mut work: impl FnMut() -> Result<T, AdapterError>,
    ) -> Result<T, AdapterError> {
        let mut attempt = 1;
        loop {
            match work() {
                Err(error) if attempt < attempts && self.is_retryable(&error) => {
                    std::thread::sleep(Duration::from_secs(1) * attempt);
                    attempt += 1;
                }
                done => return done,
            }
        }
    }

    fn is_retryable(&self, error: &AdapterError) -> bool {
        // That another process has the file is what DuckDB calls an IO error.
        let is_locked = error.kind == crate::adapter::ErrorKind::Locked;
        let word = error.message.split_once(" Error").map_or("", |(word, _)| word);
        let word = if is_locked { "io".to_owned() } else { plain(word) };
        self.exceptions.contains(&word)
    }
}

/// `IOException` and `IO` as `io`.
fn plain(word: &str) -> String {
    let word = word.rsplit('.').next().unwrap_or(word).replace(' ', "").to_lowercase();
    let word = word.strip_suffix("exception").or_else(|| word.strip_suffix("error")).unwrap_or(&word);
    word.to_owned()
}

fn attempts(keys: &Map<String, Value>, key: &str) -> Result<u32, AdapterError> {
    match keys.get(key) {
        None | Some(Value::Null) => Ok(1),
        Some(value) => value
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| *number > 0)
            .ok_or_else(|| wrong(format!("`{key}` of `retries` must be a whole number above 0")).about(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::ErrorKind;
    use serde_json::json;

    #[test]
    fn only_what_is_named_is_tried_again() {
        let count = |retries: Value, message: &str| {
            let retries = Retries::read(Some(&retries)).unwrap();
            let mut calls = 0;
            let done: Result<(), _> = retries.run(retries.query_attempts, || {
                calls += 1;
                Err(AdapterError::new(ErrorKind::Statement, message))
            });
            assert!(done.is_err());
            calls
        };
        assert_eq!(count(json!({"query_attempts": 2}), "IO Error: gone"), 2);
        assert_eq!(count(json!({"query_attempts": 2}), "Binder Error: no"), 1);
        let named = json!({"query_attempts": 2, "retryable_exceptions": ["duckdb.HTTPException", "InvalidInputException"]});
        assert_eq!(count(named.clone(), "Invalid Input Error: no"), 2);
        assert_eq!(count(named, "IO Error: gone"), 1);
        assert_eq!(count(json!({}), "IO Error: gone"), 1);
    }

    #[test]
    fn wrong_numbers_are_refused() {
        for value in [
            json!([]),
            json!({"connect_attempts": 0}),
            json!({"attempts": 1}),
            json!({"query_attempts": "3"}),
        ] {
            assert!(Retries::read(Some(&value)).is_err(), "{value}");
        }
    }
}
