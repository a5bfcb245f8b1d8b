use std::path::Path;
use std::sync::Arc;

use super::Ended;
use crate::adapter::for_target;
use crate::diagnostic::{Code, Diagnostic};
use crate::execute::{Event, News, Reporter};
use crate::project::{LoadOptions, Loaded, load, locate, profiles_folder};
use crate::session::unusable;
use crate::system::{Call, System};
use crate::text::Files;

/// What `debug` is asked for.
#[derive(Clone, Copy, Debug)]
pub struct DebugOptions {
    /// Only the connection is tried.
    pub connection_only: bool,
    /// Only where profiles.yml is looked for is told.
    pub config_dir: bool,
}

/// `xform debug`: says of project, profile and connection whether they are well, and if
/// not, why. See <https://docs.getdbt.com/reference/commands/debug>.
#[must_use]
pub fn debug(
    system: &dyn System,
    files: &Arc<Files>,
    reporter: &dyn Reporter,
    load_options: &LoadOptions,
    options: DebugOptions,
) -> Ended {
    let say = |text: &str| {
        reporter.report(Event::News(News::info("DebugCmdOut", "Z047", text).with("msg", text)));
    };
    let root = locate(system, load_options.project_dir.as_deref()).ok().map(|located| located.root);
    let folder = profiles_folder(system, load_options, root.as_deref());
    if options.config_dir {
        say(&format!("To view your profiles.yml file, run:\n\n{} {}", opener(), folder.display()));
        return Ended::Well;
    }
    let checked = load(system, files, load_options);
    let (errors, warnings): (Vec<_>, Vec<_>) = checked
        .diagnostics
        .into_iter()
        .filter(|told| told.code() != Code::MissingPackage)
        .partition(Diagnostic::is_error);
    let (of_profile, of_project): (Vec<_>, Vec<_>) = errors.into_iter().partition(|told| {
        matches!(told.code(), Code::MissingProfile | Code::InvalidProfile | Code::NotSupported)
    });
    let loaded = checked.value;
    if options.connection_only {
        say("Skipping steps before connection verification");
    } else {
        say(&format!("dbt version: {}", crate::artifact::DBT_VERSION));
        say(&format!("xform version: {}", env!("CARGO_PKG_VERSION")));
        say(&format!("os info: {}-{}", std::env::consts::OS, std::env::consts::ARCH));
        say(&format!("Using profiles dir at {}", folder.display()));
        say(&format!("Using profiles.yml file at {}", folder.join("profiles.yml").display()));
        if let Some(file) = root.as_deref().and_then(|root| project_file(system, root)) {
            say(&format!("Using dbt_project.yml file at {file}"));
        }
        if let Some(loaded) = &loaded {
            say(&format!("adapter type: {}", loaded.target.kind));
        }
        say("Configuration:");
        say(&format!("  profiles.yml file [{}]", verdict(of_profile.is_empty())));
        say(&format!("  dbt_project.yml file [{}]", verdict(of_project.is_empty())));
        say("Required dependencies:");
        say(&format!(
            " - git [{}]",
            if has_git(system) { "OK found" } else { "ERROR not found: git packages need it" }
        ));
    }
    for told in warnings {
        reporter.report(Event::Diagnostic(told));
    }
    let mut failed: Vec<(&str, Vec<Diagnostic>)> = Vec::new();
    let is_profile_well = of_profile.is_empty();
    if !is_profile_well {
        failed.push(("Profile loading failed for the following reason:", of_profile));
    }
    if !of_project.is_empty() && !options.connection_only {
        failed.push(("Project loading failed for the following reason:", of_project));
    }
    match loaded.filter(|_| is_profile_well) {
        Some(loaded) => {
            say("Connection:");
            describe(&loaded, &say);
            match try_connection(&loaded) {
                Ok(()) => say("  Connection test: [OK connection ok]"),
                Err(diagnostic) => {
                    say("  Connection test: [ERROR]");
                    failed.push(("dbt was unable to connect to the specified database.", vec![diagnostic]));
                }
            }
        }
        None => say("Connection test skipped since no profile was found"),
    }
    if failed.is_empty() {
        say("All checks passed!");
        return Ended::Well;
    }
    let checks = if failed.len() == 1 { "check" } else { "checks" };
    say(&format!("{} {checks} failed:", failed.len()));
    for (heading, diagnostics) in failed {
        let words: Vec<_> = diagnostics.iter().map(|told| format!("  {}", told.words())).collect();
        say(&format!("{heading}\n{}", words.join("\n")));
        for told in diagnostics {
            reporter.report(Event::Diagnostic(told));
        }
    }
    Ended::WithFailures
}

fn verdict(is_well: bool) -> &'static str {
    if is_well { "OK found and valid" } else { "ERROR invalid" }
}

fn opener() -> &'static str {
    match std::env::consts::OS {
        "macos" => "open",
        "windows" => "start",
        _ => "xdg-open",
    }
}

fn project_file(system: &dyn System, root: &Path) -> Option<String> {
    let files = ["project.yml", "dbt_project.yml"].map(|name| root.join(name));
    files.into_iter().find(|file| system.exists(file)).map(|file| file.display().to_string())
}

fn has_git(system: &dyn System) -> bool {
    let folder = system.current_dir();
    let call = Call { program: "git", arguments: &["--version"], folder: &folder, variables: &[] };
    system.run(&call).is_ok_and(|ran| ran.is_well)
}

fn describe(loaded: &Loaded, say: &dyn Fn(&str)) {
    let target = &loaded.target;
    say(&format!("  database: {}", target.database));
    say(&format!("  schema: {}", target.schema));
    for key in ["path", "host", "port", "user", "role", "search_path", "sslmode"] {
        match target.keys.get(key) {
            Some(serde_json::Value::String(text)) => say(&format!("  {key}: {text}")),
            Some(value @ serde_json::Value::Number(_)) => say(&format!("  {key}: {value}")),
            _ => {}
        }
    }
    say(&format!("  profile: {}, target: {}, threads: {}", target.profile_name, target.name, target.threads));
}

fn try_connection(loaded: &Loaded) -> Result<(), Diagnostic> {
    let root = loaded.root_package().map(|root| root.root.clone()).unwrap_or_default();
    let adapter = for_target(&loaded.target.kind, &loaded.target.keys, &root)
        .map_err(|error| unusable(&loaded.target, error))?;
    let mut connection = adapter.connect().map_err(|error| crate::execute::connection_failed(&error))?;
    connection.query("select 1").map_err(|error| crate::execute::connection_failed(&error))?;
    Ok(())
}
