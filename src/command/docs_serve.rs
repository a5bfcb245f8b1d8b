use std::collections::BTreeMap;
use std::io;
use std::net::{TcpListener, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::docs_site::{add_what_is_known, add_what_was_kept, put, site};
use super::lineage::Known;
use super::{Ended, Shell};
use crate::context::{LogLevel, LogSink};
use crate::diagnostic::render::{Colour, human};
use crate::diagnostic::{Code, Diagnostic};
use crate::docs::{Catalog, Folder, Gate, Places, Server, Site, Standing, Watched};
use crate::execute::Event;
use crate::project::LoadOptions;
use crate::session::Session;
use crate::system::System;
use crate::text::Files;

/// What `docs serve` is asked for.
#[derive(Clone, Debug)]
pub struct ServeOptions {
    /// An address of this machine or a name of it; where none is told, this machine alone.
    pub host: Option<String>,
    /// Where none is told, 8080 or the next one that is free.
    pub port: Option<u16>,
    pub open_browser: bool,
    /// How the project is opened, again when it changes.
    pub load: LoadOptions,
}

/// dbt's. See <https://docs.getdbt.com/reference/commands/cmd-docs#dbt-docs-serve>.
const PORT: u16 = 8080;

/// How many ports are tried.
const MOST_PORTS: u16 = 20;

/// How often the project is looked at.
const INTERVAL: Duration = Duration::from_millis(400);

/// How much of the time may go to looking: a large project is looked at less often.
const SHARE: u32 = 25;

/// `xform docs serve`: shows the documentation in the browser, and makes it anew when the project
/// changes, until Ctrl-C. The warehouse is not asked: what `docs generate` last heard of it is shown.
#[must_use]
pub fn docs_serve(shell: &Shell<'_>, options: &ServeOptions) -> Ended {
    match serve(shell, options) {
        Ok(()) => Ended::Well,
        Err(told) => shell.fail(told),
    }
}

fn serve(shell: &Shell<'_>, options: &ServeOptions) -> Result<(), Diagnostic> {
    let session = shell.session;
    let invocation = &session.invocation;
    let listener = listener(options)?;
    let mut last = make(session, None)?;
    let assets = assets(session);
    let Some(system) = invocation.system.shared() else { return Ok(()) };
    let folder = Folder::new(Arc::clone(&system), session.paths.target(), &assets);
    let standing = |last: &Made| Standing { generated_at: last.generated_at.clone(), problem: None };
    let server = Server::start(listener, folder, Gate::new(options.host.as_deref()), standing(&last))
        .map_err(|error| cannot_listen(&error, "the server cannot be started"))?;
    let address = server.address();
    let name = match options.host.as_deref() {
        Some(host) if !address.ip().is_unspecified() => bracketed(host),
        _ => "localhost".to_owned(),
    };
    let url = format!("http://{name}:{}", address.port());
    let log = |text: String| shell.reporter.report(Event::Log { level: LogLevel::Info, text });
    log(format!("Serving the documentation at {url} (Ctrl-C ends it)"));
    if !address.ip().is_loopback() {
        log("Other machines can read it: --host says so".to_owned());
    }
    if options.open_browser
        && let Err(error) = crate::docs::open_browser(&url)
    {
        log(format!("No browser could be opened: {error}"));
    }
    shell.stop.wait_for_the_user();
    let mut watched = Watched::new(Arc::clone(&system), places(session));
    let mut pause = INTERVAL;
    while !shell.stop.sleep(pause) {
        let started = Instant::now();
        let has_changed = watched.has_changed();
        pause = INTERVAL.max(started.elapsed() * SHARE);
        if !has_changed {
            continue;
        }
        // An editor that saves several files, a branch that is changed: wait for the last.
        while !shell.stop.sleep(INTERVAL / 2) && watched.has_changed() {}
        match again(&system, &options.load, &last) {
            Ok((made, places)) => {
                watched.look_at(places);
                if made.digest != last.digest {
                    log("The project has changed: the documentation is new".to_owned());
                }
                last = made;
                server.tell(standing(&last));
            }
            Err(problem) => {
                log(format!("The project cannot be read; the last documentation stays:\n{problem}"));
                server.tell(Standing { generated_at: last.generated_at.clone(), problem: Some(problem) });
            }
        }
    }
    drop(server);
    log("The server has ended".to_owned());
    Ok(())
}

/// What was last written.
struct Made {
    digest: String,
    generated_at: String,
}

/// Makes the site of an open project and writes it, unless it shows what the last one shows.
fn make(session: &Session, last: Option<&Made>) -> Result<Made, Diagnostic> {
    let known = Known::new(session);
    let system = &*session.invocation.system;
    let path = session.paths.site_catalog(&session.invocation.target.name);
    let bytes = system.read(&path).unwrap_or_default();
    let mut compiled = BTreeMap::new();
    add_what_is_known(&mut compiled, &known);
    let catalog = Catalog::read(&bytes);
    add_what_was_kept(&mut compiled, &known.manifest, &catalog);
    let mut notices = Vec::new();
    if bytes.is_empty() {
        notices.push(
            "The warehouse was not asked yet: `xform docs generate` adds row counts and what is in it."
                .to_owned(),
        );
    }
    let made: Site = site(session, &known, Some(&compiled), &catalog, &notices)?;
    if let Some(last) = last.filter(|last| last.digest == made.digest()) {
        return Ok(Made { digest: last.digest.clone(), generated_at: last.generated_at.clone() });
    }
    put(session, &made)?;
    Ok(Made { digest: made.digest().to_owned(), generated_at: made.generated_at().to_owned() })
}

/// The project opened anew, its site made, and what that is made of; what is wrong in lines for
/// people where it cannot be read.
fn again(system: &Arc<dyn System>, load: &LoadOptions, last: &Made) -> Result<(Made, Places), String> {
    // Files of their own, which go with the session.
    let files = Arc::new(Files::new());
    let sink: Arc<dyn LogSink> = Arc::new(Unheard);
    let told = |diagnostics: &[Diagnostic]| {
        let errors = diagnostics.iter().filter(|told| told.is_error());
        errors.map(|told| human(told, &files, Colour::Never)).collect::<Vec<_>>().join("\n\n")
    };
    let session = Session::open(system, &files, load, &sink).map_err(|diagnostics| told(&diagnostics))?;
    let made = make(&session, Some(last)).map_err(|diagnostic| told(&[diagnostic]))?;
    Ok((made, places(&session)))
}

/// What templates log was told when the command began.
struct Unheard;

impl LogSink for Unheard {
    fn log(&self, _level: LogLevel, _text: &str) {}

    fn warn(&self, _diagnostic: Diagnostic) {}
}

/// The port that was told, or the first that is free.
fn listener(options: &ServeOptions) -> Result<TcpListener, Diagnostic> {
    let host = options.host.as_deref().unwrap_or("127.0.0.1");
    let listen = |port: u16| {
        let addresses: Vec<_> = (host.trim_matches(['[', ']']), port).to_socket_addrs()?.collect();
        TcpListener::bind(addresses.as_slice())
    };
    if let Some(port) = options.port {
        let message = format!("port {port} of `{host}` cannot be listened to");
        return listen(port).map_err(|error| cannot_listen(&error, &message));
    }
    for port in PORT..PORT + MOST_PORTS {
        match listen(port) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            listener => {
                return listener
                    .map_err(|error| cannot_listen(&error, &format!("`{host}` cannot be listened to")));
            }
        }
    }
    listen(0).map_err(|error| cannot_listen(&error, &format!("`{host}` cannot be listened to")))
}

