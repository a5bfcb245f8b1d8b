use std::collections::{BTreeSet, HashMap};

use super::Material;
use super::contract::{Id, Past};
use super::numbers::{Item, Numbers};
use crate::artifact::SourceAge;
use crate::manifest::{MacroId, Manifest, Node, NodeId, ResourceType, Subject};

/// What is asked of all nodes, found out once.
pub(super) struct Known<'a> {
    pub material: &'a Material<'a>,
    pub numbers: Numbers<'a>,
    /// By number: the tests of a node.
    pub tests: Vec<Vec<Id>>,
    /// By number: what calls a macro.
    pub callers: Vec<Vec<Id>>,
    /// By number: how a node did in the last runs, the newest first.
    pub history: Vec<Vec<Past<'a>>>,
    pub sources: HashMap<&'a str, &'a SourceAge>,
}

impl<'a> Known<'a> {
    pub(super) fn new(material: &'a Material<'a>) -> Self {
        let numbers = Numbers::new(material);
        let count = numbers.items.len();
        let (mut tests, mut callers) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        for (id, item) in numbers.items.iter().enumerate() {
            let macros: &[_] = match item {
                Item::Node(node) => {
                    for tested in tested_by(material.manifest, node) {
                        if let Some(tested) = numbers.find(tested.as_str()) {
                            tests[tested].push(id);
                        }
                    }
                    &node.depends_on_macros
                }
                Item::Macro(one) => &one.depends_on_macros,
                Item::Group(..) => &[],
            };
            for called in numbers.all(macros.iter().map(MacroId::as_str)) {
                callers[called].push(id);
            }
        }
        let mut history: Vec<Vec<Past<'a>>> = vec![Vec::new(); count];
        for (run, past) in material.runs.iter().enumerate() {
            for result in &past.results {
                let Some(id) = numbers.find(&result.unique_id) else { continue };
                let seconds = thousandths(result.seconds);
                let message = result.message.as_deref();
                history[id].push((run, &result.status, seconds, result.failures, message));
            }
        }
        let sources = material.sources.iter().map(|age| (age.unique_id.as_str(), age)).collect();
        Self { material, numbers, tests, callers, history, sources }
    }

    /// The numbers of the nodes that a node depends on.
    pub(super) fn parents(&self, node: &Node) -> Vec<Id> {
        self.numbers.all(node.depends_on.iter().map(NodeId::as_str))
    }
}

/// Seconds as people read them.
pub(super) fn thousandths(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}

/// The nodes whose test a node is: the one that it is attached to; without one, all that it reads.
fn tested_by<'n>(manifest: &'n Manifest, node: &'n Node) -> Vec<&'n NodeId> {
    if let Some(attached) = attached(node) {
        return vec![attached];
    }
    match node.resource_type {
        ResourceType::Test => {
            let is_tested = |id: &&NodeId| manifest.node(id).is_some();
            let all: BTreeSet<&NodeId> = node.depends_on.iter().filter(is_tested).collect();
            all.into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The node that a test was asked for by.
pub(super) fn attached(node: &Node) -> Option<&NodeId> {
    if let Some(test) = node.data_test() {
        return test.attached_node.as_ref();
    }
    match &node.unit_test()?.subject {
        Subject::Node(id) => Some(id),
        Subject::Macro { .. } => None,
    }
}
