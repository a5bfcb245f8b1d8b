use std::path::{Path, PathBuf};
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use crate::docs::site::FOLDER;
use crate::system::System;

/// Files that are shown beside the site's own folder: dbt's artifacts, for tools.
const FILES: [&str; 4] = ["index.html", "static_index.html", "manifest.json", "catalog.json"];

/// The target folder, as far as it is shown.
#[derive(Clone, Debug)]
pub struct Folder {
    system: Arc<dyn System>,
    root: PathBuf,
    /// Folders below that are shown: the site's own, and assets of the project.
    shown: Vec<PathBuf>,
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub bytes: Vec<u8>,
    pub content_type: &'static str,
    pub is_index: bool,
}

impl Folder {
    /// `assets` are the folders below `root` that hold files of the project.
    #[must_use]
    pub fn new(system: Arc<dyn System>, root: &Path, assets: &[PathBuf]) -> Self {
        let shown = std::iter::once(PathBuf::from(FOLDER)).chain(assets.iter().cloned()).collect();
        Self { system, root: root.to_path_buf(), shown }
    }

    /// The file that a request asks for; `None` where it is not there or not shown, which are one.
    pub(super) fn find(&self, target: &str) -> Option<Found> {
        let name = name_of(target)?;
        let name = if name.is_empty() { "index.html" } else { &name };
        let is_shown = FILES.contains(&name)
            || self
                .shown
                .iter()
                .any(|folder| Path::new(name).starts_with(folder) && Path::new(name) != folder);
        if !is_shown {
            return None;
        }
        let root = self.system.canonicalize(&self.root).ok()?;
        let path = self.system.canonicalize(&self.root.join(name)).ok()?;
        // A link may lead anywhere.
        if !path.starts_with(&root) || self.system.is_dir(&path) {
            return None;
        }
        let is_index = name == format!("{FOLDER}/data/index.js");
        Some(Found { bytes: self.system.read(&path).ok()?, content_type: content_type(name), is_index })
    }
}

/// The path of a request's target, relative and decoded once; `None` for what could lead out of a
/// folder, in any system, and for hidden files.
fn name_of(target: &str) -> Option<String> {
    let path = target.split(['?', '#']).next().unwrap_or_default().strip_prefix('/')?;
    let name = percent_decode_str(path).decode_utf8().ok()?.into_owned();
    if name.is_empty() {
        return Some(name);
    }
    let is_plain = |part: &str| !(part.is_empty() || part.starts_with('.') || part.ends_with(['.', ' ']));
    let has_none_of = !name.contains(|letter: char| matches!(letter, '\\' | ':') || letter.is_control());
    (has_none_of && name.split('/').all(is_plain)).then_some(name)
}

/// By the ending of the name; what is not known is nothing that a browser shows.
fn content_type(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "pdf" => "application/pdf",
        "md" | "txt" | "csv" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::OsSystem;

    fn folder(root: &Path) -> Folder {
        Folder::new(Arc::new(OsSystem), root, &[PathBuf::from("그림")])
    }

    #[test]
    fn files_of_the_site_are_found_and_nothing_else() -> std::io::Result<()> {
        let outer = OsSystem.scratch()?;
        let root = outer.path().join("target");
        for name in
            ["index.html", "xform-docs/data/nodes/0.js", "run_results.json", "그림/차 1.svg", "dev.duckdb"]
        {
            OsSystem.write(&root.join(name), name.as_bytes())?;
        }
        OsSystem.write(&outer.path().join("secret.txt"), b"secret")?;
        OsSystem.link(outer.path(), &root.join("xform-docs/out"))?;
        let folder = folder(&root);
        let found = |target: &str| folder.find(target).map(|found| String::from_utf8(found.bytes).unwrap());
        assert_eq!(found("/").as_deref(), Some("index.html"));
        assert_eq!(found("/index.html?x#y").as_deref(), Some("index.html"));
        assert_eq!(found("/xform-docs/data/nodes/0.js").as_deref(), Some("xform-docs/data/nodes/0.js"));
        assert_eq!(found("/%EA%B7%B8%EB%A6%BC/%EC%B0%A8%201.svg").as_deref(), Some("그림/차 1.svg"));
        for target in [
            "/run_results.json",
            "/dev.duckdb",
            "/xform-docs",
            "/xform-docs/",
            "/xform-docs/data",
            "/nothing",
            "",
            "/../secret.txt",
            "/xform-docs/../dev.duckdb",
            "/xform-docs/%2e%2e/dev.duckdb",
            "/xform-docs/%2E%2E%2Fdev.duckdb",
            "/xform-docs/..%5cdev.duckdb",
            "/xform-docs\\..\\dev.duckdb",
            "/xform-docs/%252e%252e/dev.duckdb",
            "//etc/passwd",
            "/%2fetc/passwd",
            "/etc/passwd",
            "http://localhost/index.html",
            "/xform-docs/out/secret.txt",
            "/xform-docs/data/nodes/0.js%00.html",
            "/xform-docs/data//nodes/0.js",
            "/index.html.",
            "/C:/index.html",
            "/%ff",
            "/.git/config",
        ] {
            assert_eq!(found(target), None, "{target}");
        }
        Ok(())
    }

    #[test]
    fn types_are_told_by_endings() {
        assert_eq!(content_type("a/app.JS"), "text/javascript; charset=utf-8");
        assert_eq!(content_type("a.exe"), "application/octet-stream");
        assert_eq!(content_type("a"), "application/octet-stream");
    }
}
