use std::sync::PoisonError;

use super::model::{run_code, run_materialization};
use super::{Job, Outcome, TestStatements, Verdict};
use crate::adapter::{Cell, Response, Rows};
use crate::diagnostic::{Code, Diagnostic, WarningName};
use crate::manifest::NodeConfig;
use crate::text::SourceMap;

/// How many failing rows a report shows.
const SHOWN_ROWS: usize = 5;

/// Runs a data test: its materialization gives one row with `failures`, `should_warn`
/// and `should_error`; `severity` decides what these mean.
/// See <https://docs.getdbt.com/reference/resource-configs/severity>.
///
/// Where `statements` knows what the materialization would send, that is sent. A statement that
/// fails is left to the materialization, so that it is told as ever.
///
/// # Errors
/// The test could not be run. A test that ran and found failures is no error here.
pub fn data_test(job: &Job<'_>, statements: Option<&TestStatements>) -> Result<Outcome, Diagnostic> {
    let asked = match statements.and_then(|statements| statements.of(job)) {
        Some(statement) => job.context().query_untyped(&statement).ok().map(|rows| (rows, statement)),
        None => None,
    };
    let (rows, response, run_code) = match asked {
        Some((rows, statement)) => {
            keep(job, &statement);
            let response = Some(response(&rows));
            (rows, response, statement)
        }
        None => {
            let handle = run_materialization(job, "test")?;
            let code = run_code(&handle);
            (handle.rows.ok_or_else(|| malformed(job, "no rows"))?, handle.response, code)
        }
    };
    let counted = Counted::read(&rows).map_err(|found| malformed(job, &found))?;
    let (verdict, message) = counted.judge(&job.node.config);
    // `--warn-error`: what would be a warning is a failure.
    let is_strict = job.invocation.flags.warn_error_options.is_error(WarningName::LogTestResult);
    let verdict = if verdict == Verdict::Warn && is_strict { Verdict::Fail } else { verdict };
    let rows = match verdict {
        Verdict::Pass => None,
        Verdict::Warn | Verdict::Fail => failing_rows(job),
    };
    Ok(Outcome {
        response,
        run_code,
        verdict: Some(verdict),
        failures: Some(counted.failures),
        message,
        rows,
    })
}

/// What [`data_test`] gives for a test of which it is known already that it finds nothing;
/// `None` where it has to be run for all that.
#[must_use]
pub fn passed_test(job: &Job<'_>, statements: &TestStatements) -> Option<Outcome> {
    let run_code = statements.of(job)?;
    keep(job, &run_code);
    let one_row = Rows { rows: vec![Vec::new()], ..Rows::default() };
    Some(Outcome {
        response: Some(response(&one_row)),
        run_code,
        verdict: Some(Verdict::Pass),
        failures: Some(0),
        message: None,
        rows: None,
    })
}

/// Keeps the SQL that ran, for `target/run/`.
fn keep(job: &Job<'_>, statement: &str) {
    statement.clone_into(&mut job.ran.lock().unwrap_or_else(PoisonError::into_inner));
}

/// What the macro `statement` makes of rows that were fetched.
fn response(rows: &Rows) -> Response {
    Response { message: "OK".to_owned(), rows_affected: Some(rows.rows.len() as u64) }
}

/// The row that the test's query gives.
struct Counted {
    failures: u64,
    should_warn: bool,
    should_error: bool,
}

impl Counted {
    fn read(rows: &Rows) -> Result<Self, String> {
        let [row] = rows.rows.as_slice() else { return Err(format!("{} rows", rows.rows.len())) };
        let cell = |name: &str| {
            let at = rows.names.iter().position(|found| found.eq_ignore_ascii_case(name));
            at.and_then(|at| row.get(at)).ok_or_else(|| format!("no column `{name}`"))
        };
        Ok(Self {
            failures: count(cell("failures")?)?,
            should_warn: truth(cell("should_warn")?)?,
            should_error: truth(cell("should_error")?)?,
        })
    }

    fn judge(&self, config: &NodeConfig) -> (Verdict, Option<String>) {
        let severity = config.text("severity").unwrap_or("error").to_lowercase();
        let warn_if = config.text("warn_if").unwrap_or("!= 0");
        let error_if = config.text("error_if").unwrap_or("!= 0");
        let results = if self.failures == 1 { "result" } else { "results" };
        let got = |action: &str, condition: &str| {
            Some(format!("Got {} {results}, configured to {action} if {condition}", self.failures))
        };
        if severity == "error" && self.should_error {
            (Verdict::Fail, got("fail", error_if))
        } else if self.should_warn {
            (Verdict::Warn, got("warn", warn_if))
        } else {
            (Verdict::Pass, None)
        }
    }
}

