/// Whether two pieces of SQL or Jinja are the same but for white space between words. White
/// space in quotes counts.
pub(super) fn same_words(one: &str, other: &str) -> bool {
    one == other || words(one) == words(other)
}

/// The text with every run of white space outside of quotes as one space, and none at its ends.
fn words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut quote: Option<char> = None;
    for letter in text.chars() {
        match quote {
            Some(open) => {
                if letter == open {
                    quote = None;
                }
                words.push(letter);
            }
            None if letter.is_whitespace() => {
                if !words.is_empty() && !words.ends_with(' ') {
                    words.push(' ');
                }
            }
            None => {
                if matches!(letter, '\'' | '"') {
                    quote = Some(letter);
                }
                words.push(letter);
            }
        }
    }
    words.truncate(words.trim_end().len());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_counts_in_quotes_alone() {
        assert!(same_words("select  *\n from 주문\n", "select * from 주문"));
        assert!(!same_words("select '주  문'", "select '주 문'"));
        assert!(!same_words("select a b", "select ab"));
        assert!(same_words("select \"a b\" , 1", "select \"a b\"  ,\t1"));
    }
}
