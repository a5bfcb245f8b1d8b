use super::session::{Missing, is_undefined};
use super::{ObjectRepr, Value, ValueKind};

/// All tests, to find the one that was meant.
pub(super) const NAMES: [&str; 32] = [
    "boolean",
    "callable",
    "defined",
    "divisibleby",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "gt",
    "greaterthan",
    "in",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "sameas",
    "sequence",
    "string",
    "test",
    "true",
    "undefined",
];

/// Tests of Jinja2 (`is …`) where minijinja's differ
/// (<https://jinja.palletsprojects.com/en/stable/templates/#builtin-tests>).
pub(super) fn install(env: &mut minijinja::Environment<'static>) {
    env.add_test("defined", |value: &Value| !is_undefined(value));
    env.add_test("undefined", is_undefined);
    env.add_test("callable", is_callable);
    env.add_test("sequence", |value: &Value| {
        matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::String | ValueKind::Undefined)
    });
    env.add_test("mapping", |value: &Value| value.kind() == ValueKind::Map);
}

/// Functions and macros are objects that are neither mappings nor sequences.
fn is_callable(value: &Value) -> bool {
    if value.downcast_object_ref::<Missing>().is_some() {
        return true;
    }
    value.as_object().is_some_and(|object| object.repr() == ObjectRepr::Plain) || is_native_macro(value)
}

/// minijinja's own macros look like mappings with these keys.
fn is_native_macro(value: &Value) -> bool {
    value.kind() == ValueKind::Map && value.to_string().starts_with("<macro ")
}
