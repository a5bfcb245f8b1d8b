use std::path::Path;

use super::{Fetcher, Lock, Pinned, Source};
use crate::diagnostic::{Code, Diagnostic};
use crate::project::PackageFiles;
use crate::text::Files;

/// Puts the packages of a lock where the project finds them. All are fetched before anything is
/// replaced, so that a failure leaves what was there. `say` hears of each package; the packages,
/// with the newest versions of those of the hub where `resolved` knows them.
///
/// # Errors
/// A package cannot be fetched, or the folder cannot be written.
pub fn install(
    fetcher: &Fetcher<'_>,
    files: &Files,
    project: &PackageFiles,
    lock: &Lock,
    say: &mut dyn FnMut(&Pinned),
) -> Result<Vec<Pinned>, Diagnostic> {
    let staged = fetcher.new_folder();
    let system = fetcher.system;
    let cannot = |path: &Path, error: &std::io::Error| {
        Diagnostic::new(Code::CannotWriteFile, format!("`{}` cannot be written: {error}", path.display()))
            .help("check who may write there")
    };
    system.create_dir_all(&staged).map_err(|error| cannot(&staged, &error))?;
    let mut hub = super::hub::Hub::new(system.env("DBT_PACKAGE_HUB_URL").filter(|url| !url.is_empty()));
    let mut all: Vec<Pinned> = Vec::new();
    for wanted in &lock.packages {
        let mut told = Vec::new();
        let mut latest = None;
        let (folder, version) = match &wanted.source {
            Source::Local { path } => (fetcher.local(wanted, path, fetcher.root)?, None),
            Source::Git { .. } => {
                let (folder, commit) = fetcher.git(wanted)?;
                (folder, Some(commit))
            }
            Source::Tarball { url } => (fetcher.tarball(wanted, url)?, None),
            Source::Hub { .. } => {
                let chosen = hub.choose(&fetcher.http, &[wanted], false, &mut told)?;
                latest = Some(chosen.latest);
                (fetcher.tarball(wanted, &chosen.tarball)?, Some(chosen.version))
            }
        };
        let config = project.project(system, files, &folder, &mut told).ok_or_else(|| {
            Diagnostic::new(Code::PackageUnavailable, format!("there is no project in `{}`", wanted.shown()))
                .label(wanted.span, "asked for here")
                .help("a package has a `dbt_project.yml` at its top")
        })?;
        let pinned = Pinned { wanted: wanted.clone(), name: config.name.value, version, folder, latest };
        let place = staged.join(&pinned.name);
        let placed = if matches!(wanted.source, Source::Local { .. }) {
            system.link(&pinned.folder, &place).or_else(|_| copy(fetcher, &pinned.folder, &place))
        } else {
            system.rename(&pinned.folder, &place)
        };
        placed.map_err(|error| cannot(&place, &error))?;
        say(&pinned);
        all.push(pinned);
    }
    let target = project.root.root.join(&project.root.config.packages_install_path);
    system.remove(&target).map_err(|error| cannot(&target, &error))?;
    if let Some(above) = target.parent() {
        system.create_dir_all(above).map_err(|error| cannot(above, &error))?;
    }
    system.rename(&staged, &target).map_err(|error| cannot(&target, &error))?;
    Ok(all)
}

/// Where links cannot be made.
fn copy(fetcher: &Fetcher<'_>, from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fetcher.system.walk(from)? {
        let below = entry.path.strip_prefix(from).unwrap_or(&entry.path);
        fetcher.system.write(&to.join(below), &fetcher.system.read(&entry.path)?)?;
    }
    Ok(())
}
