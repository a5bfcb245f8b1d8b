use chrono::TimeDelta;
use serde_json::Value;

/// How old a source may become.
/// See <https://docs.getdbt.com/reference/resource-properties/freshness>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    pub warn_after: Option<Age>,
    pub error_after: Option<Age>,
    /// A condition on the rows that are looked at.
    pub filter: Option<String>,
}

/// A time that may pass: `{count: 12, period: hour}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    pub count: i64,
    pub period: Period,
}

/// What an age is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Minute,
    Hour,
    Day,
}

impl Period {
    pub const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// From the word of a properties file.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.name() == name)
    }
}

impl Age {
    /// From `{count: …, period: …}`, both of them said.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        let period = Period::find(value.get("period")?.as_str()?)?;
        Some(Self { count: value.get("count")?.as_i64()?, period })
    }

    #[must_use]
    pub fn duration(self) -> TimeDelta {
        let minutes = match self.period {
            Period::Minute => 1,
            Period::Hour => 60,
            Period::Day => 24 * 60,
        };
        let minutes = self.count.saturating_mul(minutes);
        TimeDelta::try_minutes(minutes).unwrap_or(if minutes < 0 { TimeDelta::MIN } else { TimeDelta::MAX })
    }
}

impl std::fmt::Display for Age {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let plural = if self.count == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.count, self.period.name())
    }
}

impl Freshness {
    /// From the value of a `freshness:` key; `None` where no age is given.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        let age = |key: &str| value.get(key).and_then(Age::read);
        let filter = value.get("filter").and_then(Value::as_str).map(str::to_owned);
        let found = Self { warn_after: age("warn_after"), error_after: age("error_after"), filter };
        (found.warn_after.is_some() || found.error_after.is_some()).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ages_are_read_and_counted() {
        let value = json!({"warn_after": {"count": 1, "period": "day"}, "error_after": {"count": null, "period": null}});
        let found = Freshness::read(&value).expect("an age is given");
        assert_eq!(found.warn_after.map(Age::duration), TimeDelta::try_hours(24));
        assert_eq!((found.error_after, found.filter), (None, None));
        assert_eq!(found.warn_after.map(|age| age.to_string()).as_deref(), Some("1 day"));
        assert_eq!(Freshness::read(&json!({"filter": "x"})), None);
        assert_eq!(Freshness::read(&json!(null)), None);
        let endless = Age { count: i64::MAX, period: Period::Day };
        assert_eq!(endless.duration(), TimeDelta::MAX);
    }
}
