use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::text::{Files, Span};

/// The base of all paths: the project's folder, by the name that readers know.
const ROOT: &str = "%SRCROOT%";

/// A log of one run in the format that tools of static analysis exchange: each code is a rule
/// with its page as help, each diagnostic a result; further places are related locations, and
/// the macro calls that led there a code flow, outermost first.
/// See <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.
#[must_use]
pub fn sarif(diagnostics: &[Diagnostic], files: &Files) -> Value {
    let codes: BTreeSet<Code> = diagnostics.iter().map(Diagnostic::code).collect();
    let codes: Vec<Code> = codes.into_iter().collect();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code)).collect();
    let results: Vec<Value> = diagnostics
        .iter()
        .map(|diagnostic| result(diagnostic, codes.binary_search(&diagnostic.code()).unwrap_or(0), files))
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {
                "driver": {
                    "name": "xform",
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                },
            },
            // As everywhere else: lines and columns from 1, columns in characters.
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.summary() },
        "defaultConfiguration": { "level": level(code.severity()) },
        "help": { "text": code.page(), "markdown": code.page() },
    })
}

fn level(severity: Severity) -> &'static str {
    super::json::severity(severity)
}

fn result(diagnostic: &Diagnostic, rule: usize, files: &Files) -> Value {
    let mut result = Map::new();
    let mut put = |key: &str, value: Value| result.insert(key.to_owned(), value);
    put("ruleId", diagnostic.code().name().into());
    put("ruleIndex", rule.into());
    put("level", level(diagnostic.severity()).into());
    put("message", json!({ "text": words(diagnostic) }));
    let mut labels = diagnostic.labels().iter();
    if let Some(first) = labels.next() {
        put("locations", json!([location(first.span, &first.text, files)]));
    }
    let related: Vec<Value> = labels
        .enumerate()
        .map(|(at, label)| {
            let mut location = location(label.span, &label.text, files);
            location["id"] = (at + 1).into();
            location
        })
        .collect();
    if !related.is_empty() {
        put("relatedLocations", related.into());
    }
    if let Some(flow) = flow(diagnostic, files) {
        put("codeFlows", json!([{ "threadFlows": [{ "locations": flow }] }]));
    }
    Value::Object(result)
}

/// The message with notes and help: what readers show of a result is this text alone.
fn words(diagnostic: &Diagnostic) -> String {
    let notes = diagnostic.notes().iter().map(|note| format!("\nnote: {note}"));
    let help = diagnostic.help_text().map(|help| format!("\nhelp: {help}"));
    notes.chain(help).fold(diagnostic.message().to_owned(), |words, more| words + &more)
}

/// The calls that led there, and the place itself; `None` without calls.
fn flow(diagnostic: &Diagnostic, files: &Files) -> Option<Vec<Value>> {
    let calls = diagnostic.trace().iter().rev();
    let calls = calls.filter_map(|frame| Some((frame.call?, format!("calls `{}`", frame.name))));
    let mut steps: Vec<Value> =
        calls.map(|(call, text)| json!({ "location": location(call, &text, files) })).collect();
    if steps.is_empty() {
        return None;
    }
    let span = diagnostic.span()?;
    steps.push(json!({ "location": location(span, diagnostic.message(), files) }));
    Some(steps)
}

fn location(span: Span, text: &str, files: &Files) -> Value {
    let file = files.get(span.file);
    let (start, end) = (file.line_column(span.start as usize), file.line_column(span.end as usize));
    let mut artifact = json!({ "uri": uri(file.path()) });
    if !Path::new(file.path()).is_absolute() {
        artifact["uriBaseId"] = ROOT.into();
    }
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": artifact,
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        },
    });
    if !text.is_empty() {
        location["message"] = json!({ "text": text });
    }
    location
}

/// A path as a URI, relative as it is; bytes that may not stand in one are escaped.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        // A colon in the first part would be taken for the end of a scheme.
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            uri.push(byte.into());
        } else {
            _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Frame;

    #[test]
    fn results_have_rules_places_and_the_way_there() {
        let files = Files::new();
        let model = files.add("models/주문 1.sql", "select {{ cents('금액') }}\n").id();
        let outer = files.add("macros/a.sql", "{{ inner() }}").id();
        let inner = files.add("macros/b.sql", "amuont").id();
        let told = [
            Diagnostic::new(Code::NoNodesSelected, "nothing"),
            Diagnostic::error(Code::UnknownColumn, "no `amuont`")
                .label(Span::new(inner, 0, 6), "not there")
                .also(Span::new(model, 0, 6), "in this query")
                .called_from(Frame { name: "shop.inner".into(), call: Some(Span::new(outer, 3, 10)) })
                .called_from(Frame { name: "shop.cents".into(), call: Some(Span::new(model, 10, 25)) })
                .note("seen twice")
                .help("write `amount`"),
        ];
        let log = sarif(&told, &files);
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
        assert_eq!(rules.len(), 2);
        for result in run["results"].as_array().expect("a list") {
            let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().expect("a number")).unwrap_or(9)];
            assert_eq!(rule["id"], result["ruleId"]);
            assert!(rule["help"]["markdown"].as_str().is_some_and(|page| page.starts_with("# ")));
        }
        let (bare, full) = (&run["results"][0], &run["results"][1]);
        assert_eq!((&bare["level"], &bare["locations"]), (&json!("warning"), &Value::Null));
        assert_eq!(full["message"]["text"], "no `amuont`\nnote: seen twice\nhelp: write `amount`");
        assert_eq!(
            full["locations"],
            json!([{
                "physicalLocation": {
                    "artifactLocation": { "uri": "macros/b.sql", "uriBaseId": "%SRCROOT%" },
                    "region": { "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 7 },
                },
                "message": { "text": "not there" },
            }])
        );
        let related = &full["relatedLocations"][0];
        assert_eq!(related["id"], 1);
        assert_eq!(
            related["physicalLocation"]["artifactLocation"]["uri"],
            "models/%EC%A3%BC%EB%AC%B8%201.sql"
        );
        let steps = full["codeFlows"][0]["threadFlows"][0]["locations"].as_array().expect("a list");
        let said: Vec<&str> =
            steps.iter().filter_map(|step| step["location"]["message"]["text"].as_str()).collect();
        assert_eq!(said, ["calls `shop.cents`", "calls `shop.inner`", "no `amuont`"]);
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("models/a.sql"), "models/a.sql");
        assert_eq!(uri("/tmp/가#b?.sql"), "file:///tmp/%EA%B0%80%23b%3F.sql");
        assert_eq!(uri("a:b.sql"), "a%3Ab.sql");
    }
}
