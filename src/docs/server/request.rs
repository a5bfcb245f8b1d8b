use std::io::{self, Read};

/// The longest head of a request.
const LONGEST_HEAD: usize = 16 << 10;

/// The head of a request. That is all there is: nobody sends bodies here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    /// As it was sent: `/a%20b?c`.
    pub target: String,
    pub host: Option<String>,
    pub if_none_match: Option<String>,
    /// Where the page is from that asks, as browsers tell: <https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site>.
    pub fetch_site: Option<String>,
    pub fetch_mode: Option<String>,
    /// The connection goes on after the answer.
    pub is_kept_alive: bool,
    /// What stands twice and must not: two hosts.
    pub is_ambiguous: bool,
}

impl Request {
    /// The next request of a connection; `None` at its end. `buffer` holds what was read beyond it.
    ///
    /// # Errors
    /// The connection broke, or what came is no request (`InvalidData`).
    pub fn read(stream: &mut dyn Read, buffer: &mut Vec<u8>) -> io::Result<Option<Self>> {
        let mut chunk = [0; 2048];
        loop {
            if let Some((request, length)) = Self::parse(buffer)? {
                buffer.drain(..length);
                return Ok(Some(request));
            }
            if buffer.len() > LONGEST_HEAD {
                return Err(no_request());
            }
            match stream.read(&mut chunk)? {
                0 if buffer.is_empty() => return Ok(None),
                0 => return Err(no_request()),
                count => buffer.extend_from_slice(&chunk[..count]),
            }
        }
    }

    /// The request that the bytes begin with, and its length; `None` where they end too early.
    fn parse(bytes: &[u8]) -> io::Result<Option<(Self, usize)>> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Request::new(&mut headers);
        let length = match head.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(no_request()),
        };
        let all = |name: &str| -> Vec<&str> {
            let named = head.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name));
            named.map(|header| std::str::from_utf8(header.value).unwrap_or("\u{0}").trim()).collect()
        };
        let one = |name: &str| all(name).first().map(|value| (*value).to_owned());
        let connection = one("connection").unwrap_or_default().to_ascii_lowercase();
        let is_new = head.version == Some(1);
        // A body would be taken for the next request.
        let has_body =
            !all("transfer-encoding").is_empty() || all("content-length").iter().any(|length| *length != "0");
        let request = Self {
            method: head.method.unwrap_or_default().to_owned(),
            target: head.path.unwrap_or_default().to_owned(),
            host: one("host"),
            if_none_match: one("if-none-match"),
            fetch_site: one("sec-fetch-site"),
            fetch_mode: one("sec-fetch-mode"),
            is_kept_alive: is_new && !connection.contains("close") && !has_body,
            is_ambiguous: all("host").len() > 1,
        };
        Ok(Some((request, length)))
    }
}

fn no_request() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a request")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> io::Result<Option<Request>> {
        Request::read(&mut text.as_bytes(), &mut Vec::new())
    }

    #[test]
    fn heads_are_read_one_after_another() {
        let mut stream =
            "GET /a HTTP/1.1\r\nHOST: localhost:8080\r\n\r\nHEAD /b HTTP/1.1\r\nConnection: close\r\n\r\n"
                .as_bytes();
        let mut buffer = Vec::new();
        let first = Request::read(&mut stream, &mut buffer).unwrap().unwrap();
        assert_eq!((first.method.as_str(), first.target.as_str()), ("GET", "/a"));
        assert_eq!(first.host.as_deref(), Some("localhost:8080"));
        assert!(first.is_kept_alive);
        let second = Request::read(&mut stream, &mut buffer).unwrap().unwrap();
        assert_eq!((second.method.as_str(), second.host, second.is_kept_alive), ("HEAD", None, false));
        assert_eq!(Request::read(&mut stream, &mut buffer).unwrap(), None);
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for text in ["\u{0}\r\n\r\n", "GET /", "GET / HTTP/1.1\r\nno colon\r\n\r\n"] {
            assert!(read(text).is_err(), "{text}");
        }
        let long = format!("GET / HTTP/1.1\r\na: {}\r\n\r\n", "b".repeat(LONGEST_HEAD + 4096));
        assert!(read(&long[..LONGEST_HEAD + 4096]).is_err());
        let two = read("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").unwrap().unwrap();
        assert!(two.is_ambiguous);
        let with_body = read("GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello").unwrap().unwrap();
        assert!(!with_body.is_kept_alive);
    }
}
