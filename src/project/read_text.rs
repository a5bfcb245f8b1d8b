use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::confidential::masked;
use crate::diagnostic::{Code, Diagnostic};
use crate::system::System;
use crate::text::{Files, SourceFile, Span};
use crate::yaml::{self, Yaml};

/// Takes bytes in as a text, without a byte-order mark. Bytes that are no UTF-8 are told
/// (`invalid-utf8` at the first of them) and replaced.
pub(super) fn take_in(
    bytes: Vec<u8>,
    shown: &str,
    files: &Files,
    diagnostics: &mut Vec<Diagnostic>,
) -> Arc<SourceFile> {
    take_in_as(bytes, shown, |text| files.add(shown, text), diagnostics)
}

fn take_in_as(
    bytes: Vec<u8>,
    shown: &str,
    add: impl Fn(&str) -> Arc<SourceFile>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Arc<SourceFile> {
    let add = |text: &str| add(without_mark(text));
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let bad = bytes.get(valid).copied().unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let file = add(&text);
            let at = valid.saturating_sub(text.len() - file.text().len());
            diagnostics.push(
                Diagnostic::new(Code::InvalidUtf8, format!("`{shown}` is not UTF-8"))
                    .label(
                        Span::new(file.id(), at, at + '\u{fffd}'.len_utf8()),
                        format!("the byte 0x{bad:02X} is no UTF-8 here"),
                    )
                    .help("save the file as UTF-8; Korean text of old Windows programs is often CP949"),
            );
            return file;
        }
    };
    add(&text)
}

/// The text without a byte-order mark.
pub(super) fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// A file that could not be read, told about.
pub(super) fn cannot_read(shown: &str, error: &std::io::Error) -> Diagnostic {
    Diagnostic::new(Code::CannotReadFile, format!("`{shown}` cannot be read: {error}"))
        .help("check that it exists and that you may read it")
}

/// Reads a YAML file: the file with its value, which is `None` for an empty one; `None`
/// when the file cannot be read or is no YAML, which is told.
pub(super) fn read_yaml(
    system: &dyn System,
    files: &Files,
    path: &Path,
    shown: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Arc<SourceFile>, Option<Yaml>)> {
    read_yaml_as(system, path, shown, |text| files.add(shown, text), diagnostics)
}

/// As [`read_yaml`], for a file that holds passwords: messages show it without them.
pub(super) fn read_confidential_yaml(
    system: &dyn System,
    files: &Files,
    path: &Path,
    shown: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Arc<SourceFile>, Option<Yaml>)> {
    read_yaml_as(system, path, shown, |text| files.add_masked(shown, text, masked(text)), diagnostics)
}

fn read_yaml_as(
    system: &dyn System,
    path: &Path,
    shown: &str,
    add: impl Fn(&str) -> Arc<SourceFile>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(Arc<SourceFile>, Option<Yaml>)> {
    let bytes = match system.read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            diagnostics.push(cannot_read(shown, &error));
            return None;
        }
    };
    let before = diagnostics.len();
    let file = take_in_as(bytes, shown, add, diagnostics);
    if diagnostics.len() > before {
        return None;
    }
    let value = yaml::parse(&file).drain_into(diagnostics);
    let is_broken = diagnostics[before..].iter().any(Diagnostic::is_error);
    (!is_broken).then_some((file, value))
}

/// How a path is shown: relative to the project where it is inside, `/` between folders.
pub(super) fn shown_path(root: &Path, path: &Path) -> String {
    slashed(path.strip_prefix(root).unwrap_or(path))
}

/// A path with `/` between folders.
pub(super) fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The path without `.` and symbolic links, absolute in any case.
pub(super) fn absolute(system: &dyn System, path: &Path) -> PathBuf {
    let path = system.current_dir().join(path);
    system.canonicalize(&path).unwrap_or(path)
}

/// The setting `DBT_<name>` of the environment, which newer versions of dbt also know as
/// `DBT_ENGINE_<name>`; an empty one counts as not set.
#[must_use]
pub fn setting(system: &dyn System, name: &str) -> Option<String> {
    let set = |name: String| system.env(&name).filter(|value| !value.is_empty());
    set(format!("DBT_ENGINE_{name}")).or_else(|| set(format!("DBT_{name}")))
}
