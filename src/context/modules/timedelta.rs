use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::context::arguments::{Arguments, invalid, unknown_method};
use crate::jinja::{DynObject, Error, Object, ObjectRepr, State, Value};

pub(super) const MICROS_A_SECOND: i64 = 1_000_000;
pub(super) const MICROS_A_DAY: i64 = 86_400 * MICROS_A_SECOND;

/// Python's `datetime.timedelta`: a length of time in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TimeDelta {
    pub(super) micros: i64,
}

impl TimeDelta {
    pub(super) fn find(value: &Value) -> Option<Self> {
        value.downcast_object_ref::<Self>().copied()
    }

    pub(super) fn into_value(self) -> Value {
        Value::from_object(self)
    }

    pub(super) fn to_chrono(self) -> chrono::TimeDelta {
        chrono::TimeDelta::microseconds(self.micros)
    }

    /// From a sum of parts that may be fractions, as `timedelta(days=1.5)`.
    fn from_parts(args: &[Value]) -> Result<Self, Error> {
        let parameters = &["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
        let args = Arguments::bind("timedelta", parameters, args)?;
        let units = [
            ("days", MICROS_A_DAY),
            ("seconds", MICROS_A_SECOND),
            ("microseconds", 1),
            ("milliseconds", 1_000),
            ("minutes", 60 * MICROS_A_SECOND),
            ("hours", 3_600 * MICROS_A_SECOND),
            ("weeks", 7 * MICROS_A_DAY),
        ];
        let mut total: i64 = 0;
        for (name, unit) in units {
            let Some(value) = args.some(name) else { continue };
            let part =
                scaled(unit, value).ok_or_else(|| args.wrong(name, "a number that is not too large"))?;
            total = total.checked_add(part).ok_or_else(too_long)?;
        }
        Ok(Self { micros: total })
    }

    fn days(self) -> i64 {
        self.micros.div_euclid(MICROS_A_DAY)
    }

    fn seconds(self) -> i64 {
        self.micros.rem_euclid(MICROS_A_DAY) / MICROS_A_SECOND
    }

    fn microseconds(self) -> i64 {
        self.micros.rem_euclid(MICROS_A_SECOND)
    }

    fn total_seconds(self) -> f64 {
        self.micros as f64 / MICROS_A_SECOND as f64
    }

    /// The operators of Python that have a length of time on their left.
    fn operate(self, operator: &str, other: &Value) -> Result<Option<Value>, Error> {
        let delta = |micros: Option<i64>| -> Result<Option<Value>, Error> {
            Ok(Some(Self { micros: micros.ok_or_else(too_long)? }.into_value()))
        };
        if let Some(other) = Self::find(other) {
            return match operator {
                "__add__" | "__radd__" => delta(self.micros.checked_add(other.micros)),
                "__sub__" => delta(self.micros.checked_sub(other.micros)),
                "__rsub__" => delta(other.micros.checked_sub(self.micros)),
                "__truediv__" if other.micros != 0 => {
                    Ok(Some(Value::from(self.micros as f64 / other.micros as f64)))
                }
                "__floordiv__" if other.micros != 0 => {
                    Ok(Some(Value::from(self.micros.div_euclid(other.micros))))
                }
                "__mod__" if other.micros != 0 => delta(Some(self.micros.rem_euclid(other.micros))),
                _ => Ok(None),
            };
        }
        match operator {
            "__mul__" | "__rmul__" if other.is_number() => delta(scaled(self.micros, other)),
            "__truediv__" | "__floordiv__" if other.is_number() => match f64::try_from(other.clone()) {
                Ok(divisor) if divisor != 0.0 => delta(whole(self.micros as f64 / divisor)),
                _ => Err(invalid("a `timedelta` cannot be divided by zero")),
            },
            "__neg__" => delta(self.micros.checked_neg()),
            _ => Ok(None),
        }
    }
}

fn too_long() -> Error {
    invalid("a `timedelta` became longer than time itself")
}

/// `unit` as often as a number says.
fn scaled(unit: i64, number: &Value) -> Option<i64> {
    match number.as_i64() {
        Some(number) => unit.checked_mul(number),
        None if number.is_number() => whole(f64::try_from(number.clone()).ok()? * unit as f64),
        None => None,
    }
}

/// The nearest whole number, when there is one of 64 bits.
#[allow(clippy::cast_possible_truncation, reason = "the range is looked at first")]
fn whole(number: f64) -> Option<i64> {
    let rounded = number.round_ties_even();
    (rounded.is_finite() && rounded.abs() < 9.2e18).then_some(rounded as i64)
}

impl fmt::Display for TimeDelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, seconds) = (self.days(), self.seconds());
        if days != 0 {
            write!(f, "{days} day{}, ", if days.abs() == 1 { "" } else { "s" })?;
        }
        write!(f, "{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)?;
        match self.microseconds() {
            0 => Ok(()),
            micros => write!(f, ".{micros:06}"),
        }
    }
}

impl Object for TimeDelta {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "days" => Value::from(self.days()),
            "seconds" => Value::from(self.seconds()),
            "microseconds" => Value::from(self.microseconds()),
            _ => return None,
        })
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.micros != 0
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, args) {
            ("total_seconds", []) => Ok(Value::from(self.total_seconds())),
            (operator, [other]) if operator.starts_with("__") => {
                let found = self.operate(operator, other)?;
                found.ok_or_else(|| Error::from(crate::jinja::ErrorKind::UnknownMethod))
            }
            ("__neg__", []) => Ok(self.operate("__neg__", &Value::UNDEFINED)?.unwrap_or_default()),
            _ => Err(unknown_method("timedelta", method, ["total_seconds"])),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some((**self).cmp(other.downcast_ref::<Self>()?))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

/// `modules.datetime.timedelta`.
pub(super) fn class() -> Value {
    crate::context::function::pure("timedelta", |args| Ok(TimeDelta::from_parts(args)?.into_value()))
}
