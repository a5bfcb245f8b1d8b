use std::path::PathBuf;

use clap::{ArgAction, Args};

use crate::diagnostic::{Code, Diagnostic};
use crate::project::LoadOptions;

/// Options that every command takes, before or after its name.
#[derive(Args, Clone, Debug, Default)]
#[allow(
    clippy::doc_markdown,
    rustdoc::broken_intra_doc_links,
    reason = "these comments are the help that people read"
)]
pub struct GlobalArgs {
    /// The project's folder; else the working folder or the nearest above it with a project file
    #[arg(long, global = true, value_name = "DIR", help_heading = PROJECT)]
    pub project_dir: Option<PathBuf>,
    /// Where profiles.yml is; else the working folder, then ~/.dbt
    #[arg(long, global = true, value_name = "DIR", help_heading = PROJECT)]
    pub profiles_dir: Option<PathBuf>,
    /// The profile to use in place of the project's own
    #[arg(long, global = true, value_name = "NAME", help_heading = PROJECT)]
    pub profile: Option<String>,
    /// The target of the profile to build in
    #[arg(short, long, global = true, value_name = "NAME", help_heading = PROJECT)]
    pub target: Option<String>,
    /// Variables, as YAML or JSON: '{start_date: 2026-01-01}'
    #[arg(long, global = true, value_name = "YAML", help_heading = PROJECT)]
    pub vars: Option<String>,
    /// Where artifacts are written, in place of the project's target-path
    #[arg(long, global = true, value_name = "DIR", help_heading = PROJECT)]
    pub target_path: Option<PathBuf>,
    /// Where dbt.log is written, in place of the project's log-path
    #[arg(long, global = true, value_name = "DIR", help_heading = PROJECT)]
    pub log_path: Option<PathBuf>,
    /// How many nodes run at once
    #[arg(long, global = true, value_name = "N", value_parser = at_least_one, help_heading = RUN)]
    pub threads: Option<usize>,
    /// Stop at the first failure
    #[arg(short = 'x', long, global = true, action = ArgAction::SetTrue, overrides_with = "no_fail_fast", help_heading = RUN)]
    pub fail_fast: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "fail_fast")]
    pub no_fail_fast: bool,
    /// Look only for relations in the schemas of selected nodes
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "no_cache_selected_only", help_heading = RUN)]
    pub cache_selected_only: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "cache_selected_only")]
    pub no_cache_selected_only: bool,
    /// Look for relations only when a node needs to know, as is always done
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "populate_cache")]
    pub no_populate_cache: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "no_populate_cache")]
    pub populate_cache: bool,
    /// Take warnings for errors
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "no_warn_error", help_heading = RUN)]
    pub warn_error: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "warn_error")]
    pub no_warn_error: bool,
    /// Which warnings are errors: '{error: all, warn: [NAME], silence: [NAME]}'
    #[arg(long, global = true, value_name = "YAML", help_heading = RUN)]
    pub warn_error_options: Option<String>,
    /// Tell every deprecation, not only the first of each kind
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "no_show_all_deprecations", help_heading = RUN)]
    pub show_all_deprecations: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "show_all_deprecations")]
    pub no_show_all_deprecations: bool,
    /// Seeds larger than this, in MiB, are known by their path and not their content; 0 for no limit
    #[arg(long, global = true, value_name = "MIB", help_heading = RUN)]
    pub maximum_seed_size_mib: Option<usize>,
    /// Write how long reading and running took to a file, as JSON
    #[arg(short, long, global = true, value_name = "FILE", help_heading = RUN)]
    pub record_timing_info: Option<PathBuf>,
    /// Do not mind the project's require-dbt-version
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "version_check", help_heading = RUN)]
    pub no_version_check: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "no_version_check")]
    pub version_check: bool,
    /// The folder with the artifacts of an earlier run, to compare with and to defer to
    #[arg(long, global = true, value_name = "DIR", help_heading = STATE)]
    pub state: Option<PathBuf>,
    /// Let ref() name what the earlier run built, where it is not built here
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "no_defer", help_heading = STATE)]
    pub defer: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "defer")]
    pub no_defer: bool,
    /// Another folder than --state, for --defer alone
    #[arg(long, global = true, value_name = "DIR", help_heading = STATE)]
    pub defer_state: Option<PathBuf>,
    /// With --defer: what the earlier run built, even where it is built here too
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "no_favor_state", help_heading = STATE)]
    pub favor_state: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "favor_state")]
    pub no_favor_state: bool,
    /// Write no manifest.json and run_results.json
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "write_json", help_heading = RUN)]
    pub no_write_json: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "no_write_json")]
    pub write_json: bool,
    /// Find everything out anew, neither taking nor keeping what commands find out
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "partial_parse")]
    pub no_partial_parse: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "no_partial_parse")]
    pub partial_parse: bool,
    #[command(flatten)]
    pub as_always: AsAlwaysArgs,
    /// Print only errors and the command's own output
    #[arg(short, long, global = true, action = ArgAction::SetTrue, overrides_with = "no_quiet", help_heading = OUTPUT)]
    pub quiet: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "quiet")]
    pub no_quiet: bool,
    /// Print what goes on inside, every statement included
    #[arg(short, long, global = true, action = ArgAction::SetTrue, overrides_with = "no_debug", help_heading = OUTPUT)]
    pub debug: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "debug")]
    pub no_debug: bool,
    /// Form of the lines on standard output
    #[arg(long, global = true, value_name = "FORMAT", value_parser = ["default", "text", "debug", "json"], help_heading = OUTPUT)]
    pub log_format: Option<String>,
    /// The least important lines to print
    #[arg(long, global = true, value_name = "LEVEL", value_parser = ["debug", "info", "warn", "error", "none"], help_heading = OUTPUT)]
    pub log_level: Option<String>,
    /// Form of the lines in dbt.log
    #[arg(long, global = true, value_name = "FORMAT", value_parser = ["default", "text", "debug", "json"], help_heading = OUTPUT)]
    pub log_format_file: Option<String>,
    /// The least important lines in dbt.log
    #[arg(long, global = true, value_name = "LEVEL", value_parser = ["debug", "info", "warn", "error", "none"], help_heading = OUTPUT)]
    pub log_level_file: Option<String>,
    /// Do not print what templates print()
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "print", help_heading = OUTPUT)]
    pub no_print: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "no_print")]
    pub print: bool,
    /// Colours, whatever the terminal and NO_COLOR say
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "no_use_colors", help_heading = OUTPUT)]
    pub use_colors: bool,
    /// No colours
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "use_colors", help_heading = OUTPUT)]
    pub no_use_colors: bool,
    /// Colours in dbt.log
    #[arg(long, global = true, action = ArgAction::SetTrue, overrides_with = "no_use_colors_file", help_heading = OUTPUT)]
    pub use_colors_file: bool,
    #[arg(long, global = true, hide = true, action = ArgAction::SetTrue, overrides_with = "use_colors_file")]
    pub no_use_colors_file: bool,
    /// Put dbt.log aside when it is longer than this; 0 for never
    #[arg(long, global = true, value_name = "BYTES", help_heading = OUTPUT)]
    pub log_file_max_bytes: Option<usize>,
    /// Width of the lines that end in a status
    #[arg(long, global = true, value_name = "N", value_parser = at_least_one, help_heading = OUTPUT)]
    pub printer_width: Option<usize>,
}

