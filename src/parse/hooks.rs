use std::sync::Arc;

use super::config::ConfigStack;
use super::drafts::{Identity, checksum, hear, place_calls};
use super::parser::Parser;
use super::placed::template_place;
use crate::context::ParseContext;
use crate::diagnostic::Checked;
use crate::manifest::{Hook, HookEvent, Node, NodeKind, ResourceType};
use crate::project::Package;
use crate::text::Spanned;

/// A node of each `on-run-start` and `on-run-end` entry of every package.
pub(super) fn drafts(parser: &Parser<'_>) -> Vec<Checked<Option<Node>>> {
    let mut drafts = Vec::new();
    for package in parser.packages.iter().filter(|package| !package.is_builtin) {
        let events = [
            (HookEvent::RunStart, &package.config.on_run_start),
            (HookEvent::RunEnd, &package.config.on_run_end),
        ];
        for (event, entries) in events {
            for (index, entry) in entries.iter().enumerate() {
                drafts.push(draft(parser, package, Hook { event, index }, entry));
            }
        }
    }
    drafts
}

fn draft(
    parser: &Parser<'_>,
    package: &Package,
    hook: Hook,
    entry: &Spanned<String>,
) -> Checked<Option<Node>> {
    let files = &parser.invocation.files;
    let (file, body) = template_place(files, entry);
    let event = match hook.event {
        HookEvent::RunStart => "on-run-start",
        HookEvent::RunEnd => "on-run-end",
    };
    let package = package.name();
    let name = format!("{package}-{event}-{}", hook.index);
    let identity = Identity {
        kind: ResourceType::Operation,
        unique_id: format!("operation.{package}.{name}"),
        path: format!("hooks/{name}.sql"),
        original_file_path: files.get(entry.span.file).path().to_owned(),
        fqn: vec![package.to_owned(), "hooks".to_owned(), name.clone()],
        name,
        package: package.to_owned(),
        file,
        body,
        raw_code: Arc::from(entry.value.as_str()),
        version: None,
    };
    let stack = ConfigStack::new(parser.configs, ResourceType::Operation, package, &identity.fqn);
    let configured = stack.resolve();
    let context = ParseContext::new(parser.invocation, identity.subject(parser, &configured));
    let mut diagnostics = Vec::new();
    let heard = hear(parser, &files.get(file), body, &context, &mut diagnostics);
    let mut node = identity.node(parser, &configured, NodeKind::Operation(hook));
    place_calls(&mut node, context.recorded(), &heard.calls);
    node.depends_on_macros = heard.macros;
    node.checksum = checksum(&node.raw_code);
    node.tags.push(event.to_owned());
    if file != entry.span.file {
        diagnostics = diagnostics.into_iter().map(|one| one.relocated(file, entry.span)).collect();
    }
    Checked::new(Some(node), diagnostics)
}
