use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use xform::parse::load_macros;
use xform::project::{LoadOptions, load};
use xform::system::System;
use xform::text::Files;

use crate::project::{open, project};

/// Finding and reading the files of a project.
#[divan::bench(args = [100, 1000])]
fn files(bencher: Bencher, models: usize) {
    let system = project(models);
    bencher
        .counter(ItemsCount::new(models))
        .bench_local(|| load(&system, &Files::new(), &LoadOptions::default()));
}

/// Carving all macros, those of the library among them.
#[divan::bench]
fn macros(bencher: Bencher) {
    let files = Files::new();
    let loaded = load(&project(1), &files, &LoadOptions::default()).value.unwrap();
    bencher.bench_local(|| load_macros(&files, &loaded.files));
}

/// All of it, from files to the manifest, with nothing kept: every template is rendered.
#[divan::bench(args = [100, 1000], sample_count = 20)]
fn manifest(bencher: Bencher, models: usize) {
    let new = || -> Arc<dyn System> { Arc::new(project(models)) };
    bencher
        .counter(ItemsCount::new(models))
        .with_inputs(new)
        .bench_local_refs(|system| open(system).manifest);
}
