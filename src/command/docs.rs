use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::docs_page::{page, static_page};
use super::inline::with_operation;
use super::shell::ended;
use super::{Ended, Shell};
use crate::adapter::{Relation, Rows};
use crate::artifact::{CatalogJson, to_bytes, write};
use crate::context::{LogLevel, RelationCache, RelationValue, rows_of};
use crate::diagnostic::{Code, Diagnostic};
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
    /// Also write one page with everything in it.
    pub is_static: bool,
}

/// Where more relations than this are asked for, whole schemas are; as in dbt.
const MOST_RELATIONS: usize = 100;

/// `xform docs generate`: compiles, and writes `catalog.json` and the pages that show it.
/// See <https://docs.getdbt.com/reference/commands/cmd-docs>.
#[must_use]
pub fn docs_generate(shell: &Shell<'_>, options: &DocsOptions) -> Ended {
    match generate(shell, options) {
        Ok(ended) | Err(ended) => ended,
    }
}

/// `xform docs serve`, which is not there yet.
#[must_use]
pub fn docs_serve(shell: &Shell<'_>) -> Ended {
    shell.fail(Diagnostic::error(Code::NotSupported, "`xform docs serve` is not supported yet").help(
        "`xform docs generate --static` writes `target/static_index.html`, which a browser opens from disk",
    ))
}

fn generate(shell: &Shell<'_>, options: &DocsOptions) -> Result<Ended, Ended> {
    let session = shell.session;
    let manifest = &session.manifest;
    let selection = shell.select(manifest, &options.criteria)?;
    if options.compile {
        let finished = shell.run(manifest, &selection, Purpose::Compile, None)?;
        if finished.has_failures() {
            log(shell, "The catalog is not written: compiling failed");
            return Ok(ended(&finished));
        }
    }
    log(shell, "Building catalog");
    let shown: BTreeSet<NodeId> =
        selection.iter().filter(|id| manifest.node(id).is_some_and(is_in_catalog)).cloned().collect();
    let (rows, errors) = if options.empty_catalog { (Vec::new(), Vec::new()) } else { ask(shell, &shown)? };
    let about = session.about();
    let catalog = CatalogJson::new(manifest, &shown, &about, &rows, &errors);
    let system = &*session.invocation.system;
    let target = session.paths.target();
    let path = target.join("catalog.json");
    let failed = |diagnostic| shell.fail(diagnostic);
    write(system, &path, &catalog).map_err(failed)?;
    copy_assets(shell)?;
    let put = |name: &str, text: String| {
        system.write(&target.join(name), text.as_bytes()).map_err(|error| {
            shell.fail(Diagnostic::new(
                Code::CannotWriteFile,
                format!("cannot write `{}`: {error}", session.paths.shown(&target.join(name))),
            ))
        })
    };
    if options.compile {
        write(system, &session.paths.column_lineage(), &super::lineage::all_columns(shell))
            .map_err(failed)?;
    }
    put("index.html", page(manifest, &catalog))?;
    if options.is_static {
        let manifest_text = system.read(&session.paths.manifest()).unwrap_or_default();
        let catalog_text = to_bytes(&catalog).unwrap_or_default();
        put("static_index.html", static_page(manifest, &catalog, &manifest_text, &catalog_text))?;
    }
    if errors.is_empty() {
        log(shell, &format!("Catalog written to {}", path.display()));
        return Ok(Ended::Well);
    }
    let many = if errors.len() == 1 { "failure" } else { "failures" };
    log(shell, &format!("dbt encountered {} {many} while writing the catalog", errors.len()));
    log(shell, &format!("Catalog written to {}", path.display()));
    Ok(Ended::WithFailures)
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
