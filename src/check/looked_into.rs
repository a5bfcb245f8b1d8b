use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use crate::sql::{Dialect, paths_in};
use crate::system::System;

/// Tells the system of the files that a warehouse's judge may look into for the columns of a
/// query: what is found out depends on them, although only the judge reads them. Gives their
/// names, sizes and times as a text that is another one when they have changed.
pub(in crate::check) fn note_files(sql: &str, dialect: Dialect, system: &dyn System) -> String {
    let mut state = String::new();
    let mut note = |path: &Path| {
        let stamp = system.stamp(path);
        let _ = writeln!(state, "{} {stamp:?}", path.display());
    };
    for path in paths_in(sql, dialect) {
        let path = Path::new(&path);
        match folder_of_pattern(path) {
            None => note(path),
            Some(folder) => {
                for entry in system.walk(&folder).unwrap_or_default() {
                    note(&entry.path);
                }
            }
        }
    }
    state
}

/// The folder below which a pattern of paths is looked for: `data` of `data/*.parquet`. `None`
/// where it is no pattern, or one of the whole project, which no data is named by.
fn folder_of_pattern(path: &Path) -> Option<PathBuf> {
    let is_pattern = |part: &Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let folder: PathBuf = path.components().take_while(|part| !is_pattern(part)).collect();
    (folder != path && !folder.as_os_str().is_empty() && folder != Path::new("/")).then_some(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_have_a_folder_and_paths_have_none() {
        let folder = |path: &str| folder_of_pattern(Path::new(path));
        assert_eq!(folder("data/주문/*.parquet"), Some(PathBuf::from("data/주문")));
        assert_eq!(folder("data/*/2026-0?.csv"), Some(PathBuf::from("data")));
        assert_eq!(folder("data/orders.csv"), None);
        assert_eq!(folder("^a.*b$"), None);
        assert_eq!(folder("/*"), None);
    }
}
