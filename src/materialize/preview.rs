use super::{Job, Outcome};
use crate::diagnostic::Diagnostic;
use crate::manifest::ResourceType;
use crate::text::SourceMap;

/// Fetches the first rows of a node: of what its template selects, or of a seed's table.
/// `limit` of `None` fetches all.
///
/// # Errors
/// The warehouse refuses the query, told at the template's line.
pub fn preview(job: &Job<'_>, limit: Option<usize>) -> Result<Outcome, Diagnostic> {
    let (sql, map) = match (job.compiled, job.node.resource_type, &job.node.relation) {
        (None, ResourceType::Seed, Some(relation)) => {
            (preview_sql(&format!("select * from {relation}"), limit), SourceMap::default())
        }
        (compiled, ..) => {
            let code = compiled.map_or("", |compiled| &compiled.code);
            let map = compiled.map(|compiled| (*compiled.source_map).clone()).unwrap_or_default();
            (preview_sql(code, limit), if limit.is_some() { map.shifted(PREFIX.len()) } else { map })
        }
    };
    let rows = job.context().query(&sql, &map)?;
    Ok(Outcome { run_code: sql, rows: Some(rows), ..Outcome::default() })
}

const PREFIX: &str = "select *\nfrom (\n";

/// A query for the first rows of another; the inner one may end in a comment. Without a
/// limit it is the query itself.
#[must_use]
pub fn preview_sql(query: &str, limit: Option<usize>) -> String {
    let query = query.trim_end().trim_end_matches(';');
    match limit {
        Some(limit) => format!("{PREFIX}{query}\n) as preview\nlimit {limit}"),
        None => query.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::preview_sql;

    #[test]
    fn a_comment_at_the_end_does_not_swallow_the_limit() {
        assert_eq!(
            preview_sql("select 1 -- 끝\n;", Some(5)),
            "select *\nfrom (\nselect 1 -- 끝\n\n) as preview\nlimit 5"
        );
        assert_eq!(preview_sql("select 1", None), "select 1");
    }
}
