use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use console::{measure_text_width, truncate_str};

use super::narrator::Narrator;
use super::stats::Tally;
use super::wording::description;
use super::{Stream, Theme};
use crate::execute::Event;
use crate::manifest::NodeId;

/// How often the display is drawn anew.
const TICK: Duration = Duration::from_millis(100);
/// Columns of the bar where there is room.
const WIDEST_BAR: usize = 24;

/// Where a display is drawn.
trait Canvas: Send {
    /// Lines and columns.
    fn size(&self) -> (usize, usize);
    fn write(&mut self, text: &str);
}

/// The running nodes with their times, and below them one bar with the counts. Gone
/// without a trace when dropped.
///
/// Lines stay shorter than the terminal is wide, and before each drawing it is counted
/// anew how many lines the last one takes up at the present width: so neither the `^C`
/// of an interrupt nor a change of the window's size leaves anything behind. The cursor
/// stays visible, so that it needs no bringing back.
pub(super) struct Live {
    shared: Arc<Shared>,
    ticker: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

struct State {
    canvas: Box<dyn Canvas>,
    theme: Theme,
    started: Instant,
    running: Vec<Running>,
    tally: Tally,
    total: usize,
    /// Widths of the lines that are on the screen.
    drawn: Vec<usize>,
    has_ended: bool,
}

struct Running {
    id: NodeId,
    what: String,
    started: Instant,
}

impl Live {
    pub(super) fn new(total: usize, stream: Stream, theme: Theme) -> Self {
        let terminal = match stream {
            Stream::Stdout => console::Term::stdout(),
            Stream::Stderr => console::Term::stderr(),
        };
        Self::on(Box::new(Screenful(terminal)), total, theme)
    }

    fn on(canvas: Box<dyn Canvas>, total: usize, theme: Theme) -> Self {
        let state = State {
            canvas,
            theme,
            started: Instant::now(),
            running: Vec::new(),
            tally: Tally::default(),
            total,
            drawn: Vec::new(),
            has_ended: false,
        };
        let shared = Arc::new(Shared { state: Mutex::new(state), ended: Condvar::new() });
        let of_ticker = Arc::clone(&shared);
        let ticker = std::thread::Builder::new().name("live".to_owned()).spawn(move || of_ticker.tick());
        // Without a thread the display stands still between events, and serves all the same.
        Self { shared, ticker: ticker.ok() }
    }

    /// Writes something above the display.
    pub(super) fn suspend(&self, write: impl FnOnce()) {
        let mut state = self.shared.state();
        state.clear();
        write();
        state.draw();
    }

