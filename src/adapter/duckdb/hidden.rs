use crate::adapter::AdapterError;

/// Texts of a profile that no message may hold: passwords, keys and tokens.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Hidden(Vec<String>);

/// Words that the names of keys with secret values have in them.
const WORDS: &[&str] =
    &["secret", "token", "password", "passwd", "pwd", "key", "connection_string", "header"];

impl Hidden {
    /// Adds the value of a key, if it is one that nobody is to read.
    pub fn add(&mut self, key: &str, value: &str) {
        let key = key.to_lowercase();
        if !WORDS.iter().any(|word| key.contains(word)) {
            return;
        }
        self.add_value(value);
        self.add_from(value);
    }

    /// Adds what is secret in a text that tells how to connect: `host=h password=p`,
    /// `AccountKey=k;…`, `postgres://user:p@host`.
    pub fn add_from(&mut self, text: &str) {
        for part in text.split([' ', ';', '&', '?']) {
            if let Some((key, value)) = part.split_once('=') {
                let key = key.to_lowercase();
                if WORDS.iter().any(|word| key.contains(word)) {
                    self.add_value(value.trim_matches('\''));
                }
            }
        }
        let of_url = text.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
        if let Some((_, password)) = of_url.and_then(|(user, _)| user.split_once(':')) {
            self.add_value(password);
        }
    }

    fn add_value(&mut self, value: &str) {
        // A shorter one is in every message, and hides nothing.
        if value.len() > 3 && !self.0.iter().any(|known| known == value) {
            self.0.push(value.to_owned());
            // One that holds another goes first.
            self.0.sort_by_key(|value| std::cmp::Reverse(value.len()));
        }
    }

    pub fn extend(&mut self, other: &Self) {
        for value in &other.0 {
            self.add_value(value);
        }
    }

    /// An error without them.
    pub fn taken_out_of(&self, error: AdapterError) -> AdapterError {
        if self.0.is_empty() {
            return error;
        }
        let hide = |text: String| self.0.iter().fold(text, |text, value| text.replace(value.as_str(), "***"));
        AdapterError {
            message: hide(error.message),
            notes: error.notes.into_iter().map(hide).collect(),
            candidates: error.candidates.into_iter().map(hide).collect(),
            help: error.help.map(hide),
            ..error
        }
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::ErrorKind;

    #[test]
    fn secrets_are_found_in_what_connects() {
        let mut hidden = Hidden::default();
        hidden.add_from("host=db password='hunter2' dbname=x");
        hidden.add_from("postgres://me:pass%20word@db/x");
        hidden.add("connection_string", "AccountName=n;AccountKey=a2V5;EndpointSuffix=x");
        hidden.add("region", "seoul");
        let error = AdapterError::new(ErrorKind::Connection, "at hunter2, pass%20word, a2V5 in seoul");
        assert_eq!(hidden.taken_out_of(error).message, "at ***, ***, *** in seoul");
        assert_eq!(format!("{hidden:?}"), "Hidden(***)");
    }
}
