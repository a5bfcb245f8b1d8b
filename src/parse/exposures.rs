use std::sync::Arc;

use super::config::ConfigStack;
use super::drafts::Identity;
use super::parser::Parser;
use super::properties::ExposureEntry;
use crate::context::ParseContext;
use crate::diagnostic::{Checked, Diagnostic, WarningName};
use crate::manifest::{Node, NodeKind, ResourceType};
use crate::text::Span;

/// The node of an exposure. What it depends on is written as calls: `ref('orders')`.
pub(super) fn draft(parser: &Parser<'_>, entry: &ExposureEntry) -> Checked<Option<Node>> {
    let mut diagnostics = Vec::new();
    let package = &entry.origin.package;
    let mut fqn = vec![package.clone()];
    fqn.extend(entry.origin.folders.iter().cloned());
    fqn.push(entry.name.value.clone());
    let mut stack = ConfigStack::new(parser.configs, ResourceType::Exposure, package, &fqn);
    stack.properties(&entry.config);
    let configured = stack.resolve();
    let identity = Identity {
        kind: ResourceType::Exposure,
        unique_id: format!("exposure.{package}.{}", entry.name.value),
        name: entry.name.value.clone(),
        package: package.clone(),
        path: entry.origin.path_below(),
        original_file_path: entry.origin.path.clone(),
        fqn,
        file: entry.origin.file,
        body: entry.span,
        raw_code: Arc::from(""),
        version: None,
    };
    let is_plain = |letter: char| letter.is_alphanumeric() || letter == '_';
    if !entry.name.value.chars().all(is_plain) {
        let name = &entry.name.value;
        diagnostics.push(
            Diagnostic::deprecation(
                WarningName::ExposureNameDeprecation,
                format!("the name of the exposure `{name}` has more than letters, digits and underscores"),
            )
            .said(format!(
                "The 'name' of an exposure should contain only letters, numbers, and underscores: {name}"
            ))
            .fact("exposure", name.as_str())
            .label(entry.span, "")
            .help("write a plain `name`, and what people are to read as `label`"),
        );
    }
    let subject = identity.subject(parser, &configured);
    let kind = NodeKind::Exposure(Box::new(entry.exposure.clone()));
    let mut node = identity.node(parser, &configured, kind);
    node.description = parser.description(package, entry.description.as_ref(), &mut diagnostics);
    node.patch = Some(entry.span);
    for call in &entry.depends_on {
        // Each call is heard by a context of its own, so that its place is known.
        let context = ParseContext::new(parser.invocation, subject.clone());
        let is_template = call.value.trim().starts_with("{{");
        let text = if is_template { call.value.clone() } else { format!("{{{{ {} }}}}", call.value) };
        diagnostics.extend(parser.invocation.engine.evaluate(&text, call.span, &context.value()).err());
        let recorded = context.recorded();
        let placed = |span: Option<Span>| span.or(Some(call.span));
        node.refs.extend(recorded.refs.into_iter().map(|mut one| {
            one.span = placed(one.span);
            one
        }));
        node.metrics.extend(recorded.metrics.into_iter().map(|mut one| {
            one.span = placed(one.span);
            one
        }));
        node.sources.extend(recorded.sources.into_iter().map(|mut one| {
            one.span = placed(one.span);
            one
        }));
    }
    Checked::new(Some(node), diagnostics)
}
