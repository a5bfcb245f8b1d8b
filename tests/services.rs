//! The services that some tests need: `scripts/services/*.sh` start them and name the variables
//! that tests find them by. A test without its service says so, where people see it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Tells that something is not tested here, and how it would be: on standard error, and in the
/// file that `XFORM_SKIPPED` names, which CI prints at its end.
pub fn skip(what: &str, variable: &str, how: &str) {
    let told = format!("{what}: {variable} is not set; `{how}` starts what it needs");
    let _ = writeln!(std::io::stderr(), "SKIPPED: {told}");
    if let Some(path) = std::env::var_os("XFORM_SKIPPED") {
        let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
        writeln!(file.unwrap(), "{told}").unwrap();
    }
}

fn variable(what: &str, name: &str, script: &str) -> Option<String> {
    let found = std::env::var(name).ok().filter(|value| !value.is_empty());
    if found.is_none() {
        skip(what, name, script);
    }
    found
}

/// The folder of DuckDB's extensions.
pub fn extensions(what: &str) -> Option<String> {
    variable(what, "XFORM_DUCKDB_EXTENSIONS", "scripts/duckdb_extensions.sh")
}

/// `http://127.0.0.1:PORT`
pub fn s3(what: &str) -> Option<String> {
    variable(what, "XFORM_TEST_S3_ENDPOINT", "scripts/services/s3.sh FOLDER")
}

/// `http://127.0.0.1:PORT`
pub fn gcs(what: &str) -> Option<String> {
    variable(what, "XFORM_TEST_GCS_ENDPOINT", "scripts/services/gcs.sh FOLDER")
}

/// A connection string.
pub fn azure(what: &str) -> Option<String> {
    variable(what, "XFORM_TEST_AZURE_CONNECTION", "scripts/services/azure.sh FOLDER")
}

/// A database of its own on a Postgres server.
pub struct Database {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub password: String,
    pub name: String,
}

impl Database {
    fn of(uri: &str) -> Self {
        let rest = uri.strip_prefix("postgresql://").unwrap();
        let (who, place) = rest.split_once('@').unwrap();
        let (user, password) = who.split_once(':').unwrap();
        let (address, name) = place.split_once('/').unwrap();
        let (host, port) = address.split_once(':').unwrap();
        Self {
            host: host.to_owned(),
            port: port.parse().unwrap(),
            user: user.to_owned(),
            password: password.to_owned(),
            name: name.to_owned(),
        }
    }

    /// A client beside the one that is tested.
    pub fn client(&self) -> postgres::Client {
        postgres::Config::new()
            .host(&self.host)
            .port(self.port)
            .user(&self.user)
            .password(&self.password)
            .dbname(&self.name)
            .connect(postgres::NoTls)
            .unwrap()
    }

    /// A new database on the same server.
    pub fn fresh(&self, name: &str) -> Self {
        let name = format!("{name}_{}", std::process::id());
        let mut client = self.client();
        client.batch_execute(&format!("drop database if exists \"{name}\" with (force)")).unwrap();
        client.batch_execute(&format!("create database \"{name}\"")).unwrap();
        Self {
            host: self.host.clone(),
            user: self.user.clone(),
            password: self.password.clone(),
            port: self.port,
            name,
        }
    }

    /// The profile `shop`, with this database as its only output; `more` are further keys.
    pub fn profile(&self, more: &str) -> String {
        format!("shop:\n  target: dev\n  outputs:\n    dev: {}\n", self.output(more))
    }

    /// An output of a profile, on one line; `more` are further keys.
    pub fn output(&self, more: &str) -> String {
        let Self { host, port, user, password, name } = self;
        format!(
            "{{type: postgres, host: {host}, port: {port}, user: {user}, password: {password}, dbname: {name}, schema: shop, threads: 4{more}}}"
        )
    }
}

/// A new database on the server that is there for tests.
pub fn postgres(test: &str) -> Option<Database> {
    let uri = variable(test, "XFORM_TEST_POSTGRES_URI", "scripts/services/postgres.sh FOLDER")?;
    Some(Database::of(&uri).fresh(test))
}

/// A server of one's own, to be killed.
pub struct Server {
    folder: tempfile::TempDir,
    pub database: Database,
}

impl Server {
    /// `None` where there is none for tests either.
    pub fn start(test: &str) -> Option<Self> {
        variable(test, "XFORM_TEST_POSTGRES_URI", "scripts/services/postgres.sh FOLDER")?;
        let folder = tempfile::Builder::new().prefix("xform-postgres-").tempdir().unwrap();
        let database = Self::run(folder.path());
        Some(Self { folder, database })
    }

    fn script(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/services").join(name)
    }

    fn run(folder: &Path) -> Database {
        // A port may be taken by another at the last moment.
        for _ in 0..3 {
            let output = Command::new(Self::script("postgres.sh")).arg(folder).output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let uri = text.lines().find_map(|line| line.strip_prefix("export XFORM_TEST_POSTGRES_URI='"));
            if let Some(uri) = uri {
                return Database::of(uri.trim_end_matches('\''));
            }
            let _ = std::io::stderr().write_all(&output.stderr);
        }
        panic!("no server starts");
    }

    /// Ends it at once, as a power failure does.
    pub fn kill(&self) {
        let pid = std::fs::read_to_string(self.folder.path().join("pid")).unwrap();
        let group = format!("-{}", pid.trim());
        assert!(Command::new("kill").args(["-KILL", "--", &group]).status().unwrap().success());
        // Its children have groups of their own.
        let data = self.folder.path().join("data");
        let _ = Command::new("pkill").args(["-KILL", "-f", &data.to_string_lossy()]).status();
        std::fs::remove_file(self.folder.path().join("pid")).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(300));
    }

    /// Starts it again, at another port.
    pub fn start_again(&mut self) {
        let name = std::mem::take(&mut self.database.name);
        let _ = std::fs::remove_file(self.folder.path().join("data/postmaster.pid"));
        self.database = Database { name, ..Self::run(self.folder.path()) };
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = Command::new(Self::script("stop.sh")).arg(self.folder.path()).output();
    }
}
