use std::fmt::Write;

use serde_json::{Value, json};

use super::*;
use crate::text::Files;

/// The value of a text that is well-formed and about which there is nothing to say.
fn value(text: &str) -> Value {
    let files = Files::new();
    let checked = parse(&files.add("a.yml", text));
    assert!(checked.diagnostics.is_empty(), "{text:?}: {:?}", checked.diagnostics);
    checked.value.map_or(Value::Null, |yaml| yaml.to_json())
}

/// What is told about a text: message, place, what stands there, and help.
fn told(text: &str) -> (String, String, String, String) {
    let files = Files::new();
    let checked = parse(&files.add("a.yml", text));
    let diagnostic = checked.diagnostics.first().unwrap_or_else(|| panic!("nothing told about {text:?}"));
    let span = diagnostic.span().unwrap_or_else(|| panic!("no place in {diagnostic:?}"));
    (
        diagnostic.message().to_owned(),
        files.location(span).trim_start_matches("a.yml:").to_owned(),
        files.slice(span),
        diagnostic.help_text().unwrap_or_default().to_owned(),
    )
}

fn assert_told(text: &str, message: &str, place: &str, help: &str) {
    let (found, at, _, helped) = told(text);
    assert!(found.contains(message), "{text:?}: {found}");
    assert_eq!(at, place, "{text:?}: {found}");
    assert!(helped.contains(help), "{text:?}: {helped}");
}

#[test]
fn scalars_are_read_as_pyyaml_reads_them() {
    assert_eq!(
        value("a: yes\nb: 'yes'\nc: 010\nd: \"1\"\ne: ~\nf:\n"),
        json!({
            "a": true, "b": "yes", "c": 8, "d": "1", "e": null, "f": null
        })
    );
    assert_eq!(
        value("[1_000, 0x10, 1e5, 2024-01-31, 1:30, .5]"),
        json!([1000, 16, "1e5", "2024-01-31", 90, 0.5])
    );
    assert_eq!(value("!!str 12"), json!("12"));
    assert_eq!(value("!!float 12"), json!(12.0));
}

#[test]
fn texts_of_many_lines_keep_or_fold_their_breaks() {
    assert_eq!(
        value("a: |\n  주문\n   x\nb: >-\n  one\n  two\n\n  three\n"),
        json!({
            "a": "주문\n x\n", "b": "one two\nthree"
        })
    );
    assert_eq!(value("a: one\n  two\n"), json!({ "a": "one two" }));
    assert_eq!(value("a: |\n  no break at the end"), json!({ "a": "no break at the end" }));
}

#[test]
fn files_of_other_systems_are_read() {
    assert_eq!(
        value("\u{feff}a: 1\r\nb:\r\n  - x\r\n  - |\r\n    y\r\n    z\r\n"),
        json!({ "a": 1, "b": ["x", "y\nz\n"] })
    );
    assert_eq!(value(""), Value::Null);
    assert_eq!(value("# nothing but a comment\n"), Value::Null);
    assert_eq!(value("---\n"), Value::Null);
    assert_eq!(value("%YAML 1.1\n---\na: 1\n...\n"), json!({ "a": 1 }));
}

#[test]
fn keys_are_text_whatever_they_look_like() {
    assert_eq!(
        value("1: a\nyes: b\n~: c\n'': d\n주문: e\n"),
        json!({
            "1": "a", "yes": "b", "~": "c", "": "d", "주문": "e"
        })
    );
}

#[test]
fn every_value_and_key_has_its_place() {
    let files = Files::new();
    let file = files.add(
        "a.yml",
        "models:\n  - name: '주문'\n    tags: [a, b]\n    description: |\n      x\n\n  - name: b\n",
    );
    let yaml = parse(&file).value.expect("well-formed");
    let (key, models) = yaml.as_mapping().and_then(|mapping| mapping.entry("models")).expect("a key");
    assert_eq!(file.slice(key.span), "models");
    let first = &models.as_sequence().expect("a list")[0];
    let text =
        |key| first.as_mapping().and_then(|mapping| mapping.get(key)).map(|yaml| file.slice(yaml.span));
    assert_eq!(text("name"), Some("'주문'"));
    assert_eq!(text("tags"), Some("[a, b]"));
    assert_eq!(text("description"), Some("x"));
    assert!(file.slice(first.span).starts_with("name: '주문'"));
    assert!(file.slice(first.span).ends_with("description: |\n      x"));
    assert!(file.slice(models.span).ends_with("name: b"));
}

