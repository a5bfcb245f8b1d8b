use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::docs_site::{add_what_is_known, put, site, unwritten};
use super::inline::with_operation;
use super::lineage::{Known, all_columns};
use super::shell::ended;
use super::{Ended, Shell};
use crate::adapter::{Relation, Rows, TableSize};
use crate::artifact::{CatalogJson, write};
use crate::compile::Compiled;
use crate::context::{LogLevel, RelationCache, RelationValue, rows_of};
use crate::diagnostic::{Code, Diagnostic};
use crate::docs::Catalog;
use crate::execute::{Event, connect};
use crate::jinja::{Value, list_value};
use crate::manifest::{Manifest, Node, NodeId, NodeKind};
use crate::materialize::{Job, operation};
use crate::plan::Purpose;
use crate::select::Criteria;
use crate::sql::RelationName;

/// What `docs generate` is asked for.
#[derive(Clone, Debug)]
pub struct DocsOptions {
    pub criteria: Criteria,
    /// Whether templates are compiled, so that the manifest holds their SQL.
    pub compile: bool,
    /// Ask the warehouse nothing: a catalog of no relations.
    pub empty_catalog: bool,
    /// Also write the site as one file.
    pub is_static: bool,
}

/// Where more relations than this are asked for, whole schemas are; as in dbt.
const MOST_RELATIONS: usize = 100;

/// `xform docs generate`: compiles, and writes `catalog.json` and the documentation site.
///
/// A warehouse that cannot be reached is a failure that leaves a site nevertheless, of what the
/// compiler knows.
/// See <https://docs.getdbt.com/reference/commands/cmd-docs>.
#[must_use]
pub fn docs_generate(shell: &Shell<'_>, options: &DocsOptions) -> Ended {
    match generate(shell, options) {
        Ok(ended) | Err(ended) => ended,
    }
}

fn generate(shell: &Shell<'_>, options: &DocsOptions) -> Result<Ended, Ended> {
    let session = shell.session;
    let manifest = &session.manifest;
    let selection = shell.select(manifest, &options.criteria)?;
    let unreachable = unreachable(shell);
    if let Some(why) = &unreachable {
        let told = Diagnostic::warning(
            Code::ConnectionFailed,
            format!("the catalog has nothing of the warehouse: {why}"),
        );
        let help = "columns, types and lineage on the site are what the compiler knows; `--empty-catalog` asks the warehouse nothing";
        // Who wants no catalog misses none.
        if !options.empty_catalog {
            shell.warn(told.help(help))?;
        }
    }
    let mut compiled: BTreeMap<NodeId, Arc<Compiled>> = BTreeMap::new();
    if options.compile && (unreachable.is_none() || session.invocation.adapter.connect_to_compile().is_ok()) {
        let (finished, compiler) = shell.run_and_keep(manifest, &selection, Purpose::Compile, None)?;
        if finished.has_failures() {
            log(shell, "The catalog is not written: compiling failed");
            return Ok(ended(&finished));
        }
        compiled.extend(compiler.compiled());
    } else if options.compile {
        shell.write_manifest(manifest)?;
    }
    log(shell, "Building catalog");
    let shown: BTreeSet<NodeId> =
        selection.iter().filter(|id| manifest.node(id).is_some_and(is_in_catalog)).cloned().collect();
    let (rows, errors) = match unreachable {
        _ if options.empty_catalog => (Vec::new(), Vec::new()),
        Some(why) => (Vec::new(), vec![why]),
        None => ask(shell, &shown)?,
    };
    let about = session.about();
    let catalog = CatalogJson::new(manifest, &shown, &about, &rows, &errors);
    let system = &*session.invocation.system;
    let target = session.paths.target();
    let path = target.join("catalog.json");
    let failed = |diagnostic| shell.fail(diagnostic);
    write(system, &path, &catalog).map_err(failed)?;
    copy_assets(shell)?;
    let known = Known::new(session);
    if options.compile {
        write(system, &session.paths.column_lineage(), &all_columns(&known)).map_err(failed)?;
        add_what_is_known(&mut compiled, &known);
    }
    let mut kept = Catalog::new(manifest, &catalog, &sizes(shell, options.empty_catalog));
    for (id, compiled) in compiled.iter().filter(|(_, compiled)| compiled.asked_warehouse) {
        if let Some(node) = manifest.node(id) {
            kept.keep_sql(manifest, node, &compiled.code);
        }
    }
    let path_of_kept = session.paths.site_catalog(&session.invocation.target.name);
    write(system, &path_of_kept, &kept).map_err(failed)?;
    let notices = notices(options, &errors);
    let site =
        site(session, &known, options.compile.then_some(&compiled), &kept, &notices).map_err(failed)?;
    put(session, &site).map_err(failed)?;
    if options.is_static {
        site.write_static(system, target).map_err(|error| failed(unwritten(session, error)))?;
    }
    log(shell, &format!("Documentation written to {}", target.join("index.html").display()));
    if errors.is_empty() {
        log(shell, &format!("Catalog written to {}", path.display()));
        return Ok(Ended::Well);
    }
    let many = if errors.len() == 1 { "failure" } else { "failures" };
    log(shell, &format!("dbt encountered {} {many} while writing the catalog", errors.len()));
    log(shell, &format!("Catalog written to {}", path.display()));
    Ok(Ended::WithFailures)
}

