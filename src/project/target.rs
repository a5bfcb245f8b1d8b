use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::text::Span;
use crate::yaml::{Yaml, YamlKind};

/// The warehouse a profile names, rendered: the chosen entry of its `outputs`.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub profile_name: String,
    /// `dev`.
    pub name: String,
    /// The kind of warehouse: `duckdb`.
    pub kind: String,
    pub database: String,
    pub schema: String,
    /// At least 1.
    pub threads: usize,
    /// All keys of the entry.
    pub keys: Map<String, Value>,
    pub places: TargetPlaces,
}

/// Where the keys of a target stand in profiles.yml; nowhere for the embedded database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetPlaces(BTreeMap<String, Span>);

impl TargetPlaces {
    /// The places of an entry of `outputs`.
    pub(super) fn of(output: &Yaml) -> Self {
        let mut places = BTreeMap::from([(String::new(), output.place())]);
        add(&mut places, "", output);
        Self(places)
    }

    /// The place of a key, with points between levels (`attach.0.type`), or of the nearest that
    /// stands around it.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<Span> {
        let mut key = key;
        loop {
            if let Some(place) = self.0.get(key) {
                return Some(*place);
            }
            if key.is_empty() {
                return None;
            }
            key = key.rsplit_once('.').map_or("", |(around, _)| around);
        }
    }
}

fn add(places: &mut BTreeMap<String, Span>, around: &str, yaml: &Yaml) {
    let below = |key: &str| if around.is_empty() { key.to_owned() } else { format!("{around}.{key}") };
    match &yaml.kind {
        YamlKind::Mapping(mapping) => {
            for (key, value) in &mapping.entries {
                let path = below(&key.value);
                add(places, &path, value);
                places.insert(path, key.span);
            }
        }
        YamlKind::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = below(&index.to_string());
                add(places, &path, item);
                places.insert(path, item.place());
            }
        }
        _ => {}
    }
}
