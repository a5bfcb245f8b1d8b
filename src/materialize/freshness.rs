use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::{Job, Verdict};
use crate::adapter::{Cell, Response, Rows};
use crate::context::{RelationValue, RunContext, rows_of};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Value, list_value};
use crate::manifest::{Freshness, Source};

/// How old a source is.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// When its newest row was loaded; of an empty table the beginning of time.
    pub max_loaded_at: DateTime<Utc>,
    pub snapshotted_at: DateTime<Utc>,
    pub verdict: Verdict,
    /// What it was held against, as the manifest shows it.
    pub criteria: Json,
    pub response: Option<Response>,
}

/// Asks when a source was last loaded, by the macro `collect_freshness`, and holds it against
/// its `freshness:`. See <https://docs.getdbt.com/reference/resource-properties/freshness>.
///
/// # Errors
/// Nothing tells when it was loaded, the warehouse refuses the query, or the answer is no time.
pub fn freshness(job: &Job<'_>, source: &Source) -> Result<Found, Diagnostic> {
    let context = job.context();
    let answer = ask(job, source, &context);
    let answer = super::model::finish(job, &context, answer).map_err(|told| at_source(job, told))?;
    let (row, response) = row(job, &answer)?;
    let max_loaded_at = time(job, source, &row[0])?.unwrap_or(BEGINNING);
    let snapshotted_at = time(job, source, &row[1])?.unwrap_or_else(|| job.invocation.system.now());
    let criteria = source.freshness.clone().unwrap_or_default();
    let limits = Freshness::read(&criteria).unwrap_or_default();
    let age = snapshotted_at - max_loaded_at;
    let is_past = |limit: Option<crate::manifest::Age>| limit.is_some_and(|limit| age > limit.duration());
    let verdict = match (is_past(limits.error_after), is_past(limits.warn_after)) {
        (true, _) => Verdict::Fail,
        (false, true) => Verdict::Warn,
        (false, false) => Verdict::Pass,
    };
    Ok(Found { max_loaded_at, snapshotted_at, verdict, criteria, response })
}

/// dbt's time for what was never loaded: the first that Python has.
const BEGINNING: DateTime<Utc> = match chrono::NaiveDate::from_ymd_opt(1, 1, 1) {
    Some(date) => date.and_time(chrono::NaiveTime::MIN).and_utc(),
    None => DateTime::<Utc>::MIN_UTC,
};

/// An error in the library's own macros is told at the source.
fn at_source(job: &Job<'_>, told: Diagnostic) -> Diagnostic {
    match told.span() {
        Some(span) if job.invocation.engine.is_library(span.file) => told.relocated(span.file, job.node.body),
        _ => told,
    }
}

/// What the macro answers.
fn ask(job: &Job<'_>, source: &Source, context: &RunContext) -> Result<Value, Diagnostic> {
    let invocation = job.invocation;
    let names = context.value();
    let name = job.node.relation.clone().unwrap_or_else(|| {
        let dialect = invocation.adapter.dialect();
        crate::sql::RelationName::new(dialect, &job.node.database, &job.node.schema, &source.identifier)
    });
    let named = RelationValue::of_node(job.node, name);
    let relation = named.clone().into_value();
    let call = |name: &str, keywords: &[(&str, Value)]| {
        let owner = invocation.macros.find(&invocation.root_package, name).unwrap_or("dbt");
        invocation.engine.call(owner, name, &[], keywords, &names)
    };
    if let Some(query) = &source.loaded_at_query {
        let query = invocation.engine.evaluate(query, job.node.body, &names)?;
        return call("collect_freshness_custom_sql", &[("source", relation), ("loaded_at_query", query)]);
    }
    let Some(field) = &source.loaded_at_field else {
        if invocation.adapter.capabilities().has_table_freshness {
            let schema = named.information_schema(None).into_value();
            let relations = list_value(vec![relation]);
            return call(
                "get_relation_last_modified",
                &[("information_schema", schema), ("relations", relations)],
            );
        }
        let message = format!(
            "Could not compute freshness for source {}: no 'loaded_at_field' provided and {} adapter does not \
             support metadata-based freshness checks.",
            job.node.name,
            invocation.adapter.name()
        );
        return Err(Diagnostic::error(Code::MissingLoadedAt, message)
            .label(job.node.body, "")
            .help("name the column that tells when a row was loaded: `loaded_at_field: loaded_at`"));
    };
    let filter = source.freshness.as_ref().and_then(|freshness| freshness.get("filter")?.as_str());
    let filter = match filter {
        Some(filter) => invocation.engine.evaluate(filter, job.node.body, &names)?,
        None => Value::from(()),
    };
    let field = invocation.engine.evaluate(field, job.node.body, &names)?;
    call("collect_freshness", &[("source", relation), ("loaded_at_field", field), ("filter", filter)])
}

/// The one row of an answer. Older macros answer with the table alone; what the warehouse itself
/// knows has the relation's schema and name before the two times.
fn row(job: &Job<'_>, answer: &Value) -> Result<([Cell; 2], Option<Response>), Diagnostic> {
    let table = answer.get_attr("table").ok().and_then(|table| rows_of(&table));
    let response = answer.get_attr("response").ok().filter(|response| !response.is_undefined());
    let response = response.map(|response| Response { message: response.to_string(), rows_affected: None });
    match table.or_else(|| rows_of(answer)) {
        Some(Rows { rows, .. }) => match rows.as_slice() {
            [row] => match row.as_slice() {
                [_, _, max, now] | [max, now, ..] => Ok(([max.clone(), now.clone()], response)),
                _ => Err(malformed(job, "a row of one column")),
            },
            rows => Err(malformed(job, &format!("{} rows", rows.len()))),
        },
        None => Err(malformed(job, "no table")),
    }
}

fn malformed(job: &Job<'_>, found: &str) -> Diagnostic {
    let message = format!("Got an invalid result from \"collect_freshness\" macro: {found}");
    Diagnostic::error(Code::InvalidConfig, message)
        .label(job.node.body, "")
        .help("it has to answer with one row: when the newest row was loaded, and the time now")
}

/// A time of the answer; without a zone it is universal time.
fn time(job: &Job<'_>, source: &Source, cell: &Cell) -> Result<Option<DateTime<Utc>>, Diagnostic> {
    let kind = match cell {
        Cell::Null => return Ok(None),
        Cell::Timestamp(time) => return Ok(Some(time.and_utc())),
        Cell::TimestampTz(time) => return Ok(Some(*time)),
        Cell::Date(_) => "date",
        Cell::Text(_) | Cell::Other(_) => "str",
        Cell::Int(_) | Cell::Bool(_) => "int",
        Cell::Float(_) | Cell::Decimal(_) => "number",
        Cell::Time(_) => "time",
        Cell::Bytes(_) => "bytes",
    };
    let field = source.loaded_at_field.as_deref().unwrap_or("loaded_at_query");
    let message = format!(
        "Expected a timestamp value when querying field '{field}' of table {} but received value of type \
         '{kind}' instead",
        job.node.relation.as_ref().map_or_else(|| job.node.name.clone(), ToString::to_string)
    );
    Err(Diagnostic::error(Code::InvalidConfig, message)
        .label(job.node.body, "")
        .help(format!("make it one: `loaded_at_field: \"cast({field} as timestamp)\"`")))
}
