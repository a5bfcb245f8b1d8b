use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use chrono::{FixedOffset, LocalResult, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use super::moment::Moment;
use super::timedelta::{MICROS_A_SECOND, TimeDelta};
use crate::context::arguments::{Arguments, error, invalid, unknown_method};
use crate::diagnostic::suggest;
use crate::jinja::{DynObject, Error, Object, ObjectRepr, State, Value, raise};

/// A time zone: what Python calls a `tzinfo`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Fixed(FixedOffset),
    Named(Tz),
}

impl Zone {
    pub(super) const UTC: Self = Self::Named(Tz::UTC);

    pub(super) fn find(value: &Value) -> Option<Self> {
        value.downcast_object_ref::<Self>().copied()
    }

    /// The zone of a name such as `Asia/Seoul`, in any case.
    ///
    /// # Errors
    /// There is none; a similar one is suggested.
    pub(super) fn named(name: &str) -> Result<Self, Error> {
        let found = name.parse().ok().or_else(|| {
            chrono_tz::TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name))
        });
        found.map(Self::Named).ok_or_else(|| {
            let names = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
            let message = format!("there is no time zone `{name}`");
            let help = suggest::similar("time zone", name, names);
            raise(error(message).help(help))
        })
    }

    /// How far the zone is from UTC at a moment given in UTC.
    pub(super) fn offset_at(self, utc: NaiveDateTime) -> FixedOffset {
        match self {
            Self::Fixed(offset) => offset,
            Self::Named(zone) => zone.offset_from_utc_datetime(&utc).fix(),
        }
    }

    /// How far the zone is from UTC when its own clocks show `local`. Of a time that
    /// clocks show twice, the earlier unless `is_dst` is false; a time they skip is
    /// read as before the jump.
    pub(super) fn offset_of(self, local: NaiveDateTime, is_dst: bool) -> FixedOffset {
        let zone = match self {
            Self::Fixed(offset) => return offset,
            Self::Named(zone) => zone,
        };
        match zone.offset_from_local_datetime(&local) {
            LocalResult::Single(offset) => offset.fix(),
            LocalResult::Ambiguous(earlier, later) => {
                if is_dst {
                    earlier.fix()
                } else {
                    later.fix()
                }
            }
            LocalResult::None => zone.offset_from_utc_datetime(&(local - chrono::TimeDelta::days(1))).fix(),
        }
    }

    /// What `tzname()` gives.
    pub(super) fn name_at(self, utc: NaiveDateTime) -> String {
        match self {
            Self::Fixed(offset) if offset.local_minus_utc() == 0 => "UTC".to_owned(),
            Self::Fixed(offset) => format!("UTC{offset}"),
            Self::Named(zone) => zone.from_utc_datetime(&utc).format("%Z").to_string(),
        }
    }

    pub(super) fn into_value(self) -> Value {
        Value::from_object(self)
    }

    /// The zone of this machine: `TZ`, else the one it is set to.
    pub(super) fn local(system: &dyn crate::system::System, utc: NaiveDateTime) -> Self {
        let named = system.env("TZ").and_then(|name| name.trim_start_matches(':').parse().ok());
        named.map_or_else(
            || {
                // Nobody tells when it is set to another one.
                system.depends_on_moment();
                Self::Fixed(chrono::Local.offset_from_utc_datetime(&utc).fix())
            },
            Self::Named,
        )
    }

    /// `timezone(timedelta(hours=9))`.
    fn fixed(args: &[Value]) -> Result<Self, Error> {
        let args = Arguments::bind("timezone", &["offset", "name"], args)?;
        let delta =
            TimeDelta::find(args.required("offset")?).ok_or_else(|| args.wrong("offset", "a `timedelta`"))?;
        let seconds = i32::try_from(delta.micros / MICROS_A_SECOND).ok().and_then(FixedOffset::east_opt);
        seconds.map(Self::Fixed).ok_or_else(|| invalid("a time zone is less than a day away from UTC"))
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(zone) => f.write_str(zone.name()),
            Self::Fixed(_) => f.write_str(&self.name_at(NaiveDateTime::default())),
        }
    }
}

const METHODS: &[&str] = &["localize", "normalize", "utcoffset", "tzname"];

impl Object for Zone {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "zone" | "key" => Some(Value::from(self.to_string())),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let moment = |function: &str, parameters: &'static [&'static str]| -> Result<_, Error> {
            let args = Arguments::bind(function, parameters, args)?;
            let moment =
                Moment::find(args.required("dt")?).ok_or_else(|| args.wrong("dt", "a `datetime`"))?;
            Ok((moment, args))
        };
        match method {
            "localize" => {
                let (moment, args) = moment("localize", &["dt", "is_dst"])?;
                if moment.zone.is_some() {
                    let message = "`localize` was given a `datetime` that has a time zone already";
                    let help = "use `astimezone` to move it to another zone";
                    return Err(raise(error(message).help(help)));
                }
                Ok(moment.in_zone(Some(**self), args.flag("is_dst", false)).into_value())
            }
            "normalize" => Ok(moment("normalize", &["dt", "is_dst"])?.0.at_zone(**self).into_value()),
            "utcoffset" => {
                let offset = self.offset_of(moment("utcoffset", &["dt"])?.0.local, false);
                let micros = i64::from(offset.local_minus_utc()) * MICROS_A_SECOND;
                Ok(TimeDelta { micros }.into_value())
            }
            "tzname" => Ok(Value::from(self.name_at(moment("tzname", &["dt"])?.0.local))),
            _ => Err(unknown_method("tzinfo", method, METHODS.iter().copied())),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.to_string().cmp(&other.downcast_ref::<Self>()?.to_string()))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

/// `modules.datetime.timezone`: callable, with `utc`.
#[derive(Debug)]
pub(super) struct ZoneClass;

impl Object for ZoneClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str()? == "utc").then(|| Zone::Fixed(Utc.fix()).into_value())
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        Ok(Zone::fixed(args)?.into_value())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<class 'datetime.timezone'>")
    }
}
