use serde_json::{Map, Value};

use super::{Mapping, Yaml, YamlKind};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::text::{Span, Spanned};

/// A type that can be read from a YAML value.
pub trait FromYaml: Sized {
    /// What is wanted, for messages: "text", "a list of texts".
    const WANTED: &'static str;

    /// The value; `None` when it is of another kind.
    fn from_yaml(yaml: &Yaml) -> Option<Self>;
}

impl FromYaml for String {
    const WANTED: &'static str = "text";

    fn from_yaml(yaml: &Yaml) -> Option<Self> {
        yaml.as_text().map(str::to_owned)
    }
}

impl FromYaml for bool {
    const WANTED: &'static str = "true or false";

    fn from_yaml(yaml: &Yaml) -> Option<Self> {
        match yaml.kind {
            YamlKind::Bool(flag) => Some(flag),
            _ => None,
        }
    }
}

impl FromYaml for i64 {
    const WANTED: &'static str = "a whole number";

    fn from_yaml(yaml: &Yaml) -> Option<Self> {
        match yaml.kind {
            YamlKind::Int(number) => Some(number),
            _ => None,
        }
    }
}

impl FromYaml for f64 {
    const WANTED: &'static str = "a number";

    #[allow(clippy::cast_precision_loss, reason = "a float is what is asked for")]
    fn from_yaml(yaml: &Yaml) -> Option<Self> {
        match yaml.kind {
            YamlKind::Int(number) => Some(number as f64),
            YamlKind::Float(number) => Some(number),
            _ => None,
        }
    }
}

impl FromYaml for Mapping {
    const WANTED: &'static str = "a mapping";

    fn from_yaml(yaml: &Yaml) -> Option<Self> {
        yaml.as_mapping().cloned()
    }
}

impl FromYaml for Map<String, Value> {
    const WANTED: &'static str = "a mapping";

    fn from_yaml(yaml: &Yaml) -> Option<Self> {
        match yaml.to_json() {
            Value::Object(map) => Some(map),
            _ => None,
        }
    }
}

impl FromYaml for Value {
    const WANTED: &'static str = "a value";

    fn from_yaml(yaml: &Yaml) -> Option<Self> {
        Some(yaml.to_json())
    }
}

impl FromYaml for Yaml {
    const WANTED: &'static str = "a value";

    fn from_yaml(yaml: &Yaml) -> Option<Self> {
        Some(yaml.clone())
    }
}

impl<T: FromYaml> FromYaml for Spanned<T> {
    const WANTED: &'static str = T::WANTED;

    fn from_yaml(yaml: &Yaml) -> Option<Self> {
        T::from_yaml(yaml).map(|value| Spanned::new(value, yaml.span))
    }
}

