use std::path::Path;

use super::load::{self, Project};
use super::packages::{PackageEntry, written};
use super::project_config;
use super::read_text::{read_yaml, shown_path};
use super::vars::parse_vars;
use super::yaml_context::YamlRenderer;
use super::{Flags, LoadOptions, Package, ProjectConfig, Vars, locate};
use crate::diagnostic::{Checked, Diagnostic};
use crate::system::System;
use crate::text::Files;
use crate::yaml::Yaml;

/// What `deps` reads: the project file, packages.yml, and those of the packages that it asks
/// for. No profile is needed.
#[derive(Debug)]
pub struct PackageFiles {
    pub root: Package,
    pub flags: Flags,
    renderer: YamlRenderer,
}

impl PackageFiles {
    /// Reads the project file.
    pub fn open(system: &dyn System, files: &Files, options: &LoadOptions) -> Checked<Option<Self>> {
        let mut diagnostics = Vec::new();
        let mut vars = Vars::default();
        match options.vars.as_deref().map(|text| parse_vars(text, files)) {
            Some(Ok(given)) => vars.command_line = given,
            Some(Err(error)) => return Checked::new(None, vec![error]),
            None => {}
        }
        let read = load::project(system, files, options, &vars, &mut diagnostics);
        let opened = read.map(|Project { root, config, renderer, profile_told, .. }| {
            diagnostics.drain(profile_told);
            let flags = Flags::resolve(system, options, &config.flags).drain_into(&mut diagnostics);
            let root = Package { config, root, is_root: true, is_builtin: false, depends_on: Vec::new() };
            Self { root, flags, renderer }
        });
        Checked::new(opened, diagnostics)
    }

    /// What the packages.yml or dependencies.yml of a folder asks for.
    pub fn entries(
        &self,
        system: &dyn System,
        files: &Files,
        folder: &Path,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Vec<PackageEntry> {
        written(system, files, &self.root.root, folder, &self.renderer, diagnostics)
    }

    /// The lock file's value with its templates rendered: addresses may have secrets in them.
    pub fn rendered(&self, lock: &Yaml, diagnostics: &mut Vec<Diagnostic>) -> Yaml {
        self.renderer.render(lock, true, |_| false, diagnostics)
    }

    /// The project file of a package that was fetched; `None` where there is none.
    pub fn project(
        &self,
        system: &dyn System,
        files: &Files,
        folder: &Path,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<ProjectConfig> {
        let path = locate::project_file(system, folder)?;
        let shown = shown_path(&self.root.root, &path);
        let (file, yaml) = read_yaml(system, files, &path, &shown, diagnostics)?;
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // What is wrong beyond the name is told when the package is used.
        Some(project_config::read(yaml.as_ref(), &file, &name, &self.renderer, &mut Vec::new()))
    }
}

/// Whether xform works as a dbt that a package asks for: `None` for a range that is not
/// well-formed.
#[must_use]
pub fn is_version_in(version: &str, ranges: &str) -> Option<bool> {
    super::version::is_compatible(version, ranges)
}

/// How two versions stand to each other; `None` where one is not well-formed.
#[must_use]
pub fn compare_versions(one: &str, two: &str) -> Option<std::cmp::Ordering> {
    super::version::compare(one, two)
}
