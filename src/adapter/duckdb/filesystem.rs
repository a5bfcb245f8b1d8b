use serde_json::{Map, Value};

use super::profile::{Extension, flag, text, wrong};
use crate::adapter::{AdapterError, ErrorKind};
use crate::diagnostic::suggest;

/// What an entry of `filesystems` comes to: a secret, and the extension that reads with it.
pub(super) struct FileSystem {
    pub secret: Value,
    pub extension: Extension,
}

/// The stores of fsspec that DuckDB reads by itself: the words for each, the type of the secret
/// and the extension.
const STORES: &[(&[&str], &str, &str)] = &[
    (&["s3", "s3a"], "s3", "httpfs"),
    (&["gcs", "gs"], "gcs", "httpfs"),
    (&["abfs", "abfss", "az", "adl"], "azure", "azure"),
];

/// Keys of each store, under the names that fsspec gives them.
const S3_KEYS: &[&str] =
    &["fs", "key", "secret", "token", "anon", "endpoint_url", "use_ssl", "client_kwargs"];
const CLIENT_KEYS: &[&str] = &["endpoint_url", "region_name"];
const GCS_KEYS: &[&str] = &["fs", "key", "secret", "token", "endpoint_url"];
const AZURE_KEYS: &[&str] = &["fs", "account_name", "account_key", "connection_string", "anon"];

/// Reads an entry of `filesystems`, dbt-duckdb's way to configure Python's fsspec, as the secret
/// that lets DuckDB do the same.
/// See <https://github.com/duckdb/dbt-duckdb#using-filesystems>.
///
/// # Errors
/// It is a store that DuckDB does not read, or has a key that means nothing here.
pub(super) fn read(entry: &Value) -> Result<FileSystem, AdapterError> {
    let shape = || wrong("`filesystems` of a duckdb target must be a list of mappings with `fs`");
    let keys = entry.as_object().ok_or_else(shape)?;
    let fs = text(keys, "fs")?.filter(|fs| !fs.is_empty()).ok_or_else(shape)?;
    let found = STORES.iter().find(|(words, ..)| words.contains(&fs));
    let (_, kind, extension) = found.ok_or_else(|| {
        let message = format!("the filesystem `{fs}` needs Python's fsspec, which does not run here");
        AdapterError::new(ErrorKind::NotSupported, message)
            .help("DuckDB itself reads `s3`, `gcs`, `abfs` and https://: use one of these")
    })?;
    let secret = match *kind {
        "s3" => s3(keys)?,
        "gcs" => gcs(keys)?,
        _ => azure(keys)?,
    };
    let extension = Extension { name: (*extension).to_owned(), repository: None };
    Ok(FileSystem { secret: Value::Object(secret), extension })
}

fn check_keys(keys: &Map<String, Value>, known: &[&'static str], what: &str) -> Result<(), AdapterError> {
    let Some(key) = keys.keys().find(|key| !known.contains(&key.as_str())) else { return Ok(()) };
    let help = suggest::similar("key", key, known.iter().copied()).unwrap_or_else(|| {
        format!(
            "write a secret under `secrets` instead, which has all that DuckDB can do; here are `{}`",
            known.join("`, `")
        )
    });
    let message = format!("`{key}` of {what} under `filesystems` means nothing to DuckDB");
    Err(AdapterError::new(ErrorKind::NotSupported, message).about(key).help(help))
}

/// Copies texts under the name that the secret has for them.
fn copy(
    keys: &Map<String, Value>,
    names: &[(&str, &str)],
    into: &mut Map<String, Value>,
) -> Result<(), AdapterError> {
    for (theirs, ours) in names {
        if let Some(value) = text(keys, theirs)?.filter(|value| !value.is_empty()) {
            into.insert((*ours).to_owned(), value.into());
        }
    }
    Ok(())
}

fn s3(keys: &Map<String, Value>) -> Result<Map<String, Value>, AdapterError> {
    check_keys(keys, S3_KEYS, "`s3`")?;
    let mut secret = Map::from_iter([("type".to_owned(), Value::from("s3"))]);
    if !flag(keys, "anon")? {
        copy(keys, &[("key", "key_id"), ("secret", "secret"), ("token", "session_token")], &mut secret)?;
        if !secret.contains_key("key_id") {
            // As boto finds them: the environment, the files of `~/.aws`, the machine's role.
            secret.insert("provider".to_owned(), "credential_chain".into());
        }
    }
    let none = Map::new();
    let client = match keys.get("client_kwargs") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(client)) => client,
        Some(_) => return Err(wrong("`client_kwargs` of a filesystem must be a mapping")),
    };
    check_keys(client, CLIENT_KEYS, "`client_kwargs`")?;
    copy(client, &[("region_name", "region")], &mut secret)?;
    let address = text(keys, "endpoint_url")?.or(text(client, "endpoint_url")?);
    if let Some(address) = address.filter(|address| !address.is_empty()) {
        endpoint(address, &mut secret);
    }
    if keys.get("use_ssl").is_some_and(|value| !value.is_null()) {
        secret.insert("use_ssl".to_owned(), flag(keys, "use_ssl")?.into());
    }
    Ok(secret)
}