/// Takes typed values out of a mapping. What is of the wrong kind is told where it
/// stands and read as if it were missing; [`finish`](Reader::finish) tells of the keys
/// that nobody asked for.
///
/// A key that is there without a value (`description:`) counts as missing, as in dbt.
#[derive(Debug)]
pub struct Reader<'a> {
    mapping: &'a Mapping,
    span: Span,
    /// What the mapping describes, for messages: "the model `orders`".
    what: String,
    /// The code of a value of the wrong kind.
    code: Code,
    known: Vec<&'a str>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    /// A reader of the mapping at `yaml`, or `None` with the complaint in `diagnostics`
    /// when it is none. `code` is the code of values of the wrong kind.
    pub fn new(
        yaml: &'a Yaml,
        what: impl Into<String>,
        code: Code,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = what.into();
        let mapping = yaml.as_mapping();
        if mapping.is_none() {
            diagnostics.push(wrong_kind(code, &what, Mapping::WANTED, yaml));
        }
        mapping.map(|mapping| Self::of(mapping, yaml.span, what, code))
    }

    /// A reader of a mapping that stands at `span`.
    #[must_use]
    pub fn of(mapping: &'a Mapping, span: Span, what: impl Into<String>, code: Code) -> Self {
        Self { mapping, span, what: what.into(), code, known: Vec::new(), diagnostics: Vec::new() }
    }

    /// Where the mapping stands.
    #[must_use]
    pub fn span(&self) -> Span {
        self.span
    }

    /// The value of a key as it is; `None` when missing or empty.
    pub fn value(&mut self, key: &'a str) -> Option<&'a Yaml> {
        self.raw(key).filter(|yaml| yaml.kind != YamlKind::Null)
    }

    /// The value of a key as it is, null too.
    pub fn raw(&mut self, key: &'a str) -> Option<&'a Yaml> {
        self.known.push(key);
        self.mapping.get(key)
    }

    /// The value of a key; `None` when missing, empty or of another kind (which is told).
    pub fn get<T: FromYaml>(&mut self, key: &'a str) -> Option<T> {
        let yaml = self.value(key)?;
        let value = T::from_yaml(yaml);
        if value.is_none() {
            self.wrong(key, T::WANTED, yaml);
        }
        value
    }

    /// The value of a key that must be there; told when it is missing.
    pub fn require<T: FromYaml>(&mut self, key: &'a str) -> Option<T> {
        if self.value(key).is_none() {
            let span = self.mapping.entry(key).map_or(self.first_line(), |(key, _)| key.span);
            let diagnostic = Diagnostic::error(self.code, format!("{} has no `{key}`", self.what))
                .label(span, format!("`{key}` must be given"));
            self.diagnostics.push(diagnostic);
            return None;
        }
        self.get(key)
    }

    /// Text, with numbers and booleans taken as they are written in JSON (`1.0`).
    pub fn scalar(&mut self, key: &'a str) -> Option<Spanned<String>> {
        let yaml = self.value(key)?;
        let text = yaml.scalar_text().map(|text| Spanned::new(text, yaml.span));
        if text.is_none() {
            self.wrong(key, String::WANTED, yaml);
        }
        text
    }

    /// A list; each item that is of another kind is told and left out.
    pub fn list<T: FromYaml>(&mut self, key: &'a str) -> Option<Vec<T>> {
        let yaml = self.value(key)?;
        let Some(items) = yaml.as_sequence() else {
            self.wrong(key, "a list", yaml);
            return None;
        };
        Some(self.items(key, items))
    }

    /// A list, or a single value that stands for a list of one.
    pub fn one_or_list<T: FromYaml>(&mut self, key: &'a str) -> Option<Vec<T>> {
        let yaml = self.value(key)?;
        Some(self.items(key, yaml.as_sequence().unwrap_or(std::slice::from_ref(yaml))))
    }

    fn items<T: FromYaml>(&mut self, key: &str, items: &[Yaml]) -> Vec<T> {
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            let Some(value) = T::from_yaml(item) else {
                let what = format!("an item of `{key}` of {}", self.what);
                self.diagnostics.push(wrong_kind(self.code, &what, T::WANTED, item));
                continue;
            };
            values.push(value);
        }
        values
    }

    /// Keys that are known although nobody asks for them here.
    pub fn allow(&mut self, keys: &[&'a str]) {
        self.known.extend_from_slice(keys);
    }

    /// Whether a key was asked for or allowed so far.
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        self.known.contains(&key)
    }

    /// The keys asked for or allowed so far.
    #[must_use]
    pub fn known_keys(&self) -> Vec<&'a str> {
        self.known.clone()
    }

    /// Adds a complaint.
    pub fn complain(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Adds complaints.
    pub fn complain_all(&mut self, diagnostics: Vec<Diagnostic>) {
        self.diagnostics.extend(diagnostics);
    }

    /// Everything there is to complain about, with a warning for each key that is unknown.
    #[must_use]
    pub fn finish(mut self) -> Vec<Diagnostic> {
        for (key, _) in &self.mapping.entries {
            if !self.known.contains(&key.value.as_str()) {
                let diagnostic = Diagnostic::new(
                    Code::UnknownKey,
                    format!("{} has a key `{}` that nothing reads", self.what, key.value),
                )
                .label(key.span, "not a known key")
                .help(
                    suggest::similar("key", &key.value, self.known.iter().copied())
                        .unwrap_or_else(|| "remove it, or put what is your own under `meta`".to_owned()),
                );
                self.diagnostics.push(diagnostic);
            }
        }
        self.diagnostics
    }

    /// Everything there is to complain about, unknown keys left out: for mappings that
    /// may hold any key.
    #[must_use]
    pub fn finish_open(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    fn wrong(&mut self, key: &str, wanted: &str, yaml: &Yaml) {
        let what = format!("`{key}` of {}", self.what);
        self.diagnostics.push(wrong_kind(self.code, &what, wanted, yaml));
    }

    /// The first key: the whole of a mapping is too much to underline.
    fn first_line(&self) -> Span {
        self.mapping.entries.first().map_or(self.span, |(key, _)| key.span)
    }
}

fn wrong_kind(code: Code, what: &str, wanted: &str, yaml: &Yaml) -> Diagnostic {
    let help = match (&yaml.kind, wanted) {
        (YamlKind::Bool(_) | YamlKind::Int(_) | YamlKind::Float(_), "text") => {
            Some("put it in quotes to make it text")
        }
        (YamlKind::Text(text), "true or false") if text.contains("{{") => {
            Some("a Jinja expression that gives text can be made a boolean with `| as_bool`")
        }
        (YamlKind::Text(_), "true or false" | "a whole number" | "a number") => {
            Some("remove the quotes if there are any")
        }
        _ => None,
    };
    Diagnostic::error(code, format!("{what} must be {wanted}"))
        .label(yaml.place(), format!("this is {}", yaml.describe()))
        .help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Files;

    /// Code, message, text of the place, help.
    type Told = (Code, String, String, Option<String>);

    fn read<T>(text: &str, take: impl FnOnce(&mut Reader<'_>) -> T) -> (T, Vec<Told>) {
        let files = Files::new();
        let file = files.add("a.yml", text);
        let yaml = super::super::parse(&file).value.expect("well-formed");
        let mut told = Vec::new();
        let mut reader =
            Reader::new(&yaml, "the model `주문`", Code::InvalidConfig, &mut told).expect("a mapping");
        let value = take(&mut reader);
        told.extend(reader.finish());
        let told = told.iter().map(|diagnostic| {
            let place = diagnostic.span().map(|span| files.slice(span)).unwrap_or_default();
            (
                diagnostic.code(),
                diagnostic.message().to_owned(),
                place,
                diagnostic.help_text().map(str::to_owned),
            )
        });
        (value, told.collect())
    }

    #[test]
    fn values_of_the_wrong_kind_are_told_at_their_place_and_left_out() {
        let (values, told) = read("name: 12\nenabled: 'yes'\ntags: [a, 1, b]\nmeta:\n", |reader| {
            let name: Option<String> = reader.get("name");
            let enabled: Option<bool> = reader.get("enabled");
            let tags: Option<Vec<String>> = reader.list("tags");
            let meta: Option<Mapping> = reader.get("meta");
            (name, enabled, tags, meta)
        });
        assert_eq!(values, (None, None, Some(vec!["a".to_owned(), "b".to_owned()]), None));
        let told: Vec<_> =
            told.iter().map(|(_, message, place, _)| (message.as_str(), place.as_str())).collect();
        assert_eq!(
            told,
            [
                ("`name` of the model `주문` must be text", "12"),
                ("`enabled` of the model `주문` must be true or false", "'yes'"),
                ("an item of `tags` of the model `주문` must be text", "1"),
            ]
        );
    }

    #[test]
    fn unknown_keys_are_warned_of_with_the_nearest_known_one() {
        let ((), told) = read("descripton: x\n설명: y\n", |reader| {
            let _: Option<String> = reader.get("description");
        });
        assert_eq!(told[0].0, Code::UnknownKey);
        assert_eq!(told[0].3.as_deref(), Some("a key with a similar name exists: `description`"));
        assert_eq!(told[1].2, "설명");
    }

    #[test]
    fn a_missing_key_is_told_when_it_is_required() {
        let (name, told) = read("name:\nversion: 1.0\n", |reader| {
            assert_eq!(reader.scalar("version").map(|text| text.value).as_deref(), Some("1.0"));
            reader.require::<String>("name")
        });
        assert_eq!(name, None);
        assert_eq!(told[0].1, "the model `주문` has no `name`");
        assert_eq!(told[0].2, "name");
    }
}
