//! The shape of the code: rooms use only rooms above them, and every diagnostic code has
//! its page and a test that shows it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use xform::diagnostic::Code;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with one of the endings, in order.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|ending| endings.iter().any(|wanted| ending == *wanted)))
        .collect();
    found.sort();
    found
}

/// The rooms in the order of `src/lib.rs`.
fn rooms() -> Vec<String> {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    lib.lines()
        .filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

/// The rooms that a text names by `crate::room`, outside of comments.
fn rooms_used(text: &str) -> Vec<(usize, String)> {
    let mut used = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for part in code.split("crate::").skip(1) {
            let names: Vec<&str> = match part.strip_prefix('{') {
                Some(group) => group.split([',', '}']).map(str::trim).collect(),
                None => vec![part],
            };
            for name in names {
                let room: String =
                    name.chars().take_while(|letter| letter.is_ascii_lowercase() || *letter == '_').collect();
                used.push((number + 1, room));
            }
        }
    }
    used
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    let rooms = rooms();
    assert!(rooms.len() > 15, "the rooms of lib.rs were not found: {rooms:?}");
    let place: BTreeMap<&str, usize> =
        rooms.iter().enumerate().map(|(at, room)| (room.as_str(), at)).collect();
    let mut wrong = Vec::new();
    for room in &rooms {
        for path in files(&root().join("src").join(room), &["rs"]) {
            let text = fs::read_to_string(&path).unwrap();
            for (line, used) in rooms_used(&text) {
                if place.get(used.as_str()).is_some_and(|used| *used > place[room.as_str()]) {
                    wrong.push(format!(
                        "{}:{line}: `{room}` uses `{used}`, which is below it",
                        path.display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_outside_library_is_known_to_one_room() {
    let doors = [
        ("sqlparser", "sql"),
        ("minijinja", "jinja"),
        ("petgraph", "manifest"),
        ("rust_sugiyama", "docs"),
        ("duckdb::", "adapter"),
        ("postgres::", "adapter"),
        ("tokio_postgres", "adapter"),
        ("rustls", "adapter"),
        ("arrow::", "adapter"),
        ("clap", "cli"),
        ("granit_parser", "yaml"),
        ("annotate_snippets", "diagnostic"),
        ("console", "terminal"),
        ("ureq", "install"),
        ("flate2", "install"),
        ("tar::", "install"),
        ("base64", "docs"),
        ("httparse", "docs"),
        ("open::", "docs"),
        ("percent_encoding", "docs"),
    ];
    let mut wrong = Vec::new();
    for path in files(&root().join("src"), &["rs"]) {
        let relative = path.strip_prefix(root().join("src")).unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        for (library, room) in doors {
            let is_used = text.lines().any(|line| {
                let line = line.trim();
                line.starts_with(&format!("use {library}")) || line.starts_with(&format!("pub use {library}"))
            });
            if is_used && !relative.starts_with(&format!("{room}/")) {
                wrong.push(format!("{relative} uses {library}, whose door is `{room}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_page_with_an_example() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let page = code.page();
        if !page.starts_with(&format!("# {}", code.name())) {
            wrong.push(format!("the page of {code} does not begin with its name"));
        }
        if page.lines().count() < 8 || !page.contains("```") {
            wrong.push(format!("the page of {code} shows no example"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn codes_stand_in_the_order_of_their_names() {
    let names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    let mut sorted = names.clone();
    sorted.sort_unstable();
    assert_eq!(names, sorted);
}

#[test]
fn every_code_is_shown_by_a_case_or_a_command_test() {
    let tests = root().join("tests");
    let mut shown = String::new();
    for path in files(&tests.join("cases"), &["md"]).into_iter().chain(files(&tests.join("cli"), &["rs"])) {
        shown += &fs::read_to_string(path).unwrap();
    }
    let missing: Vec<&str> = Code::ALL
        .iter()
        .map(|code| code.name())
        .filter(|name| !shown.contains(&format!("[{name}]")))
        .collect();
    assert!(missing.is_empty(), "no case shows: {}", missing.join(", "));
}
