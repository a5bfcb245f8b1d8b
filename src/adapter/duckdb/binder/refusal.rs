use serde_json::Value;

use super::courtroom::Known;
use crate::adapter::duckdb::error::{quoted_names, told};
use crate::adapter::duckdb::words::Words;
use crate::adapter::{Refusal, RefusalKind};
use crate::diagnostic::suggest;
use crate::sql::tree::TextRange;
use crate::sql::{Lexeme, string_literal};

/// What DuckDB said, taken apart.
struct Told {
    exception: String,
    message: String,
    subtype: String,
    /// What kind of entry of the catalog is missing.
    entry: String,
    name: Option<String>,
    /// Byte of the query.
    position: Option<usize>,
}

/// Why DuckDB refused a query that began at byte `offset` of the statement.
pub(super) fn from_duckdb(
    error: &::duckdb::Error,
    words: &Words<'_>,
    offset: usize,
    known: &Known,
) -> Refusal {
    let text = error.to_string();
    if matches!(error, ::duckdb::Error::InvalidParameterCount(..)) {
        let refusal = Refusal::new(RefusalKind::Other, "it has a parameter that no value is given for");
        return Refusal { at: words.parameter().map(|index| words.range(index)), ..refusal };
    }
    let Some(json) = told(&text) else {
        return Refusal::new(RefusalKind::CannotTell, text.lines().next().unwrap_or_default());
    };
    let of = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let message = of("exception_message");
    let told = Told {
        exception: of("exception_type"),
        subtype: of("error_subtype"),
        entry: of("type"),
        name: Some(of("name")).filter(|name| !name.is_empty()).or_else(|| named(&message)),
        position: of("position").parse::<usize>().ok().and_then(|at| at.checked_sub(offset)),
        message,
    };
    let mut kind = kind(&told, words);
    let at = place(kind, &told, words);
    if is_beyond(kind, at, words, known) {
        kind = RefusalKind::CannotTell;
    }
    let first = told.message.lines().map(str::trim).find(|line| !line.is_empty());
    Refusal {
        kind,
        message: first.unwrap_or("the query is refused").to_owned(),
        at,
        candidates: candidates(kind, &told),
        name: told.name,
    }
}

/// Phrases of messages, with what they mean and who says them.
const PHRASES: &[(&str, RefusalKind)] = &[
    ("it exists in the ", RefusalKind::CannotTell),
    ("unrecognized configuration parameter", RefusalKind::CannotTell),
    ("not found in FROM clause", RefusalKind::UnknownColumn),
    ("does not have a column named", RefusalKind::UnknownColumn),
    ("does not exist on left side of join", RefusalKind::UnknownColumn),
    ("does not exist on right side of join", RefusalKind::UnknownColumn),
    ("in EXCLUDE list not found", RefusalKind::UnknownColumn),
    ("in REPLACE list not found", RefusalKind::UnknownColumn),
    ("in RENAME list not found", RefusalKind::UnknownColumn),
    ("referenced in UNPIVOT but no matching entry", RefusalKind::UnknownColumn),
    ("Could not find key", RefusalKind::UnknownColumn),
    ("No matching columns found that match regex", RefusalKind::UnknownColumn),
    ("Referenced table", RefusalKind::UnknownRelation),
    ("does not exist because schema", RefusalKind::UnknownRelation),
    ("Ambiguous reference", RefusalKind::AmbiguousName),
    ("aggregate function calls cannot", RefusalKind::MisplacedAggregate),
    ("cannot contain aggregates", RefusalKind::MisplacedAggregate),
    ("cannot contain window functions", RefusalKind::MisplacedAggregate),
    ("Aggregate functions are not supported here", RefusalKind::MisplacedAggregate),
    ("window functions are not allowed", RefusalKind::MisplacedAggregate),
    ("must appear in the GROUP BY clause", RefusalKind::Ungrouped),
    ("Set operations can only apply to expressions with the same number", RefusalKind::ColumnCount),
    ("VALUES lists must all be the same length", RefusalKind::ColumnCount),
    ("Subquery returns", RefusalKind::ColumnCount),
    ("columns available but", RefusalKind::ColumnCount),
    ("Could not choose a best candidate function", RefusalKind::WrongArguments),
    ("No function matches", RefusalKind::WrongArguments),
    ("can only be applied to", RefusalKind::WrongArguments),
    ("Invalid LIST argument", RefusalKind::WrongArguments),
    ("specifier", RefusalKind::WrongArguments),
    ("because it is not a struct", RefusalKind::WrongArguments),
    ("Cannot deduce template type", RefusalKind::TypeMismatch),
    ("an explicit cast is required", RefusalKind::TypeMismatch),
    ("does not match with", RefusalKind::TypeMismatch),
    ("only supported for type", RefusalKind::TypeMismatch),
];

