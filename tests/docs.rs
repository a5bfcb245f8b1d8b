//! The book in `docs/`: every page is in the summary, every link leads somewhere, and every
//! topic has an example that runs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn book() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src")
}

/// The names of the pages, without the summary.
fn pages() -> BTreeSet<String> {
    let names = fs::read_dir(book()).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    names.filter(|name| name.ends_with(".md") && name != "SUMMARY.md").collect()
}

/// Where the links of a text lead to, as written.
fn links(text: &str) -> Vec<String> {
    let starts = text.match_indices("](").map(|(at, mark)| at + mark.len());
    starts.filter_map(|at| Some(text[at..].split_once(')')?.0.to_owned())).collect()
}

/// The text without its code blocks, where brackets are no links.
fn prose(text: &str) -> String {
    let mut is_code = false;
    let mut kept = Vec::new();
    for line in text.lines() {
        if line.starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            kept.push(line);
        }
    }
    kept.join("\n")
}

#[test]
fn the_summary_names_every_page_once() {
    let summary = fs::read_to_string(book().join("SUMMARY.md")).unwrap();
    let named = links(&summary);
    let set: BTreeSet<String> = named.iter().cloned().collect();
    assert_eq!(set.len(), named.len(), "a page is named twice");
    assert_eq!(set, pages());
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in pages() {
        let text = fs::read_to_string(book().join(&page)).unwrap();
        for link in links(&prose(&text)) {
            let (path, _) = link.split_once('#').unwrap_or((&link, ""));
            if path.is_empty() || path.starts_with("http") {
                continue;
            }
            assert!(book().join(path).exists(), "{page}: {link} leads nowhere");
        }
    }
}

/// Pages about what no small project can show: the network, the log, figures of other suites.
const WITHOUT_EXAMPLE: [&str; 4] = ["benchmarks.md", "conformance.md", "logs.md", "object-storage.md"];

#[test]
fn every_topic_has_an_example_that_runs() {
    let answers =
        ["```diagnostics", "```rows ", "```compiled ", "```formatted ", "```selected ", "```session"];
    for page in pages().iter().filter(|page| !WITHOUT_EXAMPLE.contains(&page.as_str())) {
        let text = fs::read_to_string(book().join(page)).unwrap();
        let has_answer = text.lines().any(|line| answers.iter().any(|answer| line.starts_with(answer)));
        assert!(has_answer, "{page} shows nothing that runs");
    }
}
