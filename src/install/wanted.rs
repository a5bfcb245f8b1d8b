use serde_json::{Map, Value, json};

use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::json_text;
use crate::project::PackageEntry;
use crate::text::Span;
use crate::yaml::{Reader, Yaml};

/// Where a package comes from.
/// See <https://docs.getdbt.com/docs/build/packages>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder, relative to the project that asks.
    Local {
        path: String,
    },
    Git {
        url: String,
        revision: Option<String>,
        subdirectory: Option<String>,
        warn_unpinned: bool,
    },
    Tarball {
        url: String,
    },
    /// A package of the hub, `owner/name`, and the ranges that its version must be in.
    Hub {
        package: String,
        versions: Vec<String>,
        prerelease: bool,
    },
}

/// An entry of `packages:`.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub source: Source,
    /// The name it is to be installed under, where that was said.
    pub name: Option<String>,
    pub span: Span,
    /// Its keys for the lock file, as they were written, so that no secret gets there.
    pub locked: Map<String, Value>,
    /// Its line of the text that `sha1_hash` of the lock file is made of.
    pub hashed: String,
}

impl Wanted {
    /// Reads an entry.
    ///
    /// # Errors
    /// It names no package, or a key has no value that makes sense (`invalid-project`).
    pub fn read(entry: &PackageEntry) -> Result<Self, Vec<Diagnostic>> {
        let mut told = Vec::new();
        let read = Self::read_into(entry, &mut told);
        match read {
            Some(wanted) if !told.iter().any(Diagnostic::is_error) => Ok(wanted),
            _ => Err(told),
        }
    }

    fn read_into(entry: &PackageEntry, told: &mut Vec<Diagnostic>) -> Option<Self> {
        let yaml = &entry.value;
        let mut reader = Reader::new(yaml, "an entry of `packages`", Code::InvalidProject, told)?;
        let mut text = |key: &'static str| reader.scalar(key).map(|text| text.value);
        let (local, git, tarball) = (text("local"), text("git"), text("tarball"));
        let (package, private) = (text("package"), text("private"));
        let (name, revision, subdirectory) = (text("name"), text("revision"), text("subdirectory"));
        let provider = text("provider");
        let warn_unpinned = reader.get::<bool>("warn-unpinned").or_else(|| reader.get("warn_unpinned"));
        let prerelease =
            reader.get::<bool>("install-prerelease").or_else(|| reader.get("install_prerelease"));
        let versions = reader.value("version").map(|version| match version.as_sequence() {
            Some(items) => items.iter().filter_map(Yaml::scalar_text).collect(),
            None => version.scalar_text().into_iter().collect::<Vec<String>>(),
        });
        told.extend(reader.finish());
        let wrong = |message: String, help: &str| {
            Diagnostic::new(Code::InvalidProject, message).label(yaml.place(), "").help(help.to_owned())
        };
        let warn_unpinned = warn_unpinned.unwrap_or(true);
        let source = if let Some(path) = local {
            Source::Local { path }
        } else if let Some(url) = git {
            Source::Git { url, revision, subdirectory, warn_unpinned }
        } else if let Some(url) = tarball {
            if name.is_none() {
                told.push(wrong(
                    "a tarball needs a `name`".to_owned(),
                    "write the name of the project in it: `name: utils`",
                ));
            }
            Source::Tarball { url }
        } else if let Some(package) = package {
            let versions: Vec<String> = versions.unwrap_or_default();
            let versions: Vec<String> = versions
                .iter()
                .flat_map(|ranges| ranges.split(','))
                .map(|range| range.trim().to_owned())
                .collect();
            if versions.is_empty() {
                told.push(
                    wrong(
                        format!("the package `{package}` has no version"),
                        "write `version: 1.0.0`, or ranges: `version: [\">=1.0.0\", \"<2.0.0\"]`",
                    )
                    .said("A version is required for a package of the hub"),
                );
            }
            Source::Hub { package, versions, prerelease: prerelease.unwrap_or_default() }
        } else if let Some(definition) = private {
            let Some(url) = private_url(&definition, provider.as_deref()) else {
                let names = "`provider` is one of `github`, `gitlab` and `azure_devops`";
                told.push(wrong(format!("there is no git provider for `{definition}`"), names));
                return None;
            };
            Source::Git { url, revision, subdirectory, warn_unpinned }
        } else {
            let help = "write `local:` with a folder, `package:` with `version:`, or `git:` with `revision:`";
            told.push(wrong("an entry of `packages` names no package".to_owned(), help));
            return None;
        };
        Some(Self {
            hashed: hashed(&source, &yaml.to_json(), &entry.written.to_json()),
            locked: locked(&source, &entry.written.to_json()),
            source,
            name,
            span: yaml.place(),
        })
    }

