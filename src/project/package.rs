use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::format::Style;
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
    /// User-defined functions.
    pub function_paths: Vec<String>,
    pub asset_paths: Vec<String>,
    pub target_path: String,
    pub log_path: String,
    pub packages_install_path: String,
    pub clean_targets: Vec<String>,
    pub vars: Map<String, Value>,
    pub flags: Map<String, Value>,
    /// Version ranges of dbt, all of which must hold.
    pub require_dbt_version: Vec<Spanned<String>>,
    /// Whether other packages may not refer to this one's protected and private models.
    pub restrict_access: bool,
    /// Keys `database`, `schema`, `identifier`.
    pub quoting: Map<String, Value>,
    pub dispatch: Vec<Dispatch>,
    /// Templates, rendered when they run.
    pub on_run_start: Vec<Spanned<String>>,
    pub on_run_end: Vec<Spanned<String>>,
    /// `None` when the key is not there; dbt's default comment then. `Some(Null)` is none.
    pub query_comment: Option<Value>,
    /// Configuration trees by resource, unrendered: keys `models`, `seeds`, `data_tests`
    /// (also for `tests`), `sources`, `snapshots`, `exposures`, `analyses`, `metrics`,
    /// `semantic_models`, `saved_queries`, `unit_tests`, `functions`.
    pub configs: Map<String, Value>,
    /// The same trees with their places, for diagnostics.
    pub config_yaml: Vec<(String, Yaml)>,
    /// What `xform format` makes of the project's SQL.
    pub format: Style,
    /// Which rules `xform check` holds the project to, as written: `rules`, or `xform_rules` under
    /// `vars`, which dbt reads, too.
    pub rules: Option<Yaml>,
    /// The file, when there is one.
    pub file: Option<FileId>,
}

impl ProjectConfig {
    /// A project about which nothing but its name is said: dbt's defaults.
    #[must_use]
    pub fn new(name: Spanned<String>) -> Self {
        let one = |path: &str| vec![path.to_owned()];
        let mut config = Self {
            name,
            version: None,
            profile: None,
            model_paths: one("models"),
            seed_paths: one("seeds"),
            macro_paths: one("macros"),
            test_paths: one("tests"),
            snapshot_paths: one("snapshots"),
            analysis_paths: one("analyses"),
            docs_paths: Vec::new(),
            function_paths: one("functions"),
            asset_paths: Vec::new(),
            target_path: "target".to_owned(),
            log_path: "logs".to_owned(),
            packages_install_path: "dbt_packages".to_owned(),
            clean_targets: one("target"),
            vars: Map::new(),
            flags: Map::new(),
            require_dbt_version: Vec::new(),
            restrict_access: false,
            quoting: Map::new(),
            dispatch: Vec::new(),
            on_run_start: Vec::new(),
            on_run_end: Vec::new(),
            query_comment: None,
            configs: Map::new(),
            config_yaml: Vec::new(),
            format: Style::default(),
            rules: None,
            file: None,
        };
        config.docs_paths = config.resource_paths();
        config
    }

    /// All folders with resources, each once, in dbt's order.
    #[must_use]
    pub fn resource_paths(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let paths = [
            &self.model_paths,
            &self.seed_paths,
            &self.snapshot_paths,
            &self.analysis_paths,
            &self.macro_paths,
            &self.test_paths,
        ];
        for path in paths.into_iter().flatten() {
            if !all.contains(path) {
                all.push(path.clone());
            }
        }
        all
    }
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
