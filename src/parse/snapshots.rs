use std::sync::Arc;

use serde_json::Value;

use super::config::{ConfigStack, Configured};
use super::drafts::{Identity, checksum, finish, one_spaced, render_hooks, sql};
use super::parser::Parser;
use super::properties::{Patch, folders, path_below};
use crate::context::ParseContext;
use crate::diagnostic::{Checked, Code, Diagnostic};
use crate::jinja::{BlockKind, carve_expecting};
use crate::manifest::{Node, NodeConfig, NodeKind, ResourceType};
use crate::project::ProjectFile;
use crate::text::{Span, Spanned};

const KIND: ResourceType = ResourceType::Snapshot;

/// The node of each `{% snapshot %}` block of a file.
pub(super) fn in_file(parser: &Parser<'_>, file: &ProjectFile) -> Vec<Checked<Option<Node>>> {
    let carved = carve_expecting(&file.source, &["snapshot"]);
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
            version: None,
        };
        let mut diagnostics = Vec::new();
        let patch = parser.patch(KIND, &identity.package, &identity.name);
        let mut stack = ConfigStack::new(parser.configs, KIND, &identity.package, &identity.fqn);
        if let Some(patch) = patch {
            stack.properties(&patch.config);
        }
        let (mut node, configured) = sql(parser, file, &identity, stack, patch, &mut diagnostics);
        // dbt's is of all of the file.
        node.checksum = checksum(&one_spaced(file.source.text()));
        diagnostics.extend(wrong_config(&node, &configured, block.name.span));
        Checked::new(Some(node), diagnostics)
    });
    std::iter::once(broken).chain(drafts).collect()
}

/// The node of an entry of a properties file with a `relation`, which is a snapshot by itself.
/// See <https://docs.getdbt.com/docs/build/snapshots>.
pub(super) fn of_entry(parser: &Parser<'_>, patch: &Patch) -> Option<Checked<Option<Node>>> {
    let relation = patch.relation.as_ref()?;
    let package = &patch.origin.package;
    let name = &patch.name.value;
    let mut fqn = vec![package.clone()];
    fqn.extend(patch.origin.folders.iter().cloned());
    fqn.push(name.clone());
    let mut stack = ConfigStack::new(parser.configs, KIND, package, &fqn);
    stack.properties(&patch.config);
    let configured = stack.resolve();
    let code = template(relation);
    // Its template is in no file, and is rendered from one of its own.
    let raw_code: Arc<str> = format!("select * from {code}").into();
    let file = parser.invocation.files.add(patch.origin.path.clone(), Arc::clone(&raw_code));
    let identity = Identity {
        kind: KIND,
        unique_id: format!("snapshot.{package}.{name}"),
        name: name.clone(),
        package: package.clone(),
        path: format!("{name}.sql"),
        original_file_path: patch.origin.path.clone(),
        fqn,
        file: file.id(),
        body: file.span(),
        raw_code,
        version: None,
    };
    let context = ParseContext::new(parser.invocation, identity.subject(parser, &configured));
    let mut diagnostics = Vec::new();
    diagnostics.extend(parser.invocation.engine.evaluate(&code, relation.span, &context.value()).err());
    let mut node = identity.node(parser, &configured, NodeKind::Snapshot);
    node.depends_on_macros = render_hooks(parser, &configured, &|| context.value(), &mut diagnostics);
    let recorded = context.recorded();
    node.refs = recorded.refs;
    node.sources = recorded.sources;
    node.functions = recorded.functions;
    node.refs.iter_mut().for_each(|one| one.span = one.span.or(Some(relation.span)));
    node.sources.iter_mut().for_each(|one| one.span = one.span.or(Some(relation.span)));
    node.checksum = checksum(&one_spaced(&node.raw_code));
    finish(parser, &mut node, Some(patch), &configured, &|| context.value(), &mut diagnostics);
    diagnostics.extend(wrong_config(&node, &configured, patch.name.span));
    if !node.config.is_enabled() {
        diagnostics.clear();
    }
    Some(Checked::new(Some(node), diagnostics))
}

/// What is written as a call, `ref('orders')`, as a template.
fn template(relation: &Spanned<String>) -> String {
    let text = relation.value.trim();
    if text.starts_with("{{") { text.to_owned() } else { format!("{{{{ {text} }}}}") }
}

/// What a snapshot's configuration lacks, or has wrong.
/// See <https://docs.getdbt.com/reference/snapshot-configs>.
fn wrong_config(node: &Node, configured: &Configured, name: Span) -> Option<Diagnostic> {
    if !node.config.is_enabled() {
        return None;
    }
    let (key, message, help) = wrong(&node.name, &node.config)?;
    let error = Diagnostic::new(Code::InvalidConfig, message);
    let error = match configured.place(key) {
        Some(place) => error.label(place, "").also(Some(name), "the snapshot"),
        None => error.label(name, ""),
    };
    Some(error.help(help))
}

/// The key that is wrong, what is wrong with it, and what to do.
fn wrong(name: &str, config: &NodeConfig) -> Option<(&'static str, String, &'static str)> {
    let is_set = |key: &str| config.get(key).is_some_and(|value| value.as_str() != Some(""));
    if config.materialized() != "snapshot" {
        let message = format!("the snapshot `{name}` cannot be materialized as `{}`", config.materialized());
        return Some(("materialized", message, "remove `materialized`: a snapshot is always one"));
    }
    for key in ["strategy", "unique_key"] {
        if !is_set(key) {
            let message =
                format!("the snapshot `{name}` has no `{key}`: it must have a `strategy` and a `unique_key`");
            let help = if key == "strategy" {
                "set `strategy='timestamp'` with `updated_at`, or `strategy='check'` with `check_cols`"
            } else {
                "set `unique_key` to the column, the expression or the list of columns that tells rows apart"
            };
            return Some((key, message, help));
        }
    }
    match config.text("strategy") {
        Some("timestamp") if !is_set("updated_at") => {
            let message = format!("the snapshot `{name}` has the strategy `timestamp` and no `updated_at`");
            Some(("strategy", message, "set `updated_at` to the column that says when a row was changed"))
        }
        Some("check") => wrong_check_cols(name, config),
        Some(_) => None,
        None => Some((
            "strategy",
            format!("`strategy` of the snapshot `{name}` is not a text"),
            "name a strategy: `timestamp`, `check`, or one of your own",
        )),
    }
}

fn wrong_check_cols(name: &str, config: &NodeConfig) -> Option<(&'static str, String, &'static str)> {
    let help = "set `check_cols` to the list of columns to compare, or to `all`";
    match config.get("check_cols") {
        Some(Value::String(word)) if word == "all" => None,
        Some(Value::Array(columns)) if !columns.is_empty() && columns.iter().all(Value::is_string) => None,
        Some(Value::Array(columns)) if !columns.is_empty() => {
            let message = format!("`check_cols` of the snapshot `{name}` has entries that are no names");
            Some(("check_cols", message, help))
        }
        None | Some(Value::Array(_)) => {
            let message = format!("the snapshot `{name}` has the strategy `check` and no `check_cols`");
            Some(("strategy", message, help))
        }
        Some(other) => {
            let message = format!(
                "`check_cols` of the snapshot `{name}` must be `all` or a list of columns, not `{}`",
                shown(other)
            );
            Some(("check_cols", message, help))
        }
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
