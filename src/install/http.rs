use std::time::Duration;

/// How often a download is tried.
const ATTEMPTS: u32 = 5;
/// How long one may take.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Downloads over HTTP.
#[derive(Debug)]
pub(super) struct Http {
    agent: ureq::Agent,
}

/// Why nothing was downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    NotFound,
    Other(String),
}

impl Http {
    pub(super) fn new() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .user_agent(concat!("xform/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.into() }
    }

    /// The body of a page of at most `limit` bytes; what may pass is tried again.
    pub(super) fn get(&self, url: &str, limit: u64) -> Result<Vec<u8>, Failure> {
        let mut wait = Duration::from_millis(100);
        for attempt in 1.. {
            match self.once(url, limit) {
                Err((true, _)) if attempt < ATTEMPTS => std::thread::sleep(wait),
                other => return other.map_err(|(_, failure)| failure),
            }
            wait *= 2;
        }
        Err(Failure::NotFound)
    }

    /// One try; an error with whether another one may help.
    fn once(&self, url: &str, limit: u64) -> Result<Vec<u8>, (bool, Failure)> {
        let failed = |error: ureq::Error| match error {
            ureq::Error::StatusCode(404 | 410) => (false, Failure::NotFound),
            ureq::Error::StatusCode(code @ 400..=499) if code != 429 => {
                (false, Failure::Other(format!("the server answered {code}")))
            }
            ureq::Error::StatusCode(code) => (true, Failure::Other(format!("the server answered {code}"))),
            ureq::Error::BodyExceedsLimit(limit) => {
                (false, Failure::Other(format!("it is larger than {limit} bytes")))
            }
            ureq::Error::BadUri(why) => {
                (false, Failure::Other(format!("the address is not well-formed: {why}")))
            }
            other => (true, Failure::Other(other.to_string())),
        };
        let mut answer = self.agent.get(url).call().map_err(failed)?;
        answer.body_mut().with_config().limit(limit).read_to_vec().map_err(failed)
    }
}
