use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

use crate::text::{Span, Spanned};

/// A YAML value and where it was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Yaml {
    pub kind: YamlKind,
    pub span: Span,
}

/// What a YAML value is, after YAML 1.1's rules for plain scalars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum YamlKind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    /// A date or timestamp as it was written; PyYAML makes a `datetime` of it.
    Timestamp(String),
    Sequence(Vec<Yaml>),
    Mapping(Mapping),
}

/// Keys and values in the order of the file. Keys that are no text are kept as their text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    pub entries: Vec<(Spanned<String>, Yaml)>,
}

impl Mapping {
    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Yaml> {
        self.entries.iter().find(|(name, _)| name.value == key).map(|(_, value)| value)
    }

    /// A key with its place, and its value.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<(&Spanned<String>, &Yaml)> {
        self.entries.iter().find(|(name, _)| name.value == key).map(|(name, value)| (name, value))
    }
}

impl Yaml {
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            YamlKind::Text(text) | YamlKind::Timestamp(text) => Some(text),
            _ => None,
        }
    }

    /// Text, numbers and booleans as text: `1.0`, `true`.
    #[must_use]
    pub fn scalar_text(&self) -> Option<String> {
        match &self.kind {
            YamlKind::Text(text) | YamlKind::Timestamp(text) => Some(text.clone()),
            YamlKind::Bool(flag) => Some(flag.to_string()),
            YamlKind::Int(number) => Some(number.to_string()),
            YamlKind::Float(number) => Some(format!("{number:?}")),
            YamlKind::Null | YamlKind::Sequence(_) | YamlKind::Mapping(_) => None,
        }
    }

    /// Where to point at the value: a mapping is shown by its first key, a list by its
    /// first item, as the whole may be many lines long.
    #[must_use]
    pub fn place(&self) -> Span {
        match &self.kind {
            YamlKind::Mapping(mapping) => mapping.entries.first().map_or(self.span, |(key, _)| key.span),
            YamlKind::Sequence(items) => items.first().map_or(self.span, Yaml::place),
            _ => self.span,
        }
    }

    #[must_use]
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.kind {
            YamlKind::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    #[must_use]
    pub fn as_sequence(&self) -> Option<&[Yaml]> {
        match &self.kind {
            YamlKind::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// A value that was computed from what stands at `span`; text stays text.
    #[must_use]
    pub fn from_json(value: &Value, span: Span) -> Self {
        let kind = match value {
            Value::Null => YamlKind::Null,
            Value::Bool(flag) => YamlKind::Bool(*flag),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => YamlKind::Int(number),
                (None, Some(float)) if !number.is_u64() => YamlKind::Float(float),
                _ => YamlKind::Text(number.to_string()),
            },
            Value::String(text) => YamlKind::Text(text.clone()),
            Value::Array(items) => {
                YamlKind::Sequence(items.iter().map(|item| Self::from_json(item, span)).collect())
            }
            Value::Object(map) => {
                let entries = map.iter();
                let entries = entries
                    .map(|(key, value)| (Spanned::new(key.clone(), span), Self::from_json(value, span)));
                YamlKind::Mapping(Mapping { entries: entries.collect() })
            }
        };
        Self { kind, span }
    }

    /// The value without its places.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.kind {
            YamlKind::Null => Value::Null,
            YamlKind::Bool(flag) => Value::Bool(*flag),
            YamlKind::Int(number) => Value::from(*number),
            YamlKind::Float(number) => Number::from_f64(*number).map_or(Value::Null, Value::Number),
            YamlKind::Text(text) | YamlKind::Timestamp(text) => Value::String(text.clone()),
            YamlKind::Sequence(items) => items.iter().map(Yaml::to_json).collect(),
            YamlKind::Mapping(mapping) => {
                let entries = mapping.entries.iter();
                Value::Object(
                    entries.map(|(key, value)| (key.value.clone(), value.to_json())).collect::<Map<_, _>>(),
                )
            }
        }
    }

    /// What to call it in a message: "a mapping", "text".
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            YamlKind::Null => "nothing",
            YamlKind::Bool(_) => "true or false",
            YamlKind::Int(_) | YamlKind::Float(_) => "a number",
            YamlKind::Text(_) => "text",
            YamlKind::Timestamp(_) => "a date",
            YamlKind::Sequence(_) => "a list",
            YamlKind::Mapping(_) => "a mapping",
        }
    }
}
