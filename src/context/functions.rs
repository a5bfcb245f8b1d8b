//! Functions that are the same in every phase and know nothing of the project.
//! See <https://docs.getdbt.com/reference/dbt-jinja-functions>.

use std::fmt::Write;

use md5::{Digest, Md5};

use super::arguments::{Arguments, describe, error, invalid, items, split};
use super::function::{function, pure};
use super::set::Set;
use super::values::{dict, list};
use super::yaml_text::python_yaml;
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Error, State, Tuple, Value, from_json, json_text, raise, to_json};

/// The functions, by name.
pub(super) fn all() -> Vec<(&'static str, Value)> {
    vec![
        ("diff_of_two_dicts", pure("diff_of_two_dicts", diff_of_two_dicts)),
        ("fromjson", pure("fromjson", fromjson)),
        ("fromyaml", pure("fromyaml", fromyaml)),
        ("local_md5", pure("local_md5", local_md5)),
        ("set", pure("set", set)),
        ("set_strict", pure("set_strict", set_strict)),
        ("tojson", pure("tojson", tojson)),
        ("toyaml", pure("toyaml", toyaml)),
        ("try_or_compiler_error", function("try_or_compiler_error", try_or_compiler_error)),
        ("zip", pure("zip", zip)),
        ("zip_strict", pure("zip_strict", zip_strict)),
    ]
}

fn or_none(default: Option<&Value>) -> Value {
    default.cloned().unwrap_or(Value::from(()))
}

fn fromjson(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("fromjson", &["string", "default"], args)?;
    let read = args.required("string")?.as_str().and_then(|text| serde_json::from_str(text).ok());
    Ok(read.map_or_else(|| or_none(args.get("default")), |json| from_json(&json)))
}

fn tojson(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("tojson", &["value", "default", "sort_keys"], args)?;
    let value = args.required("value")?;
    if value.is_undefined() {
        return Ok(or_none(args.get("default")));
    }
    let mut json = to_json(value);
    if args.flag("sort_keys", false) {
        json.sort_all_objects();
    }
    Ok(Value::from(json_text(&json, None)))
}

fn fromyaml(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("fromyaml", &["value", "default"], args)?;
    let read = args.required("value")?.as_str().and_then(|text| crate::yaml::parse_value(text).ok());
    Ok(read.map_or_else(|| or_none(args.get("default")), |json| from_json(&json)))
}

fn toyaml(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("toyaml", &["value", "default", "sort_keys"], args)?;
    let value = args.required("value")?;
    if value.is_undefined() {
        return Ok(or_none(args.get("default")));
    }
    Ok(Value::from(python_yaml(&to_json(value), args.flag("sort_keys", false))))
}

/// What a dict of lists has that another has not; texts differ in more than their case.
fn diff_of_two_dicts(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("diff_of_two_dicts", &["dict_a", "dict_b"], args)?;
    let (first, second) = (args.required("dict_a")?, args.required("dict_b")?);
    let keys = args.items("dict_a")?;
    args.items("dict_b")?;
    let fold = |value: &Value| value.to_string().to_lowercase();
    let mut differing = Vec::new();
    for key in keys {
        let own = first.get_item(&key).ok().and_then(|own| items(&own)).unwrap_or_default();
        let other = second.get_item(&key).ok().and_then(|other| items(&other)).unwrap_or_default();
        let other: Vec<String> = other.iter().map(fold).collect();
        let more: Vec<Value> = own.into_iter().filter(|value| !other.contains(&fold(value))).collect();
        if !more.is_empty() {
            differing.push((key, list(more)));
        }
    }
    Ok(dict(differing))
}

fn local_md5(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("local_md5", &["value"], args)?;
    let digest = Md5::digest(args.text("value")?.as_bytes());
    let mut text = String::with_capacity(32);
    for byte in digest {
        let _ = write!(text, "{byte:02x}");
    }
    Ok(Value::from(text))
}

/// A set, or the default where the value has no items.
fn set(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("set", &["value", "default"], args)?;
    let Some(value) = args.get("value") else { return Ok(Set::new([]).into_value()) };
    let found = each(value).map(|items| Set::new(items).into_value());
    Ok(found.unwrap_or_else(|| or_none(args.get("default"))))
}

fn set_strict(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("set_strict", &["value"], args)?;
    let items = each(args.required("value")?).ok_or_else(|| args.wrong("value", "a list"))?;
    Ok(Set::new(items).into_value())
}

/// What Python would iterate: text gives its characters.
fn each(value: &Value) -> Option<Vec<Value>> {
    match value.as_str() {
        Some(text) => Some(text.chars().map(|c| Value::from(c.to_string())).collect()),
        None => items(value),
    }
}

/// Lists side by side as tuples, as long as the shortest; the default where an argument
/// has no items.
fn zip(args: &[Value]) -> Result<Value, Error> {
    let (lists, keywords) = split(args);
    let default = keywords.iter().find(|(name, _)| name == "default").map(|(_, value)| value);
    if let Some((name, _)) = keywords.iter().find(|(name, _)| name != "default") {
        return Err(invalid(format!("`zip` has no argument `{name}`")));
    }
    Ok(zipped(lists).unwrap_or_else(|_| or_none(default)))
}

