use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::text::{FileId, Span, Spanned};
use crate::yaml::Yaml;

/// A `dispatch:` entry: for calls into `namespace`, search these packages in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    pub namespace: String,
    pub search_order: Vec<String>,
}

/// A project file (`project.yml`, else `dbt_project.yml`), typed, with dbt's defaults.
/// See <https://docs.getdbt.com/reference/dbt_project.yml>.
#[derive(Clone, Debug)]
pub struct ProjectConfig {
    pub name: Spanned<String>,
    pub version: Option<String>,
    pub profile: Option<String>,
    /// Rendered; relative to the project's folder, as all paths here.
    pub model_paths: Vec<String>,
    pub seed_paths: Vec<String>,
    pub macro_paths: Vec<String>,
    pub test_paths: Vec<String>,
    pub snapshot_paths: Vec<String>,
    pub analysis_paths: Vec<String>,
    /// All of the above when nothing is said.
    pub docs_paths: Vec<String>,
    pub asset_paths: Vec<String>,
    pub target_path: String,
    pub log_path: String,
    pub packages_install_path: String,
    pub clean_targets: Vec<String>,
    pub vars: Map<String, Value>,
    pub flags: Map<String, Value>,
    /// Keys `database`, `schema`, `identifier`.
    pub quoting: Map<String, Value>,
    pub dispatch: Vec<Dispatch>,
    /// Templates, rendered when they run.
    pub on_run_start: Vec<Spanned<String>>,
    pub on_run_end: Vec<Spanned<String>>,
    /// `None` when the key is not there; dbt's default comment then. `Some(Null)` is none.
    pub query_comment: Option<Value>,
    /// Configuration trees by resource, unrendered: keys `models`, `seeds`, `data_tests`
    /// (also for `tests`), `sources`, `snapshots`, `exposures`, `analyses`.
    pub configs: Map<String, Value>,
    /// The same trees with their places, for diagnostics.
    pub config_yaml: Vec<(String, Yaml)>,
    /// The file, when there is one.
    pub file: Option<FileId>,
}

/// The root project or an installed package, with its folder.
#[derive(Clone, Debug)]
pub struct Package {
    pub config: ProjectConfig,
    /// Absolute.
    pub root: PathBuf,
    pub is_root: bool,
    /// xform's own: `dbt` and the warehouse's.
    pub is_builtin: bool,
    /// Names of the packages that this one's packages.yml asks for.
    pub depends_on: Vec<(String, Span)>,
}

impl Package {
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name.value
    }
}
