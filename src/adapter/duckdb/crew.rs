use std::sync::{Mutex, PoisonError};

use super::profile::Profile;

/// How the workers of a run and DuckDB's own threads share the cores.
///
/// DuckDB keeps a thread for each core but one beside whoever asks it something, and these take
/// pieces of every query. Where as many workers ask as there are cores, they only take the cores
/// from each other, and a worker whose piece was taken turns in a circle until it is done. So as
/// many of them are put away as workers are at work besides the first, by the setting
/// `external_threads` (<https://duckdb.org/docs/stable/configuration/overview>). The setting
/// `threads`, by which queries are cut into pieces, stays as it is.
pub(super) struct Crew(Mutex<State>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nobody asked yet how many threads there are.
    Unknown,
    /// The threads that DuckDB may use in all, and those of them that are ours.
    Shared { threads: usize, ours: usize },
    /// Somebody else says what is to be.
    HandsOff,
}

/// What DuckDB takes for ours when nothing is set.
const ALONE: usize = 1;

impl Crew {
    /// For the database of a profile, which may have said how many threads there are to be.
    pub fn new(profile: &Profile) -> Self {
        let set = profile.settings.iter().chain(&profile.config_options);
        let is_theirs = set.map(|(name, _)| name).any(|name| name.eq_ignore_ascii_case("external_threads"));
        Self(Mutex::new(if is_theirs { State::HandsOff } else { State::Unknown }))
    }

    /// From now on so many workers are at work. It is only a matter of time: what fails is left
    /// as it is.
    ///
    /// Threads are put away as soon as they have ended the piece they are at, so where there are
    /// to be fewer of them, nothing should be running.
    pub fn share(&self, workers: usize, connection: &::duckdb::Connection) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (threads, ours) = match *state {
            State::HandsOff => return,
            State::Unknown if workers <= ALONE => return,
            State::Unknown => match settings(connection) {
                Some((threads, ALONE)) => (threads, ALONE),
                _ => {
                    *state = State::HandsOff;
                    return;
                }
            },
            State::Shared { threads, ours } => (threads, ours),
        };
        let wanted = workers.clamp(ALONE, threads.max(ALONE));
        *state = if wanted == ours || set(connection, wanted) {
            State::Shared { threads, ours: wanted }
        } else {
            State::HandsOff
        };
    }

    /// To be told of every statement before it is sent: one that looks at threads, or sets them,
    /// finds them as if nothing had been shared, and decides from then on.
    pub fn heed(&self, sql: &str, connection: &::duckdb::Connection) {
        if !is_about_threads(sql) {
            return;
        }
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Shared { ours, .. } if ours != ALONE) {
            set(connection, ALONE);
        }
        *state = State::HandsOff;
    }
}

fn is_about_threads(sql: &str) -> bool {
    let has = |word: &[u8]| sql.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    has(b"threads") || has(b"duckdb_settings")
}

fn settings(connection: &::duckdb::Connection) -> Option<(usize, usize)> {
    let sql = "select current_setting('threads')::bigint, current_setting('external_threads')::bigint";
    let read = connection.query_row(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)));
    let (threads, ours) = read.ok()?;
    Some((usize::try_from(threads).ok()?, usize::try_from(ours).ok()?))
}

fn set(connection: &::duckdb::Connection, ours: usize) -> bool {
    connection.execute_batch(&format!("set global external_threads = {ours}")).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(threads: usize) -> ::duckdb::Connection {
        let connection = ::duckdb::Connection::open_in_memory().unwrap();
        connection.execute_batch(&format!("set threads = {threads}")).unwrap();
        connection
    }

    fn crew() -> Crew {
        Crew(Mutex::new(State::Unknown))
    }

    #[test]
    fn as_many_threads_are_put_away_as_workers_are_at_work() {
        let (connection, crew) = (database(4), crew());
        crew.share(1, &connection);
        assert_eq!(settings(&connection), Some((4, 1)));
        crew.share(3, &connection);
        assert_eq!(settings(&connection), Some((4, 3)));
        crew.share(64, &connection);
        assert_eq!(settings(&connection), Some((4, 4)), "no more than there are");
        crew.share(0, &connection);
        assert_eq!(settings(&connection), Some((4, 1)));
    }

    #[test]
    fn a_statement_about_threads_decides_from_then_on() {
        let (connection, crew) = (database(4), crew());
        crew.share(4, &connection);
        crew.heed("select '주문' as \"name\"", &connection);
        assert_eq!(settings(&connection), Some((4, 4)));
        // DuckDB refuses fewer threads than are ours.
        let sql = "SET Threads = 1";
        crew.heed(sql, &connection);
        connection.execute_batch(sql).unwrap();
        crew.share(4, &connection);
        assert_eq!(settings(&connection), Some((1, 1)));
    }

    #[test]
    fn what_others_have_set_stays() {
        let (connection, crew) = (database(4), crew());
        assert!(set(&connection, 2));
        crew.share(4, &connection);
        crew.share(1, &connection);
        assert_eq!(settings(&connection), Some((4, 2)));
        let locked = database(4);
        locked.execute_batch("set lock_configuration = true").unwrap();
        let crew = self::crew();
        crew.share(4, &locked);
        crew.share(1, &locked);
        assert_eq!(settings(&locked), Some((4, 1)));
    }
}
