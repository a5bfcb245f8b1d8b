use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, StrInput, Tag};

use super::scalar::{float, int, is_timestamp, resolve};
use super::syntax_error;
use super::{Mapping, Yaml, YamlKind};
use crate::diagnostic::{Checked, Code, Diagnostic, suggest};
use crate::text::{Files, SourceFile, Span, Spanned};

/// How many values aliases may add to a file: enough for any person, too few for a
/// file that doubles itself thirty times.
const MOST_COPIES: usize = 200_000;
/// How deep values may be nested, aliases included.
const MOST_DEPTH: usize = 400;

/// Reads a YAML file of one document; an empty file is `None`. What is not YAML is told
/// as `invalid-yaml` (the value is `None` then), a key that is written twice as
/// `duplicate-key` (the last one counts).
pub fn parse(file: &SourceFile) -> Checked<Option<Yaml>> {
    let mut composer = Composer::new(file);
    match composer.document() {
        Ok(value) => Checked::new(value, composer.diagnostics),
        Err(error) => {
            composer.diagnostics.push(error);
            Checked::new(None, composer.diagnostics)
        }
    }
}

/// Reads a text that stands in no file, such as the argument of `fromyaml`; an empty
/// text is null.
///
/// # Errors
/// It is not YAML: says why, with line and column.
pub fn parse_value(text: &str) -> Result<serde_json::Value, String> {
    let files = Files::new();
    let file = files.add("", text);
    let checked = parse(&file);
    let error = checked.diagnostics.iter().find(|diagnostic| diagnostic.is_error());
    if let Some(error) = error {
        let place = error.span().map(|span| file.line_column(span.start as usize));
        return Err(match place {
            Some(place) => format!("{error} (line {}, column {})", place.line, place.column),
            None => error.to_string(),
        });
    }
    Ok(checked.value.map_or(serde_json::Value::Null, |yaml| yaml.to_json()))
}

/// A value that an alias can ask for.
struct Anchor {
    value: Yaml,
    size: Size,
}

/// How much a value holds: bounds what aliases may copy.
#[derive(Clone, Copy)]
struct Size {
    values: usize,
    depth: usize,
}

impl Size {
    const SCALAR: Self = Self { values: 1, depth: 1 };

    fn add(&mut self, child: Self) {
        self.values += child.values;
        self.depth = self.depth.max(child.depth + 1);
    }
}

type Composed = Result<(Yaml, Size), Diagnostic>;

