use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::filesystem;
use super::hidden::Hidden;
use super::retries::Retries;
use super::secret::Secret;
use crate::adapter::{AdapterError, ErrorKind};
use crate::diagnostic::suggest;
use crate::sql::{Dialect, Ident, string_literal};
use crate::system::{OsSystem, System};

/// An extension to be loaded, installed first if it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Extension {
    pub name: String,
    /// `community`, or the address of a repository.
    pub repository: Option<String>,
}

/// A statement that attaches a database; it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Attach(pub String);

impl std::fmt::Debug for Attach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attach(***)")
    }
}

/// What a profile says of a DuckDB target, checked.
/// Keys: <https://github.com/duckdb/dbt-duckdb#configuring-your-profile>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Profile {
    /// `None` for a database in memory.
    pub path: Option<PathBuf>,
    /// The name DuckDB gives to the file, or the attached database that is to be used.
    pub database: String,
    /// The name DuckDB gives to the file itself.
    pub file_database: String,
    /// The attached databases that are files, by name.
    pub attached_files: Vec<(String, PathBuf)>,
    /// Whether `database` is one of those attached.
    pub is_database_attached: bool,
    pub read_only: bool,
    /// Given to DuckDB as it opens the database.
    pub config_options: Vec<(String, String)>,
    /// Names of settings, with the statements that set them for each connection.
    pub settings: Vec<(String, String)>,
    pub extensions: Vec<Extension>,
    /// Statements that attach further databases.
    pub attach: Vec<Attach>,
    /// The names that these have.
    pub attached: Vec<String>,
    /// The databases that are `DuckLake`s.
    pub lakes: Vec<String>,
    pub secrets: Vec<Secret>,
    /// What no message may hold.
    pub hidden: Hidden,
    /// The folder that extensions are looked for in first, if it is not DuckDB's own.
    pub extension_directory: Option<String>,
    /// Where files of external models go that do not say where.
    pub external_root: String,
    /// Each statement stands for itself, and nothing is rolled back.
    pub disable_transactions: bool,
    pub retries: Retries,
}

/// Names a folder with extensions, laid out as DuckDB does it, for machines that DuckDB's own
/// repository cannot be reached from.
pub(super) const EXTENSIONS: &str = "XFORM_DUCKDB_EXTENSIONS";

/// Keys that other rooms read, or that say what is the case anyway.
const READ_ELSEWHERE: &[&str] = &["type", "threads", "schema", "keep_open"];
const OURS: &[&str] = &[
    "path",
    "database",
    "read_only",
    "config_options",
    "settings",
    "extensions",
    "attach",
    "secrets",
    "filesystems",
    "use_credential_provider",
    "external_root",
    "is_ducklake",
    "disable_transactions",
    "retries",
];
/// Keys of dbt-duckdb that cannot be here, and what to do instead.
const NOT_SUPPORTED: &[(&str, &str)] = &[
    (
        "plugins",
        "plugins are Python, which does not run here: read the files with DuckDB's own functions and extensions",
    ),
    ("module_paths", "modules are Python, which does not run here: take the key out of the profile"),
    ("remote", "DuckDB runs in this process: take the key out of the profile and give a `path`"),
];
/// Keys of a database to attach that are no options of `attach`.
const ATTACH_KEYS: &[&str] = &["path", "type", "alias", "read_only", "options", "secret"];

