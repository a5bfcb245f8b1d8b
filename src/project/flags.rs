use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::read_text::setting;
use super::{LoadOptions, TimeWindow, WarnErrorOptions, moment, moment_text};
use crate::diagnostic::{Checked, Code, Diagnostic, WarningName, suggest};
use crate::system::System;
use crate::text::Spanned;
use crate::yaml::{Mapping, Yaml, YamlKind};

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
    /// Inputs are limited to no rows.
    pub empty: bool,
    /// Inputs with an event time are limited to this window.
    pub sample: Option<TimeWindow>,
    /// What is built of microbatch models.
    pub event_time: Option<TimeWindow>,
    pub cache_selected_only: bool,
    pub populate_cache: bool,
    pub fail_fast: bool,
    pub warn_error: bool,
    /// Which warnings are errors; all of them with `warn_error`.
    pub warn_error_options: WarnErrorOptions,
    /// Whether every deprecation is told, not only the first of a kind.
    pub show_all_deprecations: bool,
    /// Whether the log file has colours.
    pub use_colors_file: Option<bool>,
    /// A log file longer than this, in bytes, is put aside; 0 for never.
    pub log_file_max_bytes: u64,
    /// A seed larger than this, in bytes, is known by its path.
    pub maximum_seed_size: u64,
    pub quiet: bool,
    pub debug: bool,
    pub print: bool,
    pub introspect: bool,
    pub version_check: bool,
    /// Whether what is wrong with the SQL is found before anything is built.
    pub check: bool,
    /// Whether several data tests of one relation are answered by one query.
    pub batch_tests: bool,
    pub write_json: bool,
    /// Whether what an earlier command found out is taken where it still holds.
    pub partial_parse: bool,
    pub use_colors: Option<bool>,
    pub printer_width: usize,
    pub indirect_selection: String,
    /// The folder with the artifacts to compare with and to defer to; a relative path begins at
    /// the project.
    pub state: Option<PathBuf>,
    /// The folder with the artifacts to defer to, where it is another one.
    pub defer_state: Option<PathBuf>,
    pub defer: bool,
    pub favor_state: bool,
    pub log_format: String,
    pub log_format_file: String,
    pub log_level: String,
    pub log_level_file: String,
    /// The project's own `flags:` that are behaviour changes (`require_…`), and others.
    pub behaviour: Map<String, Value>,
    /// The command line as dbt's `invocation_args_dict` shows it.
    pub invocation_args: Map<String, Value>,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            which: "parse".to_owned(),
            full_refresh: None,
            store_failures: None,
            empty: false,
            sample: None,
            event_time: None,
            cache_selected_only: false,
            populate_cache: true,
            fail_fast: false,
            warn_error: false,
            warn_error_options: WarnErrorOptions::default(),
            show_all_deprecations: false,
            use_colors_file: None,
            log_file_max_bytes: 10 * 1024 * 1024,
            maximum_seed_size: MIB,
            quiet: false,
            debug: false,
            print: true,
            introspect: true,
            version_check: true,
            check: true,
            batch_tests: true,
            write_json: true,
            partial_parse: true,
            use_colors: None,
            printer_width: 80,
            indirect_selection: "eager".to_owned(),
            state: None,
            defer_state: None,
            defer: false,
            favor_state: false,
            log_format: "default".to_owned(),
            log_format_file: "debug".to_owned(),
            log_level: "info".to_owned(),
            log_level_file: "debug".to_owned(),
            behaviour: Map::new(),
            invocation_args: Map::new(),
        }
    }
}

/// Bytes of a mebibyte.
const MIB: u64 = 1024 * 1024;
const INDIRECT_SELECTIONS: &[&str] = &["eager", "cautious", "buildable", "empty"];
const LOG_FORMATS: &[&str] = &["default", "text", "debug", "json"];
const LOG_LEVELS: &[&str] = &["debug", "info", "warn", "error", "none"];

/// What a flag can be.
enum Wanted {
    Switch,
    Number,
    OneOf(&'static [&'static str]),
    Any,
}

