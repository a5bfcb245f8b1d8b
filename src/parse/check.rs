//! A look at the whole: names twice, circles, descriptions and configurations of nothing.

use std::collections::{BTreeMap, HashSet};

use super::parser::Parser;
use super::properties::{MacroPatch, Patch, Properties};
use super::resolve::place_of_call;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Macro, MacroId, Manifest, Node, NodeKind, ResourceType, version_text};
use crate::text::Span;

/// Where to point at a node as a whole.
fn place(node: &Node) -> Span {
    match &node.kind {
        NodeKind::Test(test) if test.metadata.is_some() => test.span,
        NodeKind::Snapshot => node.entry().unwrap_or(node.body.part(0..0)),
        NodeKind::Source(_)
        | NodeKind::Exposure(_)
        | NodeKind::SemanticModel(_)
        | NodeKind::Metric(_)
        | NodeKind::SavedQuery(_)
        | NodeKind::Operation(_) => node.body,
        _ => Span::start_of(node.file),
    }
}

/// Two things of one name.
pub(super) fn duplicate(what: &str, name: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::DuplicateName, format!("there are two {what}s named `{name}`"))
        .label(second, "the second")
        .also(first, "the first")
        .help("rename or remove one of them")
}

/// Two nodes of one id.
pub(super) fn duplicate_node(second: &Node, first: &Node) -> Diagnostic {
    let is_generic = second.data_test().is_some_and(|test| test.metadata.is_some());
    let what = second.resource_type.name();
    let error = duplicate(what, &second.search_name(), place(second), place(first));
    if is_generic { error.help("remove one, or give it a `name` of its own") } else { error }
}

/// Two entries that describe one node.
pub(super) fn duplicate_patch(second: &Patch, first: &Patch) -> Diagnostic {
    let message = format!("the {} `{}` is described twice", second.kind.name(), second.name.value);
    Diagnostic::new(Code::DuplicatePatch, message)
        .label(second.name.span, "described again here")
        .also(first.name.span, "first described here")
        .help("put both into one entry")
}

/// Gives macros what properties files say of them; warns of entries for none.
pub(super) fn macro_patches(
    parser: &Parser<'_>,
    patches: &[MacroPatch],
    macros: &mut BTreeMap<MacroId, Macro>,
) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for patch in patches {
        let package = &patch.origin.package;
        let Some(found) = macros.get_mut(&MacroId::new(package, &patch.name.value)) else {
            let names = parser.invocation.macros.names_in(package);
            diagnostics.push(unmatched("macro", &patch.name.value, patch.name.span, names.into_iter()));
            continue;
        };
        if let Some(first) = found.patch {
            let message = format!("the macro `{}` is described twice", found.name);
            diagnostics.push(
                Diagnostic::new(Code::DuplicatePatch, message)
                    .label(patch.name.span, "described again here")
                    .also(first, "first described here")
                    .help("put both into one entry"),
            );
            continue;
        }
        found.patch = Some(patch.name.span);
        found.patch_path = Some(patch.origin.patch_path());
        found.description = parser.description(package, patch.description.as_ref(), &mut diagnostics);
        found.meta.clone_from(&patch.meta);
        found.docs.clone_from(&patch.docs);
        for (argument, description) in &patch.arguments {
            let mut argument = argument.clone();
            argument.description = parser.description(package, description.as_ref(), &mut diagnostics);
            match found.arguments.iter_mut().find(|known| known.name == argument.name) {
                Some(known) => *known = argument,
                None => found.arguments.push(argument),
            }
        }
    }
    diagnostics
}

/// What the whole is checked against.
pub(super) struct Whole<'a> {
    pub parser: &'a Parser<'a>,
    pub properties: &'a Properties,
}

impl Whole<'_> {
    /// Everything that can be told once all nodes are there.
    pub(super) fn check(&self, manifest: &Manifest) -> Vec<Diagnostic> {
        let mut diagnostics = same_names(manifest);
        diagnostics.extend(same_relations(manifest));
        diagnostics.extend(self.unmatched_patches(manifest));
        diagnostics.extend(self.unused_configs(manifest));
        diagnostics
    }

    fn unmatched_patches(&self, manifest: &Manifest) -> Vec<Diagnostic> {
        let mut diagnostics = Vec::new();
        let all = || manifest.nodes.values().chain(manifest.disabled.values());
        let described: HashSet<(ResourceType, &str, &str, Option<String>)> =
            all().map(|node| (node.resource_type, &*node.package, &*node.name, node.version())).collect();
        for patch in &self.properties.patches {
            let (package, name) = (&patch.origin.package, &patch.name.value);
            let version = patch.version.as_ref().map(|version| version_text(&version.version));
            if described.contains(&(patch.kind, package.as_str(), name.as_str(), version.clone())) {
                continue;
            }
            let own = || all().filter(|node| node.package == *package);
            let kind = patch.kind.name();
            let of_kind =
                own().filter(|node| node.resource_type == patch.kind).map(|node| node.name.as_str());
            let warning = match &version {
                Some(version) => missing_version_file(patch, version),
                None => unmatched(kind, name, patch.name.span, of_kind),
            };
            let other = own().find(|node| node.resource_type.is_refable() && node.name == *name);
            diagnostics.push(match other {
                Some(other) if version.is_none() => {
                    let other = other.resource_type.name();
                    warning.help(format!("there is a {other} of that name: put the entry under `{other}s:`"))
                }
                _ => warning,
            });
        }
        diagnostics
    }

    fn unused_configs(&self, manifest: &Manifest) -> Vec<Diagnostic> {
        let mut fqns: BTreeMap<ResourceType, Vec<&[String]>> = BTreeMap::new();
        for node in manifest.nodes.values().chain(manifest.disabled.values()) {
            fqns.entry(node.resource_type).or_default().push(&node.fqn);
        }
        self.parser.configs.unused(&fqns)
    }
}

