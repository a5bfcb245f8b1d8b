use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime};

use super::date::{Date, date_of};
use super::moment::{Moment, zone_of};
use super::strptime::{from_iso, iso_time, strptime};
use super::time::Time;
use super::zone::{Zone, ZoneClass};
use super::{timedelta, timedelta::MICROS_A_SECOND};
use crate::context::arguments::{Arguments, invalid, unknown_method};
use crate::context::function::Bag;
use crate::jinja::{Error, Object, ObjectRepr, State, Value};
use crate::system::System;

/// `modules.datetime`. See <https://docs.python.org/3/library/datetime.html>.
pub(super) fn module(system: &Arc<dyn System>) -> Value {
    Bag::value(
        "module 'datetime'",
        vec![
            ("datetime", Value::from_object(MomentClass { system: Arc::clone(system) })),
            ("date", Value::from_object(DateClass { system: Arc::clone(system) })),
            ("time", Value::from_object(TimeClass)),
            ("timedelta", timedelta::class()),
            ("timezone", Value::from_object(ZoneClass)),
            ("MINYEAR", Value::from(1)),
            ("MAXYEAR", Value::from(9999)),
        ],
    )
}

/// The time, for a template that then gives another text each time.
fn moment(system: &dyn System) -> chrono::DateTime<chrono::Utc> {
    system.depends_on_moment();
    system.now()
}

fn local_now(system: &dyn System) -> Moment {
    let now = Moment::utc(moment(system));
    now.at_zone(Zone::local(system, now.local))
}

/// The class `datetime`.
#[derive(Debug)]
struct MomentClass {
    system: Arc<dyn System>,
}

const MOMENT_METHODS: &[&str] = &[
    "now",
    "utcnow",
    "today",
    "strptime",
    "fromisoformat",
    "fromtimestamp",
    "utcfromtimestamp",
    "combine",
    "strftime",
];

impl Object for MomentClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let extreme = |year, month, day, time| {
            Some(Moment::naive(NaiveDate::from_ymd_opt(year, month, day)?.and_time(time)).into_value())
        };
        match key.as_str()? {
            "min" => extreme(1, 1, 1, NaiveTime::MIN),
            "max" => extreme(9999, 12, 31, NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999)?),
            _ => None,
        }
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        Ok(Moment::from_parts(args)?.into_value())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let moment = match method {
            "now" | "today" => {
                let args = Arguments::bind("datetime.now", &["tz"], args)?;
                let utc = Moment::utc(moment(&*self.system));
                match zone_of(&args, "tz")? {
                    Some(zone) => utc.at_zone(zone),
                    None => local_now(&*self.system).in_zone(None, false),
                }
            }
            "utcnow" => {
                Arguments::bind("datetime.utcnow", &[], args)?;
                Moment::naive(moment(&*self.system).naive_utc())
            }
            "strptime" => {
                let args = Arguments::bind("datetime.strptime", &["date_string", "format"], args)?;
                strptime(&args.text("date_string")?, &args.text("format")?).map_err(invalid)?
            }
            "fromisoformat" => {
                let args = Arguments::bind("datetime.fromisoformat", &["date_string"], args)?;
                let text = args.text("date_string")?;
                from_iso(&text).ok_or_else(|| invalid(format!("`{text}` is no time of ISO 8601")))?
            }
            "fromtimestamp" | "utcfromtimestamp" => {
                let args = Arguments::bind("datetime.fromtimestamp", &["timestamp", "tz"], args)?;
                let utc = timestamp(&args)?;
                match (method, zone_of(&args, "tz")?) {
                    (_, Some(zone)) => utc.at_zone(zone),
                    ("utcfromtimestamp", None) => utc.in_zone(None, false),
                    _ => utc.at_zone(Zone::local(&*self.system, utc.local)).in_zone(None, false),
                }
            }
            "combine" => {
                let args = Arguments::bind("datetime.combine", &["date", "time", "tzinfo"], args)?;
                let date = Date::find(args.required("date")?)
                    .or_else(|| Some(Date { date: Moment::find(args.get("date")?)?.local.date() }))
                    .ok_or_else(|| args.wrong("date", "a `date`"))?;
                let time = args.required("time")?.downcast_object_ref::<Time>().copied();
                let time = time.ok_or_else(|| args.wrong("time", "a `time`"))?;
                Moment::naive(date.date.and_time(time.time)).in_zone(zone_of(&args, "tzinfo")?, false)
            }
            // `datetime.strftime(moment, format)` is `moment.strftime(format)`.
            "strftime" | "isoformat" | "date" => match args.split_first() {
                Some((moment, rest)) => return moment.call_method(state, method, rest),
                None => return Err(invalid(format!("`datetime.{method}` was given no `datetime`"))),
            },
            _ => return Err(unknown_method("datetime", method, MOMENT_METHODS.iter().copied())),
        };
        Ok(moment.into_value())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<class 'datetime.datetime'>")
    }
}

