use std::sync::{Arc, LazyLock};

use super::arguments::{Arguments, items};
use super::function::{Bag, pure};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Object, ObjectRepr, Value, raise};

/// `validation`: `validation.any['a', 'b']` is a validator for `config.get`.
pub(super) fn value() -> Value {
    static VALUE: LazyLock<Value> =
        LazyLock::new(|| Bag::value("validation", vec![("any", Value::from_object(Any))]));
    VALUE.clone()
}

#[derive(Debug)]
struct Any;

impl Object for Any {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    /// The validator of the values between the brackets.
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let allowed = items(key).unwrap_or_else(|| vec![key.clone()]);
        Some(pure("validator", move |args| {
            let args = Arguments::bind("validator", &["value"], args)?;
            let value = args.required("value")?;
            if allowed.contains(value) {
                return Ok(Value::from(()));
            }
            let allowed = allowed.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
            let message = format!("the configuration has the value `{value}`, not one of {allowed}");
            Err(raise(Diagnostic::error(Code::InvalidConfig, message)))
        }))
    }
}