/// A count of failures: a whole number, also where the warehouse makes another kind of
/// number of it. `sum` over no rows is NULL, which is none.
fn count(cell: &Cell) -> Result<u64, String> {
    let number = match cell {
        Cell::Null => return Ok(0),
        Cell::Int(number) => u64::try_from(*number).ok(),
        Cell::Bool(flag) => Some(u64::from(*flag)),
        Cell::Float(number) => format!("{number:.0}").parse().ok(),
        Cell::Decimal(text) | Cell::Text(text) => {
            text.trim().split('.').next().and_then(|whole| whole.parse().ok())
        }
        _ => None,
    };
    number.ok_or_else(|| format!("`{cell:?}` for `failures`, which is not a count"))
}

/// A truth value, also as a number or text.
fn truth(cell: &Cell) -> Result<bool, String> {
    match cell {
        Cell::Bool(flag) => Ok(*flag),
        Cell::Null => Ok(false),
        Cell::Int(number) => Ok(*number != 0),
        Cell::Text(text) if is_one_of(text, ["true", "t"]) => Ok(true),
        Cell::Text(text) if is_one_of(text, ["false", "f"]) => Ok(false),
        other => Err(format!("`{other:?}`, which is neither true nor false")),
    }
}

fn is_one_of(text: &str, words: [&str; 2]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn malformed(job: &Job<'_>, found: &str) -> Diagnostic {
    let message = format!("the query of the test `{}` gave {found}", job.node.name);
    Diagnostic::error(Code::DatabaseError, message).label(test_place(job), "").help(
        "a test's `fail_calc` must count over the rows, and an overridden `get_test_sql` must give \
         `failures`, `should_warn` and `should_error`",
    )
}

fn test_place(job: &Job<'_>) -> crate::text::Span {
    job.node.data_test().map_or(job.node.body, |test| test.span)
}

/// The first failing rows; the report does without them when they cannot be had.
fn failing_rows(job: &Job<'_>) -> Option<Rows> {
    let compiled = job.compiled?;
    let query = super::preview::first_rows_sql(&compiled.code, SHOWN_ROWS);
    job.context().query(&query, &SourceMap::default()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn judge(
        config: serde_json::Value,
        failures: u64,
        should_warn: bool,
        should_error: bool,
    ) -> (Verdict, Option<String>) {
        let serde_json::Value::Object(values) = config else { panic!("a config is a mapping") };
        Counted { failures, should_warn, should_error }.judge(&NodeConfig::new(values))
    }

    #[test]
    fn severity_decides_between_warn_and_fail() {
        let (verdict, message) = judge(json!({}), 3, true, true);
        assert_eq!(verdict, Verdict::Fail);
        assert_eq!(message.as_deref(), Some("Got 3 results, configured to fail if != 0"));
        assert_eq!(judge(json!({"severity": "warn"}), 3, true, true).0, Verdict::Warn);
        let (verdict, message) = judge(json!({"error_if": "> 10", "warn_if": "> 0"}), 1, true, false);
        assert_eq!(verdict, Verdict::Warn);
        assert_eq!(message.as_deref(), Some("Got 1 result, configured to warn if > 0"));
        assert_eq!(judge(json!({}), 0, false, false), (Verdict::Pass, None));
    }

    #[test]
    fn counts_come_in_many_types_and_anything_else_is_refused() {
        assert_eq!(count(&Cell::Decimal("12".to_owned())), Ok(12));
        assert_eq!(count(&Cell::Null), Ok(0));
        assert_eq!(count(&Cell::Float(2.0)), Ok(2));
        assert!(count(&Cell::Int(-1)).is_err());
        assert!(count(&Cell::Text("many".to_owned())).is_err());
        assert_eq!(truth(&Cell::Int(1)), Ok(true));
        assert!(truth(&Cell::Text("maybe".to_owned())).is_err());
    }

    #[test]
    fn a_row_without_the_three_columns_is_told() {
        let rows = Rows {
            names: vec!["n".to_owned()],
            types: vec!["INTEGER".to_owned()],
            rows: vec![vec![Cell::Int(1)]],
        };
        assert_eq!(Counted::read(&rows).err().as_deref(), Some("no column `failures`"));
    }
}
