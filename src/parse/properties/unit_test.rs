use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::file::{lifted_config, named};
use super::{Origin, Renderer};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{ResourceType, UnitTestFormat};
use crate::parse::config::{Level, check};
use crate::text::{Span, Spanned};
use crate::yaml::{Reader, Yaml, YamlKind};

/// A unit test as a properties file declares it.
/// See <https://docs.getdbt.com/reference/resource-properties/unit-tests>.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnitTestEntry {
    pub name: Spanned<String>,
    pub origin: Origin,
    pub description: Option<Spanned<String>>,
    pub config: Level,
    pub subject: SubjectEntry,
    pub versions: Option<Yaml>,
    pub given: Vec<InputEntry>,
    pub expect: RowsEntry,
    /// Whether the table that is left behind is what is expected.
    pub expects_table: bool,
    #[serde(with = "crate::text::kept_json")]
    pub overrides: Option<Map<String, Value>>,
}

/// What a test is of, by name.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum SubjectEntry {
    Model(Spanned<String>),
    /// With `args`: a list, or a mapping.
    Macro(Spanned<String>, #[serde(with = "crate::text::kept_json")] Value),
}

/// An item of `given:`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InputEntry {
    pub input: Spanned<String>,
    pub rows: RowsEntry,
}

/// Rows as they are written.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RowsEntry {
    pub format: UnitTestFormat,
    pub rows: Option<Yaml>,
    pub fixture: Option<Spanned<String>>,
    pub span: Span,
}

const FORMATS: [(&str, UnitTestFormat); 3] =
    [("dict", UnitTestFormat::Dict), ("csv", UnitTestFormat::Csv), ("sql", UnitTestFormat::Sql)];

const OVERRIDES: [&str; 3] = ["macros", "vars", "env_vars"];

impl UnitTestEntry {
    /// Reads an entry; `None` when what must be there is not.
    pub(super) fn read(
        yaml: &Yaml,
        origin: &Origin,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = named(yaml, "a unit test");
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let name: Option<Spanned<String>> = reader.require("name");
        let subject = subject(&mut reader, &what);
        let is_of_macro = reader.value("macro").is_some();
        let items: Vec<Yaml> = reader.list("given").unwrap_or_default();
        let given: Vec<_> = items.iter().map(|item| InputEntry::read(item, &what, diagnostics)).collect();
        let expect: Option<Yaml> = reader.require("expect");
        let expect = expect.and_then(|yaml| {
            let what = format!("`expect` of {what}");
            let mut reader = Reader::new(&yaml, &what, Code::InvalidConfig, diagnostics)?;
            let rows = RowsEntry::read(&mut reader, &what, is_of_macro);
            let expects_table = expects_table(&mut reader, &what);
            diagnostics.extend(reader.finish());
            Some((rows?, expects_table))
        });
        let overrides = overrides(&mut reader, &what);
        let config = lifted_config(&mut reader, &["enabled"], renderer, diagnostics);
        let entry = || {
            let (expect, expects_table) = expect?;
            Some(Self {
                name: name?,
                origin: origin.clone(),
                description: reader.get("description"),
                config: check(ResourceType::UnitTest, &what, config, diagnostics),
                subject: subject?,
                versions: reader.value("versions").cloned(),
                given: given.into_iter().collect::<Option<_>>()?,
                expect,
                expects_table,
                overrides,
            })
        };
        let entry = entry();
        reader.allow(&["description", "versions", "fixture"]);
        diagnostics.extend(super::file::finish(reader, ResourceType::UnitTest, yaml));
        entry
    }
}

fn subject(reader: &mut Reader<'_>, what: &str) -> Option<SubjectEntry> {
    if let Some(name) = reader.get::<Spanned<String>>("macro") {
        let arguments = reader.value("args").map_or(Value::Null, Yaml::to_json);
        let place = reader.value("args").map(Yaml::place);
        if !matches!(arguments, Value::Null | Value::Array(_) | Value::Object(_)) {
            reader.complain(
                Diagnostic::new(Code::InvalidConfig, format!("`args` of {what} must be a list or a mapping"))
                    .also(place, "")
                    .help("write `args: [1, 2]`, or `args: {name: value}`"),
            );
            return None;
        }
        return Some(SubjectEntry::Macro(name, arguments));
    }
    reader.require("model").map(SubjectEntry::Model)
}

/// `result: table`, of `expect`: what xform has beyond dbt.
fn expects_table(reader: &mut Reader<'_>, what: &str) -> bool {
    let Some(word) = reader.get::<Spanned<String>>("result") else { return false };
    if !["query", "table"].contains(&word.value.as_str()) {
        let message = format!("`result` in {what} must be `query` or `table`, not `{}`", word.value);
        reader.complain(Diagnostic::new(Code::InvalidConfig, message).label(word.span, "").help(
            "`table` compares the table that the model leaves behind, `query` (the default) the rows its query gives",
        ));
    }
    word.value == "table"
}

