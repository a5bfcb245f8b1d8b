//! `require-dbt-version`: see <https://docs.getdbt.com/reference/project-configs/require-dbt-version>.

use std::cmp::Ordering;

/// The version of dbt that xform behaves as.
pub const DBT_VERSION: &str = "1.12.6";

/// A version as semantic versioning orders them; dbt writes pre-releases without a dash
/// too (`1.0.0rc1`).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Version {
    numbers: [u64; 3],
    pre_release: Vec<String>,
}

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let text = text.split('+').next()?;
        let (major, rest) = text.split_once('.')?;
        let (minor, rest) = rest.split_once('.')?;
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        let (patch, pre_release) = rest.split_at(end);
        let pre_release = pre_release.strip_prefix('-').unwrap_or(pre_release);
        let is_well_formed = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if end < rest.len() && !pre_release.split('.').all(is_well_formed) {
            return None;
        }
        Some(Self {
            numbers: [number(major)?, number(minor)?, number(patch)?],
            pre_release: pre_release.split('.').filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        })
    }
}

fn number(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers).then_with(|| {
            match (self.pre_release.is_empty(), other.pre_release.is_empty()) {
                (true, true) => Ordering::Equal,
                (true, false) => Ordering::Greater,
                (false, true) => Ordering::Less,
                (false, false) => {
                    let parts = self.pre_release.iter().zip(&other.pre_release);
                    let differing = parts.map(|(one, two)| part(one, two)).find(|order| order.is_ne());
                    differing.unwrap_or_else(|| self.pre_release.len().cmp(&other.pre_release.len()))
                }
            }
        })
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Numbers before words, numbers by size.
fn part(one: &str, two: &str) -> Ordering {
    match (number(one), number(two)) {
        (Some(one), Some(two)) => one.cmp(&two),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => one.cmp(two),
    }
}

/// How two versions stand to each other.
pub(super) fn compare(one: &str, two: &str) -> Option<Ordering> {
    Some(Version::parse(one)?.cmp(&Version::parse(two)?))
}

/// Whether `version` is in all of the ranges of a text such as `>=1.0.0,<2.0.0`; `None`
/// when a range is not well-formed.
pub(super) fn is_compatible(version: &str, ranges: &str) -> Option<bool> {
    let version = Version::parse(version)?;
    let mut is_in_all = true;
    for range in ranges.split(',').map(str::trim) {
        let end = range.find(|character: char| !matches!(character, '<' | '>' | '=')).unwrap_or(range.len());
        let (operator, wanted) = range.split_at(end);
        let order = version.cmp(&Version::parse(wanted.trim())?);
        is_in_all &= match operator {
            "" | "=" | "==" => order.is_eq(),
            ">=" => order.is_ge(),
            ">" => order.is_gt(),
            "<=" => order.is_le(),
            "<" => order.is_lt(),
            _ => return None,
        };
    }
    Some(is_in_all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_judged_as_dbt_1_12() {
        for ranges in [
            ">=1.0.0",
            ">=1.12.0,<2.0.0",
            "1.12.6",
            "=1.12.6",
            "> 1.12.5",
            "<1.12.7",
            ">=1.12.6rc1",
            ">=1.0.0-b1",
        ] {
            assert_eq!(is_compatible(DBT_VERSION, ranges), Some(true), "{ranges}");
        }
        for ranges in [">=2.0.0", "<1.12.6", "1.12.5", ">=1.0.0,<1.5.0", "<1.12.6-rc1", "<0.19.0"] {
            assert_eq!(is_compatible(DBT_VERSION, ranges), Some(false), "{ranges}");
        }
        for ranges in ["1.0", "", ">=", "=>1.0.0", "1.x.0", "latest", "1.0.0-", "최신"] {
            assert_eq!(is_compatible(DBT_VERSION, ranges), None, "{ranges}");
        }
    }

    #[test]
    fn pre_releases_come_before_the_release_and_numbers_before_words() {
        let order = ["1.0.0-1", "1.0.0-a", "1.0.0-a.1", "1.0.0-b2", "1.0.0rc1", "1.0.0", "1.0.1"];
        for pair in order.windows(2) {
            assert!(Version::parse(pair[0]) < Version::parse(pair[1]), "{pair:?}");
        }
    }
}
