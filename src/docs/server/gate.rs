use std::net::{IpAddr, Ipv6Addr};

use super::Request;

/// Who may ask.
///
/// Any page in a browser can have it ask a server on this machine, and a name that somebody else
/// owns can be made to lead here (DNS rebinding). So a request has to name this machine as the host
/// it is for, and a page from elsewhere may lead here and no more.
#[derive(Clone, Debug)]
pub struct Gate {
    /// What `--host` told; nothing more is believed for it.
    host: Option<String>,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    pub status: u16,
    pub reason: &'static str,
}

impl Gate {
    /// `host` is what the user told, where the server is not to be for this machine alone.
    #[must_use]
    pub fn new(host: Option<&str>) -> Self {
        Self { host: host.map(str::to_ascii_lowercase) }
    }

    /// # Errors
    /// The request is not to be answered.
    pub fn pass(&self, request: &Request) -> Result<(), Refused> {
        if !matches!(request.method.as_str(), "GET" | "HEAD") {
            return Err(Refused { status: 405, reason: "only GET and HEAD are answered here" });
        }
        let is_named = !request.is_ambiguous && request.host.as_deref().is_some_and(|host| self.is_own(host));
        if !is_named {
            let reason = "this server is for this machine: open it as localhost";
            return Err(Refused { status: 403, reason });
        }
        let is_from_here = matches!(request.fetch_site.as_deref(), None | Some("same-origin" | "none"));
        if !is_from_here && request.fetch_mode.as_deref() != Some("navigate") {
            return Err(Refused { status: 403, reason: "pages from elsewhere may not read this" });
        }
        Ok(())
    }

    /// Whether a `Host` header names this server.
    fn is_own(&self, header: &str) -> bool {
        let Some(name) = without_port(header) else { return false };
        let name = name.to_ascii_lowercase();
        let address = |text: &str| text.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        if name == "localhost" || address(&name).is_some_and(|address| address.is_loopback()) {
            return true;
        }
        let Some(told) = &self.host else { return false };
        // Who lets all the network in has no name that we know.
        let is_any = address(told).is_some_and(|address| address.is_unspecified());
        is_any || *told == name || address(told).is_some() && address(told) == address(&name)
    }
}

/// `[::1]` of `[::1]:8080`; `None` of what is no host and port.
fn without_port(header: &str) -> Option<&str> {
    let (name, port) = match header.strip_prefix('[') {
        Some(rest) => {
            let end = rest.find(']')?;
            rest[..end].parse::<Ipv6Addr>().ok()?;
            (&header[..end + 2], &rest[end + 1..])
        }
        None => match header.find(':') {
            Some(at) => header.split_at(at),
            None => (header, ""),
        },
    };
    let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    (is_port && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(host: &str) -> Request {
        Request { method: "GET".to_owned(), host: Some(host.to_owned()), ..Request::default() }
    }

    #[test]
    fn only_names_of_this_machine_pass() {
        let gate = Gate::new(None);
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.1.2.3", "[::1]:8080", "[::1]"] {
            assert_eq!(gate.pass(&request(host)), Ok(()), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:8080",
            "evil.example:8080@localhost",
            "localhost:",
            "localhost:x",
            "127.0.0.1.nip.io",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "[::1",
            "",
            ":80",
            "localhost:1:2",
        ] {
            assert_eq!(gate.pass(&request(host)).map_err(|refused| refused.status), Err(403), "{host}");
        }
        assert!(gate.pass(&Request { host: None, ..request("") }).is_err());
        assert!(gate.pass(&Request { is_ambiguous: true, ..request("localhost") }).is_err());
    }

    #[test]
    fn a_host_that_was_told_passes_too() {
        let gate = Gate::new(Some("Docs.example"));
        assert_eq!(gate.pass(&request("docs.example:80")), Ok(()));
        assert!(gate.pass(&request("evil.example")).is_err());
        assert_eq!(Gate::new(Some("0.0.0.0")).pass(&request("box.lan:8080")), Ok(()));
        assert_eq!(Gate::new(Some("::")).pass(&request("box.lan:8080")), Ok(()));
        assert_eq!(Gate::new(Some("192.168.0.2")).pass(&request("192.168.0.2:8080")), Ok(()));
    }

    #[test]
    fn other_methods_and_other_sites_are_refused() {
        let gate = Gate::new(None);
        let by = |method: &str| gate.pass(&Request { method: method.to_owned(), ..request("localhost") });
        assert_eq!(by("HEAD"), Ok(()));
        assert_eq!(by("POST").map_err(|refused| refused.status), Err(405));
        let from = |site: &str, mode: &str| {
            let (fetch_site, fetch_mode) = (Some(site.to_owned()), Some(mode.to_owned()));
            gate.pass(&Request { fetch_site, fetch_mode, ..request("localhost") }).is_ok()
        };
        assert!(from("same-origin", "no-cors") && from("none", "navigate") && from("cross-site", "navigate"));
        assert!(!from("cross-site", "no-cors") && !from("same-site", "cors"));
    }
}
