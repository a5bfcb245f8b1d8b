//! Passwords that a profile leaves out, from where `psql` finds them, too.
//! See <https://www.postgresql.org/docs/current/libpq-pgpass.html>.

use std::path::PathBuf;

use crate::system::{OsSystem, System};

/// The password of `PGPASSWORD`, else of the first line of the password file that fits.
pub(super) fn password(host: &str, port: u16, database: &str, user: &str) -> Option<String> {
    if let Some(password) = OsSystem.env("PGPASSWORD").filter(|password| !password.is_empty()) {
        return Some(password);
    }
    let file = OsSystem.env("PGPASSFILE").map(PathBuf::from);
    let path = file.or_else(|| Some(OsSystem.home_dir()?.join(".pgpass")))?;
    let text = String::from_utf8(OsSystem.read(&path).ok()?).ok()?;
    find(&text, &[host, &port.to_string(), database, user])
}

fn find(text: &str, wanted: &[&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut fields = fields(line);
        let password = (fields.len() == 5).then(|| fields.pop())??;
        let fits = |(field, wanted): (&String, &&str)| field == "*" || field == wanted;
        fields.iter().zip(wanted).all(fits).then_some(password)
    })
}

/// The parts between colons; a backslash takes the next character as it is.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (letter, fields.last_mut()) {
            (':', _) => fields.push(String::new()),
            ('\\', Some(field)) => field.extend(letters.next()),
            (letter, Some(field)) => field.push(letter),
            (_, None) => {}
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_is_taken() {
        let text = "# host:port\ndb:5432:other:me:no\n*:5432:가게:me:a\\:b\\\\\n*:*:*:*:late\nshort:line";
        assert_eq!(find(text, &["db", "5432", "가게", "me"]).as_deref(), Some("a:b\\"));
        assert_eq!(find(text, &["db", "1", "가게", "me"]).as_deref(), Some("late"));
        assert_eq!(find("", &["db", "1", "가게", "me"]), None);
    }
}
