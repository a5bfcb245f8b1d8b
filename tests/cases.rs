//! Runs every page in `cases/`, and every page of the documentation in `docs/src/`: small
//! projects in Markdown, with what xform must say.
//!
//! A heading begins a case, code blocks are its files (` ```sql models/orders.sql `), and
//! the blocks without a path are expected answers:
//!
//! | block | what it holds |
//! |---|---|
//! | `diagnostics` | all that `xform compile` complains about, without running anything |
//! | `diagnostics build` | all that `xform build` complains about |
//! | `compiled <node>` | the compiled SQL of a node |
//! | `rows <relation>` | the rows of a relation after `xform build`, in order |
//! | `rows <relation> twice` | the same after a second build |
//! | `columns <node>` | the columns that `check` knows of a node, with their types |
//! | `lineage <node>` | what each of them is made of, as `check` knows it |
//! | `formatted <path>` | the text of a file after `xform format` |
//! | `selected <selector>` | the names that the selector means |
//! | `selected --<options>` | the names that those options of `ls` mean |
//! | `session` | lines `$ xform …`, each with what it prints; `$ xform --quiet …` keeps it short |
//! | `vars <yaml>` | given as `--vars` to every command of the case |
//!
//! `XFORM_UPDATE=1` rewrites the answers for review.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::test_project::TestProject;

