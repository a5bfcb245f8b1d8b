use std::path::PathBuf;
use std::sync::Arc;

use super::Package;
use crate::text::SourceFile;

/// What a file is for, by the folder it is in and its ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    Macro,
    Model,
    Seed,
    Snapshot,
    Analysis,
    /// A singular test.
    Test,
    /// A generic test in `tests/generic`.
    GenericTest,
    /// YAML.
    Properties,
    /// Markdown with doc blocks.
    Docs,
}

/// A file of a package.
#[derive(Clone, Debug)]
pub struct ProjectFile {
    pub package: String,
    pub kind: FileKind,
    /// The folder of its kind it was found in (`models`), relative to the package.
    pub resource_path: String,
    /// Relative to the package, `/` between folders: `models/staging/stg_orders.sql`.
    pub path: String,
    pub absolute_path: PathBuf,
    /// The text; of a seed an empty one, as seeds are read by the warehouse.
    pub source: Arc<SourceFile>,
    /// SHA-256 of the bytes, in hexadecimal; dbt's checksum of seeds.
    pub checksum: String,
}

/// Every file of the project and its packages, read once, in order of package and path.
#[derive(Clone, Debug, Default)]
pub struct ProjectFiles {
    /// Packages in order of loading: built in, installed, root last.
    pub packages: Vec<Package>,
    pub files: Vec<ProjectFile>,
}
