use std::path::Path;

use serde_json::Value;

use super::lock::scalar;
use crate::diagnostic::{Code, Diagnostic};
use crate::system::System;
use crate::text::Files;
use crate::yaml::{self, Yaml};

/// What `--source` says of a package that is added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddSource {
    Hub,
    Git,
    Local,
}

impl AddSource {
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Some(match word {
            "hub" => Self::Hub,
            "git" => Self::Git,
            "local" => Self::Local,
            _ => return None,
        })
    }

    fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Hub => ("package", "version"),
            Self::Git => ("git", "revision"),
            Self::Local => ("local", ""),
        }
    }
}

/// Writes a package into packages.yml, or dependencies.yml where the project lists its packages
/// there: a new entry below the others, or in the place of the one of that name. What else
/// the file says stays as it is. The name of the file, and whether an entry was replaced.
///
/// # Errors
/// The file cannot be read or written, or does not have a list of packages.
pub fn add_package(
    system: &dyn System,
    root: &Path,
    source: AddSource,
    name: &str,
    version: Option<&str>,
) -> Result<(&'static str, bool), Diagnostic> {
    let file = if !system.exists(&root.join("packages.yml")) && system.exists(&root.join("dependencies.yml"))
    {
        "dependencies.yml"
    } else {
        "packages.yml"
    };
    let path = root.join(file);
    let failed = |error: std::io::Error| {
        Diagnostic::new(Code::CannotWriteFile, format!("`{file}` cannot be changed: {error}"))
    };
    let text = if system.exists(&path) { system.read_text(&path).map_err(failed)? } else { String::new() };
    let (changed, is_replaced) = with_package(file, &text, source, name, version)?;
    system.write(&path, changed.as_bytes()).map_err(failed)?;
    Ok((file, is_replaced))
}

fn with_package(
    file: &str,
    text: &str,
    source: AddSource,
    name: &str,
    version: Option<&str>,
) -> Result<(String, bool), Diagnostic> {
    let source_file = Files::new().add(file, text);
    let checked = yaml::parse(&source_file);
    if let Some(error) = checked.diagnostics.into_iter().find(Diagnostic::is_error) {
        return Err(error);
    }
    let mapping = checked.value.as_ref().and_then(Yaml::as_mapping);
    let packages = mapping.and_then(|mapping| mapping.entry("packages"));
    let (key, _) = source.keys();
    let Some((at, list)) = packages else {
        let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        return Ok((format!("{text}{gap}packages:\n{}", entry("  ", source, name, version)), false));
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let line_of = |offset: usize| text[..offset.min(text.len())].matches('\n').count();
    let Some(items) = list.as_sequence().filter(|items| !items.is_empty()) else {
        // `packages: []`, or nothing after the key.
        let line = line_of(at.span.start as usize);
        let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        changed[line] = format!("packages:\n{}", entry("  ", source, name, version));
        return Ok((changed.concat(), false));
    };
    let is_flow = text[..items[0].span.start as usize].trim_end().ends_with(['[', '{']);
    if is_flow {
        return Err(Diagnostic::new(
            Code::InvalidProject,
            format!("`packages` of `{file}` is written in brackets"),
        )
        .help("write one entry a line, beginning with a dash, or add the package by hand"));
    }
    let first = line_of(items[0].span.start as usize);
    let indent: String = lines[first].chars().take_while(|letter| letter.is_whitespace()).collect();
    let new = entry(&indent, source, name, version);
    let is_it = |item: &&Yaml| {
        item.as_mapping().and_then(|item| item.get(key)?.as_text()).is_some_and(|found| found == name)
    };
    let range = |item: &Yaml| {
        let end = (item.span.end as usize).max(item.span.start as usize + 1);
        let end = text[..end.min(text.len())].trim_end().len();
        (line_of(item.span.start as usize), line_of(end.saturating_sub(1)))
    };
    let found = items.iter().find(is_it);
    let (from, to) = match found {
        Some(item) => {
            let (from, to) = range(item);
            (from, to + 1)
        }
        None => {
            let (_, last) = items.last().map_or((first, first), range);
            (last + 1, last + 1)
        }
    };
    let mut changed: String = lines.iter().take(from).copied().collect();
    if !changed.is_empty() && !changed.ends_with('\n') {
        changed.push('\n');
    }
    changed.push_str(&new);
    changed.extend(lines.iter().skip(to).copied());
    Ok((changed, found.is_some()))
}

/// The lines of an entry.
fn entry(indent: &str, source: AddSource, name: &str, version: Option<&str>) -> String {
    let (key, version_key) = source.keys();
    let text = |text: &str| scalar(&Value::from(text));
    let mut lines = format!("{indent}- {key}: {}\n", text(name));
    if let Some(version) = version.filter(|_| !version_key.is_empty()) {
        let ranges: Vec<&str> = version.split(',').map(str::trim).collect();
        let version = match ranges.as_slice() {
            [one] => text(one),
            many => format!(
                "[{}]",
                many.iter().map(|range| format!("\"{range}\"")).collect::<Vec<_>>().join(", ")
            ),
        };
        lines.extend([indent, "  ", version_key, ": ", &version, "\n"]);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(text: &str, name: &str, version: &str) -> (String, bool) {
        with_package("packages.yml", text, AddSource::Hub, name, Some(version)).unwrap()
    }

    #[test]
    fn an_entry_is_added_or_replaced_and_the_rest_stays() {
        let (text, replaced) = added("", "acme/도구", "1.0.0");
        assert_eq!(
            (text.as_str(), replaced),
            ("packages:\n  - package: acme/도구\n    version: 1.0.0\n", false)
        );
        let (text, _) = added(&text, "acme/kit", ">=1.0.0,<2.0.0");
        let both = "packages:\n  - package: acme/도구\n    version: 1.0.0\n  - package: acme/kit\n    version: [\">=1.0.0\", \"<2.0.0\"]\n";
        assert_eq!(text, both);
        let (text, replaced) = added(both, "acme/도구", "2.0.0");
        assert!(
            replaced
                && text.starts_with(
                    "packages:\n  - package: acme/도구\n    version: 2.0.0\n  - package: acme/kit"
                ),
            "{text}"
        );
        let (text, _) = added("# ours\npackages: []\nprojects: []\n", "acme/kit", "1.0.0");
        assert_eq!(text, "# ours\npackages:\n  - package: acme/kit\n    version: 1.0.0\nprojects: []\n");
        let (text, _) = added("packages:\n- local: ../a # here", "acme/kit", "1.0.0");
        assert_eq!(text, "packages:\n- local: ../a # here\n- package: acme/kit\n  version: 1.0.0\n");
    }

    #[test]
    fn other_sources_have_their_own_keys() {
        let git =
            with_package("packages.yml", "", AddSource::Git, "https://x.y/a.git", Some("v1")).unwrap().0;
        assert_eq!(git, "packages:\n  - git: https://x.y/a.git\n    revision: v1\n");
        let local = with_package("packages.yml", "", AddSource::Local, "../a", None).unwrap().0;
        assert_eq!(local, "packages:\n  - local: ../a\n");
        assert!(with_package("packages.yml", "packages: [{local: a}]", AddSource::Local, "b", None).is_err());
    }
}
