use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::lineage::Known;
use crate::artifact::{PastRun, source_ages};
use crate::compile::Compiled;
use crate::diagnostic::{Code, Diagnostic};
use crate::docs::{Catalog, Material, Site};
use crate::manifest::{Manifest, NodeId};
use crate::session::Session;
use crate::system::System;

/// Names of the file that says what a project is about.
const READMES: [&str; 4] = ["README.md", "readme.md", "Readme.md", "README"];

/// The site of a project. `compiled` is the SQL that is shown, `None` for none.
///
/// # Errors
/// A value in it has no form in JSON, which is ours to mend.
pub(super) fn site(
    session: &Session,
    known: &Known,
    compiled: Option<&BTreeMap<NodeId, Arc<Compiled>>>,
    catalog: &Catalog,
    notices: &[String],
) -> Result<Site, Diagnostic> {
    let invocation = &session.invocation;
    let system = &*invocation.system;
    let runs = PastRun::read_all(system, &session.paths.past_runs());
    let sources = system.read(&session.paths.sources()).map(|bytes| source_ages(&bytes)).unwrap_or_default();
    let root = invocation.packages.iter().find(|package| package.is_root);
    let readme = root.and_then(|root| {
        let mut texts = READMES.iter().map(|name| <dyn System>::read_text(system, &root.root.join(name)));
        texts.find_map(io::Result::ok)
    });
    let own = invocation.packages.iter().filter(|package| !package.is_builtin);
    let material = Material {
        manifest: &known.manifest,
        packages: own.map(crate::project::Package::name).collect(),
        files: &invocation.files,
        analysis: &known.project,
        graph: &known.graph,
        inherited: &known.inherited,
        compiled,
        catalog,
        runs: &runs,
        sources: &sources,
        readme: readme.as_deref(),
        notices,
        dialect: invocation.adapter.dialect(),
        adapter: invocation.adapter.name(),
        target: &invocation.target.name,
        generated_at: &system.now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
    };
    Site::new(&material).map_err(|error| {
        Diagnostic::error(Code::CannotWriteFile, format!("the documentation cannot be written: {error}"))
    })
}

/// Writes a site to the target folder.
///
/// # Errors
/// A file cannot be written.
pub(super) fn put(session: &Session, site: &Site) -> Result<(), Diagnostic> {
    let system = &*session.invocation.system;
    site.write(system, session.paths.target()).map_err(|error| unwritten(session, error))
}

pub(super) fn unwritten(session: &Session, (path, error): (PathBuf, io::Error)) -> Diagnostic {
    Diagnostic::new(Code::CannotWriteFile, format!("cannot write `{}`: {error}", session.paths.shown(&path)))
        .help("check that the folder may be written to and that the disk is not full")
}

/// Adds the SQL that the checker found without a warehouse, of nodes whose SQL it is sure of.
pub(super) fn add_what_is_known(compiled: &mut BTreeMap<NodeId, Arc<Compiled>>, known: &Known) {
    for node in known.project.nodes() {
        if let Some(found) = node.compiled.as_ref().filter(|found| !found.asked_warehouse) {
            compiled.entry(node.id.clone()).or_insert_with(|| Arc::clone(found));
        }
    }
}

/// Adds the SQL of nodes that ask the warehouse, as `docs generate` compiled it, and says so in it.
pub(super) fn add_what_was_kept(
    compiled: &mut BTreeMap<NodeId, Arc<Compiled>>,
    manifest: &Manifest,
    catalog: &Catalog,
) {
    for node in manifest.nodes.values() {
        if let Some(sql) = catalog.sql(manifest, node) {
            let text = format!("-- When `docs generate` last asked the warehouse:\n{sql}");
            compiled.entry(node.id.clone()).or_insert_with(|| Arc::new(Compiled::of_query(text)));
        }
    }
}