fn kind(told: &Told, words: &Words<'_>) -> RefusalKind {
    match told.subtype.as_str() {
        "SYNTAX_ERROR" => return RefusalKind::Syntax,
        "COLUMN_NOT_FOUND" => return RefusalKind::UnknownColumn,
        "NO_MATCHING_FUNCTION" => return RefusalKind::WrongArguments,
        "MISSING_ENTRY" => return missing_entry(told),
        _ => {}
    }
    let by_phrase =
        || PHRASES.iter().find(|(phrase, _)| told.message.contains(phrase)).map(|(_, kind)| *kind);
    match told.exception.as_str() {
        "Parser" => by_phrase().unwrap_or(RefusalKind::Syntax),
        "Binder" if told.message.starts_with("Catalog \"") => RefusalKind::UnknownRelation,
        "Binder" | "Catalog" | "Not implemented" => by_phrase().unwrap_or(RefusalKind::Other),
        "Mismatch Type" | "Conversion" => by_phrase().unwrap_or(RefusalKind::TypeMismatch),
        "Out of Range" | "Expression" | "Parameter Not Allowed" => RefusalKind::Other,
        "Invalid Input" | "Invalid type" if !words.reads_files() => RefusalKind::Other,
        // What is not there (files, extensions, secrets), and what DuckDB fails at itself.
        _ => RefusalKind::CannotTell,
    }
}

fn missing_entry(told: &Told) -> RefusalKind {
    match told.entry.as_str() {
        "Table" | "View" | "Schema" => RefusalKind::UnknownRelation,
        "Type" => RefusalKind::UnknownType,
        entry if entry.contains("Function") || entry.contains("Macro") => RefusalKind::UnknownFunction,
        // Sequences, settings, collations, secrets.
        _ => RefusalKind::CannotTell,
    }
}

/// Whether what is wrong may not be so in the real database.
fn is_beyond(kind: RefusalKind, at: Option<TextRange>, words: &Words<'_>, known: &Known) -> bool {
    // What is wrong may stand in the text of another query, which values make.
    if words.calls("query_table") || words.calls("query") {
        return true;
    }
    match kind {
        RefusalKind::UnknownFunction | RefusalKind::UnknownType => known.misses_extensions,
        RefusalKind::UnknownRelation => {
            let first = at.and_then(|at| words.starting(at.start));
            let is_attached = |index: usize| {
                words.text(index + 1) == "." && known.attached.iter().any(|name| words.is_name(index, name))
            };
            known.misses_settings || first.is_some_and(is_attached)
        }
        _ => false,
    }
}

/// The name that a message is about.
fn named(message: &str) -> Option<String> {
    let first = message.lines().next().unwrap_or_default();
    let quoted = |text: &str| quoted_names(text).next();
    if let Some((_, rest)) = first.split_once("does not have a column named") {
        return quoted(rest);
    }
    if let Some((_, rest)) = first.split_once("for the function call ") {
        return quoted(rest).map(|call| call.split('(').next().unwrap_or_default().to_owned());
    }
    // `column id must appear …`, without quotes.
    let bare = ["Referenced column ", "column "].into_iter().find_map(|before| first.strip_prefix(before));
    if let Some(name) = bare.filter(|rest| !rest.starts_with('"')) {
        return name.split([' ', ',']).next().map(str::to_owned);
    }
    if let Some((_, rest)) = first.split_once("Cannot extract field '") {
        return rest.split('\'').next().map(str::to_owned);
    }
    let has_name =
        ["Referenced ", "Ambiguous ", "olumn \"", "table \"", "Catalog \"", "Table with name", "window \""]
            .into_iter()
            .chain(["Could not find key", "Duplicate CTE", "specifier"])
            .any(|phrase| first.contains(phrase));
    if has_name { quoted(first) } else { None }
}

