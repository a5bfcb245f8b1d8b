//! What of a profile may be printed: messages show the lines they are about, and lines of a
//! profile hold passwords.

/// Keys whose values are no secrets.
const OPEN: &[&str] = &[
    "account",
    "alias",
    "application_name",
    "catalog",
    "connect_timeout",
    "database",
    "dataset",
    "dbname",
    "disable_transactions",
    "external_root",
    "fs",
    "host",
    "is_ducklake",
    "keep_open",
    "keepalives_idle",
    "location",
    "method",
    "name",
    "path",
    "port",
    "project",
    "provider",
    "read_only",
    "region",
    "retries",
    "role",
    "schema",
    "search_path",
    "sslmode",
    "target",
    "threads",
    "type",
    "use_credential_provider",
    "user",
    "warehouse",
];

/// The text of a profile as it may be shown, byte for byte as long: of values only those are left
/// that are surely no secret, and templates that only name a variable. It goes by lines, so that
/// a text that is no YAML is masked as well.
pub(super) fn masked(text: &str) -> String {
    text.split_inclusive('\n').map(masked_line).collect()
}

fn masked_line(line: &str) -> String {
    let indent = line.len() - line.trim_start_matches([' ', '\t', '-', '#', '{', '"', '\'']).len();
    let (indent, mut rest) = line.split_at(indent);
    let mut shown = indent.to_owned();
    let mut is_open = false;
    loop {
        let Some((start, end)) = next_key(rest) else {
            shown += &value(rest, is_open);
            return shown;
        };
        shown += &value(&rest[..start], is_open);
        shown += &rest[start..end];
        is_open = OPEN.contains(&rest[start..end].trim_end_matches([':', '"', '\'', ' ']));
        rest = &rest[end..];
    }
}

/// Where a key begins, and where its colon ends.
fn next_key(text: &str) -> Option<(usize, usize)> {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut from = 0;
    while let Some(colon) = text[from..].find(':').map(|at| from + at) {
        let before = text[..colon].trim_end_matches(['"', '\'', ' ']);
        let start = before.len()
            - before.chars().rev().take_while(|c| is_of_name(*c)).map(char::len_utf8).sum::<usize>();
        let is_begun = text[..start].chars().next_back().is_none_or(|c| " \t{,\"'".contains(c));
        let is_ended = text[colon + 1..].chars().next().is_none_or(char::is_whitespace);
        if start < before.len() && is_begun && is_ended {
            return Some((start, colon + 1));
        }
        from = colon + 1;
    }
    None
}

fn value(text: &str, is_open: bool) -> String {
    let bare = text.trim_matches([' ', '\t', '\r', '\n', '"', '\'']);
    let is_variable = bare.starts_with("{{") && bare.ends_with("}}") && !bare.contains(',');
    if is_variable || is_open && !bare.contains(['@', '=', '?', ':']) {
        return text.to_owned();
    }
    let hidden = |c: char| match c {
        _ if c.is_whitespace() => c.to_string(),
        '{' | '}' | '[' | ']' | ',' | '"' | '\'' => c.to_string(),
        _ => "*".repeat(c.len_utf8()),
    };
    text.chars().map(hidden).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_hidden_unless_they_are_surely_no_secret() {
        for (line, shown) in [
            ("  type: postgres\n", "  type: postgres\n"),
            ("  password: 'hunter2'\n", "  password: '*******'\n"),
            ("  pasword: \"hunter 2", "  pasword: \"****** *"),
            ("  password: 비밀\n", "  password: ******\n"),
            ("  host: bo:hunter2@db\n", "  host: *************\n"),
            (
                "  - path: postgres:host=db password=hunter2\r\n",
                "  - path: **************** ****************\r\n",
            ),
            ("  - {type: s3, key_id: abc, 'secret': x:y}\n", "  - {type: s3, key_id: ***, 'secret': ***}\n"),
            ("    -----BEGIN PRIVATE KEY-----\n", "    -----***** ******* ********\n"),
            ("  # password: hunter2\n", "  # password: *******\n"),
            ("  password: \"{{ env_var('PW') }}\"\n", "  password: \"{{ env_var('PW') }}\"\n"),
            (
                "  password: \"{{ env_var('PW', 'hunter2') }}\"\n",
                "  password: \"{{ ********'**', '*******'* }}\"\n",
            ),
            ("shop:\n", "shop:\n"),
        ] {
            let masked = masked(line);
            assert_eq!(masked, shown);
            assert_eq!(masked.len(), line.len(), "{line}");
        }
    }
}
