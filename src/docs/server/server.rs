use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::{Folder, Gate, Request};
use crate::system::ContentDigest;

/// How many connections are open at once; more are closed at once. A browser opens six, and one for
/// events.
const MOST_CONNECTIONS: usize = 200;

/// How long a browser may say nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often an event stream shows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// What pages may do, whatever they hold: be read by nobody else, be in no frame, guess no types.
const SECURITY: &str = "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n\
    Cross-Origin-Resource-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\nX-Frame-Options: DENY\r\n";

/// How the site stands: when it was made, and what is wrong with the project since.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// RFC 3339, as in the site itself.
    pub generated_at: String,
    pub problem: Option<String>,
}

/// A server of a site. It ends when it is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    folder: Folder,
    gate: Gate,
    standing: Mutex<(u64, Standing)>,
    changed: Condvar,
    is_ended: AtomicBool,
    connections: AtomicUsize,
}

impl Server {
    /// Answers what comes in by `listener` from now on.
    ///
    /// # Errors
    /// The listener has no address, or no thread can be had.
    pub fn start(listener: TcpListener, folder: Folder, gate: Gate, standing: Standing) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            folder,
            gate,
            standing: Mutex::new((0, standing)),
            changed: Condvar::new(),
            is_ended: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
        });
        let of_thread = Arc::clone(&shared);
        std::thread::Builder::new().name("docs".to_owned()).spawn(move || listen(&listener, &of_thread))?;
        Ok(Self { address, shared })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Tells open pages how the site stands now.
    pub fn tell(&self, standing: Standing) {
        let mut now = self.shared.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if now.1 != standing {
            *now = (now.0 + 1, standing);
            self.shared.changed.notify_all();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_ended.store(true, Ordering::SeqCst);
        self.shared.changed.notify_all();
        // Wakes who waits for a connection. Where nobody does, there is nobody to wake.
        let mut here = self.address;
        if here.ip().is_unspecified() {
            here.set_ip(match here {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        let _ = TcpStream::connect_timeout(&here, Duration::from_millis(200));
    }
}

/// Opens an address in the user's browser, and does not wait for it.
///
/// # Errors
/// There is no program for it.
pub fn open_browser(url: &str) -> io::Result<()> {
    open::that_detached(url)
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.is_ended.load(Ordering::SeqCst) {
            return;
        }
        // The system has no more to give now, or the browser has gone.
        let Ok(stream) = stream else {
            std::thread::sleep(Duration::from_millis(10));
            continue;
        };
        if shared.connections.fetch_add(1, Ordering::SeqCst) >= MOST_CONNECTIONS {
            shared.connections.fetch_sub(1, Ordering::SeqCst);
            continue;
        }
        let of_thread = Arc::clone(shared);
        let spawned = std::thread::Builder::new().name("docs".to_owned()).spawn(move || {
            // A browser that goes away in the middle is no error.
            let _ = of_thread.serve(stream);
            of_thread.connections.fetch_sub(1, Ordering::SeqCst);
        });
        if spawned.is_err() {
            shared.connections.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

/// An answer without its body.
struct Head<'a> {
    status: &'static str,
    content_type: &'a str,
    /// Lines of their own, each with its end.
    more: String,
}

impl Shared {
    /// Answers the requests of one connection.
    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let mut buffer = Vec::new();
        while !self.is_ended.load(Ordering::SeqCst) {
            let request = match Request::read(&mut stream, &mut buffer) {
                Ok(Some(request)) => request,
                Ok(None) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    let refused = Request::default();
                    return refuse(&mut stream, &refused, "400 Bad Request", "this is no request");
                }
                Err(error) => return Err(error),
            };
            if let Err(refused) = self.gate.pass(&request) {
                let status = if refused.status == 405 { "405 Method Not Allowed" } else { "403 Forbidden" };
                refuse(&mut stream, &request, status, refused.reason)?;
            } else if matches!(request.target.as_str(), "/events") {
                return self.stream_events(&mut stream, &request);
            } else {
                self.send_file(&mut stream, &request)?;
            }
            if !request.is_kept_alive {
                return Ok(());
            }
        }
        Ok(())
    }

    fn send_file(&self, stream: &mut TcpStream, request: &Request) -> io::Result<()> {
        let Some(mut found) = self.folder.find(&request.target) else {
            return refuse(stream, request, "404 Not Found", "there is no such file");
        };
        if found.is_index {
            found.bytes = live(found.bytes);
        }
        let tag = format!("\"{}\"", ContentDigest::of(&found.bytes));
        let mut more = format!("ETag: {tag}\r\nCache-Control: no-cache\r\n");
        if found.content_type == "image/svg+xml" {
            // A picture that is opened by itself is a page.
            more += "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; sandbox\r\n";
        }
        let is_known = request.if_none_match.as_deref().is_some_and(|known| {
            known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag || one.trim() == "*")
        });
        let status = if is_known { "304 Not Modified" } else { "200 OK" };
        let head = Head { status, content_type: found.content_type, more };
        send(stream, request, &head, if is_known { None } else { Some(&found.bytes) })
    }

    /// Tells how the site stands, now and at each change, until the page or the server ends.
    /// See <https://html.spec.whatwg.org/multipage/server-sent-events.html>.
    fn stream_events(&self, stream: &mut TcpStream, request: &Request) -> io::Result<()> {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nConnection: close\r\n{SECURITY}\r\n"
        );
        stream.write_all(head.as_bytes())?;
        if request.method == "HEAD" {
            return Ok(());
        }
        let mut told = None;
        while !self.is_ended.load(Ordering::SeqCst) {
            let (number, standing) = {
                let now = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
                let is_known =
                    |now: &mut (u64, Standing)| told == Some(now.0) && !self.is_ended.load(Ordering::SeqCst);
                let waited = self.changed.wait_timeout_while(now, HEARTBEAT, is_known);
                waited.unwrap_or_else(PoisonError::into_inner).0.clone()
            };
            if told == Some(number) {
                stream.write_all(b": still here\n\n")?;
                continue;
            }
            told = Some(number);
            let data = serde_json::to_string(&standing).unwrap_or_default();
            stream.write_all(format!("data: {data}\n\n").as_bytes())?;
        }
        Ok(())
    }
}

