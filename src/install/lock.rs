use std::fmt::Write;

use serde_json::Value;
use sha1::{Digest, Sha1};

use super::{Pinned, Wanted};
use crate::diagnostic::{Code, Diagnostic};
use crate::project::{PackageEntry, PackageFiles};
use crate::system::System;
use crate::text::Files;
use crate::yaml::{self, Yaml};

/// The name of the file.
pub const LOCK_FILE: &str = "package-lock.yml";

/// What was chosen for the packages that a project asks for: package-lock.yml.
/// See <https://docs.getdbt.com/reference/commands/deps#predictable-package-installs>.
#[derive(Clone, Debug)]
pub struct Lock {
    pub packages: Vec<Wanted>,
    /// Of what packages.yml said when it was made.
    pub hash: String,
}

impl Lock {
    /// Reads the file of a project; `None` where there is none.
    ///
    /// # Errors
    /// It is not well-formed.
    pub fn read(
        system: &dyn System,
        files: &Files,
        project: &PackageFiles,
    ) -> Result<Option<Self>, Vec<Diagnostic>> {
        let path = project.root.root.join(LOCK_FILE);
        if !system.exists(&path) {
            return Ok(None);
        }
        let text = system.read_text(&path).map_err(|error| vec![cannot_read(&error.to_string())])?;
        let file = files.add(LOCK_FILE, text);
        let checked = yaml::parse(&file);
        if checked.diagnostics.iter().any(Diagnostic::is_error) {
            return Err(checked.diagnostics);
        }
        let mut told = Vec::new();
        let rendered = checked.value.as_ref().map(|written| project.rendered(written, &mut told));
        if !told.is_empty() {
            return Err(told);
        }
        let mapping = rendered.as_ref().and_then(Yaml::as_mapping);
        let Some(entries) = mapping.and_then(|mapping| mapping.get("packages")?.as_sequence()) else {
            return Err(vec![cannot_read("it has no list `packages`")]);
        };
        let hash = mapping.and_then(|mapping| mapping.get("sha1_hash")?.scalar_text()).unwrap_or_default();
        let packages = entries
            .iter()
            .map(|entry| Wanted::read(&PackageEntry { value: entry.clone(), written: entry.clone() }))
            .collect::<Result<_, _>>()?;
        Ok(Some(Self { packages, hash }))
    }

    /// The text of the file.
    #[must_use]
    pub fn text(pinned: &[Pinned], hash: &str) -> String {
        let mut text = "packages:\n".to_owned();
        for package in pinned {
            let mut keys: Vec<(String, Value)> = package.locked().into_iter().collect();
            keys.sort_by(|one, two| one.0.cmp(&two.0));
            for (index, (key, value)) in keys.iter().enumerate() {
                let start = if index == 0 { "  - " } else { "    " };
                let _ = writeln!(text, "{start}{key}: {}", scalar(value));
            }
        }
        let _ = writeln!(text, "sha1_hash: {hash}");
        text
    }
}

/// A value as YAML writes it, quoted where it would be read as something else.
pub(super) fn scalar(value: &Value) -> String {
    let Value::String(text) = value else { return value.to_string() };
    let is_plain = crate::yaml::parse_value(&format!("a: {text}"))
        .is_ok_and(|read| read.get("a").and_then(Value::as_str) == Some(text));
    if is_plain { text.clone() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// The hash of what packages.yml says: of the lines of its entries in order.
#[must_use]
pub(super) fn hash(wanted: &[Wanted]) -> String {
    let mut lines: Vec<&str> = wanted.iter().map(|wanted| wanted.hashed.as_str()).collect();
    lines.sort_unstable();
    Sha1::digest(lines.join("\n").as_bytes()).iter().fold(String::with_capacity(40), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn cannot_read(why: &str) -> Diagnostic {
    Diagnostic::error(Code::InvalidProject, format!("`{LOCK_FILE}` cannot be read: {why}"))
        .help("remove it, and `xform deps` makes it again")
}

impl Lock {
    /// The hash of what packages.yml says.
    #[must_use]
    pub fn hash_of(wanted: &[Wanted]) -> String {
        hash(wanted)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Hashes of lock files that dbt 1.12 wrote for the same entries.
    #[test]
    fn hashes_are_those_of_dbt() {
        let span = Files::new().add("packages.yml", "x").span();
        let of = |entries: &[(Value, Value)]| {
            let wanted: Vec<_> = entries
                .iter()
                .map(|(value, written)| {
                    let (value, written) = (Yaml::from_json(value, span), Yaml::from_json(written, span));
                    Wanted::read(&PackageEntry { value, written }).unwrap()
                })
                .collect();
            Lock::hash_of(&wanted)
        };
        let same = |entry: Value| (entry.clone(), entry);
        let repository = "file:///tmp/packages-x/deps/gitpkg";
        for (entries, hash) in [
            (vec![same(json!({ "local": "../pkga" }))], "89945797393a7531d2a35237f539688caaefd957"),
            (
                vec![same(json!({ "local": "../pkgb" })), same(json!({ "local": "../pkga" }))],
                "c05bbf09801dc2c3ab8469777530828d09f36ce2",
            ),
            (
                vec![(json!({ "local": "../pkga" }), json!({ "local": "{{ env_var('X','../pkga') }}" }))],
                "6567b12997d94338b3ff88bbdf941740485b4730",
            ),
            (
                vec![same(json!({ "local": "../pkga", "name": "zz" }))],
                "2ee18c7106b385d5355db9f602ed61224f653cb9",
            ),
            (
                vec![same(json!({ "git": repository, "revision": "v1" }))],
                "1cdfbfdabaabab4fce4bade3f8a80b8df07d74b7",
            ),
            (
                vec![same(json!({ "git": repository, "subdirectory": "sub", "warn-unpinned": false }))],
                "53c62caaec3f7ae71382bfcf9a410455c9093e99",
            ),
            (
                vec![same(json!({ "package": "acme/utils", "version": [">=1.0.0", "<1.2.0"] }))],
                "bef46cc70e90ce9a9f0e5f84cdf14c2ff88c3e33",
            ),
        ] {
            assert_eq!(of(&entries), hash, "{entries:?}");
        }
    }

    #[test]
    fn values_that_would_be_read_as_others_are_quoted() {
        let written =
            [json!("1.0.0"), json!("1.0"), json!("a: b"), json!("it's #1"), json!("한글"), json!(true)];
        let texts: Vec<_> = written.iter().map(scalar).collect();
        assert_eq!(texts, ["1.0.0", "'1.0'", "'a: b'", "'it''s #1'", "한글", "true"]);
    }
}
