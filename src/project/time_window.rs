use chrono::{
    DateTime, Datelike, Duration, Months, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Timelike, Utc,
};

use super::TimeGrain;
use crate::text::Files;
use crate::yaml;

/// A stretch of event time, from its start up to and without its end: a batch of a
/// microbatch model, or what `--sample` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeWindow {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
}

impl TimeWindow {
    /// Reads `--sample`: a length of time that ends `now`, such as `3 days`, or a mapping
    /// with `start` and `end`.
    /// See <https://docs.getdbt.com/docs/build/sample-flag>.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence.
    pub fn sample(text: &str, now: DateTime<Utc>) -> Result<Self, String> {
        if let [number, grain] = text.split_whitespace().collect::<Vec<_>>().as_slice()
            && let Ok(number) = number.parse::<u32>()
        {
            let grain = TimeGrain::find_in_any_number(grain).ok_or_else(|| {
                format!("`{grain}` is no length of time; there are `hours`, `days`, `months` and `years`")
            })?;
            let start = grain.offset(now, -i64::from(number));
            return start
                .filter(|start| *start < now)
                .map(|start| Self { start, end: now })
                .ok_or_else(|| format!("`{text}` is no time before now"));
        }
        let files = Files::new();
        let checked = yaml::parse(&files.add("--sample", text));
        let Some(serde_json::Value::Object(entries)) = checked.value.map(|value| value.to_json()) else {
            return Err(format!("`{text}` is neither a length of time nor a mapping"));
        };
        let moment = |key: &str| {
            let value = entries.get(key).ok_or_else(|| format!("the mapping has no `{key}`"))?;
            value.as_str().and_then(moment).ok_or_else(|| format!("the `{key}` {value} is no date or time"))
        };
        if let Some(key) = entries.keys().find(|key| !matches!(key.as_str(), "start" | "end")) {
            return Err(format!("the mapping has a key `{key}`; there are `start` and `end`"));
        }
        let window = Self { start: moment("start")?, end: moment("end")? };
        if window.start >= window.end {
            return Err("the `start` must be before the `end`".to_owned());
        }
        Ok(window)
    }

    /// The part of this window that is in another too; empty ones have no length.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        let start = self.start.max(other.start);
        Self { start, end: self.end.min(other.end).max(start) }
    }
}

/// A moment as people write it: a date, or a date and a time, in UTC unless it says its
/// offset.
#[must_use]
pub fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(moment) = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1)) {
        return Some(moment.with_timezone(&Utc));
    }
    let times = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let time = times.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    let date = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    time.or_else(date).map(|local| local.and_utc())
}

/// A moment as filters in SQL have it: `2020-01-01 00:00:00+00:00`.
#[must_use]
pub fn moment_text(moment: DateTime<Utc>) -> String {
    let format =
        if moment.timestamp_subsec_micros() == 0 { SecondsFormat::Secs } else { SecondsFormat::Micros };
    moment.to_rfc3339_opts(format, false).replacen('T', " ", 1)
}

impl TimeGrain {
    /// The latest moment of this grain that is not after `moment`.
    #[must_use]
    pub fn truncate(self, moment: DateTime<Utc>) -> DateTime<Utc> {
        let (month, day, hour) = match self {
            Self::Hour => (moment.month(), moment.day(), moment.hour()),
            Self::Day => (moment.month(), moment.day(), 0),
            Self::Month => (moment.month(), 1, 0),
            Self::Year => (1, 1, 0),
        };
        Utc.with_ymd_and_hms(moment.year(), month, day, hour, 0, 0).single().unwrap_or(moment)
    }

    /// The first moment of this grain that is not before `moment`.
    #[must_use]
    pub fn ceiling(self, moment: DateTime<Utc>) -> DateTime<Utc> {
        let floor = self.truncate(moment);
        if floor == moment { floor } else { self.offset(floor, 1).unwrap_or(moment) }
    }

    /// So many of this grain later, or earlier; `None` where calendars end.
    #[must_use]
    pub fn offset(self, moment: DateTime<Utc>, number: i64) -> Option<DateTime<Utc>> {
        let months = |each: u32| {
            let months = Months::new(u32::try_from(number.unsigned_abs()).ok()?.checked_mul(each)?);
            if number < 0 { moment.checked_sub_months(months) } else { moment.checked_add_months(months) }
        };
        match self {
            Self::Hour => moment.checked_add_signed(Duration::try_hours(number)?),
            Self::Day => moment.checked_add_signed(Duration::try_days(number)?),
            Self::Month => months(1),
            Self::Year => months(12),
        }
    }

    /// The batch that begins at `start` as its files are named: `2020-01-01`.
    #[must_use]
    pub fn label(self, start: DateTime<Utc>) -> String {
        let format = match self {
            Self::Hour => "%Y-%m-%dT%H",
            Self::Day => "%Y-%m-%d",
            Self::Month => "%Y-%m",
            Self::Year => "%Y",
        };
        start.format(format).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        moment(text).unwrap_or_default()
    }

    #[test]
    fn samples_are_lengths_or_mappings() {
        let now = at("2024-05-31T10:30:00Z");
        for (text, start, end) in [
            ("3 days", "2024-05-28T10:30:00", "2024-05-31T10:30:00"),
            ("1 hour", "2024-05-31 09:30", "2024-05-31T10:30:00"),
            ("3 months", "2024-02-29 10:30", "2024-05-31T10:30:00"),
            ("{start: '2020-01-01', end: '2020-01-20 05:00:00'}", "2020-01-01", "2020-01-20 05:00:00"),
        ] {
            assert_eq!(
                TimeWindow::sample(text, now),
                Ok(TimeWindow { start: at(start), end: at(end) }),
                "{text}"
            );
        }
        for (text, expected) in [
            ("3 dayz", "`dayz` is no length of time"),
            ("어제", "neither"),
            ("0 days", "no time before now"),
            ("{start: '2020-01-01'}", "no `end`"),
            ("{start: '2020-01-01', end: soon}", "\"soon\" is no date"),
            ("{start: '2020-01-02', end: '2020-01-01'}", "before the `end`"),
            ("{start: '2020-01-01', end: '2020-01-02', last: 1}", "a key `last`"),
        ] {
            let error = TimeWindow::sample(text, now).err().unwrap_or_default();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn moments_move_by_grains() {
        let moment = at("2020-02-15 05:30:00");
        for (grain, floor, ceiling, label) in [
            (TimeGrain::Hour, "2020-02-15 05:00", "2020-02-15 06:00", "2020-02-15T05"),
            (TimeGrain::Day, "2020-02-15", "2020-02-16", "2020-02-15"),
            (TimeGrain::Month, "2020-02-01", "2020-03-01", "2020-02"),
            (TimeGrain::Year, "2020-01-01", "2021-01-01", "2020"),
        ] {
            assert_eq!((grain.truncate(moment), grain.ceiling(moment)), (at(floor), at(ceiling)));
            assert_eq!(grain.ceiling(at(floor)), at(floor));
            assert_eq!(grain.label(at(floor)), label);
        }
        assert_eq!(TimeGrain::Month.offset(at("2020-01-31"), -2), Some(at("2019-11-30")));
        assert_eq!(moment_text(at("2020-01-01")), "2020-01-01 00:00:00+00:00");
        assert_eq!(moment_text(at("2020-01-01 00:00:00.5")), "2020-01-01 00:00:00.500000+00:00");
    }
}