impl Profile {
    /// Reads the keys of a target. Paths that are not absolute start at `root`.
    pub fn read(keys: &Map<String, Value>, root: &Path) -> Result<Self, AdapterError> {
        for (key, value) in keys {
            check_key(key, value).map_err(|error| error.about(key))?;
        }
        let path = match text(keys, "path")? {
            None => None,
            Some(path) if path.is_empty() || path.starts_with(":memory:") => None,
            Some(path) => Some(local_path(path, root)?),
        };
        let aliases: Vec<&str> =
            list(keys, "attach")?.iter().filter_map(|entry| entry.get("alias")?.as_str()).collect();
        let own = path.as_deref().map_or_else(|| "memory".to_owned(), catalog_name);
        let asked = text(keys, "database")?.filter(|name| !name.is_empty());
        let database = asked.unwrap_or(&own).to_owned();
        let is_database_attached = aliases.iter().any(|alias| alias.eq_ignore_ascii_case(&database));
        if !is_database_attached && !database.eq_ignore_ascii_case(&own) {
            let message =
                format!("the profile says database `{database}`, but DuckDB calls this file `{own}`");
            return Err(wrong(message).about("database").help(format!(
                "leave `database` out, write `database: {own}`, or attach a database with the alias `{database}`"
            )));
        }
        let attach = each(keys, "attach", |entry| attach(entry, root))?;
        let mut lakes = Vec::new();
        lakes.extend(each(keys, "attach", lake)?.into_iter().flatten());
        let attached_files = list(keys, "attach")?.iter().filter_map(|entry| attached_file(entry, root));
        let attached_files = attached_files.collect();
        let file_database = own.clone();
        let database = if is_database_attached { database } else { own };
        let mut hidden = Hidden::default();
        for entry in list(keys, "attach")? {
            let path = entry.as_str().or_else(|| entry.get("path")?.as_str());
            hidden.add_from(path.unwrap_or_default());
            for (name, value) in entry.get("options").and_then(Value::as_object).into_iter().flatten() {
                hidden.add(name, &plain(value));
            }
        }
        let mut extensions = each(keys, "extensions", extension)?;
        let written = list(keys, "secrets")?;
        let mut entries = written.to_vec();
        for found in each(keys, "filesystems", filesystem::read)? {
            if found.secret.get("provider").is_some() && found.extension.name == "httpfs" {
                extensions.push(Extension { name: "aws".to_owned(), repository: None });
            }
            extensions.push(found.extension);
            entries.push(found.secret);
        }
        if let Some(provider) = text(keys, "use_credential_provider")?.filter(|name| !name.is_empty()) {
            if provider != "aws" {
                let message = format!("`use_credential_provider` is `{provider}`, and there is only `aws`");
                return Err(wrong(message)
                    .about("use_credential_provider")
                    .help("write a secret under `secrets`"));
            }
            entries.push(serde_json::json!({"type": "s3", "provider": "credential_chain"}));
            extensions
                .extend(["httpfs", "aws"].map(|name| Extension { name: name.to_owned(), repository: None }));
        }
        let mut named = std::collections::BTreeSet::new();
        extensions.retain(|extension| named.insert(extension.name.to_lowercase()));
        let secrets: Vec<Secret> = entries
            .iter()
            .enumerate()
            .map(|(index, entry)| {
                let place = match index < written.len() {
                    true => format!("secrets.{index}"),
                    false => "filesystems".to_owned(),
                };
                Secret::read(index, entry).map_err(|error| error.within(&place))
            })
            .collect::<Result<_, _>>()?;
        for secret in &secrets {
            hidden.extend(&secret.hidden);
        }
        let of_pairs = |name: &str| -> Result<Option<String>, AdapterError> {
            let found = pairs(keys, name)?.into_iter().find(|(key, _)| *key == "extension_directory");
            Ok(found.map(|(_, value)| plain(value)))
        };
        let extension_directory = of_pairs("settings")?
            .or(of_pairs("config_options")?)
            .or_else(|| OsSystem.env(EXTENSIONS))
            .filter(|folder| !folder.is_empty())
            .map(|folder| root.join(folder).to_string_lossy().into_owned());
        if flag(keys, "is_ducklake")? {
            lakes.push(database.clone());
        }
        Ok(Self {
            path,
            lakes,
            database,
            file_database,
            attached_files,
            is_database_attached,
            read_only: flag(keys, "read_only")?,
            config_options: pairs(keys, "config_options")?
                .into_iter()
                .filter(|(key, _)| *key != "extension_directory")
                .map(|(key, value)| (key.clone(), plain(value)))
                .collect(),
            settings: pairs(keys, "settings")?
                .into_iter()
                .filter(|(key, _)| *key != "extension_directory")
                .map(|pair| Ok((pair.0.clone(), setting(pair).map_err(|error| error.within("settings"))?)))
                .collect::<Result<_, AdapterError>>()?,
            extensions,
            attach,
            attached: each(keys, "attach", attached_name)?,
            secrets,
            hidden,
            extension_directory,
            external_root: text(keys, "external_root")?
                .filter(|root| !root.is_empty())
                .unwrap_or(".")
                .trim_end_matches('/')
                .to_owned(),
            disable_transactions: flag(keys, "disable_transactions")?,
            retries: Retries::read(keys.get("retries")).map_err(|error| error.within("retries"))?,
        })
    }
}

pub(super) fn wrong(message: impl Into<String>) -> AdapterError {
    AdapterError::new(ErrorKind::Connection, message)
}

fn wrong_shape(key: &str, wanted: &str) -> AdapterError {
    wrong(format!("`{key}` of a duckdb target must be {wanted}")).about(key)
}

