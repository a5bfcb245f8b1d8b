use std::path::Path;

use serde::Serialize;

use crate::diagnostic::{Code, Diagnostic};
use crate::system::System;

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
    write_parts(system, path, to_bytes(artifact).map(|bytes| vec![bytes]))
}

/// Puts an artifact on disk that was made in parts, whole or not at all.
///
/// # Errors
/// It could not be made, or the file cannot be written (`cannot-write-file`).
pub fn write_parts(
    system: &dyn System,
    path: &Path,
    parts: serde_json::Result<Vec<Vec<u8>>>,
) -> Result<(), Diagnostic> {
    let failed = |error: &dyn std::fmt::Display| {
        Diagnostic::new(Code::CannotWriteFile, format!("cannot write `{}`: {error}", path.display()))
            .help("check that the folder may be written to and that the disk is not full")
    };
    let parts = parts.map_err(|error| failed(&error))?;
    system.write_parts(path, &parts).map_err(|error| failed(&error))
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
