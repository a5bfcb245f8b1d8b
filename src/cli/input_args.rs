use clap::{ArgAction, Args};

use super::global_args::either;
use crate::project::LoadOptions;

/// How much of their inputs models read.
#[derive(Args, Clone, Debug, Default)]
#[allow(clippy::doc_markdown, reason = "these comments are the help that people read")]
pub struct InputArgs {
    #[command(flatten)]
    pub empty: EmptyArgs,
    /// Read only a window of the inputs that have an event_time: '3 days', or "{start: '2024-01-01', end: '2024-02-01'}"
    #[arg(long, value_name = "WINDOW")]
    pub sample: Option<String>,
    /// Build microbatch models from this time on: 2024-01-31, or 2024-01-31T08:00:00
    #[arg(long, value_name = "TIME")]
    pub event_time_start: Option<String>,
    /// Build microbatch models up to this time, and without it
    #[arg(long, value_name = "TIME")]
    pub event_time_end: Option<String>,
}

/// Whether inputs are empty.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct EmptyArgs {
    /// Read no rows of any input, to see whether everything can be built
    #[arg(long, action = ArgAction::SetTrue, overrides_with = "no_empty")]
    pub empty: bool,
    #[arg(long, hide = true, action = ArgAction::SetTrue, overrides_with = "empty")]
    pub no_empty: bool,
}

impl InputArgs {
    /// Adds what these say to what the command line says of the project.
    pub(super) fn apply(&self, options: &mut LoadOptions) {
        self.empty.apply(options);
        options.sample.clone_from(&self.sample);
        options.event_time_start.clone_from(&self.event_time_start);
        options.event_time_end.clone_from(&self.event_time_end);
    }
}

impl EmptyArgs {
    /// Adds what these say to what the command line says of the project.
    pub(super) fn apply(self, options: &mut LoadOptions) {
        options.empty = either(self.empty, self.no_empty);
    }
}
