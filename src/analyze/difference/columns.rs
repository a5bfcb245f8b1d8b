use std::collections::{HashMap, HashSet};

use super::Change;
use super::terms::{Kind, TermId, Terms};
use crate::sql::{DataType, Dialect};

/// A column that comes out. One without a name stands for all that are not known.
#[derive(Clone, Debug)]
pub(super) struct Out {
    pub name: Option<String>,
    pub term: TermId,
    pub data_type: Option<DataType>,
}

/// What became of the columns. Where rows are others, a window over them is told of by that.
pub(super) fn column_changes(
    terms: &mut Terms,
    old: &[Out],
    new: &[Out],
    has_same_rows: bool,
    dialect: Dialect,
) -> Vec<Change> {
    let (mut old, mut new) = (old.to_vec(), new.to_vec());
    if !has_same_rows {
        let plain = terms.without_window_rows();
        for column in old.iter_mut().chain(&mut new) {
            let text = terms.written(column.term).map(str::to_owned);
            column.term = plain[column.term.index()];
            if let Some(text) = text {
                terms.write_text(column.term, text);
            }
        }
    }
    let (old, new) = (&old[..], &new[..]);
    let mut changes = Vec::new();
    let named = |columns: &[Out]| -> Vec<(String, usize)> {
        let names = columns.iter().enumerate();
        names.filter_map(|(at, column)| Some((folded(column.name.as_deref()?, dialect), at))).collect()
    };
    let (old_names, new_names) = (named(old), named(new));
    let by_name: HashMap<&str, usize> =
        old_names.iter().rev().map(|(name, at)| (name.as_str(), *at)).collect();
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut left_over: Vec<usize> = Vec::new();
    let mut taken: HashSet<usize> = HashSet::new();
    for (name, at) in &new_names {
        match by_name.get(name.as_str()).filter(|old| taken.insert(**old)) {
            Some(old) => pairs.push((*old, *at)),
            None => left_over.push(*at),
        }
    }
    let gone: Vec<usize> = old_names.iter().map(|(_, at)| *at).filter(|at| !taken.contains(at)).collect();
    let (old_rest, new_rest) = (rest_of(old), rest_of(new));
    for (before, after) in &pairs {
        compare(terms, &old[*before], &new[*after], dialect, &mut changes);
    }
    let mut gone_left = gone.clone();
    for after in &left_over {
        let column = &new[*after];
        let name = column.name.clone().unwrap_or_default();
        if let Some(at) = gone_left.iter().position(|before| old[*before].term == column.term) {
            let before = gone_left.remove(at);
            let from = old[before].name.clone().unwrap_or_default();
            pairs.push((before, *after));
            changes.push(Change::Renamed { from, to: name });
        } else if old_rest.is_empty() {
            changes.push(Change::Added { column: name });
        }
    }
    for before in gone_left.iter().filter(|_| new_rest.is_empty()) {
        changes.push(Change::Removed { column: old[*before].name.clone().unwrap_or_default() });
    }
    if old_rest != new_rest {
        changes.push(Change::Unclear("not all of its columns are known".to_owned()));
    } else if !old_rest.is_empty() && gone_left.len() + left_over.len() > 0 {
        let what = left_over.iter().map(|at| &new[*at]).chain(gone_left.iter().map(|at| &old[*at]));
        let names: Vec<&str> = what.filter_map(|column| column.name.as_deref()).collect();
        changes.push(Change::Unclear(format!("`{}` may be among the columns of `*`", names.join("`, `"))));
    }
    // Where something stands among unknown columns cannot be told, but that it stands elsewhere can.
    changes.extend(moved(&mut pairs, new));
    changes
}

fn rest_of(columns: &[Out]) -> Vec<TermId> {
    columns.iter().filter(|column| column.name.is_none()).map(|column| column.term).collect()
}

/// In the form in which names that mean the same are equal; names of an answer are as the
/// warehouse has them, so letters matter where it minds them.
fn folded(name: &str, dialect: Dialect) -> String {
    match dialect.folding() {
        crate::sql::Folding::Insensitive => name.to_lowercase(),
        crate::sql::Folding::Lower | crate::sql::Folding::Upper => name.to_owned(),
    }
}

