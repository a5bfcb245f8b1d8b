use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::config::Configured;
use super::parser::Parser;
use crate::context::Invocation;
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Value, from_json, to_json};
use crate::manifest::{Node, NodeKind, ResourceType};
use crate::project::Package;
use crate::sql::{QuotePolicy, RelationName};

/// Gives a node its database, schema and alias by the macros `generate_database_name`,
/// `generate_schema_name` and `generate_alias_name`, and its relation by these.
/// See <https://docs.getdbt.com/docs/build/custom-schemas>.
pub(super) fn name(
    parser: &Parser<'_>,
    node: &mut Node,
    configured: &Configured,
    context: &dyn Fn() -> Value,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let argument = OnceCell::new();
    let mut names = Vec::with_capacity(KEYS.len());
    for key in KEYS {
        // What snapshots are told in the old way is taken as it is:
        // <https://docs.getdbt.com/reference/resource-configs/target_schema>.
        let target = node.config.text(&format!("target_{key}")).map(str::to_owned);
        if let Some(target) = target.filter(|_| node.resource_type == ResourceType::Snapshot) {
            names.push((if key == "schema" { key } else { "database" }, target));
            continue;
        }
        let custom = node.config.text(key);
        let rendered = || {
            let argument = argument.get_or_init(|| from_json(&as_json(node)));
            let custom = custom.map_or(Value::from(()), Value::from);
            generate(parser, node, key, custom, argument, &context())
        };
        let own = parser.own_names.of(parser, node, key, custom).map(|name| Ok(Some(name)));
        if cfg!(debug_assertions) && own.is_some() {
            debug_assert_eq!(own, Some(rendered()), "the {key} of {}", node.id);
        }
        match own.unwrap_or_else(rendered) {
            Ok(name) => names.extend(name.map(|name| (key, name))),
            Err(diagnostic) => diagnostics.push(diagnostic.also(configured.place(key), "")),
        }
    }
    for (key, name) in names {
        match key {
            "database" => node.database = name,
            "schema" => node.schema = name,
            _ => node.alias = name,
        }
    }
    node.relation = is_relation(parser, node).then(|| relation(parser, node));
    if let Err(diagnostic) = pointer(parser, node, context) {
        diagnostics.push(diagnostic.also(configured.place("latest_version_pointer"), ""));
    }
}

/// The packages whose nodes are named by the macros that come with xform: what these give is known
/// without a render.
#[derive(Debug, Default)]
pub(super) struct OwnNames {
    /// By package, for each of [`KEYS`].
    packages: BTreeMap<String, [bool; 3]>,
}

const KEYS: [&str; 3] = ["database", "schema", "alias"];

impl OwnNames {
    pub(super) fn new(invocation: &Invocation, packages: &[Package]) -> Self {
        let macros = &invocation.macros;
        let prefixes = invocation.adapter.dialect().macro_prefixes();
        let own = |package: &str| {
            // The names that the macros read.
            let is_plain = ["return", "adapter", "target"].iter().all(|name| macros.leaves(package, name));
            KEYS.map(|key| {
                let name = format!("generate_{key}_name");
                is_plain && macros.is_own(package, &name) && macros.dispatches_to_default(&name, prefixes)
            })
        };
        let packages = packages.iter().map(|package| (package.name().to_owned(), own(package.name())));
        Self { packages: packages.collect() }
    }

    /// What the macro for `key` gives, if it is xform's own; `builtin/naming/` says the same in
    /// Jinja. The name of a version depends on how the version is written: that is rendered.
    fn of(&self, parser: &Parser<'_>, node: &Node, key: &str, custom: Option<&str>) -> Option<String> {
        let at = KEYS.iter().position(|known| *known == key)?;
        if !*self.packages.get(&node.package)?.get(at)? {
            return None;
        }
        let target = &parser.invocation.target;
        let name = match (key, custom) {
            ("database", None) => target.database.as_str(),
            ("schema", None) => &target.schema,
            ("schema", Some(custom)) => &format!("{}_{}", target.schema, custom.trim()),
            ("alias", None | Some("")) if has_version(node) => return None,
            ("alias", None | Some("")) => &node.name,
            (_, Some(custom)) => custom,
            (_, None) => return None,
        };
        Some(name.trim().to_owned())
    }
}

