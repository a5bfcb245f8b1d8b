//! The folders that versions of an external model's files are in, as far as they are of this machine.

use std::io;
use std::path::{Path, PathBuf};

use crate::system::System;

/// What stands before the name of a version that is being written.
const WRITING: &str = "_writing-";

/// Begins a version below a place: makes its folder, with those above it, and notes that it is being
/// written. Gives the version that is there to be read; empty where there is none. Nothing is made
/// where there are no folders, in object storage.
///
/// # Errors
/// The folder cannot be made.
pub(super) fn begin(system: &dyn System, place: &str, version: &str) -> io::Result<String> {
    let Some(folder) = local(system, place) else { return Ok(String::new()) };
    system.create_dir_all(&folder.join(version))?;
    system.write(&folder.join(format!("{WRITING}{version}")), b"")?;
    let current = system.read(&folder.join("_current")).unwrap_or_default();
    Ok(String::from_utf8_lossy(&current).trim().to_owned())
}

/// Removes the versions below a place that are older than the current one, but for that before it,
/// which readers may be in the middle of; also those that a build began and did not finish. In
/// object storage nothing is removed: DuckDB cannot, and buckets have rules for it.
///
/// # Errors
/// One cannot be removed.
pub(super) fn drop_old(system: &dyn System, place: &str, current: &str, before: &str) -> io::Result<()> {
    let Some(folder) = local(system, place) else { return Ok(()) };
    system.remove(&folder.join(format!("{WRITING}{current}")))?;
    let mut versions: Vec<String> = system
        .walk(&folder)?
        .iter()
        .filter_map(|entry| {
            let below = entry.path.strip_prefix(&folder).unwrap_or(&entry.path);
            let name = below.components().next()?.as_os_str().to_str()?;
            Some(name.strip_prefix(WRITING).unwrap_or(name).to_owned())
        })
        .filter(|name| is_version(name) && name.as_str() < current && name != before)
        .collect();
    versions.sort();
    versions.dedup();
    for name in versions {
        system.remove(&folder.join(&name))?;
        system.remove(&folder.join(format!("{WRITING}{name}")))?;
    }
    Ok(())
}

/// `v20260301T093000123456-0f3a9c1e`, as `external_version` names them.
fn is_version(name: &str) -> bool {
    let is_digits =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((time, id)) = name.strip_prefix('v').and_then(|name| name.split_once('-')) else { return false };
    let is_time = time.split_once('T').is_some_and(|(day, time)| is_digits(day, 8) && is_digits(time, 12));
    is_time && id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The path of a location that has no scheme.
fn local(system: &dyn System, location: &str) -> Option<PathBuf> {
    (!location.contains("://")).then(|| system.current_dir().join(Path::new(location)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::MemorySystem;

    #[test]
    fn the_current_version_and_the_one_before_stay() {
        let name = |hour: u8| format!("v20260301T{hour:02}0000000000-0f3a9c1e");
        let system = [1_u8, 2, 4].into_iter().fold(MemorySystem::new(), |system, hour| {
            system.file(format!("/p/out/{}/a=1/data_0.parquet", name(hour)), "")
        });
        // The third was begun, and never ended.
        let system = system.file(format!("/p/out/_writing-{}", name(3)), "");
        let system =
            system.file("/p/out/_current", format!("{}\n", name(2))).file("/p/out/v1/mine.parquet", "");
        assert_eq!(begin(&system, "/p/out", &name(4)).unwrap(), name(2));
        drop_old(&system, "/p/out", &name(4), &name(2)).unwrap();
        let there = |path: &str| system.exists(Path::new(path));
        let versions = [1, 2, 3, 4].map(|hour| there(&format!("/p/out/{}", name(hour))));
        assert_eq!(versions, [false, true, false, true]);
        assert!(there("/p/out/v1/mine.parquet"));
        assert!(
            !there(&format!("/p/out/_writing-{}", name(3)))
                && !there(&format!("/p/out/_writing-{}", name(4)))
        );
        drop_old(&system, "s3://bucket/out", &name(4), "").unwrap();
    }
}
