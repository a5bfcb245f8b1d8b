use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::Config;
use postgres::config::SslMode;
use serde_json::{Map, Value};

use super::pgpass;
use crate::adapter::{AdapterError, ErrorKind};
use crate::diagnostic::suggest;
use crate::system::{OsSystem, System};

/// How far the server's certificate is trusted.
/// See <https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// Any certificate will do: encrypted, but anybody may be at the other end.
    Anybody,
    /// It has to be signed by an authority that is known.
    Signed,
    /// Signed, and for this host.
    SignedForHost,
}

/// What a profile says of a Postgres target, checked.
/// Keys: <https://docs.getdbt.com/docs/core/connect-data-platform/postgres-setup>.
#[derive(Clone)]
pub(super) struct Profile {
    pub host: String,
    pub port: u16,
    pub user: String,
    /// Never shown.
    password: Option<String>,
    pub database: String,
    pub connect_timeout: Duration,
    /// How often a connection is tried again that could not be made.
    pub retries: u32,
    pub keepalives_idle: Duration,
    pub search_path: Option<String>,
    pub role: Option<String>,
    pub ssl_mode: SslMode,
    pub trust: Trust,
    /// The client's certificate and its key.
    pub client_certificate: Option<(PathBuf, PathBuf)>,
    pub root_certificates: RootCertificates,
    application_name: String,
}

/// Who may sign the server's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum RootCertificates {
    /// The authorities that browsers trust.
    Public,
    File(PathBuf),
}

/// All keys that dbt-postgres has, beside those that other rooms read.
const KEYS: &[&str] = &[
    "type",
    "threads",
    "schema",
    "host",
    "user",
    "password",
    "pass",
    "port",
    "database",
    "dbname",
    "connect_timeout",
    "role",
    "search_path",
    "keepalives_idle",
    "sslmode",
    "sslcert",
    "sslkey",
    "sslrootcert",
    "application_name",
    "retries",
];

const SSL_MODES: &[&str] = &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// Where nothing is said: a connection that is dead is noticed within a minute and a half.
const KEEPALIVES_IDLE: Duration = Duration::from_mins(1);

