/// How many characters of a description a list shows.
const LENGTH: usize = 200;

/// The first paragraph of a text in Markdown, in one line and without its marks.
pub(super) fn summary(markdown: &str) -> String {
    let mut lines = markdown.trim().lines().map(str::trim).skip_while(|line| is_no_words(line));
    let mut text = String::new();
    for line in lines.by_ref().take_while(|line| !line.is_empty()) {
        let line = unmarked(line);
        if !text.is_empty() && !line.is_empty() {
            text.push(' ');
        }
        plain(line, &mut text);
        if text.len() > 8 * LENGTH {
            break;
        }
    }
    match text.char_indices().nth(LENGTH) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

/// A text in Markdown in one line and without its marks, to be searched.
pub(super) fn words(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    for line in markdown.lines().map(str::trim).filter(|line| !is_no_words(line)) {
        if !text.is_empty() {
            text.push(' ');
        }
        plain(unmarked(line), &mut text);
    }
    text
}

/// A line without what makes it a heading, a quotation or an item of a list.
fn unmarked(line: &str) -> &str {
    let line = line.trim_start_matches(['#', '>']).trim_start();
    line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")).unwrap_or(line)
}

/// Rulers and fences.
fn is_no_words(line: &str) -> bool {
    line.chars().all(|letter| matches!(letter, '-' | '*' | '_' | '=' | '`' | '~' | ' '))
}

/// Adds a line without emphasis, code marks and the addresses of links.
fn plain(line: &str, text: &mut String) {
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        match letter {
            '\\' if after.starts_with(|next: char| next.is_ascii_punctuation()) => {
                text.push_str(&after[..1]);
                rest = &after[1..];
            }
            '*' | '`' => rest = after,
            '!' if after.starts_with('[') => rest = after,
            '[' => match link(after) {
                Some((words, end)) => {
                    plain(words, text);
                    rest = &after[end..];
                }
                None => {
                    text.push('[');
                    rest = after;
                }
            },
            letter => {
                text.push(letter);
                rest = after;
            }
        }
    }
}

/// The words of the link that goes on with `text`, and where it ends: `words](address)`.
fn link(text: &str) -> Option<(&str, usize)> {
    let close = text.find(']')?;
    let words = &text[..close];
    if words.contains('[') {
        return None;
    }
    let address = text[close + 1..].strip_prefix('(')?;
    let end = address.find(')')?;
    Some((words, close + 2 + end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_paragraph_is_told_in_plain_words() {
        let told = [
            ("# 주문\n\nmore", "주문"),
            (
                "One **row** for\neach `order`, see\n[the docs](https://a.b/c).\n\nMore",
                "One row for each order, see the docs.",
            ),
            ("---\n\n- 찻집 🍵\n- two", "찻집 🍵 two"),
            ("a [b] (c) [d", "a [b] (c) [d"),
            ("![A cup](cup.png) of \\*tea\\*", "A cup of *tea*"),
            ("snake_case_name", "snake_case_name"),
            ("", ""),
            ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ];
        for (markdown, wanted) in told {
            assert_eq!(summary(markdown), wanted, "{markdown}");
        }
        assert_eq!(summary(&"가".repeat(300)).chars().count(), LENGTH + 1);
    }

    #[test]
    fn all_of_a_text_is_searched_in_plain_words() {
        let text = "# 주문\n\n**한 줄**에 `하나`\n\n---\n- [설명서](https://a.b/c)을 보라\n> 끝";
        assert_eq!(words(text), "주문 한 줄에 하나 설명서을 보라 끝");
        assert_eq!(words(""), "");
    }
}
