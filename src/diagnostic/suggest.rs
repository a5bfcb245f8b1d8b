//! "Did you mean": the nearest of the names there are.

/// The candidate most like `name`, if one is near enough to be a slip of the finger.
/// Case does not count; the first of equals wins.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let allowed = (wanted.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .filter(|candidate| !candidate.is_empty())
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many slips are between two names: letters left out, put in, changed or swapped.
#[must_use]
pub fn distance(one: &str, other: &str) -> usize {
    strsim::damerau_levenshtein(one, other)
}

/// A help line that names the nearest `noun` ("model", "column" …), if there is one.
pub fn similar<'a>(noun: &str, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, candidates).map(|found| format!("a {noun} with a similar name exists: `{found}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_suggested() {
        let names = ["stg_orders", "stg_users", "주문_목록"];
        assert_eq!(nearest("stg_order", names), Some("stg_orders"));
        assert_eq!(nearest("STG_USERS", names), Some("stg_users"));
        assert_eq!(nearest("주문목록", names), Some("주문_목록"));
        assert_eq!(nearest("payments", names), None);
    }
}
