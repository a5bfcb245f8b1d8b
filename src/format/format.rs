use super::doc::measure;
use super::layout::Layout;
use super::printer::Printer;
use super::proof;
use super::query::Reader;
use super::spacing::spaces;
use super::style::{Contents, KeywordCase, Style};
use super::token::{refusal, tokens};
use super::tree::tree;
use crate::diagnostic::Diagnostic;
use crate::sql::Dialect;
use crate::text::{Files, SourceFile, Span};

/// How often a text is laid out before it has to be at rest.
const ROUNDS: usize = 4;

/// The text of a file in a style. What it renders to has the same tokens; formatting the
/// result again changes nothing. Lines end as they did (with CRLF, if all do).
///
/// # Errors
/// The file cannot be read: Jinja, a string or a comment is left open. Or the result would
/// render to other tokens, which is a fault of ours.
pub fn format(
    file: &SourceFile,
    style: &Style,
    contents: Contents,
    dialect: Dialect,
) -> Result<String, Diagnostic> {
    let text = file.text();
    let has_crlf = text.contains('\r') && !text.replace("\r\n", "").contains(['\r', '\n']);
    if has_crlf {
        // Places in what is told are those of the file as it is.
        once(file, style, contents, dialect)?;
    }
    let start = if has_crlf { text.replace("\r\n", "\n") } else { text.to_owned() };
    let mut now = settled(file, &start, style, contents, dialect)?;
    let mut is_proved = proof::same(&start, &now, dialect);
    if is_proved.is_err() && style.keyword_case != KeywordCase::Keep {
        // A word that a tag draws to what stands after it is no keyword then: `as {%- if …`.
        let style = Style { keyword_case: KeywordCase::Keep, ..*style };
        now = settled(file, &start, &style, contents, dialect)?;
        is_proved = proof::same(&start, &now, dialect);
    }
    if let Err(why) = is_proved {
        return Err(refusal(file, 0..0, &format!("formatting would change {why}")));
    }
    Ok(if has_crlf { now.replace('\n', "\r\n") } else { now })
}

/// A text that was laid out until laying it out again changes nothing.
fn settled(
    file: &SourceFile,
    start: &str,
    style: &Style,
    contents: Contents,
    dialect: Dialect,
) -> Result<String, Diagnostic> {
    let mut now = start.to_owned();
    for _ in 0..ROUNDS {
        let copy = Files::new().add(file.path(), now.as_str());
        let next = once(&copy, style, contents, dialect).map_err(|told| {
            let at = if now == start { told.span().map_or(0..0, Span::range) } else { 0..0 };
            refusal(file, at, told.message())
        })?;
        if next == now {
            break;
        }
        now = next;
    }
    Ok(now)
}

/// Whether two templates render to the same tokens, as far as it can be told without
/// rendering: what they differ in if not.
///
/// # Errors
/// They do not: the first piece in which they differ.
pub fn is_same(one: &str, two: &str, dialect: Dialect) -> Result<(), String> {
    proof::same(one, two, dialect)
}

fn once(
    file: &SourceFile,
    style: &Style,
    contents: Contents,
    dialect: Dialect,
) -> Result<String, Diagnostic> {
    let tokens = tokens(file, style, contents, dialect)?;
    let spaces = spaces(&tokens, dialect);
    let nodes = tree(&tokens, style.line_length);
    let layout = Layout { tokens: &tokens, style, reader: Reader { tokens: &tokens } };
    let mut docs = layout.query(&nodes, false);
    measure(&mut docs, &|at| {
        let token = &tokens[at];
        let breaks = token.has_newline || token.has_line || token.is_comment();
        (token.width + usize::from(spaces[at]), breaks)
    });
    let mut printer = Printer::new(&tokens, &spaces, (style.line_length, style.commas, style.indent));
    printer.print(&docs);
    let mut text = printer.out;
    if !text.is_empty() {
        text.push('\n');
    }
    Ok(text)
}
