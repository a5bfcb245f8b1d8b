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
                running.tick();
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

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex, PoisonError};

    use indicatif::TermLike;

    use super::*;
    use crate::execute::{NodeResult, Status};
    use crate::text::Files;

    /// A terminal of 60 columns that remembers all that was ever written on it.
    #[derive(Clone, Debug, Default)]
    struct Paper(Arc<Mutex<String>>);

    impl Paper {
        fn text(&self) -> String {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
        }
    }

    impl TermLike for Paper {
        fn width(&self) -> u16 {
            60
        }
        fn move_cursor_up(&self, _lines: usize) -> io::Result<()> {
            self.write_str("\n")
        }
        fn move_cursor_down(&self, _lines: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _columns: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _columns: usize) -> io::Result<()> {
            self.write_str("\n")
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.write_str(&format!("{text}\n"))
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.write_str("\n")
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn running_nodes_and_counts_are_shown_within_the_width() {
        let paper = Paper::default();
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(paper.clone()), 255);
        let narrator = Narrator::new(Arc::new(Files::new()), Theme::PLAIN);
        let mut live = Live::on(target, 2, Theme::PLAIN);
        let id = NodeId::new(&format!("model.shop.{}", "주문".repeat(40)));
        let event = Event::NodeStarted { id: id.clone(), index: 1, total: 2, thread: String::new() };
        live.update(&event, &narrator);
        assert!(live.running.contains_key(&id));
        let result = NodeResult {
            id: id.clone(),
            status: Status::Fail,
            message: None,
            failures: None,
            failing_rows: None,
            diagnostics: Vec::new(),
            preview: None,
            response: None,
            timing: Vec::new(),
            thread: String::new(),
            execution_time: Duration::ZERO,
            compiled_code: None,
            compiled_path: None,
            relation_name: None,
            blamed_parent: None,
        };
        live.update(&Event::NodeFinished { index: 1, total: 2, result: Arc::new(result) }, &narrator);
        assert!(live.running.is_empty());
        live.bar.force_draw();
        let text = paper.text();
        assert!(text.contains("model.shop.주문"), "{text}");
        assert!(text.contains("1/2 1 failed"), "{text}");
        // Lines are filled up, and wrapped by the terminal: full ones may stand together.
        let width = |line: &str| crate::text::LineIndex::display_width(line.trim_end());
        assert!(text.split('\n').all(|line| width(line) <= 60 || width(line) % 60 == 0), "{text}");
        drop(live);
    }
}
