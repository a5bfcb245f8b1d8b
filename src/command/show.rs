use super::compile::chosen;
use super::shell::ended;
use super::{Ended, Shell};
use crate::diagnostic::{Code, Diagnostic};
use crate::execute::Finished;
use crate::manifest::{Manifest, NodeId, ResourceType};
use crate::plan::Purpose;
use crate::select::{Criteria, Selection};

/// What `show` is asked for.
#[derive(Clone, Debug)]
pub struct ShowOptions {
    pub criteria: Criteria,
    /// A template to preview in place of nodes.
    pub inline: Option<String>,
    /// `None` for all rows.
    pub limit: Option<usize>,
}

/// `xform show`: the first rows of nodes, or of a query given on the command line.
#[must_use]
pub fn show(shell: &Shell<'_>, options: &ShowOptions) -> Ended {
    if options.inline.is_none() && options.criteria.select.is_empty() {
        let diagnostic = Diagnostic::error(Code::InvalidUsage, "`show` does not know what to show");
        return shell
            .fail(diagnostic.help("name a node, `--select orders`, or a query, `--inline 'select 1'`"));
    }
    let (manifest, selection) = match chosen(shell, options.inline.as_deref(), &options.criteria) {
        Ok(chosen) => chosen,
        Err(ended) => return ended,
    };
    let named = without_tests(&manifest, selection);
    let finished = match shell.run(&manifest, &named, Purpose::Show, options.limit) {
        Ok(finished) => finished,
        Err(ended) => return ended,
    };
    ended(&finished)
}

/// Tests come along with models by indirect selection; only where nothing else was
/// selected are they meant.
pub(super) fn without_tests(manifest: &Manifest, selection: Selection) -> Selection {
    let is_test =
        |id: &NodeId| manifest.node(id).is_some_and(|node| node.resource_type == ResourceType::Test);
    if selection.iter().all(is_test) {
        return selection;
    }
    selection.iter().filter(|id| !is_test(id)).cloned().collect()
}

/// `xform seed --show`: the first rows of the tables that were loaded.
pub(super) fn show_seeds(shell: &Shell<'_>, loaded: &Finished) -> Ended {
    let manifest = &shell.session.manifest;
    let seeds =
        loaded.results.iter().filter(|result| !result.status.is_failure()).map(|result| result.id.clone());
    let seeds: Selection = seeds
        .filter(|id| manifest.node(id).is_some_and(|node| node.resource_type == ResourceType::Seed))
        .collect();
    let quiet = Shell { write_json: false, ..*shell };
    let shown = match quiet.run(manifest, &seeds, Purpose::Show, Some(10)) {
        Ok(shown) => shown,
        Err(ended) => return ended,
    };
    if ended(&shown) == Ended::Well { ended(loaded) } else { ended(&shown) }
}
