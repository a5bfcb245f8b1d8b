//! The `xform` program: see [`xform::cli`].

use std::process::ExitCode;

/// Templates and trees are many small values.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(xform::cli::run(std::env::args_os()))
}
