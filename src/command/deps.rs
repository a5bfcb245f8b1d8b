use std::path::Path;
use std::sync::Arc;

use super::Ended;
use crate::diagnostic::{Code, Diagnostic};
use crate::execute::{Event, News, Reporter};
use crate::install::{AddSource, Fetcher, LOCK_FILE, Lock, Pinned, Wanted, add_package, install, resolve};
use crate::project::{LoadOptions, PackageFiles, WarnErrorOptions};
use crate::system::System;
use crate::text::Files;

/// What `deps` is asked for.
#[derive(Clone, Debug, Default)]
pub struct DepsOptions {
    /// Only package-lock.yml is made.
    pub lock_only: bool,
    /// The lock is made anew although packages.yml says the same as before.
    pub upgrade: bool,
    /// `NAME@VERSION`, to be written into packages.yml first.
    pub add: Option<String>,
    /// Where that comes from: `hub`, `git`, `local`.
    pub source: String,
    /// Nothing is written; what would be is told.
    pub dry_run: bool,
}

/// `xform deps`: installs the packages that packages.yml asks for.
/// See <https://docs.getdbt.com/reference/commands/deps>.
#[must_use]
pub fn deps(
    system: &dyn System,
    files: &Arc<Files>,
    reporter: &dyn Reporter,
    load_options: &LoadOptions,
    options: &DepsOptions,
) -> Ended {
    let mut work = Work { system, files, reporter, options, judge: WarnErrorOptions::default() };
    match work.run(load_options) {
        Ok(()) => Ended::Well,
        Err(diagnostics) => {
            reporter.report(Event::Failed(diagnostics));
            Ended::NotUnderstood
        }
    }
}

struct Work<'a> {
    system: &'a dyn System,
    files: &'a Arc<Files>,
    reporter: &'a dyn Reporter,
    options: &'a DepsOptions,
    judge: WarnErrorOptions,
}

