use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value as Json;

use super::Job;
use crate::context::Invocation;
use crate::jinja::Value;
use crate::manifest::{Macro, Manifest, NodeConfig};

/// The statements that data tests are judged by, where nothing but the library's own macros has
/// a say in them and no rows are kept: known without rendering the materialization of each test.
#[derive(Debug)]
pub struct TestStatements {
    /// Whether the library's macros are those that are called.
    is_librarys: bool,
    frames: Mutex<BTreeMap<Judging, Option<Arc<Frame>>>>,
}

/// How the failures of a test are counted and judged, as its configuration says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Judging {
    fail_calc: String,
    warn_if: String,
    error_if: String,
    limit: Option<u64>,
}

/// What stands around the query of a test.
#[derive(Debug)]
struct Frame {
    before: String,
    after: String,
}

/// Stands for the query; no macro of the library looks into it.
const QUERY: &str = "\u{1}xform_main_sql\u{1}";

impl TestStatements {
    #[must_use]
    pub fn new(invocation: &Invocation, manifest: &Manifest) -> Self {
        let is_built_in = |name: &str| {
            invocation.packages.iter().any(|package| package.is_builtin && package.name() == name)
        };
        let is_replaced =
            manifest.macros.values().any(|found| !is_built_in(&found.package) && has_a_say(found));
        // Who writes a template for the query comment may do anything in it.
        let root = invocation.packages.iter().find(|package| package.is_root);
        let comment = root.and_then(|package| package.config.query_comment.as_ref());
        let is_template = comment.is_some_and(|comment| {
            let text = comment.to_string();
            text.contains("{{") || text.contains("{%")
        });
        let can_filter = invocation.adapter.capabilities().has_filtered_aggregates;
        Self { is_librarys: can_filter && !is_replaced && !is_template, frames: Mutex::default() }
    }

    /// The statement of a test, exactly as its materialization would write it; `None` where only
    /// that can tell.
    #[must_use]
    pub fn of(&self, job: &Job<'_>) -> Option<String> {
        let config = &job.node.config;
        if !self.is_librarys || keeps_rows(config, job.invocation.flags.store_failures) {
            return None;
        }
        let judging = Judging::read(config)?;
        let known = self.frames.lock().unwrap_or_else(PoisonError::into_inner).get(&judging).cloned();
        let frame = known.unwrap_or_else(|| {
            let frame = Frame::new(job, &judging).map(Arc::new);
            self.frames.lock().unwrap_or_else(PoisonError::into_inner).insert(judging, frame.clone());
            frame
        })?;
        let code = &job.compiled?.code;
        Some(format!("{}{code}{}", frame.before, frame.after))
    }

    /// Whether a test that finds no rows passes and leaves nothing behind, so that it need not
    /// ask for itself once that is known.
    #[must_use]
    pub fn passes_on_no_rows(&self, config: &NodeConfig, store_failures: Option<bool>) -> bool {
        let passes = |judging: &Judging| {
            judging.fail_calc == COUNT
                && [&judging.warn_if, &judging.error_if]
                    .into_iter()
                    .all(|condition| holds_of_zero(condition) == Some(false))
        };
        self.is_librarys
            && !keeps_rows(config, store_failures)
            && Judging::read(config).as_ref().is_some_and(passes)
    }
}

/// Whether the statement of a test may be another one for a macro of a project or package.
fn has_a_say(found: &Macro) -> bool {
    const CALLED: [&str; 8] = [
        "statement",
        "should_store_failures",
        "get_test_sql",
        "get_limit_subquery_sql",
        "store_result",
        "store_raw_result",
        "write",
        "return",
    ];
    let name = found.name.as_str();
    CALLED.contains(&name)
        || name.starts_with("materialization_test_")
        || name.ends_with("__get_test_sql")
        || name.ends_with("__get_limit_subquery_sql")
}

/// As the macro `should_store_failures` says; also where what is configured is of no known kind.
fn keeps_rows(config: &NodeConfig, flag: Option<bool>) -> bool {
    if let Some(kind) = config.get("store_failures_as") {
        return kind != "ephemeral";
    }
    match config.get("store_failures") {
        Some(configured) => configured != &Json::Bool(false),
        None => flag.unwrap_or(false),
    }
}

