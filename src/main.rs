//! The `xform` program: see [`xform::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(xform::cli::run(std::env::args_os()))
}
