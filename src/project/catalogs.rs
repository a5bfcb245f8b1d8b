use std::path::Path;

use super::read_text::read_yaml;
use super::yaml_context::YamlRenderer;
use crate::diagnostic::{Code, Diagnostic};
use crate::system::System;
use crate::text::{Files, Spanned};
use crate::yaml::{Reader, Yaml};

const FILE: &str = "catalogs.yml";

/// Reads `catalogs.yml` at the root of the project, where there is one. What is malformed is
/// told, and each integration: the warehouses that xform knows write to no such catalog.
/// See <https://docs.getdbt.com/docs/mesh/iceberg/about-catalogs>.
pub(super) fn check(
    system: &dyn System,
    files: &Files,
    root: &Path,
    renderer: &YamlRenderer,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let path = root.join(FILE);
    if !system.exists(&path) {
        return;
    }
    let Some((_, Some(yaml))) = read_yaml(system, files, &path, FILE, diagnostics) else { return };
    let yaml = renderer.render(&yaml, true, |_| false, diagnostics);
    let Some(mut reader) = Reader::new(&yaml, FILE, Code::InvalidProject, diagnostics) else { return };
    let catalogs: Vec<Yaml> = reader.list("catalogs").unwrap_or_default();
    diagnostics.extend(reader.finish());
    for catalog in &catalogs {
        check_catalog(catalog, diagnostics);
    }
}

fn check_catalog(yaml: &Yaml, diagnostics: &mut Vec<Diagnostic>) {
    let Some(mut reader) = Reader::new(yaml, "a catalog", Code::InvalidProject, diagnostics) else { return };
    let name: Option<Spanned<String>> = reader.require("name");
    let active: Option<Spanned<String>> = reader.get("active_write_integration");
    let integrations: Vec<Yaml> = reader.list("write_integrations").unwrap_or_default();
    diagnostics.extend(reader.finish());
    let name = name.map(|name| name.value).unwrap_or_default();
    let mut names = Vec::new();
    for integration in &integrations {
        names.extend(check_integration(integration, &name, diagnostics));
    }
    if let Some(active) = active.filter(|active| !names.contains(&active.value)) {
        let message = format!("the catalog `{name}` has no write integration `{}`", active.value);
        diagnostics.push(
            Diagnostic::new(Code::InvalidProject, message)
                .label(active.span, "")
                .help("name one of its `write_integrations`"),
        );
    }
}

/// The integration's name.
fn check_integration(yaml: &Yaml, catalog: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let what = format!("a write integration of the catalog `{catalog}`");
    let mut reader = Reader::new(yaml, what, Code::InvalidProject, diagnostics)?;
    let name: Option<String> = reader.require("name");
    let kind: Option<Spanned<String>> = reader.require("catalog_type");
    reader.allow(&[
        "catalog_name",
        "catalog_database",
        "table_format",
        "external_volume",
        "file_format",
        "adapter_properties",
    ]);
    diagnostics.extend(reader.finish());
    if let Some(kind) = kind {
        let message = format!("DuckDB writes to no catalog of the type `{}`", kind.value);
        diagnostics.push(
            Diagnostic::new(Code::InvalidProject, message)
                .said(format!("Catalog type is not supported. Received: {}", kind.value))
                .label(kind.span, "")
                .help("remove the catalog, and `catalog_name` of the models that ask for it"),
        );
    }
    name
}
