use chrono::{Datelike, FixedOffset, NaiveDate, NaiveDateTime};

use super::moment::Moment;
use super::zone::Zone;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Reads a text as Python's `datetime.strptime` does; parts the format has not are those
/// of the first moment of 1900.
///
/// # Errors
/// A message that says what does not fit.
pub(super) fn strptime(text: &str, format: &str) -> Result<Moment, String> {
    let mismatch = || format!("the time `{text}` does not match the format `{format}`");
    let mut fields = Fields::default();
    let mut rest = text;
    let mut directives = format.chars();
    while let Some(c) = directives.next() {
        if c.is_whitespace() {
            rest = rest.trim_start();
        } else if c != '%' {
            rest = rest.strip_prefix(c).ok_or_else(mismatch)?;
        } else {
            let directive =
                directives.next().ok_or_else(|| format!("the format `{format}` ends in a `%`"))?;
            if !"YymdHIMSfjbBhapAzZ%FTDR".contains(directive) {
                return Err(format!("`%{directive}` in the format `{format}` cannot be read"));
            }
            rest = fields.read(directive, rest).ok_or_else(mismatch)?;
        }
    }
    if !rest.is_empty() {
        return Err(format!("`{rest}` is left over of the time `{text}` after the format `{format}`"));
    }
    fields.moment().ok_or_else(|| format!("there is no such time as `{text}`"))
}

#[derive(Default)]
struct Fields {
    year: Option<i32>,
    month: Option<u32>,
    day: Option<u32>,
    day_of_year: Option<u32>,
    hour: Option<u32>,
    hour12: Option<u32>,
    is_afternoon: Option<bool>,
    minute: Option<u32>,
    second: Option<u32>,
    micros: Option<u32>,
    offset: Option<FixedOffset>,
}

impl Fields {
    /// Reads one directive and gives what is left of the text.
    fn read<'a>(&mut self, directive: char, text: &'a str) -> Option<&'a str> {
        let number = |width: usize, slot: &mut Option<u32>| {
            let (number, rest) = digits(text, width)?;
            *slot = Some(number);
            Some(rest)
        };
        match directive {
            'Y' => {
                let (year, rest) = digits(text, 4)?;
                self.year = i32::try_from(year).ok();
                Some(rest)
            }
            'y' => {
                let (year, rest) = digits(text, 2)?;
                let century = if year < 69 { 2000 } else { 1900 };
                self.year = i32::try_from(year).ok().map(|year| century + year);
                Some(rest)
            }
            'm' => number(2, &mut self.month),
            'd' => number(2, &mut self.day),
            'j' => number(3, &mut self.day_of_year),
            'H' => number(2, &mut self.hour),
            'I' => number(2, &mut self.hour12),
            'M' => number(2, &mut self.minute),
            'S' => number(2, &mut self.second),
            'f' => {
                let (micros, rest) = digits(text, 6)?;
                let width = u32::try_from(text.len() - rest.len()).ok()?;
                self.micros = Some(micros * 10_u32.pow(6 - width));
                Some(rest)
            }
            'b' | 'B' | 'h' => {
                let (month, rest) = word(text, &MONTHS)?;
                self.month = u32::try_from(month + 1).ok();
                Some(rest)
            }
            'a' | 'A' => word(text, &DAYS).map(|(_, rest)| rest),
            'p' => {
                let (afternoon, rest) = word(text, &["am", "pm"])?;
                self.is_afternoon = Some(afternoon == 1);
                Some(rest)
            }
            'z' => {
                let (offset, rest) = offset(text)?;
                self.offset = Some(offset);
                Some(rest)
            }
            'Z' => {
                let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
                let (name, rest) = text.split_at(end);
                match name.to_ascii_uppercase().as_str() {
                    "UTC" | "GMT" | "Z" => Some(rest),
                    _ => None,
                }
            }
            'F' => self.read_all("Y-m-d", text),
            'T' => self.read_all("H:M:S", text),
            'R' => self.read_all("H:M", text),
            'D' => self.read_all("m/d/y", text),
            _ => text.strip_prefix('%'),
        }
    }

    fn read_all<'a>(&mut self, directives: &str, mut text: &'a str) -> Option<&'a str> {
        for c in directives.chars() {
            text = if c.is_alphabetic() { self.read(c, text)? } else { text.strip_prefix(c)? };
        }
        Some(text)
    }

    fn moment(&self) -> Option<Moment> {
        let year = self.year.unwrap_or(1900);
        let date = match (self.day_of_year, self.month) {
            (Some(day), None) => NaiveDate::from_yo_opt(year, day)?,
            _ => NaiveDate::from_ymd_opt(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?,
        };
        if date.year() < 1 {
            return None;
        }
        let hour = match (self.hour12, self.hour) {
            (Some(hour @ 1..=12), _) => hour % 12 + if self.is_afternoon == Some(true) { 12 } else { 0 },
            (Some(_), _) => return None,
            (None, hour) => hour.unwrap_or(0),
        };
        let (minute, second) = (self.minute.unwrap_or(0), self.second.unwrap_or(0));
        let local: NaiveDateTime = date.and_hms_micro_opt(hour, minute, second, self.micros.unwrap_or(0))?;
        Some(Moment::naive(local).in_zone(self.offset.map(Zone::Fixed), false))
    }
}

