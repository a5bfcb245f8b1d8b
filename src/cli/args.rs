use clap::{ArgAction, Parser, Subcommand};

use super::global_args::either;
use super::input_args::{EmptyArgs, InputArgs};
use super::selection_args::ResourceTypeArgs;
use super::{GlobalArgs, SelectionArgs};
use crate::format::{Commas, KeywordCase, Style};

/// What `--version` prints after the name.
const VERSIONS: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\n\nCore:\n  - installed: 1.12.6 (the dbt that xform works as)\n\nPlugins:\n  - duckdb: built in"
);

/// The command line of xform.
#[derive(Parser, Debug)]
#[command(
    name = "xform",
    version = VERSIONS,
    about = "xform reads a folder of Jinja-templated SQL models, learns from ref() and source() who depends \
                  on whom, and builds the tables in order. Projects written for dbt run as they are.",
    disable_help_subcommand = true,
    disable_version_flag = true,
    args_override_self = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 all well, 1 a node or test failed, 2 the project or the command line could not be understood.\n\
                  Run and output options can also be set as DBT_<OPTION> in the environment, or under `flags:` in the project file."
)]
pub struct Args {
    /// Print the versions of xform and of the dbt it works as
    #[arg(short = 'V', short_alias = 'v', long, action = ArgAction::Version, global = false)]
    version: Option<bool>,
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Load seeds, build models and run tests, in the order of the graph
    #[command(
        after_help = "Examples:\n  xform build\n  xform build --select orders+         orders and all that is built on it\n  xform build --select +orders tag:daily --exclude stg_users"
    )]
    Build {
        #[command(flatten)]
        selection: SelectionArgs,
        #[command(flatten)]
        kinds: ResourceTypeArgs,
        #[command(flatten)]
        full_refresh: FullRefreshArgs,
        #[command(flatten)]
        inputs: InputArgs,
        #[command(flatten)]
        store_failures: StoreFailuresArgs,
        #[command(flatten)]
        batch_tests: BatchTestsArgs,
        #[command(flatten)]
        check: CheckArgs,
    },
    /// Build models
    Run {
        #[command(flatten)]
        selection: SelectionArgs,
        #[command(flatten)]
        full_refresh: FullRefreshArgs,
        #[command(flatten)]
        inputs: InputArgs,
        #[command(flatten)]
        check: CheckArgs,
    },
    /// Run data tests
    #[command(
        after_help = "Examples:\n  xform test\n  xform test --select orders          the tests of orders\n  xform test --select test_type:singular --store-failures"
    )]
    Test {
        #[command(flatten)]
        selection: SelectionArgs,
        #[command(flatten)]
        kinds: ResourceTypeArgs,
        #[command(flatten)]
        store_failures: StoreFailuresArgs,
        #[command(flatten)]
        batch_tests: BatchTestsArgs,
    },
    /// Load CSV files into tables
    Seed {
        #[command(flatten)]
        selection: SelectionArgs,
        #[command(flatten)]
        full_refresh: FullRefreshArgs,
        #[command(flatten)]
        empty: EmptyArgs,
        /// Print the first rows of each table
        #[arg(long)]
        show: bool,
    },
    /// Keep the history of what snapshots select
    Snapshot {
        #[command(flatten)]
        selection: SelectionArgs,
        #[command(flatten)]
        empty: EmptyArgs,
    },
    /// Find what is wrong with the SQL of all models and tests, and run nothing
    #[command(
        after_help = "Examples:\n  xform check\n  xform check --select orders+         orders and all that is built on it\n  xform check --output json"
    )]
    Check {
        #[command(flatten)]
        selection: SelectionArgs,
        #[command(flatten)]
        kinds: ResourceTypeArgs,
        /// Form of what is found
        #[arg(long, value_name = "FORMAT", value_parser = ["text", "json", "sarif", "github"], default_value = "text")]
        output: String,
    },
    /// Say what changed SQL means otherwise than in an earlier state, and what that reaches
    #[command(
        after_help = "Examples:\n  xform changes --state ../production\n  xform changes --state ../production --select orders --output json\n  xform changes --state ../production --fail-on breaking"
    )]
    Changes {
        #[command(flatten)]
        selection: SelectionArgs,
        /// Fail when a column is gone, has another name or another type, or a model is gone
        #[arg(long, value_name = "KIND", value_parser = ["breaking"])]
        fail_on: Option<String>,
        /// Form of what is printed
        #[arg(long, value_name = "FORMAT", value_parser = ["text", "json"], default_value = "text")]
        output: String,
    },
    /// Show what a column is made of, and what is made of it
    #[command(
        after_help = "Examples:\n  xform lineage orders.amount\n  xform lineage raw.orders.id --downstream   of a source's column\n  xform lineage orders --depth 3 --filters\n  xform lineage --output openlineage"
    )]
    Lineage {
        /// A node or a column: `orders`, `orders.amount`, `raw.orders.id`, `package.orders.id`
        #[arg(value_name = "NAME")]
        name: Option<String>,
        /// Only what it is made of
        #[arg(long)]
        upstream: bool,
        /// Only what is made of it
        #[arg(long)]
        downstream: bool,
        /// How many steps to go
        #[arg(long, value_name = "N")]
        depth: Option<usize>,
        /// Also columns that rows are filtered, joined, grouped and ordered by
        #[arg(long)]
        filters: bool,
        /// Form of what is printed
        #[arg(long, value_name = "FORMAT", value_parser = ["text", "json", "openlineage"], default_value = "text")]
        output: String,
    },
    /// Write the SQL that templates become, and run nothing
    #[command(
        after_help = "Examples:\n  xform compile                       all, into target/compiled/\n  xform compile --select orders       and print it\n  xform compile --inline \"select * from {{ ref('orders') }}\""
    )]
    Compile {
        #[command(flatten)]
        selection: SelectionArgs,
        #[command(flatten)]
        full_refresh: FullRefreshArgs,
        #[command(flatten)]
        empty: EmptyArgs,
        /// Compile this template and print it
        #[arg(long, value_name = "SQL", conflicts_with_all = ["select", "models", "selector"])]
        inline: Option<String>,
        /// Form of the printed SQL
        #[arg(long, value_name = "FORMAT", value_parser = ["text", "json"], default_value = "text")]
        output: String,
        /// Ask the warehouse nothing; templates that ask are errors
        #[arg(long, action = ArgAction::SetTrue, overrides_with = "introspect")]
        no_introspect: bool,
        #[arg(long, hide = true, action = ArgAction::SetTrue, overrides_with = "no_introspect")]
        introspect: bool,
        #[command(flatten)]
        check: CheckArgs,
    },
    /// Let what an earlier run built stand in this target too
    #[command(
        after_help = "Examples:\n  xform clone --state ../production\n  xform clone --state ../production --select +orders --full-refresh"
    )]
    Clone {
        #[command(flatten)]
        selection: SelectionArgs,
        #[command(flatten)]
        kinds: ResourceTypeArgs,
        #[command(flatten)]
        full_refresh: FullRefreshArgs,
    },
    /// Find out how old sources are
    Source {
        #[command(subcommand)]
        command: SourceCommand,
    },
    /// Go on with the last command: what it did not get done is tried again
    #[command(
        after_help = "Examples:\n  xform build; xform retry\n  xform retry --state ../last-run        the command whose results are there"
    )]
    Retry {
        #[command(flatten)]
        full_refresh: FullRefreshArgs,
    },
    /// Read the project, tell what is wrong with it, and write manifest.json
    Parse,
    /// Print the names of nodes
    #[command(
        visible_alias = "ls",
        after_help = "Examples:\n  xform ls\n  xform ls --select +orders --resource-type model --output path\n  xform ls --output json --output-keys name config.materialized\n  xform ls --select +orders+ --graph"
    )]
    List {
        #[command(flatten)]
        selection: SelectionArgs,
        #[command(flatten)]
        kinds: ResourceTypeArgs,
        /// What to print of each node
        #[arg(long, value_name = "FORMAT", value_parser = ["selector", "name", "path", "json"], default_value = "selector")]
        output: String,
        /// Keys to print with --output json
        #[arg(long, value_name = "KEY", num_args = 1.., action = ArgAction::Append)]
        output_keys: Vec<String>,
        /// Draw who reads whom: as a tree, or for a README as Mermaid or SVG
        #[arg(long, value_name = "FORMAT", value_parser = ["tree", "mermaid", "svg"], num_args = 0..=1,
              default_missing_value = "tree", require_equals = true, conflicts_with_all = ["output", "output_keys"])]
        graph: Option<String>,
    },
    /// Print the first rows of a node, or of a query
    #[command(
        after_help = "Examples:\n  xform show --select orders --limit 20\n  xform show --inline \"select count(*) as n from {{ ref('orders') }}\" --output json"
    )]
    Show {
        #[command(flatten)]
        selection: SelectionArgs,
        /// Preview this template
        #[arg(long, value_name = "SQL", conflicts_with_all = ["select", "models", "selector"])]
        inline: Option<String>,
        /// How many rows; -1 for all
        #[arg(long, value_name = "N", default_value_t = 5, value_parser = whole_number, allow_negative_numbers = true)]
        limit: i64,
        /// Form of the printed rows
        #[arg(long, value_name = "FORMAT", value_parser = ["text", "json"], default_value = "text")]
        output: String,
    },
    /// Call a macro
    #[command(
        after_help = "Example:\n  xform run-operation drop_schema --args '{schema: dev, dry_run: true}'"
    )]
    RunOperation {
        /// The macro: `name`, or `package.name`
        #[arg(value_name = "MACRO", required_unless_present = "sql", conflicts_with = "sql")]
        name: Option<String>,
        /// Run this SQL, a template, in place of a macro
        #[arg(long, value_name = "SQL")]
        sql: Option<String>,
        /// Its arguments, as YAML or JSON: '{schema: dev}'
        #[arg(long, value_name = "YAML", default_value = "{}")]
        args: String,
    },
    /// Write the documentation site of the project, or show it
    Docs {
        #[command(subcommand)]
        command: DocsCommand,
    },
    /// Install the packages that packages.yml asks for
    #[command(
        after_help = "Examples:\n  xform deps\n  xform deps --upgrade\n  xform deps --add-package dbt-labs/dbt_utils@1.3.0\n  xform deps --add-package https://github.com/acme/kit.git@v1 --source git"
    )]
    Deps {
        /// Choose versions and write package-lock.yml, and install nothing
        #[arg(long)]
        lock: bool,
        /// Choose versions anew, although packages.yml is as it was
        #[arg(long)]
        upgrade: bool,
        /// Write a package into packages.yml first
        #[arg(long, value_name = "NAME@VERSION")]
        add_package: Option<String>,
        /// Where the package to add comes from
        #[arg(long, value_name = "KIND", value_parser = ["hub", "git", "local"], default_value = "hub")]
        source: String,
        /// Say what would be done, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Lay out the SQL of models, tests, snapshots and analyses in one style
    #[command(
        after_help = "Without paths and selection, the whole project. Lines between `-- fmt: off` and `-- fmt: on` stay as they are.\n\nExamples:\n  xform format\n  xform format --check                  exit code 1 when a file would change\n  xform format models/marts --diff      print what would change, and write nothing\n  xform format --select state:modified --state ../last-run\n  cat query.sql | xform format -"
    )]
    Format {
        /// Files and folders; - for standard input
        #[arg(value_name = "PATH")]
        paths: Vec<String>,
        /// Write nothing; list the files that would change
        #[arg(long)]
        check: bool,
        /// Write nothing; print what would change
        #[arg(long)]
        diff: bool,
        /// Also macros and generic tests whose bodies are queries
        #[arg(long)]
        macros: bool,
        #[command(flatten)]
        style: StyleArgs,
        #[command(flatten)]
        selection: SelectionArgs,
    },
    /// Check project, profile and connection
    Debug {
        /// Only the connection
        #[arg(long)]
        connection: bool,
        /// Only say where profiles.yml is looked for
        #[arg(long)]
        config_dir: bool,
    },
    /// Delete the folders named in clean-targets
    Clean {
        /// Also folders outside of the project
        #[arg(long, action = ArgAction::SetTrue, overrides_with = "clean_project_files_only")]
        no_clean_project_files_only: bool,
        #[arg(long, hide = true, action = ArgAction::SetTrue, overrides_with = "no_clean_project_files_only")]
        clean_project_files_only: bool,
    },
    /// Start a project that builds at once
    Init {
        /// Its name, and the folder made for it
        #[arg(value_name = "NAME")]
        project_name: Option<String>,
        /// As always: no question is asked, and no profile written
        #[arg(short, long, hide = true)]
        skip_profile_setup: bool,
        /// As always: nothing is checked
        #[arg(long, hide = true)]
        skip_debug: bool,
    },
    /// Print what a diagnostic means and how to make it right
    Explain {
        /// For example `unresolved-ref`; without one, all are listed
        code: Option<String>,
    },
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
}

