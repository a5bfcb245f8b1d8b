use std::sync::Arc;

use super::inline::with_operation;
use super::{Ended, Shell};
use crate::context::RelationCache;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::execute::connect;
use crate::jinja::{Value, from_json};
use crate::manifest::MacroId;
use crate::materialize::{Job, operation};
use crate::yaml;

/// So many macros are named where one is missing.
const MOST_NAMED: usize = 12;

/// `xform run-operation`: calls a macro with keyword arguments given as YAML.
/// See <https://docs.getdbt.com/reference/commands/run-operation>.
#[must_use]
pub fn run_operation(shell: &Shell<'_>, name: &str, arguments: &str) -> Ended {
    match call(shell, name, arguments) {
        Ok(()) => Ended::Well,
        Err((diagnostics, ended)) => {
            shell.refuse(diagnostics);
            ended
        }
    }
}

fn call(shell: &Shell<'_>, name: &str, arguments: &str) -> Result<(), (Vec<Diagnostic>, Ended)> {
    let not_understood = |diagnostic| (vec![diagnostic], Ended::NotUnderstood);
    let session = shell.session;
    let keywords = keywords(session, arguments).map_err(not_understood)?;
    let (package, name) = find(session, name).map_err(not_understood)?;
    let (manifest, id) = with_operation(session, &format!("operation_{name}"), "")
        .map_err(|diagnostics| (diagnostics, Ended::NotUnderstood))?;
    let manifest = Arc::new(manifest);
    let Some(node) = manifest.node(&id) else { return Ok(()) };
    let connection = connect(&session.invocation).map_err(not_understood)?;
    let cache = Arc::new(RelationCache::default());
    let job = Job {
        invocation: &session.invocation,
        manifest: &manifest,
        cache: &cache,
        node,
        compiled: None,
        connection,
        batch: None,
    };
    let keywords: Vec<(&str, Value)> =
        keywords.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    operation(&job, &package, &name, &keywords)
        .map_err(|diagnostic| (vec![diagnostic], Ended::WithFailures))?;
    Ok(())
}

/// The macro a user means by `name` or `package.name`: of the root project first.
fn find(session: &crate::session::Session, name: &str) -> Result<(String, String), Diagnostic> {
    let macros = &session.manifest.macros;
    let candidates: Vec<(String, String)> = match name.split_once('.') {
        Some((package, name)) => vec![(package.to_owned(), name.to_owned())],
        None => {
            let packages = session.invocation.packages.iter().rev();
            packages.map(|package| (package.name().to_owned(), name.to_owned())).collect()
        }
    };
    candidates
        .into_iter()
        .find(|(package, name)| macros.contains_key(&MacroId::new(package, name)))
        .ok_or_else(|| {
            let own = macros.values().filter(|found| found.package == session.invocation.root_package);
            let own: Vec<_> = own.map(|found| format!("`{}`", found.name)).collect();
            let note = match own.len() {
                0 => "the project has no macros of its own".to_owned(),
                1..=MOST_NAMED => format!("the project has {}", own.join(", ")),
                many => format!("the project has {many} macros, in `macro-paths`"),
            };
            Diagnostic::error(Code::MissingMacro, format!("there is no macro `{name}`"))
                .note(note)
                .help(suggest::similar("macro", name, macros.values().map(|found| found.name.as_str())))
        })
}

fn keywords(session: &crate::session::Session, arguments: &str) -> Result<Vec<(String, Value)>, Diagnostic> {
    let file = session.invocation.files.add("--args", arguments);
    let checked = yaml::parse(&file);
    if let Some(error) = checked.diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        return Err(error.clone());
    }
    let Some(value) = checked.value else { return Ok(Vec::new()) };
    let Some(mapping) = value.as_mapping() else {
        let message = format!("`--args` is {}, and has to be a mapping", value.describe());
        let help = "write the arguments by name: --args '{schema: dev}'";
        return Err(Diagnostic::error(Code::InvalidArguments, message).label(value.span, "").help(help));
    };
    let pairs = mapping.entries.iter();
    Ok(pairs.map(|(name, value)| (name.value.clone(), from_json(&value.to_json()))).collect())
}
