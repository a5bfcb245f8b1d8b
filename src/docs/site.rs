use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Serialize;

use super::Material;
use super::contract::{Index, Nodes, Owner, Run};
use super::detail::detail;
use super::entry::entry;
use super::history_part::history;
use super::known::{Known, thousandths};
use super::lineage_part::lineage;
use super::numbers::Item;
use super::overview::{overview, packages};
use super::search_part::searches;
use super::static_page::{page, static_page};
use crate::system::{ContentDigest, System};

/// The web app, as `site/` builds it.
pub(super) const APP: &str = include_str!("site/app.js");
pub(super) const STYLE: &str = include_str!("site/app.css");

/// The folder beside `index.html` that is all the site's own.
pub(super) const FOLDER: &str = "xform-docs";

/// How many details are in a part.
const CHUNK: usize = 100;

/// The documentation of a project, ready to be written: an index, and parts that pages load.
#[derive(Clone, Debug)]
pub struct Site {
    title: String,
    parts: Vec<Part>,
    digest: String,
    generated_at: String,
}

/// A name, as `nodes/3`, and JSON without `<`, so that it may stand in HTML.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub name: String,
    pub json: Vec<u8>,
}

impl Part {
    fn new(name: impl Into<String>, value: &impl Serialize) -> serde_json::Result<Self> {
        let written = serde_json::to_vec(value)?;
        let mut json = Vec::with_capacity(written.len() + written.len() / 16);
        // In JSON it stands in strings alone.
        let mut pieces = written.split(|byte| *byte == b'<');
        json.extend_from_slice(pieces.next().unwrap_or_default());
        for piece in pieces {
            json.extend_from_slice(b"\\u003c");
            json.extend_from_slice(piece);
        }
        Ok(Self { name: name.into(), json })
    }

    /// As a script that hands it to the app: what a page opened from disk may load.
    fn script(&self) -> Vec<u8> {
        let mut script = Vec::with_capacity(self.json.len() + self.name.len() + 20);
        script.extend_from_slice(format!("xform.take(\"{}\",", self.name).as_bytes());
        script.extend_from_slice(&self.json);
        script.extend_from_slice(b");\n");
        script
    }
}

impl Site {
    /// Takes time in proportion to the text of the project.
    ///
    /// # Errors
    /// A value in it has no form in JSON.
    pub fn new(material: &Material<'_>) -> serde_json::Result<Self> {
        let known = Known::new(material);
        let count = known.numbers.items.len();
        let chunks: Vec<usize> = (0..count.div_ceil(CHUNK)).collect();
        let details: Vec<Part> = chunks
            .par_iter()
            .map(|chunk| {
                let ids = chunk * CHUNK..((chunk + 1) * CHUNK).min(count);
                let nodes = ids.map(|id| detail(&known, id)).collect();
                Part::new(format!("nodes/{chunk}"), &Nodes { nodes })
            })
            .collect::<serde_json::Result<_>>()?;
        let searches: Vec<Part> = searches(&known)
            .par_iter()
            .enumerate()
            .map(|(at, search)| Part::new(format!("search/{at}"), search))
            .collect::<serde_json::Result<_>>()?;
        let lineage = Part::new("lineage", &lineage(&known))?;
        let history = Part::new("history", &history(&known))?;
        let index = Part::new("index", &index(&known, searches.len()))?;
        let mut parts: Vec<Part> = details.into_iter().chain([lineage, history]).chain(searches).collect();
        // Without the time, which stands near the beginning.
        let time = serde_json::to_string(material.generated_at)?;
        let (head, tail) = index.json.split_at(index.json.len().min(200));
        let head = String::from_utf8_lossy(head).replacen(&time, "", 1);
        let mut digests = head + &ContentDigest::of(tail).to_string();
        let all: Vec<String> =
            parts.par_iter().map(|part| ContentDigest::of(&part.json).to_string()).collect();
        digests.extend(all);
        let digest = ContentDigest::of(digests.as_bytes()).to_string();
        parts.push(index);
        let generated_at = material.generated_at.to_owned();
        Ok(Self { title: material.manifest.project.clone(), parts, digest, generated_at })
    }

    /// The same for two sites that show the same, whenever they were made.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// When it was made, as it says itself.
    #[must_use]
    pub fn generated_at(&self) -> &str {
        &self.generated_at
    }

    /// Writes the site to a target folder: `index.html`, and the folder `xform-docs`, where nothing of
    /// an older site is left. What is there already is not written again.
    ///
    /// # Errors
    /// A file cannot be written; the path is told with the error.
    pub fn write(&self, system: &dyn System, target: &Path) -> Result<(), (PathBuf, io::Error)> {
        let folder = target.join(FOLDER);
        let update = |path: PathBuf, bytes: &[u8]| {
            system.update(&path, bytes).map_err(|error| (path.clone(), error)).map(|()| path)
        };
        let mut written: BTreeSet<PathBuf> = self
            .parts
            .par_iter()
            .map(|part| update(folder.join("data").join(format!("{}.js", part.name)), &part.script()))
            .collect::<Result<_, _>>()?;
        written.insert(update(folder.join("app.js"), APP.as_bytes())?);
        written.insert(update(folder.join("app.css"), STYLE.as_bytes())?);
        update(target.join("index.html"), page(&self.title).as_bytes())?;
        let there = system.walk(&folder).unwrap_or_default();
        for old in there.into_iter().filter(|file| !written.contains(&file.path)) {
            let _ = system.remove(&old.path);
        }
        Ok(())
    }

    /// Writes the site as one file, `static_index.html`.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write_static(&self, system: &dyn System, target: &Path) -> Result<(), (PathBuf, io::Error)> {
        let path = target.join("static_index.html");
        let page = static_page(&self.title, &self.parts);
        system.write(&path, &page).map_err(|error| (path, error))
    }
}

fn index<'a>(known: &Known<'a>, searches: usize) -> Index<'a> {
    let material = known.material;
    let count = known.numbers.items.len();
    let ids: Vec<usize> = (0..count).collect();
    let groups = known.numbers.items.iter().filter_map(|item| match item {
        Item::Group(_, group) => Some(group),
        _ => None,
    });
    let text = |owner: &'a serde_json::Map<String, serde_json::Value>, key: &str| owner.get(key)?.as_str();
    let owner = |group: &'a crate::manifest::Group| Owner {
        owner: text(&group.owner, "name").unwrap_or_default(),
        email: text(&group.owner, "email"),
    };
    Index {
        format: 1,
        is_live: false,
        generated_at: material.generated_at,
        xform: env!("CARGO_PKG_VERSION"),
        project: &material.manifest.project,
        adapter: material.adapter,
        target: material.target,
        has_code: true,
        is_compiled: material.compiled.is_some(),
        searches,
        chunk: CHUNK,
        overview: overview(material),
        packages: packages(material),
        groups: groups.map(|group| (group.name.as_str(), owner(group))).collect(),
        runs: material
            .runs
            .iter()
            .map(|run| Run {
                id: &run.id,
                command: &run.command,
                at: run.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
                seconds: thousandths(run.seconds),
                counts: run.counts(),
            })
            .collect(),
        notices: material.notices,
        nodes: ids.par_iter().map(|id| entry(known, *id)).collect(),
    }
}
