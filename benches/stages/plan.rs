use std::collections::BTreeSet;
use std::sync::Arc;

use divan::Bencher;
use xform::manifest::NodeId;
use xform::plan::{Plan, Purpose};
use xform::select::{Criteria, Surroundings, select};
use xform::system::System;

use crate::project::{open, project};

/// What `build` has to do, and in which order, in projects of so many models with two tests each.
#[divan::bench(args = [1_000, 10_000, 50_000], sample_count = 5)]
fn build_of_all(bencher: Bencher, models: usize) {
    let system: Arc<dyn System> = Arc::new(project(models));
    let session = open(&system);
    let around = Surroundings::new(&session.manifest, &session.selectors, None);
    let selected = select(&around, &Criteria::default());
    let all: BTreeSet<NodeId> = selected.value.into_iter().cloned().collect();
    bencher.bench_local(|| Plan::new(&session.manifest, &all, Purpose::Build));
}
