use super::cache::Digester;
use super::config::Level;
use super::properties::{Common, Origin, SourceEntry, TableEntry};
use crate::diagnostic::{Code, Diagnostic, WarningName};
use crate::text::Span;

/// Puts what entries with `overrides:` say over the sources of the packages that they name.
/// A source or table that is not there is told, and nothing comes of it.
/// See <https://docs.getdbt.com/reference/resource-properties/overrides>.
pub(super) fn apply(sources: &mut Vec<SourceEntry>) -> Vec<Diagnostic> {
    let (over, mut plain): (Vec<_>, Vec<_>) =
        std::mem::take(sources).into_iter().partition(|source| source.overrides.is_some());
    let mut diagnostics = Vec::new();
    for entry in over {
        let Some(package) = entry.overrides.as_ref().map(|package| package.value.clone()) else { continue };
        let is_meant = |source: &&mut SourceEntry| {
            source.origin.package == package && source.name.value == entry.name.value
        };
        match plain.iter_mut().find(is_meant) {
            Some(source) => {
                let known =
                    |table: &&TableEntry| source.tables.iter().any(|one| one.name.value == table.name.value);
                for table in entry.tables.iter().filter(|table| !known(table)) {
                    let name = format!("{}.{}", entry.name.value, table.name.value);
                    diagnostics.push(without_target("table", &package, &name, table.span));
                }
                override_source(source, entry);
            }
            None => {
                diagnostics.push(without_target("source", &package, &entry.name.value, entry.name.span));
            }
        }
    }
    *sources = plain;
    diagnostics
}

fn without_target(kind: &str, package: &str, name: &str, place: Span) -> Diagnostic {
    Diagnostic::new(
        Code::UnmatchedPatch,
        format!("the package `{package}` has no {kind} `{name}` to override"),
    )
    .stands_for(WarningName::UnusedTables)
    .label(place, "")
    .help("correct the name, or remove `overrides:` to declare a source of your own")
}

fn override_source(source: &mut SourceEntry, over: SourceEntry) {
    let package = source.origin.package.clone();
    source.digest = match (source.digest, over.digest) {
        (Some(own), Some(over)) => Some(Digester::new("overridden").bytes(&own).bytes(&over).digest()),
        _ => None,
    };
    source.origin = Origin { package, ..over.origin };
    source.description = over.description.or(source.description.take());
    source.database = over.database.or(source.database.take());
    source.schema = over.schema.or(source.schema.take());
    override_level(&mut source.config, over.config);
    override_common(&mut source.common, over.common);
    for table in over.tables {
        if let Some(known) = source.tables.iter_mut().find(|known| known.name.value == table.name.value) {
            override_table(known, table);
        }
    }
}

fn override_table(table: &mut TableEntry, over: TableEntry) {
    table.span = over.span;
    table.name = over.name;
    table.identifier = over.identifier.or(table.identifier.take());
    table.description = over.description.or(table.description.take());
    override_level(&mut table.config, over.config);
    override_common(&mut table.common, over.common);
    if !over.columns.is_empty() {
        table.columns = over.columns;
    }
    if !over.tests.is_empty() {
        table.tests = over.tests;
    }
    table.extra.extend(over.extra);
}

fn override_level(level: &mut Level, over: Level) {
    level.settings.extend(over.settings);
}

fn override_common(common: &mut Common, over: Common) {
    common.loader = over.loader.or(common.loader.take());
    common.loaded_at_field = over.loaded_at_field.or(common.loaded_at_field.take());
    common.loaded_at_query = over.loaded_at_query.or(common.loaded_at_query.take());
    common.freshness = over.freshness.or(common.freshness.take());
    common.quoting.extend(over.quoting);
    common.quote_columns = over.quote_columns.or(common.quote_columns);
}
