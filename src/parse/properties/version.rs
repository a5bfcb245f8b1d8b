use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::constraint::constraints;
use super::file::{lifted_config, tests};
use super::{ColumnEntry, Patch, Renderer, TestEntry};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Constraint, ResourceType, version_text};
use crate::parse::config::{Level, check};
use crate::text::{Span, Spanned};
use crate::yaml::{Reader, Yaml, YamlKind};

/// Which version of a model a patch is of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PatchVersion {
    /// A number or a text.
    #[serde(with = "crate::text::kept_json")]
    pub version: Value,
    #[serde(with = "crate::text::kept_json")]
    pub latest: Value,
    /// The name of the file, without its ending, where it is told.
    pub defined_in: Option<Spanned<String>>,
    pub span: Span,
}

impl PatchVersion {
    #[must_use]
    pub fn is_latest(&self) -> bool {
        version_text(&self.version) == version_text(&self.latest)
    }
}

/// An entry of `versions:`, which lays itself over the model's own.
/// See <https://docs.getdbt.com/reference/resource-properties/versions>.
#[derive(Clone, Debug)]
pub(super) struct VersionEntry {
    version: PatchVersion,
    description: Option<Spanned<String>>,
    config: Level,
    columns: Option<Columns>,
    tests: Option<Vec<TestEntry>>,
    constraints: Option<Vec<Constraint>>,
    deprecation_date: Option<Spanned<String>>,
}

/// The columns of a version: those of the model that it keeps, and its own.
#[derive(Clone, Debug, Default)]
struct Columns {
    /// `None` keeps all.
    include: Option<Vec<String>>,
    exclude: Vec<String>,
    own: Vec<ColumnEntry>,
}

impl VersionEntry {
    /// Reads `versions:` and `latest_version:`; `None` where the model has none.
    pub(super) fn read_all(
        reader: &mut Reader<'_>,
        what: &str,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Vec<Self>> {
        let items: Option<Vec<Yaml>> = reader.list("versions");
        let latest = reader.value("latest_version").cloned();
        let items = items.filter(|items| !items.is_empty())?;
        let mut entries: Vec<Self> = Vec::new();
        for item in &items {
            let Some(entry) = Self::read(item, what, renderer, diagnostics) else { continue };
            let text = version_text(&entry.version.version);
            match entries.iter().find(|known| version_text(&known.version.version) == text) {
                Some(first) => diagnostics.push(
                    Diagnostic::new(Code::DuplicateName, format!("{what} has two versions `{text}`"))
                        .label(entry.version.span, "the second")
                        .also(first.version.span, "the first")
                        .help("give each version a `v` of its own"),
                ),
                None => entries.push(entry),
            }
        }
        let greatest = greatest(entries.iter().map(|entry| &entry.version.version));
        let mut chosen = greatest.unwrap_or_default();
        if let Some(latest) = latest {
            let value = latest.to_json();
            let text = version_text(&value);
            let found = entries.iter().find(|entry| version_text(&entry.version.version) == text);
            match found {
                Some(entry) => chosen = entry.version.version.clone(),
                None => {
                    let known: Vec<String> = entries
                        .iter()
                        .map(|entry| format!("`{}`", version_text(&entry.version.version)))
                        .collect();
                    let message = format!("the `latest_version` of {what} is none of its versions");
                    diagnostics.push(
                        Diagnostic::new(Code::InvalidConfig, message)
                            .label(latest.place(), "")
                            .help(format!("its versions are {}", known.join(", "))),
                    );
                }
            }
        }
        for entry in &mut entries {
            entry.version.latest = chosen.clone();
        }
        Some(entries)
    }

    fn read(
        yaml: &Yaml,
        of: &str,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let mut reader = Reader::new(yaml, format!("a version of {of}"), Code::InvalidConfig, diagnostics)?;
        let version = reader.require::<Yaml>("v").filter(|version| {
            let fits = matches!(version.kind, YamlKind::Int(_) | YamlKind::Float(_) | YamlKind::Text(_));
            if !fits {
                let message = format!("`v` of a version of {of} must be a number or text");
                reader.complain(
                    Diagnostic::new(Code::InvalidConfig, message)
                        .label(version.place(), format!("this is {}", version.describe())),
                );
            }
            fits
        });
        let what = match &version {
            Some(version) => format!("the version `{}` of {of}", version_text(&version.to_json())),
            None => format!("a version of {of}"),
        };
        let config =
            lifted_config(&mut reader, &["docs", "group", "access", "contract"], renderer, diagnostics);
        let columns = reader
            .list("columns")
            .map(|items: Vec<Yaml>| Columns::read(&items, &what, renderer, diagnostics));
        let has_tests = reader.raw("tests").is_some() || reader.raw("data_tests").is_some();
        let own_tests = tests(&mut reader, renderer, diagnostics);
        let has_constraints = reader.raw("constraints").is_some();
        let own_constraints = constraints(&mut reader, &what, None);
        let entry = version.map(|version| Self {
            version: PatchVersion {
                version: version.to_json(),
                latest: Value::Null,
                defined_in: reader.get("defined_in"),
                span: version.place(),
            },
            description: reader.get("description"),
            config: check(ResourceType::Model, &what, config, diagnostics),
            columns,
            tests: has_tests.then_some(own_tests),
            constraints: has_constraints.then_some(own_constraints),
            deprecation_date: deprecation_date(&mut reader),
        });
        reader.allow(&["v", "defined_in", "description", "deprecation_date"]);
        diagnostics.extend(reader.finish());
        entry
    }

    /// The model's patch with what the version says over it.
    pub(super) fn patch(self, model: &Patch) -> Patch {
        let mut patch = model.clone();
        patch.name.span = self.version.span;
        patch.version = Some(self.version);
        patch.description = self.description.or(patch.description);
        patch.version_config = self.config;
        if let Some(columns) = self.columns {
            patch.columns = columns.over(&model.columns);
        }
        patch.tests = self.tests.unwrap_or(patch.tests);
        patch.constraints = self.constraints.unwrap_or(patch.constraints);
        patch.deprecation_date = self.deprecation_date.or(patch.deprecation_date);
        patch
    }
}

impl Columns {
    fn read(items: &[Yaml], of: &str, renderer: &Renderer<'_>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut columns = Self::default();
        let mut first: Option<Span> = None;
        for item in items {
            let mapping = item.as_mapping();
            let is_choice = mapping
                .is_some_and(|mapping| ["include", "exclude"].iter().any(|key| mapping.get(key).is_some()));
            if !is_choice {
                columns.own.extend(ColumnEntry::read(item, of, renderer, diagnostics));
                continue;
            }
            if let Some(first) = first.replace(item.place()) {
                let message = format!("{of} chooses columns of the model twice");
                diagnostics.push(
                    Diagnostic::new(Code::InvalidConfig, message)
                        .label(item.place(), "the second")
                        .also(first, "the first")
                        .help("put `include` and `exclude` into one item of `columns`"),
                );
                continue;
            }
            let what = format!("the choice of columns of {of}");
            let Some(mut reader) = Reader::new(item, what, Code::InvalidConfig, diagnostics) else {
                continue;
            };
            let all = reader.value("include").and_then(Yaml::as_text).map(str::to_owned);
            match all.as_deref() {
                Some("all" | "*") => {}
                _ => columns.include = reader.one_or_list("include"),
            }
            columns.exclude = reader.list("exclude").unwrap_or_default();
            if columns.include.is_some() && !columns.exclude.is_empty() {
                let message = format!("{of} excludes columns from a list of those it includes");
                reader.complain(
                    Diagnostic::new(Code::InvalidConfig, message)
                        .label(item.place(), "")
                        .help("`exclude` goes with `include: all`; leave the columns out of the list"),
                );
            }
            diagnostics.extend(reader.finish());
        }
        columns
    }