    /// What makes two entries the same package.
    #[must_use]
    pub fn key(&self) -> String {
        match &self.source {
            Source::Local { path } => path.clone(),
            Source::Git { url, subdirectory, .. } => {
                let url = url.trim_end_matches('/').trim_end_matches(".git");
                format!("{url}//{}", subdirectory.as_deref().unwrap_or_default())
            }
            Source::Tarball { url } => url.clone(),
            Source::Hub { package, .. } => package.to_lowercase(),
        }
    }

    /// As messages name it.
    #[must_use]
    pub fn shown(&self) -> String {
        match &self.source {
            Source::Local { path } => path.clone(),
            Source::Git { url, subdirectory: Some(below), .. } => format!("{url}/{below}"),
            Source::Git { url, .. } | Source::Tarball { url } => url.clone(),
            Source::Hub { package, .. } => package.clone(),
        }
    }
}

/// The repository that a `private:` entry means: by ssh, which the user's own keys open.
fn private_url(definition: &str, provider: Option<&str>) -> Option<String> {
    let host = match provider.unwrap_or("github") {
        "github" => "github.com",
        "gitlab" => "gitlab.com",
        "azure_devops" | "ado" => {
            return Some(format!("git@ssh.dev.azure.com:v3/{definition}"));
        }
        _ => return None,
    };
    definition.contains('/').then(|| format!("git@{host}:{definition}.git"))
}

/// The keys of the lock file but for what is chosen.
fn locked(source: &Source, written: &Value) -> Map<String, Value> {
    let kept: &[&str] = match source {
        Source::Local { .. } => &["local"],
        Source::Git { .. } => &["git", "private", "provider", "subdirectory"],
        Source::Tarball { .. } => &["tarball"],
        Source::Hub { .. } => &["package"],
    };
    let keys = written.as_object().into_iter().flatten();
    keys.filter(|(key, _)| kept.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// The text that dbt hashes for an entry: its keys and those that its kind has, in order of
/// name, with the entry as it was written below `unrendered`; found by comparing with lock
/// files that dbt wrote.
fn hashed(source: &Source, value: &Value, written: &Value) -> String {
    let mut keys: Map<String, Value> = match source {
        Source::Git { .. } => json!({ "revision": null, "subdirectory": null, "warn-unpinned": null }),
        Source::Hub { prerelease, .. } => json!({ "install_prerelease": prerelease }),
        Source::Local { .. } | Source::Tarball { .. } => json!({}),
    }
    .as_object()
    .cloned()
    .unwrap_or_default();
    for (key, value) in value.as_object().into_iter().flatten() {
        let key = match key.as_str() {
            "warn_unpinned" => "warn-unpinned",
            "install-prerelease" => "install_prerelease",
            key => key,
        };
        keys.insert(key.to_owned(), value.clone());
    }
    keys.insert("unrendered".to_owned(), written.clone());
    let mut all = Value::Object(keys);
    all.sort_all_objects();
    json_text(&all, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Files;

    fn read(value: &Value) -> Result<Wanted, Vec<Diagnostic>> {
        let yaml = Yaml::from_json(value, Files::new().add("packages.yml", "x").span());
        Wanted::read(&PackageEntry { value: yaml.clone(), written: yaml })
    }

    #[test]
    fn entries_of_each_kind_are_read() {
        let git =
            read(&json!({ "git": "https://x.y/a.git", "revision": 1.5, "subdirectory": "가" })).unwrap();
        assert_eq!((git.key().as_str(), git.shown().as_str()), ("https://x.y/a//가", "https://x.y/a.git/가"));
        let hub = read(&json!({ "package": "Acme/Utils", "version": ">=1.0.0,<2.0.0" })).unwrap();
        let Source::Hub { versions, .. } = &hub.source else { panic!("{hub:?}") };
        assert_eq!(versions, &[">=1.0.0", "<2.0.0"]);
        let private = read(&json!({ "private": "acme/kit", "provider": "gitlab" })).unwrap();
        assert_eq!(private.shown(), "git@gitlab.com:acme/kit.git");
    }

    #[test]
    fn entries_that_name_no_package_are_told() {
        for (entry, part) in [
            (json!({ "name": "a" }), "names no package"),
            (json!({ "package": "a/b" }), "no version"),
            (json!({ "tarball": "https://x.y/a.tgz" }), "needs a `name`"),
            (json!({ "private": "a/b", "provider": "svn" }), "no git provider"),
            (json!("a"), "must be a mapping"),
        ] {
            let told = read(&entry).expect_err("refused");
            assert!(told[0].message().contains(part), "{entry}: {}", told[0]);
        }
    }
}
