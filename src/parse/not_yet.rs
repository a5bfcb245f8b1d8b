use super::config::Configured;
use super::drafts::has_materialization;
use super::parser::Parser;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Node, ResourceType};
use crate::text::Span;

/// Why a node cannot be built, when what it asks for is not here yet. The rest of its
/// project can be.
pub(super) fn of_node(parser: &Parser<'_>, node: &Node, configured: &Configured) -> Option<Diagnostic> {
    let reason = match node.resource_type {
        ResourceType::Model => of_model(parser, node)?,
        _ => return None,
    };
    let place = configured.place(reason.key).unwrap_or(node.body.part(0..0));
    let message = format!("{} not supported yet", reason.what);
    Some(Diagnostic::new(Code::NotSupported, message).label(place, "").help(reason.help))
}

/// Of a model in Python.
pub(super) fn python(node: &Node) -> Diagnostic {
    Diagnostic::new(Code::NotSupported, "models in Python are not supported yet")
        .label(Span::start_of(node.file), "xform builds models written in SQL")
        .help("write the model in SQL, or keep building it with dbt for now and `--exclude` it")
}

struct Reason {
    key: &'static str,
    what: &'static str,
    help: &'static str,
}

fn of_model(parser: &Parser<'_>, node: &Node) -> Option<Reason> {
    let config = &node.config;
    let kind = config.materialized();
    (kind == "materialized_view" && !has_materialization(parser, kind)).then_some(Reason {
        key: "materialized",
        what: "the materialization `materialized_view` is",
        help: "use `view` or `table`, or write a materialization of that name",
    })
}
