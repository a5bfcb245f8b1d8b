use super::Dialect;
use super::scan::{Lexeme, Scanner};

/// The strings of a query that may be paths of files on this machine, or patterns of such paths:
/// what a warehouse may look into when it reads `from 'data/*.parquet'` or `read_csv('a.csv')`.
/// Rather too many than too few: any string with a point or a slash in it may be one, unless it
/// has the form of an address elsewhere.
#[must_use]
pub fn paths_in(text: &str, dialect: Dialect) -> Vec<String> {
    let mut found = Vec::new();
    for (lexeme, range) in Scanner::new(text, dialect) {
        let piece = &text[range];
        let path = match lexeme {
            Lexeme::String => piece.trim_matches('\'').replace("''", "'"),
            Lexeme::QuotedName => piece.trim_matches('"').replace("\"\"", "\""),
            _ => continue,
        };
        let may_be_path = path.contains(['.', '/', '\\'])
            && !path.contains(['\n', '\0'])
            && !path.contains("://")
            && path.len() < 1024;
        if may_be_path {
            found.push(path);
        }
    }
    found
}