/// Seconds since 1970, whole or not.
#[allow(
    clippy::cast_possible_truncation,
    reason = "a float that is too large becomes one that chrono refuses"
)]
fn timestamp(args: &Arguments) -> Result<Moment, Error> {
    let value = args.required("timestamp")?;
    let micros = match value.as_i64() {
        Some(seconds) => seconds.checked_mul(MICROS_A_SECOND),
        None => f64::try_from(value.clone())
            .ok()
            .map(|seconds| (seconds * MICROS_A_SECOND as f64).round_ties_even() as i64),
    };
    let moment = micros.and_then(DateTime::from_timestamp_micros);
    moment.map(Moment::utc).ok_or_else(|| args.wrong("timestamp", "seconds since 1970"))
}

/// The class `date`.
#[derive(Debug)]
struct DateClass {
    system: Arc<dyn System>,
}

impl Object for DateClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let date = match key.as_str()? {
            "min" => NaiveDate::from_ymd_opt(1, 1, 1)?,
            "max" => NaiveDate::from_ymd_opt(9999, 12, 31)?,
            _ => return None,
        };
        Some(Date { date }.into_value())
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::bind("date", &["year", "month", "day"], args)?;
        Ok(Date { date: date_of(&args, None)? }.into_value())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let date = match method {
            "today" => {
                Arguments::bind("date.today", &[], args)?;
                local_now(&*self.system).local.date()
            }
            "fromisoformat" => {
                let args = Arguments::bind("date.fromisoformat", &["date_string"], args)?;
                let text = args.text("date_string")?;
                let read = from_iso(&text).filter(|_| text.len() <= 10);
                read.ok_or_else(|| invalid(format!("`{text}` is no date of ISO 8601")))?.local.date()
            }
            "fromtimestamp" => {
                let args = Arguments::bind("date.fromtimestamp", &["timestamp"], args)?;
                let utc = timestamp(&args)?;
                utc.at_zone(Zone::local(&*self.system, utc.local)).local.date()
            }
            _ => return Err(unknown_method("date", method, ["today", "fromisoformat", "fromtimestamp"])),
        };
        Ok(Date { date }.into_value())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<class 'datetime.date'>")
    }
}

/// The class `time`.
#[derive(Debug)]
struct TimeClass;

impl Object for TimeClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let time = match key.as_str()? {
            "min" => NaiveTime::MIN,
            "max" => NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999)?,
            _ => return None,
        };
        Some(Time { time }.into_value())
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        Ok(Time::from_parts(args)?.into_value())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if method != "fromisoformat" {
            return Err(unknown_method("time", method, ["fromisoformat"]));
        }
        let args = Arguments::bind("time.fromisoformat", &["time_string"], args)?;
        let text = args.text("time_string")?;
        let (time, _) = iso_time(&text).ok_or_else(|| invalid(format!("`{text}` is no time of ISO 8601")))?;
        Ok(Time { time }.into_value())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<class 'datetime.time'>")
    }
}
