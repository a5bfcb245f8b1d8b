use std::collections::BTreeMap;

use serde_json::Value;

use super::http::{Failure, Http};
use super::{Source, Wanted};
use crate::diagnostic::{Code, Diagnostic, WarningName, suggest};
use crate::project::{DBT_VERSION, compare_versions, is_version_in};

/// Where the hub is when nothing else is said.
const HUB: &str = "https://hub.getdbt.com/";
/// No page of the hub is larger, in bytes.
const LARGEST_PAGE: u64 = 64 * 1024 * 1024;

/// The hub, with what it said of packages so far.
#[derive(Debug)]
pub(super) struct Hub {
    url: String,
    pages: BTreeMap<String, Value>,
}

/// A version that was chosen.
#[derive(Clone, Debug)]
pub(super) struct Chosen {
    pub version: String,
    pub latest: String,
    /// The project's name.
    pub name: String,
    pub tarball: String,
    /// What it asks for, as entries of packages.yml.
    pub packages: Vec<Value>,
}

impl Hub {
    /// `url` is that of `DBT_PACKAGE_HUB_URL`.
    pub(super) fn new(url: Option<String>) -> Self {
        let url = url.unwrap_or_else(|| HUB.to_owned());
        Self { url: format!("{}/", url.trim_end_matches('/')), pages: BTreeMap::new() }
    }

    /// The newest version of a package that all of `wanted`, which name it, take.
    /// `is_version_checked`: and that takes this version of dbt.
    pub(super) fn choose(
        &mut self,
        http: &Http,
        wanted: &[&Wanted],
        is_version_checked: bool,
        told: &mut Vec<Diagnostic>,
    ) -> Result<Chosen, Diagnostic> {
        let Some((first, Source::Hub { package, .. })) = wanted.first().map(|first| (first, &first.source))
        else {
            return Err(Diagnostic::new(Code::InternalError, "no package of the hub is asked for"));
        };
        let page = self.page(http, first, package)?;
        told.extend(redirect(&page, first, package));
        let versions = page.get("versions").and_then(Value::as_object);
        let mut all: Vec<&str> =
            versions.into_iter().flatten().map(|(version, _)| version.as_str()).collect();
        all.sort_by(|one, two| compare_versions(one, two).unwrap_or(std::cmp::Ordering::Equal));
        let found = |version: &&&str| versions.and_then(|versions| versions.get(**version));
        let takes_us = |version: &&&str| {
            let ranges = found(version).and_then(|found| found.get("require_dbt_version"));
            let ranges: Vec<&str> = match ranges {
                Some(Value::Array(ranges)) => ranges.iter().filter_map(Value::as_str).collect(),
                Some(Value::String(range)) => vec![range],
                _ => Vec::new(),
            };
            ranges.iter().all(|range| is_version_in(DBT_VERSION, range).unwrap_or(true))
        };
        let ranges: Vec<&String> = wanted
            .iter()
            .filter_map(|wanted| match &wanted.source {
                Source::Hub { versions, .. } => Some(versions),
                _ => None,
            })
            .flatten()
            .collect();
        if let Some(wrong) = ranges.iter().find(|range| is_version_in("1.0.0", range).is_none()) {
            return Err(Diagnostic::new(Code::InvalidProject, format!("`{wrong}` is no range of versions"))
                .label(first.span, "")
                .help("a version has three numbers: `\">=1.6.0\"`, `[\">=1.6.0\", \"<2.0.0\"]`"));
        }
        let is_exact = |range: &str| !range.starts_with(['<', '>']);
        let takes_pre_releases =
            wanted.iter().any(|wanted| matches!(wanted.source, Source::Hub { prerelease: true, .. }));
        let fits = |version: &&&str| {
            let is_named = ranges.iter().any(|range| is_exact(range));
            (takes_pre_releases || is_named || !is_pre_release(version))
                && ranges.iter().all(|range| is_version_in(version, range) == Some(true))
        };
        let fitting: Vec<&&str> = all.iter().filter(fits).collect();
        let chosen = fitting.iter().rev().find(|version| !is_version_checked || takes_us(version));
        let Some(chosen) = chosen else {
            return Err(none_fits(package, wanted, &all, !fitting.is_empty()));
        };
        let page_of = found(chosen).cloned().unwrap_or_default();
        let text = |path: &str| page_of.pointer(path).and_then(Value::as_str).map(str::to_owned);
        let tarball = text("/downloads/tarball").ok_or_else(|| {
            Diagnostic::new(
                Code::PackageUnavailable,
                format!("the hub names no archive of `{package}` {chosen}"),
            )
            .label(first.span, "")
        })?;
        let latest = all.iter().rev().find(|version| !is_pre_release(version)).unwrap_or(chosen);
        Ok(Chosen {
            version: (**chosen).to_owned(),
            latest: (*latest).to_owned(),
            name: text("/name").unwrap_or_else(|| package.rsplit('/').next().unwrap_or_default().to_owned()),
            tarball,
            packages: page_of.get("packages").and_then(Value::as_array).cloned().unwrap_or_default(),
        })
    }