impl Profile {
    /// Reads the keys of a target. Paths that are not absolute start at `root`.
    ///
    /// # Errors
    /// A key is unknown, missing or of the wrong shape.
    pub fn read(keys: &Map<String, Value>, root: &Path) -> Result<Self, AdapterError> {
        for key in keys.keys() {
            if !KEYS.contains(&key.as_str()) {
                let mut error = wrong(format!("a postgres target has no key `{key}`")).about(key);
                error.help = suggest::similar("key", key, KEYS.iter().copied());
                return Err(error);
            }
        }
        let host = required(keys, &["host"], "the address of the server: `host: localhost`")?;
        let user = required(keys, &["user"], "the name to log in with: `user: analyst`")?;
        let database =
            required(keys, &["database", "dbname"], "the name of the database: `dbname: analytics`")?;
        let port = match text(keys, &["port"])? {
            None => 5432,
            Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or_else(|| {
                wrong(format!("`port` is `{port}`, which is no port"))
                    .about("port")
                    .help("write `port: 5432`")
            })?,
        };
        let sslmode = text(keys, &["sslmode"])?.unwrap_or_else(|| "prefer".to_owned());
        if !SSL_MODES.contains(&sslmode.as_str()) {
            let mut error = wrong(format!("`sslmode` is `{sslmode}`, which there is not")).about("sslmode");
            error.help = suggest::similar("mode", &sslmode, SSL_MODES.iter().copied())
                .or_else(|| Some(format!("it is one of `{}`", SSL_MODES.join("`, `"))));
            return Err(error);
        }
        let path = |key: &'static str| -> Result<Option<PathBuf>, AdapterError> {
            Ok(text(keys, &[key])?.map(|path| place(&path, root)))
        };
        let (cert, key) = (path("sslcert")?, path("sslkey")?);
        let client_certificate = match (cert, key) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            (cert, _) => {
                let (missing, given) =
                    if cert.is_some() { ("sslkey", "sslcert") } else { ("sslcert", "sslkey") };
                return Err(wrong(format!("`{missing}` is missing"))
                    .about(given)
                    .help("a certificate of the client needs both, `sslcert` and `sslkey`"));
            }
        };
        let default_root = || home_file("root.crt").filter(|path| OsSystem.exists(path));
        let root_file = match text(keys, &["sslrootcert"])?.as_deref() {
            Some("system") => None,
            Some(path) => Some(place(path, root)),
            None => default_root(),
        };
        // libpq verifies with `require`, too, where there is a certificate to verify with.
        let trust = match sslmode.as_str() {
            "verify-full" => Trust::SignedForHost,
            "verify-ca" => Trust::Signed,
            "require" if root_file.is_some() => Trust::Signed,
            _ => Trust::Anybody,
        };
        let password = match text(keys, &["password", "pass"])?.filter(|password| !password.is_empty()) {
            Some(password) => Some(password),
            None => pgpass::password(&host, port, &database, &user),
        };
        let idle = seconds(keys, "keepalives_idle")?.filter(|idle| !idle.is_zero());
        Ok(Self {
            host,
            port,
            user,
            password,
            database,
            connect_timeout: seconds(keys, "connect_timeout")?
                .filter(|time| !time.is_zero())
                .unwrap_or(Duration::from_secs(10)),
            retries: match whole(keys, "retries")? {
                None => 1,
                Some(number) => u32::try_from(number).unwrap_or(u32::MAX),
            },
            keepalives_idle: idle.unwrap_or(KEEPALIVES_IDLE),
            search_path: text(keys, &["search_path"])?.filter(|path| !path.trim().is_empty()),
            role: text(keys, &["role"])?.filter(|role| !role.is_empty()),
            ssl_mode: match sslmode.as_str() {
                "disable" => SslMode::Disable,
                // What libpq does with `allow` is to ask without TLS first; nobody is worse off so.
                "allow" | "prefer" => SslMode::Prefer,
                _ => SslMode::Require,
            },
            trust,
            client_certificate,
            root_certificates: root_file.map_or(RootCertificates::Public, RootCertificates::File),
            application_name: text(keys, &["application_name"])?.unwrap_or_else(|| "xform".to_owned()),
        })
    }

    /// What the driver is told.
    pub fn config(&self) -> Config {
        let mut config = Config::new();
        config
            .host(&self.host)
            .port(self.port)
            .user(&self.user)
            .dbname(&self.database)
            .connect_timeout(self.connect_timeout)
            .application_name(&self.application_name)
            .keepalives(true)
            .keepalives_idle(self.keepalives_idle)
            .keepalives_interval(Duration::from_secs(10))
            .keepalives_retries(3)
            .ssl_mode(self.ssl_mode);
        if let Some(password) = &self.password {
            config.password(password);
        }
        if let Some(path) = &self.search_path {
            // As libpq has it: a space or a backslash of a value stands behind a backslash.
            let path = path.replace('\\', "\\\\").replace(' ', "\\ ");
            config.options(&format!("-c search_path={path}"));
        }
        config
    }

    /// The text without the password.
    pub fn hidden(&self, text: &str) -> String {
        match &self.password {
            Some(password) if !password.is_empty() => text.replace(password.as_str(), "***"),
            _ => text.to_owned(),
        }
    }

    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }
}

impl std::fmt::Debug for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("user", &self.user)
            .field("database", &self.database)
            .finish_non_exhaustive()
    }
}

/// A file in libpq's folder of the user.
pub(super) fn home_file(name: &str) -> Option<PathBuf> {
    OsSystem.home_dir().map(|home| home.join(".postgresql").join(name))
}

fn place(path: &str, root: &Path) -> PathBuf {
    match path.strip_prefix("~/").and_then(|rest| Some(OsSystem.home_dir()?.join(rest))) {
        Some(path) => path,
        None => root.join(path),
    }
}