/// Why the warehouse cannot be reached, if it cannot.
fn unreachable(shell: &Shell<'_>) -> Option<String> {
    connect(&shell.session.invocation).err().map(|told| told.message().to_owned())
}

/// What the site says could not be found out.
fn notices(options: &DocsOptions, errors: &[String]) -> Vec<String> {
    let mut notices = Vec::new();
    if options.empty_catalog {
        notices
            .push("The warehouse was not asked: columns and types are what the compiler knows.".to_owned());
    }
    let failed = errors.iter().map(|error| format!("The catalog is not complete: {error}"));
    notices.extend(failed);
    if !options.compile {
        notices.push("Templates were not compiled: only the SQL as it is written is shown.".to_owned());
    }
    notices
}

/// How large tables are, as far as the warehouse knows without counting.
fn sizes(shell: &Shell<'_>, is_unasked: bool) -> Vec<TableSize> {
    let invocation = &shell.session.invocation;
    if is_unasked {
        return Vec::new();
    }
    let relations = shell.session.manifest.nodes.values().filter_map(|node| node.relation.as_ref());
    let mut databases: BTreeSet<String> =
        relations.filter_map(|relation| relation.database.clone()).collect();
    databases.insert(invocation.adapter.database().to_owned());
    invocation.adapter.list_sizes(&databases).unwrap_or_else(|error| {
        let text = format!("the sizes of tables are not known: {}", error.message);
        shell.reporter.report(Event::Log { level: LogLevel::Debug, text });
        Vec::new()
    })
}

/// Whether a node is a relation that the warehouse can describe.
fn is_in_catalog(node: &Node) -> bool {
    let is_relation = node.resource_type.is_refable() || matches!(node.kind, NodeKind::Source(_));
    is_relation && !node.is_ephemeral() && node.relation.is_some()
}

fn log(shell: &Shell<'_>, text: &str) {
    shell.reporter.report(Event::Log { level: LogLevel::Info, text: text.to_owned() });
}

