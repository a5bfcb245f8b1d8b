use std::path::{Component, Path, PathBuf};

use super::read_text::{absolute, setting};
use crate::diagnostic::{Code, Diagnostic};
use crate::system::{Entry, System};

/// Names of project files, the first wins.
pub(super) const PROJECT_FILES: [&str; 2] = ["project.yml", "dbt_project.yml"];

/// Folders of a project without a project file that hold no sources.
const NOT_SOURCES: [&str; 3] = ["target", "logs", "dbt_packages"];

/// Where a project is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// Absolute.
    pub root: PathBuf,
    /// The project file; without one the folder of SQL files is the project.
    pub file: Option<PathBuf>,
}

/// Finds the project: `project_dir` (`--project-dir`), else `DBT_PROJECT_DIR`, else the
/// working folder or the nearest above it that has a project file, else the working folder
/// if it has `.sql` or `.csv` files.
///
/// # Errors
/// `invalid-project`: there is none.
pub fn locate(system: &dyn System, project_dir: Option<&Path>) -> Result<Located, Diagnostic> {
    let variable = setting(system, "PROJECT_DIR").map(PathBuf::from);
    if let Some(folder) = project_dir.or(variable.as_deref()) {
        let root = absolute(system, folder);
        if !system.is_dir(&root) {
            return Err(Diagnostic::new(
                Code::InvalidProject,
                format!("there is no folder `{}`", folder.display()),
            )
            .help("name the folder that holds the project file with `--project-dir`"));
        }
        return in_folder(system, &root)
            .or_else(|| bare(system, &root))
            .ok_or_else(|| no_project(system, &root));
    }
    let current = absolute(system, &system.current_dir());
    current
        .ancestors()
        .find_map(|folder| in_folder(system, folder))
        .or_else(|| bare(system, &current))
        .ok_or_else(|| no_project(system, &current))
}

/// The project whose file is in that very folder.
pub(super) fn in_folder(system: &dyn System, folder: &Path) -> Option<Located> {
    let file = project_file(system, folder)?;
    Some(Located { root: folder.to_path_buf(), file: Some(file) })
}

/// The project file of a folder.
pub(super) fn project_file(system: &dyn System, folder: &Path) -> Option<PathBuf> {
    let files = PROJECT_FILES.iter().map(|name| folder.join(name));
    files.into_iter().find(|file| system.exists(file) && !system.is_dir(file))
}

fn bare(system: &dyn System, root: &Path) -> Option<Located> {
    let entries = system.walk(root).ok()?;
    let projects = projects_in(&entries);
    let has_sources = entries.iter().any(|entry| {
        let is_source = entry.path.extension().is_some_and(|ending| ending == "sql" || ending == "csv");
        is_source
            && !is_below(root, &entry.path, &NOT_SOURCES)
            && !projects.iter().any(|project| entry.path.starts_with(project))
    });
    has_sources.then(|| Located { root: root.to_path_buf(), file: None })
}

fn is_below(root: &Path, path: &Path, folders: &[&str]) -> bool {
    let first = path.strip_prefix(root).ok().and_then(|below| below.components().next());
    matches!(first, Some(Component::Normal(name)) if folders.iter().any(|folder| name == *folder))
}

/// The folders that have a project file.
fn projects_in(entries: &[Entry]) -> Vec<PathBuf> {
    let is_project_file =
        |path: &Path| PROJECT_FILES.iter().any(|name| path.file_name() == Some(name.as_ref()));
    let files = entries.iter().filter(|entry| is_project_file(&entry.path));
    files.filter_map(|entry| entry.path.parent().map(Path::to_path_buf)).collect()
}

fn no_project(system: &dyn System, folder: &Path) -> Diagnostic {
    let entries = system.walk(folder).unwrap_or_default();
    if let Some(project) = projects_in(&entries).into_iter().min() {
        let below = project.strip_prefix(folder).unwrap_or(&project).display().to_string();
        return Diagnostic::new(
            Code::InvalidProject,
            format!("there is no project in `{}`", folder.display()),
        )
        .note(format!("there is one in `{below}`"))
        .help(format!("go there, `cd {below}`, or name it with `--project-dir {below}`"));
    }
    Diagnostic::new(Code::InvalidProject, format!("there is no project in `{}`", folder.display()))
        .note("a project is a folder with a `project.yml` or `dbt_project.yml`, or just with `.sql` files")
        .help("go to the project's folder, name it with `--project-dir`, or make a new one: `xform init`")
}