fn compare(terms: &Terms, old: &Out, new: &Out, dialect: Dialect, changes: &mut Vec<Change>) {
    let column = new.name.clone().unwrap_or_default();
    let types = old.data_type.as_ref().zip(new.data_type.as_ref());
    let has_other_type = types.is_some_and(|(old, new)| !is_same_type(old, new, dialect));
    let has_same_type = types.is_some_and(|(old, new)| is_same_type(old, new, dialect));
    let is_recomputed = is_recomputed(terms, old.term, new.term)
        && match differs_in_cast(terms, old.term, new.term) {
            Some(InCast::Added) => !(has_other_type || has_same_type),
            Some(InCast::Changed) => !has_other_type,
            None => true,
        };
    if let (true, Some((from, to))) = (has_other_type, types) {
        changes.push(Change::Retyped { column: column.clone(), from: from.clone(), to: to.clone() });
    }
    if is_recomputed {
        let text = |term| terms.written(term).map(str::to_owned);
        changes.push(Change::Recomputed { column, from: text(old.term), to: text(new.term) });
    }
}

fn is_same_type(old: &DataType, new: &DataType, dialect: Dialect) -> bool {
    old.as_str().eq_ignore_ascii_case(new.as_str()) || {
        let is_exact = |kind: &crate::sql::TypeKind| {
            matches!(kind, crate::sql::TypeKind::Integer { .. } | crate::sql::TypeKind::Boolean)
        };
        let (old, new) = (old.kind(dialect), new.kind(dialect));
        is_exact(&old) && old == new
    }
}

enum InCast {
    /// The one is a cast of the other: to the same type it does nothing.
    Added,
    /// Both are casts of one value.
    Changed,
}

fn differs_in_cast(terms: &Terms, old: TermId, new: TermId) -> Option<InCast> {
    let inside = |term: TermId| match terms.children(term) {
        [inner] if terms.kind(term) == Kind::Cast => Some(*inner),
        _ => None,
    };
    match (inside(old), inside(new)) {
        (Some(inner), _) if inner == new => Some(InCast::Added),
        (_, Some(inner)) if inner == old => Some(InCast::Added),
        (Some(old), Some(new)) if old == new => Some(InCast::Changed),
        _ => None,
    }
}

/// Whether a value is another. That a branch of a union is new makes none of its columns another.
fn is_recomputed(terms: &Terms, old: TermId, new: TermId) -> bool {
    if old == new {
        return false;
    }
    if terms.kind(old) != Kind::Branches || terms.kind(new) != Kind::Branches {
        return true;
    }
    let branches = |term: TermId| -> Vec<(TermId, TermId)> {
        terms.children(term).chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    };
    let (mut old, mut new) = (branches(old), branches(new));
    old.retain(|branch| match new.iter().position(|other| other == branch) {
        Some(at) => {
            new.remove(at);
            false
        }
        None => true,
    });
    // The same rows with another value.
    let is_another = |old: &(TermId, TermId)| new.iter().any(|new| new.0 == old.0);
    if old.iter().any(is_another) {
        return true;
    }
    let values = |branches: &[(TermId, TermId)]| -> Vec<TermId> {
        let mut values: Vec<TermId> = branches.iter().map(|branch| branch.1).collect();
        values.sort_unstable();
        values
    };
    // Rows that are filtered otherwise have the same values; those that only one side has are new.
    old.len() == new.len() && values(&old) != values(&new)
}

/// The columns that stand in another place: the fewest that need to be moved.
fn moved(pairs: &mut [(usize, usize)], new: &[Out]) -> Vec<Change> {
    pairs.sort_by_key(|(_, after)| *after);
    let before: Vec<usize> = pairs.iter().map(|(before, _)| *before).collect();
    let staying = longest_rise(&before);
    let moved = pairs.iter().zip(staying).filter(|(_, stays)| !stays);
    let name = |after: usize| new[after].name.clone().unwrap_or_default();
    moved.map(|((_, after), _)| Change::Moved { column: name(*after) }).collect()
}

/// Which of some numbers are in a longest row of rising ones.
fn longest_rise(numbers: &[usize]) -> Vec<bool> {
    // `ends[n]` is the place of the least number that a row of n + 1 ends with.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; numbers.len()];
    for (at, number) in numbers.iter().enumerate() {
        let length = ends.partition_point(|end| numbers[*end] < *number);
        previous[at] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() { ends.push(at) } else { ends[length] = at }
    }
    let mut rises = vec![false; numbers.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        rises[at] = true;
        next = previous[at];
    }
    rises
}

#[cfg(test)]
mod tests {
    use super::longest_rise;

    #[test]
    fn the_fewest_are_moved() {
        assert_eq!(longest_rise(&[0, 1, 2]), [true, true, true]);
        assert_eq!(longest_rise(&[3, 0, 1, 2]), [false, true, true, true]);
        assert_eq!(longest_rise(&[1, 0]), [false, true]);
        assert_eq!(longest_rise(&[]), [false; 0]);
    }
}