/// Flags that a project file may set under `flags:`, behaviour changes left out.
/// See <https://docs.getdbt.com/reference/global-configs/about-global-configs>.
const PROJECT_FLAGS: &[(&str, Wanted)] = &[
    ("batch_tests", Wanted::Switch),
    ("cache_selected_only", Wanted::Switch),
    ("check", Wanted::Switch),
    ("debug", Wanted::Switch),
    ("fail_fast", Wanted::Switch),
    ("full_refresh", Wanted::Switch),
    ("indirect_selection", Wanted::OneOf(INDIRECT_SELECTIONS)),
    ("introspect", Wanted::Switch),
    ("log_format", Wanted::OneOf(LOG_FORMATS)),
    ("log_format_file", Wanted::OneOf(LOG_FORMATS)),
    ("log_level", Wanted::OneOf(LOG_LEVELS)),
    ("log_level_file", Wanted::OneOf(LOG_LEVELS)),
    ("log_file_max_bytes", Wanted::Number),
    ("log_path", Wanted::Any),
    ("maximum_seed_size_mib", Wanted::Number),
    ("show_all_deprecations", Wanted::Switch),
    ("target_path", Wanted::Any),
    ("partial_parse", Wanted::Switch),
    ("populate_cache", Wanted::Switch),
    ("print", Wanted::Switch),
    ("printer_width", Wanted::Number),
    ("quiet", Wanted::Switch),
    ("send_anonymous_usage_stats", Wanted::Switch),
    ("static_parser", Wanted::Switch),
    ("store_failures", Wanted::Switch),
    ("use_colors", Wanted::Switch),
    ("use_colors_file", Wanted::Switch),
    ("use_experimental_parser", Wanted::Switch),
    ("version_check", Wanted::Switch),
    ("warn_error", Wanted::Switch),
    ("warn_error_options", Wanted::Any),
    ("write_json", Wanted::Switch),
];

/// Switches that dbt writes among the arguments whether they are given or not, with what they
/// are by themselves; of those that change behaviour, what the project file says.
/// See <https://docs.getdbt.com/reference/global-configs/behavior-changes>.
const ALWAYS_NOTED: &[(&str, bool)] = &[
    ("cache_selected_only", false),
    ("empty", false),
    ("hints_enabled", true),
    ("latest_version_pointer_enabled_by_default", false),
    ("macro_debugging", false),
    ("partial_parse", true),
    ("partial_parse_file_diff", true),
    ("populate_cache", true),
    ("require_all_warnings_handled_by_warn_error", true),
    ("require_batched_execution_for_custom_microbatch_strategy", true),
    ("require_corrected_analysis_fqns", false),
    ("require_explicit_package_overrides_for_builtin_materializations", true),
    ("require_generic_test_arguments_property", true),
    ("require_nested_cumulative_type_params", true),
    ("require_ref_searches_node_package_before_root", false),
    ("require_resource_names_without_spaces", true),
    ("require_source_and_semantic_model_names_without_spaces", false),
    ("require_sql_header_in_test_configs", false),
    ("require_unique_project_resource_names", false),
    ("require_valid_schema_from_generate_schema_name", false),
    ("require_yaml_configuration_for_mf_time_spines", true),
    ("send_anonymous_usage_stats", false),
    ("show_resource_report", false),
    ("skip_nodes_if_on_run_start_fails", true),
    ("source_freshness_run_project_hooks", true),
    ("state_modified_compare_more_unrendered_values", true),
    ("state_modified_compare_vars", false),
    ("static_parser", true),
    ("strict_mode", false),
    ("support_custom_ref_kwargs", false),
    ("upload_to_artifacts_ingest_api", false),
    ("use_fast_test_edges", false),
    ("validate_macro_args", true),
];

/// The flags of a project file, without those of the wrong kind, which are told. Flags
/// that are not known are kept: adapters and packages have flags of their own.
pub(super) fn check_project_flags(flags: &Mapping, diagnostics: &mut Vec<Diagnostic>) -> Map<String, Value> {
    let mut checked = Map::new();
    for (name, value) in &flags.entries {
        let known = PROJECT_FLAGS.iter().find(|(known, _)| known == &name.value);
        let complaint = match known {
            Some((_, wanted)) => wrong_kind(name, value, wanted),
            None => misspelt(name),
        };
        let is_wrong = complaint.as_ref().is_some_and(Diagnostic::is_error);
        diagnostics.extend(complaint);
        if !is_wrong {
            checked.insert(name.value.clone(), value.to_json());
        }
        if name.value == "warn_error_options" && value.kind != YamlKind::Null {
            let wrong = match value.to_json() {
                Value::Object(options) => WarnErrorOptions::read(&options).err(),
                _ => Some(Diagnostic::new(
                    Code::InvalidFlag,
                    "the flag `warn_error_options` must be a mapping with `error`, `warn` or `silence`",
                )),
            };
            diagnostics.extend(wrong.map(|told| told.label(value.place(), "")));
        }
    }
    checked
}