fn overrides(reader: &mut Reader<'_>, what: &str) -> Option<Map<String, Value>> {
    let yaml = reader.value("overrides")?;
    let what = format!("`overrides` of {what}");
    let mut told = Vec::new();
    let found = Reader::new(yaml, &what, Code::InvalidConfig, &mut told).map(|mut inner| {
        let mut found = Map::new();
        for key in OVERRIDES {
            let values: Option<Map<String, Value>> = inner.get(key);
            found.insert(key.to_owned(), Value::Object(values.unwrap_or_default()));
        }
        told.extend(inner.finish());
        found
    });
    reader.complain_all(told);
    found
}

impl InputEntry {
    fn read(yaml: &Yaml, what: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let what = format!("an input of {what}");
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let input: Option<Spanned<String>> = reader.require("input");
        let rows = RowsEntry::read(&mut reader, &what, false);
        diagnostics.extend(reader.finish());
        Some(Self { input: input?, rows: rows? })
    }
}

impl RowsEntry {
    /// Reads `format`, `rows` and `fixture`; with `may_be_value` also `value`.
    fn read(reader: &mut Reader<'_>, what: &str, may_be_value: bool) -> Option<Self> {
        let span = reader.span();
        if may_be_value && let Some(value) = reader.raw("value") {
            let (format, span) = (UnitTestFormat::Value, value.place());
            return Some(Self { format, rows: Some(value.clone()), fixture: None, span });
        }
        if may_be_value && let Some(sql) = reader.value("sql") {
            let (format, span) = (UnitTestFormat::Value, sql.place());
            return Some(Self { format, rows: Some(sql.clone()), fixture: None, span });
        }
        let fixture: Option<Spanned<String>> = reader.get("fixture");
        let rows = reader.value("rows").map(whole_offsets);
        let word: Option<Spanned<String>> = reader.get("format");
        let format = match &word {
            None => UnitTestFormat::Dict,
            Some(word) => match FORMATS.iter().find(|(name, _)| *name == word.value) {
                Some((_, format)) => *format,
                None => {
                    let message = format!("`{}` is not a format of rows", word.value);
                    let help = suggest::similar("format", &word.value, FORMATS.iter().map(|(name, _)| *name));
                    reader.complain(
                        Diagnostic::new(Code::InvalidConfig, message).label(word.span, "").help(
                            help.unwrap_or_else(|| "the formats are `dict`, `csv` and `sql`".to_owned()),
                        ),
                    );
                    return None;
                }
            },
        };
        let wanted = match (&rows, format) {
            (Some(Yaml { kind: YamlKind::Sequence(items), .. }), UnitTestFormat::Dict) => {
                let odd = items.iter().find(|item| item.as_mapping().is_none());
                odd.map(|item| ("a mapping from columns to values", item.clone()))
            }
            (Some(rows), UnitTestFormat::Dict) => Some(("a list of mappings", rows.clone())),
            (Some(rows), _) if rows.as_text().is_none() => Some(("text", rows.clone())),
            _ => None,
        };
        if let Some((wanted, odd)) = wanted {
            let message = format!("rows in the format `{}` must be {wanted}", format.name());
            reader.complain(
                Diagnostic::new(Code::InvalidConfig, message)
                    .label(odd.place(), format!("this is {}", odd.describe()))
                    .note(format!("of {what}"))
                    .help(if odd.as_text().is_some() {
                        "say `format: csv` or `format: sql` beside it"
                    } else {
                        "write `format: dict`, or leave `format` out"
                    }),
            );
            return None;
        }
        Some(Self { format, rows, fixture, span })
    }
}

/// The rows with the time zones of their timestamps in two digits: YAML allows `05:06:07-0`,
/// warehouses do not.
fn whole_offsets(yaml: &Yaml) -> Yaml {
    let kind = match &yaml.kind {
        YamlKind::Timestamp(text) => YamlKind::Timestamp(match text.rsplit_once(['+', '-']) {
            Some((time, hours)) if time.contains(':') && hours.len() == 1 => {
                format!("{}0{hours}", text.strip_suffix(hours).unwrap_or(text))
            }
            _ => text.clone(),
        }),
        YamlKind::Sequence(items) => YamlKind::Sequence(items.iter().map(whole_offsets).collect()),
        YamlKind::Mapping(mapping) => {
            let entries = mapping.entries.iter();
            let entries = entries.map(|(key, value)| (key.clone(), whole_offsets(value))).collect();
            YamlKind::Mapping(crate::yaml::Mapping { entries })
        }
        kind => kind.clone(),
    };
    Yaml { kind, span: yaml.span }
}