#[test]
fn merged_keys_come_first_and_give_way_to_own_ones() {
    let text = "base: &base {a: 1, b: 1}\nmore: &more {b: 2, c: 2}\none:\n  c: 3\n  <<: *base\n  a: 3\nmany:\n  <<: [*base, *more]\n";
    let all = value(text);
    assert_eq!(all["one"], json!({ "a": 3, "b": 1, "c": 3 }));
    assert_eq!(
        all["one"].as_object().map(|map| map.keys().cloned().collect::<String>()).as_deref(),
        Some("abc")
    );
    assert_eq!(all["many"], json!({ "a": 1, "b": 1, "c": 2 }));
    assert_eq!(value("'<<': 1"), json!({ "<<": 1 }));
    assert_told("<<: 3\n", "needs a mapping", "1:5", "name an anchor");
    assert_told("<<: [{a: 1}, x]\n", "needs a mapping", "1:14", "name an anchor");
}

#[test]
fn the_last_of_two_equal_keys_counts_and_both_are_shown() {
    let files = Files::new();
    let checked = parse(&files.add("a.yml", "name: a\nx: 1\nname: b\n"));
    assert_eq!(checked.value.map(|yaml| yaml.to_json()), Some(json!({ "name": "b", "x": 1 })));
    let [diagnostic] = checked.diagnostics.as_slice() else { panic!("{:?}", checked.diagnostics) };
    assert_eq!(diagnostic.code(), Code::DuplicateKey);
    let places: Vec<_> = diagnostic.labels().iter().map(|label| files.location(label.span)).collect();
    assert_eq!(places, ["a.yml:3:1", "a.yml:1:1"]);
}

#[test]
fn aliases_repeat_values_but_not_without_end() {
    assert_eq!(value("a: &x [1, 2]\nb: *x\n"), json!({ "a": [1, 2], "b": [1, 2] }));
    assert_told("a: &x [*x]\n", "repeats the value it is in", "1:8", "");
    assert_told("a: &주문 1\nb: *주믄\n", "no anchor `&주믄`", "2:4", "`주문`");
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    let mut tower = "a0: &a0 [x]\n".to_owned();
    for level in 1..2000 {
        let below = level - 1;
        if level < 12 {
            let copies = vec![format!("*a{below}"); 10].join(", ");
            let _ = writeln!(bomb, "a{level}: &a{level} [{copies}]");
        }
        let _ = writeln!(tower, "a{level}: &a{level} [*a{below}]");
    }
    assert!(told(&bomb).0.contains("aliases repeat too much"));
    assert!(told(&tower).0.contains("aliases repeat too much"));
    assert!(told(&format!("{}{}", "[".repeat(5000), "]".repeat(5000))).0.contains("nested too deeply"));
}

#[test]
fn unquoted_jinja_is_recognized() {
    let quoted = |value: &str| format!("put the whole value in quotes: {value}");
    for (text, place, value) in [
        ("a: {{ x }}\n", "1:4", "\"{{ x }}\""),
        ("a: {{ x }} - b # why\n", "1:4", "\"{{ x }} - b\""),
        ("a:\n  - {{ env_var(\"주문\") }}_b\nc: 1\n", "2:5", "'{{ env_var(\"주문\") }}_b'"),
        ("a: {% if x %}y{% endif %}\n", "1:4", "\"{% if x %}y{% endif %}\""),
        ("a: [x, {{ y }}]\n", "1:8", "\"{{ y }}\""),
    ] {
        assert_told(text, "a Jinja expression is not in quotes", place, &quoted(value));
    }
    assert_eq!(value("a: x {{ y }}\n"), json!({ "a": "x {{ y }}" }));
}

#[test]
fn tabs_are_shown() {
    assert_told("a:\n\tb: 1\n", "a tab", "2:1", "spaces");
    assert_told("a: 1\n\tb: 2\n", "a tab", "2:1", "spaces");
    assert_told("a:\n  - x\n\t- y\n", "a tab", "3:1", "spaces");
    assert_eq!(value("a:\t1\n"), json!({ "a": 1 }));
}

#[test]
fn quotes_are_shown_where_they_open() {
    assert_told("x: 1\na: \"b\nc: d\n", "never closed", "2:4", "close it");
    assert_told("a: 'x\n\n\n", "never closed", "1:4", "close it");
    assert_told("a: it's\nb: 'it''s' c\n", "more text after the closing quote", "2:12", "one pair of quotes");
    let files = Files::new();
    let checked = parse(&files.add("a.yml", "a: 'b\nc: 'd'\n"));
    let opened = checked.diagnostics.first().and_then(|diagnostic| diagnostic.labels().get(1));
    assert_eq!(opened.map(|label| files.location(label.span)).as_deref(), Some("a.yml:1:4"));
    assert_told("a: \"\\주\"\n", "no such escape", "1:4", "single quotes");
}

