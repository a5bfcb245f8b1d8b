use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Ended, Shell};
use crate::context::LogLevel;
use crate::diagnostic::{Code, Diagnostic};
use crate::execute::{Event, Reporter};
use crate::format::{Contents, Style, format as formatted};
use crate::project::{FileKind, LoadOptions, ProjectFiles, load_texts};
use crate::select::Criteria;
use crate::sql::Dialect;
use crate::system::System;
use crate::text::{Files, SourceFile};

/// What `format` is asked for.
#[derive(Clone, Debug, Default)]
pub struct FormatOptions {
    /// Files and folders, `-` for standard input; none for all.
    pub paths: Vec<String>,
    /// Write nothing, and fail where something would be written.
    pub check: bool,
    /// Write nothing, and show what would be.
    pub diff: bool,
    /// Also files of macros.
    pub macros: bool,
    /// Paths of the files of selected nodes, relative to the project.
    pub selected: Option<BTreeSet<String>>,
}

/// A file that may change.
struct Target {
    path: PathBuf,
    source: Arc<SourceFile>,
    contents: Contents,
}

/// `xform format`: lays out the SQL of the project's files. `restyle` changes the style of the
/// project file to the one that is asked for.
#[must_use]
pub fn format(
    system: &dyn System,
    files: &Files,
    reporter: &dyn Reporter,
    load: &LoadOptions,
    options: &FormatOptions,
    restyle: &dyn Fn(Style) -> Style,
) -> Ended {
    let is_stdin = options.paths.iter().any(|path| path == "-");
    let read = load_texts(system, files, load);
    let is_project = read.value.is_some();
    let tell = |told: Diagnostic| reporter.report(Event::Diagnostic(told));
    // A text that comes alone needs no project.
    if !is_stdin || is_project {
        let (errors, warnings): (Vec<_>, Vec<_>) =
            read.diagnostics.into_iter().partition(Diagnostic::is_error);
        warnings.into_iter().for_each(tell);
        let is_fatal = !errors.is_empty();
        errors.into_iter().for_each(tell);
        if is_fatal {
            return Ended::NotUnderstood;
        }
    }
    let (project, warehouse) = read.value.unwrap_or_default();
    let style = restyle(project.packages.first().map(|package| package.config.format).unwrap_or_default());
    let dialect = warehouse.as_deref().and_then(Dialect::find).unwrap_or(Dialect::DuckDb);
    if is_stdin {
        return standard_input(system, files, reporter, options, &style, dialect);
    }
    let targets = match targets(system, files, &project, options) {
        Ok(targets) => targets,
        Err(told) => {
            reporter.report(Event::Failed(vec![told]));
            return Ended::NotUnderstood;
        }
    };
    let results: Vec<_> = targets
        .par_iter()
        .map(|target| formatted(&target.source, &style, target.contents, dialect))
        .collect();
    let mut outcome = Outcome::default();
    for (target, result) in targets.iter().zip(results) {
        match result {
            Ok(text) if text == target.source.text() => outcome.same += 1,
            Ok(text) => {
                outcome.changed += 1;
                let shown = target.source.path();
                if options.diff {
                    reporter.report(Event::Output(diff(shown, target.source.text(), &text)));
                } else if options.check {
                    reporter.report(Event::Output(shown.to_owned()));
                } else if let Err(told) = write(system, target, &text) {
                    reporter.report(Event::Diagnostic(told));
                    outcome.is_broken = true;
                } else {
                    reporter.report(Event::Output(shown.to_owned()));
                }
            }
            Err(told) => {
                outcome.refused += 1;
                reporter.report(Event::Diagnostic(told));
            }
        }
    }
    let is_dry = options.check || options.diff;
    reporter.report(Event::Log { level: LogLevel::Info, text: outcome.sentence(is_dry) });
    if outcome.is_broken {
        Ended::NotUnderstood
    } else if options.check && outcome.changed > 0 {
        Ended::WithFailures
    } else {
        Ended::Well
    }
}

/// The same for the files of the selected nodes.
#[must_use]
pub fn format_selected(
    shell: &Shell<'_>,
    criteria: &Criteria,
    options: FormatOptions,
    format: impl FnOnce(&FormatOptions) -> Ended,
) -> Ended {
    let manifest = &shell.session.manifest;
    let selection = match shell.select(manifest, criteria) {
        Ok(selection) => selection,
        Err(ended) => return ended,
    };
    let root = &shell.session.invocation.root_package;
    let nodes = selection.iter().filter_map(|id| manifest.node(id)).filter(|node| node.package == *root);
    let selected = nodes.map(|node| node.original_file_path.clone()).collect();
    format(&FormatOptions { selected: Some(selected), ..options })
}

/// What became of the files.
#[derive(Default)]
struct Outcome {
    changed: usize,
    same: usize,
    refused: usize,
    is_broken: bool,
}

impl Outcome {
    fn sentence(&self, is_dry: bool) -> String {
        let files = |count: usize| if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        let done = if is_dry { "would be formatted" } else { "formatted" };
        let sentence = format!("{} {done}, {} as it should be", files(self.changed), files(self.same));
        if self.refused > 0 {
            return format!("{sentence}, {} left alone", files(self.refused));
        }
        sentence
    }
}

