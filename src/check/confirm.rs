use super::judge::Judge;
use super::refused::same_place;
use crate::analyze::Problem;
use crate::sql::tree::TextRange;

/// How many problems of one query are looked for.
const MOST: usize = 25;

/// The first problem, and those of `own` that the judge complains of as well, one after another,
/// once `null` stands in the place of those before. A judge tells only the first thing that is
/// wrong; that it must agree keeps false alarms of ours out.
pub(super) fn confirmed(sql: &str, first: Problem, own: Vec<Problem>, judge: &mut Judge) -> Vec<Problem> {
    let mut left: Vec<Problem> = own.into_iter().filter(|problem| problem.at != first.at).collect();
    let mut masked = Masked { text: sql.to_owned(), shifts: Vec::new() };
    let mut found = vec![first];
    while !left.is_empty() && found.len() < MOST {
        let at = found[found.len() - 1].at;
        if at.start >= at.end {
            break;
        }
        let Some((next, refusal)) = masked.without(at, judge) else { break };
        masked = next;
        let Some(place) = left.iter().position(|problem| {
            let moved = Problem { at: masked.moved(problem.at), ..problem.clone() };
            same_place(&moved, &refusal)
        }) else {
            break;
        };
        found.push(left.remove(place));
    }
    found
}

/// Where the parts before a name begin: `o` of `o.amount`.
fn path_start(text: &str, name: usize) -> usize {
    let mut start = name;
    while let Some(before) = text.get(..start).and_then(|before| before.strip_suffix('.')) {
        let part = match before.strip_suffix('"') {
            Some(inside) => inside.rfind('"').unwrap_or(before.len()),
            None => {
                let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
                before.trim_end_matches(is_word).len()
            }
        };
        if part == before.len() {
            break;
        }
        start = part;
    }
    start
}

/// The query with `null` in some places.
#[derive(Clone)]
struct Masked {
    text: String,
    /// Where the original was replaced: its bytes, and how many stand there now.
    shifts: Vec<(TextRange, usize)>,
}

impl Masked {
    /// The range of the original, as it stands now.
    fn moved(&self, at: TextRange) -> TextRange {
        let place = |offset: usize| {
            let (mut more, mut less) = (0, 0);
            for (range, length) in &self.shifts {
                if range.end <= offset {
                    more += length;
                    less += range.end - range.start;
                }
            }
            offset + more - less
        };
        TextRange::new(place(at.start), place(at.end))
    }

    /// With `null` in one more place, under the name that stood there where it can have one, and
    /// what the judge says then. `None` when it says nothing, or does not understand.
    fn without(&self, at: TextRange, judge: &mut Judge) -> Option<(Self, crate::adapter::Refusal)> {
        let now = self.moved(at);
        // What the name is said to be of goes with it.
        let at = TextRange::new(at.start - (now.start - path_start(&self.text, now.start)), at.end);
        let now = self.moved(at);
        if self.shifts.iter().any(|(range, _)| range.start < at.end && at.start < range.end) {
            return None;
        }
        let written = self.text.get(now.range())?;
        let name = written.rsplit('.').next().unwrap_or(written).trim_matches(['"', '`']).to_owned();
        let with = |put: String| {
            let mut masked = self.clone();
            masked.text.replace_range(now.range(), &put);
            masked.shifts.push((at, put.len()));
            masked
        };
        let is_name =
            !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
        let named = is_name.then(|| with(format!("null as \"{name}\"")));
        for masked in named.into_iter().chain([with("null".to_owned())]) {
            match judge.bind(&masked.text) {
                Err(refusal) if refusal.kind == crate::adapter::RefusalKind::Syntax => {}
                Err(refusal) => return Some((masked, refusal)),
                Ok(_) => return None,
            }
        }
        None
    }
}
