use chrono::{DateTime, Utc};

use crate::context::Batch;
use crate::manifest::Node;
use crate::project::{Flags, TimeGrain, TimeWindow, moment};

/// What decides which batches of a microbatch model are built, beside its configuration.
#[derive(Clone, Copy, Debug)]
pub struct Moments<'a> {
    pub flags: &'a Flags,
    /// Everything up to now is to be there.
    pub now: DateTime<Utc>,
    /// The table is there and is added to; else all is built from `begin` on.
    pub is_incremental: bool,
}

/// The batches of a microbatch model that are to be built, the earliest first: those between
/// `--event-time-start` and `--event-time-end`, or that `--sample` touches; else from `begin`
/// on, or when the table is there already, the latest and `lookback` many before it. What a
/// batch size cuts is built whole.
/// See <https://docs.getdbt.com/docs/build/incremental-microbatch>.
#[must_use]
pub fn batches(node: &Node, moments: Moments<'_>) -> Vec<Batch> {
    let config = &node.config;
    // The parser has checked the configuration.
    let Some(size) = config.text("batch_size").and_then(TimeGrain::find) else { return Vec::new() };
    let begin = config.text("begin").and_then(moment).unwrap_or(moments.now);
    let asked = moments.flags.event_time.or(moments.flags.sample);
    let end = asked.map_or_else(|| size.ceiling(moments.now), |window| window.end);
    let start = match asked {
        Some(window) => window.start,
        None if moments.is_incremental => {
            let lookback = config.get("lookback").and_then(serde_json::Value::as_i64).unwrap_or(1);
            // The end is where a batch ends.
            size.offset(end, -lookback - 1).unwrap_or(begin)
        }
        None => begin,
    };
    windows(size, TimeWindow { start, end })
}

/// The batches that make up a window.
fn windows(size: TimeGrain, whole: TimeWindow) -> Vec<Batch> {
    let mut windows = Vec::new();
    let mut start = size.truncate(whole.start);
    while start < whole.end {
        let Some(end) = size.offset(start, 1) else { break };
        windows.push(TimeWindow { start, end });
        start = end;
    }
    in_order(size, windows)
}

/// Batches of given windows, in that order.
pub(super) fn in_order(size: TimeGrain, windows: Vec<TimeWindow>) -> Vec<Batch> {
    let last = windows.len().saturating_sub(1);
    let batch =
        |(at, window)| Batch { size, window, is_first: at == 0, is_last: at == last, is_later: at > 0 };
    windows.into_iter().enumerate().map(batch).collect()
}

impl super::BatchesLeft {
    /// The batches that are to be built again.
    #[must_use]
    pub fn batches(&self, node: &Node) -> Vec<Batch> {
        let size = node.config.text("batch_size").and_then(TimeGrain::find).unwrap_or(TimeGrain::Day);
        let mut batches = in_order(size, self.failed.clone());
        for batch in &mut batches {
            // The earlier run has made the table.
            batch.is_later |= !self.successful.is_empty();
        }
        batches
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::manifest::{NodeConfig, NodeKind, ResourceType, testing};
    use crate::text::{Files, Span};

    fn at(text: &str) -> DateTime<Utc> {
        moment(text).unwrap_or_default()
    }

    fn window(start: &str, end: &str) -> TimeWindow {
        TimeWindow { start: at(start), end: at(end) }
    }

    fn labels(config: Value, flags: &Flags, is_incremental: bool) -> String {
        let Value::Object(values) = config else { panic!("a config is a mapping") };
        let place = Span::start_of(Files::new().add("models/주문.sql", "").id());
        let mut node = testing::node(place, ResourceType::Model, "주문", NodeKind::Model(Box::default()));
        node.config = NodeConfig::new(values);
        let moments = Moments { flags, now: at("2020-01-03 13:57:00"), is_incremental };
        batches(&node, moments).iter().map(Batch::label).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn batches_go_from_begin_or_a_little_before_now_up_to_now() {
        let day = |lookback: i64| json!({"batch_size": "day", "begin": "2019-12-31", "lookback": lookback});
        let none = Flags::default();
        assert_eq!(labels(day(1), &none, false), "2019-12-31 2020-01-01 2020-01-02 2020-01-03");
        assert_eq!(labels(day(1), &none, true), "2020-01-02 2020-01-03");
        assert_eq!(labels(day(0), &none, true), "2020-01-03");
        assert_eq!(labels(day(2), &none, true), "2020-01-01 2020-01-02 2020-01-03");
        let hour = json!({"batch_size": "hour", "begin": "2020-01-03T12:30:00"});
        assert_eq!(labels(hour, &none, false), "2020-01-03T12 2020-01-03T13");
        assert_eq!(labels(json!({"batch_size": "year", "begin": "2021-01-01"}), &none, false), "");
    }

    #[test]
    fn flags_choose_the_batches_that_they_touch() {
        let month = || json!({"batch_size": "month", "begin": "2018-01-01"});
        let flags =
            Flags { event_time: Some(window("2020-01-03 05:00:00", "2020-02-15")), ..Flags::default() };
        assert_eq!(labels(month(), &flags, true), "2020-01 2020-02");
        let flags = Flags { event_time: Some(window("2020-01-01", "2020-02-01")), ..Flags::default() };
        assert_eq!(labels(month(), &flags, false), "2020-01");
        let flags = Flags { sample: Some(window("2019-11-30", "2019-12-02")), ..Flags::default() };
        assert_eq!(labels(month(), &flags, false), "2019-11 2019-12");
    }
}
