use super::RowChange;
use super::terms::{Kind, TermId, Terms};

/// What became of the rows: nothing when both terms are one.
pub(super) fn row_changes(terms: &Terms, old: TermId, new: TermId) -> Vec<RowChange> {
    let mut walk = Walk { terms, found: Vec::new(), depth: 0 };
    walk.compare(old, new);
    if walk.found.is_empty() && old != new {
        walk.found.push(RowChange::Otherwise);
    }
    // The least that can be said goes without saying where more is known.
    if walk.found.iter().any(|change| *change != RowChange::Otherwise) {
        walk.found.retain(|change| *change != RowChange::Otherwise);
    }
    with_one_filter(walk.found)
}

/// All that is told of conditions as one, without those that only moved.
fn with_one_filter(changes: Vec<RowChange>) -> Vec<RowChange> {
    let (mut all_added, mut all_removed): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    let mut place = None;
    let mut kept = Vec::new();
    for change in changes {
        match change {
            RowChange::Filtered { added, removed } => {
                place.get_or_insert(kept.len());
                all_added.extend(added);
                all_removed.extend(removed);
            }
            change => kept.push(change),
        }
    }
    let Some(place) = place else { return kept };
    let both: Vec<String> = all_added.iter().filter(|text| all_removed.contains(text)).cloned().collect();
    all_added.retain(|text| !both.contains(text));
    all_removed.retain(|text| !both.contains(text));
    kept.insert(place, RowChange::Filtered { added: all_added, removed: all_removed });
    kept
}

struct Walk<'a> {
    terms: &'a Terms,
    found: Vec<RowChange>,
    depth: usize,
}

/// How many layers are looked through for the reason.
const DEPTH: usize = 60;

