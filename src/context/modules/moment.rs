use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::date::{Date, is_year, iso_calendar};
use super::strftime::strftime;
use super::time::{Time, part};
use super::timedelta::{MICROS_A_SECOND, TimeDelta};
use super::zone::Zone;
use crate::context::arguments::{Arguments, invalid, unknown_method};
use crate::jinja::{DynObject, Error, ErrorKind, Object, ObjectRepr, State, Value};

/// Python's `datetime.datetime`: what a clock shows, and perhaps where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) local: NaiveDateTime,
    /// The zone, and how far it is from UTC then.
    pub(super) zone: Option<(Zone, FixedOffset)>,
}

const METHODS: &[&str] = &[
    "strftime",
    "isoformat",
    "date",
    "time",
    "timestamp",
    "replace",
    "astimezone",
    "weekday",
    "isoweekday",
    "isocalendar",
    "utcoffset",
    "tzname",
    "toordinal",
];

impl Moment {
    pub(super) fn naive(local: NaiveDateTime) -> Self {
        Self { local, zone: None }
    }

    pub(super) fn utc(moment: DateTime<Utc>) -> Self {
        Self::naive(moment.naive_utc()).in_zone(Some(Zone::UTC), false)
    }

    pub(super) fn find(value: &Value) -> Option<Self> {
        value.downcast_object_ref::<Self>().copied()
    }

    pub(super) fn into_value(self) -> Value {
        Value::from_object(self)
    }

    /// The same clock face in another zone, or in none.
    pub(super) fn in_zone(self, zone: Option<Zone>, is_dst: bool) -> Self {
        Self { zone: zone.map(|zone| (zone, zone.offset_of(self.local, is_dst))), ..self }
    }

    /// The same moment as the clocks of another zone show it; without a zone it is
    /// taken as UTC.
    pub(super) fn at_zone(self, zone: Zone) -> Self {
        let utc = self.to_utc();
        let offset = zone.offset_at(utc);
        Self { local: utc + offset, zone: Some((zone, offset)) }
    }

    /// In UTC; without a zone the clock is taken to show UTC.
    fn to_utc(self) -> NaiveDateTime {
        self.zone.map_or(self.local, |(_, offset)| self.local - offset)
    }

    pub(super) fn from_parts(args: &[Value]) -> Result<Self, Error> {
        let parameters = &["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"];
        let args = Arguments::bind("datetime", parameters, args)?;
        let local = NaiveDateTime::new(
            super::date::date_of(&args, None)?,
            super::time::time_of(&args, NaiveTime::MIN)?,
        );
        Ok(Self::naive(local).in_zone(zone_of(&args, "tzinfo")?, false))
    }

    fn replace(self, args: &[Value]) -> Result<Self, Error> {
        let parameters = &["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"];
        let args = Arguments::bind("datetime.replace", parameters, args)?;
        let local = NaiveDateTime::new(
            super::date::date_of(&args, Some(self.local.date()))?,
            super::time::time_of(&args, self.local.time())?,
        );
        let zone = match args.get("tzinfo") {
            None => self.zone.map(|(zone, _)| zone),
            Some(_) => zone_of(&args, "tzinfo")?,
        };
        Ok(Self::naive(local).in_zone(zone, false))
    }

    fn shifted(self, by: TimeDelta, sign: i64) -> Result<Self, Error> {
        let delta = TimeDelta { micros: by.micros.saturating_mul(sign) }.to_chrono();
        let local = self.local.checked_add_signed(delta).filter(|local| is_year(local.year()));
        let local = local.ok_or_else(|| invalid("a `datetime` went beyond the years that there are"))?;
        Ok(Self { local, ..self })
    }

    fn operate(self, operator: &str, other: &Value) -> Result<Option<Value>, Error> {
        if let Some(delta) = TimeDelta::find(other) {
            return match operator {
                "__add__" | "__radd__" => Ok(Some(self.shifted(delta, 1)?.into_value())),
                "__sub__" => Ok(Some(self.shifted(delta, -1)?.into_value())),
                _ => Ok(None),
            };
        }
        let Some(other) = Self::find(other) else { return Ok(None) };
        if self.zone.is_some() != other.zone.is_some() && operator == "__sub__" {
            return Err(invalid("a `datetime` with a time zone and one without cannot be subtracted"));
        }
        let length = match operator {
            "__sub__" => self.to_utc() - other.to_utc(),
            _ => return Ok(None),
        };
        Ok(Some(TimeDelta { micros: length.num_microseconds().unwrap_or(i64::MAX) }.into_value()))
    }

