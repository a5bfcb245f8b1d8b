use std::sync::Arc;

use super::arguments::Arguments;
use super::function::function;
use super::{LogLevel, LogSink};
use crate::jinja::{Value, is_tracing};

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `log(msg, info=false)`: to the log file, or with `info` to the terminal too. Printed in
/// its place is nothing. See <https://docs.getdbt.com/reference/dbt-jinja-functions/log>.
pub(super) fn log(sink: &Arc<dyn LogSink>) -> Value {
    let sink = Arc::clone(sink);
    function("log", move |state, args| {
        let args = Arguments::bind("log", &["msg", "info"], args)?;
        let level = if args.flag("info", false) { LogLevel::Info } else { LogLevel::Debug };
        let text = text(args.required("msg")?);
        if !is_tracing(state) {
            sink.log(level, &text);
        }
        Ok(Value::from(""))
    })
}

/// `print(msg)`, unless `--no-print` says otherwise.
/// See <https://docs.getdbt.com/reference/dbt-jinja-functions/print>.
pub(super) fn print(sink: &Arc<dyn LogSink>, is_on: bool) -> Value {
    let sink = Arc::clone(sink);
    function("print", move |state, args| {
        let args = Arguments::bind("print", &["msg"], args)?;
        let text = text(args.required("msg")?);
        if is_on && !is_tracing(state) {
            sink.log(LogLevel::Print, &text);
        }
        Ok(Value::from(""))
    })
}
