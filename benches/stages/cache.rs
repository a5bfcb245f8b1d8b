use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use xform::system::System;

use crate::project::{open, project};

/// From files to the manifest where an earlier command kept what it found out, and nothing changed
/// since: reading the cache, making the keys, linking.
#[divan::bench(args = [100, 1000], sample_count = 20)]
fn manifest_of_what_is_kept(bencher: Bencher, models: usize) {
    let system: Arc<dyn System> = Arc::new(project(models));
    drop(open(&system));
    bencher.counter(ItemsCount::new(models)).bench_local(|| open(&system).manifest);
}

/// The same with one model that is another one each time: one draft is made, the cache is written.
#[divan::bench(args = [100, 1000], sample_count = 20)]
fn manifest_after_an_edit(bencher: Bencher, models: usize) {
    let system: Arc<dyn System> = Arc::new(project(models));
    drop(open(&system));
    let mut edits = 0;
    let edited = || {
        edits += 1;
        let text = format!("select {edits} as id");
        system.write("models/f0/m3.sql".as_ref(), text.as_bytes()).unwrap();
    };
    bencher
        .counter(ItemsCount::new(models))
        .with_inputs(edited)
        .bench_local_refs(|()| open(&system).manifest);
}
