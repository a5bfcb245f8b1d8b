use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::node_json::DependsOnJson;
use crate::manifest::{Node, UnitTest, UnitTestFormat, UnitTestInput, UnitTestRows};

/// A unit test in `manifest.json`.
#[derive(Debug, Serialize)]
pub(super) struct UnitTestJson<'a> {
    model: &'a str,
    given: Vec<GivenJson<'a>>,
    expect: RowsJson<'a>,
    name: &'a str,
    resource_type: &'static str,
    package_name: &'a str,
    path: &'a str,
    original_file_path: &'a str,
    unique_id: &'a str,
    fqn: &'a [String],
    description: &'a str,
    overrides: Option<&'a Map<String, Value>>,
    depends_on: DependsOnJson<'a>,
    config: &'a Map<String, Value>,
    checksum: &'a str,
    schema: &'a str,
    created_at: f64,
    versions: Option<&'a Value>,
    version: Option<&'a Value>,
}

#[derive(Debug, Serialize)]
struct GivenJson<'a> {
    input: &'a str,
    #[serde(flatten)]
    rows: RowsJson<'a>,
}

#[derive(Debug, Serialize)]
struct RowsJson<'a> {
    rows: Cow<'a, Value>,
    format: &'static str,
    fixture: Option<&'a str>,
}

impl<'a> UnitTestJson<'a> {
    pub(super) fn new(node: &'a Node, test: &'a UnitTest) -> Self {
        Self {
            model: &test.model,
            given: test.given.iter().map(GivenJson::new).collect(),
            expect: RowsJson::new(&test.expect),
            name: &node.name,
            resource_type: node.resource_type.name(),
            package_name: &node.package,
            path: &node.path,
            original_file_path: &node.original_file_path,
            unique_id: node.id.as_str(),
            fqn: &node.fqn,
            description: &node.description,
            overrides: test.overrides.as_ref(),
            depends_on: DependsOnJson::of(node),
            config: node.config.values(),
            checksum: &node.checksum,
            schema: &node.schema,
            created_at: node.created_at,
            versions: test.versions.as_ref(),
            version: test.version.as_ref(),
        }
    }
}

impl<'a> GivenJson<'a> {
    fn new(input: &'a UnitTestInput) -> Self {
        Self { input: &input.input, rows: RowsJson::new(&input.rows) }
    }
}

impl<'a> RowsJson<'a> {
    fn new(rows: &'a UnitTestRows) -> Self {
        // The schema knows no values that macros return: they are shown as text.
        let (rows_json, format) = match (rows.format, &rows.rows) {
            (UnitTestFormat::Value, Value::String(_)) => (Cow::Borrowed(&rows.rows), "sql"),
            (UnitTestFormat::Value, value) => (Cow::Owned(Value::String(value.to_string())), "sql"),
            (format, value) => (Cow::Borrowed(value), format.name()),
        };
        Self { rows: rows_json, format, fixture: rows.fixture.as_deref() }
    }
}
