use std::path::{Path, PathBuf};

use crate::manifest::Node;

/// Where artifacts go, as dbt lays out its target folder.
/// See <https://docs.getdbt.com/reference/artifacts/dbt-artifacts>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    target: PathBuf,
    root: PathBuf,
}

impl Paths {
    /// `target` is the target folder, absolute; `root` the project's folder.
    #[must_use]
    pub fn new(target: PathBuf, root: PathBuf) -> Self {
        Self { target, root }
    }

    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    #[must_use]
    pub fn manifest(&self) -> PathBuf {
        self.target.join("manifest.json")
    }

    #[must_use]
    pub fn semantic_manifest(&self) -> PathBuf {
        self.target.join("semantic_manifest.json")
    }

    #[must_use]
    pub fn graph_summary(&self) -> PathBuf {
        self.target.join("graph_summary.json")
    }

    /// The lineage of columns, which has no place in dbt's `manifest.json`.
    #[must_use]
    pub fn column_lineage(&self) -> PathBuf {
        self.target.join("column_lineage.json")
    }

    #[must_use]
    pub fn run_results(&self) -> PathBuf {
        self.target.join("run_results.json")
    }

    /// What the warehouse held when a target was last connected to.
    #[must_use]
    pub fn catalog_cache(&self, target: &str) -> PathBuf {
        cache_file(&self.target, &format!("catalog.{}.json", file_name(target)))
    }

    /// How the files of its databases stood then.
    #[must_use]
    pub fn catalog_seal(&self, target: &str) -> PathBuf {
        cache_file(&self.target, &format!("catalog_seal.{}.json", file_name(target)))
    }

    /// The folder of what became of the last runs.
    #[must_use]
    pub fn past_runs(&self) -> PathBuf {
        cache_file(&self.target, "runs")
    }

    /// What the documentation last showed of the warehouse.
    #[must_use]
    pub fn site_catalog(&self, target: &str) -> PathBuf {
        cache_file(&self.target, &format!("site_catalog.{}.json", file_name(target)))
    }

    #[must_use]
    pub fn sources(&self) -> PathBuf {
        self.target.join("sources.json")
    }

    /// Where a node's compiled SQL goes.
    #[must_use]
    pub fn compiled(&self, node: &Node) -> PathBuf {
        self.target.join("compiled").join(below(node))
    }

    /// Where the SQL that ran for a node goes.
    #[must_use]
    pub fn run(&self, node: &Node) -> PathBuf {
        self.target.join("run").join(below(node))
    }

    /// Where the compiled SQL of a batch of a microbatch model goes: in a folder of the
    /// model's name, `orders/orders_2020-01-01.sql`.
    #[must_use]
    pub fn compiled_batch(&self, node: &Node, label: &str) -> PathBuf {
        of_batch(&self.compiled(node), node, label)
    }

    /// Where the SQL that ran for a batch goes.
    #[must_use]
    pub fn run_batch(&self, node: &Node, label: &str) -> PathBuf {
        of_batch(&self.run(node), node, label)
    }

    /// A path as messages and artifacts show it: relative to the project where it can be.
    #[must_use]
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }
}

/// What only xform itself reads again, below the target folder.
#[must_use]
pub fn cache_file(target: &Path, name: &str) -> PathBuf {
    target.join("xform").join(name)
}

/// A name that a file may have in every system.
fn file_name(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
    text.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect()
}

fn of_batch(file: &Path, node: &Node, label: &str) -> PathBuf {
    file.with_extension("").join(format!("{}_{label}.sql", node.name))
}

/// `shop/models/orders.sql`; of what has no file of its own, a generic test or a snapshot,
/// `shop/models/schema.yml/unique_orders_id.sql`.
fn below(node: &Node) -> PathBuf {
    let file = PathBuf::from(&node.package).join(&node.original_file_path);
    let is_generic = node.data_test().is_some_and(|test| test.metadata.is_some());
    let is_hook = matches!(node.kind, crate::manifest::NodeKind::Operation(_));
    if node.resource_type == crate::manifest::ResourceType::Snapshot {
        return file.join(format!("{}.sql", node.name));
    }
    if node.unit_test().is_some() {
        return file.join("models").join(format!("{}.sql", node.name_with_version()));
    }
    if is_generic || is_hook { file.join(&node.path) } else { file }
}
