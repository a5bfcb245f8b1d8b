/// dbt's global flags after the command line, `DBT_*` variables and the project's
/// `flags:` (in that order of precedence).
/// See <https://docs.getdbt.com/reference/global-configs/about-global-configs>.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Flags {
    /// The command: `build`.
    pub which: String,
    pub full_refresh: Option<bool>,
    pub store_failures: Option<bool>,
    pub fail_fast: bool,
    pub warn_error: bool,
    pub quiet: bool,
    pub debug: bool,
    pub print: bool,
    pub introspect: bool,
    pub version_check: bool,
    pub write_json: bool,
    pub use_colors: Option<bool>,
    pub printer_width: usize,
    pub indirect_selection: String,
    pub log_format: String,
    pub log_format_file: String,
    pub log_level: String,
    pub log_level_file: String,
    /// The project's own `flags:` that are behaviour changes (`require_…`), and others.
    pub behaviour: serde_json::Map<String, serde_json::Value>,
    /// The command line as dbt's `invocation_args_dict` shows it.
    pub invocation_args: serde_json::Map<String, serde_json::Value>,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            which: "parse".to_owned(),
            full_refresh: None,
            store_failures: None,
            fail_fast: false,
            warn_error: false,
            quiet: false,
            debug: false,
            print: true,
            introspect: true,
            version_check: true,
            write_json: true,
            use_colors: None,
            printer_width: 80,
            indirect_selection: "eager".to_owned(),
            log_format: "default".to_owned(),
            log_format_file: "debug".to_owned(),
            log_level: "info".to_owned(),
            log_level_file: "debug".to_owned(),
            behaviour: serde_json::Map::new(),
            invocation_args: serde_json::Map::new(),
        }
    }
}