fn wrong_kind(name: &Spanned<String>, value: &Yaml, wanted: &Wanted) -> Option<Diagnostic> {
    let wanted = match (wanted, &value.kind) {
        (Wanted::Any, _)
        | (_, YamlKind::Null)
        | (Wanted::Switch, YamlKind::Bool(_))
        | (Wanted::Number, YamlKind::Int(_)) => return None,
        (Wanted::OneOf(words), YamlKind::Text(text)) if words.contains(&text.as_str()) => return None,
        (Wanted::OneOf(words), _) => one_of(words),
        (Wanted::Switch, _) => "true or false".to_owned(),
        (Wanted::Number, _) => "a whole number".to_owned(),
    };
    Some(
        Diagnostic::new(Code::InvalidFlag, format!("the flag `{}` must be {wanted}", name.value))
            .label(value.place(), format!("this is {}", value.describe())),
    )
}

fn misspelt(name: &Spanned<String>) -> Option<Diagnostic> {
    let help = suggest::similar("flag", &name.value, PROJECT_FLAGS.iter().map(|(known, _)| *known))?;
    Some(
        Diagnostic::new(Code::UnknownKey, format!("there is no flag `{}`", name.value))
            .label(name.span, "nothing reads this")
            .help(help),
    )
}

/// A warning for each variable whose name dbt keeps for its own.
pub(super) fn reserved_variables(system: &dyn System) -> Vec<Diagnostic> {
    /// Settings that are no flags of a project file.
    const OTHERS: &[&str] = &[
        "defer",
        "defer_state",
        "empty",
        "exclude",
        "favor_state",
        "inline",
        "log_cache_events",
        "output",
        "output_keys",
        "profile",
        "profiles_dir",
        "project_dir",
        "record_timing_info",
        "resource_types",
        "exclude_resource_types",
        "sample",
        "select",
        "show",
        "state",
        "target",
        "threads",
        "vars",
        "invocation_env",
        "test_state_modified",
        "hints_enabled",
        "sqlparse",
    ];
    let is_known = |name: &str| {
        OTHERS.contains(&name) || PROJECT_FLAGS.iter().any(|(known, _)| *known == name) || misspelt_free(name)
    };
    let variables = system.variables();
    let reserved = variables.with_prefix("DBT_ENGINE_").filter(|(rest, _)| !is_known(&rest.to_lowercase()));
    reserved
        .map(|(rest, _)| {
            let name = format!("DBT_ENGINE_{rest}");
            Diagnostic::deprecation(
                WarningName::EnvironmentVariableNamespaceDeprecation,
                format!("the environment variable `{name}` begins as dbt's own do"),
            )
            .fact("env_var", name.as_str())
            .fact("reserved_prefix", "DBT_ENGINE")
            .help("give it a name that does not begin with `DBT_ENGINE`")
        })
        .collect()
}

/// Whether a name is one that flags of commands have, which project files may not set.
fn misspelt_free(name: &str) -> bool {
    matches!(name, "clean_project_files_only" | "upload_to_artifacts_ingest_api" | "package_hub_url")
}

fn one_of(words: &[&str]) -> String {
    format!("one of `{}`", words.join("`, `"))
}

