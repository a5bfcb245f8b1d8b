use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::judge::Judge;
use super::understand::{Depth, Question, tree, understand};
use super::{NodeAnalysis, ProjectAnalysis};
use crate::analyze::{Analysis, Known, Relations};
use crate::context::Invocation;
use crate::manifest::{Manifest, Node, NodeId};
use crate::sql::tree::Query;
use crate::sql::{Dialect, RelationName};

/// A query of a node as it is, or was, with what was known around it.
#[derive(Clone, Debug)]
pub struct Rendition {
    pub text: Arc<str>,
    pub query: Option<Query>,
    pub analysis: Option<Arc<Analysis>>,
    pub relations: Relations,
    /// The nodes that relations are, by key.
    pub nodes: BTreeMap<(String, String, String), NodeId>,
}

/// The project as an earlier manifest tells of it.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// Of the nodes that are now: what they were, as far as that is known. Those that are not
    /// changed, and stand on nothing that is, are as they are.
    pub project: ProjectAnalysis,
    /// Of the changed nodes, how they were and how they are.
    pub versions: BTreeMap<NodeId, (Option<Rendition>, Option<Rendition>)>,
}

/// Understands the compiled SQL of an earlier `manifest.json`, as far as it is needed to tell what
/// `changed` nodes were: theirs, and that of all below. What was known of sources and seeds then
/// is taken to be what is known of them `now`.
#[must_use]
pub fn earlier(
    invocation: &Invocation,
    manifest: &Manifest,
    now: &ProjectAnalysis,
    before: &Value,
    changed: &BTreeSet<NodeId>,
) -> Earlier {
    let mut affected = manifest.graph.descendants_of(changed, None);
    affected.extend(changed.iter().cloned());
    let adapter = &invocation.adapter;
    let mut past = Past {
        manifest,
        before,
        now,
        dialect: adapter.dialect(),
        database: adapter.database(),
        judge: adapter.binder().ok().flatten().map(Judge::new),
        known: BTreeMap::new(),
    };
    let mut versions = BTreeMap::new();
    for id in manifest.graph.topological_order() {
        let Some(node) = manifest.node(&id) else { continue };
        if !affected.contains(&id) {
            past.known.extend(now.node(&id).map(|known| (id.clone(), Arc::clone(known))));
            continue;
        }
        let then = past.rendition_then(node);
        if changed.contains(&id) {
            versions.insert(id, (then, past.rendition_now(node)));
        }
    }
    Earlier { project: ProjectAnalysis::from_map(past.known), versions }
}

struct Past<'a> {
    manifest: &'a Manifest,
    before: &'a Value,
    now: &'a ProjectAnalysis,
    dialect: Dialect,
    database: &'a str,
    judge: Option<Judge>,
    /// What was known of each node, those above first.
    known: BTreeMap<NodeId, Arc<NodeAnalysis>>,
}

