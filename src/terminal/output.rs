use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Where text leaves xform.
pub trait Output: Send + Sync {
    fn stdout(&self, text: &str);
    fn stderr(&self, text: &str);
}

/// The process's own standard output and error. When the other end of a pipe is closed
/// (`xform ls | head`) what follows is dropped without a word.
#[derive(Debug, Default)]
pub struct Standard {
    is_stdout_closed: AtomicBool,
    is_stderr_closed: AtomicBool,
}

impl Standard {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Output for Standard {
    fn stdout(&self, text: &str) {
        write(&mut std::io::stdout().lock(), &self.is_stdout_closed, text);
    }

    fn stderr(&self, text: &str) {
        write(&mut std::io::stderr().lock(), &self.is_stderr_closed, text);
    }
}

fn write(to: &mut impl Write, is_closed: &AtomicBool, text: &str) {
    if is_closed.load(Ordering::Relaxed) {
        return;
    }
    // There is nobody left to tell of a failure.
    if to.write_all(text.as_bytes()).and_then(|()| to.flush()).is_err() {
        is_closed.store(true, Ordering::Relaxed);
    }
}

/// Keeps what was written, for tests.
#[derive(Debug, Default)]
pub struct Captured {
    stdout: Mutex<String>,
    stderr: Mutex<String>,
}

impl Captured {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// All of standard output so far.
    #[must_use]
    pub fn stdout_text(&self) -> String {
        self.stdout.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All of standard error so far.
    #[must_use]
    pub fn stderr_text(&self) -> String {
        self.stderr.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Output for Captured {
    fn stdout(&self, text: &str) {
        self.stdout.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
    }

    fn stderr(&self, text: &str) {
        self.stderr.lock().unwrap_or_else(PoisonError::into_inner).push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken {
        writes: usize,
    }

    impl Write for Broken {
        fn write(&mut self, _bytes: &[u8]) -> std::io::Result<usize> {
            self.writes += 1;
            Err(std::io::ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_tried_once_and_then_left_alone() {
        let mut pipe = Broken { writes: 0 };
        let is_closed = AtomicBool::new(false);
        write(&mut pipe, &is_closed, "a");
        write(&mut pipe, &is_closed, "b");
        assert_eq!(pipe.writes, 1);
    }
}