/// What to do about documentation.
#[derive(Subcommand, Debug)]
pub enum DocsCommand {
    /// Write the catalog and the documentation site to the target folder
    #[command(
        after_help = "Examples:\n  xform docs generate\n  xform docs generate --select orders+ --static"
    )]
    Generate {
        #[command(flatten)]
        selection: SelectionArgs,
        /// Compile no templates: the manifest then has no SQL
        #[arg(long, action = ArgAction::SetTrue, overrides_with = "compile")]
        no_compile: bool,
        #[arg(long, hide = true, action = ArgAction::SetTrue, overrides_with = "no_compile")]
        compile: bool,
        /// Ask the warehouse nothing: the catalog has no relations
        #[arg(long)]
        empty_catalog: bool,
        /// Also write the site as one file: `static_index.html`
        #[arg(long = "static")]
        is_static: bool,
    },
    /// Show the documentation in a browser, always as the project is
    #[command(
        after_help = "Pages load anew when a file of the project changes; the warehouse is not asked. Only this machine\ncan read them, unless --host says otherwise. Ctrl-C ends it.\n\nExamples:\n  xform docs serve\n  xform docs serve --port 8001 --no-browser"
    )]
    Serve {
        /// An address of this machine to listen to, for others to read too [default: this machine alone]
        #[arg(long, value_name = "HOST")]
        host: Option<String>,
        /// The port [default: 8080, or the next that is free]
        #[arg(long, value_name = "PORT")]
        port: Option<u16>,
        /// Open no browser
        #[arg(long, action = ArgAction::SetTrue, overrides_with = "browser")]
        no_browser: bool,
        #[arg(long, hide = true, action = ArgAction::SetTrue, overrides_with = "no_browser")]
        browser: bool,
    },
}

