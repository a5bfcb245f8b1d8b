use std::sync::Arc;

use crate::execute::{Event, Reporter};

/// Tells several reporters, in order.
pub struct Tee {
    reporters: Vec<Arc<dyn Reporter>>,
}

impl Tee {
    #[must_use]
    pub fn new(reporters: Vec<Arc<dyn Reporter>>) -> Self {
        Self { reporters }
    }
}

impl Reporter for Tee {
    fn report(&self, event: Event) {
        if let [others @ .., last] = self.reporters.as_slice() {
            for reporter in others {
                reporter.report(event.clone());
            }
            last.report(event);
        }
    }
}
