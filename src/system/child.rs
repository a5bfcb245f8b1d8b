use std::io::{self, BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use super::Script;

/// How often it is asked whether a program is to be stopped.
const PAUSE: Duration = Duration::from_millis(30);

/// Runs a program, its lines of both streams going to `line` as they come.
pub(super) fn stream<'a>(
    script: &Script<'_>,
    variables: impl Iterator<Item = (&'a String, &'a String)>,
    is_stopped: &dyn Fn() -> bool,
    line: &mut dyn FnMut(&str),
) -> io::Result<()> {
    let mut child = Command::new(script.program)
        .args(script.arguments)
        .current_dir(script.folder)
        .envs(variables)
        .env("PYTHONUNBUFFERED", "1")
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Kept open until the end: a program that reads it learns when xform is gone.
    let stdin = child.stdin.take();
    let (sender, lines) = channel();
    read(child.stdout.take(), &sender);
    read(child.stderr.take(), &sender);
    drop(sender);
    let mut has_ended = false;
    loop {
        match lines.recv_timeout(PAUSE) {
            Ok(text) => line(&text),
            Err(RecvTimeoutError::Disconnected) => break,
            // Something that the program left behind may hold its streams open.
            Err(RecvTimeoutError::Timeout) if has_ended => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if is_stopped() {
            let _ = child.kill();
        }
        has_ended = ended(&mut child);
    }
    drop(stdin);
    while !ended(&mut child) {
        if is_stopped() {
            let _ = child.kill();
        }
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

fn ended(child: &mut Child) -> bool {
    // An error means that nobody knows: there is nothing to wait for.
    !matches!(child.try_wait(), Ok(None))
}

/// Sends the lines of a stream from a thread of its own.
fn read(stream: Option<impl Read + Send + 'static>, sender: &Sender<String>) {
    let (Some(stream), sender) = (stream, sender.clone()) else { return };
    std::thread::spawn(move || {
        let mut stream = BufReader::new(stream);
        let mut bytes = Vec::new();
        while stream.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned();
            if sender.send(text).is_err() {
                return;
            }
            bytes.clear();
        }
    });
}