impl GlobalArgs {
    /// What these say of the project; a command adds what it has of its own.
    pub(super) fn load_options(&self) -> LoadOptions {
        LoadOptions {
            project_dir: self.project_dir.clone(),
            profiles_dir: self.profiles_dir.clone(),
            profile: self.profile.clone(),
            target: self.target.clone(),
            vars: self.vars.clone(),
            threads: self.threads,
            target_path: self.target_path.clone(),
            log_path: self.log_path.clone(),
            fail_fast: either(self.fail_fast, self.no_fail_fast),
            cache_selected_only: either(self.cache_selected_only, self.no_cache_selected_only),
            populate_cache: either(self.populate_cache, self.no_populate_cache),
            warn_error: either(self.warn_error, self.no_warn_error),
            warn_error_options: self.warn_error_options.clone(),
            show_all_deprecations: either(self.show_all_deprecations, self.no_show_all_deprecations),
            use_colors_file: either(self.use_colors_file, self.no_use_colors_file),
            log_file_max_bytes: self.log_file_max_bytes,
            maximum_seed_size_mib: self.maximum_seed_size_mib,
            quiet: either(self.quiet, self.no_quiet),
            debug: either(self.debug, self.no_debug),
            print: either(self.print, self.no_print),
            version_check: either(self.version_check, self.no_version_check),
            write_json: either(self.write_json, self.no_write_json),
            partial_parse: either(self.partial_parse, self.no_partial_parse),
            state: self.state.clone(),
            defer_state: self.defer_state.clone(),
            defer: either(self.defer, self.no_defer),
            favor_state: either(self.favor_state, self.no_favor_state),
            use_colors: either(self.use_colors, self.no_use_colors),
            printer_width: self.printer_width,
            log_format: self.log_format.clone(),
            log_format_file: self.log_format_file.clone(),
            log_level: self.log_level.clone(),
            log_level_file: self.log_level_file.clone(),
            ..LoadOptions::default()
        }
    }
}

