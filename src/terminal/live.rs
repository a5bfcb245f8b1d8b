use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::narrator::Narrator;
use super::stats::Tally;
use super::wording::description;
use super::{Stream, Theme};
use crate::execute::Event;
use crate::manifest::NodeId;

/// How often the display is drawn anew.
const TICK: Duration = Duration::from_millis(100);

/// The running nodes with their times, and below them one bar with the counts. Gone
/// without a trace when dropped.
pub(super) struct Live {
    all: MultiProgress,
    bar: ProgressBar,
    running: BTreeMap<NodeId, ProgressBar>,
    tally: Tally,
    theme: Theme,
}

impl Live {
    pub(super) fn new(total: usize, stream: Stream, theme: Theme) -> Self {
        let target = match stream {
            Stream::Stdout => ProgressDrawTarget::stdout(),
            Stream::Stderr => ProgressDrawTarget::stderr(),
        };
        Self::on(target, total, theme)
    }

    fn on(target: ProgressDrawTarget, total: usize, theme: Theme) -> Self {
        let all = MultiProgress::with_draw_target(target);
        let bar = all.add(ProgressBar::new(u64::try_from(total).unwrap_or(u64::MAX)));
        bar.set_style(style("{bar:24} {pos}/{len} {wide_msg} {seconds:>8}"));
        bar.enable_steady_tick(TICK);
        Self { all, bar, running: BTreeMap::new(), tally: Tally::default(), theme }
    }

    /// Writes something above the display.
    pub(super) fn suspend(&self, write: impl FnOnce()) {
        self.all.suspend(write);
    }

    pub(super) fn update(&mut self, event: &Event, narrator: &Narrator) {
        match event {
            Event::NodeStarted { id, .. } => {
                let what = narrator.node(id).map_or_else(|| id.to_string(), description);
                let running = self.all.insert_before(&self.bar, ProgressBar::new_spinner());
                running.set_style(style("{spinner} {wide_msg} {seconds:>8}"));
                running.set_message(what);
                running.enable_steady_tick(TICK);
                self.running.insert(id.clone(), running);
            }
            Event::NodeFinished { result, .. } => {
                if let Some(running) = self.running.remove(&result.id) {
                    running.finish_and_clear();
                    self.all.remove(&running);
                }
                self.tally.add(result.status);
                self.bar.set_message(self.counts());
                self.bar.inc(1);
            }
            Event::Cancelling => self.bar.set_message(self.theme.doubtful("cancelling")),
            _ => {}
        }
    }

    /// `3 failed, 1 warned, 2 skipped`, as far as there is something to say.
    fn counts(&self) -> String {
        let Tally { warn, error, skip, .. } = self.tally;
        let part = |number: usize, word: &str| (number > 0).then(|| format!("{number} {word}"));
        let parts = [
            part(error, "failed").map(|text| self.theme.bad(&text)),
            part(warn, "warned").map(|text| self.theme.doubtful(&text)),
            part(skip, "skipped").map(|text| self.theme.doubtful(&text)),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        for running in self.running.values() {
            running.finish_and_clear();
        }
        self.bar.finish_and_clear();
    }
}

/// A style that knows `{seconds}`; the plain bar if the template were wrong.
fn style(template: &str) -> ProgressStyle {
    let seconds = |state: &ProgressState, to: &mut dyn std::fmt::Write| {
        // There is nobody to tell if the terminal is gone.
        let _ = write!(to, "{:.1}s", state.elapsed().as_secs_f64());
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("seconds", seconds)
        .progress_chars("=> ")
        .tick_chars("|/-\\ ")
}
