use std::io::Read;
use std::path::{Component, Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::diagnostic::{Code, Diagnostic};
use crate::system::System;

/// No archive holds more, in bytes and in entries: more is no package but an attack.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;
const MOST_ENTRIES: usize = 100_000;

/// Unpacks a tar archive, gzipped or not, into a folder; the folder in it that holds the
/// project. Links are left out: packages need none, and one that leads elsewhere lets later
/// entries escape.
///
/// # Errors
/// `unsafe-archive`: an entry would be written outside of the folder, or there is too much of
/// them; `package-unavailable`: it is no archive.
pub(super) fn unpack(
    system: &dyn System,
    bytes: &[u8],
    into: &Path,
    shown: &str,
) -> Result<PathBuf, Diagnostic> {
    unpack_limited(system, bytes, into, shown, MOST_BYTES)
}

fn unpack_limited(
    system: &dyn System,
    bytes: &[u8],
    into: &Path,
    shown: &str,
    most_bytes: u64,
) -> Result<PathBuf, Diagnostic> {
    let broken = |error: std::io::Error| {
        Diagnostic::new(Code::PackageUnavailable, format!("the archive `{shown}` cannot be read: {error}"))
            .help("it must be a tar archive, gzipped or not")
    };
    let refused = |why: String| {
        Diagnostic::new(Code::UnsafeArchive, format!("the archive `{shown}` is refused: {why}"))
            .help("nothing was installed; do not use this package")
    };
    let is_gzipped = bytes.starts_with(&[0x1f, 0x8b]);
    let plain: Box<dyn Read + '_> =
        if is_gzipped { Box::new(GzDecoder::new(bytes)) } else { Box::new(bytes) };
    // One byte more than allowed tells that there is too much.
    let mut archive = tar::Archive::new(plain.take(most_bytes + 1));
    let (mut tops, mut total, mut count) = (std::collections::BTreeSet::new(), 0_u64, 0_usize);
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        count += 1;
        total = total.saturating_add(entry.size());
        if count > MOST_ENTRIES || total > most_bytes {
            return Err(refused("it is too large".to_owned()));
        }
        let path = entry.path().map_err(broken)?.into_owned();
        let Some(inside) = inside(&path) else {
            return Err(refused(format!("`{}` leads out of its folder", path.display())));
        };
        if let Some(target) = entry.link_name().map_err(broken)? {
            let from = if entry.header().entry_type().is_symlink() { inside.parent() } else { None };
            if leads_out(from.unwrap_or(Path::new("")), &target) {
                let (path, target) = (path.display(), target.display());
                return Err(refused(format!("the link `{path}` leads to `{target}`, out of its folder")));
            }
            continue;
        }
        if !entry.header().entry_type().is_file() {
            continue;
        }
        if let Some(Component::Normal(top)) = inside.components().next() {
            tops.insert((PathBuf::from(top), inside.components().count() == 1));
        }
        let mut text = Vec::new();
        entry.read_to_end(&mut text).map_err(broken)?;
        system.write(&into.join(&inside), &text).map_err(broken)?;
    }
    let mut folders = tops.into_iter();
    match (folders.next(), folders.next()) {
        // Most archives have all in one folder.
        (Some((top, false)), None) => Ok(into.join(top)),
        (None, _) => Err(broken(std::io::Error::other("there are no files in it"))),
        _ => Ok(into.to_path_buf()),
    }
}

/// The path without `.`; `None` where it is absolute or has `..`.
fn inside(path: &Path) -> Option<PathBuf> {
    let mut made = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => made.push(name),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(made)
}

/// Whether a link in the folder `from` leads out of the archive.
fn leads_out(from: &Path, target: &Path) -> bool {
    let mut depth = i64::try_from(from.components().count()).unwrap_or(i64::MAX);
    for part in target.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => depth -= 1,
            Component::RootDir | Component::Prefix(_) => return true,
        }
        if depth < 0 {
            return true;
        }
    }
    false
}

/// Bytes as the gzip format has them.
#[must_use]
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::default());
    // Writing to memory does not fail.
    let _ = std::io::Write::write_all(&mut encoder, bytes);
    encoder.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::system::MemorySystem;

    /// An archive of files, written without the checks that `tar` makes of its own paths.
    fn archive(entries: &[(&str, tar::EntryType, &str)]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, kind, text) in entries {
            let mut header = tar::Header::new_gnu();
            let name = &mut header.as_old_mut().name;
            name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_entry_type(*kind);
            let is_link = kind.is_symlink() || kind.is_hard_link();
            if is_link {
                header.as_old_mut().linkname[..text.len()].copy_from_slice(text.as_bytes());
            }
            let text = if is_link { "" } else { text };
            header.set_size(text.len() as u64);
            header.set_cksum();
            builder.append(&header, text.as_bytes()).unwrap();
        }
        builder.into_inner().unwrap().finish().unwrap()
    }

    const FILE: tar::EntryType = tar::EntryType::Regular;

    fn unpacked(bytes: &[u8]) -> (MemorySystem, Result<PathBuf, Diagnostic>) {
        let system = MemorySystem::new();
        let folder = unpack_limited(&system, bytes, Path::new("/project/x"), "a.tgz", 1024 * 1024);
        (system, folder)
    }

    #[test]
    fn the_folder_of_the_project_is_found_and_links_inside_are_left_out() {
        let bytes = archive(&[
            ("도구-1.0/dbt_project.yml", FILE, "name: utils"),
            ("도구-1.0/models/./a.sql", FILE, "select 1"),
            ("도구-1.0/models/b.sql", tar::EntryType::Symlink, "a.sql"),
        ]);
        let (system, folder) = unpacked(&bytes);
        assert_eq!(folder.unwrap(), Path::new("/project/x/도구-1.0"));
        assert_eq!(system.read(Path::new("/project/x/도구-1.0/models/a.sql")).unwrap(), b"select 1");
        assert!(!system.exists(Path::new("/project/x/도구-1.0/models/b.sql")));
        let (_, flat) = unpacked(&archive(&[("dbt_project.yml", FILE, "name: utils")]));
        assert_eq!(flat.unwrap(), Path::new("/project/x"));
    }

    #[test]
    fn nothing_leaves_the_folder() {
        for entry in [
            ("../evil.sql", FILE, "x"),
            ("a/../../evil.sql", FILE, "x"),
            ("/etc/evil", FILE, "x"),
            ("a/link", tar::EntryType::Symlink, "../../evil"),
            ("a/link", tar::EntryType::Symlink, "/etc"),
            ("hard", tar::EntryType::Link, "../evil"),
        ] {
            let (system, refused) = unpacked(&archive(&[entry]));
            let refused = refused.expect_err(entry.0);
            assert_eq!(refused.code(), Code::UnsafeArchive, "{entry:?}");
            assert!(system.walk(Path::new("/")).unwrap().is_empty(), "{entry:?}");
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_goes_off() {
        let zeros = "0".repeat(2 * 1024 * 1024);
        let (_, refused) = unpacked(&archive(&[("a/zeros", FILE, &zeros)]));
        assert_eq!(refused.expect_err("too large").code(), Code::UnsafeArchive);
        // The header may lie.
        let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..64 {
            bomb.write_all(&vec![0; 64 * 1024]).unwrap();
        }
        let (_, refused) = unpacked(&bomb.finish().unwrap());
        assert!(refused.is_err());
        let (_, refused) = unpacked(b"not an archive at all");
        assert_eq!(refused.expect_err("no archive").code(), Code::PackageUnavailable);
    }
}
