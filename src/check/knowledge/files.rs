use super::merge::Observed;
use super::remote::Remote;
use crate::adapter::RefusalKind;
use crate::analyze::{Column, Schema};
use crate::check::arbiter::Arbiter;
use crate::context::external_text;
use crate::manifest::Node;

/// The columns of a source that is a file or a reading expression; `Err` says why they cannot
/// be known, `Ok(None)` that it is a table. Files are looked into by the warehouse's own readers.
pub(super) fn observe(
    node: &Node,
    arbiter: &Arbiter,
    remote_files: &Remote,
) -> Result<Option<Observed>, String> {
    let Some(text) = external_text(node) else { return Ok(None) };
    let query = format!("select * from {text}");
    let (columns, whereabouts) = if let Some(address) = remote(&text) {
        let columns = remote_files
            .columns(&query)
            .map_err(|why| format!("`{address}` cannot be looked into: {why}"))?;
        (columns, format!("`{address}`"))
    } else {
        let shown = text.trim_matches('\'').replace("''", "'");
        let columns = match arbiter.columns(&query) {
            None => return Err(format!("`{shown}` cannot be looked into for this warehouse")),
            // The function may be one of an extension that only the target loads: `iceberg_scan`.
            Some(Err(refusal)) if refusal.kind == RefusalKind::CannotTell => {
                remote_files.columns(&query).map_err(|why| format!("`{shown}` cannot be read here: {why}"))?
            }
            Some(Err(refusal)) => {
                let first = refusal.message.lines().next().unwrap_or_default();
                return Err(format!("`{shown}` cannot be read: {first}"));
            }
            Some(Ok(columns)) => columns,
        };
        let is_call = shown.contains('(');
        (columns, if is_call { format!("`{shown}`") } else { format!("the file `{shown}`") })
    };
    let columns = columns.into_iter().map(|(name, kind)| Column::new(name, Some(kind)));
    let schema = Schema::complete(columns.collect());
    Ok(Some(Observed { schema, is_certain: true, whereabouts }))
}

/// The address of another machine in the text, if there is one: `s3://…`.
fn remote(text: &str) -> Option<&str> {
    let at = text.find("://")?;
    let start = text[..at].rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |before| before + 1);
    let end = text[at..].find(['\'', '"', ')', ',', ' ']).map_or(text.len(), |length| at + length);
    let address = text.get(start..end)?;
    (!address.starts_with("file://")).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::remote;

    #[test]
    fn addresses_of_other_machines_are_seen() {
        assert_eq!(remote("'s3://바구니/a.csv'"), Some("s3://바구니/a.csv"));
        assert_eq!(
            remote("read_parquet(['a.parquet', 'https://x.kr/b.parquet'])"),
            Some("https://x.kr/b.parquet")
        );
        assert_eq!(remote("'data/주문.csv'"), None);
        assert_eq!(remote("'file:///tmp/a.csv'"), None);
    }
}