/// What the warehouse says of the relations of some nodes, a table for each database; and
/// what went wrong.
fn ask(shell: &Shell<'_>, shown: &BTreeSet<NodeId>) -> Result<(Vec<Rows>, Vec<String>), Ended> {
    let session = shell.session;
    let mut databases: BTreeMap<&str, BTreeMap<(String, String, String), &RelationName>> = BTreeMap::new();
    for node in shown.iter().filter_map(|id| session.manifest.node(id)) {
        let Some(relation) = &node.relation else { continue };
        let database = relation.database.as_deref().unwrap_or(&node.database);
        databases.entry(database).or_default().insert(relation.key(), relation);
    }
    let (manifest, id) =
        with_operation(session, "catalog", "").map_err(|diagnostics| shell.refuse(diagnostics))?;
    let manifest: Arc<Manifest> = Arc::new(manifest);
    let connection = connect(&session.invocation).map_err(|diagnostic| shell.fail(diagnostic))?;
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for relations in databases.into_values() {
        let Some(node) = manifest.node(&id) else { continue };
        let job = Job {
            invocation: &session.invocation,
            manifest: &manifest,
            cache: &Arc::new(RelationCache::default()),
            node,
            compiled: None,
            connection: Arc::clone(&connection),
            batch: None,
            ran: std::sync::Arc::default(),
        };
        let relations: Vec<&RelationName> = relations.into_values().collect();
        match describe(&job, &relations) {
            Ok(found) => rows.push(found),
            Err(diagnostic) => {
                errors.push(diagnostic.to_string());
                shell.tell(diagnostic);
            }
        }
    }
    super::catalog_cache::keep_catalog(shell);
    Ok((rows, errors))
}

/// Calls `get_catalog_relations`, or `get_catalog` where there are many, for relations of one
/// database.
fn describe(job: &Job<'_>, relations: &[&RelationName]) -> Result<Rows, Diagnostic> {
    let value = |name: RelationName| RelationValue::new(Relation { name, kind: None });
    let Some(first) = relations.first() else { return Ok(Rows::default()) };
    let information_schema = value((*first).clone()).information_schema(None).into_value();
    let (macro_name, asked) = if relations.len() <= MOST_RELATIONS {
        let all = relations.iter().map(|name| value((*name).clone()).into_value());
        ("get_catalog_relations", ("relations", list_value(all.collect())))
    } else {
        let schemas: BTreeSet<String> = relations
            .iter()
            .filter_map(|name| name.schema.as_ref())
            .map(|name| name.to_lowercase())
            .collect();
        ("get_catalog", ("schemas", list_value(schemas.into_iter().map(Value::from).collect())))
    };
    let macros = &job.invocation.macros;
    let package = macros.find(&job.invocation.root_package, macro_name).unwrap_or("dbt").to_owned();
    let keywords = [("information_schema", information_schema), asked];
    let answer = operation(job, &package, macro_name, &keywords)?;
    rows_of(&answer).ok_or_else(|| {
        Diagnostic::error(Code::InvalidArguments, format!("`{macro_name}` returned no table"))
            .help("end the macro with `return(run_query(…))`, a row for each column")
    })
}

/// Puts the files of the project's asset folders below the target folder.
fn copy_assets(shell: &Shell<'_>) -> Result<(), Ended> {
    let invocation = &shell.session.invocation;
    let system = &*invocation.system;
    let target = shell.session.paths.target();
    let Some(root) = invocation.packages.iter().find(|package| package.is_root) else { return Ok(()) };
    for folder in &root.config.asset_paths {
        let from = root.root.join(folder);
        // An absolute path keeps its last part alone, so that nothing leaves the target.
        let name = Path::new(folder).file_name().filter(|_| Path::new(folder).is_absolute());
        let to = target.join(name.map_or(Path::new(folder), Path::new));
        let copied = system.walk(&from).and_then(|files| {
            for file in files {
                let below = file.path.strip_prefix(&from).unwrap_or(&file.path);
                system.write(&to.join(below), &system.read(&file.path)?)?;
            }
            Ok(())
        });
        copied.map_err(|error| {
            shell.fail(Diagnostic::new(
                Code::CannotWriteFile,
                format!("the assets in `{folder}` cannot be copied: {error}"),
            ))
        })?;
    }
    Ok(())
}
