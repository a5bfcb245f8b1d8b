use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Executor;
use crate::manifest::{Node, NodeId};
use crate::materialize::{Job, TestBatch, TestShape, TestStatements};
use crate::plan::{Action, Plan};

/// The data tests of a run that are answered together: whoever comes to the first test of a
/// batch asks for all of them, and the others find the answer there. Nothing else changes: tests
/// are handed out and told of one by one, in the same order, and a test of which it is not
/// known that it finds nothing asks for itself.
pub(super) struct TestBatches {
    pub(super) statements: TestStatements,
    batches: Vec<Batch>,
    /// The batch of a test, and its place there.
    place: BTreeMap<NodeId, (usize, usize)>,
}

struct Batch {
    query: TestBatch,
    tests: Vec<NodeId>,
    /// Held while the warehouse is asked, so that others wait for the answer.
    answer: Mutex<Option<Answer>>,
}

/// What the query of a batch gave.
struct Answer {
    /// Which tests find nothing.
    found_none: Vec<bool>,
    /// How long it took, divided by the tests.
    share: Duration,
}

/// What is known of a test before it runs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Foretold {
    /// It finds nothing.
    pub passes: bool,
    /// Its share of the time that the batch took.
    pub share: Duration,
    /// How long this test had to wait for the answer.
    pub spent: Duration,
}

impl TestBatches {
    /// Puts together the tests that select from the same relation, word for word, and can
    /// begin at the same time. What they ask is read off their compiled SQL.
    pub(super) fn new(executor: &Executor<'_>, plan: &Plan) -> Self {
        let statements = TestStatements::new(executor.invocation, executor.manifest);
        let mut gathered: BTreeMap<(String, &[NodeId]), Batch> = BTreeMap::new();
        for task in plan.tasks.iter().filter(|task| task.action == Action::RunTest) {
            if executor.known_failures.contains_key(&task.id) {
                continue;
            }
            let Some(node) = executor.manifest.node(&task.id) else { continue };
            let Some(shape) = shape(executor, &statements, node) else { continue };
            match gathered.entry((shape.relation.clone(), task.waits_for.as_slice())) {
                Entry::Vacant(place) => {
                    let (query, tests) = (TestBatch::new(shape), vec![task.id.clone()]);
                    place.insert(Batch { query, tests, answer: Mutex::default() });
                }
                Entry::Occupied(mut found) => {
                    let found = found.get_mut();
                    if found.query.add(shape.asks).is_some() {
                        found.tests.push(task.id.clone());
                    }
                }
            }
        }
        let batches: Vec<Batch> = gathered.into_values().filter(|batch| batch.tests.len() > 1).collect();
        let place = batches
            .iter()
            .enumerate()
            .flat_map(|(number, batch)| {
                batch.tests.iter().enumerate().map(move |(at, id)| (id.clone(), (number, at)))
            })
            .collect();
        Self { statements, batches, place }
    }

    /// What is known of a test; asks for its whole batch if nobody did yet.
    pub(super) fn foretell(&self, job: &Job<'_>) -> Foretold {
        let Some((number, at)) = self.place.get(&job.node.id) else { return Foretold::default() };
        let Some(batch) = self.batches.get(*number) else { return Foretold::default() };
        let started = Instant::now();
        let mut answer = batch.answer.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answer.get_or_insert_with(|| batch.ask(job));
        Foretold {
            passes: answer.found_none.get(*at).copied().unwrap_or_default(),
            share: answer.share,
            spent: started.elapsed(),
        }
    }
}

impl Batch {
    fn ask(&self, job: &Job<'_>) -> Answer {
        let started = Instant::now();
        let names: Vec<&str> = self.tests.iter().map(NodeId::as_str).collect();
        let found_none = self.query.ask(job, &names).unwrap_or_default();
        let number = u32::try_from(self.tests.len()).unwrap_or(u32::MAX);
        Answer { found_none, share: started.elapsed() / number }
    }
}

/// What a test asks, if a batch may ask it: its SQL holds no ephemeral models, and was made
/// without the warehouse; and to find nothing is to pass.
fn shape(executor: &Executor<'_>, statements: &TestStatements, node: &Node) -> Option<TestShape> {
    let invocation = executor.invocation;
    let is_simple = node.not_supported.is_none()
        && statements.passes_on_no_rows(&node.config, invocation.flags.store_failures);
    if !is_simple {
        return None;
    }
    let compiled = executor.compiler.compile_ahead(&node.id).ok().flatten()?;
    if compiled.asked_warehouse || !compiled.ctes.is_empty() {
        return None;
    }
    TestShape::read(&compiled.code, invocation.adapter.dialect())
}
