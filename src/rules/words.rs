use std::collections::HashSet;

/// The words of a text in small letters: letters, digits and underscores of any script.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

pub(super) fn word_set(text: &str) -> HashSet<String> {
    words(text).collect()
}
