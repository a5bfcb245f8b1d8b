use super::{Job, Outcome};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::Value;
use crate::manifest::ResourceType;
use crate::text::SourceMap;

/// Fetches the first rows of a node: of what its template selects, or of a seed's table.
/// `limit` of `None` fetches all. The macro `get_show_sql` writes the query, which is the
/// outcome's `run_code`.
///
/// # Errors
/// The warehouse refuses the query, told at the template's line; a query with a limit of its
/// own is refused when there is another one.
/// See <https://docs.getdbt.com/reference/commands/show>.
pub fn preview(job: &Job<'_>, limit: Option<usize>) -> Result<Outcome, Diagnostic> {
    let (code, map) = match (job.compiled, job.node.resource_type, &job.node.relation) {
        (None, ResourceType::Seed, Some(relation)) => {
            (format!("select * from {relation}"), SourceMap::default())
        }
        (compiled, ..) => {
            let code = compiled.map_or("", |compiled| &compiled.code);
            let map = compiled.map(|compiled| compiled.source_map.clone()).unwrap_or_default();
            (without_semicolon(code).to_owned(), map)
        }
    };
    let context = job.context();
    let name = "get_show_sql";
    let package = job.invocation.macros.find(&job.invocation.root_package, name).unwrap_or("dbt");
    let header = job.node.config.text("sql_header").map_or(Value::from(()), Value::from);
    let arguments = [Value::from(code.as_str()), header, limit.map_or(Value::from(()), Value::from)];
    let written = job.invocation.engine.call(package, name, &arguments, &[], &context.value())?;
    let sql = written.to_string();
    let map = sql.find(&code).map_or_else(SourceMap::default, |at| map.shifted(at));
    let rows = context.query(&sql, &map).map_err(|refused| {
        if limit.is_some() && ends_in_limit(&code) && refused.code() == Code::DatabaseError {
            return refused.help("the query has a limit of its own: leave it as it is with `--limit -1`");
        }
        refused
    })?;
    Ok(Outcome { run_code: sql, rows: Some(rows), ..Outcome::default() })
}

/// A query for the first rows of another, whatever it ends in; the inner one may end in a
/// comment.
pub(super) fn first_rows_sql(query: &str, limit: usize) -> String {
    let query = without_semicolon(query);
    format!("select *\nfrom (\n{query}\n) as preview\nlimit {limit}")
}

fn without_semicolon(query: &str) -> &str {
    query.trim_end().trim_end_matches(';')
}

/// Whether the last words are `limit` and a number.
fn ends_in_limit(query: &str) -> bool {
    let mut words = query.split_whitespace().rev();
    let is_number = words.next().is_some_and(|word| word.parse::<u64>().is_ok());
    is_number && words.next().is_some_and(|word| word.eq_ignore_ascii_case("limit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_at_the_end_does_not_swallow_the_limit() {
        assert_eq!(
            first_rows_sql("select 1 -- 끝\n;", 5),
            "select *\nfrom (\nselect 1 -- 끝\n\n) as preview\nlimit 5"
        );
    }

    #[test]
    fn a_limit_at_the_end_is_seen() {
        assert!(ends_in_limit("select 1\nLIMIT 20 "));
        assert!(!ends_in_limit("select 1 as limit"));
        assert!(!ends_in_limit("select 한도 from t"));
    }
}
