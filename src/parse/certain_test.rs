use serde_json::{Map, Value};

use super::config::Level;
use super::drafts::{Identity, recorded};
use super::parser::Parser;
use crate::context::{MacroNamespace, Recorded};
use crate::jinja::{CertainCall, Parsed, certain_calls_of};

/// A generic test that comes with xform: its macros ask for nothing and fail at nothing that
/// belongs to their parameters. Those of the project are rendered.
struct OwnTest {
    name: &'static str,
    /// Beside `model` and `column_name`.
    required: &'static [&'static str],
    optional: &'static [&'static str],
    /// The bare names of macros that it calls.
    macros: &'static [&'static str],
    /// The macros that it dispatches to.
    dispatched: &'static [&'static str],
}

const OWN_TESTS: [OwnTest; 4] = [
    OwnTest {
        name: "accepted_values",
        required: &["values"],
        optional: &["quote"],
        macros: &["string_literal", "escape_single_quotes"],
        dispatched: &["string_literal", "escape_single_quotes"],
    },
    OwnTest {
        name: "not_null",
        required: &[],
        optional: &[],
        macros: &["should_store_failures"],
        dispatched: &[],
    },
    OwnTest {
        name: "relationships",
        required: &["to", "field"],
        optional: &[],
        macros: &[],
        dispatched: &[],
    },
    OwnTest { name: "unique", required: &[], optional: &[], macros: &[], dispatched: &[] },
];

/// The names of the context that these tests and what stands around them read.
const NAMES: [&str; 6] = ["return", "adapter", "config", "flags", "dbt", "_dbt_generic_test_kwargs"];

/// What the template of a generic test asks for, where that is certain without rendering it: it is
/// one of xform's own, and its arguments are plain.
pub(super) fn certain_test(
    parser: &Parser<'_>,
    identity: &Identity,
    (namespace, test): (Option<&str>, &str),
    own: &Level,
    kwargs: &Map<String, Value>,
) -> Option<Recorded> {
    let known = OWN_TESTS.iter().find(|known| known.name == test && namespace.is_none())?;
    let package = identity.package.as_str();
    if !known.is_meant(parser, package) || !known.takes(kwargs) {
        return None;
    }
    let mut asked = Recorded::default();
    for (name, value) in kwargs {
        match (name.as_str(), value) {
            // It is no template.
            ("column_name", Value::String(_)) => {}
            ("model", Value::String(text)) => asked.extend(recorded(parser, package, &subquery(text)?)?),
            (_, value) => asked.extend(argument(parser, package, value)?),
        }
    }
    if !own.is_empty() {
        let file = parser.invocation.files.get(identity.file);
        let read = Parsed::new(&file, identity.body).ok()?;
        // The first is the call of the test.
        let calls = read.certain_calls(1)?;
        asked.extend(recorded(parser, package, &calls)?);
    }
    Some(asked)
}

impl OwnTest {
    /// Whether every name that the test reads means what it does without a project.
    fn is_meant(&self, parser: &Parser<'_>, package: &str) -> bool {
        let macros: &MacroNamespace = &parser.invocation.macros;
        let prefixes = parser.invocation.adapter.dialect().macro_prefixes();
        let entry = format!("test_{}", self.name);
        let called = [entry.as_str(), "get_where_subquery"];
        let is_left = |name: &&str| macros.find(package, name).is_none();
        NAMES.iter().all(|name| is_left(name) && (*name == "dbt" || !macros.is_package(name)))
            && called.iter().chain(self.macros).all(|name| macros.is_own(package, name))
            && called.iter().chain(self.dispatched).all(|name| macros.dispatches_to_default(name, prefixes))
    }

    /// Whether these are arguments that it takes.
    fn takes(&self, kwargs: &Map<String, Value>) -> bool {
        let is_known = |name: &String| {
            let name = &name.as_str();
            ["model", "column_name"].contains(name)
                || self.required.contains(name)
                || self.optional.contains(name)
        };
        let is_given = |name: &&str| kwargs.contains_key(*name);
        kwargs.keys().all(is_known)
            && ["model", "column_name"].iter().chain(self.required).all(is_given)
            && kwargs.get("values").is_none_or(Value::is_array)
    }
}

/// The call inside of `{{ get_where_subquery(…) }}`.
fn subquery(text: &str) -> Option<Vec<CertainCall>> {
    let call = text.strip_prefix("{{ get_where_subquery(")?.strip_suffix(") }}")?;
    only_call(call)
}

/// A text that is one call of `ref` or `source`.
fn only_call(text: &str) -> Option<Vec<CertainCall>> {
    let calls = certain_calls_of(&format!("{{{{ {text} }}}}"))?;
    let is_one = matches!(calls.as_slice(), [call] if ["ref", "source"].contains(&call.function.as_str()));
    is_one.then_some(calls)
}

/// What an argument asks for: nothing, or one relation.
fn argument(parser: &Parser<'_>, package: &str, value: &Value) -> Option<Recorded> {
    match value {
        Value::String(text) if text.contains(['{', '(']) => {
            recorded(parser, package, &only_call(text.trim())?)
        }
        Value::Array(items) => {
            let is_plain = |item: &Value| match item {
                Value::String(text) => !text.contains(['{', '(']),
                Value::Number(_) | Value::Bool(_) => true,
                _ => false,
            };
            items.iter().all(is_plain).then(Recorded::default)
        }
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Some(Recorded::default()),
        Value::Null | Value::Object(_) => None,
    }
}
