use super::Output;
use crate::project::SECRET_PREFIX;
use crate::system::System;

/// What stands in the place of a secret.
const MASK: &str = "*****";

/// The values of the secret variables of the environment, which nobody is to read.
/// See <https://docs.getdbt.com/reference/dbt-jinja-functions/env_var#secrets>.
#[derive(Clone, Debug, Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    pub(super) fn of(system: &dyn System) -> Self {
        let variables = system.variables();
        let secrets = variables.with_prefix(SECRET_PREFIX).map(|(_, value)| value.to_owned());
        let mut values: Vec<String> = secrets.filter(|value| !value.trim().is_empty()).collect();
        // A secret that holds another one goes first.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        Self(values)
    }

    /// The text without the secrets.
    pub(super) fn masked(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, MASK))
    }
}

/// An output that secrets do not leave by.
pub(super) struct Scrubbed<O> {
    inner: O,
    secrets: Secrets,
}

impl<O: Output> Scrubbed<O> {
    pub(super) fn new(inner: O, secrets: Secrets) -> Self {
        Self { inner, secrets }
    }
}

impl<O: Output> Output for Scrubbed<O> {
    fn stdout(&self, text: &str) {
        self.inner.stdout(&self.secrets.masked(text));
    }

    fn stderr(&self, text: &str) {
        self.inner.stderr(&self.secrets.masked(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::MemorySystem;

    #[test]
    fn secrets_are_masked_the_longest_first() {
        let system = MemorySystem::new()
            .env_var("DBT_ENV_SECRET_A", "비밀")
            .env_var("DBT_ENV_SECRET_B", "비밀번호")
            .env_var("DBT_ENV_SECRET_C", " ")
            .env_var("DBT_ENV_OPEN", "열린");
        assert_eq!(Secrets::of(&system).masked("x 비밀번호 y 비밀 열린"), "x ***** y ***** 열린");
    }
}
