use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::file::{lifted_config, named};
use super::{Origin, Renderer};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::{Exposure, ResourceType};
use crate::parse::config::{Level, check};
use crate::text::{Span, Spanned};
use crate::yaml::{Reader, Yaml};

/// An exposure as a properties file declares it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExposureEntry {
    pub name: Spanned<String>,
    pub origin: Origin,
    pub span: Span,
    pub description: Option<Spanned<String>>,
    pub config: Level,
    /// `ref('orders')`, `source('raw', 'orders')`.
    pub depends_on: Vec<Spanned<String>>,
    pub exposure: Exposure,
}

const KINDS: [&str; 5] = ["dashboard", "notebook", "analysis", "ml", "application"];
const MATURITIES: [&str; 3] = ["low", "medium", "high"];

impl ExposureEntry {
    /// Reads an entry; `None` when what must be there is not.
    pub(super) fn read(
        yaml: &Yaml,
        origin: &Origin,
        renderer: &Renderer<'_>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let what = named(yaml, "an exposure");
        let mut reader = Reader::new(yaml, &what, Code::InvalidConfig, diagnostics)?;
        let name: Option<Spanned<String>> = reader.require("name");
        let kind: Option<Spanned<String>> = reader.require("type");
        let owner: Option<Map<String, Value>> = reader.require("owner");
        let maturity: Option<Spanned<String>> = reader.get("maturity");
        let owner = owner.map(|owner| full_owner(owner, &mut reader, &what));
        word(&mut reader, &what, "type", kind.as_ref(), &KINDS);
        word(&mut reader, &what, "maturity", maturity.as_ref(), &MATURITIES);
        let config = lifted_config(&mut reader, &[], renderer, diagnostics);
        let entry = Self {
            span: name.as_ref().map_or(yaml.place(), |name| name.span),
            name: name.unwrap_or_else(|| Spanned::new(String::new(), yaml.place())),
            origin: origin.clone(),
            description: reader.get("description"),
            config: check(ResourceType::Exposure, &what, config, diagnostics),
            depends_on: reader.list("depends_on").unwrap_or_default(),
            exposure: Exposure {
                kind: kind.map(|kind| kind.value).unwrap_or_default(),
                label: reader.get("label"),
                maturity: maturity.map(|maturity| maturity.value),
                url: reader.get("url"),
                owner: owner.unwrap_or_default(),
            },
        };
        diagnostics.extend(super::file::finish(reader, ResourceType::Exposure, yaml));
        (!entry.name.value.is_empty()).then_some(entry)
    }
}

/// The owner with both a name and an email address, one of which may be null.
fn full_owner(mut owner: Map<String, Value>, reader: &mut Reader<'_>, what: &str) -> Map<String, Value> {
    let has = |key: &str| owner.get(key).is_some_and(|value| !value.is_null());
    if !has("name") && !has("email") {
        let place = reader.value("owner").map_or(reader.span(), Yaml::place);
        reader.complain(
            Diagnostic::new(
                Code::InvalidConfig,
                format!("the owner of {what} has neither `name` nor `email`"),
            )
            .label(place, "")
            .help("write one of them, so that people know whom to ask: `owner: {email: …}`"),
        );
    }
    for key in ["name", "email"] {
        owner.entry(key).or_insert(Value::Null);
    }
    owner
}

fn word(reader: &mut Reader<'_>, what: &str, key: &str, found: Option<&Spanned<String>>, known: &[&str]) {
    let Some(found) = found.filter(|found| !known.contains(&found.value.as_str())) else { return };
    let all = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let message = format!("`{}` is not a {key} of {what}", found.value);
    reader.complain(
        Diagnostic::new(Code::InvalidConfig, message).label(found.span, "").help(
            suggest::similar(key, &found.value, known.iter().copied())
                .unwrap_or_else(|| format!("it is one of {all}")),
        ),
    );
}
