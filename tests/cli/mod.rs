//! Command tests, through the real binary. One file a command, and `broken` for input
//! that no command can use.

mod batched_tests;
mod broken;
mod build;
mod changes;
mod check_output;
mod clean;
mod clone;
mod compile;
mod debug;
mod deps;
mod docs;
mod explain;
mod failures;
mod flags;
mod format;
mod freshness;
mod help;
mod init;
mod interrupt;
mod kept;
mod kill;
mod lineage;
mod list;
mod microbatch;
mod parse;
mod retry;
mod run_operation;
mod seed;
mod show;
mod snapshot;
mod state;
mod state_selection;
mod unit_test;
mod warehouses;