impl Walk<'_> {
    fn tell(&mut self, change: RowChange) {
        if !self.found.contains(&change) {
            self.found.push(change);
        }
    }

    fn compare(&mut self, old: TermId, new: TermId) {
        if old == new {
            return;
        }
        self.depth += 1;
        if self.depth > DEPTH {
            self.tell(RowChange::Otherwise);
        } else {
            self.compare_layers(old, new);
        }
        self.depth -= 1;
    }

    fn compare_layers(&mut self, old: TermId, new: TermId) {
        let terms = self.terms;
        let (before, after) = (terms.get(old), terms.get(new));
        if before.kind == after.kind {
            return self.compare_same(old, new);
        }
        // A layer more or less, the rest being as it was.
        let is_inside = |inner: TermId, outer: TermId| terms.is_below(inner, std::iter::once(outer));
        let takes_old = if is_inside(new, old) {
            true
        } else if is_inside(old, new) {
            false
        } else {
            if self.is_other_kind_of_join(old, new, true) || self.is_other_kind_of_join(new, old, false) {
                return;
            }
            match (rank(terms, old), rank(terms, new)) {
                (0, 0) => return self.sources(old, new),
                (old, new) => old >= new,
            }
        };
        if takes_old {
            let inner = self.without_layer(old, true);
            match inner {
                Some(inner) => self.compare(inner, new),
                None => self.sources(old, new),
            }
        } else {
            match self.without_layer(new, false) {
                Some(inner) => self.compare(old, inner),
                None => self.sources(old, new),
            }
        }
    }

    /// What is under the topmost layer, having told that it came or went.
    fn without_layer(&mut self, bag: TermId, is_old: bool) -> Option<TermId> {
        let term = self.terms.get(bag);
        let (input, rest) = term.children.split_first()?;
        match term.kind {
            Kind::Filter => {
                let texts = self.texts(rest);
                let (added, removed) = if is_old { (Vec::new(), texts) } else { (texts, Vec::new()) };
                self.tell(RowChange::Filtered { added, removed });
            }
            Kind::Group => {
                let texts = self.texts(rest);
                let (from, to) = if is_old { (Some(texts), None) } else { (None, Some(texts)) };
                self.tell(RowChange::Regrouped { from, to });
            }
            Kind::Limit | Kind::DistinctOn => self.tell(RowChange::Limited),
            Kind::Text | Kind::Copy => self.tell(RowChange::Otherwise),
            Kind::Join => {
                let other = rest.first().map(|right| self.source(*right));
                self.tell_sources(other.into_iter().collect(), is_old);
            }
            _ => return None,
        }
        Some(*input)
    }

    fn tell_sources(&mut self, sources: Vec<String>, is_old: bool) {
        let (added, removed) = if is_old { (Vec::new(), sources) } else { (sources, Vec::new()) };
        self.tell(RowChange::Joined { added, removed });
    }

    fn compare_same(&mut self, old: TermId, new: TermId) {
        let terms = self.terms;
        let (before, after) = (terms.get(old), terms.get(new));
        let (old_parts, new_parts) = (&*before.children, &*after.children);
        match before.kind {
            Kind::Filter => {
                let [old_input, old_conditions @ ..] = old_parts else { return };
                let [new_input, new_conditions @ ..] = new_parts else { return };
                self.conditions(old_conditions, new_conditions);
                self.compare(*old_input, *new_input);
            }
            Kind::Group => {
                let [old_input, old_keys @ ..] = old_parts else { return };
                let [new_input, new_keys @ ..] = new_parts else { return };
                if old_keys != new_keys {
                    let (from, to) = (Some(self.texts(old_keys)), Some(self.texts(new_keys)));
                    self.tell(RowChange::Regrouped { from, to });
                }
                self.compare(*old_input, *new_input);
            }
            Kind::Limit | Kind::DistinctOn => {
                if old_parts[1..] != new_parts[1..] {
                    self.tell(RowChange::Limited);
                }
                self.compare(old_parts[0], new_parts[0]);
            }
            Kind::Text => {
                if before.label != after.label {
                    self.tell(RowChange::Otherwise);
                }
                self.compare(old_parts[0], new_parts[0]);
            }
            Kind::Copy if before.label == after.label => self.compare(old_parts[0], new_parts[0]),
            Kind::Join => {
                let ([old_left, old_right, old_on @ ..], [new_left, new_right, new_on @ ..]) =
                    (old_parts, new_parts)
                else {
                    return;
                };
                if old_left != new_left && terms.is_below(old, std::iter::once(*new_left)) {
                    // One more join on top.
                    self.tell_sources(vec![self.source(*new_right)], false);
                    return self.compare(old, *new_left);
                }
                if old_left != new_left && terms.is_below(new, std::iter::once(*old_left)) {
                    self.tell_sources(vec![self.source(*old_right)], true);
                    return self.compare(*old_left, new);
                }
                if before.label != after.label {
                    let words = |label: &str| format!("{label} join");
                    let (from, to) = (words(&before.label), words(&after.label));
                    self.tell(RowChange::JoinedOtherwise { from, to });
                } else if old_on != new_on {
                    let text = |on: &[TermId]| {
                        let texts = self.texts(on).into_iter().map(|text| format!("`{text}`"));
                        texts.collect::<Vec<_>>().join(" and ")
                    };
                    let (from, to) = (text(old_on), text(new_on));
                    self.tell(RowChange::JoinedOtherwise { from, to });
                }
                self.compare(*old_left, *new_left);
                self.compare(*old_right, *new_right);
            }
            Kind::Union => {
                let (gone, added) = unshared(old_parts, new_parts);
                match (gone.as_slice(), added.as_slice()) {
                    ([old], [new]) => self.compare(*old, *new),
                    (gone, added) => {
                        self.tell(RowChange::Combined { added: added.len(), removed: gone.len() });
                    }
                }
            }
            Kind::SetOperation => self.tell(RowChange::Combined { added: 0, removed: 0 }),
            Kind::Table | Kind::Cross => self.sources(old, new),
            _ => self.tell(RowChange::Otherwise),
        }
    }

    fn conditions(&mut self, old: &[TermId], new: &[TermId]) {
        let (removed, added) = unshared(old, new);
        if removed.is_empty() && added.is_empty() {
            return;
        }
        let (mut added, mut removed) = (self.texts(&added), self.texts(&removed));
        // The same words with another meaning are told of where that comes from.
        let same: Vec<String> = added.iter().filter(|text| removed.contains(text)).cloned().collect();
        added.retain(|text| !same.contains(text));
        removed.retain(|text| !same.contains(text));
        self.tell(RowChange::Filtered { added, removed });
    }

    /// An outer join in place of an inner one: of the same sides.
    fn is_other_kind_of_join(&mut self, outer: TermId, other: TermId, was_outer: bool) -> bool {
        let terms = self.terms;
        let join = terms.get(outer);
        let (Kind::Join, [left, right, on @ ..]) = (join.kind, &*join.children) else { return false };
        let taken_apart = |bag: TermId| -> (Vec<TermId>, Vec<TermId>) {
            let term = terms.get(bag);
            let (bag, conditions) = match (term.kind, &*term.children) {
                (Kind::Filter, [input, conditions @ ..]) => (*input, conditions.to_vec()),
                _ => (bag, Vec::new()),
            };
            let sides = match terms.kind(bag) {
                Kind::Cross => terms.children(bag).to_vec(),
                _ => vec![bag],
            };
            (sides, conditions)
        };
        let (mut sides, mut conditions) = taken_apart(*left);
        let (right, of_right) = taken_apart(*right);
        sides.extend(right);
        sides.sort_unstable();
        conditions.extend(of_right);
        conditions.extend_from_slice(on);
        let (others, other_conditions) = taken_apart(other);
        if sides != others || others.len() < 2 {
            return false;
        }
        let (outer, inner) = (format!("{} join", join.label), "inner join".to_owned());
        if was_outer {
            self.tell(RowChange::JoinedOtherwise { from: outer, to: inner });
            self.conditions(&conditions, &other_conditions);
        } else {
            self.tell(RowChange::JoinedOtherwise { from: inner, to: outer });
            self.conditions(&other_conditions, &conditions);
        }
        true
    }

    /// Relations that came and went.
    fn sources(&mut self, old: TermId, new: TermId) {
        let terms = self.terms;
        let sides = |bag: TermId| match terms.kind(bag) {
            Kind::Cross => terms.children(bag).to_vec(),
            Kind::One => Vec::new(),
            _ => vec![bag],
        };
        let (gone, added) = unshared(&sides(old), &sides(new));
        if let ([old], [new]) = (gone.as_slice(), added.as_slice())
            && (terms.kind(*old) != Kind::Table || terms.kind(*new) != Kind::Table)
            && terms.kind(*old) == terms.kind(*new)
            && terms.kind(*old) != Kind::Rows
        {
            return self.compare(*old, *new);
        }
        let names = |bags: &[TermId]| bags.iter().map(|bag| self.source(*bag)).collect::<Vec<_>>();
        let (added, removed) = (names(&added), names(&gone));
        if added == removed {
            self.tell(RowChange::Otherwise);
        } else {
            self.tell(RowChange::Joined { added, removed });
        }
    }

    /// What rows are called: by the relation they come from.
    fn source(&self, bag: TermId) -> String {
        let mut next = Some(bag);
        while let Some(bag) = next {
            if let Some(text) = self.terms.written(bag) {
                return text.to_owned();
            }
            let term = self.terms.get(bag);
            if term.kind == Kind::Table {
                return term.label.to_string();
            }
            next = match term.kind {
                Kind::Filter
                | Kind::Group
                | Kind::Limit
                | Kind::Copy
                | Kind::Text
                | Kind::DistinctOn
                | Kind::Cross
                | Kind::Join => term.children.first().copied(),
                _ => None,
            };
        }
        "a query".to_owned()
    }

    fn texts(&self, terms: &[TermId]) -> Vec<String> {
        terms.iter().filter_map(|term| self.terms.written(*term)).map(str::to_owned).collect()
    }
}

/// Which layers are taken off first.
fn rank(terms: &Terms, bag: TermId) -> u8 {
    let term = terms.get(bag);
    match term.kind {
        Kind::Text | Kind::Copy => 6,
        Kind::Limit | Kind::DistinctOn => 5,
        // HAVING stands on a group.
        Kind::Filter if term.children.first().is_some_and(|input| terms.kind(*input) == Kind::Group) => 4,
        Kind::Group => 3,
        Kind::Filter => 2,
        Kind::Join => 1,
        _ => 0,
    }
}

/// What only the one has, and what only the other.
fn unshared(old: &[TermId], new: &[TermId]) -> (Vec<TermId>, Vec<TermId>) {
    let mut added = new.to_vec();
    let mut gone = Vec::new();
    for one in old {
        match added.iter().position(|other| other == one) {
            Some(at) => drop(added.remove(at)),
            None => gone.push(*one),
        }
    }
    (gone, added)
}
