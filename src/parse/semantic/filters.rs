use std::collections::BTreeSet;

use serde_json::Value;

use crate::diagnostic::{Code, Diagnostic, Severity, suggest};
use crate::jinja::{Call, Engine, scan};
use crate::parse::placed::template_place;
use crate::parse::properties::GRANULARITIES;
use crate::text::{Files, Span, Spanned};

/// What filters and groupings may call.
/// See <https://docs.getdbt.com/docs/build/metrics-overview#filters>.
const FUNCTIONS: [&str; 4] = ["Dimension", "TimeDimension", "Entity", "Metric"];

/// Looks at the templates of the semantic layer without rendering them.
pub(super) struct Filters<'a> {
    pub files: &'a Files,
    pub engine: &'a Engine,
    pub custom_granularities: &'a BTreeSet<String>,
    /// `order__status`, and the entities.
    pub dimensions: &'a BTreeSet<String>,
}

impl Filters<'_> {
    /// What is wrong with a filter: `{{ Dimension('order__status') }} = 'new'`.
    pub(super) fn check(&self, filter: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) {
        let (file, span) = template_place(self.files, filter);
        let file = self.files.get(file);
        let told_before = diagnostics.len();
        if let Err(error) = self.engine.template(&file, span) {
            diagnostics.push(if file.id() == filter.span.file {
                error
            } else {
                error.relocated(file.id(), filter.span)
            });
            return;
        }
        for call in scan(&file, span) {
            self.call(&call, diagnostics);
        }
        if file.id() != filter.span.file {
            let told = diagnostics.split_off(told_before);
            diagnostics.extend(told.into_iter().map(|one| one.relocated(file.id(), filter.span)));
        }
    }

    /// The same of what rows are grouped by: `Dimension('order__status')`, or just its name.
    pub(super) fn check_grouping(&self, text: &Spanned<String>, diagnostics: &mut Vec<Diagnostic>) {
        let file = self.files.add("group_by", format!("{{{{ {} }}}}", text.value));
        let mut told = Vec::new();
        match self.engine.template(&file, file.span()) {
            Err(error) => told.push(error),
            Ok(_) => {
                for call in scan(&file, file.span()) {
                    self.call(&call, &mut told);
                    told.extend(self.unknown(&call));
                }
            }
        }
        diagnostics.extend(told.into_iter().map(|one| one.relocated(file.id(), text.span)));
    }

    /// An error when a grouping names a dimension or an entity that there is not.
    fn unknown(&self, call: &Call) -> Option<Diagnostic> {
        let name = call.arguments.first()?.as_ref()?.as_str()?;
        let is_grouping = ["Dimension", "TimeDimension", "Entity"].contains(&call.function.as_str());
        // Deeper joins, and a granularity at the end, are for those who run the query.
        if !is_grouping || name.split("__").count() > 2 || self.dimensions.contains(name) {
            return None;
        }
        let message = format!("there is no dimension or entity `{name}` to group by");
        let known = self.dimensions.iter().map(String::as_str);
        Some(
            Diagnostic::new(Code::InvalidFilter, message).label(call.span, "").help(
                suggest::similar("dimension", name, known)
                    .unwrap_or_else(|| "it is named as `entity__dimension`".to_owned()),
            ),
        )
    }

    fn call(&self, call: &Call, diagnostics: &mut Vec<Diagnostic>) {
        // `Dimension('order__at').grain('month')`: what hangs on the call is a call, too.
        let name = call.function.as_str();
        if name.contains('.') {
            return;
        }
        if !FUNCTIONS.contains(&name) {
            diagnostics.push(
                Diagnostic::new(Code::InvalidFilter, format!("`{name}` is nothing that a filter can call"))
                    .label(call.span, "")
                    .help(suggest::similar("function", name, FUNCTIONS).unwrap_or_else(|| {
                        "there are `Dimension`, `TimeDimension`, `Entity` and `Metric`".to_owned()
                    })),
            );
            return;
        }
        let argument = |at: usize| call.arguments.get(at).and_then(|argument| argument.as_ref()?.as_str());
        let keyword = |key: &str| call.keywords.get(key).and_then(Value::as_str);
        let place = |at: usize| call.argument_spans.get(at).copied().unwrap_or(call.span);
        if call.arguments.is_empty() && call.keywords.is_empty() {
            diagnostics.push(
                Diagnostic::new(Code::InvalidFilter, format!("`{name}` is given no name"))
                    .label(call.span, "")
                    .help(format!("write `{name}('entity__name')`")),
            );
            return;
        }
        match name {
            "Dimension" => {
                if let Some(text) = argument(0).or(keyword("name")) {
                    dimension(text, place(0), false, diagnostics);
                }
            }
            "TimeDimension" => {
                if let Some(text) = argument(0).or(keyword("time_dimension_name")) {
                    dimension(text, place(0), true, diagnostics);
                }
                if let Some(grain) = argument(1).or(keyword("time_granularity_name")) {
                    let places = if call.arguments.len() > 1 { place(1) } else { call.span };
                    self.granularity(grain, places, diagnostics);
                }
            }
            _ => {}
        }
    }

    /// A warning about a length of time that nothing defines.
    pub(super) fn granularity(&self, name: &str, place: Span, diagnostics: &mut Vec<Diagnostic>) {
        let lower = name.to_lowercase();
        if GRANULARITIES.contains(&lower.as_str()) || self.custom_granularities.contains(&lower) {
            return;
        }
        let known = GRANULARITIES.into_iter().chain(self.custom_granularities.iter().map(String::as_str));
        diagnostics.push(
            Diagnostic::new(Code::InvalidFilter, format!("`{name}` is no granularity"))
                .with_severity(Severity::Warning)
                .label(place, "")
                .help(suggest::similar("granularity", &lower, known).unwrap_or_else(|| {
                    "there are `day`, `week`, `month` …, and those of time spines".to_owned()
                })),
        );
    }
}

/// The name of a dimension has its entity before it: `order__status`.
fn dimension(text: &str, place: Span, is_time: bool, diagnostics: &mut Vec<Diagnostic>) {
    let parts: Vec<&str> = text.split("__").collect();
    let is_metric_time = |name: &str| name == "metric_time";
    let is_right = match parts.as_slice() {
        [name] => is_metric_time(name),
        [_, _] => true,
        // Of a dimension, the last part can be its granularity.
        [_, _, grain] => is_time || GRANULARITIES.contains(grain),
        _ => false,
    };
    if is_right && parts.iter().all(|part| !part.is_empty()) {
        return;
    }
    diagnostics.push(
        Diagnostic::new(Code::InvalidFilter, format!("`{text}` does not name a dimension of an entity"))
            .label(place, "")
            .help("write the entity, two underscores and the dimension: `order__status`"),
    );
}