fn check_key(key: &str, value: &Value) -> Result<(), AdapterError> {
    // A key that is written and empty asks for nothing.
    let is_off = match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(items) => items.is_empty(),
        _ => false,
    };
    if is_off || OURS.contains(&key) {
        return Ok(());
    }
    if let Some((_, help)) = NOT_SUPPORTED.iter().find(|(name, _)| *name == key) {
        let message = format!("`{key}` of a duckdb target is not supported");
        return Err(AdapterError::new(ErrorKind::NotSupported, message).help(*help));
    }
    if READ_ELSEWHERE.contains(&key) {
        return Ok(());
    }
    let refused = NOT_SUPPORTED.iter().map(|(name, _)| *name);
    let known = OURS.iter().chain(READ_ELSEWHERE).copied().chain(refused);
    let mut error = wrong(format!("a duckdb target has no key `{key}`"));
    error.help = suggest::similar("key", key, known);
    Err(error)
}

pub(super) fn text<'a>(keys: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, AdapterError> {
    match keys.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim())),
        Some(_) => Err(wrong_shape(key, "a text")),
    }
}

pub(super) fn flag(keys: &Map<String, Value>, key: &str) -> Result<bool, AdapterError> {
    match keys.get(key) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(yes)) => Ok(*yes),
        Some(_) => Err(wrong_shape(key, "true or false")),
    }
}

pub(super) fn list<'a>(keys: &'a Map<String, Value>, key: &str) -> Result<&'a [Value], AdapterError> {
    match keys.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(wrong_shape(key, "a list")),
    }
}

/// What is read of each entry of a list; errors name the entry.
fn each<T>(
    keys: &Map<String, Value>,
    key: &str,
    read: impl Fn(&Value) -> Result<T, AdapterError>,
) -> Result<Vec<T>, AdapterError> {
    let entries = list(keys, key)?.iter().enumerate();
    entries
        .map(|(index, entry)| read(entry).map_err(|error| error.within(&format!("{key}.{index}"))))
        .collect()
}

fn pairs<'a>(keys: &'a Map<String, Value>, key: &str) -> Result<Vec<(&'a String, &'a Value)>, AdapterError> {
    match keys.get(key) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Object(pairs)) => Ok(pairs.iter().collect()),
        Some(_) => Err(wrong_shape(key, "a mapping")),
    }
}

/// A path of this machine; what has a scheme (`md:`, `s3://`) is not.
fn local_path(path: &str, root: &Path) -> Result<PathBuf, AdapterError> {
    let scheme = path.split_once(':').map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| scheme.len() > 1 && scheme.bytes().all(|b| b.is_ascii_alphanumeric())) {
        let is_motherduck = path.starts_with("md:") || path.starts_with("motherduck:");
        let whose = if is_motherduck { "a database of MotherDuck" } else { "not a file of this machine" };
        let message = format!("the database `{}` is {whose}, which is not supported", without_query(path));
        return Err(AdapterError::new(ErrorKind::NotSupported, message)
            .help("open a local file, and `attach` the other database in the profile"));
    }
    Ok(root.join(path))
}

/// A path without what may stand behind it, such as a token.
fn without_query(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}

/// What DuckDB calls the database in a file: its name up to the first dot.
fn catalog_name(path: &Path) -> String {
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    let name = file.split('.').find(|part| !part.is_empty()).unwrap_or_default();
    match name {
        // Names that DuckDB keeps for itself.
        "main" | "temp" | "system" => format!("{name}_db"),
        _ => name.to_owned(),
    }
}

/// A value as DuckDB's configuration reads it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A value as SQL.
fn literal(value: &Value) -> Result<String, AdapterError> {
    Ok(match value {
        Value::Null => "null".to_owned(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => string_literal(text),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(literal).collect::<Result<Vec<_>, _>>()?.join(", "))
        }
        Value::Object(_) => return Err(wrong("a setting of a duckdb target cannot be a mapping")),
    })
}

fn setting((key, value): (&String, &Value)) -> Result<String, AdapterError> {
    let name = Ident::new(key.as_str()).quoted(Dialect::DuckDb);
    Ok(match value {
        Value::Null => format!("reset {name}"),
        value => format!("set {name} = {}", literal(value)?),
    })
}

fn extension(entry: &Value) -> Result<Extension, AdapterError> {
    let shape = || wrong_shape("extensions", "a list of names, or of mappings with `name` and `repo`");
    match entry {
        Value::String(name) => Ok(Extension { name: name.clone(), repository: None }),
        Value::Object(pairs) => {
            let name = pairs.get("name").and_then(Value::as_str).ok_or_else(shape)?.to_owned();
            let repository = pairs.get("repo").and_then(Value::as_str).map(str::to_owned);
            Ok(Extension { name, repository })
        }
        _ => Err(shape()),
    }
}

