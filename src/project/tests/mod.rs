//! Whole projects in memory, and what is told about broken ones.

mod environment;
mod files;
mod packages;
mod profiles;
mod project_file;

use super::*;
use crate::diagnostic::Code;
use crate::system::MemorySystem;

/// A loaded project with what was told: code, message and place.
struct Outcome {
    loaded: Option<Loaded>,
    told: Vec<(Code, String, String)>,
    helps: Vec<String>,
}

fn load_with(system: &MemorySystem, options: &LoadOptions) -> Outcome {
    let files = Files::new();
    let checked = load(system, &files, options);
    let place =
        |diagnostic: &Diagnostic| diagnostic.span().map_or(String::new(), |span| files.location(span));
    // Deprecations have tests of their own.
    let others: Vec<_> = checked.diagnostics.iter().filter(|told| told.code() != Code::Deprecated).collect();
    let told = others
        .iter()
        .map(|diagnostic| (diagnostic.code(), diagnostic.message().to_owned(), place(diagnostic)));
    let helps = others.iter().map(|told| told.help_text().unwrap_or_default().to_owned());
    Outcome { told: told.collect(), helps: helps.collect(), loaded: checked.value }
}

fn load_system(system: &MemorySystem) -> Outcome {
    load_with(system, &LoadOptions::default())
}

impl Outcome {
    /// The project, about which nothing may have been told.
    fn clean(self) -> Loaded {
        assert!(self.told.is_empty(), "{:?}", self.told);
        self.loaded.expect("a project")
    }

    /// Codes and places of what was told.
    fn places(&self) -> Vec<(Code, &str)> {
        self.told.iter().map(|(code, _, place)| (*code, place.as_str())).collect()
    }

    /// The only thing told.
    fn only(&self) -> (Code, &str, &str) {
        let [(code, message, place)] = self.told.as_slice() else { panic!("{:?}", self.told) };
        (*code, message, place)
    }

    fn config(&self) -> &ProjectConfig {
        let loaded = self.loaded.as_ref().unwrap_or_else(|| panic!("nothing loaded: {:?}", self.told));
        &loaded.root_package().expect("a root").config
    }
}

/// Paths and kinds of the files of a package.
fn found(loaded: &Loaded, package: &str) -> Vec<String> {
    let own = loaded.files.files.iter().filter(|file| file.package == package);
    own.map(|file| format!("{:?} {}", file.kind, file.path)).collect()
}
