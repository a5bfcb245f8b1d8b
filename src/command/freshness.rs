use std::path::{Path, PathBuf};

use super::shell::ended;
use super::{Ended, Shell};
use crate::artifact::write;
use crate::execute::sources_json;
use crate::plan::Purpose;
use crate::select::Criteria;

/// What `source freshness` is asked for.
#[derive(Clone, Debug)]
pub struct FreshnessOptions {
    pub criteria: Criteria,
    /// In place of `sources.json` in the target folder.
    pub output: Option<PathBuf>,
}

/// `xform source freshness`: how old sources are, held against their `freshness:`.
/// See <https://docs.getdbt.com/reference/commands/source>.
#[must_use]
pub fn freshness(shell: &Shell<'_>, options: &FreshnessOptions) -> Ended {
    let session = shell.session;
    let manifest = &session.manifest;
    let selection = match shell.select(manifest, &options.criteria) {
        Ok(selection) => selection,
        Err(ended) => return ended,
    };
    // Only `sources.json` tells of it.
    let quiet = Shell { write_json: false, ..*shell };
    let finished = match quiet.run(manifest, &selection, Purpose::Freshness, None) {
        Ok(finished) => finished,
        Err(ended) => return ended,
    };
    if let Err(ended) = shell.write_manifest(manifest) {
        return ended;
    }
    let default = session.paths.target().join("sources.json");
    let path =
        options.output.as_deref().map_or(default, |path| session.invocation.system.current_dir().join(path));
    match write_sources(shell, &path, &finished) {
        Ok(()) => ended(&finished),
        Err(ended) => ended,
    }
}

fn write_sources(shell: &Shell<'_>, path: &Path, finished: &crate::execute::Finished) -> Result<(), Ended> {
    let about = shell.session.about();
    let sources = sources_json(&finished.results, finished.elapsed, &about);
    write(&*shell.session.invocation.system, path, &sources).map_err(|diagnostic| shell.fail(diagnostic))
}
