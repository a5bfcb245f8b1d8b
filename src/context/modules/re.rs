use std::fmt;
use std::sync::Arc;

use fancy_regex::{Captures, Regex};

use super::re_match::Match;
use super::re_syntax::{ASCII, DOTALL, IGNORECASE, MULTILINE, UNICODE, VERBOSE, escape_text, translate};
use crate::context::arguments::{Arguments, error, unknown_method};
use crate::context::function::{Bag, function, pure};
use crate::context::values::list;
use crate::jinja::{Error, Object, ObjectRepr, State, Tuple, Value, raise};

/// `modules.re`. See <https://docs.python.org/3/library/re.html>.
pub(super) fn module() -> Value {
    let flag = |flag: i64| Value::from(flag);
    let mut values = vec![
        (
            "compile",
            pure("re.compile", |args| {
                let args = Arguments::bind("re.compile", &["pattern", "flags"], args)?;
                Ok(Value::from_object(Pattern::from_arguments(&args)?))
            }),
        ),
        (
            "escape",
            pure("re.escape", |args| {
                let args = Arguments::bind("re.escape", &["pattern"], args)?;
                Ok(Value::from(escape_text(&args.text("pattern")?)))
            }),
        ),
        ("match", at_pattern("match")),
        ("search", at_pattern("search")),
        ("fullmatch", at_pattern("fullmatch")),
        ("findall", at_pattern("findall")),
        ("finditer", at_pattern("finditer")),
        ("split", at_pattern("split")),
        ("sub", at_pattern("sub")),
        ("subn", at_pattern("subn")),
    ];
    let flags = [
        (["I", "IGNORECASE"], IGNORECASE),
        (["M", "MULTILINE"], MULTILINE),
        (["S", "DOTALL"], DOTALL),
        (["X", "VERBOSE"], VERBOSE),
        (["A", "ASCII"], ASCII),
        (["U", "UNICODE"], UNICODE),
    ];
    values.extend(flags.into_iter().flat_map(|(names, number)| names.map(|name| (name, flag(number)))));
    Bag::value("module 're'", values)
}

/// A function that takes the pattern first, then what the pattern's method takes, then
/// flags.
fn at_pattern(method: &'static str) -> Value {
    function(method, move |state, args| {
        let name = format!("re.{method}");
        let args = match method {
            "split" => Arguments::bind(&name, &["pattern", "string", "maxsplit", "flags"], args)?,
            "sub" | "subn" => Arguments::bind(&name, &["pattern", "repl", "string", "count", "flags"], args)?,
            _ => Arguments::bind(&name, &["pattern", "string", "flags"], args)?,
        };
        Pattern::from_arguments(&args)?.run(state, method, &args)
    })
}

/// A compiled pattern.
#[derive(Debug)]
struct Pattern {
    /// As it was written.
    source: String,
    flags: i64,
    regex: Regex,
}

const METHODS: &[&str] = &["match", "search", "fullmatch", "findall", "finditer", "split", "sub", "subn"];

impl Pattern {
    fn from_arguments(args: &Arguments) -> Result<Self, Error> {
        let flags = args.optional_integer("flags")?.unwrap_or(0);
        let value = args.required("pattern")?;
        if let Some(compiled) = value.downcast_object_ref::<Self>() {
            let (source, flags) = (compiled.source.clone(), compiled.flags);
            return Ok(Self { source, flags, regex: compiled.regex.clone() });
        }
        Self::compile(args.text("pattern")?, flags)
    }

    fn compile(source: String, flags: i64) -> Result<Self, Error> {
        match Regex::new(&translate(&source, flags)) {
            Ok(regex) => Ok(Self { source, flags, regex }),
            Err(problem) => {
                let diagnostic = error(format!("`{source}` is no regular expression"));
                Err(raise(diagnostic.note(problem.to_string())))
            }
        }
    }

    /// The same pattern between other words, with the groups numbered alike.
    fn within(&self, before: &str, after: &str) -> Result<Regex, Error> {
        let translated = translate(&self.source, self.flags);
        Regex::new(&format!("{before}(?:{translated}){after}")).map_err(|problem| {
            raise(error(format!("`{}` is no regular expression", self.source)).note(problem.to_string()))
        })
    }

    fn run(&self, state: &mut State<'_, '_>, method: &str, args: &Arguments) -> Result<Value, Error> {
        let text: Arc<str> = Arc::from(args.text("string")?);
        match method {
            "match" => self.first(&self.within(r"\A", "")?, &text),
            "fullmatch" => self.first(&self.within(r"\A", r"\z")?, &text),
            "search" => self.first(&self.regex, &text),
            "findall" => {
                let found = self.all(&text)?;
                Ok(list(found.iter().map(found_text).collect()))
            }
            "finditer" => {
                let found = self.all(&text)?;
                Ok(list(found.iter().map(|found| self.value(found, &text)).collect()))
            }
            "split" => self.split(&text, limit(args.optional_integer("maxsplit")?)),
            _ => {
                let (text, count) = self.substitute(state, args, &text)?;
                Ok(match method {
                    "subn" => Value::from((text, count)),
                    _ => Value::from(text),
                })
            }
        }
    }

    fn first(&self, regex: &Regex, text: &Arc<str>) -> Result<Value, Error> {
        let found = regex.captures(text).map_err(|problem| self.failed(&problem))?;
        Ok(found.map_or(Value::from(()), |found| self.value(&found, text)))
    }

