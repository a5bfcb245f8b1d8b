use std::sync::Arc;

use super::config::ConfigStack;
use super::drafts::{Identity, checksum, finish, one_spaced, sql};
use super::not_yet;
use super::parser::Parser;
use super::properties::{Patch, folders, path_below};
use crate::context::ParseContext;
use crate::diagnostic::Checked;
use crate::jinja::{BlockKind, carve};
use crate::manifest::{Node, NodeKind, ResourceType};
use crate::project::ProjectFile;
use crate::text::Spanned;

const KIND: ResourceType = ResourceType::Snapshot;

/// The node of each `{% snapshot %}` block of a file. Snapshots can be referred to, not
/// built yet.
pub(super) fn in_file(parser: &Parser<'_>, file: &ProjectFile) -> Vec<Checked<Option<Node>>> {
    let carved = carve(&file.source);
    let broken = Checked::new(None, carved.diagnostics);
    let stem = file.path.rsplit_once('/').map_or(file.path.as_str(), |(_, base)| base);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    let blocks = carved.value.into_iter().filter(|block| block.kind == BlockKind::Snapshot);
    let drafts = blocks.map(|block| {
        let name = block.name.value;
        let mut fqn = vec![file.package.clone()];
        fqn.extend(folders(file));
        fqn.extend([stem.to_owned(), name.clone()]);
        let identity = Identity {
            kind: KIND,
            unique_id: format!("snapshot.{}.{name}", file.package),
            name,
            package: file.package.clone(),
            path: path_below(file).to_owned(),
            original_file_path: file.path.clone(),
            fqn,
            file: file.source.id(),
            body: block.body,
            raw_code: Arc::from(file.source.slice(block.body)),
        };
        let mut diagnostics = Vec::new();
        let patch = parser.patch(KIND, &identity.package, &identity.name);
        let mut stack = ConfigStack::new(&parser.configs, KIND, &identity.package, &identity.fqn);
        if let Some(patch) = patch {
            stack.properties(&patch.config);
        }
        let mut node = sql(parser, file, identity, stack, patch, &mut diagnostics);
        // dbt's is of all of the file.
        node.checksum = checksum(&one_spaced(file.source.text()));
        node.not_supported = Some(not_yet::snapshot(block.name.span));
        Checked::new(Some(node), diagnostics)
    });
    std::iter::once(broken).chain(drafts).collect()
}

/// The node of an entry of a properties file with a `relation`, which is a snapshot by itself.
pub(super) fn of_entry(parser: &Parser<'_>, patch: &Patch) -> Option<Checked<Option<Node>>> {
    let relation = patch.relation.as_ref()?;
    let package = &patch.origin.package;
    let name = &patch.name.value;
    let mut fqn = vec![package.clone()];
    fqn.extend(patch.origin.folders.iter().cloned());
    fqn.push(name.clone());
    let mut stack = ConfigStack::new(&parser.configs, KIND, package, &fqn);
    stack.properties(&patch.config);
    let configured = stack.resolve();
    let code = template(relation);
    let identity = Identity {
        kind: KIND,
        unique_id: format!("snapshot.{package}.{name}"),
        name: name.clone(),
        package: package.clone(),
        path: patch.origin.path_below(),
        original_file_path: patch.origin.path.clone(),
        fqn,
        file: patch.origin.file,
        body: relation.span,
        raw_code: format!("select * from {code}").into(),
    };
    let context = ParseContext::new(parser.invocation, identity.subject(parser, &configured));
    let mut diagnostics = Vec::new();
    diagnostics.extend(parser.invocation.engine.evaluate(&code, relation.span, &context.value()).err());
    let recorded = context.recorded();
    let mut node = identity.node(parser, &configured, NodeKind::Snapshot);
    node.refs = recorded.refs;
    node.sources = recorded.sources;
    node.refs.iter_mut().for_each(|one| one.span = one.span.or(Some(relation.span)));
    node.sources.iter_mut().for_each(|one| one.span = one.span.or(Some(relation.span)));
    finish(parser, &mut node, Some(patch), &configured, &context.value(), &mut diagnostics);
    node.not_supported = Some(not_yet::snapshot(patch.name.span));
    Some(Checked::new(Some(node), diagnostics))
}

/// What is written as a call, `ref('orders')`, as a template.
fn template(relation: &Spanned<String>) -> String {
    let text = relation.value.trim();
    if text.starts_with("{{") { text.to_owned() } else { format!("{{{{ {text} }}}}") }
}
