use crate::manifest::NodeId;
use crate::project::TimeWindow;

/// What is done for a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A model becomes a relation, by its materialization.
    BuildModel,
    /// A CSV file becomes a table.
    LoadSeed,
    /// A data test counts its failures.
    RunTest,
    /// What an earlier run built stands here too.
    Clone,
    /// How old a source is, is found out.
    CheckFreshness,
    /// A unit test compares what a model makes of given rows with what is expected.
    RunUnitTest,
    /// A template becomes SQL, and no more.
    Compile,
    /// A query's first rows are fetched.
    Show,
    /// Nothing: the node, such as an exposure, only stands at the end of a path.
    Nothing,
}

/// Why something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The command's selection names it.
    Requested,
}

/// Something to do for one node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub id: NodeId,
    pub action: Action,
    pub reason: Reason,
    /// Tasks of the same plan that must have ended well before this one begins, in order
    /// of id.
    pub waits_for: Vec<NodeId>,
    /// Of a microbatch model that is built again: what is left of it. `None` for the batches
    /// that flags, configuration and the warehouse ask for.
    pub batches: Option<BatchesLeft>,
}

/// What an earlier run of a microbatch model left undone, as `batch_results` of its
/// `run_results.json` tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchesLeft {
    /// They are built, in this order.
    pub failed: Vec<TimeWindow>,
    /// They are not built again, but told of in the result.
    pub successful: Vec<TimeWindow>,
}