    /// Columns of the model that are kept, in its order, then the version's own, which take the
    /// place of those of their name.
    fn over(self, model: &[ColumnEntry]) -> Vec<ColumnEntry> {
        let is_kept = |entry: &&ColumnEntry| {
            let name = &entry.column.name;
            self.include.as_ref().is_none_or(|include| include.contains(name))
                && !self.exclude.contains(name)
                && self.own.iter().all(|own| own.column.name != *name)
        };
        let kept: Vec<ColumnEntry> = model.iter().filter(is_kept).cloned().collect();
        kept.into_iter().chain(self.own).collect()
    }
}

/// The greatest version: by number when all are numbers, else the last in order of text.
fn greatest<'a>(versions: impl Iterator<Item = &'a Value> + Clone) -> Option<Value> {
    let number = |version: &Value| match version {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    if versions.clone().all(|version| number(version).is_some()) {
        let by_number = |one: &&Value, other: &&Value| {
            number(one).unwrap_or_default().total_cmp(&number(other).unwrap_or_default())
        };
        return versions.max_by(by_number).cloned();
    }
    versions.max_by_key(|version| version_text(version)).cloned()
}

/// `deprecation_date:` as RFC 3339: a day, or a day and time; without an offset it is meant in
/// UTC. See <https://docs.getdbt.com/reference/resource-properties/deprecation_date>.
pub(super) fn deprecation_date(reader: &mut Reader<'_>) -> Option<Spanned<String>> {
    let written = reader.scalar("deprecation_date")?;
    let date = read_date(&written.value);
    if date.is_none() {
        reader.complain(
            Diagnostic::new(Code::InvalidConfig, "`deprecation_date` must be a date")
                .label(written.span, "")
                .help("write it as `2026-01-31` or `2026-01-31T09:00:00+09:00`"),
        );
    }
    date.map(|date| Spanned::new(date, written.span))
}

fn read_date(text: &str) -> Option<String> {
    let text = text.trim();
    let zoned = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z"));
    if let Ok(zoned) = zoned {
        return Some(zoned.to_rfc3339_opts(SecondsFormat::AutoSi, false));
    }
    // With a zone that RFC 3339 would write otherwise.
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    let plain = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    Some(plain.or_else(day)?.and_utc().to_rfc3339_opts(SecondsFormat::AutoSi, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_greatest_version_goes_by_number_where_it_can() {
        let table = [
            (json!([1, 10, 9]), json!(10)),
            (json!(["2", "10"]), json!("10")),
            (json!([1.5, 1]), json!(1.5)),
            (json!(["gold", "beta"]), json!("gold")),
            (json!([2, "a", 10]), json!("a")),
        ];
        for (versions, expected) in table {
            let versions = versions.as_array().cloned().unwrap_or_default();
            assert_eq!(greatest(versions.iter()), Some(expected), "{versions:?}");
        }
        assert_eq!(greatest([].iter()), None);
    }

    #[test]
    fn dates_are_read_as_utc_unless_they_have_an_offset() {
        let table = [
            ("2026-01-31", Some("2026-01-31T00:00:00+00:00")),
            ("2026-01-31 09:30", Some("2026-01-31T09:30:00+00:00")),
            ("2026-01-31T09:00:00+09:00", Some("2026-01-31T09:00:00+09:00")),
            ("2026-01-31 00:00:00.00+00:00", Some("2026-01-31T00:00:00+00:00")),
            ("내일", None),
        ];
        for (written, expected) in table {
            assert_eq!(read_date(written).as_deref(), expected, "{written}");
        }
    }
}
