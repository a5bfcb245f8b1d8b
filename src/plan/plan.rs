use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{Action, BatchesLeft, Reason, Task};
use crate::manifest::{Freshness, Manifest, Node, NodeId, ResourceType};

/// What a command wants done with the nodes it selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Models and seeds are built, tests run; a failed test holds back what is built on
    /// what it tested.
    Build,
    /// Models only.
    Run,
    /// Data tests only.
    Test,
    /// Seeds only.
    Seed,
    /// Snapshots only.
    Snapshot,
    /// What an earlier run built of models, seeds and snapshots stands here too.
    Clone,
    /// How old sources are is found out.
    Freshness,
    /// Templates become SQL.
    Compile,
    /// Queries are previewed.
    Show,
}

/// Tasks, parents before children.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub tasks: Vec<Task>,
    /// The time up to which microbatch models are built, when it is not that of the
    /// invocation: `retry` goes by the clock of the run that failed.
    pub clock: Option<DateTime<Utc>>,
}

impl Plan {
    /// What is to be done for `selected`, in the order of the graph. Nodes that the
    /// purpose has no use for are left out; what they stand between stays in order.
    #[must_use]
    pub fn new(manifest: &Manifest, selected: &BTreeSet<NodeId>, purpose: Purpose) -> Self {
        let actions: BTreeMap<&NodeId, Action> =
            selected.iter().filter_map(|id| Some((id, action(manifest.node(id)?, purpose)?))).collect();
        let mut waits = Waits::new(manifest, &actions);
        if purpose == Purpose::Clone {
            // Clones stand on the earlier run, not on each other.
            waits.of.values_mut().for_each(BTreeSet::clear);
        }
        if purpose == Purpose::Build {
            waits.hold_back_behind_tests(manifest, &actions);
            waits.put_unit_tests_first(manifest, &actions);
        }
        let order = waits.in_order(manifest, &actions);
        let tasks = order.into_iter().filter_map(|id| {
            let action = *actions.get(&id)?;
            let waits_for = waits.of.remove(&id).unwrap_or_default().into_iter().collect();
            Some(Task { id, action, reason: Reason::Requested, waits_for, batches: None })
        });
        Self { tasks: tasks.collect(), clock: None }
    }

    /// Builds of a microbatch model only what an earlier run left undone; nothing changes
    /// where the model is not in the plan.
    #[must_use]
    pub fn with_batches(mut self, id: &NodeId, left: BatchesLeft) -> Self {
        if let Some(task) = self.tasks.iter_mut().find(|task| task.id == *id) {
            task.batches = Some(left);
        }
        self
    }
}

/// What a purpose does for a node; `None` for nothing at all.
fn action(node: &Node, purpose: Purpose) -> Option<Action> {
    let kind = node.resource_type;
    match purpose {
        Purpose::Build | Purpose::Run | Purpose::Test | Purpose::Seed | Purpose::Snapshot => match kind {
            // dbt passes over models without SQL.
            ResourceType::Model if node.is_ephemeral() || node.raw_code.trim().is_empty() => None,
            ResourceType::Model => {
                matches!(purpose, Purpose::Build | Purpose::Run).then_some(Action::BuildModel)
            }
            // As in dbt, `run` leaves functions as they are.
            ResourceType::Function => (purpose == Purpose::Build).then_some(Action::BuildModel),
            ResourceType::Snapshot => {
                matches!(purpose, Purpose::Build | Purpose::Snapshot).then_some(Action::BuildModel)
            }
            ResourceType::Seed => {
                matches!(purpose, Purpose::Build | Purpose::Seed).then_some(Action::LoadSeed)
            }
            ResourceType::Test => {
                matches!(purpose, Purpose::Build | Purpose::Test).then_some(Action::RunTest)
            }
            ResourceType::UnitTest => {
                matches!(purpose, Purpose::Build | Purpose::Test).then_some(Action::RunUnitTest)
            }
            ResourceType::Exposure | ResourceType::SavedQuery => {
                (purpose == Purpose::Build).then_some(Action::Nothing)
            }
            _ => None,
        },
        Purpose::Clone => match kind {
            ResourceType::Model if node.is_ephemeral() => None,
            ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot => Some(Action::Clone),
            _ => None,
        },
        Purpose::Freshness => {
            let freshness = node.source().and_then(|source| source.freshness.as_ref());
            freshness.and_then(Freshness::read).map(|_| Action::CheckFreshness)
        }
        Purpose::Compile => matches!(
            kind,
            ResourceType::Model
                | ResourceType::Snapshot
                | ResourceType::Function
                | ResourceType::Test
                | ResourceType::Analysis
                | ResourceType::SqlOperation
        )
        .then_some(Action::Compile),
        Purpose::Show => matches!(
            kind,
            ResourceType::Model
                | ResourceType::Snapshot
                | ResourceType::Test
                | ResourceType::Analysis
                | ResourceType::Seed
                | ResourceType::SqlOperation
        )
        .then_some(Action::Show),
    }
}