/// What was meant: nearest names, or the forms of a function.
fn candidates(kind: RefusalKind, told: &Told) -> Vec<String> {
    let mut candidates = Vec::new();
    let mut is_form = false;
    for line in told.message.lines().map(str::trim) {
        if line.starts_with("Candidate functions:") {
            is_form = true;
        } else if is_form && kind == RefusalKind::WrongArguments && !line.is_empty() {
            candidates.push(line.to_owned());
        } else if line.starts_with("Candidate ") {
            candidates.extend(quoted_names(line));
        } else if line.starts_with("Did you mean") {
            // The nearest of all tables or functions there are, however far: only near ones help.
            let missed = told.name.as_deref().unwrap_or_default();
            let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
            let is_near =
                |name: &String| suggest::nearest(last(missed).as_str(), [last(name).as_str()]).is_some();
            candidates.extend(quoted_names(line).filter(is_near));
        }
    }
    candidates
}

/// Where the fault is. DuckDB's position is that of the whole expression; inside of a macro it
/// is one of the macro's text, so it counts only when what stands there can be meant.
fn place(kind: RefusalKind, told: &Told, words: &Words<'_>) -> Option<TextRange> {
    let reported = told.position.and_then(|at| match words.starting(at) {
        Some(index) => Some(index),
        None if at >= words.end().start => Some(words.len()),
        None => None,
    });
    if let Some(index) = reported {
        if index == words.len() {
            return Some(words.end());
        }
        let Some(name) = told.name.as_deref() else { return Some(words.range(index)) };
        if let Some(range) = named_at(kind, index, name, words) {
            return Some(range);
        }
    }
    derived(kind, told, words).map(|index| words.range(index))
}

/// Messages without a position, and the keyword they are about.
const KEYWORDS: &[(&str, &str)] = &[
    ("in COALESCE operator", "coalesce"),
    ("VALUES lists must all be the same length", "values"),
    ("Cannot unpivot columns", "unpivot"),
    ("QUALIFY clause", "qualify"),
    ("Missing ASOF JOIN inequality", "asof"),
    ("Sample sample_size", "tablesample"),
    ("'array_extract(", "["),
];

/// The word that a message without a position is about, where that is beyond doubt.
fn derived(kind: RefusalKind, told: &Told, words: &Words<'_>) -> Option<usize> {
    let message = told.message.as_str();
    if message.starts_with("Set operations") {
        return words.only_set_operator();
    }
    if message.starts_with("GROUP BY term out of range") {
        let most = message.lines().next()?.rsplit(' ').next()?.parse().ok()?;
        return words.number_above(words.only_pair("group", "by")? + 2, most);
    }
    if let Some((_, word)) = KEYWORDS.iter().find(|(phrase, _)| message.contains(phrase)) {
        return words.only_text(word);
    }
    let name = told.name.as_deref()?;
    if message.starts_with("Ambiguous reference to table") || message.starts_with("Duplicate CTE") {
        return words.second_definition(name);
    }
    let from = match kind {
        RefusalKind::Ungrouped => words.only_text("having")?,
        RefusalKind::CannotTell => return None,
        _ => 0,
    };
    let last = name.rsplit('.').next().unwrap_or(name);
    words.only(last, from).or_else(|| words.only_text(&string_literal(last)))
}

/// The range of a name in the expression that begins with the word `index`.
fn named_at(kind: RefusalKind, index: usize, name: &str, words: &Words<'_>) -> Option<TextRange> {
    let end = words.chain_end(index);
    let whole = words.range(index).to(words.range(end));
    let last = name.rsplit('.').next().unwrap_or(name);
    let part = || (index..=end).rev().find(|word| words.is_name(*word, last));
    match kind {
        RefusalKind::UnknownRelation if words.is_name(end, last) => Some(whole),
        RefusalKind::UnknownColumn
        | RefusalKind::UnknownRelation
        | RefusalKind::UnknownType
        | RefusalKind::AmbiguousName
        | RefusalKind::Ungrouped => part().map(|word| words.range(word)),
        RefusalKind::UnknownFunction => part().is_some().then_some(whole),
        RefusalKind::WrongArguments => {
            let is_symbol = words.lexeme(index) == Some(Lexeme::Symbol);
            let is_operator = !name.starts_with(|c: char| c.is_alphanumeric() || c == '_');
            let is_spelled = match (is_symbol, is_operator) {
                // `extract(…)` is `date_part`, `like` is `~~`.
                (false, _) => words.is_name(end, name) || words.is_grammar(index),
                (true, true) => true,
                (true, false) => words.text(index) != "(",
            };
            is_spelled.then(|| if is_symbol { words.symbol(index) } else { whole })
        }
        _ => Some(words.range(index)),
    }
}