fn cannot_listen(error: &io::Error, message: &str) -> Diagnostic {
    let told = Diagnostic::error(Code::CannotListen, format!("{message}: {error}"));
    match error.kind() {
        io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied => told.help(
            "another program may use it: name another with `--port`, or none to take the next that is free",
        ),
        _ => told
            .help("`--host` is an address or a name of this machine; without it only this machine can read"),
    }
}

/// An address as a URL has it.
fn bracketed(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}

/// The folders below the target folder that hold assets of the project.
fn assets(session: &Session) -> Vec<PathBuf> {
    let root = session.invocation.packages.iter().find(|package| package.is_root);
    let folders = root.map(|root| root.config.asset_paths.as_slice()).unwrap_or_default();
    let below = folders.iter().map(Path::new).filter_map(|folder| match folder.is_absolute() {
        true => folder.file_name().map(PathBuf::from),
        false => Some(folder.components().collect()),
    });
    below.filter(|folder: &PathBuf| !folder.as_os_str().is_empty() && folder != Path::new(".")).collect()
}

/// What the site is made of: the files of the project and its packages, and what commands found out.
fn places(session: &Session) -> Places {
    let invocation = &session.invocation;
    let (mut folders, mut files, mut without) =
        (Vec::new(), Vec::new(), vec![session.paths.target().to_path_buf()]);
    for package in invocation.packages.iter().filter(|package| !package.is_builtin) {
        let config = &package.config;
        let mut paths = config.resource_paths();
        paths.extend(config.docs_paths.iter().chain(&config.function_paths).cloned());
        folders.extend(paths.iter().map(|path| package.root.join(path)));
        let names = [
            "project.yml",
            "dbt_project.yml",
            "packages.yml",
            "dependencies.yml",
            "selectors.yml",
            "profiles.yml",
            "README.md",
        ];
        files.extend(names.iter().map(|name| package.root.join(name)));
        if package.is_root {
            without.push(package.root.join(&config.log_path));
        }
    }
    folders.sort();
    folders.dedup();
    folders.push(session.paths.past_runs());
    // Those of commands, below the target folder.
    let target = &invocation.target.name;
    files.extend([session.paths.sources(), session.paths.site_catalog(target)]);
    Places { folders, files, without }
}