/// Which task waits for which.
struct Waits {
    of: BTreeMap<NodeId, BTreeSet<NodeId>>,
}

impl Waits {
    /// A task waits for the nearest tasks above it, through nodes that are no tasks.
    fn new(manifest: &Manifest, actions: &BTreeMap<&NodeId, Action>) -> Self {
        let mut above: BTreeMap<NodeId, BTreeSet<NodeId>> = BTreeMap::new();
        let mut of = BTreeMap::new();
        for id in manifest.graph.topological_order() {
            let mut nearest = BTreeSet::new();
            for parent in manifest.graph.parents(&id) {
                if actions.contains_key(&parent) {
                    nearest.insert(parent);
                } else if let Some(further) = above.get(&parent) {
                    nearest.extend(further.iter().cloned());
                }
            }
            if actions.contains_key(&id) {
                of.insert(id, nearest);
            } else {
                above.insert(id, nearest);
            }
        }
        Self { of }
    }

    /// Lets what is built on a tested node wait for its tests; the node may be a source or
    /// ephemeral. A test of several nodes holds back only what depends on all of them:
    /// anything else could not wait for it without waiting for a stranger.
    fn hold_back_behind_tests(&mut self, manifest: &Manifest, actions: &BTreeMap<&NodeId, Action>) {
        let is_test = |id: &NodeId| actions.get(id) == Some(&Action::RunTest);
        let below =
            |parent: &NodeId| nearest_below(manifest, parent, |id| actions.contains_key(id) && !is_test(id));
        // Of tests of several nodes, what they may hold back, and which of them test a node.
        let mut held: BTreeMap<&NodeId, BTreeSet<NodeId>> = BTreeMap::new();
        let mut tests_of: BTreeMap<NodeId, Vec<&NodeId>> = BTreeMap::new();
        for test in actions.keys().copied().filter(|id| is_test(id)) {
            let tested = manifest.graph.parents(test);
            if let [parent] = tested.as_slice() {
                for child in below(parent) {
                    self.of.entry(child).or_default().insert(test.clone());
                }
                continue;
            }
            held.insert(test, tested.iter().flat_map(below).collect());
            for parent in tested {
                tests_of.entry(parent).or_default().push(test);
            }
        }
        // One node after the other: what depends on all nodes at once would not fit into memory.
        for (parent, tests) in tests_of {
            let dependent = manifest.graph.descendants(&parent, None);
            for test in tests {
                held.entry(test).or_default().retain(|child| dependent.contains(child));
            }
        }
        for (test, children) in held {
            for child in children {
                self.of.entry(child).or_default().insert(test.clone());
            }
        }
    }

