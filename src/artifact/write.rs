use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use crate::diagnostic::{Code, Diagnostic};
use crate::system::System;

/// How many bytes are written to disk at a time.
const PIECE: usize = 1 << 18;

/// An artifact as the bytes of its file.
///
/// # Errors
/// A value in it has no form in JSON.
pub fn to_bytes(artifact: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1 << 16);
    serde_json::to_writer(&mut bytes, artifact)?;
    Ok(bytes)
}

/// Puts an artifact on disk, whole or not at all.
///
/// # Errors
/// The file cannot be written (`cannot-write-file`).
pub fn write(system: &dyn System, path: &Path, artifact: &impl Serialize) -> Result<(), Diagnostic> {
    write_streamed(system, path, |out| Ok(serde_json::to_writer(out, artifact)?))
}

/// Puts an artifact on disk that `make` writes piece by piece, whole or not at all.
///
/// # Errors
/// It could not be made, or the file cannot be written (`cannot-write-file`).
pub fn write_streamed(
    system: &dyn System,
    path: &Path,
    make: impl Fn(&mut dyn Write) -> io::Result<()>,
) -> Result<(), Diagnostic> {
    let mut make = |file: &mut dyn Write| {
        let mut out = BufWriter::with_capacity(PIECE, file);
        make(&mut out)?;
        out.flush()
    };
    system.write_streamed(path, &mut make).map_err(|error| {
        Diagnostic::new(Code::CannotWriteFile, format!("cannot write `{}`: {error}", path.display()))
            .help("check that the folder may be written to and that the disk is not full")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{MemorySystem, OsSystem};

    #[test]
    fn an_artifact_is_written_whole_or_said_to_be_unwritable() -> Result<(), Box<dyn std::error::Error>> {
        let system = MemorySystem::new();
        write(&system, Path::new("target/a.json"), &serde_json::json!({"이름": [1, null]}))?;
        assert_eq!(<dyn System>::read_text(&system, Path::new("target/a.json"))?, r#"{"이름":[1,null]}"#);

        let file = tempfile::NamedTempFile::new()?;
        let below_a_file = file.path().join("a.json");
        let error = write(&OsSystem, &below_a_file, &1).expect_err("a file is no folder");
        assert_eq!(error.code(), Code::CannotWriteFile);
        assert!(error.message().contains("a.json"), "{error}");
        Ok(())
    }
}
