use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::command::Ended;
use crate::context::LogLevel;
use crate::diagnostic::{StoredDiagnostic, StoredFiles};
use crate::execute::{Event, News, Reporter};
use crate::system::{ContentDigest, Recording, Standing, System};
use crate::terminal::{Screen, found};
use crate::text::{Files, SourceFile};

/// What a command told, kept in the target folder with the recording of what it asked of the
/// machine and of the files that it wrote. As long as that holds, the answer is the same, the
/// files are there, and it is told again.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// What was asked, by which program, where.
    question: String,
    recording: Recording,
    /// A [`KeptAnswer`] in JSON, read only when it is to be told.
    answer: String,
}

#[derive(Serialize, Deserialize)]
pub(super) struct KeptAnswer {
    told: Vec<Told>,
    /// How much was asked of the machine.
    #[serde(skip)]
    count: usize,
    /// What the diagnostics point into.
    files: StoredFiles,
    exit_code: u8,
}

/// An event that can be told again.
#[derive(Clone, Serialize, Deserialize)]
enum Told {
    CommandStarted { command: String, project: String, target: String },
    Found(String),
    Log(String, String),
    Output(String),
    Diagnostic(Box<StoredDiagnostic>),
    Failed(Vec<StoredDiagnostic>),
}

const LEVELS: [(LogLevel, &str); 3] =
    [(LogLevel::Debug, "debug"), (LogLevel::Info, "info"), (LogLevel::Print, "print")];

/// How many answers a project keeps: those of the command lines last used.
const MOST_KEPT: usize = 40;

/// Where answers are kept: one for each question.
pub(super) struct KeptAnswers {
    path: PathBuf,
    question: String,
}

impl KeptAnswers {
    /// The place for the answer to a command line, below the target folder; `is_terminal` says
    /// where the answer goes.
    pub(super) fn new(
        system: &dyn System,
        target_path: &Path,
        command_line: &str,
        is_terminal: bool,
    ) -> Self {
        let stamp = system.program().and_then(|path| system.stamp(&path));
        let stamp = stamp.map(|(size, modified)| format!("{size} {modified}")).unwrap_or_default();
        let version = env!("CARGO_PKG_VERSION");
        let folder = system.current_dir();
        let question = format!("{version} {stamp} {is_terminal}\n{}\n{command_line}", folder.display());
        let name = ContentDigest::of(question.as_bytes());
        Self { path: target_path.join("xform").join("answers").join(format!("{name}.bin")), question }
    }

    /// The answer, if it would be the same now.
    pub(super) fn find(&self, system: &dyn System) -> Option<KeptAnswer> {
        let mut kept: Kept = postcard::from_bytes(&system.read(&self.path).ok()?).ok()?;
        if kept.question != self.question {
            return None;
        }
        match kept.recording.compare(system) {
            Standing::Broken => return None,
            Standing::Holds => {}
            Standing::HoldsRestamped => self.put(system, &kept),
        }
        let answer: KeptAnswer = serde_json::from_str(&kept.answer).ok()?;
        Some(KeptAnswer { count: kept.recording.len(), ..answer })
    }

    /// Keeps an answer. One that cannot be kept is not, without a word: the next command only
    /// takes longer.
    pub(super) fn keep(&self, system: &dyn System, recording: Recording, heard: &Listener, ended: Ended) {
        let Some((told, files)) = heard.all() else { return };
        let exit_code = ended.exit_code();
        let Ok(answer) = serde_json::to_string(&KeptAnswer { told, files, exit_code, count: 0 }) else {
            return;
        };
        let kept = Kept { question: self.question.clone(), recording, answer };
        let Ok(bytes) = postcard::to_stdvec(&kept) else { return };
        if told_secret(system, &String::from_utf8_lossy(&bytes)) {
            return;
        }
        let _ = system.write(&self.path, &bytes);
        self.forget_the_oldest(system);
    }

    fn put(&self, system: &dyn System, kept: &Kept) {
        if let Ok(bytes) = postcard::to_stdvec(kept) {
            let _ = system.write(&self.path, &bytes);
        }
    }

    fn forget_the_oldest(&self, system: &dyn System) {
        let Some(folder) = self.path.parent() else { return };
        let stamped = |path: PathBuf| Some((system.stamp(&path)?.1, path));
        let entries = system.walk(folder).unwrap_or_default().into_iter();
        let mut answers: Vec<_> = entries.filter_map(|entry| stamped(entry.path)).collect();
        answers.sort_unstable_by(|one, other| other.cmp(one));
        for (_, path) in answers.into_iter().skip(MOST_KEPT) {
            let _ = system.remove(&path);
        }
    }
}

