use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Map;

use crate::adapter::Adapter;
use crate::context::MacroNamespace;
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::jinja::{Block, BlockKind, Call, Engine, carve, carve_expecting, scan};
use crate::manifest::{Macro, MacroArgument, MacroId};
use crate::project::{FileKind, ProjectFile, ProjectFiles};
use crate::text::{Files, Span};

/// Every macro of every package, before anything is known about who calls whom.
#[derive(Clone, Debug, Default)]
pub struct MacroTable {
    macros: BTreeMap<MacroId, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    one: Macro,
    body: Span,
}

impl MacroTable {
    /// Package and name of each macro: what [`MacroNamespace::new`] is made of.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.macros.values().map(|entry| (entry.one.package.as_str(), entry.one.name.as_str()))
    }

    /// The paths of the files that macros are in, by package and name.
    pub(super) fn paths(&self, files: &Files) -> BTreeMap<(String, String), String> {
        let path = |entry: &Entry| {
            let one = &entry.one;
            ((one.package.clone(), one.name.clone()), files.get(one.span.file).path().to_owned())
        };
        self.macros.values().map(path).collect()
    }

    /// The macros with their dependencies. Calls that the namespace does not know are no
    /// dependencies: they may be methods, or arguments that hold macros.
    pub(super) fn resolve(
        self,
        files: &Files,
        namespace: &MacroNamespace,
        adapter: &dyn Adapter,
    ) -> BTreeMap<MacroId, Macro> {
        let resolve = |(id, Entry { mut one, body }): (MacroId, Entry)| {
            for call in scan(&files.get(body.file), body) {
                for callee in callees(&call, &one.package, namespace, adapter.dialect().macro_prefixes()) {
                    if callee != one.id && !one.depends_on_macros.contains(&callee) {
                        one.depends_on_macros.push(callee);
                    }
                }
            }
            (id, one)
        };
        self.macros.into_par_iter().map(resolve).collect()
    }
}

/// The macros that a call in `package` can mean. A dispatch means its implementations for
/// this warehouse and the default.
fn callees(call: &Call, package: &str, namespace: &MacroNamespace, prefixes: &[&str]) -> Vec<MacroId> {
    let found = match call.function.split_once('.') {
        None => namespace.find(package, &call.function).map(|owner| (owner, call.function.as_str())),
        Some(("adapter", "dispatch")) => return dispatched(call, package, namespace, prefixes),
        Some((space, name)) => namespace.find_in(space, name).map(|owner| (owner, name)),
    };
    found.into_iter().map(|(owner, name)| MacroId::new(owner, name)).collect()
}

fn dispatched(call: &Call, package: &str, namespace: &MacroNamespace, prefixes: &[&str]) -> Vec<MacroId> {
    let text = |at: usize, key: &str| {
        let positional = call.arguments.get(at).and_then(Option::as_ref);
        positional.or_else(|| call.keywords.get(key)).and_then(|value| value.as_str())
    };
    let Some(name) = text(0, "macro_name") else { return Vec::new() };
    let spaces = match text(1, "macro_namespace") {
        Some(space) => namespace.search_order(space),
        None => namespace.search_order(package),
    };
    let names: Vec<String> = prefixes.iter().map(|prefix| format!("{prefix}__{name}")).collect();
    let mut found = Vec::new();
    for space in spaces {
        for name in &names {
            let owner = namespace.find_in(space, name);
            found.extend(owner.map(|owner| MacroId::new(owner, name)));
        }
    }
    found
}

/// Carves the macros, generic tests and materializations out of the files that hold them
/// and gives them to an engine. Blocks in models and snapshots are no macros of the
/// project.
///
/// Told are blocks and templates that are not well-formed, and `duplicate-macro`.
pub fn load_macros(files: &Files, project_files: &ProjectFiles) -> Checked<(Engine, MacroTable)> {
    let mut engine = Engine::new();
    let mut table = MacroTable::default();
    let mut diagnostics = Vec::new();
    let carved: Vec<(&ProjectFile, Checked<Vec<Block>>)> = project_files
        .files
        .par_iter()
        .filter(|file| matches!(file.kind, FileKind::Macro | FileKind::GenericTest))
        .filter(|file| has_extension(&file.path, "sql"))
        .map(|file| (file, carved(file, project_files)))
        .collect();
    for (file, Checked { value: blocks, diagnostics: told }) in carved {
        diagnostics.extend(told);
        let mut own = Vec::with_capacity(blocks.len());
        for block in blocks {
            if matches!(block.kind, BlockKind::Docs | BlockKind::Snapshot) {
                continue;
            }
            let entry = entry(file, &block);
            if let Some(first) = table.macros.get(&entry.one.id) {
                diagnostics.push(duplicate(files, &entry.one, &first.one));
                continue;
            }
            table.macros.insert(entry.one.id.clone(), entry);
            own.push(block);
        }
        diagnostics.extend(engine.add_macros(&file.source, &file.package, &own));
    }
    Checked::new((engine, table), diagnostics)
}

/// The blocks of a file, with the tags at top level that nothing reads, where they are the user's.
fn carved(file: &ProjectFile, project_files: &ProjectFiles) -> Checked<Vec<Block>> {
    let is_builtin = |package: &crate::project::Package| package.is_builtin && package.name() == file.package;
    if project_files.packages.iter().any(is_builtin) {
        return carve(&file.source);
    }
    carve_expecting(&file.source, &["macro", "materialization", "test"])
}

/// Whether a path ends in `.extension`, whatever the case.
pub(super) fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, found)| found.eq_ignore_ascii_case(extension))
}

fn entry(file: &ProjectFile, block: &Block) -> Entry {
    let name = block.macro_name();
    let arguments = block.parameters.iter().map(|parameter| MacroArgument {
        name: parameter.name.value.clone(),
        data_type: None,
        description: String::new(),
    });
    let supported_languages = match &block.kind {
        BlockKind::Materialization { supported_languages, .. } => supported_languages.clone(),
        _ => Vec::new(),
    };
    let one = Macro {
        id: MacroId::new(&file.package, &name),
        name,
        package: file.package.clone(),
        original_file_path: file.path.clone(),
        span: block.span,
        name_span: block.name.span,
        source: Arc::from(file.source.slice(block.span)),
        description: String::new(),
        meta: Map::new(),
        docs: Map::new(),
        arguments: arguments.collect(),
        supported_languages,
        depends_on_macros: Vec::new(),
        patch: None,
        patch_path: None,
    };
    Entry { one, body: block.span }
}

fn duplicate(files: &Files, second: &Macro, first: &Macro) -> Diagnostic {
    let message = format!("the package `{}` has two macros named `{}`", second.package, second.name);
    Diagnostic::new(Code::DuplicateMacro, message)
        .label(second.name_span, "defined again here")
        .also(first.name_span, "first defined here")
        .help(format!("rename or remove one of them; the first is at {}", files.location(first.name_span)))
}
