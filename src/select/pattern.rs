/// A text with the shell's wildcards: `*`, `?`, `[abc]`, `[a-z]`, `[!a-z]`.
///
/// Written here because it has to count in characters (`?` is one Korean letter) and, as
/// dbt's does, take a bracket that is never closed for itself; glob crates do neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Letter(char),
    /// `?`
    Any,
    /// `*`
    Run,
    Set {
        is_negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Part {
    fn takes(&self, letter: char) -> bool {
        match self {
            Part::Letter(own) => *own == letter,
            Part::Any | Part::Run => true,
            Part::Set { is_negated, ranges } => {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter)) != *is_negated
            }
        }
    }
}

impl Pattern {
    #[must_use]
    pub fn new(text: &str) -> Self {
        let letters: Vec<char> = text.chars().collect();
        let mut parts = Vec::new();
        let mut at = 0;
        while let Some(letter) = letters.get(at) {
            at += 1;
            parts.push(match letter {
                '*' => Part::Run,
                '?' => Part::Any,
                '[' => match set(&letters, at) {
                    Some((part, next)) => {
                        at = next;
                        part
                    }
                    None => Part::Letter('['),
                },
                letter => Part::Letter(*letter),
            });
        }
        Self { text: text.to_owned(), parts }
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it can match more than itself.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Letter(_)))
    }

    /// Whether all of `text` is matched.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let letters: Vec<char> = text.chars().collect();
        let (mut part, mut letter) = (0, 0);
        // Where to go back to: the last `*`, and the letter it has been stretched to.
        let mut run: Option<(usize, usize)> = None;
        while letter < letters.len() {
            match self.parts.get(part) {
                Some(Part::Run) => {
                    run = Some((part, letter));
                    part += 1;
                }
                Some(other) if other.takes(letters[letter]) => {
                    part += 1;
                    letter += 1;
                }
                _ => {
                    let Some((at, stretched)) = run else { return false };
                    run = Some((at, stretched + 1));
                    part = at + 1;
                    letter = stretched + 1;
                }
            }
        }
        self.parts[part..].iter().all(|part| *part == Part::Run)
    }
}

/// The set whose `[` stands before `at`, and where it ends; `None` if it never does.
fn set(letters: &[char], at: usize) -> Option<(Part, usize)> {
    let is_negated = letters.get(at) == Some(&'!');
    let first = at + usize::from(is_negated);
    // A `]` that stands first is a letter of the set.
    let end = (first + 1..letters.len()).find(|at| letters[*at] == ']')?;
    let mut ranges = Vec::new();
    let mut at = first;
    while at < end {
        if at + 2 < end && letters[at + 1] == '-' {
            ranges.push((letters[at], letters[at + 2]));
            at += 3;
        } else {
            ranges.push((letters[at], letters[at]));
            at += 1;
        }
    }
    Some((Part::Set { is_negated, ranges }, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_a_shell() {
        let table = [
            ("stg_*", "stg_orders", true),
            ("stg_*", "int_orders", false),
            ("*_orders", "stg_orders", true),
            ("*a*b", "xaxbxb", true),
            ("*a*b", "xaxbxc", false),
            ("stg_?", "stg_a", true),
            ("stg_?", "stg_", false),
            ("주문_?", "주문_표", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]]", "]", true),
            ("a[b", "a[b", true),
            ("", "", true),
            ("", "a", false),
            ("**", "anything", true),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn only_real_wildcards_count_as_such() {
        assert!(Pattern::new("a[bc]").has_wildcard());
        assert!(!Pattern::new("a[bc").has_wildcard());
        assert!(!Pattern::new("주문").has_wildcard());
    }
}
