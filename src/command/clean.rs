use std::path::{Component, Path, PathBuf};

use super::Ended;
use crate::context::LogLevel;
use crate::diagnostic::{Code, Diagnostic, WarningName};
use crate::execute::{Event, Reporter};
use crate::project::Package;
use crate::system::System;

/// `xform clean`: deletes the folders named in `clean-targets`. Folders that hold the
/// project's own files are never deleted, and folders outside of the project only with
/// `also_outside`. See <https://docs.getdbt.com/reference/commands/clean>.
#[must_use]
pub fn clean(system: &dyn System, reporter: &dyn Reporter, project: &Package, also_outside: bool) -> Ended {
    let config = &project.config;
    let sources = [
        &config.model_paths,
        &config.seed_paths,
        &config.macro_paths,
        &config.test_paths,
        &config.snapshot_paths,
        &config.analysis_paths,
        &config.asset_paths,
    ];
    let root = normalized(&project.root);
    // A bare folder is its own model path; that alone does not make `target` a source.
    let sources: Vec<PathBuf> = sources
        .into_iter()
        .flatten()
        .map(|path| normalized(&project.root.join(path)))
        .filter(|path| *path != root)
        .collect();
    if config.clean_targets.iter().any(|target| target == "dbt_modules")
        && config.packages_install_path != "dbt_modules"
    {
        let told = Diagnostic::deprecation(
            WarningName::PackageInstallPathDeprecation,
            "`clean-targets` has `dbt_modules`, where packages are no longer installed",
        );
        reporter.report(Event::Diagnostic(told.help("write `dbt_packages` in its place")));
    }
    let mut ended = Ended::Well;
    let mut refuse = |path: &str, why: &str| {
        let message = format!("`{path}` of `clean-targets` is not deleted: {why}");
        let help = "take it out of `clean-targets`; folders outside of the project need `--no-clean-project-files-only`";
        reporter.report(Event::Diagnostic(Diagnostic::error(Code::InvalidProject, message).help(help)));
        ended = Ended::NotUnderstood;
    };
    let mut doomed = Vec::new();
    for target in &config.clean_targets {
        let path = normalized(&project.root.join(target));
        if root.starts_with(&path) {
            refuse(target, "it holds the project itself");
        } else if sources.iter().any(|source| source.starts_with(&path) || path.starts_with(source)) {
            refuse(target, "it holds files of the project");
        } else if !also_outside && !path.starts_with(&root) {
            refuse(target, "it lies outside of the project");
        } else {
            doomed.push((target, path));
        }
    }
    if ended != Ended::Well {
        return ended;
    }
    for (target, path) in doomed {
        if let Err(error) = system.remove(&path) {
            let message = format!("`{target}` cannot be deleted: {error}");
            reporter.report(Event::Diagnostic(Diagnostic::error(Code::CannotWriteFile, message)));
            return Ended::NotUnderstood;
        }
        reporter.report(Event::Log { level: LogLevel::Info, text: format!("Cleaned {target}") });
    }
    reporter.report(Event::Log { level: LogLevel::Info, text: "Finished cleaning all paths.".to_owned() });
    Ended::Well
}

/// Without `.` and `..`, and without asking the disk.
fn normalized(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}
