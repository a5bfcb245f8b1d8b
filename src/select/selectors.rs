use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::definition_reader::DefinitionReader;
use super::{Definition, Pattern};
use crate::diagnostic::{Checked, Code, Diagnostic, suggest};
use crate::text::Spanned;
use crate::yaml::{Reader, Yaml};

/// A named selection of `selectors.yml`.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    pub name: Spanned<String>,
    pub description: Option<String>,
    /// Whether it stands in where the command line selects nothing; `None` when it is not said.
    pub is_default: Option<bool>,
    pub definition: Definition,
    /// The definition as `manifest.json` shows it.
    pub written: Value,
}

/// The selectors of a project, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Selectors {
    by_name: IndexMap<String, Selector>,
}

impl Selectors {
    /// Reads `selectors.yml`, its Jinja rendered; `None` when there is none. What is wrong with
    /// it is told, `invalid-selector` at its place.
    pub fn read(yaml: Option<&Yaml>) -> Checked<Self> {
        let mut diagnostics = Vec::new();
        let mut selectors = Self::default();
        let file = "the file of selectors";
        let Some(mut reader) =
            yaml.and_then(|yaml| Reader::new(yaml, file, Code::InvalidSelector, &mut diagnostics))
        else {
            return Checked::new(selectors, diagnostics);
        };
        reader.allow(&["version"]);
        for entry in reader.list::<Yaml>("selectors").unwrap_or_default() {
            if let Some(selector) = Selector::read(&entry, &mut diagnostics) {
                selectors.add(selector, &mut diagnostics);
            }
        }
        diagnostics.extend(strict(reader.finish()));
        Checked::new(selectors, diagnostics)
    }

    /// Adds one; of two of one name the later stands, as in dbt.
    fn add(&mut self, selector: Selector, diagnostics: &mut Vec<Diagnostic>) {
        let name = &selector.name;
        if let Some(first) = self.by_name.get(&name.value) {
            let message = format!("there are two selectors named `{}`", name.value);
            diagnostics.push(
                Diagnostic::warning(Code::InvalidSelector, message)
                    .label(name.span, "this one counts")
                    .label(first.name.span, "and not this one")
                    .help("rename one of them"),
            );
        }
        let earlier = self.stand_in().filter(|earlier| earlier.name.value != name.value);
        if let (Some(true), Some(earlier)) = (selector.is_default, earlier) {
            let message = format!("`{}` and `{}` are both the default", earlier.name.value, name.value);
            diagnostics.push(
                Diagnostic::new(Code::InvalidSelector, message)
                    .label(name.span, "`default: true`")
                    .label(earlier.name.span, "`default: true` here too")
                    .help("at most one selector can stand in where nothing is selected"),
            );
        }
        self.by_name.insert(name.value.clone(), selector);
    }

    /// The selector of that name.
    ///
    /// # Errors
    /// There is none: `invalid-selector`.
    pub fn get(&self, name: &str) -> Result<&Selector, Diagnostic> {
        self.by_name.get(name).ok_or_else(|| {
            let names = || self.by_name.keys().map(String::as_str);
            let known = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let help = suggest::similar("selector", name, names()).unwrap_or_else(|| match known.as_str() {
                "" => "define it in `selectors.yml`, beside the project file".to_owned(),
                known => format!("the selectors are {known}"),
            });
            Diagnostic::new(Code::InvalidSelector, format!("there is no selector named `{name}`")).help(help)
        })
    }

    /// Those whose names match, in the order of the file.
    pub(super) fn matching<'a>(&'a self, pattern: &'a Pattern) -> impl Iterator<Item = &'a Selector> {
        self.by_name.values().filter(|selector| pattern.matches(&selector.name.value))
    }

    /// The one that stands in where the command line selects nothing.
    #[must_use]
    pub fn stand_in(&self) -> Option<&Selector> {
        self.by_name.values().find(|selector| selector.is_default == Some(true))
    }

    /// As `manifest.json` shows them, by name.
    #[must_use]
    pub fn written(&self) -> Map<String, Value> {
        let entry = |selector: &Selector| {
            let mut entry = Map::new();
            entry.insert("name".to_owned(), selector.name.value.as_str().into());
            if let Some(is_default) = selector.is_default {
                entry.insert("default".to_owned(), is_default.into());
            }
            entry.insert("definition".to_owned(), selector.written.clone());
            if let Some(description) = &selector.description {
                entry.insert("description".to_owned(), description.as_str().into());
            }
            (selector.name.value.clone(), Value::Object(entry))
        };
        self.by_name.values().map(entry).collect()
    }
}

impl Selector {
    fn read(entry: &Yaml, diagnostics: &mut Vec<Diagnostic>) -> Option<Self> {
        let what = match entry.as_mapping().and_then(|entry| entry.get("name")?.scalar_text()) {
            Some(name) => format!("the selector `{name}`"),
            None => "a selector".to_owned(),
        };
        let mut reader = Reader::new(entry, what.clone(), Code::InvalidSelector, diagnostics)?;
        let name = reader.require::<Spanned<String>>("name");
        let description = reader.get("description");
        let is_default = reader.get("default");
        let definition = reader.require::<Yaml>("definition");
        diagnostics.extend(strict(reader.finish()));
        let mut definitions = DefinitionReader { what, diagnostics };
        let (definition, written) = definitions.read(&definition?)?;
        Some(Self { name: name?, description, is_default, definition, written })
    }
}

/// In this file dbt takes a key that nothing reads for an error.
fn strict(diagnostics: Vec<Diagnostic>) -> impl Iterator<Item = Diagnostic> {
    diagnostics.into_iter().map(|told| match told.code() {
        Code::UnknownKey => told.with_severity(crate::diagnostic::Severity::Error),
        _ => told,
    })
}