/// An address with its scheme, as DuckDB wants it: without, and buckets in the path.
fn endpoint(address: &str, secret: &mut Map<String, Value>) {
    let (scheme, host) = address.split_once("://").unwrap_or(("https", address));
    secret.insert("endpoint".to_owned(), host.trim_end_matches('/').into());
    secret.insert("url_style".to_owned(), "path".into());
    secret.insert("use_ssl".to_owned(), (scheme != "http").into());
}

fn gcs(keys: &Map<String, Value>) -> Result<Map<String, Value>, AdapterError> {
    check_keys(keys, GCS_KEYS, "`gcs`")?;
    let mut secret = Map::from_iter([("type".to_owned(), Value::from("gcs"))]);
    copy(keys, &[("key", "key_id"), ("secret", "secret")], &mut secret)?;
    if text(keys, "token")?.is_some_and(|token| token != "anon") {
        let message = "`token` of `gcs` under `filesystems` is of Python's gcsfs, which does not run here";
        return Err(AdapterError::new(ErrorKind::NotSupported, message)
            .help("make an HMAC key for the account and write it as `key` and `secret`"));
    }
    if let Some(address) = text(keys, "endpoint_url")?.filter(|address| !address.is_empty()) {
        endpoint(address, &mut secret);
    }
    Ok(secret)
}

fn azure(keys: &Map<String, Value>) -> Result<Map<String, Value>, AdapterError> {
    check_keys(keys, AZURE_KEYS, "`abfs`")?;
    let mut secret = Map::from_iter([("type".to_owned(), Value::from("azure"))]);
    let (name, key) = (text(keys, "account_name")?, text(keys, "account_key")?);
    if let Some(connection) = text(keys, "connection_string")? {
        secret.insert("connection_string".to_owned(), connection.into());
    } else if let (Some(name), Some(key)) = (name, key) {
        let connection = format!(
            "DefaultEndpointsProtocol=https;AccountName={name};AccountKey={key};EndpointSuffix=core.windows.net"
        );
        secret.insert("connection_string".to_owned(), connection.into());
    } else if let Some(name) = name {
        secret.insert("account_name".to_owned(), name.into());
        if !flag(keys, "anon")? {
            secret.insert("provider".to_owned(), "credential_chain".into());
        }
    } else {
        return Err(wrong("a filesystem of Azure needs `connection_string`, or `account_name`")
            .help("copy the connection string from the storage account's page"));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn filesystems_become_secrets() {
        for (entry, secret) in [
            (
                json!({"fs": "s3", "key": "a", "secret": "b", "client_kwargs": {"endpoint_url": "http://localhost:4566"}}),
                json!({"type": "s3", "key_id": "a", "secret": "b", "endpoint": "localhost:4566", "url_style": "path", "use_ssl": false}),
            ),
            (json!({"fs": "s3", "anon": true}), json!({"type": "s3"})),
            (json!({"fs": "s3"}), json!({"type": "s3", "provider": "credential_chain"})),
            (
                json!({"fs": "abfs", "account_name": "n", "account_key": "k"}),
                json!({"type": "azure", "connection_string":
                    "DefaultEndpointsProtocol=https;AccountName=n;AccountKey=k;EndpointSuffix=core.windows.net"}),
            ),
            (
                json!({"fs": "gcs", "key": "a", "secret": "b"}),
                json!({"type": "gcs", "key_id": "a", "secret": "b"}),
            ),
        ] {
            assert_eq!(read(&entry).unwrap().secret, secret, "{entry}");
        }
    }

    #[test]
    fn what_duckdb_cannot_do_is_told() {
        for (entry, message) in [
            (json!({"fs": "hdfs"}), "`hdfs` needs Python's fsspec"),
            (json!({"fs": "s3", "cache_type": "x"}), "`cache_type` of `s3`"),
            (json!({"fs": "gcs", "token": "/a.json"}), "gcsfs"),
            (json!({"fs": "abfs"}), "needs `connection_string`"),
            (json!("s3"), "mappings with `fs`"),
        ] {
            let error = read(&entry).map(|_| ()).unwrap_err();
            assert!(error.message.contains(message), "{}", error.message);
        }
    }
}
