use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::model::{finish, run_code, run_materialization};
use super::row_diff::row_diff;
use super::{Job, Outcome, Verdict, create_schemas, model};
use crate::adapter::{Cell, Relation, Rows};
use crate::compile::{Compiled, Compiler, PreparedTest, Scratch};
use crate::context::RelationValue;
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::Value;
use crate::manifest::{Manifest, Node, Subject, UnitTest, UnitTestFormat};
use crate::sql::RelationName;
use crate::text::SourceMap;

/// Compiles a unit test. Where a table that is left behind is expected, the schema that it is
/// built in is there then, with the rows given for `this`; [`clean_unit_test`] is to follow
/// whatever happens.
///
/// # Errors
/// The rows do not fit what they stand in for, or the template fails.
pub fn prepare_unit_test(job: &Job<'_>, compiler: &Compiler) -> Result<PreparedTest, Diagnostic> {
    let Some(test) = job.node.unit_test() else { return Err(no_unit_test(job)) };
    let fill = |manifest: &Arc<Manifest>, node: &Node, rows: Option<&Compiled>| {
        fill_scratch(&Job { manifest, node, ..job.copied() }, test, rows)
    };
    let scratch = Scratch { schema: scratch_schema(job), fill: &fill };
    let place = test.expects_table.then_some(&scratch);
    compiler.prepare_test(job.node, test, Some(&job.connection), place)
}

/// Runs a unit test and compares.
///
/// # Errors
/// The query could not be run, or the expected rows do not fit it. A test that ran and found a
/// difference is no error here.
pub fn unit_test(job: &Job<'_>, prepared: &PreparedTest) -> Result<Outcome, Diagnostic> {
    let Some(test) = job.node.unit_test() else { return Err(no_unit_test(job)) };
    if test.expect.format == UnitTestFormat::Value {
        return Ok(compare_values(&prepared.compiled.code, &test.expect.rows));
    }
    let left = match (&test.subject, test.expects_table) {
        (Subject::Node(id), true) => {
            let Some(node) = prepared.manifest.node(id) else { return Err(no_unit_test(job)) };
            let inner = Job {
                manifest: &prepared.manifest,
                node,
                compiled: Some(&prepared.compiled),
                ..job.copied()
            };
            model(&inner)?;
            let relation = node.relation.as_ref().map(ToString::to_string).unwrap_or_default();
            Some(Compiled::of_query(format!("select * from {relation}")))
        }
        _ => None,
    };
    let compiled = left.as_ref().unwrap_or(&prepared.compiled);
    let handle = run_materialization(&Job { compiled: Some(compiled), ..job.copied() }, "unit")
        .map_err(|diagnostic| explained(diagnostic, test))?;
    let rows = handle.rows.as_ref().ok_or_else(|| no_unit_test(job))?;
    let (names, expected, actual) = told_apart(rows);
    let (verdict, message) = match row_diff(&names, expected, actual) {
        None => (Verdict::Pass, None),
        Some(diff) => (Verdict::Fail, Some(format!("\n\nactual differs from expected:\n\n{diff}\n"))),
    };
    Ok(Outcome {
        response: handle.response.clone(),
        run_code: run_code(&handle),
        verdict: Some(verdict),
        failures: Some(u64::from(verdict == Verdict::Fail)),
        message,
        rows: None,
    })
}

/// Removes what a unit test needed a place for.
///
/// # Errors
/// The warehouse refuses.
pub fn clean_unit_test(job: &Job<'_>) -> Result<(), Diagnostic> {
    if !job.node.unit_test().is_some_and(|test| test.expects_table) {
        return Ok(());
    }
    let schema = scratch_schema(job);
    let dialect = job.invocation.adapter.dialect();
    let mut name = RelationName::new(dialect, &job.node.database, &schema, "");
    name.identifier = None;
    let relation = RelationValue::new(Relation { name, kind: None }).into_value();
    let context = job.context();
    let dropped = job.invocation.engine.call("dbt", "drop_schema", &[relation], &[], &context.value());
    finish(job, &context, dropped)?;
    job.cache.drop_schema(&job.node.database, &schema);
    Ok(())
}

/// A schema of this run and this test alone.
fn scratch_schema(job: &Job<'_>) -> String {
    let digest = Sha256::digest(format!("{} {}", job.invocation.id, job.node.id).as_bytes());
    digest.iter().take(6).fold("xform_unit_test_".to_owned(), |mut name, byte| {
        // Writing to a text cannot fail.
        let _ = write!(name, "{byte:02x}");
        name
    })
}