fn wrong(message: impl Into<String>) -> AdapterError {
    AdapterError::new(ErrorKind::Connection, message)
}

/// The text of the first of some keys that is there; numbers are their digits.
fn text(keys: &Map<String, Value>, names: &[&str]) -> Result<Option<String>, AdapterError> {
    for name in names {
        match keys.get(*name) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.contains('\0') => {
                return Err(wrong(format!("`{name}` has a zero byte in it")).about(name));
            }
            Some(Value::String(text)) => return Ok(Some(text.clone())),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => return Ok(Some(value.to_string())),
            Some(_) => {
                return Err(wrong(format!("`{name}` of a postgres target must be a text")).about(name));
            }
        }
    }
    Ok(None)
}

fn required(keys: &Map<String, Value>, names: &[&str], what: &str) -> Result<String, AdapterError> {
    text(keys, names)?.filter(|text| !text.is_empty()).ok_or_else(|| {
        let name = names.last().copied().unwrap_or_default();
        wrong(format!("a postgres target has to have `{name}`")).help(format!("write {what}"))
    })
}

fn whole(keys: &Map<String, Value>, name: &str) -> Result<Option<u64>, AdapterError> {
    text(keys, &[name])?
        .map(|text| {
            text.trim().parse().map_err(|_| {
                wrong(format!("`{name}` is `{text}`, which is no whole number"))
                    .about(name)
                    .help(format!("write it in digits: `{name}: 10`"))
            })
        })
        .transpose()
}

fn seconds(keys: &Map<String, Value>, name: &str) -> Result<Option<Duration>, AdapterError> {
    Ok(whole(keys, name)?.map(Duration::from_secs))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(keys: Value) -> Result<Profile, AdapterError> {
        let Value::Object(mut keys) = keys else { panic!("not a mapping") };
        for (key, value) in [("host", "db"), ("user", "나"), ("dbname", "가게")] {
            keys.entry(key).or_insert_with(|| value.into());
        }
        Profile::read(&keys, Path::new("/project"))
    }

    #[test]
    fn keys_are_those_of_dbt_postgres() {
        let profile = read(json!({
            "type": "postgres", "threads": 4, "schema": "s", "pass": "p w", "port": "5433",
            "connect_timeout": 3, "role": "r", "search_path": "a, b", "keepalives_idle": 0,
            "sslmode": "verify-ca", "sslrootcert": "ca.pem", "retries": 4
        }))
        .unwrap();
        assert_eq!((profile.port, profile.retries), (5433, 4));
        assert_eq!(profile.trust, Trust::Signed);
        assert_eq!(profile.root_certificates, RootCertificates::File("/project/ca.pem".into()));
        assert_eq!(profile.keepalives_idle, KEEPALIVES_IDLE);
        let config = profile.config();
        assert_eq!(config.get_password(), Some(b"p w".as_slice()));
        assert_eq!(config.get_options(), Some("-c search_path=a,\\ b"));
    }

    #[test]
    fn wrong_keys_are_told_with_a_next_step() {
        for (keys, message, help) in [
            (json!({"hots": "x"}), "no key `hots`", "host"),
            (json!({"port": "many"}), "no port", "5432"),
            (json!({"sslmode": "verify_full"}), "`sslmode` is `verify_full`", "verify-full"),
            (json!({"sslcert": "a"}), "`sslkey` is missing", "both"),
            (json!({"connect_timeout": "soon"}), "no whole number", "digits"),
            (json!({"user": ""}), "has to have `user`", "log in"),
        ] {
            let error = read(keys).unwrap_err();
            assert!(error.message.contains(message), "{}", error.message);
            assert!(error.help.as_deref().is_some_and(|text| text.contains(help)), "{:?}", error.help);
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let profile = read(json!({"password": "hunter2"})).unwrap();
        assert!(!format!("{profile:?}").contains("hunter2"));
        assert_eq!(profile.hidden("not hunter2"), "not ***");
    }
}