/// What to find out of sources.
#[derive(Subcommand, Debug)]
pub enum SourceCommand {
    /// Hold the age of sources against their freshness
    #[command(
        alias = "snapshot-freshness",
        after_help = "Examples:\n  xform source freshness\n  xform source freshness --select source:raw.orders"
    )]
    Freshness {
        #[command(flatten)]
        selection: SelectionArgs,
        /// Write the results here; else into sources.json of the target folder
        #[arg(short, long, value_name = "FILE")]
        output: Option<std::path::PathBuf>,
    },
}

/// Whether incremental models and seeds are built anew.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct FullRefreshArgs {
    /// Build incremental models and seeds anew
    #[arg(short, long, action = ArgAction::SetTrue, overrides_with = "no_full_refresh")]
    pub full_refresh: bool,
    #[arg(long, hide = true, action = ArgAction::SetTrue, overrides_with = "full_refresh")]
    pub no_full_refresh: bool,
}

/// Whether the SQL is checked first.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct CheckArgs {
    /// Do not look for what is wrong with the SQL first
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "check")]
    pub no_check: bool,
    #[arg(long, hide = true, action = ArgAction::SetTrue, overrides_with = "no_check")]
    pub check: bool,
}

/// Whether data tests are answered together.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct BatchTestsArgs {
    /// Run each data test by a query of its own
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "batch_tests")]
    pub no_batch_tests: bool,
    #[arg(long, hide = true, action = ArgAction::SetTrue, overrides_with = "no_batch_tests")]
    pub batch_tests: bool,
}

