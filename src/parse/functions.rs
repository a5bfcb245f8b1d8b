//! User-defined functions: a file in `functions/` and its entry in a properties file.

use super::config::ConfigStack;
use super::drafts::{Identity, checksum, finish, one_spaced};
use super::parser::Parser;
use super::properties::Patch;
use crate::context::ParseContext;
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Function, Language, Node, NodeKind};
use crate::text::Span;

/// What an entry says of a function's signature; nothing where there is no entry.
pub(super) fn described(patch: Option<&Patch>, language: Language) -> Function {
    let signature = patch.and_then(|patch| patch.signature.clone()).unwrap_or_default();
    Function { language, arguments: signature.arguments, returns: signature.returns }
}

/// A function in Python, which can be described and referred to, not built: the engine in
/// our own process has no Python.
pub(super) fn python(
    parser: &Parser<'_>,
    identity: &Identity,
    stack: &ConfigStack<'_>,
    patch: Option<&Patch>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Node {
    let configured = stack.resolve();
    let context = ParseContext::new(parser.invocation, identity.subject(parser, &configured));
    let kind = NodeKind::Function(Box::new(described(patch, Language::Python)));
    let mut node = identity.node(parser, &configured, kind);
    node.checksum = checksum(&one_spaced(&node.raw_code));
    finish(parser, &mut node, patch, &configured, &|| context.value(), diagnostics);
    let adapter = parser.invocation.adapter.name();
    // The first words are those that dbt has for it.
    let message = format!(
        "No macro named '{}_function_python' found within namespace: 'dbt': {adapter} has no functions in Python",
        node.config.text("type").unwrap_or("scalar")
    );
    node.not_supported = Some(
        Diagnostic::new(Code::NotSupported, message)
            .label(Span::start_of(node.file), "xform builds functions written in SQL")
            .help("write the function in SQL, as one expression"),
    );
    node
}