    /// Lets a unit test wait for what its model waits for, and the model for the unit test;
    /// where the model is ephemeral, what is built on it. Unit tests of one model do not wait
    /// for each other.
    fn put_unit_tests_first(&mut self, manifest: &Manifest, actions: &BTreeMap<&NodeId, Action>) {
        let is_unit = |id: &NodeId| actions.get(id) == Some(&Action::RunUnitTest);
        let units: Vec<&NodeId> = actions.keys().filter(|id| is_unit(id)).copied().collect();
        let of_models: Vec<(&NodeId, NodeId, BTreeSet<NodeId>)> = units
            .into_iter()
            .filter_map(|unit| {
                let model = manifest.node(unit)?.depends_on.first()?.clone();
                let waits = match self.of.get(&model) {
                    Some(waits) => waits.clone(),
                    None => nearest_above(manifest, &model, |id| actions.contains_key(id)),
                };
                Some((unit, model, waits))
            })
            .collect();
        for (unit, model, mut waits) in of_models {
            waits.retain(|id| !is_unit(id));
            self.of.insert(unit.clone(), waits);
            let is_built = |id: &NodeId| {
                actions.get(id).is_some_and(|action| {
                    matches!(action, Action::BuildModel | Action::LoadSeed | Action::Nothing)
                })
            };
            let held = match actions.contains_key(&model) {
                true => BTreeSet::from([model]),
                false => nearest_below(manifest, &model, is_built),
            };
            for id in held {
                self.of.entry(id).or_default().insert(unit.clone());
            }
        }
    }

    /// The tasks so that each comes after those it waits for; tests as soon as they can,
    /// otherwise in order of id.
    fn in_order(&self, manifest: &Manifest, actions: &BTreeMap<&NodeId, Action>) -> Vec<NodeId> {
        let mut missing: BTreeMap<&NodeId, usize> = BTreeMap::new();
        let mut children: BTreeMap<&NodeId, Vec<&NodeId>> = BTreeMap::new();
        for (id, parents) in &self.of {
            missing.insert(id, parents.len());
            for parent in parents {
                children.entry(parent).or_default().push(id);
            }
        }
        let rank = |id: &NodeId| {
            let place = match actions.get(id) {
                Some(Action::LoadSeed) => 0,
                Some(Action::RunTest | Action::RunUnitTest) => 1,
                _ => 2,
            };
            (place, id.clone())
        };
        let mut ready: BTreeSet<_> =
            missing.iter().filter(|(_, left)| **left == 0).map(|(id, _)| rank(id)).collect();
        let mut order = Vec::with_capacity(self.of.len());
        while let Some((_, id)) = ready.pop_first() {
            for child in children.get(&id).into_iter().flatten() {
                if let Some(left) = missing.get_mut(*child) {
                    *left -= 1;
                    if *left == 0 {
                        ready.insert(rank(child));
                    }
                }
            }
            order.push(id);
        }
        debug_assert!(order.len() == self.of.len() || !manifest.graph.cycles().is_empty());
        order
    }
}

/// The tasks that a node is built on, directly or through what is no task.
fn nearest_above(manifest: &Manifest, id: &NodeId, is_task: impl Fn(&NodeId) -> bool) -> BTreeSet<NodeId> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut next = manifest.graph.parents(id);
    while let Some(parent) = next.pop() {
        if is_task(&parent) {
            found.insert(parent);
        } else if seen.insert(parent.clone()) {
            next.extend(manifest.graph.parents(&parent));
        }
    }
    found
}

/// The tasks that are built on a node, directly or through what is no task.
fn nearest_below(manifest: &Manifest, id: &NodeId, is_task: impl Fn(&NodeId) -> bool) -> BTreeSet<NodeId> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut next = manifest.graph.children(id);
    while let Some(child) = next.pop() {
        if is_task(&child) {
            found.insert(child);
        } else if seen.insert(child.clone()) {
            next.extend(manifest.graph.children(&child));
        }
    }
    found
}