/// The name that a database to attach has: its alias, else DuckDB's own for its path.
fn attached_name(entry: &Value) -> Result<String, AdapterError> {
    let keys = match entry {
        Value::Object(keys) => keys.clone(),
        Value::String(path) => Map::from_iter([("path".to_owned(), Value::from(path.as_str()))]),
        _ => return Ok(String::new()),
    };
    if let Some(alias) = text(&keys, "alias")? {
        return Ok(alias.to_owned());
    }
    let path = without_query(text(&keys, "path")?.unwrap_or_default());
    Ok(catalog_name(Path::new(path.rsplit(':').next().unwrap_or_default())))
}

/// The name of an entry of `attach` that is a `DuckLake`: its path or type says so, or `is_ducklake`,
/// as of one that `MotherDuck` keeps.
fn lake(entry: &Value) -> Result<Option<String>, AdapterError> {
    let keys = match entry {
        Value::Object(keys) => keys.clone(),
        Value::String(path) => Map::from_iter([("path".to_owned(), Value::from(path.as_str()))]),
        _ => return Ok(None),
    };
    let path = text(&keys, "path")?.unwrap_or_default();
    let is_lake = match keys.get("is_ducklake") {
        None | Some(Value::Null) => path.starts_with("ducklake:") || text(&keys, "type")? == Some("ducklake"),
        Some(_) => flag(&keys, "is_ducklake")?,
    };
    if is_lake { attached_name(entry).map(Some) } else { Ok(None) }
}

/// Name and path of an entry of `attach` that is a file.
fn attached_file(entry: &Value, root: &Path) -> Option<(String, PathBuf)> {
    let key = |name: &str| entry.get(name).and_then(Value::as_str);
    let path = entry.as_str().or_else(|| key("path"))?;
    let is_file = key("type").is_none_or(|kind| matches!(kind, "duckdb" | "sqlite")) && !path.contains(':');
    let path = root.join(path);
    let name = key("alias").map_or_else(|| catalog_name(&path), str::to_owned);
    is_file.then_some((name, path))
}

