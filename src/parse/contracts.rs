use std::collections::{BTreeSet, HashMap};

use serde_json::Map;

use super::config::Configured;
use super::drafts::checksum;
use super::parser::Parser;
use super::properties::Patch;
use crate::context::{ParseContext, Recorded, Subject};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{
    Constraint, ConstraintKind, Contract, ForeignKeyTarget, Language, Manifest, Node, NodeId, NodeKind,
};
use crate::text::Span;

/// Materializations that make a relation with the columns of a contract.
const WITH_CONTRACTS: [&str; 3] = ["table", "incremental", "view"];

/// Checks what a node promises of its table and finds the refs in its foreign keys, which become
/// refs of the node.
/// See <https://docs.getdbt.com/reference/resource-configs/contract>.
pub(super) fn contract(
    parser: &Parser<'_>,
    node: &mut Node,
    patch: Option<&Patch>,
    configured: &Configured,
    diagnostics: &mut Vec<Diagnostic>,
) {
    foreign_keys(parser, node, diagnostics);
    if !node.has_enforced_contract() || node.is_ephemeral() {
        return;
    }
    let place = configured.place("contract").unwrap_or(node.body.part(0..0));
    if let Some(error) = unenforceable(node, place) {
        diagnostics.push(error);
    } else if patch.is_some() && node.columns.is_empty() {
        let message = format!("`{}` has an enforced contract and no columns", node.name);
        diagnostics.push(
            Diagnostic::new(Code::InvalidConfig, message)
                .label(place, "")
                .help("list the columns under `columns:`, each with a `name` and a `data_type`"),
        );
    }
    diagnostics.extend(schema_change(node, configured));
    diagnostics.extend(unsupported(node));
    let columns: Vec<String> = Contract::of(node)
        .columns
        .iter()
        .map(|(name, kind)| format!("{name}:{}", kind.as_deref().unwrap_or_default()))
        .collect();
    let constraints = serde_json::to_string(&Contract::of(node).constraints.values().collect::<Vec<_>>());
    if let NodeKind::Model(model) = &mut node.kind {
        let text = format!("{}\n{}", columns.join("\n"), constraints.unwrap_or_default());
        model.contract_checksum = Some(checksum(&text));
    }
    diagnostics.extend(primary_keys(node));
}

fn unenforceable(node: &Node, place: Span) -> Option<Diagnostic> {
    let is_python = node.model().is_some_and(|model| model.language == Language::Python);
    is_python.then(|| {
        let message = format!("`{}` is written in Python, and contracts are for models in SQL", node.name);
        Diagnostic::new(Code::InvalidConfig, message)
            .label(place, "")
            .help("remove `enforced: true`, or check the columns with data tests")
    })
}

/// An incremental table that keeps its promises cannot lose columns or keep new ones out.
fn schema_change(node: &Node, configured: &Configured) -> Option<Diagnostic> {
    let chosen = node.config.text("on_schema_change").unwrap_or("ignore");
    if node.config.materialized() != "incremental" || ["append_new_columns", "fail"].contains(&chosen) {
        return None;
    }
    let place = configured.place("on_schema_change").or_else(|| configured.place("contract"));
    let message = format!(
        "`{}` is incremental with an enforced contract, and `on_schema_change` is `{chosen}`",
        node.name
    );
    Some(
        Diagnostic::new(Code::InvalidConfig, message)
            .label(place.unwrap_or(node.body.part(0..0)), "")
            .help("set `on_schema_change` to `append_new_columns` or `fail`"),
    )
}

/// A warning when constraints are on what cannot enforce them.
fn unsupported(node: &Node) -> Vec<Diagnostic> {
    let kind = node.config.materialized();
    if !WITH_CONTRACTS.contains(&kind) || kind != "view" {
        return Vec::new();
    }
    let model = node.model().map(|model| model.constraints.as_slice()).unwrap_or_default();
    let of_columns = node.columns.values().flat_map(|column| &column.constraints);
    let levels: [Vec<&Constraint>; 2] = [model.iter().collect(), of_columns.collect()];
    let levels = levels
        .into_iter()
        .map(|level| level.into_iter().filter(|constraint| constraint.warn_unsupported).collect::<Vec<_>>());
    levels.filter_map(|level| unsupported_level(node, &level)).collect()
}

fn unsupported_level(node: &Node, constraints: &[&Constraint]) -> Option<Diagnostic> {
    let first = constraints.first()?;
    let names: BTreeSet<&str> = constraints.iter().map(|constraint| constraint.kind.name()).collect();
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    let message = format!("`{}` is a view, for which constraints are not supported", node.name);
    Some(
        Diagnostic::new(Code::UnsupportedConstraint, message)
            .fact("materialized", node.config.materialized())
            .label(first.span, format!("{} will be ignored", names.join(", ")))
            .help("materialize it as a table, or set `warn_unsupported: false` on the constraint"),
    )
}

