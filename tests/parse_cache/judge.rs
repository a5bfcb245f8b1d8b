use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use xform::artifact::{SemanticManifestJson, manifest_json, to_bytes};
use xform::context::{LogLevel, LogSink};
use xform::diagnostic::Diagnostic;
use xform::diagnostic::render::{Colour, human};
use xform::project::LoadOptions;
use xform::session::Session;
use xform::system::System;
use xform::text::Files;

use super::machine::Machine;
use super::world::World;

/// What a parse gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The bytes of `manifest.json` and `semantic_manifest.json`, where the project was understood.
    pub artifacts: Vec<Vec<u8>>,
    pub errors: Vec<String>,
    /// Warnings and lines of templates; those come from several threads, so sorted.
    pub told: Vec<String>,
}

/// Two ways to one answer.
pub trait Judge {
    /// Parses a world, which lies in the folder, in both ways; the moment is a number that no
    /// other parse has. Gives what is fresh and what was kept.
    fn both(&mut self, world: &World, moment: usize) -> (Answer, Answer);
}

/// Parses in this process: once as somebody whose earlier parses left a target folder, once as
/// somebody who has none.
pub struct InProcess {
    pub root: PathBuf,
}

impl Judge for InProcess {
    fn both(&mut self, world: &World, moment: usize) -> (Answer, Answer) {
        let kept = parse(&self.root, world, moment, true);
        (parse(&self.root, world, moment, false), kept)
    }
}

#[derive(Default)]
struct Heard(Mutex<Vec<Result<String, Diagnostic>>>);

impl LogSink for Heard {
    fn log(&self, level: LogLevel, text: &str) {
        self.0.lock().unwrap().push(Ok(format!("{level:?}: {text}")));
    }

    fn warn(&self, diagnostic: Diagnostic) {
        self.0.lock().unwrap().push(Err(diagnostic));
    }
}

/// Parses the project in the folder at a moment of its own.
pub fn parse(root: &Path, world: &World, moment: usize, sees_target: bool) -> Answer {
    let began: DateTime<Utc> = DateTime::UNIX_EPOCH + TimeDelta::days(20_500);
    let now = began + TimeDelta::seconds(i64::try_from(moment).unwrap());
    let machine = Machine { root: root.to_owned(), env: world.env.clone(), now, sees_target };
    let system: Arc<dyn System> = Arc::new(machine);
    let asked = &world.asked;
    let options = LoadOptions {
        command: "parse".to_owned(),
        invocation_id: format!("00000000-0000-4000-8000-{moment:012}"),
        project_dir: Some(root.to_owned()),
        profiles_dir: Some(root.to_owned()),
        vars: asked.vars.clone(),
        target: asked.target.clone(),
        threads: asked.threads,
        full_refresh: asked.full_refresh.then_some(true),
        warn_error: asked.warn_error.then_some(true),
        show_all_deprecations: asked.shows_all_deprecations.then_some(true),
        ..LoadOptions::default()
    };
    let files = Arc::new(Files::new());
    let heard = Arc::new(Heard::default());
    let log: Arc<dyn LogSink> = Arc::clone(&heard) as _;
    let opened = catch_unwind(AssertUnwindSafe(|| Session::open(&system, &files, &options, &log)));
    let shown = |diagnostic: &Diagnostic| human(diagnostic, &files, Colour::Never);
    let mut answer = Answer::default();
    match opened {
        Ok(Ok(session)) => {
            let (about, none, no_paths) = (session.about(), BTreeMap::new(), BTreeMap::new());
            let mut manifest = Vec::new();
            manifest_json(&session.manifest, &about, &none, &no_paths, &mut manifest).unwrap();
            answer.artifacts.push(manifest);
            answer.artifacts.push(to_bytes(&SemanticManifestJson::new(&session.manifest)).unwrap());
        }
        Ok(Err(errors)) => answer.errors = errors.iter().map(shown).collect(),
        Err(_) => answer.errors.push("a panic".to_owned()),
    }
    let heard = heard.0.lock().unwrap();
    answer.told = heard.iter().map(|one| one.as_ref().map_or_else(shown, Clone::clone)).collect();
    answer.told.sort();
    answer
}

impl Answer {
    /// Whether there is a manifest.
    pub fn is_well(&self) -> bool {
        !self.artifacts.is_empty()
    }

    /// What is different in another answer; `None` when it is the same.
    pub fn difference(&self, other: &Self) -> Option<String> {
        if self == other {
            return None;
        }
        let mut told = Vec::new();
        for (kind, fresh, kept) in [("error", &self.errors, &other.errors), ("told", &self.told, &other.told)]
        {
            let without = |these: &[String], those: &[String]| -> Vec<String> {
                these.iter().filter(|one| !those.contains(one)).cloned().collect()
            };
            told.extend(
                without(fresh, kept).iter().map(|text| format!("{kind}, only without the cache:\n{text}")),
            );
            told.extend(
                without(kept, fresh).iter().map(|text| format!("{kind}, only with the cache:\n{text}")),
            );
            if told.is_empty() && fresh != kept {
                told.push(format!("{kind}: another order or count:\n{fresh:#?}\n{kept:#?}"));
            }
        }
        if self.is_well() != other.is_well() {
            told.push(format!(
                "understood without the cache: {}, with it: {}",
                self.is_well(),
                other.is_well()
            ));
        }
        for (fresh, kept) in self.artifacts.iter().zip(&other.artifacts).filter(|(one, other)| one != other) {
            let before = told.len();
            if let (Ok(fresh), Ok(kept)) = (serde_json::from_slice(fresh), serde_json::from_slice(kept)) {
                places("", &fresh, &kept, &mut told);
            }
            if told.len() == before {
                let at = fresh.iter().zip(kept).take_while(|(one, other)| one == other).count();
                let around = |bytes: &[u8]| {
                    let range = at.saturating_sub(80)..(at + 80).min(bytes.len());
                    String::from_utf8_lossy(&bytes[range]).into_owned()
                };
                told.push(format!("byte {at}:\n  without: {}\n  with:    {}", around(fresh), around(kept)));
            }
        }
        Some(told.join("\n"))
    }
}

/// The places in which two values of JSON differ, at most a few.
fn places(path: &str, fresh: &Value, kept: &Value, found: &mut Vec<String>) {
    const MOST: usize = 12;
    if fresh == kept || found.len() >= MOST {
        return;
    }
    match (fresh, kept) {
        (Value::Object(one), Value::Object(other)) => {
            for (key, value) in one {
                places(&format!("{path}/{key}"), value, other.get(key).unwrap_or(&Value::Null), found);
            }
            for (key, value) in other.iter().filter(|(key, _)| !one.contains_key(*key)) {
                places(&format!("{path}/{key}"), &Value::Null, value, found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                places(&format!("{path}/{index}"), one, other, found);
            }
        }
        _ => found.push(format!("{path}:\n  without: {fresh}\n  with:    {kept}")),
    }
}
