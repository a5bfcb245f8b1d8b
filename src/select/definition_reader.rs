use serde_json::{Map, Value, json};

use super::{Criterion, Definition, GraphOperator, IndirectSelection, Term};
use crate::diagnostic::{Code, Diagnostic};
use crate::text::{Span, Spanned};
use crate::yaml::{Reader, Yaml, YamlKind};

/// Reads the definitions of one selector, each with what `manifest.json` shows of it.
pub(super) struct DefinitionReader<'a> {
    /// For messages: "the selector `nightly`".
    pub what: String,
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

type Read = Option<(Definition, Value)>;

/// How definitions can look, for help lines.
const FORMS: &str = "write words of the command line (`'+orders'`), `tag: nightly`, `method` with `value`, \
                     or a `union` or `intersection` of such";

impl DefinitionReader<'_> {
    /// What stands under `definition`, or is a part of a union or intersection; `None` when it
    /// cannot be understood, which is told.
    pub(super) fn read(&mut self, yaml: &Yaml) -> Read {
        match &yaml.kind {
            YamlKind::Text(text) => self.words(text, yaml.span),
            YamlKind::Mapping(mapping) => {
                let set =
                    mapping.entries.iter().find(|(key, _)| matches!(&*key.value, "union" | "intersection"));
                match (set, mapping.entries.as_slice()) {
                    (Some((key, items)), [_]) => self.set(key, items),
                    (Some((key, _)), entries) => {
                        let other = entries.iter().find(|(other, _)| other.value != key.value);
                        let other = other.map_or(key, |(other, _)| other);
                        let message = format!(
                            "`{}` and `{}` of {} stand side by side",
                            key.value, other.value, self.what
                        );
                        let help = format!("put `- {}:` into the list of `{}`", other.value, key.value);
                        self.refuse(message, other.span, "this cannot stand beside it", help)
                    }
                    (None, [(method, value)]) if !is_word(&method.value) => self.pair(method, value),
                    (None, _) if ["method", "value"].iter().all(|key| mapping.get(key).is_some()) => {
                        self.full(yaml)
                    }
                    (None, _) => {
                        let message = format!("a definition of {} has no `method` and `value`", self.what);
                        self.refuse(message, yaml.place(), "a mapping that is no definition", FORMS)
                    }
                }
            }
            _ => {
                let message = format!("the definition of {} is {}", self.what, yaml.describe());
                self.refuse(message, yaml.place(), "this is no definition", FORMS)
            }
        }
    }

    /// `+orders,tag:nightly`: words as on the command line, parts between spaces unite and
    /// parts between commas intersect.
    fn words(&mut self, text: &str, span: Span) -> Read {
        let words: Vec<&str> = text.split_whitespace().collect();
        let read: Vec<_> = words.iter().filter_map(|word| self.word(word, span)).collect();
        if read.len() < words.len() {
            return None;
        }
        if words.is_empty() {
            let message = format!("the definition of {} names nothing", self.what);
            return self.refuse(message, span, "there is no word in this", FORMS);
        }
        Some(one_or(read, "union", |parts| Definition::Union { parts, exclude: Vec::new() }))
    }

    fn word(&mut self, word: &str, span: Span) -> Read {
        let parts: Vec<&str> = word.split(',').collect();
        let mut read = Vec::new();
        for part in &parts {
            let criterion = self.checked(Criterion::parse(part), span)?;
            let written = written(&criterion);
            let term = Term { criterion, indirect: None, exclude: Vec::new(), span };
            read.push((Definition::Term(Box::new(term)), written));
        }
        Some(one_or(read, "intersection", |parts| Definition::Intersection { parts, exclude: Vec::new() }))
    }

    /// `tag: nightly`.
    fn pair(&mut self, method: &Spanned<String>, value: &Yaml) -> Read {
        let value_text = self.text(&method.value, value)?;
        let raw = format!("{}:{value_text}", method.value);
        let criterion = Criterion::new(&raw, &method.value, &value_text, Vec::new());
        let criterion = self.checked(criterion, method.span)?;
        let written = json!({ "method": method.value, "value": value.to_json() });
        let term = Term { criterion, indirect: None, exclude: Vec::new(), span: method.span };
        Some((Definition::Term(Box::new(term)), written))
    }

    /// `union` or `intersection` with its list; one item of it may be an `exclude`.
    fn set(&mut self, key: &Spanned<String>, items: &Yaml) -> Read {
        let Some(items) = items.as_sequence() else {
            let message = format!("`{}` of {} must be a list", key.value, self.what);
            return self.refuse(message, items.place(), format!("this is {}", items.describe()), FORMS);
        };
        let (mut parts, mut written) = (Vec::new(), Vec::new());
        let mut exclude: Option<(Span, Vec<Definition>)> = None;
        let before = self.diagnostics.len();
        for item in items {
            let excluded = match item.as_mapping().map(|mapping| mapping.entries.as_slice()) {
                Some([(key, value)]) if key.value == "exclude" => Some((key, value)),
                _ => None,
            };
            let Some((name, value)) = excluded else {
                if let Some((part, shown)) = self.read(item) {
                    parts.push(part);
                    written.push(shown);
                }
                continue;
            };
            if let Some((first, _)) = &exclude {
                let message = format!("a set of {} has two `exclude`", self.what);
                let told = Diagnostic::new(Code::InvalidSelector, message)
                    .label(name.span, "the second")
                    .label(*first, "the first")
                    .help("put all that is left out into one list");
                self.diagnostics.push(told);
                continue;
            }
            if let Some((definitions, shown)) = self.excluded(value) {
                exclude = Some((name.span, definitions));
                written.push(json!({ "exclude": shown }));
            }
        }
        if self.diagnostics[before..].iter().any(Diagnostic::is_error) {
            return None;
        }
        let exclude = exclude.map(|(_, exclude)| exclude).unwrap_or_default();
        let definition = match key.value.as_str() {
            "union" => Definition::Union { parts, exclude },
            _ => Definition::Intersection { parts, exclude },
        };
        let mut shown = Map::new();
        shown.insert(key.value.clone(), Value::Array(written));
        Some((definition, Value::Object(shown)))
    }

    fn excluded(&mut self, value: &Yaml) -> Option<(Vec<Definition>, Vec<Value>)> {
        let Some(items) = value.as_sequence() else {
            let message = format!("`exclude` of {} must be a list", self.what);
            return self.refuse(message, value.place(), format!("this is {}", value.describe()), FORMS);
        };
        let read: Vec<_> = items.iter().filter_map(|item| self.read(item)).collect();
        (read.len() == items.len()).then(|| read.into_iter().unzip())
    }

    /// A mapping with `method` and `value`, operators and `exclude`.
    fn full(&mut self, yaml: &Yaml) -> Read {
        let what = format!("a definition of {}", self.what);
        let mut reader = Reader::new(yaml, what, Code::InvalidSelector, self.diagnostics)?;
        let method = reader.require::<Spanned<String>>("method");
        let value = reader.require::<Yaml>("value");
        let flags = ["parents", "children", "childrens_parents"].map(|key| reader.value(key).cloned());
        let depths = ["parents_depth", "children_depth"].map(|key| reader.value(key).cloned());
        let indirect = reader.get::<Spanned<String>>("indirect_selection");
        let exclude = reader.value("exclude").cloned();
        self.diagnostics.extend(reader.finish());
        let (method, value) = (method?, value?);
        let value_text = self.text("value", &value)?;
        let [parents, children, childrens_parents] = flags.map(|flag| self.flag(flag.as_ref()));
        let [parents_depth, children_depth] = depths.map(|depth| self.depth(depth.as_ref()));
        let raw = format!("{}:{value_text}", method.value);
        let mut operators = Vec::new();
        if childrens_parents? {
            operators.push(GraphOperator::ChildrensParents);
        }
        if parents? {
            operators.push(GraphOperator::Parents(parents_depth?));
        }
        if children? {
            if childrens_parents? {
                let message =
                    format!("a definition of {} has both `childrens_parents` and `children`", self.what);
                let help =
                    "`childrens_parents` already takes all that depends on the node: leave out `children`";
                return self.refuse(message, method.span, "in this definition", help);
            }
            operators.push(GraphOperator::Children(children_depth?));
        }
        let indirect = match indirect {
            Some(mode) => Some(self.mode(&mode)?),
            None => None,
        };
        let exclude = match exclude {
            Some(list) => self.excluded(&list)?.0,
            None => Vec::new(),
        };
        let criterion =
            self.checked(Criterion::new(&raw, &method.value, &value_text, operators), method.span)?;
        let term = Term { criterion, indirect, exclude, span: method.span };
        Some((Definition::Term(Box::new(term)), yaml.to_json()))
    }

    fn text(&mut self, key: &str, value: &Yaml) -> Option<String> {
        value.scalar_text().or_else(|| {
            let message = format!("`{key}` of {} must be text", self.what);
            self.refuse(message, value.place(), format!("this is {}", value.describe()), FORMS)
        })
    }

    fn flag(&mut self, value: Option<&Yaml>) -> Option<bool> {
        let Some(value) = value else { return Some(false) };
        let text = value.scalar_text().unwrap_or_default().to_lowercase();
        match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => {
                let message = format!("a graph operator of {} must be true or false", self.what);
                let help = "for a number of steps, write `parents: true` and `parents_depth: 2`";
                self.refuse(message, value.place(), format!("this is {}", value.describe()), help)
            }
        }
    }

    /// `Some(None)` for all the way.
    #[allow(clippy::option_option, reason = "that nothing is said is not that it cannot be read")]
    fn depth(&mut self, value: Option<&Yaml>) -> Option<Option<usize>> {
        let Some(value) = value else { return Some(None) };
        let depth = value.scalar_text().and_then(|text| text.parse().ok());
        if depth.is_none() {
            let message = format!("a depth of {} must be a whole number", self.what);
            let help = "leave it out to go all the way";
            return self.refuse(message, value.place(), format!("this is {}", value.describe()), help);
        }
        Some(depth)
    }

    fn mode(&mut self, mode: &Spanned<String>) -> Option<IndirectSelection> {
        IndirectSelection::find(&mode.value).or_else(|| {
            let message = format!("`{}` is no mode of indirect selection", mode.value);
            let modes = IndirectSelection::ALL.map(|mode| format!("`{}`", mode.name())).join(", ");
            self.refuse(message, mode.span, "not a mode", format!("the modes are {modes}"))
        })
    }

    fn checked(&mut self, criterion: Result<Criterion, Diagnostic>, span: Span) -> Option<Criterion> {
        match criterion {
            Ok(criterion) => Some(criterion),
            Err(error) => {
                self.diagnostics.push(error.label(span, format!("in {}", self.what)));
                None
            }
        }
    }

    /// Tells what is wrong; always `None`, the definition that there is then.
    fn refuse<T>(
        &mut self,
        message: String,
        place: Span,
        label: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        let told = Diagnostic::new(Code::InvalidSelector, message);
        self.diagnostics.push(told.label(place, label).help(help.into()));
        None
    }
}