    fn value(&self, found: &Captures<'_>, text: &Arc<str>) -> Value {
        Value::from_object(Match::new(&self.regex, found, Arc::clone(text)))
    }

    fn all<'t>(&self, text: &'t str) -> Result<Vec<Captures<'t>>, Error> {
        self.regex.captures_iter(text).collect::<Result<_, _>>().map_err(|problem| self.failed(&problem))
    }

    /// A pattern that goes back and forth for too long.
    fn failed(&self, problem: &fancy_regex::Error) -> Error {
        raise(error(format!("the regular expression `{}` gave up", self.source)).note(problem.to_string()))
    }

    fn split(&self, text: &str, limit: usize) -> Result<Value, Error> {
        let mut parts = Vec::new();
        let mut from = 0;
        for found in self.all(text)?.iter().take(limit) {
            let Some(whole) = found.get(0) else { continue };
            parts.push(Value::from(&text[from..whole.start()]));
            parts.extend(found.iter().skip(1).map(|group| Value::from(group.map(|group| group.as_str()))));
            from = whole.end();
        }
        parts.push(Value::from(&text[from..]));
        Ok(list(parts))
    }

    fn substitute(
        &self,
        state: &mut State<'_, '_>,
        args: &Arguments,
        text: &Arc<str>,
    ) -> Result<(String, usize), Error> {
        let replacement = args.required("repl")?;
        let template = replacement.as_str().map(|text| Replacement::parse(text, &self.regex)).transpose()?;
        let found = self.all(text)?;
        let mut replaced = String::with_capacity(text.len());
        let (mut from, mut count) = (0, 0);
        for found in found.iter().take(limit(args.optional_integer("count")?)) {
            let Some(whole) = found.get(0) else { continue };
            replaced.push_str(&text[from..whole.start()]);
            match &template {
                Some(template) => template.write(found, &mut replaced),
                None => {
                    let value = replacement.call(state, &[self.value(found, text)])?;
                    replaced.push_str(value.as_str().unwrap_or(&value.to_string()));
                }
            }
            from = whole.end();
            count += 1;
        }
        replaced.push_str(&text[from..]);
        Ok((replaced, count))
    }
}

/// Python's counts: zero is no limit.
fn limit(count: Option<i64>) -> usize {
    match count {
        None | Some(0) => usize::MAX,
        Some(count) => usize::try_from(count).unwrap_or(0),
    }
}

/// What `findall` gives for one find: the text, its only group, or all its groups.
fn found_text(found: &Captures<'_>) -> Value {
    let group = |at: usize| Value::from(found.get(at).map_or("", |group| group.as_str()));
    match found.len() {
        0 | 1 => group(0),
        2 => group(1),
        count => Value::from(Tuple::new((1..count).map(group).collect())),
    }
}

/// A replacement text with `\1`, `\g<name>` and escapes taken apart.
struct Replacement {
    parts: Vec<Part>,
}

enum Part {
    Text(String),
    Group(usize),
}

impl Replacement {
    fn parse(text: &str, regex: &Regex) -> Result<Self, Error> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('\\') {
            plain.push_str(before);
            let mut chars = after.chars();
            rest = match chars.next() {
                Some('g') if chars.as_str().starts_with('<') => {
                    let (name, after) = chars.as_str()[1..].split_once('>').ok_or_else(|| {
                        raise(error(format!("`\\g<` is not closed in the replacement `{text}`")))
                    })?;
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(Part::Group(group_number(regex, name)?));
                    after
                }
                Some(digit) if digit.is_ascii_digit() && digit != '0' => {
                    let width = 1 + usize::from(chars.as_str().starts_with(|c: char| c.is_ascii_digit()));
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                    parts.push(Part::Group(group_number(regex, &after[..width])?));
                    &after[width..]
                }
                Some(c) => {
                    match c {
                        'n' => plain.push('\n'),
                        't' => plain.push('\t'),
                        'r' => plain.push('\r'),
                        '\\' => plain.push('\\'),
                        other => plain.extend(['\\', other]),
                    }
                    chars.as_str()
                }
                None => {
                    plain.push('\\');
                    ""
                }
            };
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        Ok(Self { parts })
    }

    fn write(&self, found: &Captures<'_>, text: &mut String) {
        for part in &self.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Group(at) => text.push_str(found.get(*at).map_or("", |group| group.as_str())),
            }
        }
    }
}

/// The number of a group that is named or numbered.
fn group_number(regex: &Regex, name: &str) -> Result<usize, Error> {
    let named = regex.capture_names().position(|found| found == Some(name));
    let number = named.or_else(|| name.parse().ok()).filter(|number| *number < regex.captures_len());
    number.ok_or_else(|| raise(error(format!("the regular expression has no group `{name}`"))))
}

impl Object for Pattern {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "pattern" => Some(Value::from(self.source.as_str())),
            "flags" => Some(Value::from(self.flags)),
            "groups" => Some(Value::from(self.regex.captures_len() - 1)),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let name = format!("pattern.{method}");
        let args = match method {
            "split" => Arguments::bind(&name, &["string", "maxsplit"], args)?,
            "sub" | "subn" => Arguments::bind(&name, &["repl", "string", "count"], args)?,
            _ if METHODS.contains(&method) => Arguments::bind(&name, &["string"], args)?,
            _ => return Err(unknown_method("pattern", method, METHODS.iter().copied())),
        };
        self.run(state, method, &args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "re.compile('{}')", self.source)
    }
}
