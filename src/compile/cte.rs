use std::sync::Arc;

use super::Cte;
use crate::sql::{Dialect, with_ctes};
use crate::text::SourceMap;

/// A query's SQL with ephemeral models put before it, and the map of the whole: the
/// query's bytes lead to its own template, a CTE's to the ephemeral model's.
pub(super) fn inject(
    code: &Arc<str>,
    source_map: &Arc<SourceMap>,
    ctes: &[Cte],
    dialect: Dialect,
) -> (Arc<str>, Arc<SourceMap>) {
    let definitions: Vec<(String, String)> =
        ctes.iter().map(|cte| (cte.name.clone(), cte.code.to_string())).collect();
    let made = with_ctes(code, &definitions, dialect);
    let Some((at, length)) = made.inserted else { return (Arc::clone(code), Arc::clone(source_map)) };
    let mut map = (**source_map).clone().spliced(at..at, length);
    for (cte, body) in ctes.iter().zip(&made.bodies) {
        map = map.with_part(&cte.source_map, body.clone());
    }
    (Arc::from(made.text), Arc::new(map))
}
