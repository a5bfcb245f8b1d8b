use super::contract::History;
use super::known::Known;

/// How each node did in the last runs, a letter for each run: what the health page needs to know
/// of all nodes at once.
pub(super) fn history(known: &Known<'_>) -> History {
    let runs = known.material.runs.len();
    let letters = known.history.iter().enumerate().map(|(id, past)| {
        let mut letters = vec!['-'; runs];
        // A node that ran twice in one run, as a hook may: the last counts.
        for (run, status, ..) in past {
            letters[*run] = letter(status);
        }
        (id, letters.into_iter().collect::<String>())
    });
    History { nodes: letters.filter(|(_, letters)| letters.contains(|letter| letter != '-')).collect() }
}

fn letter(status: &str) -> char {
    match status {
        "pass" => 'p',
        "success" => 'o',
        "warn" => 'w',
        "fail" => 'f',
        "error" | "runtime error" | "partial success" => 'e',
        "skipped" => 's',
        _ => '-',
    }
}