#[test]
fn cases() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let update = std::env::var_os("XFORM_UPDATE").is_some();
    let only = std::env::var("XFORM_CASE").unwrap_or_default();
    let mut pages: Vec<PathBuf> = ["tests/cases", "docs/src"]
        .into_iter()
        .flat_map(|folder| walkdir::WalkDir::new(root.join(folder)))
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|ending| ending == "md"))
        .filter(|path| path.to_string_lossy().contains(&only))
        .collect();
    pages.sort();
    assert!(!pages.is_empty(), "there are no cases");
    let failures: Vec<String> = std::thread::scope(|scope| {
        let half = pages.len().div_ceil(2);
        let work = |pages: &[PathBuf]| -> Vec<String> {
            pages.iter().flat_map(|page| run_page(page, update)).collect()
        };
        let threads: Vec<_> = pages.chunks(half).map(|pages| scope.spawn(move || work(pages))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(failures.is_empty(), "{} answers differ:\n\n{}", failures.len(), failures.join("\n\n"));
}

/// Runs a page's cases; with `update` its answers are written anew.
fn run_page(path: &Path, update: bool) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let page = Page::parse(&text);
    // A page of the documentation may have headings without an example.
    let is_documentation = path.components().any(|part| part.as_os_str() == "docs");
    let mut failures = Vec::new();
    let mut rewritten = String::new();
    let mut case: Option<Case> = None;
    for piece in &page.pieces {
        match piece {
            Piece::Prose(line) => {
                if line.starts_with("## ") {
                    if let Some(case) = case.as_ref().filter(|_| !is_documentation) {
                        assert!(case.answers > 0, "{}: `{}` expects nothing", path.display(), case.heading);
                    }
                    case = Some(Case::new(line));
                }
                let _ = writeln!(rewritten, "{line}");
            }
            Piece::Block { info, body } => {
                let case = case.get_or_insert_with(|| Case::new("## (no heading)"));
                let answer = case.take(info, body);
                let body = match answer {
                    Some(answer) if answer != *body => {
                        if !update {
                            failures.push(format!(
                                "{}: {}\n--- expected {info}\n{body}\n--- found\n{answer}",
                                path.display(),
                                case.heading
                            ));
                        }
                        answer
                    }
                    _ => body.clone(),
                };
                let fence = if body.contains("```") { "````" } else { "```" };
                let _ = write!(rewritten, "{fence}{info}\n{body}{fence}\n");
            }
        }
    }
    if update && rewritten != text {
        fs::write(path, rewritten).unwrap();
    }
    failures
}

struct Case {
    heading: String,
    project: TestProject,
    has_project_file: bool,
    vars: Option<String>,
    built: usize,
    answers: usize,
}

impl Case {
    fn new(heading: &str) -> Self {
        Self {
            heading: heading.trim_start_matches("## ").to_owned(),
            project: TestProject::bare(),
            has_project_file: false,
            vars: None,
            built: 0,
            answers: 0,
        }
    }

    /// Takes a block in; the answer xform gives, if the block is an expected one.
    fn take(&mut self, info: &str, body: &str) -> Option<String> {
        let (word, rest) = info.split_once(' ').unwrap_or((info, ""));
        let answer = match word {
            "diagnostics" => self.diagnostics(if rest.is_empty() { "compile" } else { rest }),
            "compiled" => self.compiled(rest),
            "rows" => self.rows(rest),
            "columns" => self.columns(rest, false),
            "lineage" => self.columns(rest, true),
            "formatted" => self.formatted(rest),
            "selected" => self.selected(rest),
            "session" => self.session(body),
            "vars" => {
                self.vars = Some(body.trim().to_owned());
                return None;
            }
            _ if !rest.is_empty() => {
                self.has_project_file |= rest == "project.yml" || rest == "dbt_project.yml";
                self.project.write(rest, body);
                return None;
            }
            // A block that only shows something to the reader.
            _ => return None,
        };
        self.answers += 1;
        Some(answer)
    }

    fn run(&mut self, arguments: &[&str]) -> crate::test_project::Ran {
        if !self.has_project_file {
            self.project.write("project.yml", "name: shop\n");
            self.has_project_file = true;
        }
        let mut arguments = arguments.to_vec();
        if let Some(vars) = &self.vars {
            arguments.extend(["--vars", vars]);
        }
        self.project.run_with(arguments)
    }

    fn diagnostics(&mut self, command: &str) -> String {
        let mut arguments: Vec<&str> = command.split_whitespace().chain(["--log-format", "json"]).collect();
        if command.starts_with("build") {
            // One after another, so that the answer has an order.
            arguments.extend(["--threads", "1"]);
        }
        let ran = self.run(&arguments);
        assert!(!ran.text().contains("panicked"), "{}", ran.text());
        let mut answer = String::new();
        for line in ran.stdout.lines() {
            let Ok(event) = serde_json::from_str::<serde_json::Value>(line) else { continue };
            for rendered in event["data"]["diagnostics"].as_array().into_iter().flatten() {
                if let Some(rendered) = rendered["rendered"].as_str() {
                    let _ = writeln!(answer, "{}\n", rendered.trim_end());
                }
            }
        }
        let _ = writeln!(answer, "exit code {}", ran.code.unwrap_or(-1));
        answer
    }

    /// What `check` knows of a node's columns: their types, or what they are made of.
    fn columns(&mut self, node: &str, is_lineage: bool) -> String {
        let ran = self.run(&["check", "--quiet", "--output", "json", "--select", node]);
        let answer: serde_json::Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.text()));
        let nodes = answer["nodes"].as_array().into_iter().flatten();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or("?").to_owned();
        let name = |node: &serde_json::Value| text(node).rsplit('.').next().unwrap_or_default().to_owned();
        // Tests come along with what they test.
        let Some(found) = nodes.into_iter().find(|found| name(&found["unique_id"]) == *node) else {
            return "nothing is known\n".to_owned();
        };
        let mut shown = String::new();
        for column in found["columns"].as_array().into_iter().flatten() {
            if !is_lineage {
                let _ = writeln!(shown, "{} {}", text(&column["name"]), text(&column["data_type"]));
                continue;
            }
            let parts = column["made_of"].as_array().into_iter().flatten().map(|part| {
                let from = match part["unique_id"].as_str() {
                    Some(_) => name(&part["unique_id"]),
                    None => text(&part["relation"]),
                };
                format!("{from}.{} {}", text(&part["column"]), text(&part["how"]))
            });
            let parts: Vec<String> = parts.collect();
            let parts = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
            let _ = writeln!(shown, "{} <- {parts}", text(&column["name"]));
        }
        if found["are_all"] == false {
            shown += "and perhaps more\n";
        }
        shown
    }

    /// Runs the commands of a session, one after another.
    fn session(&mut self, body: &str) -> String {
        let mut answer = String::new();
        for command in body.lines().filter(|line| line.starts_with("$ ")) {
            let arguments = command.strip_prefix("$ xform ").expect("a session runs `$ xform …`");
            let ran = self.run(&arguments.split_whitespace().collect::<Vec<_>>());
            let _ = writeln!(answer, "{command}");
            answer += &without_counts(ran.text().trim_end());
            if ran.code != Some(0) {
                let _ = writeln!(answer, "exit code {}", ran.code.unwrap_or(-1));
            }
        }
        answer
    }

    fn compiled(&mut self, node: &str) -> String {
        let ran = self.run(&["compile", "--quiet", "--no-check", "--select", node]);
        ran.text().trim_end().to_owned() + "\n"
    }

    /// The text of a file after it was formatted; a second time changes nothing.
    fn formatted(&mut self, path: &str) -> String {
        let ran = self.run(&["format", "--macros"]);
        assert_eq!(ran.code, Some(0), "{}", ran.text());
        let once = self.project.read(path);
        let _ = self.run(&["format", "--macros"]);
        assert_eq!(self.project.read(path), once, "formatted twice");
        once
    }

    fn rows(&mut self, rest: &str) -> String {
        let (relation, wanted) = match rest.strip_suffix(" twice") {
            Some(relation) => (relation, 2),
            None => (rest, 1),
        };
        while self.built < wanted {
            self.built += 1;
            let ran = self.run(&["build"]);
            if ran.code != Some(0) {
                return without_counts(&ran.text());
            }
        }
        let query = format!("select * from {relation} order by all");
        let ran = self.run(&["show", "--quiet", "--limit", "-1", "--inline", &query]);
        ran.text().trim_end().to_owned() + "\n"
    }

    fn selected(&mut self, selector: &str) -> String {
        // `selected --selector nightly --exclude x`: options, as they are.
        let options: Vec<&str> = match selector.starts_with("--") {
            true => selector.split_whitespace().collect(),
            false => vec!["--select", selector],
        };
        let arguments: Vec<&str> = ["ls", "--quiet", "--output", "name"].into_iter().chain(options).collect();
        self.run(&arguments).text().trim_end().to_owned() + "\n"
    }
}

/// What was printed, without the line that counts what is in the project: its number of macros
/// changes with every macro that comes to the library.
fn without_counts(text: &str) -> String {
    let told = text.lines().filter(|line| !line.contains("  Found "));
    told.fold(String::new(), |all, line| all + line + "\n")
}

/// A page cut into lines of prose and code blocks.
struct Page {
    pieces: Vec<Piece>,
}

enum Piece {
    Prose(String),
    Block { info: String, body: String },
}

impl Page {
    fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let fence: String = line.chars().take_while(|letter| *letter == '`').collect();
            if fence.len() < 3 {
                pieces.push(Piece::Prose(line.to_owned()));
                continue;
            }
            let info = line[fence.len()..].trim().to_owned();
            let mut body = String::new();
            for line in lines.by_ref() {
                if line.trim_end() == fence {
                    break;
                }
                body += line;
                body.push('\n');
            }
            pieces.push(Piece::Block { info, body });
        }
        Self { pieces }
    }
}