struct Composer<'a> {
    file: &'a SourceFile,
    parser: Parser<'a, StrInput<'a>>,
    anchors: HashMap<usize, Anchor>,
    anchor_names: Vec<String>,
    copies: usize,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Composer<'a> {
    fn new(file: &'a SourceFile) -> Self {
        let options = granit_parser::options! {
            emit_comments: false,
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            // As PyYAML.
            block_scalar_eof_without_line_feed: true,
        };
        Self {
            file,
            parser: Parser::new_from_str_with_options(file.text(), options),
            anchors: HashMap::new(),
            anchor_names: Vec::new(),
            copies: 0,
            diagnostics: Vec::new(),
        }
    }

    /// The next event that is of the document, with its place.
    fn next(&mut self) -> Result<(Event<'a>, Span), Diagnostic> {
        loop {
            match self.parser.next() {
                Some(Ok((Event::Anchor(_, name), _))) => self.anchor_names.push(name.into_owned()),
                Some(Ok((event, span))) => {
                    let start = syntax_error::offset(self.file, &span.start);
                    let end = syntax_error::offset(self.file, &span.end);
                    return Ok((event, Span::new(self.file.id(), start, end)));
                }
                Some(Err(error)) => return Err(syntax_error::diagnostic(self.file, &error)),
                None => return Ok((Event::StreamEnd, self.file.span().part(0..0))),
            }
        }
    }

    fn document(&mut self) -> Result<Option<Yaml>, Diagnostic> {
        let mut value = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentEnd => {}
                Event::StreamEnd => return Ok(value),
                Event::DocumentStart(..) if value.is_some() => {
                    return Err(Diagnostic::new(Code::InvalidYaml, "a second document begins in this file")
                        .label(span, "the first document ends here")
                        .help("keep one document in a file: remove the `---` and join the two"));
                }
                Event::DocumentStart(..) => {
                    let (event, span) = self.next()?;
                    let (yaml, _) = self.node(event, span, 1)?;
                    value = Some(yaml);
                }
                _ => return Err(syntax_error::unexpected(span)),
            }
        }
        // An empty document (`---` alone) is a null, which is what PyYAML says too.
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Composed {
        if depth > MOST_DEPTH {
            return Err(Diagnostic::new(Code::InvalidYaml, "values are nested too deeply")
                .label(span, format!("this is {MOST_DEPTH} levels deep")));
        }
        let (anchor, value, size) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let kind = scalar(&text, style, tag.as_deref(), span)?;
                let span = if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
                    self.trimmed(span)
                } else {
                    span
                };
                (anchor, Yaml { kind, span }, Size::SCALAR)
            }
            Event::SequenceStart(_, anchor, tag) => {
                check_collection_tag(tag.as_deref(), "seq", span)?;
                let (value, size) = self.sequence(span, depth)?;
                (anchor, value, size)
            }
            Event::MappingStart(_, anchor, tag) => {
                check_collection_tag(tag.as_deref(), "map", span)?;
                let (value, size) = self.mapping(span, depth)?;
                (anchor, value, size)
            }
            Event::Alias(id) => return self.alias(id, span, depth),
            Event::UnresolvedAlias(name) => {
                let names = self.anchor_names.iter().map(String::as_str);
                return Err(Diagnostic::new(Code::InvalidYaml, format!("there is no anchor `&{name}` above this alias"))
                    .label(span, "nothing to repeat here")
                    .help(suggest::similar("anchor", &name, names).unwrap_or_else(|| {
                        format!("write `&{name}` before the value to be repeated, or put the text in quotes if it just begins with `*`")
                    })));
            }
            _ => return Err(syntax_error::unexpected(span)),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, Anchor { value: value.clone(), size });
        }
        Ok((value, size))
    }

    fn sequence(&mut self, start: Span, depth: usize) -> Composed {
        let mut items = Vec::new();
        let mut size = Size::SCALAR;
        let mut span = start;
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                // A block's end is wherever the next thing begins; only a flow's has a bracket.
                span = if self.file.slice(at) == "]" { span.to(at) } else { span };
                return Ok((Yaml { kind: YamlKind::Sequence(items), span }, size));
            }
            let (item, item_size) = self.node(event, at, depth + 1)?;
            // A value that is left out after a `-` has its place wherever the next thing is.
            if item.kind != YamlKind::Null || !at.is_empty() {
                span = span.to(item.span);
            }
            size.add(item_size);
            items.push(item);
        }
    }

    fn mapping(&mut self, start: Span, depth: usize) -> Composed {
        let mut entries = Entries::default();
        let mut merged = Vec::new();
        let mut size = Size::SCALAR;
        let mut span = start;
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                span = if self.file.slice(at) == "}" { span.to(at) } else { span };
                let mapping = entries.over(merged);
                return Ok((Yaml { kind: YamlKind::Mapping(mapping), span }, size));
            }
            let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = self.key(event, at, start, depth)?;
            let (event, at) = self.next()?;
            let (mut value, value_size) = self.node(event, at, depth + 1)?;
            if value.span.is_empty() && value.kind == YamlKind::Null {
                // `key:` with nothing after it: the key is the place to show.
                value.span = key.span;
            }
            span = span.to(key.span).to(value.span);
            size.add(value_size);
            if is_merge {
                merge(value, &mut merged)?;
            } else if let Some(first) = entries.insert(key.clone(), value) {
                self.diagnostics.push(
                    Diagnostic::new(Code::DuplicateKey, format!("the key `{}` is written twice", key.value))
                        .label(key.span, "this one counts")
                        .also(first, "first written here")
                        .fact("duplicate_description", format!("Duplicate key '{}'", key.value))
                        .help("remove one of the two"),
                );
            }
        }
    }

    /// A key as its text; a list or a mapping is none.
    fn key(
        &mut self,
        event: Event<'a>,
        at: Span,
        mapping: Span,
        depth: usize,
    ) -> Result<Spanned<String>, Diagnostic> {
        if let Event::Scalar(text, _, 0, None) = &event {
            return Ok(Spanned::new(text.to_string(), at));
        }
        let raw = if let Event::Scalar(text, ..) = &event { Some(text.to_string()) } else { None };
        let (key, _) = self.node(event, at, depth + 1)?;
        match raw.or_else(|| key.scalar_text()) {
            Some(text) => Ok(Spanned::new(text, at)),
            None => Err(syntax_error::bad_key(self.file, mapping, &key)),
        }
    }

    fn alias(&mut self, id: usize, span: Span, depth: usize) -> Composed {
        let Some(anchor) = self.anchors.get(&id) else {
            return Err(Diagnostic::new(Code::InvalidYaml, "an alias repeats the value it is in")
                .label(span, "this would go on without end"));
        };
        let size = anchor.size;
        self.copies = self.copies.saturating_add(size.values);
        if self.copies > MOST_COPIES || depth + size.depth > MOST_DEPTH {
            return Err(Diagnostic::new(Code::InvalidYaml, "aliases repeat too much")
                .label(span, "with this one the file grows beyond measure")
                .note(format!("aliases may add {MOST_COPIES} values to a file, {MOST_DEPTH} levels deep"))
                .help("write the values out where they are needed"));
        }
        Ok((Yaml { kind: anchor.value.kind.clone(), span }, size))
    }

    /// The span of a block scalar without the line breaks after it.
    fn trimmed(&self, span: Span) -> Span {
        span.part(0..self.file.slice(span).trim_end().len())
    }
}

