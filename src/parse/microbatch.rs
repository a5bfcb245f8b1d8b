//! The configuration of models that are built batch by batch.

use serde_json::Value;

use super::config::Configured;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Manifest, Node};
use crate::project::{TimeGrain, moment};

/// What a microbatch model's configuration lacks, or has wrong.
/// See <https://docs.getdbt.com/docs/build/incremental-microbatch#relevant-configs>.
pub(super) fn check(node: &Node, configured: &Configured) -> Vec<Diagnostic> {
    if !node.is_microbatch() {
        return Vec::new();
    }
    let config = &node.config;
    let sizes = TimeGrain::ALL.map(TimeGrain::name);
    let wrong = |key: &str, problem: String, help: String| {
        let place = configured.place(key).or_else(|| configured.place("incremental_strategy"));
        Diagnostic::new(Code::InvalidConfig, format!("the microbatch model `{}` {problem}", node.name))
            .label(place.unwrap_or(node.body.part(0..0)), "")
            .help(help)
    };
    let mut found = Vec::new();
    // A value of another kind has been told of already.
    if config.get("event_time").is_none() && configured.place("event_time").is_none() {
        let help = "name the column that says when a row happened: `event_time: created_at`";
        found.push(wrong("event_time", "must provide an 'event_time' config".to_owned(), help.to_owned()));
    }
    match config.get("batch_size") {
        Some(Value::String(size)) if TimeGrain::find(size).is_some() => {}
        size => {
            let listed = format!("there are `{}`", sizes.join("`, `"));
            let problem = match size {
                None => "must provide a 'batch_size' config".to_owned(),
                Some(size) => format!("has the `batch_size` {size}, which there is not"),
            };
            let similar = size.and_then(Value::as_str);
            let similar = similar.and_then(|size| suggest::similar("batch size", size, sizes));
            found.push(wrong("batch_size", problem, similar.unwrap_or(listed)));
        }
    }
    let help =
        "say from when on there are rows: `begin: '2024-01-01'`, or with a time `'2024-01-01T08:00:00'`";
    match config.get("begin") {
        Some(Value::String(begin)) if moment(begin).is_some() => {}
        None => found.push(wrong("begin", "must provide a 'begin' config".to_owned(), help.to_owned())),
        Some(begin) => {
            let problem = format!("has the `begin` {begin}, which is no date");
            found.push(wrong("begin", problem, help.to_owned()));
        }
    }
    if config.get("lookback").and_then(Value::as_i64).is_some_and(|lookback| lookback < 0) {
        let help = "say how many batches before the latest are built again: 0 or more";
        found.push(wrong("lookback", "has a negative `lookback`".to_owned(), help.to_owned()));
    }
    found
}

/// Microbatch models that would read the whole of every input for each batch.
pub(super) fn unfiltered(manifest: &Manifest) -> Vec<Diagnostic> {
    let is_filtered = |node: &&Node| {
        let mut inputs = node.depends_on.iter().filter_map(|id| manifest.node(id));
        inputs.any(|input| input.config.text("event_time").is_some())
    };
    let models = manifest.nodes.values().filter(|node| node.is_microbatch() && !is_filtered(node));
    models
        .map(|node| {
            let message = format!("each batch of `{}` reads all rows of its inputs", node.name);
            Diagnostic::new(Code::UnfilteredBatches, message)
                .label(node.body.part(0..0), "no input has an `event_time`")
                .help(
                    "give the models or sources that it reads a config `event_time`, or rows may come twice",
                )
        })
        .collect()
}
