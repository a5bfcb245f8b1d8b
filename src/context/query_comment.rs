use serde_json::{Value as Json, json};

use super::Invocation;
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Value, json_text};
use crate::project::DBT_VERSION;
use crate::sql::{Dialect, without_last_semicolon};
use crate::text::Span;

/// The comment that goes with every statement, as `query-comment` in the project file
/// asks for it. See <https://docs.getdbt.com/reference/project-configs/query-comment>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct QueryComment {
    /// Without the signs around it; empty for none.
    text: String,
    is_appended: bool,
}

impl QueryComment {
    /// Renders the comment for a node. `context` is what the template of the comment sees.
    ///
    /// # Errors
    /// The template fails, or its text would end the comment.
    pub(super) fn new(
        invocation: &Invocation,
        node: Option<&str>,
        context: &Value,
    ) -> Result<Self, Diagnostic> {
        let root = invocation.packages.iter().find(|package| package.is_root).map(|package| &package.config);
        let written = root.and_then(|config| config.query_comment.as_ref());
        let (template, is_appended) = match written {
            None => (None, false),
            Some(Json::Null) => return Ok(Self::default()),
            Some(Json::String(template)) => (Some(template.as_str()), false),
            Some(options) => (
                options.get("comment").and_then(Json::as_str),
                options.get("append").and_then(Json::as_bool).unwrap_or(false),
            ),
        };
        let at = root.and_then(|config| config.file).map(Span::start_of);
        let text = match (template, at) {
            (None, _) => default_comment(invocation, node),
            (Some(template), Some(at)) => {
                invocation.engine.evaluate_macro(template, at, context)?.to_string()
            }
            (Some(template), None) => template.to_owned(),
        };
        if text.contains("*/") {
            let message = "the query comment has a `*/` in it, which would end it";
            return Err(Diagnostic::error(Code::InvalidProject, message).also(at, ""));
        }
        Ok(Self { text: text.trim().to_owned(), is_appended })
    }

    /// The statement with the comment, and how many bytes it moved.
    pub(super) fn apply(&self, statement: &str, dialect: Dialect) -> (String, usize) {
        if self.text.is_empty() {
            return (statement.to_owned(), 0);
        }
        if self.is_appended {
            let bare = without_last_semicolon(statement.trim_end(), dialect);
            let semicolon = if bare.len() < statement.trim_end().len() { ";" } else { "" };
            // A line comment at the end must not swallow ours.
            return (format!("{bare}\n/* {} */{semicolon}", self.text), 0);
        }
        let head = format!("/* {} */\n", self.text);
        (format!("{head}{statement}"), head.len())
    }
}

fn default_comment(invocation: &Invocation, node: Option<&str>) -> String {
    let mut comment = json!({
        "app": "dbt",
        "dbt_version": DBT_VERSION,
        "profile_name": invocation.target.profile_name,
        "target_name": invocation.target.name,
    });
    if let Json::Object(entries) = &mut comment {
        let (key, name) = node.map_or(("connection_name", "master"), |node| ("node_id", node));
        entries.insert(key.to_owned(), Json::from(name));
    }
    json_text(&comment, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_go_before_or_behind() {
        let comment = QueryComment { text: "주문".to_owned(), is_appended: false };
        let (text, moved) = comment.apply("select 1", Dialect::DuckDb);
        assert_eq!(text, "/* 주문 */\nselect 1");
        assert_eq!(&text[moved..], "select 1");
        let comment = QueryComment { is_appended: true, ..comment };
        assert_eq!(
            comment.apply("select 1; -- x\n", Dialect::DuckDb),
            ("select 1\n/* 주문 */;".to_owned(), 0)
        );
        assert_eq!(comment.apply("select 1 -- x", Dialect::DuckDb).0, "select 1 -- x\n/* 주문 */");
        assert_eq!(QueryComment::default().apply("select 1", Dialect::DuckDb), ("select 1".to_owned(), 0));
    }
}
