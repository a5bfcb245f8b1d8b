use std::fmt;
use std::sync::Arc;

use crate::adapter::Response;
use crate::jinja::{Enumerator, Object, Value};

/// What the warehouse said of a statement, as templates see it.
#[derive(Debug)]
pub(super) struct ResponseValue {
    response: Response,
    code: String,
}

impl ResponseValue {
    pub(super) fn value(response: Response) -> Value {
        let code = response.message.split_whitespace().next().unwrap_or_default().to_owned();
        Value::from_object(Self { response, code })
    }

    /// The response that a template handed on: one of ours, or text or a mapping of its own.
    pub(super) fn read(value: &Value) -> Response {
        if let Some(own) = value.downcast_object_ref::<Self>() {
            return own.response.clone();
        }
        let rows_affected = value.get_attr("rows_affected").ok().and_then(|rows| rows.as_usize());
        let message = value.get_attr("_message").ok().and_then(|text| text.as_str().map(str::to_owned));
        Response {
            message: message.unwrap_or_else(|| value.to_string()),
            rows_affected: rows_affected.map(|rows| rows as u64),
        }
    }
}

impl Object for ResponseValue {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "_message" | "message" => Value::from(self.response.message.as_str()),
            "code" => Value::from(self.code.as_str()),
            "rows_affected" => Value::from(self.response.rows_affected),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["_message", "code", "rows_affected"])
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.response.message)
    }
}
