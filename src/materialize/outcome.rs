use crate::adapter::{Response, Rows};

/// What a data test found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Warn,
    Fail,
}

/// What became of a job that ran to its end.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What the warehouse said of the main statement.
    pub response: Option<Response>,
    /// The SQL that ran, as `target/run/` keeps it.
    pub run_code: String,
    /// Of a data test.
    pub verdict: Option<Verdict>,
    /// Of a data test: how many failures it counted.
    pub failures: Option<u64>,
    /// Of a data test: why it did not pass, as dbt words it.
    pub message: Option<String>,
    /// Of a data test that did not pass: its first rows. Of a preview: the rows.
    pub rows: Option<Rows>,
}
