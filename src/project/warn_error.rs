use serde_json::{Map, Value};

use crate::diagnostic::{Code, Diagnostic, Severity, WarningName, suggest};

/// The word for all deprecations in these options.
const DEPRECATIONS: &str = "Deprecations";

/// Which warnings are errors, and which are not told: `--warn-error` and
/// `--warn-error-options`. A name counts for more than `Deprecations`, and that for more than
/// `all`; of equals, silence counts for more than warning, and that for more than failing.
/// See <https://docs.getdbt.com/reference/global-configs/warnings>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WarnErrorOptions {
    is_all_error: bool,
    error: Vec<String>,
    warn: Vec<String>,
    silence: Vec<String>,
    /// Whether the old names of `error` and `warn` were used.
    found_include: bool,
    found_exclude: bool,
}

/// What becomes of a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Silence,
    Warn,
    Error,
}

impl WarnErrorOptions {
    /// Every warning of dbt's is an error.
    #[must_use]
    pub fn all() -> Self {
        Self { is_all_error: true, ..Self::default() }
    }

    /// Whether `--warn-error` or `error: all` was said.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.is_all_error
    }

    /// From the keys `error`, `warn` and `silence`, by their old names `include` and `exclude`.
    ///
    /// # Errors
    /// `invalid-flag`: a key or a warning that there is not, or both names of a key.
    pub fn read(options: &Map<String, Value>) -> Result<Self, Diagnostic> {
        const KEYS: [&str; 5] = ["error", "warn", "silence", "include", "exclude"];
        if let Some(key) = options.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(Diagnostic::new(
                Code::InvalidFlag,
                format!("`warn_error_options` has no key `{key}`"),
            )
            .help(
                suggest::similar("key", key, KEYS)
                    .unwrap_or_else(|| "it has `error`, `warn` and `silence`".to_owned()),
            ));
        }
        let mut read = Self::default();
        for (key, old) in [("error", "include"), ("warn", "exclude")] {
            if options.contains_key(key) && options.contains_key(old) {
                return Err(Diagnostic::new(
                    Code::InvalidFlag,
                    format!("`warn_error_options` has both `{key}` and its old name `{old}`"),
                )
                .help(format!("keep `{key}`")));
            }
        }
        read.found_include = options.contains_key("include");
        read.found_exclude = options.contains_key("exclude");
        let error = options.get("error").or_else(|| options.get("include"));
        match error {
            Some(Value::String(word)) if word == "all" || word == "*" => read.is_all_error = true,
            Some(value) => {
                let (is_all, names) = names("error", value)?;
                (read.is_all_error, read.error) = (is_all, names);
            }
            None => {}
        }
        if let Some(value) = options.get("warn").or_else(|| options.get("exclude")) {
            read.warn = names("warn", value)?.1;
        }
        if let Some(value) = options.get("silence") {
            read.silence = names("silence", value)?.1;
        }
        Ok(read)
    }

    /// The deprecation of the keys' old names, where they were used.
    #[must_use]
    pub fn old_names(&self) -> Option<Diagnostic> {
        let old: Vec<_> = [(self.found_include, "include", "error"), (self.found_exclude, "exclude", "warn")]
            .into_iter()
            .filter(|(found, ..)| *found)
            .map(|(_, old, new)| format!("`{old}` is now called `{new}`"))
            .collect();
        (!old.is_empty()).then(|| {
            Diagnostic::deprecation(
                WarningName::WEOIncludeExcludeDeprecation,
                format!("in `warn_error_options`, {}", old.join(" and ")),
            )
            .fact("found_include", self.found_include)
            .fact("found_exclude", self.found_exclude)
            .help("use the newer names")
        })
    }

    /// The diagnostic as it is to be told: a warning perhaps as an error; `None` where nobody
    /// wants to hear of it.
    #[must_use]
    pub fn judge(&self, diagnostic: Diagnostic) -> Option<Diagnostic> {
        if diagnostic.severity() != Severity::Warning {
            return Some(diagnostic);
        }
        // What dbt does not warn of must not fail a project that dbt runs.
        let Some(name) = diagnostic.warning_name() else { return Some(diagnostic) };
        match self.verdict(name) {
            Verdict::Silence => None,
            Verdict::Warn => Some(diagnostic),
            Verdict::Error => Some(diagnostic.with_severity(Severity::Error)),
        }
    }

    /// Whether warnings of that name are errors.
    #[must_use]
    pub fn is_error(&self, name: WarningName) -> bool {
        self.verdict(name) == Verdict::Error
    }

    fn verdict(&self, name: WarningName) -> Verdict {
        let lists =
            [(&self.silence, Verdict::Silence), (&self.warn, Verdict::Warn), (&self.error, Verdict::Error)];
        let named = |word: &str| {
            lists.iter().find(|(list, _)| list.iter().any(|found| found == word)).map(|(_, verdict)| *verdict)
        };
        let group = || if name.is_deprecation() { named(DEPRECATIONS) } else { None };
        let otherwise = if self.is_all_error { Verdict::Error } else { Verdict::Warn };
        named(name.name()).or_else(group).unwrap_or(otherwise)
    }

    /// As `invocation_args_dict` shows them.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let error = if self.is_all_error { Value::from("all") } else { Value::from(self.error.clone()) };
        serde_json::json!({ "error": error, "warn": self.warn, "silence": self.silence })
    }
}