/// The index as pages have it that are told of changes.
fn live(mut bytes: Vec<u8>) -> Vec<u8> {
    const FROM: &[u8] = b"\"is_live\":false";
    // It stands at the beginning; what follows is the project's own text.
    let head = &bytes[..bytes.len().min(100)];
    if let Some(at) = head.windows(FROM.len()).position(|window| window == FROM) {
        bytes.splice(at..at + FROM.len(), *b"\"is_live\":true");
    }
    bytes
}

fn refuse(stream: &mut TcpStream, request: &Request, status: &'static str, reason: &str) -> io::Result<()> {
    let more = if status.starts_with("405") { "Allow: GET, HEAD\r\n".to_owned() } else { String::new() };
    let head = Head { status, content_type: "text/plain; charset=utf-8", more };
    send(stream, request, &head, Some(format!("{reason}\n").as_bytes()))
}

/// Sends an answer; `None` is one that has no body.
fn send(stream: &mut TcpStream, request: &Request, head: &Head<'_>, body: Option<&[u8]>) -> io::Result<()> {
    let Head { status, content_type, more } = head;
    let connection = if request.is_kept_alive { "keep-alive" } else { "close" };
    let length = body.map(|body| format!("Content-Length: {}\r\n", body.len())).unwrap_or_default();
    let mut bytes = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{length}Connection: {connection}\r\n{SECURITY}{more}\r\n"
    )
    .into_bytes();
    if request.method != "HEAD" {
        bytes.extend_from_slice(body.unwrap_or_default());
    }
    stream.write_all(&bytes)
}
