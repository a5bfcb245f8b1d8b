use std::sync::{Arc, Weak};

use serde_json::{Map, Value as Json};

use super::arguments::Arguments;
use super::column::ColumnClass;
use super::exceptions::exceptions;
use super::function::{Bag, pure};
use super::relation_class::RelationClass;
use super::results;
use super::scope::Scope;
use super::values::dict;
use super::wire::Wire;
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Error, Value, dict_value, from_json, list_value, raise, return_value};
use crate::text::Span;

/// What one phase has to offer a node's template where phases differ.
pub(super) struct Offer {
    pub(super) reference: Value,
    pub(super) source: Value,
    pub(super) function: Value,
    pub(super) metric: Value,
    pub(super) config: Value,
    pub(super) adapter: Value,
    pub(super) graph: Value,
    pub(super) this: Value,
    pub(super) database: String,
    pub(super) schema: String,
    pub(super) is_executing: bool,
    /// Where texts that templates render are said to stand.
    pub(super) place: Option<Span>,
    /// Arguments of a generic test, unrendered.
    pub(super) test_kwargs: Map<String, Json>,
}

/// Adds the names that every node's template sees. `me` is the scope itself, for functions
/// that render with it.
pub(super) fn add_common(scope: &mut Scope, me: &Weak<Scope>, offer: Offer, wire: Option<&Arc<Wire>>) {
    let dialect = scope.invocation().adapter.dialect();
    let (reference, source, config) = (offer.reference.clone(), offer.source.clone(), offer.config.clone());
    let function = offer.function.clone();
    scope.set_lazy("builtins", move || {
        dict([("ref", reference), ("source", source), ("config", config), ("function", function)])
    });
    scope.set("function", offer.function);
    scope.set("ref", offer.reference);
    scope.set("source", offer.source);
    scope.set("config", offer.config);
    scope.set("adapter", offer.adapter);
    scope.set("graph", offer.graph);
    scope.set("this", offer.this);
    scope.set("database", Value::from(offer.database));
    scope.set("schema", Value::from(offer.schema));
    scope.set("execute", Value::from(offer.is_executing));
    scope.set_lazy("api", move || {
        let (relation, column) = (RelationClass { dialect }, ColumnClass { dialect });
        let classes =
            vec![("Relation", Value::from_object(relation)), ("Column", Value::from_object(column))];
        Bag::value("api", classes)
    });
    let (log, place) = (Arc::clone(&scope.invocation().log), offer.place);
    let options = scope.invocation().flags.warn_error_options.clone();
    scope.set_lazy("exceptions", move || exceptions(&log, &options, place));
    scope.set("return", return_function());
    for (name, function) in results::functions(wire) {
        scope.set(name, function);
    }
    scope.set("write", write(wire));
    scope.set("render", render(me, offer.place));
    scope.set("metric", offer.metric);
    scope.set("submit_python_job", unsupported("submit_python_job", "models in Python"));
    if !offer.test_kwargs.is_empty() {
        let (me, place) = (me.clone(), offer.place);
        scope.set_lazy("_dbt_generic_test_kwargs", move || test_kwargs(&me, place, &offer.test_kwargs));
    }
}

/// `return(data)`: see <https://docs.getdbt.com/reference/dbt-jinja-functions/return>.
pub(super) fn return_function() -> Value {
    pure("return", |args| {
        let args = Arguments::bind("return", &["data"], args)?;
        Err(return_value(args.get("data").cloned().unwrap_or(Value::from(()))))
    })
}

/// `write(payload)`: what is written ends in `target/run/` when a node is run.
fn write(wire: Option<&Arc<Wire>>) -> Value {
    let wire = wire.cloned();
    pure("write", move |args| {
        let args = Arguments::bind("write", &["payload"], args)?;
        let text = args.text("payload")?;
        if let Some(wire) = &wire {
            wire.change_handle(|handle| handle.written.push(text));
        }
        Ok(Value::from(""))
    })
}

/// `render(string)`: renders a text, such as a hook's, as the template it stands in.
fn render(me: &Weak<Scope>, place: Option<Span>) -> Value {
    let me = me.clone();
    pure("render", move |args| {
        let args = Arguments::bind("render", &["string"], args)?;
        let text = args.text("string")?;
        Ok(Value::from(evaluate(&me, place, &text)?.to_string()))
    })
}

/// Renders a text with the names of a scope.
fn evaluate(me: &Weak<Scope>, place: Option<Span>, text: &str) -> Result<Value, Error> {
    let Some(scope) = me.upgrade() else { return Ok(Value::from(text)) };
    let place = place.unwrap_or_else(|| scope.anywhere());
    scope.invocation().engine.evaluate(text, place, &scope.value()).map_err(raise)
}

/// The arguments of a generic test with the texts in them rendered; a failure shows when
/// the test looks at them. A text that is just a call, as `ref('orders')`, is rendered as
/// if it stood in braces; the name of the column is never a template.
/// See <https://docs.getdbt.com/reference/resource-properties/data-tests>.
fn test_kwargs(me: &Weak<Scope>, place: Option<Span>, kwargs: &Map<String, Json>) -> Value {
    let render = |(key, value): (&String, &Json)| {
        let value = match value {
            Json::String(name) if key == "column_name" => Value::from(name.as_str()),
            value => rendered(me, place, value)?,
        };
        Ok((Value::from(key.as_str()), value))
    };
    let rendered: Result<Vec<_>, Error> = kwargs.iter().map(render).collect();
    rendered.map_or_else(Value::from, dict_value)
}

/// Whether a text is one call of a function that arguments of tests may call bare.
fn is_bare_call(text: &str) -> bool {
    let text = text.trim();
    let inside = |name| text.strip_prefix(name)?.trim_start().strip_prefix('(')?.strip_suffix(')');
    ["ref", "source", "var", "env_var", "doc"].into_iter().any(|name| inside(name).is_some())
}

fn rendered(me: &Weak<Scope>, place: Option<Span>, json: &Json) -> Result<Value, Error> {
    Ok(match json {
        Json::String(text) if is_bare_call(text) => evaluate(me, place, &format!("{{{{ {text} }}}}"))?,
        Json::String(text) => evaluate(me, place, text)?,
        Json::Array(items) => {
            list_value(items.iter().map(|item| rendered(me, place, item)).collect::<Result<_, _>>()?)
        }
        Json::Object(entries) => {
            let entries = entries.iter();
            let entries =
                entries.map(|(key, value)| Ok((Value::from(key.as_str()), rendered(me, place, value)?)));
            dict_value(entries.collect::<Result<Vec<_>, Error>>()?)
        }
        other => from_json(other),
    })
}

fn unsupported(name: &'static str, what: &'static str) -> Value {
    pure(name, move |_| {
        Err(raise(Diagnostic::error(Code::NotSupported, format!("`{name}`: {what} are not supported"))))
    })
}
