//! Everything that can be found is formatted, and has to be the same afterwards: twice formatted
//! as once, and in its tokens.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{Commas, Contents, KeywordCase, Style, format, is_same};
use crate::sql::Dialect;
use crate::text::Files;

fn laid_out(text: &str, style: &Style, contents: Contents, dialect: Dialect) -> Result<String, String> {
    let file = Files::new().add("test.sql", text);
    // The file has no byte-order mark any more.
    format(&file, style, contents, dialect).map_err(|told| told.message().to_owned())
}

fn plain(text: &str) -> String {
    laid_out(text, &Style::default(), Contents::Query, Dialect::DuckDb).unwrap()
}

/// Formats a text in several styles: whether it was understood. Panics where the result is
/// not the same.
fn check(name: &str, text: &str, dialect: Dialect) -> Answer {
    let styles = [
        Style::default(),
        Style { line_length: 40, keyword_case: KeywordCase::Upper, commas: Commas::Leading, indent: 2 },
    ];
    let mut is_understood = true;
    for style in &styles {
        for contents in [Contents::Query, Contents::Macros] {
            match laid_out(text, style, contents, dialect) {
                Ok(once) => {
                    let unix = |text: &str| text.replace("\r\n", "\n");
                    if let Err(why) = is_same(&unix(text), &unix(&once), dialect) {
                        panic!("{name}: formatting changes {why}\n{text}\n---\n{once}");
                    }
                    let twice = laid_out(&once, style, contents, dialect);
                    assert_eq!(twice.as_deref(), Ok(&*once), "{name}: the second time differs\n{text}");
                    let lines = once.lines().filter(|line| !line.trim().is_empty());
                    assert!(once.is_empty() || once.ends_with('\n') || lines.count() == 0, "{name}");
                }
                Err(why) => {
                    // Jinja may draw tokens of random texts together to others.
                    let may_fail = name.starts_with("soup") || name.ends_with("refused.md");
                    assert!(may_fail || !why.contains("would change"), "{name}: {why}\n{text}");
                    is_understood = false;
                    if why.contains("would change") {
                        return Answer::Unproved;
                    }
                }
            }
        }
    }
    if is_understood { Answer::Formatted } else { Answer::Refused }
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Formatted,
    Refused,
    /// Refused because it could not be shown that nothing changes.
    Unproved,
}

fn assert_formatted(name: &str, text: &str) {
    assert_eq!(check(name, text, Dialect::DuckDb), Answer::Formatted, "{name}");
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(folder)
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    found.sort();
    found
}

#[allow(clippy::disallowed_methods, reason = "the tests read the repository")]
fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn all_sql_of_the_project_stays_the_same() {
    let mut count = 0;
    for folder in ["models", "macros", "tests", "src/builtin"] {
        for path in files(&root().join(folder), "sql") {
            // What random edits break a project with.
            if path.starts_with(root().join("tests/projects/teahouse/other")) {
                continue;
            }
            assert_formatted(&path.display().to_string(), &read(&path));
            count += 1;
        }
    }
    assert!(count > 100, "{count} files");
}

#[test]
fn all_sql_of_cases_and_documentation_stays_the_same() {
    let (mut count, mut refused) = (0, 0);
    for path in
        files(&root().join("tests/cases"), "md").into_iter().chain(files(&root().join("docs/src"), "md"))
    {
        let page = read(&path);
        for block in page.split("```sql").skip(1) {
            let Some((_, body)) = block.split_once('\n') else { continue };
            let body = body.split("\n```").next().unwrap_or_default();
            for dialect in [Dialect::DuckDb, Dialect::BigQuery, Dialect::Snowflake] {
                refused +=
                    usize::from(check(&path.display().to_string(), body, dialect) != Answer::Formatted);
            }
            count += 1;
        }
    }
    assert!(count > 400, "{count} texts");
    // Those are about Jinja that is wrong.
    assert!(refused < count / 4, "{refused} of {count} texts were refused");
}

/// Numbers that look random, the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

const PIECES: [&str; 104] = [
    "select",
    "SELECT",
    "from",
    "where",
    "group by",
    "order by",
    "and",
    "or",
    "case",
    "when",
    "then",
    "else",
    "end",
    "with",
    "as",
    "join",
    "left join",
    "on",
    "using",
    "union all",
    "except",
    "limit",
    "between",
    "not",
    "in",
    "over",
    "partition by",
    "distinct",
    "having",
    "qualify",
    "values",
    "exists",
    "null",
    "is",
    "like",
    "a",
    "b.c",
    "주문",
    "\"고객 이름\"",
    "'문자  열'",
    "'it''s'",
    "1",
    "1.5",
    "1e-5",
    ".5",
    "0x1F",
    "1_000",
    "$1",
    ",",
    ",",
    ",",
    "(",
    ")",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "*",
    "+",
    "-",
    "=",
    "<>",
    "||",
    "::",
    "->",
    "->>",
    "=>",
    ":",
    ".",
    ";",
    "%",
    "<",
    ">",
    "array<int64>",
    "!~~*",
    "@",
    "#",
    "-- note\n",
    "--\n",
    "-- 한국어 {{ x }}\n",
    "/* block */",
    "/* two\n   lines */",
    "{{ x }}",
    "{{x}}",
    "{{ ref('a') }}",
    "{{- x -}}",
    "{{ a }}{{ b }}",
    "'{{ x }}'",
    "{{ p }}_name",
    "{% set y = 1 %}",
    "{%- set y = 1 -%}",
    "{# note #}",
    "{#- note\n-#}",
    "{% raw %}{{ }}{% endraw %}",
    "{% set q %} select  1 {% endset %}",
    "$$ a  b $$",
    "e'\\''",
    "-- fmt: off\n",
    "-- fmt: on\n",
    "?",
    "extract(year from d)",
    "{{ dbt.f(\n  'x',\n  'y'\n) }}",
];

