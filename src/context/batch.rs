use serde_json::Value as Json;

use super::modules::utc_value;
use super::values::dict;
use crate::jinja::{Value, from_json};
use crate::project::{TimeGrain, TimeWindow};

/// A part of a microbatch model: the rows of one window of event time.
/// See <https://docs.getdbt.com/docs/build/incremental-microbatch>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    pub size: TimeGrain,
    pub window: TimeWindow,
    /// Hooks before the model run with this one.
    pub is_first: bool,
    /// Hooks after the model run with this one.
    pub is_last: bool,
    /// An earlier batch of this run has made the table: not even `--full-refresh` makes it
    /// anew.
    pub is_later: bool,
}

impl Batch {
    /// As lines and files name it: `2020-01-01`.
    #[must_use]
    pub fn label(&self) -> String {
        self.size.label(self.window.start)
    }

    /// As `model.batch.id` has it: `20200101`.
    #[must_use]
    pub fn id(&self) -> String {
        self.label().replace('-', "")
    }

    /// What `model` is while the batch is made: the node's fields with `batch`, and the
    /// window under the keys of the config that strategies of packages read.
    pub(super) fn fields(&self, node: &Json) -> Value {
        let (start, end) = (utc_value(self.window.start), utc_value(self.window.end));
        let batch = dict([
            ("id", Value::from(self.id())),
            ("event_time_start", start.clone()),
            ("event_time_end", end.clone()),
        ]);
        let entries = node.as_object().into_iter().flatten();
        let entries = entries.map(|(key, value)| match value {
            Json::Object(config) if key == "config" => {
                let config = config.iter().map(|(key, value)| (key.as_str(), from_json(value)));
                let window = [
                    ("__dbt_internal_microbatch_event_time_start", start.clone()),
                    ("__dbt_internal_microbatch_event_time_end", end.clone()),
                ];
                (key.as_str(), dict(config.chain(window)))
            }
            value => (key.as_str(), from_json(value)),
        });
        dict(entries.chain([("batch", batch)]).collect::<Vec<_>>())
    }
}