/// An error when rows are told apart in two ways.
fn primary_keys(node: &Node) -> Option<Diagnostic> {
    let model = node.model()?;
    let is_key = |constraint: &&Constraint| constraint.kind == ConstraintKind::PrimaryKey;
    let of_table = model.constraints.iter().filter(is_key);
    let of_columns = node.columns.values().flat_map(|column| column.constraints.iter().filter(is_key));
    let all: Vec<&Constraint> = of_table.chain(of_columns).collect();
    let (first, second) = (all.first()?, all.get(1)?);
    let message = format!("`{}` has two primary keys", node.name);
    Some(
        Diagnostic::new(Code::InvalidConfig, message)
            .label(second.span, "the second")
            .also(first.span, "the first")
            .help("for a key of several columns, put one constraint with `columns` beside `columns:` of the model"),
    )
}

/// Hears the calls in `to` of foreign keys.
fn foreign_keys(parser: &Parser<'_>, node: &mut Node, diagnostics: &mut Vec<Diagnostic>) {
    let mut model = std::mem::replace(&mut node.kind, NodeKind::Analysis);
    let mut columns = std::mem::take(&mut node.columns);
    let of_table = match &mut model {
        NodeKind::Model(model) => model.constraints.as_mut_slice(),
        _ => &mut [],
    };
    let of_columns = columns.values_mut().flat_map(|column| &mut column.constraints);
    for constraint in of_table.iter_mut().chain(of_columns) {
        if constraint.kind != ConstraintKind::ForeignKey {
            continue;
        }
        let Some(to) = constraint.to.clone() else { continue };
        match target(parser, node, &to, constraint.span) {
            Ok(target) => {
                match &target {
                    ForeignKeyTarget::Ref(one) => node.refs.push(one.clone()),
                    ForeignKeyTarget::Source(one) => node.sources.push(one.clone()),
                }
                constraint.target = Some(target);
            }
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    node.kind = model;
    node.columns = columns;
}

fn target(parser: &Parser<'_>, node: &Node, to: &str, span: Span) -> Result<ForeignKeyTarget, Diagnostic> {
    let context = ParseContext::new(parser.invocation, subject(node));
    let text = to.trim();
    let template = if text.starts_with("{{") { text.to_owned() } else { format!("{{{{ {text} }}}}") };
    let is_call = ["ref", "source"].iter().any(|name| text.trim_start_matches("{{").trim().starts_with(name));
    if is_call {
        parser.invocation.engine.evaluate(&template, span, &context.value())?;
    }
    let Recorded { mut refs, mut sources, .. } = context.recorded();
    match (refs.pop(), sources.pop()) {
        (Some(mut one), None) => {
            one.span = Some(span);
            Ok(ForeignKeyTarget::Ref(one))
        }
        (None, Some(mut one)) => {
            one.span = Some(span);
            Ok(ForeignKeyTarget::Source(one))
        }
        _ => {
            let message =
                format!("a foreign key of `{}` points to `{to}`, which is no ref or source", node.name);
            Err(Diagnostic::new(Code::InvalidConfig, message)
                .label(span, "")
                .help("write `to: ref('model')` or `to: source('source', 'table')`, or use `expression`"))
        }
    }
}

fn subject(node: &Node) -> Subject {
    Subject {
        package: node.package.clone(),
        name: node.name.clone(),
        unique_id: node.id.to_string(),
        resource_type: node.resource_type,
        path: node.path.clone(),
        original_file_path: node.original_file_path.clone(),
        fqn: node.fqn.clone(),
        raw_code: "".into(),
        database: node.database.clone(),
        schema: node.schema.clone(),
        alias: node.alias.clone(),
        config: Map::new(),
        test_kwargs: Map::new(),
        version: None,
        place: node.patch,
    }
}

/// Gives each foreign key the name of the relation that it points to, and each model its primary
/// key. Refs are resolved by now.
pub(super) fn resolve(manifest: &mut Manifest) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    let mut nodes = std::mem::take(&mut manifest.nodes);
    let mut found: Vec<(NodeId, Vec<Option<NodeId>>)> = Vec::new();
    for node in nodes.values() {
        let targets: Vec<Option<NodeId>> =
            all(node).map(|constraint| lookup(manifest, node, constraint)).collect();
        if targets.iter().any(Option::is_some) {
            found.push((node.id.clone(), targets));
        }
    }
    for (id, targets) in found {
        let names: Vec<Option<Result<String, String>>> = targets
            .iter()
            .map(|target| {
                let target = nodes.get(target.as_ref()?)?;
                let relation = target.relation.as_ref().map(ToString::to_string);
                Some(relation.ok_or_else(|| target.name.clone()))
            })
            .collect();
        let Some(node) = nodes.get_mut(&id) else { continue };
        for (constraint, name) in all_mut(node).zip(names) {
            match name {
                Some(Ok(name)) => constraint.to = Some(name),
                Some(Err(name)) => diagnostics.push(
                    Diagnostic::new(
                        Code::InvalidConfig,
                        format!("a foreign key points to `{name}`, which is no relation"),
                    )
                    .label(constraint.span, "")
                    .help(format!("materialize `{name}` as a table")),
                ),
                None => {}
            }
        }
    }
    manifest.nodes = nodes;
    infer_primary_keys(manifest);
    diagnostics
}

fn all(node: &Node) -> impl Iterator<Item = &Constraint> {
    let of_table = node.model().map(|model| model.constraints.as_slice()).unwrap_or_default();
    of_table.iter().chain(node.columns.values().flat_map(|column| &column.constraints))
}

fn all_mut(node: &mut Node) -> impl Iterator<Item = &mut Constraint> {
    let of_table = match &mut node.kind {
        NodeKind::Model(model) => model.constraints.as_mut_slice(),
        _ => &mut [],
    };
    of_table.iter_mut().chain(node.columns.values_mut().flat_map(|column| &mut column.constraints))
}

fn lookup(manifest: &Manifest, node: &Node, constraint: &Constraint) -> Option<NodeId> {
    use crate::manifest::Found;
    let (root, from) = (manifest.project.as_str(), node.package.as_str());
    let found = match constraint.target.as_ref()? {
        ForeignKeyTarget::Ref(one) => manifest.lookup.find_ref(root, from, one),
        ForeignKeyTarget::Source(one) => manifest.lookup.find_source(root, from, &one.source, &one.table),
    };
    match found {
        Found::Node(id) => Some(id),
        _ => None,
    }
}

/// A test of columns that a key may be made of.
struct KeyTest {
    /// Else it is one for null.
    is_unique: bool,
    is_enabled: bool,
    columns: Vec<String>,
}

/// What tells the rows of a model apart: what a constraint says; else the columns that are tested
/// to be unique and not null; else those tested to be unique, by tests that run before those that
/// are switched off.
fn infer_primary_keys(manifest: &mut Manifest) {
    let mut tests: HashMap<NodeId, Vec<KeyTest>> = HashMap::new();
    let enabled = manifest.nodes.values().map(|node| (node, true));
    for (node, is_enabled) in enabled.chain(manifest.disabled.values().map(|node| (node, false))) {
        let Some(test) = node.data_test() else { continue };
        let (Some(metadata), Some(on)) = (&test.metadata, &test.attached_node) else { continue };
        let texts = |key: &str| -> Vec<String> {
            match metadata.kwargs.get(key) {
                Some(serde_json::Value::String(name)) => vec![name.clone()],
                Some(serde_json::Value::Array(names)) => {
                    names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
                }
                _ => Vec::new(),
            }
        };
        let columns = match metadata.name.as_str() {
            "unique" | "not_null" => texts("column_name"),
            "unique_combination_of_columns" => texts("combination_of_columns"),
            _ => continue,
        };
        let is_unique = metadata.name != "not_null";
        tests.entry(on.clone()).or_default().push(KeyTest { is_unique, is_enabled, columns });
    }
    for node in manifest.nodes.values_mut() {
        if node.model().is_none() {
            continue;
        }
        let tested = || tests.get(&node.id).map(|tests| tested_key(tests)).unwrap_or_default();
        let key = declared_key(node).unwrap_or_else(tested);
        if let NodeKind::Model(model) = &mut node.kind {
            model.primary_key = key;
        }
    }
}

fn declared_key(node: &Node) -> Option<Vec<String>> {
    let is_key = |constraint: &&Constraint| constraint.kind == ConstraintKind::PrimaryKey;
    let of_table = node.model()?.constraints.iter().find(is_key).map(|key| key.columns.clone());
    let of_column = || {
        let mut columns = node.columns.values();
        columns
            .find(|column| column.constraints.iter().any(|one| is_key(&one)))
            .map(|column| vec![column.name.clone()])
    };
    of_table.or_else(of_column)
}

/// The key of a model that has these tests.
fn tested_key(tests: &[KeyTest]) -> Vec<String> {
    let columns = |is_meant: &dyn Fn(&KeyTest) -> bool| -> BTreeSet<String> {
        let meant = tests.iter().filter(|test| is_meant(test));
        meant.flat_map(|test| test.columns.iter().cloned()).collect()
    };
    let unique = columns(&|test| test.is_unique && test.is_enabled);
    let unique_off = columns(&|test| test.is_unique && !test.is_enabled);
    let not_null = columns(&|test| !test.is_unique);
    let both: Vec<String> = not_null
        .iter()
        .filter(|name| unique.contains(*name) || unique_off.contains(*name))
        .cloned()
        .collect();
    let first = [both, unique.into_iter().collect(), unique_off.into_iter().collect()];
    first.into_iter().find(|columns| !columns.is_empty()).unwrap_or_default()
}