    pub(super) fn isoformat(&self, separator: &str, timespec: &str) -> String {
        let time = Time { time: self.local.time() };
        let offset = self.zone.map(|(_, offset)| offset_text(offset, ":")).unwrap_or_default();
        format!("{}{separator}{}{offset}", self.local.date(), time.isoformat(timespec))
    }

    pub(super) fn strftime(&self, format: &str) -> String {
        let zone = self.zone.map(|(zone, offset)| (zone.name_at(self.to_utc()), offset_text(offset, "")));
        strftime(self.local, zone, format)
    }

    fn timestamp(self) -> f64 {
        self.to_utc().and_utc().timestamp_micros() as f64 / MICROS_A_SECOND as f64
    }
}

/// `+09:00`, with the seconds when there are any.
pub(super) fn offset_text(offset: FixedOffset, colon: &str) -> String {
    let seconds = offset.local_minus_utc();
    let (sign, seconds) = if seconds < 0 { ('-', -seconds) } else { ('+', seconds) };
    let rest = if seconds % 60 == 0 { String::new() } else { format!("{colon}{:02}", seconds % 60) };
    format!("{sign}{:02}{colon}{:02}{rest}", seconds / 3_600, seconds / 60 % 60)
}

/// A time zone among the arguments; `none` is none.
pub(super) fn zone_of(args: &Arguments, name: &str) -> Result<Option<Zone>, Error> {
    match args.some(name) {
        None => Ok(None),
        Some(value) => Zone::find(value).map(Some).ok_or_else(|| args.wrong(name, "a time zone")),
    }
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "year" => Value::from(self.local.year()),
            "month" => Value::from(self.local.month()),
            "day" => Value::from(self.local.day()),
            "tzinfo" => self.zone.map_or(Value::from(()), |(zone, _)| zone.into_value()),
            name => part(self.local.time(), name)?,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let none = |name: &str| Arguments::bind(&format!("datetime.{name}"), &[], args).map(|_| ());
        match (method, args) {
            ("strftime", _) => {
                let args = Arguments::bind("datetime.strftime", &["format"], args)?;
                Ok(Value::from(self.strftime(&args.text("format")?)))
            }
            ("isoformat", _) => {
                let args = Arguments::bind("datetime.isoformat", &["sep", "timespec"], args)?;
                let separator = args.optional_text("sep")?.unwrap_or_else(|| "T".to_owned());
                let timespec = args.optional_text("timespec")?.unwrap_or_default();
                Ok(Value::from(self.isoformat(&separator, &timespec)))
            }
            ("replace", _) => Ok(self.replace(args)?.into_value()),
            ("astimezone", _) => {
                let args = Arguments::bind("datetime.astimezone", &["tz"], args)?;
                let zone = zone_of(&args, "tz")?.unwrap_or(Zone::UTC);
                Ok(self.at_zone(zone).into_value())
            }
            ("date", _) => none(method).map(|()| Date { date: self.local.date() }.into_value()),
            ("time" | "timetz", _) => none(method).map(|()| Time { time: self.local.time() }.into_value()),
            ("timestamp", _) => none(method).map(|()| Value::from(self.timestamp())),
            ("utcoffset", _) => none(method).map(|()| match self.zone {
                None => Value::from(()),
                Some((_, offset)) => {
                    TimeDelta { micros: i64::from(offset.local_minus_utc()) * MICROS_A_SECOND }.into_value()
                }
            }),
            ("tzname", _) => none(method).map(|()| match self.zone {
                None => Value::from(()),
                Some((zone, _)) => Value::from(zone.name_at(self.to_utc())),
            }),
            ("weekday", _) => none(method).map(|()| Value::from(self.local.weekday().num_days_from_monday())),
            ("isoweekday", _) => {
                none(method).map(|()| Value::from(self.local.weekday().number_from_monday()))
            }
            ("isocalendar", _) => none(method).map(|()| iso_calendar(self.local.date())),
            ("toordinal", _) => none(method).map(|()| Value::from(self.local.num_days_from_ce())),
            (operator, [other]) if operator.starts_with("__") => {
                self.operate(operator, other)?.ok_or_else(|| Error::from(ErrorKind::UnknownMethod))
            }
            _ => Err(unknown_method("datetime", method, METHODS.iter().copied())),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.to_utc().cmp(&other.downcast_ref::<Self>()?.to_utc()))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.isoformat(" ", ""))
    }
}

impl From<NaiveDate> for Moment {
    fn from(date: NaiveDate) -> Self {
        Self::naive(date.and_time(NaiveTime::MIN))
    }
}
