use crate::diagnostic::suggest;
use crate::manifest::{Manifest, Node};
use crate::select::Pattern;

/// `path:models/staging`, `models/**/stg_*.sql`: files, and all files of a folder. A
/// wildcard stays within one folder, `**` is any number of them. A node is at the path of
/// its own file and of the properties file that describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct PathMethod {
    written: String,
    segments: Vec<Pattern>,
}

impl PathMethod {
    pub(super) fn new(value: &str) -> Self {
        let value = value.replace('\\', "/");
        let segments = value.split('/').filter(|segment| !segment.is_empty() && *segment != ".");
        Self { segments: segments.map(Pattern::new).collect(), written: value }
    }

    pub(super) fn matches(&self, node: &Node) -> bool {
        let patch = node.patch_path.as_deref().and_then(|path| path.split_once("://"));
        self.matches_path(&node.original_file_path) || patch.is_some_and(|(_, path)| self.is_file(path))
    }

    fn matches_path(&self, path: &str) -> bool {
        let segments: Vec<&str> = path.split('/').collect();
        (1..=segments.len()).any(|length| fits(&self.segments, &segments[..length]))
    }

    fn is_file(&self, path: &str) -> bool {
        fits(&self.segments, &path.split('/').collect::<Vec<_>>())
    }

    pub(super) fn suggestion(&self, manifest: &Manifest) -> Option<String> {
        let mut paths: Vec<&str> = Vec::new();
        for node in manifest.nodes.values() {
            let path = node.original_file_path.as_str();
            paths.push(path);
            paths.extend(path.match_indices('/').map(|(at, _)| &path[..at]));
        }
        suggest::similar("path", self.written.trim_end_matches('/'), paths)
    }
}

fn fits(pattern: &[Pattern], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, rest) => rest.is_none(),
        (Some((first, rest)), path_first) if first.as_str() == "**" => {
            fits(rest, path) || path_first.is_some_and(|(_, below)| fits(pattern, below))
        }
        (Some((first, rest)), Some((segment, below))) => first.matches(segment) && fits(rest, below),
        (Some(_), None) => false,
    }
}