/// Whether a key is a word of full definitions, and no method.
fn is_word(key: &str) -> bool {
    matches!(key, "method" | "value" | "exclude")
}

/// The one that there is, or all of them as a set.
fn one_or(
    mut read: Vec<(Definition, Value)>,
    key: &str,
    set: impl Fn(Vec<Definition>) -> Definition,
) -> (Definition, Value) {
    if read.len() == 1 {
        return read.remove(0);
    }
    let (parts, written): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    let mut shown = Map::new();
    shown.insert(key.to_owned(), Value::Array(written));
    (set(parts), Value::Object(shown))
}

/// A word of the command line as `manifest.json` shows it.
fn written(criterion: &Criterion) -> Value {
    let mut shown = Map::new();
    let mut set = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    let depth = |operator: &GraphOperator| match operator {
        GraphOperator::Parents(depth) | GraphOperator::Children(depth) => *depth,
        GraphOperator::ChildrensParents => None,
    };
    for operator in &criterion.operators {
        let key = match operator {
            GraphOperator::ChildrensParents => "childrens_parents",
            GraphOperator::Parents(_) => "parents",
            GraphOperator::Children(_) => continue,
        };
        set(key, true.into());
        if let Some(depth) = depth(operator) {
            set("parents_depth", depth.into());
        }
    }
    set("method", criterion.method_name.as_str().into());
    set("value", criterion.value.as_str().into());
    for operator in &criterion.operators {
        if matches!(operator, GraphOperator::Children(_)) {
            set("children", true.into());
            if let Some(depth) = depth(operator) {
                set("children_depth", depth.into());
            }
        }
    }
    Value::Object(shown)
}
