use super::Ended;
use crate::execute::{Event, Reporter};

/// `xform completions`: prints the script that the command line made for a shell.
#[must_use]
pub fn completions(reporter: &dyn Reporter, script: String) -> Ended {
    reporter.report(Event::Output(script));
    Ended::Well
}