/// Whether failing rows are kept.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub struct StoreFailuresArgs {
    /// Keep the failing rows of tests in tables
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "no_store_failures")]
    pub store_failures: bool,
    #[arg(long, hide = true, action = ArgAction::SetTrue, overrides_with = "store_failures")]
    pub no_store_failures: bool,
}

/// How SQL is laid out, where not as the project file says.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct StyleArgs {
    /// Columns of a line [default: 100]
    #[arg(long, value_name = "N", help_heading = "Style")]
    pub line_length: Option<usize>,
    /// How keywords are written [default: lower]
    #[arg(long, value_name = "CASE", value_parser = KeywordCase::NAMES, help_heading = "Style")]
    pub keyword_case: Option<String>,
    /// Where the commas of lists stand [default: trailing]
    #[arg(long, value_name = "PLACE", value_parser = Commas::NAMES, help_heading = "Style")]
    pub commas: Option<String>,
    /// Spaces to a level [default: 4]
    #[arg(long, value_name = "N", help_heading = "Style")]
    pub indent: Option<usize>,
}

impl StyleArgs {
    /// The style of a project, changed by what the command line says.
    pub(super) fn apply(&self, style: Style) -> Style {
        Style {
            line_length: self.line_length.unwrap_or(style.line_length),
            keyword_case: self
                .keyword_case
                .as_deref()
                .and_then(KeywordCase::find)
                .unwrap_or(style.keyword_case),
            commas: self.commas.as_deref().and_then(Commas::find).unwrap_or(style.commas),
            indent: self.indent.map_or(style.indent, |indent| indent.min(16)),
        }
    }
}

