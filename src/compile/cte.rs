use std::sync::Arc;

use super::Cte;
use crate::sql::{Dialect, with_ctes};
use crate::text::SourceMap;

/// A query's SQL with ephemeral models put before it, and the map of the whole: the
/// query's bytes lead to its own template, a CTE's to the ephemeral model's.
pub(super) fn inject(
    code: &Arc<str>,
    source_map: &SourceMap,
    ctes: &[Cte],
    dialect: Dialect,
) -> (Arc<str>, SourceMap) {
    let definitions: Vec<(String, String)> =
        ctes.iter().map(|cte| (cte.name.clone(), cte.code.to_string())).collect();
    let made = with_ctes(code, &definitions, dialect);
    let Some((at, length)) = made.inserted else { return (Arc::clone(code), source_map.clone()) };
    let map = source_map.clone();
    let parts: Vec<_> = ctes.iter().map(|cte| cte.source_map.clone()).zip(made.bodies).collect();
    let map = SourceMap::lazy(move || {
        let around = map.spliced(at..at, length);
        parts.into_iter().fold(around, |map, (part, body)| map.with_part(&part, body))
    });
    (Arc::from(made.text), map)
}
