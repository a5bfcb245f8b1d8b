use serde_json::Value as Json;

use crate::diagnostic::Diagnostic;
use crate::jinja::{Engine, Value, to_json};
use crate::text::{Span, Spanned};
use crate::yaml::{Mapping, Yaml, YamlKind};

/// Renders the texts of YAML files with the names that these see.
#[derive(Clone, Debug)]
pub struct Renderer<'a> {
    engine: &'a Engine,
    context: Value,
}

impl<'a> Renderer<'a> {
    pub(in crate::parse) fn new(engine: &'a Engine, context: Value) -> Self {
        Self { engine, context }
    }

    /// Whether there is anything to render in a text.
    pub(in crate::parse) fn is_template(text: &str) -> bool {
        ["{{", "{%", "{#"].iter().any(|open| text.contains(open))
    }

    /// The tree with its texts rendered; a text that is one expression becomes the
    /// expression's value. Values of the keys `raw`, at any depth, stay as they are.
    pub(in crate::parse) fn yaml(
        &self,
        yaml: &Yaml,
        raw: &[&str],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Yaml {
        let kind = match &yaml.kind {
            YamlKind::Text(text) if Self::is_template(text) => {
                return self
                    .value(text, yaml.span, diagnostics)
                    .map_or_else(|| yaml.clone(), |value| from_json(&value, yaml.span));
            }
            // Rendering takes the end of the last line away, as Jinja does.
            YamlKind::Text(text) if text.ends_with('\n') => {
                YamlKind::Text(text.strip_suffix('\n').unwrap_or(text).to_owned())
            }
            YamlKind::Sequence(items) => {
                YamlKind::Sequence(items.iter().map(|item| self.yaml(item, raw, diagnostics)).collect())
            }
            YamlKind::Mapping(mapping) => {
                let mut entries = Vec::with_capacity(mapping.entries.len());
                for (key, value) in &mapping.entries {
                    let value = if raw.contains(&key.value.as_str()) {
                        value.clone()
                    } else {
                        self.yaml(value, raw, diagnostics)
                    };
                    entries.push((key.clone(), value));
                }
                YamlKind::Mapping(Mapping { entries })
            }
            kind => kind.clone(),
        };
        Yaml { kind, span: yaml.span }
    }

    /// The value of a config: hooks stay templates until they run, all else is rendered.
    pub(in crate::parse) fn config(&self, key: &str, yaml: &Yaml, diagnostics: &mut Vec<Diagnostic>) -> Json {
        if is_hook(key) { yaml.to_json() } else { self.yaml(yaml, &[], diagnostics).to_json() }
    }

    /// A text with its expressions replaced: what is no text is written as one.
    pub(in crate::parse) fn text(&self, text: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) -> String {
        if !Self::is_template(&text.value) {
            return text.value.clone();
        }
        match self.value(&text.value, text.span, diagnostics) {
            Some(Json::String(text)) => text,
            Some(Json::Null) | None => String::new(),
            Some(value) => value.to_string(),
        }
    }

    fn value(&self, text: &str, at: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Json> {
        match self.engine.evaluate(text, at, &self.context) {
            Ok(value) => Some(to_json(&value)),
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                None
            }
        }
    }
}

/// Whether a config key holds templates that are rendered when the node runs.
pub(super) fn is_hook(key: &str) -> bool {
    matches!(key, "pre-hook" | "post-hook" | "pre_hook" | "post_hook" | "sql_header" | "loaded_at_query")
}

fn from_json(value: &Json, span: Span) -> Yaml {
    let kind = match value {
        Json::Null => YamlKind::Null,
        Json::Bool(flag) => YamlKind::Bool(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => YamlKind::Int(whole),
            (None, Some(float)) => YamlKind::Float(float),
            (None, None) => YamlKind::Text(number.to_string()),
        },
        Json::String(text) => YamlKind::Text(text.clone()),
        Json::Array(items) => YamlKind::Sequence(items.iter().map(|item| from_json(item, span)).collect()),
        Json::Object(entries) => {
            let entries = entries.iter();
            let entries =
                entries.map(|(key, value)| (Spanned::new(key.clone(), span), from_json(value, span)));
            YamlKind::Mapping(Mapping { entries: entries.collect() })
        }
    };
    Yaml { kind, span }
}
