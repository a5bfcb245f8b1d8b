use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::artifact::{CatalogCache, CatalogSeal, write};
use crate::context::LogLevel;
use crate::execute::Event;
use crate::session::Session;
use crate::system::System;

use super::Shell;

/// A catalog cache that is to be sealed once the databases are closed: only then their files
/// stand as they will be found.
#[derive(Debug)]
pub struct Unsealed {
    path: PathBuf,
    files: Vec<(String, PathBuf)>,
}

impl Unsealed {
    /// Notes how the files stand. Without the note what was listed is taken for old.
    pub fn seal(&self, system: &dyn System) {
        let seal = CatalogSeal::of(system, &self.files);
        // A cache: without it less is known, and nothing wrong.
        let _ = write(system, &self.path, &seal);
    }
}

/// Whether what is kept of the warehouse is what it holds now, as far as it can be kept at all: all
/// databases that are there are files nobody wrote to since they were listed.
pub(super) fn is_catalog_kept(session: &Session) -> bool {
    let invocation = &session.invocation;
    let (system, adapter) = (&*invocation.system, &*invocation.adapter);
    let mut files = adapter.files();
    if files.is_empty() || !invocation.flags.write_json {
        return true;
    }
    files.retain(|(_, path)| system.exists(path));
    let seal = system.read(&session.paths.catalog_seal(&invocation.target.name)).ok();
    let seal = seal.and_then(|bytes| CatalogSeal::read(&bytes)).unwrap_or_default();
    adapter.is_all_files() && seal.unchanged(system, &files).len() == files.len()
}

/// Keeps what the warehouse holds now for a later `check`, if xform is connected. A cache: that
/// it cannot be made or written is only logged.
pub(super) fn keep_catalog(shell: &Shell<'_>) {
    keep_catalog_and(shell, || ());
}

/// As [`keep_catalog`], with other work that is done while the warehouse makes its list.
pub(super) fn keep_catalog_and<T>(shell: &Shell<'_>, work: impl FnOnce() -> T) -> T {
    let session = shell.session;
    if !session.invocation.flags.write_json {
        return work();
    }
    std::thread::scope(|scope| {
        let listing = scope.spawn(|| list(session));
        let worked = work();
        match listing.join() {
            Ok(listed) => {
                if let Err(why) = listed.and_then(|cache| keep(shell, cache)) {
                    let text = format!("the catalog is not kept: {why}");
                    shell.reporter.report(Event::Log { level: LogLevel::Debug, text });
                }
            }
            Err(payload) => std::panic::resume_unwind(payload),
        }
        worked
    })
}

/// What the warehouse holds now, if xform is connected.
fn list(session: &Session) -> Result<Option<CatalogCache>, String> {
    let invocation = &session.invocation;
    let mut databases = BTreeSet::from([invocation.adapter.database().to_owned()]);
    databases.extend(invocation.adapter.files().into_iter().map(|(name, _)| name));
    let relations = session.manifest.nodes.values().filter_map(|node| node.relation.as_ref());
    databases.extend(relations.filter_map(|relation| relation.database.clone()));
    let listed = invocation.adapter.list_columns(&databases).map_err(|error| error.message)?;
    Ok(listed.map(|listed| {
        CatalogCache::new(
            invocation.system.now(),
            invocation.adapter.name(),
            &invocation.target.name,
            databases.into_iter().collect(),
            listed,
        )
    }))
}

fn keep(shell: &Shell<'_>, cache: Option<CatalogCache>) -> Result<(), String> {
    let session = shell.session;
    let Some(cache) = cache else { return Ok(()) };
    put(session, &cache).map_err(|told| told.to_string())?;
    let path = session.paths.catalog_seal(&session.invocation.target.name);
    let unsealed = Unsealed { path, files: session.invocation.adapter.files() };
    // A command that runs twice has the same to seal.
    let _ = shell.unsealed.set(unsealed);
    Ok(())
}

fn put(session: &Session, cache: &CatalogCache) -> Result<(), crate::diagnostic::Diagnostic> {
    let system = session.invocation.system.unwatched();
    let target = &session.invocation.target.name;
    // The old seal is not that of the new cache.
    let _ = system.remove(&session.paths.catalog_seal(target));
    write(system, &session.paths.catalog_cache(target), cache)
}
