use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use fancy_regex::{Captures, Regex};

use crate::context::arguments::{Arguments, invalid, unknown_method};
use crate::context::values::dict;
use crate::jinja::{Error, Object, ObjectRepr, State, Tuple, Value};

/// What a pattern found: Python's match object. Places count characters.
#[derive(Debug)]
pub(super) struct Match {
    text: Arc<str>,
    /// The whole find, then its groups, as bytes.
    groups: Vec<Option<Range<usize>>>,
    names: Vec<Option<String>>,
}

const METHODS: &[&str] = &["group", "groups", "groupdict", "start", "end", "span"];

impl Match {
    pub(super) fn new(regex: &Regex, found: &Captures<'_>, text: Arc<str>) -> Self {
        Self {
            text,
            groups: found.iter().map(|group| group.map(|group| group.range())).collect(),
            names: regex.capture_names().map(|name| name.map(str::to_owned)).collect(),
        }
    }

    /// The number of a group by its number or name; no group given is the whole.
    fn number(&self, group: Option<&Value>) -> Result<usize, Error> {
        let Some(group) = group else { return Ok(0) };
        let number = match group.as_str() {
            Some(name) => self.names.iter().position(|found| found.as_deref() == Some(name)),
            None => group.as_usize(),
        };
        number
            .filter(|number| *number < self.groups.len())
            .ok_or_else(|| invalid(format!("the regular expression has no group `{group}`")))
    }

    fn part(&self, number: usize) -> Option<&str> {
        self.text.get(self.groups.get(number)?.clone()?)
    }

    fn group(&self, group: Option<&Value>) -> Result<Value, Error> {
        Ok(Value::from(self.part(self.number(group)?)))
    }

    /// The place of a group in characters; -1 when it found nothing.
    fn place(&self, group: Option<&Value>) -> Result<(i64, i64), Error> {
        let Some(Some(range)) = self.groups.get(self.number(group)?) else { return Ok((-1, -1)) };
        let count = |bytes: usize| {
            i64::try_from(self.text.get(..bytes).map_or(0, |text| text.chars().count())).unwrap_or(i64::MAX)
        };
        Ok((count(range.start), count(range.end)))
    }
}

impl Object for Match {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("string") => Some(Value::from(&*self.text)),
            Some("lastindex") => {
                let last = self.groups.iter().rposition(Option::is_some).filter(|at| *at > 0);
                Some(Value::from(last))
            }
            _ => self.group(Some(key)).ok(),
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "group" => match args {
                [] | [_] => self.group(args.first()),
                several => {
                    let groups = several.iter().map(|group| self.group(Some(group)));
                    Ok(Value::from(Tuple::new(groups.collect::<Result<_, _>>()?)))
                }
            },
            "groups" | "groupdict" => {
                let args = Arguments::bind("match.groups", &["default"], args)?;
                let default = args.get("default").cloned().unwrap_or(Value::from(()));
                let part = |at: usize| self.part(at).map_or_else(|| default.clone(), Value::from);
                if method == "groups" {
                    return Ok(Value::from(Tuple::new((1..self.groups.len()).map(part).collect())));
                }
                let named = self.names.iter().enumerate();
                Ok(dict(named.filter_map(|(at, name)| Some((name.as_deref()?, part(at))))))
            }
            "start" | "end" | "span" => {
                let args = Arguments::bind("match.span", &["group"], args)?;
                let (start, end) = self.place(args.get("group"))?;
                Ok(match method {
                    "start" => Value::from(start),
                    "end" => Value::from(end),
                    _ => Value::from((start, end)),
                })
            }
            _ => Err(unknown_method("match", method, METHODS.iter().copied())),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (start, end) = self.place(None).unwrap_or((-1, -1));
        write!(f, "<re.Match object; span=({start}, {end}), match='{}'>", self.part(0).unwrap_or_default())
    }
}