impl Flags {
    /// The flags of a run: what the command line says, else `DBT_<FLAG>`, else the
    /// project's `flags:`, else dbt's default. A bad value in the environment is told
    /// (`invalid-flag`) and passed over.
    pub fn resolve(
        system: &dyn System,
        options: &LoadOptions,
        project_flags: &Map<String, Value>,
    ) -> Checked<Self> {
        let mut from = Sources { system, project_flags, diagnostics: Vec::new() };
        let default = Self::default();
        let mut flags = Self {
            which: options.command.clone(),
            full_refresh: from.switch("full_refresh", options.full_refresh),
            store_failures: from.switch("store_failures", options.store_failures),
            empty: from.switch("empty", options.empty).unwrap_or(default.empty),
            sample: from.sample(options.sample.as_deref()),
            event_time: from.event_time(options),
            cache_selected_only: from
                .switch("cache_selected_only", options.cache_selected_only)
                .unwrap_or(default.cache_selected_only),
            populate_cache: from
                .switch("populate_cache", options.populate_cache)
                .unwrap_or(default.populate_cache),
            fail_fast: from.switch("fail_fast", options.fail_fast).unwrap_or(default.fail_fast),
            warn_error: false,
            warn_error_options: from.warn_error(options),
            show_all_deprecations: from
                .switch("show_all_deprecations", options.show_all_deprecations)
                .unwrap_or_default(),
            use_colors_file: from.switch("use_colors_file", options.use_colors_file),
            log_file_max_bytes: from
                .number("log_file_max_bytes", options.log_file_max_bytes)
                .and_then(|bytes| u64::try_from(bytes).ok())
                .unwrap_or(default.log_file_max_bytes),
            maximum_seed_size: match from.number("maximum_seed_size_mib", options.maximum_seed_size_mib) {
                None => default.maximum_seed_size,
                Some(0) => u64::MAX,
                Some(size) => u64::try_from(size).map_or(u64::MAX, |size| size.saturating_mul(MIB)),
            },
            quiet: from.switch("quiet", options.quiet).unwrap_or(default.quiet),
            debug: from.switch("debug", options.debug).unwrap_or(default.debug),
            print: from.switch("print", options.print).unwrap_or(default.print),
            introspect: from.switch("introspect", options.introspect).unwrap_or(default.introspect),
            version_check: from
                .switch("version_check", options.version_check)
                .unwrap_or(default.version_check),
            check: from.switch("check", options.check).unwrap_or(default.check),
            batch_tests: from.switch("batch_tests", options.batch_tests).unwrap_or(default.batch_tests),
            write_json: from.switch("write_json", options.write_json).unwrap_or(default.write_json),
            partial_parse: from
                .switch("partial_parse", options.partial_parse)
                .unwrap_or(default.partial_parse),
            use_colors: from.switch("use_colors", options.use_colors),
            printer_width: from
                .number("printer_width", options.printer_width)
                .unwrap_or(default.printer_width),
            indirect_selection: from
                .word("indirect_selection", options.indirect_selection.as_deref(), INDIRECT_SELECTIONS)
                .unwrap_or(default.indirect_selection),
            state: from.folder(&["STATE", "ARTIFACT_STATE_PATH"], options.state.as_deref()),
            defer_state: from.folder(&["DEFER_STATE"], options.defer_state.as_deref()),
            defer: from.switch_or("defer", "DEFER_TO_STATE", options.defer).unwrap_or(default.defer),
            favor_state: from
                .switch_or("favor_state", "FAVOR_STATE_MODE", options.favor_state)
                .unwrap_or(default.favor_state),
            log_format: from
                .word("log_format", options.log_format.as_deref(), LOG_FORMATS)
                .unwrap_or(default.log_format),
            log_format_file: from
                .word("log_format_file", options.log_format_file.as_deref(), LOG_FORMATS)
                .unwrap_or(default.log_format_file),
            log_level: from
                .word("log_level", options.log_level.as_deref(), LOG_LEVELS)
                .unwrap_or(default.log_level),
            log_level_file: from
                .word("log_level_file", options.log_level_file.as_deref(), LOG_LEVELS)
                .unwrap_or(default.log_level_file),
            behaviour: project_flags.clone(),
            invocation_args: options.invocation_args.clone(),
        };
        flags.warn_error = flags.warn_error_options == WarnErrorOptions::all();
        flags.complete_invocation_args();
        Checked::new(flags, from.diagnostics)
    }

