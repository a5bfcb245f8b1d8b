use serde_json::{Map, Value};

use super::hidden::Hidden;
use super::profile::{flag, text, wrong};
use crate::adapter::AdapterError;
use crate::sql::{Dialect, Ident, string_literal};

/// A secret of DuckDB's secrets manager, as a profile gives it. What is secret in it is never
/// shown.
/// See <https://duckdb.org/docs/stable/configuration/secrets_manager>.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret {
    /// The statement that makes it.
    pub statement: String,
    /// What no message may hold.
    pub hidden: Hidden,
    /// Kept on this machine, for everybody.
    pub is_persistent: bool,
}

impl Secret {
    /// Reads the entry at `index` of `secrets`.
    ///
    /// # Errors
    /// It has no `type`, or a value of a shape that no secret has.
    pub fn read(index: usize, entry: &Value) -> Result<Self, AdapterError> {
        let Value::Object(keys) = entry else {
            return Err(wrong("`secrets` of a duckdb target must be a list of mappings with `type`"));
        };
        let kind = text(keys, "type")?.filter(|kind| !kind.is_empty());
        let kind = kind.ok_or_else(|| {
            wrong("a secret of a duckdb target has no `type`")
                .help("name its kind: `s3`, `gcs`, `r2`, `azure`, `http`, `postgres` or another")
        })?;
        let own = format!("_dbt_secret_{}", index + 1);
        let name = text(keys, "name")?.unwrap_or(&own);
        let mut hidden = Hidden::default();
        let mut options = vec![format!("type {}", Ident::new(kind).quoted(Dialect::DuckDb))];
        if let Some(provider) = text(keys, "provider")?.or(text(keys, "secret_provider")?) {
            options.push(format!("provider {}", Ident::new(provider).quoted(Dialect::DuckDb)));
        }
        for (key, value) in keys {
            if KNOWN.contains(&key.as_str()) || value.is_null() {
                continue;
            }
            options.push(format!(
                "{} {}",
                Ident::new(key.as_str()).quoted(Dialect::DuckDb),
                literal(key, value, &mut hidden)?
            ));
        }
        let is_persistent = flag(keys, "persistent")?;
        let persistent = if is_persistent { "persistent " } else { "" };
        let storage = text(keys, "storage")?.map(|storage| format!(" in {}", quoted(storage)));
        let statement = format!(
            "create or replace {persistent}secret {}{} ({})",
            quoted(name),
            storage.unwrap_or_default(),
            options.join(", ")
        );
        Ok(Self { statement, hidden, is_persistent })
    }
}

/// Keys that are no parameters of a secret.
const KNOWN: &[&str] = &["type", "name", "persistent", "storage", "provider", "secret_provider"];

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(***)")
    }
}

fn quoted(name: &str) -> String {
    Ident::new(name).quoted(Dialect::DuckDb)
}

/// A parameter's value as SQL; what is secret in it is noted.
fn literal(key: &str, value: &Value, hidden: &mut Hidden) -> Result<String, AdapterError> {
    Ok(match value {
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            hidden.add(key, text);
            string_literal(text)
        }
        Value::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(|item| literal(key, item, hidden)).collect();
            format!("[{}]", items?.join(", "))
        }
        Value::Object(entries) => map(key, entries, hidden)?,
        Value::Null => {
            return Err(wrong(format!("`{key}` of a secret of a duckdb target has an empty value")));
        }
    })
}

fn map(key: &str, entries: &Map<String, Value>, hidden: &mut Hidden) -> Result<String, AdapterError> {
    let mut written = Vec::new();
    for (name, value) in entries {
        written.push(format!("{}: {}", string_literal(name), literal(key, value, hidden)?));
    }
    Ok(format!("map {{{}}}", written.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::ErrorKind;
    use serde_json::json;

    #[test]
    fn secrets_become_statements() {
        let of = |entry: Value| Secret::read(0, &entry).map(|secret| secret.statement);
        assert_eq!(
            of(json!({"type": "s3", "key_id": "a", "secret": "it's", "scope": ["s3://b", "s3://c"]}))
                .unwrap(),
            r#"create or replace secret "_dbt_secret_1" (type "s3", "key_id" 'a', "secret" 'it''s', "scope" ['s3://b', 's3://c'])"#
        );
        assert_eq!(
            of(json!({
                "type": "http", "name": "토큰", "persistent": true, "storage": "local_file",
                "provider": "config", "extra_http_headers": {"Authorization": "Bearer x"}, "empty": null
            }))
            .unwrap(),
            r#"create or replace persistent secret "토큰" in "local_file" (type "http", provider "config", "extra_http_headers" map {'Authorization': 'Bearer x'})"#
        );
    }

    #[test]
    fn what_is_secret_is_never_shown() {
        let secret = Secret::read(1, &json!({"type": "s3", "secret": "hunter2"})).unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(***)");
        let error = AdapterError::new(ErrorKind::Connection, "no `hunter2` here").help("not `hunter2`");
        let hidden = secret.hidden.taken_out_of(error);
        assert_eq!((hidden.message.as_str(), hidden.help.as_deref()), ("no `***` here", Some("not `***`")));
    }

    #[test]
    fn secrets_of_the_wrong_shape_are_refused() {
        for entry in
            [json!("s3"), json!({"secret": "x"}), json!({"type": 1}), json!({"type": "s3", "persistent": 1})]
        {
            assert_eq!(Secret::read(0, &entry).unwrap_err().kind, ErrorKind::Connection, "{entry}");
        }
    }
}
