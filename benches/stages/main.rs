//! How long the stages of the compiler take, each alone, on small projects made here.
//!
//! `scripts/cargo.sh bench` runs all, `scripts/cargo.sh bench -- select` those with that word in
//! their names. What a person waits for is measured by `benches/end_to_end.py`.

#![allow(clippy::unwrap_used, reason = "what cannot be measured ends at once")]

mod cache;
mod graph;
mod parse;
mod plan;
mod project;
mod render;
mod scan;
mod select;

// As in the program itself.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}
