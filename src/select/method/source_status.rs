use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::NodeId;
use crate::select::Surroundings;
use crate::state::compared_sources;

/// `source_status:fresher`, the only value there is.
pub(super) fn parse(raw: &str, value: &str) -> Result<(), Diagnostic> {
    if value == "fresher" {
        return Ok(());
    }
    let message = format!("`{value}` in `{raw}` is no status of a source that can be selected");
    Err(Diagnostic::new(Code::InvalidSelector, message)
        .help("write `source_status:fresher`: sources with newer rows than in the state"))
}

/// The sources whose newest row is newer than what the earlier `sources.json` knows, and those
/// that it does not know.
pub(super) fn find(around: &Surroundings<'_>) -> Result<BTreeSet<NodeId>, Diagnostic> {
    let (before, now) = compared_sources(around.previous)?;
    let (before, now) = (newest(before), newest(now));
    let is_fresher = |(id, loaded): (&str, Option<DateTime<_>>)| {
        let is_newer = match (before.get(id), loaded) {
            (Some(before), Some(now)) => before.is_none_or(|before| now > before),
            (None, Some(_)) => true,
            // It could not be looked at.
            (_, None) => false,
        };
        is_newer.then(|| NodeId::new(id))
    };
    let ids = now.into_iter().filter_map(is_fresher);
    Ok(ids.filter(|id| around.manifest.node(id).is_some()).collect())
}

/// When the newest row of each source was loaded; `None` for one that could not be asked.
fn newest(sources: &Value) -> BTreeMap<&str, Option<DateTime<chrono::FixedOffset>>> {
    let results = sources.get("results").and_then(Value::as_array).into_iter().flatten();
    let one = |result: &'_ Value| {
        let loaded = result.get("max_loaded_at").and_then(Value::as_str);
        loaded.and_then(|text| DateTime::parse_from_rfc3339(text).ok())
    };
    results.filter_map(|result| Some((result.get("unique_id")?.as_str()?, one(result)))).collect()
}