const COUNT: &str = "count(*)";

impl Judging {
    /// `None` where something is configured that is of no known kind.
    fn read(config: &NodeConfig) -> Option<Self> {
        let text = |key: &str, default: &str| match config.get(key) {
            None => Some(default.to_owned()),
            Some(Json::String(text)) if !text.is_empty() => Some(text.clone()),
            Some(_) => None,
        };
        let limit = match config.get("limit") {
            None => None,
            Some(limit) => Some(limit.as_u64()?),
        };
        Some(Self {
            fail_calc: text("fail_calc", COUNT)?,
            warn_if: text("warn_if", "!= 0")?,
            error_if: text("error_if", "!= 0")?,
            limit,
        })
    }
}

impl Frame {
    /// Asks the library's macros; `None` where they fail.
    fn new(job: &Job<'_>, judging: &Judging) -> Option<Self> {
        let context = job.context();
        let call = |name: &str, arguments: &[Value]| {
            let called = job.invocation.engine.call("dbt", name, arguments, &[], &context.value());
            called.ok().map(|text| text.to_string())
        };
        let limit = judging.limit.map(Value::from);
        let query = match &limit {
            None => QUERY.to_owned(),
            Some(limit) => call("get_limit_subquery_sql", &[Value::from(QUERY), limit.clone()])?,
        };
        let arguments = [
            Value::from(query),
            Value::from(judging.fail_calc.as_str()),
            Value::from(judging.warn_if.as_str()),
            Value::from(judging.error_if.as_str()),
            limit.unwrap_or_default(),
        ];
        let text = call("get_test_sql", &arguments)?;
        let (before, after) = text.split_once(QUERY)?;
        let is_once = !after.contains(QUERY);
        is_once.then(|| Self { before: before.to_owned(), after: after.to_owned() })
    }
}

/// Whether a condition such as `> 10` holds of no failures; `None` where it is not a comparison
/// with a whole number.
fn holds_of_zero(condition: &str) -> Option<bool> {
    let condition = condition.trim();
    let at = condition.find(|c: char| c.is_ascii_digit())?;
    let (sign, number) = condition.split_at(at);
    let number: u64 = number.parse().ok()?;
    Some(match sign.trim_end() {
        "=" | "==" | ">=" => number == 0,
        "!=" | "<>" => number != 0,
        ">" => false,
        "<" => number > 0,
        "<=" => true,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config(values: Json) -> NodeConfig {
        let Json::Object(values) = values else { panic!("a config is a mapping") };
        NodeConfig::new(values)
    }

    #[test]
    fn conditions_are_held_against_no_failures() {
        for (condition, holds) in [
            ("!= 0", Some(false)),
            ("<>0", Some(false)),
            ("> 10", Some(false)),
            (" >=5 ", Some(false)),
            ("=3", Some(false)),
            ("!= 3", Some(true)),
            ("= 0", Some(true)),
            (">= 0", Some(true)),
            ("< 5", Some(true)),
            ("<= 0", Some(true)),
            ("between 1 and 5", None),
            ("> 1 or true", None),
            ("> -1", None),
            ("> (select 0)", None),
            ("is null", None),
        ] {
            assert_eq!(holds_of_zero(condition), holds, "{condition}");
        }
    }

    #[test]
    fn rows_are_kept_as_the_config_says_else_as_the_flag_does() {
        assert!(!keeps_rows(&config(json!({})), None));
        assert!(keeps_rows(&config(json!({})), Some(true)));
        assert!(!keeps_rows(&config(json!({"store_failures": false})), Some(true)));
        assert!(keeps_rows(&config(json!({"store_failures": true})), Some(false)));
        assert!(!keeps_rows(
            &config(json!({"store_failures": true, "store_failures_as": "ephemeral"})),
            None
        ));
        assert!(keeps_rows(&config(json!({"store_failures_as": "view"})), None));
    }
}