/// The names in a list, and whether `all` is one of them.
fn names(key: &str, value: &Value) -> Result<(bool, Vec<String>), Diagnostic> {
    let wrong = |what: &str| {
        Diagnostic::new(Code::InvalidFlag, format!("`{key}` of `warn_error_options` {what}"))
            .help(format!("write a list: `{key}: [NoNodesForSelectionCriteria]`"))
    };
    let items = match value {
        Value::Null => return Ok((false, Vec::new())),
        Value::Array(items) => items,
        _ => return Err(wrong("must be a list of names")),
    };
    let (mut is_all, mut found) = (false, Vec::new());
    for item in items {
        let Some(name) = item.as_str() else { return Err(wrong("must be a list of names")) };
        match name {
            "all" | "*" if key == "error" => is_all = true,
            DEPRECATIONS => found.push(name.to_owned()),
            name => match WarningName::find(name) {
                Some(known) => found.push(known.name().to_owned()),
                None => {
                    let known = WarningName::ALL.iter().map(|name| name.name()).chain([DEPRECATIONS]);
                    let help = suggest::similar("warning", name, known);
                    return Err(Diagnostic::new(
                        Code::InvalidFlag,
                        format!("there is no warning `{name}`, which `{key}` of `warn_error_options` names"),
                    )
                    .said(format!("{name} is not a valid dbt error name."))
                    .help(help.unwrap_or_else(|| "the JSON log has the name of each warning".to_owned())));
                }
            },
        }
    }
    Ok((is_all, found))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(options: &Value) -> Result<WarnErrorOptions, Diagnostic> {
        WarnErrorOptions::read(options.as_object().unwrap())
    }

    fn severity(options: &Value, name: WarningName) -> Option<Severity> {
        let warning = Diagnostic::warning(Code::UserWarning, "careful").stands_for(name);
        read(options).unwrap().judge(warning).map(|judged| judged.severity())
    }

    #[test]
    fn names_count_more_than_groups_and_groups_more_than_all() {
        use WarningName::{ConfigLogPathDeprecation as Log, JinjaLogWarning as Jinja};
        let (error, warning) = (Some(Severity::Error), Some(Severity::Warning));
        for (options, jinja, log) in [
            (json!({}), warning, warning),
            (json!({ "error": "all" }), error, error),
            (json!({ "error": ["*"], "warn": ["Deprecations"] }), error, warning),
            (json!({ "include": "all", "exclude": ["JinjaLogWarning"] }), warning, error),
            (json!({ "error": ["Deprecations"] }), warning, error),
            (json!({ "error": ["Deprecations"], "silence": ["ConfigLogPathDeprecation"] }), warning, None),
            (
                json!({ "error": "all", "silence": ["JinjaLogWarning"], "warn": ["JinjaLogWarning"] }),
                None,
                error,
            ),
            (json!({ "warn": ["ConfigLogPathDeprecation"], "error": ["Deprecations"] }), warning, warning),
        ] {
            assert_eq!((severity(&options, Jinja), severity(&options, Log)), (jinja, log), "{options}");
        }
    }

    #[test]
    fn advice_that_dbt_does_not_give_never_fails_a_run() {
        let advice = Diagnostic::new(Code::UnknownKey, "nothing reads `빈칸`");
        assert_eq!(WarnErrorOptions::all().judge(advice.clone()), Some(advice));
    }

    #[test]
    fn wrong_options_are_refused() {
        for (options, part) in [
            (json!({ "eror": "all" }), "no key `eror`"),
            (json!({ "error": ["NoNodes"] }), "no warning `NoNodes`"),
            (json!({ "error": "NothingToDo" }), "list of names"),
            (json!({ "warn": [3] }), "list of names"),
            (json!({ "error": "all", "include": "all" }), "both"),
        ] {
            let told = read(&options).expect_err("refused");
            assert!(told.code() == Code::InvalidFlag && told.message().contains(part), "{options}: {told}");
        }
        assert!(read(&json!({ "include": "all" })).unwrap().old_names().is_some());
    }
}