const SPACES: [&str; 7] = ["", " ", " ", "\n", "\n\n", "  \t", "\r\n"];

/// A text of random pieces, with blocks that match.
fn soup(dice: &mut Dice, length: usize) -> String {
    let mut text = String::new();
    let mut open: Vec<&str> = Vec::new();
    for _ in 0..length {
        let dash = |dice: &mut Dice| if dice.roll(4) == 0 { "-" } else { "" };
        match dice.roll(12) {
            0 if open.len() < 8 => {
                let keyword = ["if x", "for n in [1, 2]"][dice.roll(2)];
                let _ = write!(text, "{{%{} {keyword} {}%}}", dash(dice), dash(dice));
                open.push(if keyword.starts_with("if") { "endif" } else { "endfor" });
            }
            1 if !open.is_empty() => {
                if dice.roll(3) == 0 {
                    let _ = write!(text, "{{%{} else {}%}}", dash(dice), dash(dice));
                } else if let Some(end) = open.pop() {
                    let _ = write!(text, "{{%{} {end} {}%}}", dash(dice), dash(dice));
                }
            }
            _ => text.push_str(PIECES[dice.roll(PIECES.len())]),
        }
        text.push_str(SPACES[dice.roll(SPACES.len())]);
    }
    while let Some(end) = open.pop() {
        let _ = write!(text, "{{% {end} %}}");
    }
    text
}

#[test]
fn random_tokens_stay_the_same() {
    let mut dice = Dice(42);
    let (mut formatted, mut unproved) = (0, 0);
    for round in 0..400 {
        let length = 3 + dice.roll(40);
        let text = soup(&mut dice, length);
        let dialect = Dialect::ALL[dice.roll(Dialect::ALL.len())];
        match check(&format!("soup {round} in {dialect:?}"), &text, dialect) {
            Answer::Formatted => formatted += 1,
            Answer::Unproved => unproved += 1,
            Answer::Refused => {}
        }
    }
    assert!(formatted > 150, "{formatted} texts were formatted");
    assert!(unproved < 40, "{unproved} texts were formatted to others");
}

#[test]
fn random_white_space_makes_no_difference() {
    let mut dice = Dice(7);
    for path in files(&root().join("models"), "sql") {
        let text = read(&path);
        let wanted = plain(&text);
        for _ in 0..10 {
            // Lines that end before a comment stay, as do all in Jinja.
            let mutated: String = text
                .split_inclusive(' ')
                .map(|piece| {
                    if piece.len() > 1 && dice.roll(3) == 0 { format!("{piece} ") } else { piece.to_owned() }
                })
                .collect();
            if is_same(&text, &mutated, Dialect::DuckDb).is_ok() {
                assert_eq!(plain(&mutated), wanted, "{}", path.display());
            }
        }
    }
}

#[test]
fn deep_and_long_texts_are_formatted() {
    let deep = format!("select {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert_formatted("brackets", &deep);
    let cases = format!("select {}1{}", "case when a then ".repeat(2_000), " end".repeat(2_000));
    assert_formatted("cases", &cases);
    let open = "select (".repeat(3_000);
    assert_formatted("open brackets", &open);
    let queries = format!("{}select 1{}", "select * from (".repeat(1_000), ")".repeat(1_000));
    assert_formatted("queries", &queries);
    let blocks = format!("{}select 1{}", "{% if a %}\n".repeat(60), "\n{% endif %}".repeat(60));
    assert_formatted("blocks", &blocks);
}

#[test]
fn the_time_grows_with_the_length() {
    let long = |count: usize| {
        let mut text = "select ".to_owned();
        for at in 1_000..1_000 + count {
            let _ = write!(text, "coalesce(t.열_{at}, {{{{ x }}}}, 'a  b  c d') as column_{at}, ");
        }
        text + "1 from t"
    };
    let time = |text: &str| {
        let started = std::time::Instant::now();
        assert!(laid_out(text, &Style::default(), Contents::Query, Dialect::DuckDb).is_ok());
        started.elapsed()
    };
    let (small, large) = (long(1_000), long(16_000));
    assert!(large.len() > 800_000);
    let (one, sixteen) = (time(&small), time(&large));
    assert!(sixteen < one * 80, "{one:?} and {sixteen:?}");
}