    /// Adds what was resolved to the arguments of the command line.
    fn complete_invocation_args(&mut self) {
        let resolved = [
            ("which", Value::from(self.which.as_str())),
            ("empty", self.empty.into()),
            ("cache_selected_only", self.cache_selected_only.into()),
            ("populate_cache", self.populate_cache.into()),
            ("fail_fast", self.fail_fast.into()),
            ("warn_error", self.warn_error.into()),
            ("warn_error_options", self.warn_error_options.to_json()),
            ("quiet", self.quiet.into()),
            ("debug", self.debug.into()),
            ("print", self.print.into()),
            ("introspect", self.introspect.into()),
            ("version_check", self.version_check.into()),
            ("write_json", self.write_json.into()),
            ("printer_width", self.printer_width.into()),
            ("indirect_selection", self.indirect_selection.as_str().into()),
            ("defer", self.defer.into()),
            ("favor_state", self.favor_state.into()),
            ("log_format", self.log_format.as_str().into()),
            ("log_format_file", self.log_format_file.as_str().into()),
            ("log_level", self.log_level.as_str().into()),
            ("log_level_file", self.log_level_file.as_str().into()),
        ];
        for (name, value) in resolved {
            self.invocation_args.entry(name).or_insert(value);
        }
        for (name, value) in ALWAYS_NOTED {
            let said = self.behaviour.get(*name).cloned();
            self.invocation_args.entry(*name).or_insert(said.unwrap_or(Value::Bool(*value)));
        }
        for (name, value) in [("vars", Value::Object(Map::new())), ("select", Value::Array(Vec::new()))] {
            self.invocation_args.entry(name).or_insert(value);
        }
        self.invocation_args.entry("exclude").or_insert(Value::Array(Vec::new()));
        for (name, folder) in [("state", &self.state), ("defer_state", &self.defer_state)] {
            if let Some(folder) = folder {
                self.invocation_args.entry(name).or_insert(folder.to_string_lossy().into());
            }
        }
        if let Some(window) = self.event_time {
            for (name, moment) in [("event_time_start", window.start), ("event_time_end", window.end)] {
                let text = moment.format("%Y-%m-%dT%H:%M:%S").to_string();
                self.invocation_args.entry(name).or_insert(text.into());
            }
        }
        if let Some(window) = self.sample {
            let sample =
                serde_json::json!({"start": moment_text(window.start), "end": moment_text(window.end)});
            self.invocation_args.entry("sample").or_insert(sample);
        }
        for (name, value) in [
            ("full_refresh", self.full_refresh),
            ("store_failures", self.store_failures),
            ("use_colors", self.use_colors),
        ] {
            if let Some(value) = value {
                self.invocation_args.entry(name).or_insert(value.into());
            }
        }
    }
}

/// Where flags come from, and what is wrong there.
struct Sources<'a> {
    system: &'a dyn System,
    project_flags: &'a Map<String, Value>,
    diagnostics: Vec<Diagnostic>,
}

