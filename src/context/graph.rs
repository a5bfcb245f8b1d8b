use std::fmt;
use std::sync::Arc;

use super::node_fields::group_fields;
use super::node_value::NodeValue;
use super::values::{dict, list};
use crate::jinja::{Enumerator, Error, ErrorKind, Object, State, Value, from_json};
use crate::manifest::{Manifest, Node, NodeId, NodeKind};

/// `graph`: all nodes by their unique ids, as `manifest.json` shows them. A node is
/// turned into a dict when it is looked at, so that a render which does not look costs
/// nothing. See <https://docs.getdbt.com/reference/dbt-jinja-functions/graph>.
#[derive(Debug)]
pub(super) struct Graph {
    manifest: Arc<Manifest>,
}

const KEYS: &[&str] =
    &["nodes", "sources", "exposures", "groups", "metrics", "semantic_models", "saved_queries", "unit_tests"];

impl Graph {
    pub(super) fn value(manifest: &Arc<Manifest>) -> Value {
        Value::from_object(Self { manifest: Arc::clone(manifest) })
    }

    /// The graph while the project is parsed: nothing is known yet.
    pub(super) fn empty() -> Value {
        dict(KEYS.iter().map(|key| (*key, dict(Vec::<(&str, Value)>::new()))))
    }
}

impl Object for Graph {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let part = match key.as_str()? {
            "nodes" => Part::Nodes,
            "sources" => Part::Sources,
            "exposures" => Part::Exposures,
            "groups" => {
                let groups = self.manifest.groups.iter();
                return Some(dict(
                    groups.map(|(id, group)| (id.as_str(), from_json(&group_fields(id, group)))),
                ));
            }
            "metrics" => Part::Metrics,
            "semantic_models" => Part::SemanticModels,
            "saved_queries" => Part::SavedQueries,
            "unit_tests" => {
                return Some(dict(Vec::<(&str, Value)>::new()));
            }
            _ => return None,
        };
        Some(Value::from_object(Nodes { manifest: Arc::clone(&self.manifest), part }))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(KEYS)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<graph>")
    }
}

/// Which nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Nodes,
    Sources,
    Exposures,
    Metrics,
    SemanticModels,
    SavedQueries,
}

/// A mapping from unique ids to nodes.
#[derive(Debug)]
struct Nodes {
    manifest: Arc<Manifest>,
    part: Part,
}

impl Nodes {
    fn has(&self, node: &Node) -> bool {
        let part = match &node.kind {
            NodeKind::Source(_) => Part::Sources,
            NodeKind::Exposure(_) => Part::Exposures,
            NodeKind::Metric(_) => Part::Metrics,
            NodeKind::SemanticModel(_) => Part::SemanticModels,
            NodeKind::SavedQuery(_) => Part::SavedQueries,
            NodeKind::SqlOperation | NodeKind::UnitTest(_) => return false,
            _ => Part::Nodes,
        };
        part == self.part
    }

    fn each(&self) -> impl Iterator<Item = &Node> {
        self.manifest.nodes.values().filter(|node| self.has(node))
    }

    fn find(&self, id: &str) -> Option<Value> {
        let node = self.manifest.node(&NodeId::new(id)).filter(|node| self.has(node))?;
        Some(self.entry(node))
    }

    fn entry(&self, node: &Node) -> Value {
        NodeValue::value(&self.manifest, &node.id, None, None)
    }
}

impl Object for Nodes {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.find(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.each().map(|node| Value::from(node.id.as_str())).collect())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, args) {
            ("values", []) => Ok(list(self.each().map(|node| self.entry(node)).collect())),
            ("items", []) => {
                Ok(list(self.each().map(|node| Value::from((node.id.as_str(), self.entry(node)))).collect()))
            }
            ("keys", []) => Ok(list(self.each().map(|node| Value::from(node.id.as_str())).collect())),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} nodes>", self.each().count())
    }
}