fn standard_input(
    system: &dyn System,
    files: &Files,
    reporter: &dyn Reporter,
    options: &FormatOptions,
    style: &Style,
    dialect: Dialect,
) -> Ended {
    let read = system.read_input().and_then(|bytes| {
        String::from_utf8(bytes).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))
    });
    let text = match read {
        Ok(text) => text,
        Err(error) => {
            let message = format!("standard input cannot be read: {error}");
            reporter.report(Event::Failed(vec![Diagnostic::error(Code::CannotReadFile, message)]));
            return Ended::NotUnderstood;
        }
    };
    let file = files.add("<stdin>", text.as_str());
    let contents = if options.macros { Contents::Macros } else { Contents::Query };
    let (text, is_changed) = match formatted(&file, style, contents, dialect) {
        Ok(now) => {
            let is_changed = now != text;
            (now, is_changed)
        }
        Err(told) => {
            reporter.report(Event::Diagnostic(told));
            (text, false)
        }
    };
    if options.diff {
        if is_changed {
            reporter.report(Event::Output(diff("<stdin>", file.text(), &text)));
        }
    } else if !options.check {
        // The reporter ends the line.
        reporter.report(Event::Output(text.strip_suffix('\n').unwrap_or(&text).to_owned()));
    }
    if options.check && is_changed { Ended::WithFailures } else { Ended::Well }
}

/// The files to format, in the order of their paths.
fn targets(
    system: &dyn System,
    files: &Files,
    project: &ProjectFiles,
    options: &FormatOptions,
) -> Result<Vec<Target>, Diagnostic> {
    let named: Vec<PathBuf> = options.paths.iter().map(|path| normalized(system, path)).collect();
    let mut targets = Vec::new();
    let mut met = vec![false; named.len()];
    for file in &project.files {
        let contents = match file.kind {
            _ if !file.path.ends_with(".sql") => continue,
            FileKind::Model
            | FileKind::Snapshot
            | FileKind::Analysis
            | FileKind::Test
            | FileKind::Function => Contents::Query,
            FileKind::Macro | FileKind::GenericTest if options.macros => Contents::Macros,
            _ => continue,
        };
        let path = system.canonicalize(&file.absolute_path).unwrap_or_else(|_| file.absolute_path.clone());
        let mut is_named = named.is_empty();
        for (at, folder) in named.iter().enumerate() {
            if path.starts_with(folder) {
                (is_named, met[at]) = (true, true);
            }
        }
        let is_selected = options.selected.as_ref().is_none_or(|selected| selected.contains(&file.path));
        if is_named && is_selected {
            targets.push(Target {
                path: file.absolute_path.clone(),
                source: Arc::clone(&file.source),
                contents,
            });
        }
    }
    for (at, path) in named.iter().enumerate().filter(|(at, _)| !met[*at]) {
        if !system.exists(path) {
            return Err(Diagnostic::error(
                Code::CannotReadFile,
                format!("there is no file or folder `{}`", options.paths[at]),
            )
            .help("name files and folders relative to where you are"));
        }
        if system.is_dir(path) || options.selected.is_some() {
            continue;
        }
        // A file that is none of the project's is formatted because it is named.
        let text = system.read_text(path).map_err(|error| {
            Diagnostic::error(
                Code::CannotReadFile,
                format!("`{}` cannot be read: {error}", options.paths[at]),
            )
        })?;
        let contents = if options.macros { Contents::Macros } else { Contents::Query };
        let source = files.add(&options.paths[at], text.strip_prefix('\u{feff}').unwrap_or(&text));
        targets.push(Target { path: path.clone(), source, contents });
    }
    Ok(targets)
}

fn normalized(system: &dyn System, path: &str) -> PathBuf {
    let path = system.current_dir().join(Path::new(path));
    system.canonicalize(&path).unwrap_or(path)
}

/// Writes a file that is still as it was read. Its byte-order mark stays.
fn write(system: &dyn System, target: &Target, text: &str) -> Result<(), Diagnostic> {
    let shown = target.source.path();
    let now = system.read(&target.path).unwrap_or_default();
    let (mark, old) = match now.strip_prefix("\u{feff}".as_bytes()) {
        Some(rest) => ("\u{feff}", rest),
        None => ("", &now[..]),
    };
    if old != target.source.text().as_bytes() {
        let message = format!("`{shown}` was changed while it was formatted, and is left as it is");
        return Err(Diagnostic::error(Code::CannotWriteFile, message).help("run the command again"));
    }
    system.write(&target.path, [mark, text].concat().as_bytes()).map_err(|error| {
        Diagnostic::error(Code::CannotWriteFile, format!("`{shown}` cannot be written: {error}"))
    })
}

/// What would change, as `diff -u` has it.
fn diff(path: &str, before: &str, after: &str) -> String {
    let text = similar::TextDiff::from_lines(before, after);
    let diff = text.unified_diff().context_radius(3).header(path, path).to_string();
    diff.strip_suffix('\n').unwrap_or(&diff).to_owned()
}
