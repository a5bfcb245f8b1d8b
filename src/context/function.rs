use std::fmt;
use std::sync::Arc;

use super::arguments::unknown_method;
use crate::jinja::{Enumerator, Error, Object, ObjectRepr, State, Value};

/// A function of ours that templates can call.
struct Function<F> {
    name: &'static str,
    run: F,
}

impl<F> fmt::Debug for Function<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<function {}>", self.name)
    }
}

impl<F> Object for Function<F>
where
    F: Fn(&mut State<'_, '_>, &[Value]) -> Result<Value, Error> + Send + Sync + 'static,
{
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        (self.run)(state, args)
    }
}

/// A callable value; `run` gets the arguments as written, keywords in the last of them.
pub(super) fn function<F>(name: &'static str, run: F) -> Value
where
    F: Fn(&mut State<'_, '_>, &[Value]) -> Result<Value, Error> + Send + Sync + 'static,
{
    Value::from_object(Function { name, run })
}

/// A callable value that does not need to know of the render it is called in.
pub(super) fn pure<F>(name: &'static str, run: F) -> Value
where
    F: Fn(&[Value]) -> Result<Value, Error> + Send + Sync + 'static,
{
    function(name, move |_, args| run(args))
}

/// A bag of named values: `modules`, `api`, `exceptions`.
#[derive(Debug)]
pub(super) struct Bag {
    name: &'static str,
    values: Vec<(&'static str, Value)>,
}

impl Bag {
    pub(super) fn value(name: &'static str, values: Vec<(&'static str, Value)>) -> Value {
        Value::from_object(Self { name, values })
    }
}

impl Object for Bag {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.values.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.values.iter().map(|(name, _)| Value::from(*name)).collect())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match self.get_value_by_str(method) {
            Some(value) => value.call(state, args),
            None => Err(unknown_method(self.name, method, self.values.iter().map(|(name, _)| *name))),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.name)
    }
}