/// Makes the schema and the table that the model finds there.
fn fill_scratch(job: &Job<'_>, test: &UnitTest, rows: Option<&Compiled>) -> Result<(), Diagnostic> {
    create_schemas(job, &BTreeSet::from([(job.node.database.clone(), job.node.schema.clone())]))?;
    let (Some(rows), Some(relation)) = (rows, &job.node.relation) else { return Ok(()) };
    let kind = Some(crate::adapter::RelationType::Table);
    let table = Relation { name: relation.clone(), kind };
    let context = job.context();
    let arguments =
        [Value::from(false), RelationValue::new(table.clone()).into_value(), Value::from(rows.code.as_ref())];
    let engine = &job.invocation.engine;
    let made = engine
        .call("dbt", "create_table_as", &arguments, &[], &context.value())
        .and_then(|sql| context.execute(&sql.to_string(), &SourceMap::default()));
    let made = made.map_err(|diagnostic| {
        let given = test.given.iter().find(|input| input.input.trim() == "this");
        explained(diagnostic.also(given.map(|input| input.span), "the rows of `this`"), test)
    });
    finish(job, &context, made)?;
    job.cache.add(table);
    Ok(())
}

/// What a macro returned against what it was to return: texts without regard to white space,
/// other values by value.
fn compare_values(found: &str, expected: &Json) -> Outcome {
    let one_spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (is_same, expected) = match expected {
        Json::String(expected) => (one_spaced(expected) == one_spaced(found), expected.clone()),
        expected => {
            let value = serde_json::from_str::<Json>(found.trim()).ok();
            (value.is_some_and(|value| is_alike(&value, expected)), expected.to_string())
        }
    };
    let message = format!(
        "\n\nactual differs from expected:\n\nexpected: {}\nactual:   {}\n\n",
        expected.trim(),
        found.trim()
    );
    Outcome {
        verdict: Some(if is_same { Verdict::Pass } else { Verdict::Fail }),
        failures: Some(u64::from(!is_same)),
        message: (!is_same).then_some(message),
        ..Outcome::default()
    }
}

/// `1` and `1.0` are the same number.
fn is_alike(one: &Json, two: &Json) -> bool {
    match (one, two) {
        (Json::Number(one), Json::Number(two)) => one == two || one.as_f64() == two.as_f64(),
        (Json::Array(one), Json::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| is_alike(one, two))
        }
        (Json::Object(one), Json::Object(two)) => {
            one.len() == two.len()
                && one.iter().all(|(key, value)| two.get(key).is_some_and(|other| is_alike(value, other)))
        }
        (one, two) => one == two,
    }
}

/// The columns but the last, which says which rows were expected; the expected; the actual.
fn told_apart(rows: &Rows) -> (Vec<String>, Vec<Vec<Cell>>, Vec<Vec<Cell>>) {
    let mark = rows.column("actual_or_expected").unwrap_or(rows.names.len().saturating_sub(1));
    let mut names = rows.names.clone();
    names.truncate(mark);
    let (mut expected, mut actual) = (Vec::new(), Vec::new());
    for row in &rows.rows {
        let cells = row.iter().take(mark).cloned().collect();
        match row.get(mark).and_then(Cell::as_str) {
            Some("expected") => expected.push(cells),
            _ => actual.push(cells),
        }
    }
    (names, expected, actual)
}

/// An error of the warehouse that may lie in what the test gives.
fn explained(diagnostic: Diagnostic, test: &UnitTest) -> Diagnostic {
    let diagnostic = match diagnostic.span() {
        Some(_) => diagnostic,
        None => diagnostic.label(test.span, ""),
    };
    let is_of_warehouse = diagnostic.code() == Code::DatabaseError && diagnostic.help_text().is_none();
    diagnostic.help(
        is_of_warehouse
            .then_some("the rows of the unit test may be of other types than the columns they are for"),
    )
}

fn no_unit_test(job: &Job<'_>) -> Diagnostic {
    let message = format!("the unit test `{}` gave no rows to compare", job.node.name);
    Diagnostic::error(Code::DatabaseError, message).label(job.node.body, "").help(
        "an overridden `materialization_unit_default` must fetch the rows with `statement('main', fetch_result=true)`",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn passes(found: &str, expected: &Json) -> bool {
        compare_values(found, expected).verdict == Some(Verdict::Pass)
    }

    #[test]
    fn texts_are_compared_without_white_space_and_values_by_value() {
        assert!(passes("\n  select 1\n    as id ", &json!("select 1 as id")));
        assert!(!passes("select 2 as id", &json!("select 1 as id")));
        assert!(passes("[1, 2.0]", &json!([1, 2])));
        assert!(passes("{\"가\": null}", &json!({"가": null})));
        assert!(!passes("[1]", &json!([1, 2])));
        assert!(!passes("no json", &json!(1)));
    }
}
