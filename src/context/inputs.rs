use std::sync::Arc;

use super::Batch;
use super::relation::Part;
use crate::manifest::{Node, ResourceType};
use crate::project::{Flags, TimeWindow};

/// How much a node reads of what it refers to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inputs {
    is_empty: bool,
    window: Option<TimeWindow>,
}

impl Inputs {
    /// A microbatch model reads the window of its batch, any model or snapshot that of
    /// `--sample`; under `--empty` no node reads a row.
    /// See <https://docs.getdbt.com/docs/build/incremental-microbatch> and
    /// <https://docs.getdbt.com/docs/build/empty-flag>.
    pub(super) fn new(flags: &Flags, node: Option<&Node>, batch: Option<&Batch>) -> Self {
        let is_filtered = node
            .is_some_and(|node| matches!(node.resource_type, ResourceType::Model | ResourceType::Snapshot));
        let window = match (batch, flags.sample) {
            (Some(batch), Some(sample)) => Some(batch.window.within(sample)),
            (Some(batch), None) => Some(batch.window),
            (None, sample) => sample,
        };
        Self { is_empty: flags.empty, window: window.filter(|_| is_filtered) }
    }

    /// The part of a node that is read; `None` for all of it.
    pub(super) fn part_of(&self, read: &Node) -> Option<Part> {
        let column = read.config.text("event_time");
        let window = self.window.and_then(|window| Some((Arc::from(column?), window)));
        (self.is_empty || window.is_some()).then_some(Part { is_empty: self.is_empty, window })
    }
}