fn has_version(node: &Node) -> bool {
    node.model().is_some_and(|model| model.version.is_some())
}

/// The name that the macro for `key` gives; `None` when it gives none.
fn generate(
    parser: &Parser<'_>,
    node: &Node,
    key: &str,
    custom: Value,
    argument: &Value,
    context: &Value,
) -> Result<Option<String>, Diagnostic> {
    let name =
        if key.ends_with("_alias") { format!("generate_{key}") } else { format!("generate_{key}_name") };
    let invocation = parser.invocation;
    let Some(package) = invocation.macros.find(&node.package, &name) else {
        return Err(Diagnostic::new(Code::MissingMacro, format!("there is no macro `{name}`")));
    };
    let returned = invocation.engine.call(package, &name, &[custom, argument.clone()], &[], context)?;
    Ok(match to_json(&returned) {
        Json::String(text) => Some(text.trim().to_owned()),
        Json::Null => None,
        other => Some(other.to_string()),
    })
}

/// Gives the latest version of a model the view that points to it, where one is wanted.
fn pointer(parser: &Parser<'_>, node: &mut Node, context: &dyn Fn() -> Value) -> Result<(), Diagnostic> {
    let is_latest =
        node.model().is_some_and(|model| model.version.is_some() && model.version == model.latest_version);
    let config = node.config.get("latest_version_pointer");
    let flag = parser.invocation.flags.behaviour.get("latest_version_pointer_enabled_by_default");
    let is_wanted =
        config.and_then(|config| config.get("enabled")?.as_bool()).or(flag.and_then(Json::as_bool));
    if !is_latest || !is_wanted.unwrap_or_default() || node.relation.is_none() {
        return Ok(());
    }
    let custom = config.and_then(|config| config.get("alias")?.as_str()).map_or(Value::from(()), Value::from);
    let argument = from_json(&as_json(node));
    let alias = generate(parser, node, "latest_version_pointer_alias", custom, &argument, &context())?;
    let Some(relation) = node.relation.clone() else { return Ok(()) };
    if let NodeKind::Model(model) = &mut node.kind {
        model.latest_version_pointer = Some(RelationName { identifier: alias, ..relation });
    }
    Ok(())
}

/// Whether a node is or becomes a relation of the warehouse.
fn is_relation(parser: &Parser<'_>, node: &Node) -> bool {
    match node.resource_type {
        ResourceType::Model => !node.is_ephemeral(),
        ResourceType::Seed | ResourceType::Snapshot | ResourceType::Function => true,
        ResourceType::Test => {
            let flag = parser.invocation.flags.store_failures;
            node.config.flag("store_failures").or(flag).unwrap_or_default()
        }
        _ => false,
    }
}

fn relation(parser: &Parser<'_>, node: &Node) -> RelationName {
    let root = parser.package(&parser.invocation.root_package);
    let project = root.map(|root| Json::Object(root.config.quoting.clone()));
    let own = node.config.get("quoting");
    let policy = |key: &str, default: bool| {
        let levels = [own, project.as_ref()];
        levels.into_iter().flatten().find_map(|level| level.get(key)?.as_bool()).unwrap_or(default)
    };
    let dialect = parser.invocation.adapter.dialect();
    let default = QuotePolicy::of(dialect);
    let quoting = QuotePolicy {
        database: policy("database", default.database),
        schema: policy("schema", default.schema),
        identifier: policy("identifier", default.identifier),
    };
    RelationName { quoting, ..RelationName::new(dialect, &node.database, &node.schema, &node.alias) }
}

/// A node as macros that name it see it.
fn as_json(node: &Node) -> Json {
    json!({
        "resource_type": node.resource_type.name(),
        "name": node.name,
        "package_name": node.package,
        "path": node.path,
        "original_file_path": node.original_file_path,
        "unique_id": node.id.as_str(),
        "fqn": node.fqn,
        "alias": node.alias,
        "database": node.database,
        "schema": node.schema,
        "config": node.config.values(),
        "tags": node.tags,
        "meta": node.meta,
        "description": node.description,
        "group": node.group,
        "patch_path": node.patch_path,
        "raw_code": &*node.raw_code,
        "language": node.model().map_or("sql", |model| model.language.name()),
        "version": node.model().and_then(|model| model.version.as_ref()),
    })
}
