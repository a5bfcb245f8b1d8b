//! The modules of Python that templates can use.
//! See <https://docs.getdbt.com/reference/dbt-jinja-functions/modules>.

mod date;
mod datetime;
mod itertools;
mod moment;
mod pytz;
mod re;
mod re_match;
mod re_syntax;
mod strftime;
mod strptime;
mod time;
mod timedelta;
mod watched;
mod zone;

#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use self::watched::Watched;
use super::LogSink;
use super::function::Bag;
use crate::jinja::Value;
use crate::project::WarnErrorOptions;
use crate::system::System;

/// `modules`: `datetime`, `pytz`, `re`, and `itertools`, each use of which is deprecated.
pub(super) fn modules(system: &Arc<dyn System>, log: &Arc<dyn LogSink>, options: &WarnErrorOptions) -> Value {
    static PYTZ: LazyLock<Value> = LazyLock::new(pytz::module);
    static RE: LazyLock<Value> = LazyLock::new(re::module);
    static ITERTOOLS: LazyLock<Value> = LazyLock::new(itertools::module);
    Bag::value(
        "modules",
        vec![
            ("datetime", datetime::module(system)),
            ("pytz", PYTZ.clone()),
            ("re", RE.clone()),
            ("itertools", Watched::value(ITERTOOLS.clone(), log, options)),
        ],
    )
}

/// A `datetime` in UTC.
pub(super) fn utc_value(moment: DateTime<Utc>) -> Value {
    moment::Moment::utc(moment).into_value()
}

/// A `datetime` without a zone.
pub(super) fn naive_value(moment: NaiveDateTime) -> Value {
    moment::Moment::naive(moment).into_value()
}

/// A `date`.
pub(super) fn date_value(date: NaiveDate) -> Value {
    date::Date { date }.into_value()
}

/// A `time`.
pub(super) fn time_value(time: NaiveTime) -> Value {
    time::Time { time }.into_value()
}
