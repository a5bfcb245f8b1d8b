use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::adapter::TableSize;
use crate::artifact::CatalogJson;
use crate::manifest::{Manifest, Node, NodeId};
use crate::system::ContentDigest;

/// Raised whenever the meaning of the file changes; others are not read.
const VERSION: u32 = 2;

/// What the warehouse said of relations when documentation was last generated, by unique id.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    version: u32,
    relations: BTreeMap<String, CatalogRelation>,
    /// The SQL of nodes whose templates ask the warehouse.
    asked: BTreeMap<String, Asked>,
}

/// SQL that cannot be had again without the warehouse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Asked {
    /// Of all templates that it is made of.
    digest: String,
    sql: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CatalogRelation {
    /// `BASE TABLE`
    pub kind: String,
    pub owner: Option<String>,
    pub comment: Option<String>,
    /// In the order of the table.
    pub columns: Vec<CatalogColumn>,
    /// About how many there are.
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CatalogColumn {
    pub name: String,
    pub data_type: String,
    pub comment: Option<String>,
}

impl Catalog {
    /// What a catalog says, with the sizes that the warehouse knows of besides.
    #[must_use]
    pub fn new(manifest: &Manifest, catalog: &CatalogJson<'_>, sizes: &[TableSize]) -> Self {
        let lower = |text: &str| text.to_lowercase();
        let rows: BTreeMap<(String, String, String), u64> = sizes
            .iter()
            .map(|size| ((lower(&size.database), lower(&size.schema), lower(&size.relation)), size.rows))
            .collect();
        let mut relations = BTreeMap::new();
        for relation in catalog.relations() {
            let stat = |names: &[&str]| {
                let mut found = relation.stats.iter().filter(|(id, _)| names.contains(id));
                found.find_map(|(_, value)| number(value))
            };
            let key = manifest.node(&NodeId::new(relation.unique_id)).and_then(|node| node.relation.as_ref());
            let known = CatalogRelation {
                kind: relation.kind.to_owned(),
                owner: relation.owner.map(str::to_owned),
                comment: relation.comment.map(str::to_owned),
                columns: relation
                    .columns
                    .iter()
                    .map(|(name, data_type, comment)| CatalogColumn {
                        name: (*name).to_owned(),
                        data_type: (*data_type).to_owned(),
                        comment: comment.map(str::to_owned),
                    })
                    .collect(),
                rows: stat(&["num_rows", "row_count", "rows"]).or_else(|| rows.get(&key?.key()).copied()),
                bytes: stat(&["num_bytes", "bytes", "size"]),
            };
            relations.insert(relation.unique_id.to_owned(), known);
        }
        Self { version: VERSION, relations, asked: BTreeMap::new() }
    }

    /// Keeps the SQL that a template which asks the warehouse became.
    pub fn keep_sql(&mut self, manifest: &Manifest, node: &Node, sql: &str) {
        let asked = Asked { digest: digest(manifest, node), sql: sql.to_owned() };
        self.asked.insert(node.id.as_str().to_owned(), asked);
    }

    /// The SQL that was kept of a node, where its template is still the same.
    #[must_use]
    pub fn sql(&self, manifest: &Manifest, node: &Node) -> Option<&str> {
        let asked = self.asked.get(node.id.as_str())?;
        (asked.digest == digest(manifest, node)).then_some(asked.sql.as_str())
    }

    /// From the bytes of its file; empty where they are of another version, or damaged.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let read: Option<Self> = serde_json::from_slice(bytes).ok();
        read.filter(|catalog| catalog.version == VERSION).unwrap_or_default()
    }

    #[must_use]
    pub fn relation(&self, unique_id: &str) -> Option<&CatalogRelation> {
        self.relations.get(unique_id)
    }
}

/// Of the template of a node, of the ephemeral models that go into it, and of the macros that they call.
fn digest(manifest: &Manifest, node: &Node) -> String {
    let mut texts = String::new();
    let (mut left, mut seen) = (vec![node], BTreeSet::new());
    while let Some(node) = left.pop() {
        if !seen.insert(&node.id) {
            continue;
        }
        let macros = node.depends_on_macros.iter().filter_map(|id| manifest.macros.get(id));
        let sources = macros.map(|one| &*one.source);
        for text in std::iter::once(&*node.raw_code).chain(sources) {
            texts.push_str(text);
            texts.push('\0');
        }
        let parents = node.depends_on.iter().filter_map(|id| manifest.node(id));
        left.extend(parents.filter(|parent| parent.is_ephemeral()));
    }
    ContentDigest::of(texts.as_bytes()).to_string()
}

/// A count, also where it is written as a float or a text.
fn number(value: &Value) -> Option<u64> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be no less than 0, and `as` saturates"
    )]
    let whole = |number: f64| (number >= 0.0).then_some(number as u64);
    value.as_u64().or_else(|| whole(value.as_f64()?)).or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_are_read_however_they_are_written() {
        let read = |value: Value| number(&value);
        assert_eq!([read(json!(7)), read(json!(7.0)), read(json!(" 7"))], [Some(7); 3]);
        assert_eq!([read(json!(-1)), read(json!("many")), read(json!(null))], [None; 3]);
    }

    #[test]
    fn a_damaged_file_is_an_empty_catalog() {
        let relation = CatalogRelation { rows: Some(3), ..CatalogRelation::default() };
        let kept = Catalog {
            version: VERSION,
            relations: BTreeMap::from([("model.찻집.주문".to_owned(), relation)]),
            asked: BTreeMap::new(),
        };
        let bytes = serde_json::to_vec(&kept).unwrap();
        assert_eq!(Catalog::read(&bytes), kept);
        assert_eq!(Catalog::read(&bytes[1..]), Catalog::default());
        assert_eq!(Catalog::read(b"{\"version\":0,\"relations\":{},\"asked\":{}}"), Catalog::default());
    }
}