impl KeptAnswer {
    /// Tells it again; `None` when it cannot be read to its end.
    pub(super) fn tell(&self, files: &Files, screen: &Screen, level: LogLevel) -> Option<Ended> {
        let files = self.files.restored(files);
        let events: Vec<Event> = self.told.iter().map(|told| told.event(&files)).collect::<Option<_>>()?;
        for event in events {
            screen.report(event);
        }
        let text = format!(
            "Nothing has changed since that was found out: {} files and settings are as they were",
            self.count
        );
        screen.report(Event::Log { level, text });
        [Ended::Well, Ended::WithFailures, Ended::NotUnderstood]
            .into_iter()
            .find(|ended| ended.exit_code() == self.exit_code)
    }
}

impl Told {
    fn of(event: &Event, stored: &mut StoredFiles, files: &Files) -> Option<Self> {
        let mut stored = |diagnostic| StoredDiagnostic::of(diagnostic, stored, files);
        Some(match event {
            Event::CommandStarted { command, project, target } => Self::CommandStarted {
                command: command.clone(),
                project: project.clone(),
                target: target.clone(),
            },
            Event::Parsed { manifest, .. } => Self::Found(found(manifest)),
            Event::Log { level, text } => {
                let level = LEVELS.iter().find(|(known, _)| known == level)?.1;
                Self::Log(level.to_owned(), text.clone())
            }
            Event::Output(text) => Self::Output(text.clone()),
            Event::Diagnostic(diagnostic) => Self::Diagnostic(Box::new(stored(diagnostic))),
            Event::Failed(diagnostics) => Self::Failed(diagnostics.iter().map(&mut stored).collect()),
            _ => return None,
        })
    }

    fn event(&self, files: &[Arc<SourceFile>]) -> Option<Event> {
        Some(match self {
            Self::CommandStarted { command, project, target } => Event::CommandStarted {
                command: command.clone(),
                project: project.clone(),
                target: target.clone(),
            },
            Self::Found(text) => Event::News(
                News::info("FoundStats", "W006", text.as_str())
                    .with("stat_line", text.strip_prefix("Found ").unwrap_or(text)),
            ),
            Self::Log(level, text) => {
                let level = LEVELS.iter().find(|(_, name)| name == level)?.0;
                Event::Log { level, text: text.clone() }
            }
            Self::Output(text) => Event::Output(text.clone()),
            Self::Diagnostic(stored) => Event::Diagnostic(stored.restored(files)?),
            Self::Failed(stored) => {
                let diagnostics = stored.iter().map(|stored| stored.restored(files));
                Event::Failed(diagnostics.collect::<Option<_>>()?)
            }
        })
    }
}

/// Passes events on to the screen, and keeps them.
pub(super) struct Listener {
    screen: Arc<Screen>,
    files: Arc<Files>,
    /// `None` when something was told that cannot be told again.
    heard: Mutex<Option<Heard>>,
}

type Heard = (Vec<Told>, StoredFiles);

impl Listener {
    pub(super) fn new(screen: &Arc<Screen>, files: &Arc<Files>) -> Self {
        Self {
            screen: Arc::clone(screen),
            files: Arc::clone(files),
            heard: Mutex::new(Some(Heard::default())),
        }
    }

    fn all(&self) -> Option<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Reporter for Listener {
    fn report(&self, event: Event) {
        {
            let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
            let is_kept = heard.as_mut().is_some_and(|(told, files)| {
                Told::of(&event, files, &self.files).map(|event| told.push(event)).is_some()
            });
            if !is_kept {
                *heard = None;
            }
        }
        self.screen.report(event);
    }
}

/// Whether a text holds a secret of the environment, which must not get into a file.
fn told_secret(system: &dyn System, text: &str) -> bool {
    let variables = system.variables();
    let escaped = |value: &str| serde_json::to_string(value).unwrap_or_default();
    variables
        .with_prefix(crate::project::SECRET_PREFIX)
        .filter(|(_, value)| !value.trim().is_empty())
        .any(|(_, value)| text.contains(value) || text.contains(escaped(value).trim_matches('"')))
}