impl Sources<'_> {
    fn switch(&mut self, name: &str, given: Option<bool>) -> Option<bool> {
        given
            .or_else(|| self.variable(name, "true or false", switch))
            .or_else(|| self.project_flags.get(name)?.as_bool())
    }

    /// As [`switch`](Self::switch), with the name that the variable had before dbt 1.5.
    fn switch_or(&mut self, name: &str, old_name: &str, given: Option<bool>) -> Option<bool> {
        self.switch(name, given).or_else(|| self.variable(old_name, "true or false", switch))
    }

    /// A folder as the command line says, else the first of the variables that is set. It need
    /// not be there.
    fn folder(&mut self, variables: &[&str], given: Option<&Path>) -> Option<PathBuf> {
        let set = || variables.iter().find_map(|name| setting(self.system, name)).map(PathBuf::from);
        let folder = given.map(Path::to_path_buf).or_else(set)?;
        let path = self.system.current_dir().join(&folder);
        if self.system.exists(&path) && !self.system.is_dir(&path) {
            let option = variables.first().unwrap_or(&"").to_lowercase().replace('_', "-");
            self.wrong(&format!("--{option}"), &folder.to_string_lossy(), "a folder");
        }
        Some(folder)
    }

    /// `warn_error` and `warn_error_options`, of which only one may be given.
    fn warn_error(&mut self, options: &LoadOptions) -> WarnErrorOptions {
        let is_all = self.switch("warn_error", options.warn_error);
        let text = options.warn_error_options.clone().or_else(|| setting(self.system, "WARN_ERROR_OPTIONS"));
        let given = match text {
            Some(text) => match crate::yaml::parse_value(&text) {
                Ok(Value::Object(given)) => Some(given),
                Ok(Value::Null) => None,
                _ => {
                    self.wrong("--warn-error-options", &text, "a mapping such as `{error: all}`");
                    None
                }
            },
            None => self.project_flags.get("warn_error_options").and_then(Value::as_object).cloned(),
        };
        match (is_all, given) {
            (Some(_), Some(_)) => {
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::InvalidFlag,
                        "`warn_error` and `warn_error_options` cannot be used together",
                    )
                    .help("`warn_error_options: {error: all}` is the same as `warn_error: true`"),
                );
                WarnErrorOptions::default()
            }
            (Some(true), None) => WarnErrorOptions::all(),
            (_, None) => WarnErrorOptions::default(),
            (None, Some(given)) => WarnErrorOptions::read(&given).unwrap_or_else(|told| {
                self.diagnostics.push(told);
                WarnErrorOptions::default()
            }),
        }
    }

    /// `--sample`, which ends now where it is a length of time.
    fn sample(&mut self, given: Option<&str>) -> Option<TimeWindow> {
        let variable = || setting(self.system, "SAMPLE");
        let text = given.map(str::to_owned).or_else(variable)?;
        self.system.depends_on_moment();
        TimeWindow::sample(&text, self.system.now())
            .map_err(|found| {
                self.diagnostics.push(
                    Diagnostic::new(Code::InvalidFlag, format!("`--sample` cannot be understood: {found}"))
                        .help("write `--sample '3 days'`, or `--sample \"{start: '2024-01-01', end: '2024-02-01'}\"`"),
                );
            })
            .ok()
    }

    /// `--event-time-start` and `--event-time-end`: both, in order, or none.
    fn event_time(&mut self, options: &LoadOptions) -> Option<TimeWindow> {
        let mut read = |name: &str, given: Option<&String>| {
            let flag = format!("--{}", name.replace('_', "-"));
            let text = given.cloned().or_else(|| setting(self.system, &name.to_uppercase()))?;
            let read = moment(&text);
            if read.is_none() {
                self.wrong(&flag, &text, "a date such as `2024-01-31`, or with a time `2024-01-31T08:00:00`");
            }
            Some(read)
        };
        let start = read("event_time_start", options.event_time_start.as_ref());
        let end = read("event_time_end", options.event_time_end.as_ref());
        let problem = match (start, end) {
            (None, None) | (Some(None), Some(_)) | (Some(_), Some(None)) => return None,
            (Some(Some(start)), Some(Some(end))) if start < end => return Some(TimeWindow { start, end }),
            (Some(_), Some(_)) => "`--event-time-start` must be before `--event-time-end`",
            (Some(_), None) => "`--event-time-start` was given without `--event-time-end`",
            (None, Some(_)) => "`--event-time-end` was given without `--event-time-start`",
        };
        let help = "give both, the earlier as the start: batches from the start up to the end are built";
        self.diagnostics.push(Diagnostic::new(Code::InvalidFlag, problem).help(help));
        None
    }

    fn number(&mut self, name: &str, given: Option<usize>) -> Option<usize> {
        let in_project = |flags: &Map<String, Value>| usize::try_from(flags.get(name)?.as_u64()?).ok();
        given
            .or_else(|| self.variable(name, "a whole number", |text| text.parse().ok()))
            .or_else(|| in_project(self.project_flags))
    }

    fn word(&mut self, name: &str, given: Option<&str>, allowed: &[&str]) -> Option<String> {
        let is_allowed = |text: &str| allowed.contains(&text).then(|| text.to_owned());
        if let Some(given) = given {
            if let Some(word) = is_allowed(given) {
                return Some(word);
            }
            self.wrong(&format!("--{}", name.replace('_', "-")), given, &one_of(allowed));
        }
        self.variable(name, &one_of(allowed), |text| is_allowed(&text.to_lowercase()))
            .or_else(|| Some(self.project_flags.get(name)?.as_str()?.to_owned()))
    }

    /// The value of `DBT_<NAME>`, told about when it cannot be read.
    fn variable<T>(&mut self, name: &str, wanted: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let name = name.to_uppercase();
        let text = setting(self.system, &name)?;
        let value = read(text.trim());
        if value.is_none() {
            self.wrong(&format!("DBT_{name}"), &text, wanted);
        }
        value
    }

    fn wrong(&mut self, name: &str, text: &str, wanted: &str) {
        let message = format!("`{name}` must be {wanted}, not `{text}`");
        self.diagnostics.push(
            Diagnostic::new(Code::InvalidFlag, message)
                .help("give one of these, or leave it out for the default"),
        );
    }
}

