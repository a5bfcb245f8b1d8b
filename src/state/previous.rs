use std::fmt;
use std::io::ErrorKind;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic};
use crate::system::System;

/// The artifacts of an earlier invocation, each read once, when it is first asked for.
///
/// A file that is not there is `None`; one that cannot be read, is no JSON, or is of a schema
/// version that dbt 1.12 does not read either, is an error (`invalid-state`).
pub struct Previous {
    system: Arc<dyn System>,
    /// As it was named; a relative path begins at `root`.
    folder: PathBuf,
    root: PathBuf,
    target: PathBuf,
    manifest: OnceLock<Reading>,
    run_results: OnceLock<Reading>,
    sources: OnceLock<Reading>,
    current_sources: OnceLock<Reading>,
}

type Reading = Result<Option<Value>, Diagnostic>;

/// An artifact's file, its name in the address of its schema, and the versions that can be read.
type Artifact = (&'static str, &'static str, RangeInclusive<u32>);

const MANIFEST: Artifact = ("manifest.json", "manifest", 4..=12);
const RUN_RESULTS: Artifact = ("run_results.json", "run-results", 4..=6);
const SOURCES: Artifact = ("sources.json", "sources", 1..=3);

impl Previous {
    /// `folder` is where the artifacts are, below `root` where it is relative; `target` is the target folder of this invocation, of
    /// which `sources.json` is compared with that of the state. Nothing is read yet.
    #[must_use]
    pub fn new(system: Arc<dyn System>, folder: PathBuf, root: PathBuf, target: PathBuf) -> Self {
        Self {
            system,
            folder,
            root,
            target,
            manifest: OnceLock::new(),
            run_results: OnceLock::new(),
            sources: OnceLock::new(),
            current_sources: OnceLock::new(),
        }
    }

    /// The folder, as it was named.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it is that folder.
    #[must_use]
    pub fn is_in(&self, folder: &Path) -> bool {
        let real = |path: &Path| self.system.canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        real(&self.root.join(&self.folder)) == real(folder)
    }

    /// `manifest.json`.
    ///
    /// # Errors
    /// It is there and cannot be used: `invalid-state`.
    pub fn manifest(&self) -> Result<Option<&Value>, Diagnostic> {
        self.read(&self.manifest, &self.folder, MANIFEST)
    }

    /// `run_results.json`.
    ///
    /// # Errors
    /// It is there and cannot be used: `invalid-state`.
    pub fn run_results(&self) -> Result<Option<&Value>, Diagnostic> {
        self.read(&self.run_results, &self.folder, RUN_RESULTS)
    }

    /// `sources.json`.
    ///
    /// # Errors
    /// It is there and cannot be used: `invalid-state`.
    pub fn sources(&self) -> Result<Option<&Value>, Diagnostic> {
        self.read(&self.sources, &self.folder, SOURCES)
    }

    /// `sources.json` of this invocation's target folder: what `source freshness` last found.
    ///
    /// # Errors
    /// It is there and cannot be used: `invalid-state`.
    pub fn current_sources(&self) -> Result<Option<&Value>, Diagnostic> {
        self.read(&self.current_sources, &self.target, SOURCES)
    }

    fn read<'a>(
        &self,
        cell: &'a OnceLock<Reading>,
        folder: &Path,
        artifact: Artifact,
    ) -> Result<Option<&'a Value>, Diagnostic> {
        let reading = cell.get_or_init(|| read(&*self.system, &self.root, folder, artifact));
        reading.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }
}

impl fmt::Debug for Previous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Previous").field("folder", &self.folder).finish_non_exhaustive()
    }
}

fn read(system: &dyn System, root: &Path, folder: &Path, (file, name, versions): Artifact) -> Reading {
    let path = folder.join(file);
    let shown = path.display();
    let bytes = match system.read(&root.join(&path)) {
        Ok(bytes) => bytes,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => {
            let message = format!("`{shown}` cannot be read: {error}");
            return Err(invalid(message).help("check that you may read it"));
        }
    };
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| {
        invalid(format!("`{shown}` is no JSON: {error}"))
            .help("let the command that makes it run again, and take its target folder as it is")
    })?;
    let schema = value.pointer("/metadata/dbt_schema_version").and_then(Value::as_str).unwrap_or_default();
    let wanted = format!("https://schemas.getdbt.com/dbt/{name}/v{}.json", versions.end());
    let version = schema
        .rsplit_once('/')
        .filter(|(above, _)| above.rsplit('/').next() == Some(name))
        .and_then(|(_, file)| file.strip_prefix('v')?.strip_suffix(".json")?.parse::<u32>().ok());
    match version {
        Some(version) if versions.contains(&version) => Ok(Some(value)),
        _ => {
            let found = if schema.is_empty() { "none".to_owned() } else { format!("\"{schema}\"") };
            let message = format!("Expected a schema version of \"{wanted}\" in {shown}, but found {found}");
            Err(invalid(message)
                .help("it was made by another version of dbt: make the state again with this one"))
        }
    }
}

fn invalid(message: String) -> Diagnostic {
    Diagnostic::error(Code::InvalidState, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::MemorySystem;

    fn previous(file: &str, text: &str) -> Previous {
        let system = MemorySystem::new().file(format!("/프로젝트/지난번/{file}"), text);
        Previous::new(Arc::new(system), "지난번".into(), "/프로젝트".into(), "/target".into())
    }

    #[test]
    fn what_is_there_is_read_and_what_is_not_is_none() {
        let text =
            r#"{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v11.json"}}"#;
        let previous = previous("manifest.json", text);
        assert!(
            previous
                .manifest()
                .is_ok_and(|manifest| manifest.is_some_and(|found| found["metadata"].is_object()))
        );
        assert!(previous.run_results().is_ok_and(|results| results.is_none()));
        assert!(previous.current_sources().is_ok_and(|sources| sources.is_none()));
    }

    #[test]
    fn what_cannot_be_understood_is_told() {
        let told = |file: &str, text: &str, of: fn(&Previous) -> Result<Option<&Value>, Diagnostic>| {
            of(&previous(file, text)).expect_err(text).message().to_owned()
        };
        assert_eq!(
            told("manifest.json", "{", Previous::manifest),
            "`지난번/manifest.json` is no JSON: EOF while parsing an object at line 1 column 1"
        );
        assert_eq!(
            told("run_results.json", "{}", Previous::run_results),
            "Expected a schema version of \"https://schemas.getdbt.com/dbt/run-results/v6.json\" in \
             지난번/run_results.json, but found none"
        );
        let other =
            r#"{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}}"#;
        assert!(told("sources.json", other, Previous::sources).contains("but found \"https"));
    }
}
