use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Renderer;
use crate::diagnostic::{Code, Diagnostic, WarningName};
use crate::parse::config::Level;
use crate::text::{Span, Spanned};
use crate::yaml::{Mapping, Yaml, YamlKind};

/// Keys of a test's entry that are configs and not arguments of the test.
/// See <https://docs.getdbt.com/reference/data-test-configs>.
const CONFIGS: [&str; 14] = [
    "severity",
    "tags",
    "enabled",
    "where",
    "limit",
    "warn_if",
    "error_if",
    "fail_calc",
    "store_failures",
    "store_failures_as",
    "meta",
    "database",
    "schema",
    "alias",
];

/// A generic test that an entry asks for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TestEntry {
    /// `unique`, `dbt_utils.unique_combination_of_columns`.
    pub test: Spanned<String>,
    /// The name the user gives it.
    pub name: Option<String>,
    pub description: Option<Spanned<String>>,
    /// As written; rendered when the test is.
    #[serde(with = "crate::text::kept_json")]
    pub arguments: Map<String, Value>,
    /// Where the value of each argument stands.
    pub argument_places: Vec<(String, Span)>,
    /// Those of the arguments that stand below `arguments:`, and where that is.
    #[serde(with = "crate::text::kept_json")]
    pub nested: Option<Spanned<Map<String, Value>>>,
    pub config: Level,
}

impl TestEntry {
    /// Reads an item of `data_tests:`; what is no test is told.
    pub(super) fn read(
        yaml: &Yaml,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let malformed = |message: &str| {
            Diagnostic::new(Code::InvalidConfig, message)
                .label(yaml.place(), "")
                .help("write `- unique`, or `- accepted_values:` with its `arguments:` indented below")
        };
        let (test, body) = match &yaml.kind {
            YamlKind::Text(name) => (Spanned::new(name.clone(), yaml.span), Mapping::default()),
            YamlKind::Mapping(mapping) => {
                let Some(found) = named(mapping) else {
                    diagnostics.push(malformed("a data test must be one name with its arguments below it"));
                    return None;
                };
                found
            }
            _ => {
                diagnostics.push(malformed(&format!("a data test must be a name, not {}", yaml.describe())));
                return None;
            }
        };
        let mut entry = Self {
            test,
            name: None,
            description: None,
            arguments: Map::new(),
            argument_places: Vec::new(),
            nested: None,
            config: Level::default(),
        };
        for (key, value) in &body.entries {
            entry.take(key, value, renderer, diagnostics);
        }
        Some(entry)
    }

    fn take(
        &mut self,
        key: &Spanned<String>,
        value: &Yaml,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        match (key.value.as_str(), &value.kind) {
            ("name", YamlKind::Text(_)) => {
                let name = renderer.yaml(value, &[], diagnostics);
                self.name = name.as_text().map(str::to_owned);
            }
            ("description", YamlKind::Text(text)) => {
                self.description = Some(Spanned::new(text.clone(), value.span));
            }
            ("config" | "arguments" | "name" | "description", YamlKind::Null) => {}
            ("config", YamlKind::Mapping(mapping)) => {
                for (key, value) in &mapping.entries {
                    self.config.set(
                        &key.value,
                        renderer.config(&key.value, value, diagnostics),
                        Some(value.place()),
                    );
                }
            }
            ("arguments", YamlKind::Mapping(mapping)) => {
                let Value::Object(nested) = value.to_json() else { return };
                self.nested = Some(Spanned::new(nested, key.span));
                for (key, value) in &mapping.entries {
                    self.argument(key, value);
                }
            }
            ("config" | "arguments", _) => {
                let message = format!("`{}` of the test `{}` must be a mapping", key.value, self.test.value);
                diagnostics.push(
                    Diagnostic::new(Code::InvalidConfig, message)
                        .label(value.place(), format!("this is {}", value.describe())),
                );
            }
            (name, _) if CONFIGS.contains(&name) => {
                let test = &self.test.value;
                diagnostics.push(
                    Diagnostic::deprecation(
                        WarningName::PropertyMovedToConfigDeprecation,
                        format!("`{name}` of the test `{test}` is a configuration, and does not stand below `config:`"),
                    )
                    .fact("key", name)
                    .label(key.span, "")
                    .help(format!("write `config:` and below it `{name}:`")),
                );
                self.config.set(name, renderer.config(name, value, diagnostics), Some(value.place()));
            }
            _ => self.argument(key, value),
        }
    }

    /// The first argument that does not stand below `arguments:`, and where its value is. Which
    /// column a test is of may be said beside it.
    pub fn loose_argument(&self) -> Option<(&str, Span)> {
        let is_nested =
            |name: &str| self.nested.as_ref().is_some_and(|nested| nested.value.contains_key(name));
        let mut places = self.argument_places.iter();
        let found = places.find(|(name, _)| name != "column_name" && !is_nested(name));
        found.map(|(name, span)| (name.as_str(), *span))
    }

    fn argument(&mut self, key: &Spanned<String>, value: &Yaml) {
        self.arguments.insert(key.value.clone(), value.to_json());
        self.argument_places.push((key.value.clone(), value.place()));
    }
}

/// `{test_name: unique, …}` or `{unique: {…}}`: the test's name and the rest.
fn named(mapping: &Mapping) -> Option<(Spanned<String>, Mapping)> {
    if let Some((_, name)) = mapping.entry("test_name") {
        let name = Spanned::new(name.as_text()?.to_owned(), name.span);
        let entries = mapping.entries.iter().filter(|(key, _)| key.value != "test_name");
        return Some((name, Mapping { entries: entries.cloned().collect() }));
    }
    match mapping.entries.as_slice() {
        [(name, value)] => match &value.kind {
            YamlKind::Mapping(body) => Some((name.clone(), body.clone())),
            YamlKind::Null => Some((name.clone(), Mapping::default())),
            _ => None,
        },
        _ => None,
    }
}