#[test]
fn a_missing_space_after_a_colon_is_shown() {
    assert_told("a:b\nc: d\n", "no space after `a:`", "1:2", "`a: b`");
    assert_told("x:\n  c: d\n  이름:b\n", "no space after `이름:`", "3:5", "`이름: b`");
    assert_told("- name:x\n  b: 1\n", "no space after `name:`", "1:7", "`name: x`");
}

#[test]
fn layout_that_fits_nowhere_is_shown() {
    assert_told("a: b: c\n", "holds `: `", "1:5", "'b: c'");
    assert_told("설명: 주문: 목록\n", "holds `: `", "1:7", "'주문: 목록'");
    assert_told("a:\n  b: 1\n c: 2\n", "indented wrongly", "3:2", "same indentation");
    assert_told("a:\n  - b\n - c\n", "indented wrongly", "3:2", "same indentation");
    assert_told("a: 1\n- b\n", "indented wrongly", "2:1", "same indentation");
    assert_told("a\nb: c\n", "neither a key nor an item", "1:1", "key: value");
    assert_told("a: b\nc\nd: e\n", "neither a key nor an item", "2:1", "key: value");
    assert_told("a: - b\n", "a list begins on the line of its key", "1:4", "next line");
    assert_told("a: > x\n  b\n", "text stands on the line", "1:4", "next line");
}

#[test]
fn brackets_are_shown_where_they_open() {
    assert_told("a: [1, 2\nb: 3\n", "`[` is not closed", "1:4", "add `]`");
    assert_told("a: {x: 1\nb: 3\n", "`{` is not closed", "1:4", "add `}`");
    assert_told("a: [1", "`[` is not closed", "1:4", "add `]`");
    assert_told("a: [1, 2}\n", "`[` is closed by `}`", "1:4", "");
    assert_told("a: ]\n", "closes nothing", "1:4", "quotes");
}

#[test]
fn other_mistakes_are_told_at_their_place() {
    assert_told("a: @주문\n", "cannot begin with `@`", "1:4", "\"@주문\"");
    assert_told("a: \u{7}\n", "cannot begin with `\\u{7}`", "1:4", "quotes");
    assert_told("---\na: 1\n---\nb: 2\n", "a second document", "3:1", "one document");
    assert_told("? [a]\n: b\n", "the name of a key is a list", "1:3", "quotes");
    assert_told("a: !foo x\n", "the tag `!foo`", "1:9", "remove the tag");
    assert_told("a: !!python/object:x {}\n", "cannot be read here", "1:22", "remove the tag");
    assert_told("a: !!int x\n", "no whole number", "1:10", "");
}

#[test]
fn a_text_without_a_file_is_read_too() {
    assert_eq!(parse_value("{a: [1, yes]}"), Ok(json!({ "a": [1, true] })));
    assert_eq!(parse_value(""), Ok(Value::Null));
    let error = parse_value("a: 1\nb: [").expect_err("not closed");
    assert_eq!(error, "`[` is not closed by `]` (line 2, column 4)");
}

#[test]
fn no_slip_of_the_finger_is_more_than_an_error() {
    let text = "name: 주문\r\nlist: &a [1, 'b', \"c\\n\"]\nmap: {x: *a, y: \"{{ z }}\"}\n블록: |\n  one\n  two\ndeep:\n  - a: 1\n    b: it's # why\n  - <<: {q: 1}\n";
    let places: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
    let slips = [
        " ", "\t", ":", "{", "}", "\"", "'", "[", "]", "\n", "\r\n", "*", "&", "!", "%", "@", "-", "|", ">",
        "#", "? ", "{{", "한", "",
    ];
    for (number, at) in places.iter().enumerate() {
        let next = places.get(number + 1).copied().unwrap_or(text.len());
        for slip in slips {
            for rest in [&text[*at..], &text[next..], ""] {
                let broken = format!("{}{slip}{rest}", &text[..*at]);
                let files = Files::new();
                let file = files.add("a.yml", broken.as_str());
                for diagnostic in parse(&file).diagnostics {
                    for label in diagnostic.labels() {
                        assert!(file.text().get(label.span.range()).is_some(), "{broken:?}: {diagnostic:?}");
                    }
                }
            }
        }
    }
}