fn missing_version_file(patch: &Patch, version: &str) -> Diagnostic {
    let name = &patch.name.value;
    let stem = patch.file_stem(|_| false);
    let message = format!("there is no model `{stem}` to describe, as version `{version}` of `{name}`");
    let defined_in = patch.version.as_ref().and_then(|version| version.defined_in.as_ref());
    Diagnostic::new(Code::UnmatchedPatch, message)
        .label(defined_in.map_or(patch.name.span, |stem| stem.span), "")
        .help(format!("write the model in `{stem}.sql`, or name its file with `defined_in`"))
}

fn unmatched<'a>(kind: &str, name: &str, span: Span, known: impl Iterator<Item = &'a str>) -> Diagnostic {
    Diagnostic::new(Code::UnmatchedPatch, format!("there is no {kind} named `{name}` to describe"))
        .label(span, "")
        .said(format!("Did not find matching node for patch with name '{name}' in the '{kind}s' section"))
        .fact("patch_name", name)
        .fact("yaml_key", format!("{kind}s"))
        .help(
            suggest::similar(kind, name, known)
                .unwrap_or_else(|| "remove the entry, or correct its name".to_owned()),
        )
}

/// Two nodes of one package that `ref()` would call by the same name.
fn same_names(manifest: &Manifest) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<(&str, &str), &Node> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    for node in manifest.nodes.values().filter(|node| node.resource_type.is_refable()) {
        if let Some(first) = seen.insert((&node.package, &node.name), node) {
            match (first.version(), node.version()) {
                (Some(_), Some(_)) => continue,
                (Some(_), None) => {
                    diagnostics.push(versioned_and_not(node, first));
                    continue;
                }
                (None, Some(_)) => {
                    diagnostics.push(versioned_and_not(first, node));
                    continue;
                }
                (None, None) => {}
            }
            let kinds = [first.resource_type.name(), node.resource_type.name()];
            let message = format!("a {} and a {} are named `{}`", kinds[0], kinds[1], node.name);
            diagnostics.push(
                Diagnostic::new(Code::DuplicateName, message)
                    .label(place(node), format!("the {}", kinds[1]))
                    .also(place(first), format!("the {}", kinds[0]))
                    .help("rename one of them: `ref()` could not tell them apart"),
            );
        }
    }
    diagnostics
}

/// A model without versions beside one of its name that has them.
fn versioned_and_not(plain: &Node, versioned: &Node) -> Diagnostic {
    let name = &plain.name;
    let kind = plain.resource_type.name();
    Diagnostic::new(
        Code::DuplicateName,
        format!("`{name}` is a versioned model and also a {kind} without versions"),
    )
    .label(place(plain), format!("the {kind}"))
    .also(versioned.patch, "a version")
    .help(format!("rename the {kind}, or name its file in `defined_in` of a version of `{name}`"))
}

/// Two nodes that would be the same relation.
fn same_relations(manifest: &Manifest) -> Vec<Diagnostic> {
    let mut seen: BTreeMap<(String, String, String), &Node> = BTreeMap::new();
    let mut diagnostics = Vec::new();
    for node in manifest.nodes.values().filter(|node| node.resource_type.is_refable()) {
        let pointer = node.model().and_then(|model| model.latest_version_pointer.as_ref());
        for relation in node.relation.iter().chain(pointer) {
            if let Some(first) = seen.insert(relation.key(), node) {
                let message = match Some(relation) == pointer {
                    true => format!(
                        "the pointer to the latest `{}` and `{}` would both be {relation}",
                        node.name,
                        first.versioned_name()
                    ),
                    false => format!(
                        "`{}` and `{}` would both build {relation}",
                        first.versioned_name(),
                        node.versioned_name()
                    ),
                };
                diagnostics.push(
                    Diagnostic::new(Code::DuplicateRelation, message)
                        .label(place(node), format!("`{}`", node.id))
                        .also(place(first), format!("`{}`", first.id))
                        .help("give one of them an `alias` or a `schema` of its own"),
                );
            }
        }
    }
    diagnostics
}

/// An error for each circle, with each step of it shown.
pub(super) fn cycles(manifest: &Manifest) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for circle in manifest.graph.cycles() {
        let nodes: Vec<&Node> = circle.iter().filter_map(|id| manifest.node(id)).collect();
        let Some(first) = nodes.first() else { continue };
        let mut names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
        names.push(&first.name);
        let message = format!("nodes depend on each other in a circle: {}", names.join(" → "));
        let mut error = Diagnostic::new(Code::Cycle, message);
        let parents = nodes.iter().skip(1).chain(std::iter::once(first));
        for (node, parent) in nodes.iter().zip(parents) {
            error =
                error.label(place_of_call(node, parent), format!("`{}` needs `{}`", node.name, parent.name));
        }
        diagnostics.push(error.help("take one of these refs out: nodes are built parents first"));
    }
    diagnostics
}
