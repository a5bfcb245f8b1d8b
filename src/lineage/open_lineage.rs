use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{ColumnGraph, ColumnId, Inherited, along, description};
use crate::analyze::How;
use crate::check::ProjectAnalysis;
use crate::manifest::{Manifest, Node, NodeId, ResourceType};

/// What events say besides lineage.
#[derive(Clone, Debug)]
pub struct OpenLineage<'a> {
    pub manifest: &'a Manifest,
    pub project: &'a ProjectAnalysis,
    pub graph: &'a ColumnGraph,
    pub inherited: &'a Inherited,
    /// Where the datasets are: `duckdb://shop.duckdb`.
    pub namespace: &'a str,
    /// RFC 3339.
    pub time: &'a str,
}

/// Who makes the events.
const PRODUCER: &str = concat!("https://crates.io/crates/xform/", env!("CARGO_PKG_VERSION"));
const EVENT: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
const SCHEMA: &str =
    "https://openlineage.io/spec/facets/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet";
const COLUMN_LINEAGE: &str = "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet";

/// Where a column comes from in the datasets, and how.
type Sources = BTreeSet<(ColumnId, How)>;

impl OpenLineage<'_> {
    /// An event for a node that makes a dataset, by the `OpenLineage` specification
    /// (<https://openlineage.io/docs/spec/object-model>); `None` for other nodes. Nothing ran,
    /// so that its type is `OTHER`. What ephemeral models do is part of who reads them.
    #[must_use]
    pub fn event(&self, id: &NodeId, run_id: &str) -> Option<Value> {
        let node = self.manifest.node(id)?;
        let makes = matches!(node.resource_type, ResourceType::Model | ResourceType::Snapshot);
        if !makes || !self.is_dataset(id) {
            return None;
        }
        let parents = self.dataset_parents(node);
        let inputs: Vec<Value> = parents.iter().filter_map(|parent| self.dataset(parent, None)).collect();
        let output = self.dataset(id, Some(self.column_lineage(id)))?;
        Some(json!({
            "eventType": "OTHER",
            "eventTime": self.time,
            "run": { "runId": run_id },
            "job": { "namespace": self.manifest.project, "name": node.id.as_str() },
            "inputs": inputs,
            "outputs": [output],
            "producer": PRODUCER,
            "schemaURL": EVENT,
        }))
    }

    fn is_dataset(&self, id: &NodeId) -> bool {
        self.manifest.node(id).is_some_and(|node| node.relation.is_some() && !node.is_ephemeral())
    }

    /// The datasets that a node reads, through ephemeral models.
    fn dataset_parents(&self, node: &Node) -> BTreeSet<NodeId> {
        let mut found = BTreeSet::new();
        let mut seen: BTreeSet<NodeId> = BTreeSet::new();
        let mut open: Vec<&NodeId> = node.depends_on.iter().collect();
        while let Some(id) = open.pop() {
            let Some(parent) = self.manifest.node(id).filter(|_| seen.insert(id.clone())) else { continue };
            if self.is_dataset(id) {
                found.insert(id.clone());
            } else if parent.is_ephemeral() {
                open.extend(&parent.depends_on);
            }
        }
        found
    }

    fn name(&self, id: &NodeId) -> Option<String> {
        let relation = self.manifest.node(id)?.relation.as_ref()?;
        let parts = [&relation.database, &relation.schema, &relation.identifier];
        Some(parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("."))
    }

    fn dataset(&self, id: &NodeId, lineage: Option<Value>) -> Option<Value> {
        let mut facets = Map::new();
        let node = self.manifest.node(id)?;
        let known = self.project.node(id).and_then(|known| known.schema.as_deref());
        let fields: Vec<Value> = self
            .graph
            .columns(id)
            .iter()
            .map(|column| {
                let name = self.graph.name(*column);
                let known = known.and_then(|known| known.columns.iter().find(|known| known.name == name));
                let data_type = known.and_then(|known| known.data_type.as_ref());
                let inherited = self.inherited.description(*column).map(|inherited| inherited.text.as_str());
                let mut field = json!({ "name": name });
                if let Some(data_type) = data_type {
                    field["type"] = data_type.as_str().into();
                }
                if let Some(text) = description(node, name).or(inherited) {
                    field["description"] = text.into();
                }
                field
            })
            .collect();
        if !fields.is_empty() {
            let facet = json!({ "_producer": PRODUCER, "_schemaURL": SCHEMA, "fields": fields });
            facets.insert("schema".to_owned(), facet);
        }
        if let Some(lineage) = lineage {
            facets.insert("columnLineage".to_owned(), lineage);
        }
        Some(json!({ "namespace": self.namespace, "name": self.name(id)?, "facets": facets }))
    }

    fn column_lineage(&self, id: &NodeId) -> Value {
        let mut fields = Map::new();
        for column in self.graph.columns(id) {
            let mut sources = Sources::new();
            for edge in self.graph.made_of(*column) {
                self.add_sources(edge.column, edge.how, &mut sources, &mut BTreeSet::new());
            }
            if !sources.is_empty() {
                let input_fields = self.input_fields(&sources);
                fields.insert(self.graph.name(*column).to_owned(), json!({ "inputFields": input_fields }));
            }
        }
        let mut rows = Sources::new();
        let mut seen = BTreeSet::new();
        self.add_row_sources(id, &mut rows, &mut seen);
        json!({
            "_producer": PRODUCER,
            "_schemaURL": COLUMN_LINEAGE,
            "fields": fields,
            "dataset": self.input_fields(&rows),
        })
    }

    /// A column of a dataset, or those that one of an ephemeral model is made of.
    fn add_sources(
        &self,
        column: ColumnId,
        how: How,
        sources: &mut Sources,
        seen: &mut BTreeSet<(ColumnId, How)>,
    ) {
        if self.is_dataset(self.graph.node(column)) {
            sources.insert((column, how));
            return;
        }
        if !seen.insert((column, how)) {
            return;
        }
        for edge in self.graph.made_of(column) {
            self.add_sources(edge.column, along(edge.how, how), sources, seen);
        }
    }

    /// What decides the rows of a node, and of the ephemeral models it reads.
    fn add_row_sources(&self, id: &NodeId, rows: &mut Sources, seen: &mut BTreeSet<NodeId>) {
        if !seen.insert(id.clone()) {
            return;
        }
        for edge in self.graph.decided_by(id) {
            self.add_sources(edge.column, edge.how, rows, &mut BTreeSet::new());
        }
        let parents = self.manifest.node(id).map_or(&[][..], |node| &node.depends_on);
        for parent in parents {
            if self.manifest.node(parent).is_some_and(Node::is_ephemeral) {
                self.add_row_sources(parent, rows, seen);
            }
        }
    }

    fn input_fields(&self, sources: &Sources) -> Vec<Value> {
        let mut by_column: BTreeMap<ColumnId, Vec<Value>> = BTreeMap::new();
        for (column, how) in sources {
            by_column.entry(*column).or_default().push(transformation(*how));
        }
        let fields = by_column.into_iter().filter_map(|(column, transformations)| {
            Some(json!({
                "namespace": self.namespace,
                "name": self.name(self.graph.node(column))?,
                "field": self.graph.name(column),
                "transformations": transformations,
            }))
        });
        fields.collect()
    }
}

/// The words of the specification for a use:
/// <https://openlineage.io/docs/spec/facets/dataset-facets/column_lineage_facet>.
fn transformation(how: How) -> Value {
    let (kind, subtype) = match how {
        How::Copied | How::Renamed => ("DIRECT", "IDENTITY"),
        How::Computed => ("DIRECT", "TRANSFORMATION"),
        How::Aggregated => ("DIRECT", "AGGREGATION"),
        How::Condition => ("INDIRECT", "CONDITIONAL"),
        How::Filter => ("INDIRECT", "FILTER"),
        How::Group => ("INDIRECT", "GROUP_BY"),
        How::Order => ("INDIRECT", "SORT"),
    };
    json!({ "type": kind, "subtype": subtype, "description": "", "masking": false })
}