    fn page(&mut self, http: &Http, wanted: &Wanted, package: &str) -> Result<Value, Diagnostic> {
        if let Some(page) = self.pages.get(package) {
            return Ok(page.clone());
        }
        let address = format!("{}api/v1/{package}.json", self.url);
        let bytes = http.get(&address, LARGEST_PAGE).map_err(|failure| match failure {
            Failure::NotFound => self.unknown(http, wanted, package),
            Failure::Other(why) => Diagnostic::new(
                Code::PackageUnavailable,
                format!("the hub cannot be asked for `{package}`: {why}"),
            )
            .label(wanted.span, "asked for here")
            .note(format!("it was asked at {address}"))
            .help("look at the network, or set `DBT_PACKAGE_HUB_URL` to another hub"),
        })?;
        let page: Value = serde_json::from_slice(&bytes).map_err(|error| {
            Diagnostic::new(
                Code::PackageUnavailable,
                format!("the hub's answer for `{package}` is no JSON: {error}"),
            )
            .label(wanted.span, "asked for here")
        })?;
        self.pages.insert(package.to_owned(), page.clone());
        Ok(page)
    }

    fn unknown(&self, http: &Http, wanted: &Wanted, package: &str) -> Diagnostic {
        let names = http.get(&format!("{}api/v1/index.json", self.url), LARGEST_PAGE).unwrap_or_default();
        let names: Vec<String> = serde_json::from_slice(&names).unwrap_or_default();
        let help = suggest::similar("package", package, names.iter().map(String::as_str));
        Diagnostic::new(Code::PackageUnavailable, format!("there is no package `{package}` on the hub"))
            .said(format!("Package {package} was not found in the package index"))
            .label(wanted.span, "asked for here")
            .help(help.unwrap_or_else(|| {
                "packages are named `owner/name`, as on https://hub.getdbt.com".to_owned()
            }))
    }
}

/// The warning about a package that has moved.
fn redirect(page: &Value, wanted: &Wanted, package: &str) -> Option<Diagnostic> {
    let text = |key: &str| page.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let (owner, name) = package.split_once('/').unwrap_or(("", package));
    let (new_owner, new_name) = (text("redirectnamespace"), text("redirectname"));
    if new_owner.is_none() && new_name.is_none() {
        return None;
    }
    let new = format!("{}/{}", new_owner.unwrap_or(owner), new_name.unwrap_or(name));
    Some(
        Diagnostic::deprecation(
            WarningName::PackageRedirectDeprecation,
            format!("the package `{package}` is now `{new}`"),
        )
        .fact("old_name", package)
        .fact("new_name", new.as_str())
        .label(wanted.span, "")
        .help(format!("write `package: {new}`")),
    )
}

fn is_pre_release(version: &str) -> bool {
    version
        .split('+')
        .next()
        .unwrap_or(version)
        .chars()
        .any(|letter| letter.is_ascii_alphabetic() || letter == '-')
}

fn none_fits(package: &str, wanted: &[&Wanted], all: &[&str], do_others_fit: bool) -> Diagnostic {
    let mut told = Diagnostic::new(
        Code::PackageConflict,
        if do_others_fit {
            format!("no version of `{package}` that fits takes dbt {DBT_VERSION}")
        } else {
            format!("no version of `{package}` fits all that is asked of it")
        },
    )
    .said(format!("Version error for package {package}: could not find a satisfactory version"));
    let mut places = Vec::new();
    for one in wanted {
        let Source::Hub { versions, .. } = &one.source else { continue };
        let text = format!("{} here", versions.join(", "));
        if !places.contains(&(one.span, text.clone())) {
            told = told.label(one.span, text.clone());
            places.push((one.span, text));
        }
    }
    let newest: Vec<&str> = all.iter().rev().take(8).copied().collect();
    told.note(format!("the newest there are: {}", newest.join(", "))).help(if do_others_fit {
        "ask for another version, or try without the check: `--no-version-check`"
    } else {
        "ask for a range that has one of them, or for another version of the package that asks"
    })
}
