use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, Timelike};

use super::strftime::strftime;
use crate::context::arguments::{Arguments, invalid, unknown_method};
use crate::jinja::{DynObject, Error, Object, ObjectRepr, State, Value};

/// Python's `datetime.time`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Time {
    pub(super) time: NaiveTime,
}

const METHODS: &[&str] = &["strftime", "isoformat", "replace"];
const PARTS: &[&str] = &["hour", "minute", "second", "microsecond"];

impl Time {
    pub(super) fn into_value(self) -> Value {
        Value::from_object(self)
    }

    pub(super) fn from_parts(args: &[Value]) -> Result<Self, Error> {
        let args = Arguments::bind("time", PARTS, args)?;
        Ok(Self { time: time_of(&args, NaiveTime::MIN)? })
    }

    /// With microseconds when there are any, unless `timespec` says how fine.
    pub(super) fn isoformat(self, timespec: &str) -> String {
        let format = match (timespec, self.time.nanosecond() / 1_000) {
            ("hours", _) => "%H",
            ("minutes", _) => "%H:%M",
            ("milliseconds", _) => "%H:%M:%S%.3f",
            ("seconds", _) => "%H:%M:%S",
            (other, 0) if other != "microseconds" => "%H:%M:%S",
            _ => "%H:%M:%S%.6f",
        };
        self.time.format(format).to_string()
    }
}

/// An attribute of a time of day.
pub(super) fn part(time: NaiveTime, name: &str) -> Option<Value> {
    Some(match name {
        "hour" => Value::from(time.hour()),
        "minute" => Value::from(time.minute()),
        "second" => Value::from(time.second()),
        "microsecond" => Value::from(time.nanosecond() / 1_000 % 1_000_000),
        _ => return None,
    })
}

/// A time from the arguments of that name; those not given are taken from `was`.
pub(super) fn time_of(args: &Arguments, was: NaiveTime) -> Result<NaiveTime, Error> {
    let number = |name: &str, was: u32| -> Result<u32, Error> {
        let given = args.optional_integer(name)?;
        given.map_or(Ok(was), |number| {
            u32::try_from(number).map_err(|_| args.wrong(name, "a positive number"))
        })
    };
    let (hour, minute) = (number("hour", was.hour())?, number("minute", was.minute())?);
    let second = number("second", was.second())?;
    let micros = number("microsecond", was.nanosecond() / 1_000)?;
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micros);
    time.filter(|_| micros < 1_000_000)
        .ok_or_else(|| invalid(format!("there is no time {hour:02}:{minute:02}:{second:02}.{micros:06}")))
}

impl Object for Time {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        part(self.time, key.as_str()?)
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "strftime" => {
                let args = Arguments::bind("time.strftime", &["format"], args)?;
                let day = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default();
                Ok(Value::from(strftime(day.and_time(self.time), None, &args.text("format")?)))
            }
            "isoformat" => {
                let args = Arguments::bind("time.isoformat", &["timespec"], args)?;
                Ok(Value::from(self.isoformat(&args.optional_text("timespec")?.unwrap_or_default())))
            }
            "replace" => {
                let args = Arguments::bind("time.replace", PARTS, args)?;
                Ok(Self { time: time_of(&args, self.time)? }.into_value())
            }
            _ => Err(unknown_method("time", method, METHODS.iter().copied())),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.time.cmp(&other.downcast_ref::<Self>()?.time))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.isoformat(""))
    }
}