fn zip_strict(args: &[Value]) -> Result<Value, Error> {
    zipped(args).map_err(|found| invalid(format!("`zip_strict` takes lists, not {found}")))
}

fn zipped(lists: &[Value]) -> Result<Value, &'static str> {
    let mut iterators = Vec::new();
    for value in lists {
        let iterator: Box<dyn Iterator<Item = Value>> = match value.as_str() {
            Some(text) => {
                Box::new(text.chars().map(|c| Value::from(c.to_string())).collect::<Vec<_>>().into_iter())
            }
            // Not collected: `itertools.count()` has no end.
            None if value.as_object().is_some() => Box::new(value.try_iter().map_err(|_| describe(value))?),
            None => return Err(describe(value)),
        };
        iterators.push(iterator);
    }
    let mut rows = Vec::new();
    while !iterators.is_empty() {
        let Some(row) = iterators.iter_mut().map(Iterator::next).collect::<Option<Vec<_>>>() else { break };
        rows.push(Value::from(Tuple::new(row)));
    }
    Ok(list(rows))
}

/// `try_or_compiler_error(message, function, …)` calls the function; when it fails, the
/// message is the error.
fn try_or_compiler_error(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let [message, called, rest @ ..] = args else {
        let problem = "`try_or_compiler_error` needs a message and a function";
        return Err(raise(
            error(problem).help("it is called as `try_or_compiler_error(message, function, …)`"),
        ));
    };
    called.call(state, rest).map_err(|_| {
        let message = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
        raise(Diagnostic::error(Code::RaisedByMacro, message))
    })
}

#[cfg(test)]
mod tests {
    use crate::context::testing::World;

    #[test]
    fn texts_become_values_and_back() {
        let world = World::new();
        for (expression, expected) in [
            ("fromjson('{\"주문\": [1, 2.5]}')['주문'][1]", "2.5"),
            ("fromjson('{', 'bad')", "bad"),
            ("fromjson(5)", "None"),
            ("tojson({'b': '원', 'a': [1, none, true]})", "{\"b\": \"\\uc6d0\", \"a\": [1, null, true]}"),
            ("tojson({'b': 1, 'a': 2}, sort_keys=true)", "{\"a\": 2, \"b\": 1}"),
            ("tojson(nothing, 'x')", "x"),
            ("fromyaml('a: [yes, 010]').a[1]", "8"),
            ("fromyaml('a: [', {}) | length", "0"),
            ("toyaml({'a': ['x', 'yes']})", "a:\n- x\n- 'yes'\n"),
            ("local_md5('원')", "771dc376374d7d55b6abd345d6fea083"),
            ("diff_of_two_dicts({'a': ['X', 'y'], 'b': ['z']}, {'a': ['x']})", "{'a': ['y'], 'b': ['z']}"),
        ] {
            assert_eq!(
                world.text(&format!("{{{{ {expression} }}}}|")),
                format!("{expected}|"),
                "{expression}"
            );
        }
    }

    #[test]
    fn lists_become_sets_and_rows() {
        let world = World::new();
        for (expression, expected) in [
            ("set([1, 2, 1]) | list", "[1, 2]"),
            ("(set([1, 2]) - set([2])) | list", "[1]"),
            ("set([1]).union([2], [1, 3]) | list | length", "3"),
            ("set(['a']).issubset(['a', 'b'])", "True"),
            ("set([1, 2]).intersection([2, 3]) | join", "2"),
            ("set([2, 1]) == set([1, 2])", "True"),
            ("2 in set([1, 2])", "True"),
            ("set(5, 'no set')", "no set"),
            ("set_strict('가나가') | length", "2"),
            ("zip([1, 2], ['a', 'b', 'c']) | list", "[(1, 'a'), (2, 'b')]"),
            ("zip(1, default='x')", "x"),
        ] {
            assert_eq!(
                world.text(&format!("{{{{ {expression} }}}}|")),
                format!("{expected}|"),
                "{expression}"
            );
        }
        let changed =
            "{% set s = set([1]) %}{% do s.add(2) %}{% do s.discard(1) %}{% do s.update([3, 4]) %}{{ s }}|";
        assert_eq!(world.text(changed), "{2, 3, 4}|");
    }

    #[test]
    fn wrong_arguments_are_told() {
        let world = World::new();
        for expression in [
            "fromjson()",
            "tojson(1, 2, 3, 4)",
            "tojson(value=1, valu=2)",
            "tojson(1, value=2)",
            "local_md5(1)",
            "local_md5()",
            "set_strict(1)",
            "zip_strict([1], 2)",
            "zip([1], key=2)",
            "set([1]).union(2)",
            "set([1]).add()",
            "set([1]).remove(2)",
            "set().pop()",
            "try_or_compiler_error('x')",
            "diff_of_two_dicts({}, 1)",
        ] {
            let error = world.error(&format!("{{{{ {expression} }}}}"));
            assert!(error.starts_with("invalid-arguments: "), "{expression}: {error}");
        }
        let error = world.evaluate(&world.compile().value(), "{{ toyaml(1, defalt=2) }}").unwrap_err();
        assert_eq!(error.message(), "`toyaml` has no argument `defalt`");
        assert_eq!(error.help_text(), Some("a parameter with a similar name exists: `default`"));
    }
}
