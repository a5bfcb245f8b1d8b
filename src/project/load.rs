use std::path::PathBuf;

use serde_json::Map;

use super::{Flags, Package, ProjectFiles, Target, Vars};
use crate::diagnostic::Checked;
use crate::system::System;
use crate::text::Files;

/// What the command line says about the project; what it leaves out is looked for in
/// `DBT_*` variables, the project's `flags:` and dbt's defaults, in that order.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    /// The command: `build`.
    pub command: String,
    pub project_dir: Option<PathBuf>,
    pub profiles_dir: Option<PathBuf>,
    pub profile: Option<String>,
    pub target: Option<String>,
    /// `--vars`, as YAML.
    pub vars: Option<String>,
    pub threads: Option<usize>,
    pub target_path: Option<PathBuf>,
    pub log_path: Option<PathBuf>,
    pub full_refresh: Option<bool>,
    pub store_failures: Option<bool>,
    pub fail_fast: Option<bool>,
    pub warn_error: Option<bool>,
    pub quiet: Option<bool>,
    pub debug: Option<bool>,
    pub print: Option<bool>,
    pub introspect: Option<bool>,
    pub version_check: Option<bool>,
    pub write_json: Option<bool>,
    pub use_colors: Option<bool>,
    pub printer_width: Option<usize>,
    pub indirect_selection: Option<String>,
    pub log_format: Option<String>,
    pub log_format_file: Option<String>,
    pub log_level: Option<String>,
    pub log_level_file: Option<String>,
    /// All of the command line's arguments as dbt's `invocation_args_dict` names them.
    pub invocation_args: Map<String, serde_json::Value>,
}

/// A project as it is on disk, with everything it names outside of itself.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub files: ProjectFiles,
    pub target: Target,
    pub vars: Vars,
    pub flags: Flags,
    /// Absolute.
    pub target_path: PathBuf,
    /// Absolute.
    pub log_path: PathBuf,
}

impl Loaded {
    /// The project itself.
    #[must_use]
    pub fn root_package(&self) -> Option<&Package> {
        self.files.packages.iter().find(|package| package.is_root)
    }
}

/// Finds and reads the project, its packages, its profile and every file. `None` when
/// there is too little to go on with.
pub fn load(system: &dyn System, files: &Files, options: &LoadOptions) -> Checked<Option<Loaded>> {
    let _ = (system, files, options);
    todo!()
}
