use super::shell::ended;
use super::{Ended, Shell};
use crate::plan::Purpose;
use crate::select::Criteria;

/// What `build`, `run`, `test` and `seed` are asked for.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    pub purpose: Purpose,
    pub criteria: Criteria,
    /// `seed --show`: print the first rows of what was loaded.
    pub show: bool,
}

/// `xform build`, and `run`, `test` and `seed`, which do a part of it: select, plan, run.
#[must_use]
pub fn build(shell: &Shell<'_>, options: &BuildOptions) -> Ended {
    let manifest = &shell.session.manifest;
    let selection = match shell.select(manifest, &options.criteria) {
        Ok(selection) => selection,
        Err(ended) => return ended,
    };
    let finished = match shell.run(manifest, &selection, options.purpose, None) {
        Ok(finished) => finished,
        Err(ended) => return ended,
    };
    if options.show && !finished.was_cancelled {
        return super::show::show_seeds(shell, &finished);
    }
    ended(&finished)
}