/// Options of dbt's that xform does one way only. What asks for the other way is refused.
///
/// Nothing is ever sent to anybody, relations are looked up when they are first asked for, and
/// there is one parser: these need no option, and scripts that give them go on working.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct AsAlwaysArgs {
    #[arg(long, global = true, hide = true)]
    pub send_anonymous_usage_stats: bool,
    #[arg(long, global = true, hide = true)]
    pub no_send_anonymous_usage_stats: bool,
    #[arg(long, global = true, hide = true)]
    pub log_cache_events: bool,
    #[arg(long, global = true, hide = true)]
    pub no_log_cache_events: bool,
    #[arg(long, global = true, hide = true)]
    pub hints_enabled: bool,
    #[arg(long, global = true, hide = true)]
    pub no_hints_enabled: bool,
    #[arg(long, global = true, hide = true)]
    pub static_parser: bool,
    #[arg(long, global = true, hide = true)]
    pub no_static_parser: bool,
    #[arg(long, global = true, hide = true)]
    pub use_experimental_parser: bool,
    #[arg(long, global = true, hide = true)]
    pub no_use_experimental_parser: bool,
    #[arg(long, global = true, hide = true)]
    pub use_v2_parser: bool,
    #[arg(long, global = true, hide = true)]
    pub no_use_v2_parser: bool,
    #[arg(long, global = true, hide = true)]
    pub snowflake_projects_otel: bool,
    #[arg(long, global = true, hide = true)]
    pub no_snowflake_projects_otel: bool,
    #[arg(long, global = true, hide = true)]
    pub upload_to_artifacts_ingest_api: bool,
    #[arg(long, global = true, hide = true)]
    pub no_upload_to_artifacts_ingest_api: bool,
}

impl AsAlwaysArgs {
    /// The refusal of an option that asks for what there is not.
    pub(super) fn refused(self) -> Option<Diagnostic> {
        let asked = [
            (self.use_v2_parser, "--use-v2-parser", "xform has one parser, its own"),
            (
                self.snowflake_projects_otel,
                "--snowflake-projects-otel",
                "xform writes no OpenTelemetry spans",
            ),
            (
                self.upload_to_artifacts_ingest_api,
                "--upload-to-artifacts-ingest-api",
                "xform sends nothing to anybody",
            ),
        ];
        let (_, option, why) = asked.into_iter().find(|(is_asked, ..)| *is_asked)?;
        Some(
            Diagnostic::error(Code::NotSupported, format!("`{option}` is not supported: {why}"))
                .help("leave it out"),
        )
    }
}

const PROJECT: &str = "Project options";
const RUN: &str = "Run options";
const STATE: &str = "State options";
const OUTPUT: &str = "Output options";

/// A whole number of at least one.
fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "give a whole number, 1 or more".to_owned())
}

/// `Some` where one of a pair of switches was given.
pub(super) fn either(on: bool, off: bool) -> Option<bool> {
    match (on, off) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}
