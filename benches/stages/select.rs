use std::sync::Arc;

use divan::Bencher;
use xform::select::{Criteria, Surroundings, select};
use xform::system::System;

use crate::project::{open, project};

/// Words of `--select` on a project of a thousand models with two tests each.
#[divan::bench(args = ["m500", "+m500+", "tag:nightly", "models/f7", "m1*,config.materialized:table", "@m30"])]
fn words(bencher: Bencher, word: &str) {
    let system: Arc<dyn System> = Arc::new(project(1000));
    let session = open(&system);
    let criteria = Criteria { select: vec![word.to_owned()], ..Criteria::default() };
    bencher.bench_local(|| {
        let around = Surroundings::new(&session.manifest, &session.selectors, None);
        select(&around, &criteria)
    });
}