    /// Takes note of an event, to be seen at the next tick.
    pub(super) fn update(&mut self, event: &Event, narrator: &Narrator) {
        let mut state = self.shared.state();
        match event {
            Event::NodeStarted { id, .. } => {
                let what = narrator.node(id).map_or_else(|| id.to_string(), description);
                state.running.push(Running { id: id.clone(), what, started: Instant::now() });
            }
            Event::NodeFinished { result, .. } => {
                state.running.retain(|running| running.id != result.id);
                state.tally.add(result.status);
            }
            _ => {}
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.shared.state().has_ended = true;
        self.shared.ended.notify_all();
        if let Some(ticker) = self.ticker.take() {
            // A thread that panicked has nothing more to draw.
            let _ = ticker.join();
        }
        self.shared.state().clear();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws until the display ends.
    fn tick(&self) {
        let mut state = self.state();
        while !state.has_ended {
            state.draw();
            state = self.ended.wait_timeout(state, TICK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl State {
    fn draw(&mut self) {
        let (height, width) = self.canvas.size();
        let lines = self.lines(height, width);
        let mut text = self.to_first_line(width);
        for (index, line) in lines.iter().enumerate() {
            text.push_str(if index == 0 { "" } else { "\n" });
            text.push_str(line);
            text.push_str(CLEAR_TO_END_OF_LINE);
        }
        text.push_str(CLEAR_BELOW);
        self.canvas.write(&text);
        self.drawn = lines.iter().map(|line| measure_text_width(line)).collect();
    }

    fn clear(&mut self) {
        if !self.drawn.is_empty() {
            let (_, width) = self.canvas.size();
            let text = self.to_first_line(width) + CLEAR_BELOW;
            self.canvas.write(&text);
            self.drawn.clear();
        }
    }

    /// What leads the cursor from the end of the last line to the beginning of the first.
    fn to_first_line(&self, width: usize) -> String {
        let heights = self.drawn.iter().map(|drawn| drawn.div_ceil(width.max(1)).max(1));
        match heights.sum::<usize>().saturating_sub(1) {
            0 => "\r".to_owned(),
            up => format!("\r\u{1b}[{up}A"),
        }
    }

    /// The display as it is to be now.
    fn lines(&self, height: usize, width: usize) -> Vec<String> {
        // The last column stays free: terminals differ in what they do after it.
        let widest = width.saturating_sub(1);
        let room = height.saturating_sub(3).max(1);
        let left_out = if self.running.len() > room { self.running.len() + 1 - room } else { 0 };
        let shown = self.running.len() - left_out;
        let mut lines: Vec<String> = self.running[..shown]
            .iter()
            .map(|running| {
                let seconds = format!("{:>7}", seconds(running.started.elapsed()));
                format!("{}  {}", self.theme.faint(&seconds), running.what)
            })
            .collect();
        if left_out > 0 {
            lines.push(format!("         and {left_out} more"));
        }
        lines.push(self.bar(width));
        lines.into_iter().map(|line| truncate_str(&line, widest, "…").into_owned()).collect()
    }

    /// `[=====>      ]  72/269  2.0s  1 failed`.
    fn bar(&self, width: usize) -> String {
        let done = self.tally.total();
        let columns = (width / 3).min(WIDEST_BAR);
        let full = columns * done.min(self.total) / self.total.max(1);
        let head = if full == 0 || full == columns { "=".repeat(full) } else { "=".repeat(full - 1) + ">" };
        let counts = self.counts();
        let gap = if counts.is_empty() { "" } else { "  " };
        format!("[{head:columns$}]  {done}/{}  {}{gap}{counts}", self.total, seconds(self.started.elapsed()))
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

const CLEAR_TO_END_OF_LINE: &str = "\u{1b}[K";
const CLEAR_BELOW: &str = "\u{1b}[J";

/// `0.4s`, `1m 05s`, `2h 07m`.
fn seconds(elapsed: Duration) -> String {
    let whole = elapsed.as_secs();
    match whole {
        0..60 => format!("{:.1}s", elapsed.as_secs_f64()),
        60..3600 => format!("{}m {:02}s", whole / 60, whole % 60),
        _ => format!("{}h {:02}m", whole / 3600, whole / 60 % 60),
    }
}

/// A terminal of the process's own.
struct Screenful(console::Term);

impl Canvas for Screenful {
    fn size(&self) -> (usize, usize) {
        let (height, width) = self.0.size();
        (height.into(), width.into())
    }

    fn write(&mut self, text: &str) {
        // There is nobody to tell if the terminal is gone.
        let _ = self.0.write_all(text.as_bytes()).and_then(|()| self.0.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execute::{NodeResult, Status};
    use crate::text::{Files, LineIndex};

    /// A terminal of 60 columns at first; it knows what it shows.
    #[derive(Clone)]
    struct Paper(Arc<Mutex<Sheet>>);

    struct Sheet {
        size: (usize, usize),
        shown: Vec<String>,
        /// The line that the cursor is in.
        at: usize,
    }

    impl Paper {
        fn new() -> Self {
            let sheet = Sheet { size: (10, 60), shown: vec![String::new()], at: 0 };
            Self(Arc::new(Mutex::new(sheet)))
        }

        fn sheet(&self) -> MutexGuard<'_, Sheet> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }

        /// As a terminal does that breaks its lines anew.
        fn shrink_to(&self, columns: usize) {
            let mut sheet = self.sheet();
            sheet.size.1 = columns;
            let broken = |line: &String| {
                let letters: Vec<char> = line.chars().collect();
                let pieces: Vec<String> =
                    letters.chunks(columns).map(|piece| piece.iter().collect()).collect();
                if pieces.is_empty() { vec![String::new()] } else { pieces }
            };
            sheet.shown = sheet.shown.iter().flat_map(broken).collect();
            sheet.at = sheet.shown.len() - 1;
        }
    }

    impl Canvas for Paper {
        fn size(&self) -> (usize, usize) {
            self.sheet().size
        }

        fn write(&mut self, text: &str) {
            let mut sheet = self.sheet();
            let mut rest = text;
            while let Some(first) = rest.chars().next() {
                let at = sheet.at;
                if let Some(after) = rest.strip_prefix(CLEAR_BELOW) {
                    sheet.shown.truncate(at + 1);
                    rest = after;
                } else if let Some(after) = rest.strip_prefix(CLEAR_TO_END_OF_LINE) {
                    rest = after;
                } else if let Some(after) = rest.strip_prefix("\u{1b}[") {
                    let (up, after) = after.split_once('A').unwrap_or(("0", after));
                    sheet.at -= up.parse().unwrap_or(0);
                    let at = sheet.at;
                    sheet.shown[at].clear();
                    rest = after;
                } else {
                    match first {
                        '\r' => sheet.shown[at].clear(),
                        '\n' => {
                            sheet.at += 1;
                            let at = sheet.at;
                            let lines = sheet.shown.len().max(at + 1);
                            sheet.shown.resize(lines, String::new());
                            sheet.shown[at].clear();
                        }
                        letter => sheet.shown[at].push(letter),
                    }
                    rest = &rest[first.len_utf8()..];
                }
            }
        }
    }

    fn started(live: &mut Live, name: &str) -> NodeId {
        let narrator = Narrator::new(Arc::new(Files::new()), Theme::PLAIN);
        let id = NodeId::new(&format!("model.shop.{name}"));
        live.update(
            &Event::NodeStarted { id: id.clone(), index: 1, total: 2, thread: String::new() },
            &narrator,
        );
        live.shared.state().draw();
        id
    }

    #[test]
    fn running_nodes_and_counts_are_shown_within_the_width() {
        let paper = Paper::new();
        let mut live = Live::on(Box::new(paper.clone()), 2, Theme::PLAIN);
        let id = started(&mut live, &"주문".repeat(40));
        let shown = paper.sheet().shown.clone();
        assert_eq!(shown.len(), 2, "{shown:?}");
        assert!(shown[0].starts_with("   0.") && shown[0].contains("s  model.shop.주문"), "{shown:?}");
        assert!(shown.iter().all(|line| LineIndex::display_width(line) < 60), "{shown:?}");
        let result = NodeResult {
            id,
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
            build_path: None,
            relation_name: None,
            batch_results: None,
            freshness: None,
            blamed_parent: None,
        };
        let narrator = Narrator::new(Arc::new(Files::new()), Theme::PLAIN);
        live.update(&Event::NodeFinished { index: 1, total: 2, result: Arc::new(result) }, &narrator);
        live.shared.state().draw();
        let shown = paper.sheet().shown.clone();
        assert!(shown.len() == 1 && shown[0].starts_with("[=========>          ]  1/2  0."), "{shown:?}");
        assert!(shown[0].ends_with("s  1 failed"), "{shown:?}");
        drop(live);
        assert_eq!(paper.sheet().shown, [""]);
    }

    #[test]
    fn what_is_written_meanwhile_stays_above_and_nothing_else_does() {
        let paper = Paper::new();
        let mut live = Live::on(Box::new(paper.clone()), 2, Theme::PLAIN);
        started(&mut live, "a");
        live.suspend(|| paper.clone().write("로그\n"));
        paper.shrink_to(20);
        live.shared.state().draw();
        drop(live);
        assert_eq!(paper.sheet().shown, ["로그", ""]);
    }

    #[test]
    fn more_nodes_than_lines_are_counted() {
        let paper = Paper::new();
        let mut live = Live::on(Box::new(paper.clone()), 90, Theme::PLAIN);
        for number in 0..30 {
            started(&mut live, &number.to_string());
        }
        let shown = paper.sheet().shown.clone();
        assert_eq!(shown.len(), 8, "{shown:?}");
        assert_eq!(shown[6], "         and 24 more");
    }

    #[test]
    fn times_are_short() {
        let of = |seconds_long| seconds(Duration::from_secs(seconds_long));
        assert_eq!((of(5), of(65), of(7625)), ("5.0s".to_owned(), "1m 05s".to_owned(), "2h 07m".to_owned()));
    }
}