/// A switch as dbt's command line reads it from the environment.
pub(super) fn switch(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "1" | "true" | "t" | "yes" | "y" | "on" => Some(true),
        "0" | "false" | "f" | "no" | "n" | "off" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::system::MemorySystem;
    use crate::text::Files;

    fn resolve(system: &MemorySystem, options: &LoadOptions, project: &Value) -> Checked<Flags> {
        Flags::resolve(system, options, &project.as_object().cloned().unwrap_or_default())
    }

    #[test]
    fn the_command_line_wins_over_the_environment_and_that_over_the_project() {
        let system = MemorySystem::new()
            .env_var("DBT_QUIET", "1")
            .env_var("DBT_FAIL_FAST", "False")
            .env_var("DBT_ENGINE_PRINTER_WIDTH", "120")
            .env_var("DBT_LOG_FORMAT", "JSON");
        let options =
            LoadOptions { command: "build".to_owned(), quiet: Some(false), ..LoadOptions::default() };
        let project = json!({ "fail_fast": true, "warn_error": true, "store_failures": false, "my_flag": 1 });
        let checked = resolve(&system, &options, &project);
        assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
        let flags = checked.value;
        assert_eq!((flags.quiet, flags.fail_fast, flags.warn_error, flags.print), (false, false, true, true));
        assert_eq!((flags.store_failures, flags.full_refresh), (Some(false), None));
        assert_eq!((flags.printer_width, flags.log_format.as_str()), (120, "json"));
        assert_eq!(flags.behaviour.get("my_flag"), Some(&json!(1)));
        assert_eq!(flags.invocation_args.get("which"), Some(&json!("build")));
    }

    #[test]
    fn bad_values_of_the_environment_are_told_and_passed_over() {
        let system = MemorySystem::new()
            .env_var("DBT_QUIET", "아마도")
            .env_var("DBT_PRINTER_WIDTH", "wide")
            .env_var("DBT_LOG_LEVEL", "loud")
            .env_var("DBT_DEBUG", "");
        let checked = resolve(&system, &LoadOptions::default(), &json!({ "quiet": true }));
        assert!(checked.value.quiet);
        let told: Vec<_> = checked.diagnostics.iter().map(|told| (told.code(), told.message())).collect();
        assert_eq!(
            told,
            [
                (Code::InvalidFlag, "`DBT_QUIET` must be true or false, not `아마도`"),
                (Code::InvalidFlag, "`DBT_PRINTER_WIDTH` must be a whole number, not `wide`"),
                (
                    Code::InvalidFlag,
                    "`DBT_LOG_LEVEL` must be one of `debug`, `info`, `warn`, `error`, `none`, not `loud`"
                ),
            ]
        );
    }

    #[test]
    fn flags_of_the_project_are_checked_where_they_stand() {
        let files = Files::new();
        let file =
            files.add("project.yml", "fail_fast: 3\nlog_level: info\nwarn_eror: true\nrequire_x: true\n");
        let yaml = crate::yaml::parse(&file).value.expect("well-formed");
        let mut told = Vec::new();
        let flags = check_project_flags(yaml.as_mapping().expect("a mapping"), &mut told);
        assert_eq!(
            Value::Object(flags),
            json!({ "log_level": "info", "warn_eror": true, "require_x": true })
        );
        let told: Vec<_> = told
            .iter()
            .map(|told| (told.code(), told.span().map(|span| files.location(span)).unwrap_or_default()))
            .collect();
        assert_eq!(
            told,
            [
                (Code::InvalidFlag, "project.yml:1:12".to_owned()),
                (Code::UnknownKey, "project.yml:3:1".to_owned())
            ]
        );
    }
}