/// The statement for one entry of `attach`.
/// <https://duckdb.org/docs/stable/sql/statements/attach>
fn attach(entry: &Value, root: &Path) -> Result<Attach, AdapterError> {
    let keys = match entry {
        Value::Object(keys) => keys.clone(),
        Value::String(path) => Map::from_iter([("path".to_owned(), Value::from(path.as_str()))]),
        _ => return Err(wrong_shape("attach", "a list of mappings with `path`")),
    };
    let mut keys = keys;
    // It changes what is built there, not how it is attached.
    keys.shift_remove("is_ducklake");
    if let Some(key) = keys.keys().find(|key| !ATTACH_KEYS.contains(&key.as_str())) {
        let mut error = wrong(format!("a database to `attach` has no key `{key}`")).about(key);
        error.help = suggest::similar("key", key, ATTACH_KEYS.iter().copied());
        return Err(error);
    }
    let path = text(&keys, "path")?.ok_or_else(|| wrong("a database to `attach` needs a `path`"))?;
    let kind = text(&keys, "type")?;
    let is_file = kind.is_none_or(|kind| matches!(kind, "duckdb" | "sqlite"));
    let path = if is_file && !path.contains(':') {
        root.join(path).to_string_lossy().into_owned()
    } else {
        path.to_owned()
    };
    let mut statement = format!("attach if not exists {}", string_literal(&path));
    if let Some(alias) = text(&keys, "alias")? {
        statement.push_str(" as ");
        statement.push_str(&Ident::new(alias).quoted(Dialect::DuckDb));
    }
    let mut options = Vec::new();
    if let Some(kind) = kind {
        options.push(format!("type {}", Ident::new(kind).quoted(Dialect::DuckDb)));
    }
    if let Some(secret) = text(&keys, "secret")? {
        options.push(format!("secret {}", Ident::new(secret).quoted(Dialect::DuckDb)));
    }
    if flag(&keys, "read_only")? {
        options.push("read_only".to_owned());
    }
    for (name, value) in pairs(&keys, "options")? {
        options.push(format!("{} {}", Ident::new(name.as_str()).quoted(Dialect::DuckDb), literal(value)?));
    }
    if !options.is_empty() {
        _ = write!(statement, " ({})", options.join(", "));
    }
    Ok(Attach(statement))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Profile, AdapterError> {
        Profile::read(&serde_json::from_str(json).unwrap(), Path::new("/project"))
    }

    #[test]
    fn without_a_path_the_database_is_in_memory() {
        for json in ["{}", r#"{"path": ":memory:"}"#, r#"{"type": "duckdb", "threads": 4, "path": null}"#] {
            let profile = read(json).unwrap();
            assert_eq!((profile.path, profile.database.as_str()), (None, "memory"));
        }
    }

    #[test]
    fn a_file_gives_its_name_to_the_database() {
        let named = |path: &str| read(&format!(r#"{{"path": "{path}"}}"#)).unwrap();
        assert_eq!(named("target/쇼핑.duckdb").path, Some(PathBuf::from("/project/target/쇼핑.duckdb")));
        assert_eq!(named("target/쇼핑.duckdb").database, "쇼핑");
        assert_eq!(named("/x/a.b.duckdb").database, "a");
        assert_eq!(named("/x/main.db").database, "main_db");
        assert_eq!(named("/x/.hid").database, "hid");
    }

    #[test]
    fn a_database_of_another_name_must_be_attached() {
        let error = read(r#"{"path": "shop.duckdb", "database": "prod"}"#).unwrap_err();
        assert_eq!(error.message, "the profile says database `prod`, but DuckDB calls this file `shop`");
        let profile = read(
            r#"{"database": "Prod", "attach": [{"path": "it's.db", "alias": "prod", "read_only": true,
                "options": {"block_size": 16384}}]}"#,
        )
        .unwrap();
        assert!(profile.is_database_attached);
        assert_eq!(
            profile.attach.iter().map(|attach| attach.0.as_str()).collect::<Vec<_>>(),
            [r#"attach if not exists '/project/it''s.db' as "prod" (read_only, "block_size" 16384)"#]
        );
    }

    #[test]
    fn settings_become_statements() {
        let profile = read(
            r#"{"settings": {"memory_limit": "1GB", "threads": 2, "allowed_paths": ["a'b"], "x": null}}"#,
        )
        .unwrap();
        let statements: Vec<&str> = profile.settings.iter().map(|(_, sql)| sql.as_str()).collect();
        assert_eq!(
            statements,
            [
                r#"set "memory_limit" = '1GB'"#,
                r#"set "threads" = 2"#,
                r#"set "allowed_paths" = ['a''b']"#,
                r#"reset "x""#
            ]
        );
    }

    #[test]
    fn what_we_do_not_do_is_said() {
        let error = read(r#"{"plugins": [{"module": "excel"}]}"#).unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotSupported);
        assert_eq!(read(r#"{"path": "md:shop"}"#).unwrap_err().kind, ErrorKind::NotSupported);
        let error = read(r#"{"setings": {"a": 1}}"#).unwrap_err();
        assert_eq!(error.message, "a duckdb target has no key `setings`");
        assert_eq!(error.help.as_deref(), Some("a key with a similar name exists: `settings`"));
        assert!(read(r#"{"plugins": []}"#).is_ok());
    }

    #[test]
    fn lakes_are_known_by_their_paths_or_by_what_the_profile_says() {
        let lakes = |json: &str| read(json).unwrap().lakes;
        assert_eq!(lakes(r#"{"path": "호수.duckdb", "is_ducklake": true}"#), ["호수"]);
        assert_eq!(
            lakes(
                r#"{"attach": ["ducklake:sqlite:/a/b.ducklake", {"path": "ducklake:c.db", "alias": "Lake"}, "d.db",
                    {"path": "e.db", "is_ducklake": true}, {"path": "f.db", "type": "ducklake", "alias": "g"},
                    {"path": "ducklake:h.db", "is_ducklake": false}]}"#
            ),
            ["b", "Lake", "e", "g"]
        );
        assert!(read(r#"{"is_ducklake": "yes"}"#).is_err());
    }

    #[test]
    fn values_of_the_wrong_shape_are_refused() {
        for json in [
            r#"{"path": 1}"#,
            r#"{"settings": []}"#,
            r#"{"extensions": "icu"}"#,
            r#"{"extensions": [1]}"#,
            r#"{"attach": [{"alias": "a"}]}"#,
            r#"{"attach": [{"path": "a", "pth": "b"}]}"#,
            r#"{"read_only": "yes"}"#,
            r#"{"settings": {"a": {"b": 1}}}"#,
        ] {
            assert_eq!(read(json).map_err(|error| error.kind), Err(ErrorKind::Connection), "{json}");
        }
    }
}