impl Past<'_> {
    fn entry(&self, id: &NodeId) -> Option<&Value> {
        ["nodes", "sources"].iter().find_map(|section| self.before.get(section)?.get(id.as_str()))
    }

    /// The relation of a node in the earlier manifest.
    fn relation_then(&self, id: &NodeId) -> Option<RelationName> {
        let entry = self.entry(id)?;
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        let identifier = text("identifier").or_else(|| text("alias")).or_else(|| text("name"))?;
        let (database, schema) = (text("database").unwrap_or_default(), text("schema").unwrap_or_default());
        Some(RelationName::new(self.dialect, database, schema, identifier))
    }

    /// Every relation a node may read, itself too, and the node that it is. Sources with a place
    /// of their own (a file) are known by what they are now.
    fn surroundings(
        &self,
        node: &Node,
        relation: &dyn Fn(&Self, &NodeId) -> Vec<RelationName>,
        known: &dyn Fn(&Self, &NodeId) -> Known,
        parents: &[NodeId],
    ) -> (Relations, BTreeMap<(String, String, String), NodeId>) {
        let mut relations = Relations::new(self.dialect, self.database, "main");
        let mut nodes = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<NodeId> = parents.to_vec();
        open.push(node.id.clone());
        while let Some(id) = open.pop() {
            if !seen.insert(id.clone()) {
                continue;
            }
            if id != node.id
                && let Some(parent) = self.manifest.node(&id).filter(|parent| parent.is_ephemeral())
            {
                open.extend(parent.depends_on.iter().cloned());
                continue;
            }
            for relation in relation(self, &id) {
                nodes.insert(relation.key(), id.clone());
                relations.insert(relation, known(self, &id));
            }
        }
        (relations, nodes)
    }

    fn rendition_then(&mut self, node: &Node) -> Option<Rendition> {
        let entry = self.entry(&node.id)?;
        let text = ["compiled_code", "compiled_sql"].iter().find_map(|key| entry.get(*key)?.as_str());
        let text: Option<Arc<str>> = text.filter(|text| !text.trim().is_empty()).map(Arc::from);
        let listed = entry.pointer("/depends_on/nodes").and_then(Value::as_array);
        let parents: Vec<NodeId> =
            listed.into_iter().flatten().filter_map(Value::as_str).map(NodeId::new).collect();
        let Some(text) = text else {
            // A seed is what it is now; of a query nothing is known.
            let is_query = node.model().is_some();
            let known = self.now.node(&node.id).filter(|_| !is_query);
            self.known.extend(known.map(|known| (node.id.clone(), Arc::clone(known))));
            return None;
        };
        let (relations, nodes) = self.surroundings(
            node,
            &|past, id| past.relation_then(id).into_iter().collect(),
            &|past, id| match past.known.get(id).and_then(|known| known.schema.clone()) {
                Some(schema) => Known::Schema(schema),
                None => Known::Nothing("is not known".to_owned()),
            },
            &parents,
        );
        let understood = self.understand(&text, &relations);
        let mut known = NodeAnalysis::new(&node.id);
        let is_snapshot = node.resource_type == crate::manifest::ResourceType::Snapshot;
        known.schema = understood.schema.map(Arc::new);
        if is_snapshot {
            known.schema = self.now.node(&node.id).and_then(|now| now.schema.clone());
        }
        let analysis = understood.analysis.map(Arc::new);
        let inputs = analysis.iter().flat_map(|analysis| &analysis.inputs);
        known.inputs = inputs.map(|input| nodes.get(&input.relation.key()).cloned()).collect();
        known.analysis.clone_from(&analysis);
        self.known.insert(node.id.clone(), Arc::new(known));
        let query = self.tree(&text);
        Some(Rendition { text, query, analysis, relations, nodes })
    }

    fn rendition_now(&mut self, node: &Node) -> Option<Rendition> {
        let known = self.now.node(&node.id)?;
        let text = Arc::clone(&known.compiled.as_ref()?.code);
        let analysis = known.analysis.clone();
        let (relations, nodes) = self.surroundings(
            node,
            &|past, id| {
                let node = past.manifest.node(id);
                let pointer =
                    node.and_then(Node::model).and_then(|model| model.latest_version_pointer.clone());
                node.and_then(|node| node.relation.clone()).into_iter().chain(pointer).collect()
            },
            &|past, id| match past.now.node(id).and_then(|known| known.schema.clone()) {
                Some(schema) => Known::Schema(schema),
                None => Known::Nothing("is not known".to_owned()),
            },
            &node.depends_on,
        );
        let query = self.tree(&text);
        Some(Rendition { text, query, analysis, relations, nodes })
    }

    fn understand(&mut self, sql: &str, relations: &Relations) -> super::understand::Understood {
        let question = Question {
            sql,
            dialect: self.dialect,
            relations,
            names: &BTreeSet::new(),
            is_open: true,
            may_hold_more: true,
        };
        understand(&question, Depth::Lineage, self.judge.as_mut())
    }

    fn tree(&mut self, sql: &str) -> Option<Query> {
        tree(sql, self.dialect, self.judge.as_mut()).ok()
    }
}
