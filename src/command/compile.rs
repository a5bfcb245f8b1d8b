use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::json;

use super::inline::with_inline;
use super::shell::ended;
use super::show::without_tests;
use super::{Ended, Shell};
use crate::check::check_compiled;
use crate::compile::Compiler;
use crate::execute::{Event, Finished, Status};
use crate::manifest::{Manifest, NodeId};
use crate::plan::Purpose;
use crate::select::{Criteria, Selection};

/// What `compile` is asked for.
#[derive(Clone, Debug)]
pub struct CompileOptions {
    pub criteria: Criteria,
    /// A template to compile in place of nodes.
    pub inline: Option<String>,
    pub as_json: bool,
    /// Whether nodes were named, so that their SQL is wanted on standard output.
    pub print: bool,
}

/// `xform compile`: templates become SQL in `target/compiled/`; what is named on the
/// command line is printed too.
#[must_use]
pub fn compile(shell: &Shell<'_>, options: &CompileOptions) -> Ended {
    let (manifest, selection) = match chosen(shell, options.inline.as_deref(), &options.criteria) {
        Ok(chosen) => chosen,
        Err(ended) => return ended,
    };
    let (finished, compiler) = match shell.run_and_keep(&manifest, &selection, Purpose::Compile, None) {
        Ok(done) => done,
        Err(ended) => return ended,
    };
    let is_wrong =
        shell.session.invocation.flags.check && tells_what_is_wrong(shell, &manifest, &finished, &compiler);
    if options.print || options.inline.is_some() {
        let named = without_tests(&manifest, selection);
        // In the order of the ids, whichever of them was ready first.
        let mut printed: Vec<_> =
            finished.results.iter().filter(|result| named.contains(&result.id)).collect();
        printed.sort_by(|one, other| one.id.cmp(&other.id));
        for (index, result) in printed.into_iter().enumerate() {
            let (Some(code), Some(node)) = (&result.compiled_code, manifest.node(&result.id)) else {
                continue;
            };
            let text = if options.as_json {
                let mut object = json!({ "node": node.name, "compiled": code });
                if options.inline.is_some() {
                    object = json!({ "compiled": code });
                }
                serde_json::to_string_pretty(&object).unwrap_or_default()
            } else {
                let gap = if index == 0 { "" } else { "\n" };
                let heading =
                    if named.len() > 1 { format!("{gap}-- {}\n", node.name) } else { String::new() };
                format!("{heading}{}", code.trim())
            };
            shell.reporter.report(Event::Output(text));
        }
    }
    if is_wrong { Ended::WithFailures } else { ended(&finished) }
}

/// Checks the nodes whose templates became SQL, and tells what is wrong with it.
fn tells_what_is_wrong(
    shell: &Shell<'_>,
    manifest: &Arc<Manifest>,
    finished: &Finished,
    compiler: &Compiler,
) -> bool {
    let invocation = &shell.session.invocation;
    let compiled = finished.results.iter().filter(|result| result.status == Status::Success);
    let compiled: BTreeSet<NodeId> = compiled.map(|result| result.id.clone()).collect();
    let found = check_compiled(invocation, manifest, &compiled, compiler);
    let mut is_wrong = false;
    for diagnostic in found {
        if let Some(told) = invocation.flags.warn_error_options.judge(diagnostic) {
            is_wrong |= told.is_error();
            shell.tell(told);
        }
    }
    is_wrong
}

/// The nodes a command is about: those selected, or one made of `inline`.
pub(super) fn chosen(
    shell: &Shell<'_>,
    inline: Option<&str>,
    criteria: &Criteria,
) -> Result<(Arc<Manifest>, Selection), Ended> {
    match inline {
        Some(text) => {
            let (manifest, id) =
                with_inline(shell.session, text).map_err(|diagnostics| shell.refuse(diagnostics))?;
            Ok((Arc::new(manifest), std::iter::once(id).collect()))
        }
        None => {
            let manifest = Arc::clone(&shell.session.manifest);
            let selection = shell.select(&manifest, criteria)?;
            Ok((manifest, selection))
        }
    }
}