/// Up to `width` digits as a number.
fn digits(text: &str, width: usize) -> Option<(u32, &str)> {
    let end = text.bytes().take(width).take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

/// One of the words, whole or by its first three letters, in any case.
fn word<'a>(text: &'a str, words: &[&str]) -> Option<(usize, &'a str)> {
    let strip = |word: &str| {
        let head = text.get(..word.len())?;
        head.eq_ignore_ascii_case(word).then(|| &text[word.len()..])
    };
    let whole = words.iter().enumerate().find_map(|(at, word)| Some((at, strip(word)?)));
    whole.or_else(|| {
        words.iter().enumerate().find_map(|(at, word)| Some((at, strip(word.get(..3.min(word.len()))?)?)))
    })
}

/// `Z`, `+09:00` or `-0330`.
pub(super) fn offset(text: &str) -> Option<(FixedOffset, &str)> {
    if let Some(rest) = text.strip_prefix('Z') {
        return Some((FixedOffset::east_opt(0)?, rest));
    }
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(':').unwrap_or(rest), 2)?;
    let seconds = i32::try_from(hours * 3_600 + minutes * 60).ok()?;
    Some((FixedOffset::east_opt(sign * seconds)?, rest))
}

/// Reads what `isoformat()` writes, and the other forms of ISO 8601 that Python's
/// `fromisoformat` takes.
pub(super) fn from_iso(text: &str) -> Option<Moment> {
    let date_end = if text.as_bytes().get(4) == Some(&b'-') { 10 } else { 8 };
    let (date, rest) = (text.get(..date_end)?, text.get(date_end..)?);
    let format = if date_end == 10 { "%Y-%m-%d" } else { "%Y%m%d" };
    let date = strptime(date, format).ok()?;
    if rest.is_empty() {
        return Some(date);
    }
    let mut chars = rest.chars();
    chars.next()?;
    let (time, zone) = iso_time(chars.as_str())?;
    let local = date.local.date().and_time(time);
    Some(Moment::naive(local).in_zone(zone, false))
}

/// `07`, `07:08`, `07:08:09`, `070809`, with a fraction and an offset.
pub(super) fn iso_time(text: &str) -> Option<(chrono::NaiveTime, Option<Zone>)> {
    let zone_at = text.find(['Z', '+', '-']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(zone_at);
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let compact: String = clock.chars().filter(|c| *c != ':').collect();
    if !matches!(compact.len(), 2 | 4 | 6) || !compact.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| compact.get(at..at + 2).map_or(Some(0), |part| part.parse::<u32>().ok());
    let micros: u32 = match fraction {
        "" => 0,
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{:0<6}", digits.get(..6).unwrap_or(digits)).parse().ok()?
        }
        _ => return None,
    };
    let time = chrono::NaiveTime::from_hms_micro_opt(part(0)?, part(2)?, part(4)?, micros)?;
    let zone = match zone {
        "" => None,
        zone => match offset(zone)? {
            (offset, "") => Some(Zone::Fixed(offset)),
            _ => return None,
        },
    };
    Some((time, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iso(text: &str, format: &str) -> Result<String, String> {
        strptime(text, format).map(|moment| moment.isoformat("T", ""))
    }

    #[test]
    fn texts_are_read_by_their_format() {
        assert_eq!(iso("2026-03-05", "%Y-%m-%d").as_deref(), Ok("2026-03-05T00:00:00"));
        assert_eq!(iso("5 Mar 26, 07:08 PM", "%d %b %y, %I:%M %p").as_deref(), Ok("2026-03-05T19:08:00"));
        assert_eq!(iso("12.5+09:00", "%S.%f%z").as_deref(), Ok("1900-01-01T00:00:12.500000+09:00"));
        assert_eq!(iso("2024060", "%Y%j").as_deref(), Ok("2024-02-29T00:00:00"));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert!(iso("2026년", "%Y-%m").is_err());
        assert!(iso("2026-02-30", "%Y-%m-%d").is_err_and(|message| message.contains("no such time")));
        assert!(iso("2026-03-05 x", "%Y-%m-%d").is_err_and(|message| message.contains("left over")));
        assert!(iso("2026", "%Y%").is_err());
        assert!(iso("x", "%Q").is_err_and(|message| message.contains("cannot be read")));
    }

    #[test]
    fn iso_texts_are_read_without_a_format() {
        let read = |text: &str| from_iso(text).map(|moment| moment.isoformat("T", ""));
        assert_eq!(read("2026-03-05").as_deref(), Some("2026-03-05T00:00:00"));
        assert_eq!(read("2026-03-05 07:08").as_deref(), Some("2026-03-05T07:08:00"));
        assert_eq!(read("20260305T070809.5Z").as_deref(), Some("2026-03-05T07:08:09.500000+00:00"));
        assert_eq!(read("2026-03-05T07:08:09-03:30").as_deref(), Some("2026-03-05T07:08:09-03:30"));
        for bad in ["", "2026", "2026-3-5", "2026-03-05T", "2026-03-05T25", "오늘", "2026-03-05T07:08:09+x"]
        {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
