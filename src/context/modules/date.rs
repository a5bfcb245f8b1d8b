use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveTime};

use super::strftime::strftime;
use super::timedelta::{MICROS_A_DAY, TimeDelta};
use crate::context::arguments::{Arguments, invalid, unknown_method};
use crate::jinja::{DynObject, Error, ErrorKind, Object, ObjectRepr, State, Value};

/// Python's `datetime.date`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) date: NaiveDate,
}

const METHODS: &[&str] =
    &["strftime", "isoformat", "replace", "weekday", "isoweekday", "isocalendar", "toordinal"];

impl Date {
    pub(super) fn find(value: &Value) -> Option<Self> {
        value.downcast_object_ref::<Self>().copied()
    }

    pub(super) fn into_value(self) -> Value {
        Value::from_object(self)
    }

    fn operate(self, operator: &str, other: &Value) -> Result<Option<Value>, Error> {
        if let Some(delta) = TimeDelta::find(other) {
            let days = delta.micros.div_euclid(MICROS_A_DAY);
            let days = match operator {
                "__add__" | "__radd__" => days,
                "__sub__" => -days,
                _ => return Ok(None),
            };
            let date = chrono::TimeDelta::try_days(days).and_then(|days| self.date.checked_add_signed(days));
            let date = date
                .filter(|date| is_year(date.year()))
                .ok_or_else(|| invalid("a `date` went beyond the years that there are"))?;
            return Ok(Some(Self { date }.into_value()));
        }
        let Some(other) = Self::find(other) else { return Ok(None) };
        match operator {
            "__sub__" => {
                let days = (self.date - other.date).num_days();
                Ok(Some(TimeDelta { micros: days * MICROS_A_DAY }.into_value()))
            }
            _ => Ok(None),
        }
    }
}

/// Whether Python has that year.
pub(super) fn is_year(year: i32) -> bool {
    (1..=9999).contains(&year)
}

/// A date from the arguments `year`, `month` and `day`; those not given are taken from
/// `was`, and are needed without it.
pub(super) fn date_of(args: &Arguments, was: Option<NaiveDate>) -> Result<NaiveDate, Error> {
    let number = |name: &str, was: Option<i64>| -> Result<i64, Error> {
        match (args.optional_integer(name)?, was) {
            (Some(number), _) | (None, Some(number)) => Ok(number),
            (None, None) => {
                Err(args.required(name).err().unwrap_or_else(|| args.wrong(name, "a whole number")))
            }
        }
    };
    let year = number("year", was.map(|was| i64::from(was.year())))?;
    let month = number("month", was.map(|was| i64::from(was.month())))?;
    let day = number("day", was.map(|was| i64::from(was.day())))?;
    let date = || {
        let year = i32::try_from(year).ok().filter(|year| is_year(*year))?;
        NaiveDate::from_ymd_opt(year, u32::try_from(month).ok()?, u32::try_from(day).ok()?)
    };
    date().ok_or_else(|| invalid(format!("there is no day {year}-{month:02}-{day:02}")))
}

/// Year, week and day of the week, as Python's `isocalendar()` has them.
pub(super) fn iso_calendar(date: NaiveDate) -> Value {
    let week = date.iso_week();
    Value::from((week.year(), week.week(), date.weekday().number_from_monday()))
}

impl Object for Date {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "year" => Value::from(self.date.year()),
            "month" => Value::from(self.date.month()),
            "day" => Value::from(self.date.day()),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, args) {
            ("strftime", _) => {
                let args = Arguments::bind("date.strftime", &["format"], args)?;
                Ok(Value::from(strftime(self.date.and_time(NaiveTime::MIN), None, &args.text("format")?)))
            }
            ("replace", _) => {
                let args = Arguments::bind("date.replace", &["year", "month", "day"], args)?;
                Ok(Self { date: date_of(&args, Some(self.date))? }.into_value())
            }
            ("isoformat", []) => Ok(Value::from(self.date.to_string())),
            ("weekday", []) => Ok(Value::from(self.date.weekday().num_days_from_monday())),
            ("isoweekday", []) => Ok(Value::from(self.date.weekday().number_from_monday())),
            ("isocalendar", []) => Ok(iso_calendar(self.date)),
            ("toordinal", []) => Ok(Value::from(self.date.num_days_from_ce())),
            (operator, [other]) if operator.starts_with("__") => {
                self.operate(operator, other)?.ok_or_else(|| Error::from(ErrorKind::UnknownMethod))
            }
            _ => Err(unknown_method("date", method, METHODS.iter().copied())),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.date.cmp(&other.downcast_ref::<Self>()?.date))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)
    }
}
