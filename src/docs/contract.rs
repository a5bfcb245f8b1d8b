//! The shapes of the parts, as `site/src/data.ts` has them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// The place of a node, macro or group among all of them, by unique id.
pub(super) type Id = usize;

fn is_empty(values: &[impl Sized]) -> bool {
    values.is_empty()
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde gives references")]
fn is_false(value: &bool) -> bool {
    !value
}

#[derive(Debug, Serialize)]
pub(super) struct Index<'a> {
    pub format: u32,
    /// Stands before all that is long: the server changes it without reading the rest.
    pub is_live: bool,
    pub generated_at: &'a str,
    pub xform: &'static str,
    pub project: &'a str,
    pub adapter: &'a str,
    pub target: &'a str,
    pub has_code: bool,
    pub is_compiled: bool,
    pub searches: usize,
    pub chunk: usize,
    pub overview: Cow<'a, str>,
    pub packages: Vec<PackageText<'a>>,
    pub groups: BTreeMap<&'a str, Owner<'a>>,
    pub runs: Vec<Run<'a>>,
    #[serde(skip_serializing_if = "is_empty")]
    pub notices: &'a [String],
    pub nodes: Vec<Entry<'a>>,
}

#[derive(Debug, Serialize)]
pub(super) struct PackageText<'a> {
    pub name: &'a str,
    pub overview: &'a str,
}

#[derive(Debug, Serialize)]
pub(super) struct Owner<'a> {
    pub owner: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(super) struct Run<'a> {
    pub id: &'a str,
    pub command: &'a str,
    pub at: String,
    pub seconds: f64,
    pub counts: BTreeMap<&'a str, usize>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Entry<'a> {
    pub id: &'a str,
    pub kind: &'static str,
    pub name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<Cow<'a, str>>,
    pub package: &'a str,
    pub path: &'a str,
    pub fqn: Cow<'a, [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation: Option<[&'a str; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub materialized: Option<&'a str>,
    #[serde(skip_serializing_if = "is_empty")]
    pub tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub is_latest: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub is_prerelease: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<&'static str>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub summary: String,
    pub depends: Vec<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attached: Option<Id>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<Cow<'a, str>>,
    /// Known, described, tested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub columns: Option<[usize; 3]>,
    /// Status, seconds, run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<(&'a str, f64, usize)>,
    /// Status, when looked at, newest row, age in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freshness: Option<(&'a str, &'a str, &'a str, f64)>,
    #[serde(skip_serializing_if = "is_false")]
    pub hidden: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(super) struct Nodes<'a> {
    pub nodes: Vec<Detail<'a>>,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Detail<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Column<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compiled: Option<Code<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub config: BTreeMap<&'a str, &'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
    #[serde(skip_serializing_if = "is_empty")]
    pub tests: &'a [Id],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub macros: Vec<Id>,
    #[serde(skip_serializing_if = "is_empty")]
    pub called_by: &'a [Id],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Argument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stats: Option<Stats<'a>>,
    #[serde(skip_serializing_if = "is_empty")]
    pub history: &'a [Past<'a>],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<ConstraintText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposure: Option<ExposureText<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<(Cow<'static, str>, String)>,
}

/// Run, status, seconds, failures, message.
pub(super) type Past<'a> = (usize, &'a str, f64, Option<u64>, Option<&'a str>);

#[derive(Debug, Default, Serialize)]
pub(super) struct Column<'a> {
    pub name: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub data_type: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inherited: Option<(Id, &'a str)>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tests: Vec<Id>,
    #[serde(skip_serializing_if = "is_empty")]
    pub tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub is_key: bool,
}

/// A text with its marks: start, length (in UTF-16 units), kind, target, again and again.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Code<'a> {
    pub text: &'a str,
    pub marks: Vec<i64>,
}

#[derive(Debug, Serialize)]
pub(super) struct Argument<'a> {
    pub name: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub data_type: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub description: &'a str,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Stats<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(super) struct ConstraintText<'a> {
    #[serde(rename = "type")]
    pub kind: &'a str,
    pub text: String,
}

#[derive(Debug, Serialize)]
pub(super) struct ExposureText<'a> {
    #[serde(rename = "type")]
    pub kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maturity: Option<&'a str>,
    pub owner: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
}

/// The rows of a unit test, as they are written.
#[derive(Debug, Serialize)]
pub(super) struct Unit<'a> {
    pub given: Vec<(&'a str, String)>,
    pub expect: String,
}

#[derive(Debug, Default, Serialize)]
pub(super) struct Lineage<'a> {
    pub columns: Vec<Vec<&'a str>>,
    pub edges: Vec<i64>,
}

/// For each of the runs a letter, of nodes that ran.
#[derive(Debug, Serialize)]
pub(super) struct History {
    pub nodes: Vec<(Id, String)>,
}

#[derive(Debug, Serialize)]
pub(super) struct Search<'a> {
    /// Id, columns, description, SQL.
    pub texts: Vec<(Id, String, String, &'a str)>,
}