fn whole_number(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "give a whole number".to_owned())
}

impl FullRefreshArgs {
    /// `None` when nothing was said.
    pub(super) fn wanted(self) -> Option<bool> {
        either(self.full_refresh, self.no_full_refresh)
    }
}

impl CheckArgs {
    /// `None` when nothing was said.
    pub(super) fn wanted(self) -> Option<bool> {
        either(self.check, self.no_check)
    }
}

impl BatchTestsArgs {
    /// `None` when nothing was said.
    pub(super) fn wanted(self) -> Option<bool> {
        either(self.batch_tests, self.no_batch_tests)
    }
}

impl StoreFailuresArgs {
    /// `None` when nothing was said.
    pub(super) fn wanted(self) -> Option<bool> {
        either(self.store_failures, self.no_store_failures)
    }
}

impl Command {
    /// dbt's name of the command, as artifacts and `flags.WHICH` have it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Command::Build { .. } => "build",
            Command::Run { .. } => "run",
            Command::Test { .. } => "test",
            Command::Seed { .. } => "seed",
            Command::Snapshot { .. } => "snapshot",
            Command::Check { .. } => "check",
            Command::Changes { .. } => "changes",
            Command::Lineage { .. } => "lineage",
            Command::Compile { .. } => "compile",
            Command::Clone { .. } => "clone",
            Command::Source { .. } => "freshness",
            Command::Retry { .. } => "retry",
            Command::Parse => "parse",
            Command::List { .. } => "list",
            Command::Show { .. } => "show",
            Command::RunOperation { .. } => "run-operation",
            Command::Docs { command: DocsCommand::Generate { .. } } => "generate",
            Command::Docs { command: DocsCommand::Serve { .. } } => "serve",
            Command::Deps { .. } => "deps",
            Command::Format { .. } => "format",
            Command::Debug { .. } => "debug",
            Command::Clean { .. } => "clean",
            Command::Init { .. } => "init",
            Command::Explain { .. } => "explain",
            Command::Completions { .. } => "completions",
        }
    }
}