impl Work<'_> {
    fn run(&mut self, load_options: &LoadOptions) -> Result<(), Vec<Diagnostic>> {
        let checked = PackageFiles::open(self.system, self.files, load_options);
        if let Some(project) = &checked.value {
            self.judge = project.flags.warn_error_options.clone();
        }
        self.tell(checked.diagnostics)?;
        let Some(project) = checked.value else { return Ok(()) };
        let root = project.root.root.clone();
        if let Some(add) = &self.options.add {
            self.add(&root, add)?;
        }
        let mut told = Vec::new();
        let entries = project.entries(self.system, self.files, &root, &mut told);
        self.tell(told)?;
        if entries.is_empty() {
            self.say(News::info(
                "DepsNoPackagesFound",
                "M013",
                "Warning: No packages were found in packages.yml",
            ));
            return Ok(());
        }
        let wanted: Vec<Wanted> = entries.iter().map(Wanted::read).collect::<Result<_, _>>()?;
        let fetcher = Fetcher::new(self.system, &root, &load_options.invocation_id);
        let hash = Lock::hash_of(&wanted);
        let lock = Lock::read(self.system, self.files, &project)?;
        let is_fresh = lock.as_ref().is_some_and(|lock| lock.hash == hash);
        if !is_fresh || self.options.upgrade || self.options.lock_only || self.options.add.is_some() {
            self.lock(&fetcher, &project, &root)?;
        }
        if self.options.lock_only || self.options.dry_run {
            return Ok(());
        }
        let Some(lock) = Lock::read(self.system, self.files, &project)? else { return Ok(()) };
        let installed =
            install(&fetcher, self.files, &project, &lock, &mut |package| self.installed(package))
                .map_err(|error| vec![error])?;
        self.updates(&installed);
        Ok(())
    }

    /// Makes the lock file.
    fn lock(
        &self,
        fetcher: &Fetcher<'_>,
        project: &PackageFiles,
        root: &Path,
    ) -> Result<(), Vec<Diagnostic>> {
        let resolved = resolve(fetcher, self.files, project)?;
        self.tell(resolved.warnings)?;
        let text = Lock::text(&resolved.pinned, &resolved.hash);
        let path = root.join(LOCK_FILE);
        if self.options.dry_run {
            self.reporter.report(Event::Output(text));
            return Ok(());
        }
        let shown = path.display().to_string();
        self.say(
            News::info("DepsLockUpdating", "M031", format!("Updating lock file in file path: {shown}"))
                .with("lock_filepath", shown),
        );
        self.system.write(&path, text.as_bytes()).map_err(|error| {
            vec![Diagnostic::new(Code::CannotWriteFile, format!("`{LOCK_FILE}` cannot be written: {error}"))]
        })
    }

    fn add(&self, root: &Path, add: &str) -> Result<(), Vec<Diagnostic>> {
        let source = AddSource::find(&self.options.source).unwrap_or(AddSource::Hub);
        // A repository's address may have an `@` of its own.
        let (name, version) = match add.rsplit_once('@') {
            Some((name, version)) if !name.is_empty() && !version.contains([':', '/']) => {
                (name, Some(version))
            }
            _ => (add, None),
        };
        if version.is_none() && source != AddSource::Local {
            let message = format!("`--add-package {add}` names no version");
            return Err(vec![
                Diagnostic::error(Code::InvalidUsage, message)
                    .help(format!("write `--add-package {name}@1.0.0`")),
            ]);
        }
        if self.options.dry_run {
            self.say(News::info("DepsAddPackage", "M032", format!("Would add {add} to packages.yml")));
            return Ok(());
        }
        let (file, is_replaced) =
            add_package(self.system, root, source, name, version).map_err(|error| vec![error])?;
        let text =
            if is_replaced { format!("Changed {name} in {file}") } else { format!("Added {add} to {file}") };
        self.say(
            News::info("DepsAddPackage", "M032", text)
                .with("package_name", name)
                .with("version", version.unwrap_or_default())
                .with("packages_filepath", root.join(file).display().to_string()),
        );
        Ok(())
    }

    fn installed(&self, package: &Pinned) {
        let shown = package.wanted.shown();
        self.say(
            News::info("DepsStartPackageInstall", "M014", format!("Installing {shown}"))
                .with("package_name", shown),
        );
        let version = package.shown_version();
        self.say(
            News::info("DepsInstallInfo", "M015", format!("Installed from {version}"))
                .with("version_name", version),
        );
        if let crate::install::Source::Git { subdirectory: Some(below), .. } = &package.wanted.source {
            self.say(
                News::info("DepsListSubdirectory", "M018", format!("and subdirectory {below}"))
                    .with("subdirectory", below.as_str()),
            );
        }
        match (&package.version, &package.latest) {
            (Some(version), Some(latest)) if version == latest => {
                self.say(News::info("DepsUpToDate", "M017", "Up to date!"));
            }
            (Some(_), Some(latest)) => self.say(
                News::info("DepsUpdateAvailable", "M016", format!("Updated version available: {latest}"))
                    .with("version_latest", latest.as_str()),
            ),
            _ => {}
        }
    }

    /// Names the packages of which there are newer versions.
    fn updates(&self, installed: &[Pinned]) {
        let old =
            installed.iter().filter(|package| package.latest.is_some() && package.latest != package.version);
        let names: Vec<String> = old.map(|package| package.wanted.shown()).collect();
        if !names.is_empty() {
            let text = format!(
                "Updates available for packages: {}. Update your versions in packages.yml, then run xform deps",
                names.join(", ")
            );
            self.say(News::info("DepsNotifyUpdatesAvailable", "M019", text).with("packages", names));
        }
    }

    /// Tells warnings.
    fn tell(&self, diagnostics: Vec<Diagnostic>) -> Result<(), Vec<Diagnostic>> {
        let judged = diagnostics.into_iter().filter_map(|told| self.judge.judge(told));
        let (errors, others): (Vec<_>, Vec<_>) = judged.partition(Diagnostic::is_error);
        for told in others {
            self.reporter.report(Event::Diagnostic(told));
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }

    fn say(&self, news: News) {
        self.reporter.report(Event::News(news));
    }
}