/// The entries of a mapping while it is read.
#[derive(Default)]
struct Entries {
    entries: Vec<(Spanned<String>, Yaml)>,
    places: HashMap<String, usize>,
}

impl Entries {
    /// Sets a key; the place where it was written before, if it was.
    fn insert(&mut self, key: Spanned<String>, value: Yaml) -> Option<Span> {
        if let Some(place) = self.places.get(&key.value) {
            let first = self.entries.get_mut(*place)?;
            let span = first.0.span;
            *first = (key, value);
            return Some(span);
        }
        self.places.insert(key.value.clone(), self.entries.len());
        self.entries.push((key, value));
        None
    }

    /// These over what `<<` brought in, whose keys come first as in PyYAML.
    fn over(self, merged: Vec<(Spanned<String>, Yaml)>) -> Mapping {
        if merged.is_empty() {
            return Mapping { entries: self.entries };
        }
        let mut all = Self::default();
        for (key, value) in merged.into_iter().chain(self.entries) {
            all.insert(key, value);
        }
        Mapping { entries: all.entries }
    }
}

/// Adds what a `<<` names: a mapping, or a list of them of which the first wins.
fn merge(value: Yaml, merged: &mut Vec<(Spanned<String>, Yaml)>) -> Result<(), Diagnostic> {
    let wrong = |value: &Yaml| {
        Diagnostic::new(Code::InvalidYaml, "`<<` needs a mapping, or a list of mappings, to merge")
            .label(value.span, format!("this is {}", value.describe()))
            .help("name an anchor of a mapping: `<<: *defaults`")
    };
    match value.kind {
        YamlKind::Mapping(mapping) => merged.extend(mapping.entries),
        YamlKind::Sequence(items) => {
            for item in items.into_iter().rev() {
                match item.kind {
                    YamlKind::Mapping(mapping) => merged.extend(mapping.entries),
                    _ => return Err(wrong(&item)),
                }
            }
        }
        _ => return Err(wrong(&value)),
    }
    Ok(())
}

/// The value of a scalar: by its tag if it has one, as text if it is quoted or a block.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Result<YamlKind, Diagnostic> {
    let wrong = |wanted: &str| {
        Diagnostic::new(Code::InvalidYaml, format!("`{text}` is no {wanted}"))
            .label(span, "its tag asks for another kind of value")
    };
    let Some(tag) = tag else {
        return Ok(match style {
            ScalarStyle::Plain => resolve(text),
            _ => YamlKind::Text(text.to_owned()),
        });
    };
    let name = tag_name(tag);
    match name.as_str() {
        "!" | "!!str" => Ok(YamlKind::Text(text.to_owned())),
        "!!int" => int(text).map(YamlKind::Int).ok_or_else(|| wrong("whole number")),
        "!!float" => {
            #[allow(clippy::cast_precision_loss, reason = "a float is what the tag asks for")]
            let number = float(text).or_else(|| int(text).map(|number| number as f64));
            number.map(YamlKind::Float).ok_or_else(|| wrong("number"))
        }
        "!!bool" => match resolve(text) {
            kind @ YamlKind::Bool(_) => Ok(kind),
            _ => Err(wrong("boolean")),
        },
        "!!null" => Ok(YamlKind::Null),
        "!!timestamp" if is_timestamp(text) => Ok(YamlKind::Timestamp(text.to_owned())),
        "!!timestamp" => Err(wrong("date")),
        _ => Err(unknown_tag(&name, span)),
    }
}

fn check_collection_tag(tag: Option<&Tag>, wanted: &str, span: Span) -> Result<(), Diagnostic> {
    match tag.map(tag_name) {
        Some(name) if name != format!("!!{wanted}") && name != "!" => Err(unknown_tag(&name, span)),
        _ => Ok(()),
    }
}

/// The tag in its short form: `!!int`, `!mine`.
fn tag_name(tag: &Tag) -> String {
    let name = tag.to_string();
    match name.strip_prefix("tag:yaml.org,2002:") {
        Some(suffix) => format!("!!{suffix}"),
        None => name,
    }
}

fn unknown_tag(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(Code::InvalidYaml, format!("the tag `{name}` cannot be read here"))
        .label(span, "the value with the tag")
        .help("remove the tag; if the value is text that begins with `!`, put it in quotes")
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
