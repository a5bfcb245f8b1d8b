//! Lets the programs find a prebuilt libduckdb: beside themselves.
//!
//! Only where DuckDB is not compiled in and `DUCKDB_LIB_DIR` names a folder with the library:
//! it is put into `target/<profile>`, and the run path of what is built points there, so that
//! `xform` starts without `LD_LIBRARY_PATH` and can be moved together with the library. For
//! the run path: <https://doc.rust-lang.org/cargo/reference/build-scripts.html#rustc-link-arg>.

#![allow(clippy::disallowed_methods, reason = "cargo talks to build scripts by environment and files")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=DUCKDB_LIB_DIR");
    let Some(folder) = env::var_os("DUCKDB_LIB_DIR") else { return Ok(()) };
    if env::var_os("CARGO_FEATURE_BUNDLED").is_some() {
        return Ok(());
    }
    let (library, here) = match env::var("CARGO_CFG_TARGET_OS")?.as_str() {
        "macos" => ("libduckdb.dylib", "@loader_path"),
        "windows" => return Ok(()),
        _ => ("libduckdb.so", "$ORIGIN"),
    };
    let source = PathBuf::from(folder).join(library);
    println!("cargo::rerun-if-changed={}", source.display());

    // OUT_DIR is target/<profile>/build/xform-<hash>/out.
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let profile = out.ancestors().nth(3).ok_or("OUT_DIR is not inside a target folder")?;
    put(&source, &profile.join(library))
        .map_err(|error| format!("cannot put {} beside the binary: {error}", source.display()))?;

    // The programs are in target/<profile>, the tests one folder below.
    println!("cargo::rustc-link-arg=-Wl,-rpath,{here}");
    println!("cargo::rustc-link-arg=-Wl,-rpath,{here}/..");
    // Cargo lets examples in documentation load libraries from folders inside the target folder.
    println!("cargo::rustc-link-search=native={}", profile.display());
    Ok(())
}

/// Replaces `target` by a link to, or a copy of, `source`; a program that runs keeps the old one.
fn put(source: &Path, target: &Path) -> io::Result<()> {
    match fs::remove_file(target) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::hard_link(source, target).or_else(|_| fs::copy(source, target).map(drop))
}
