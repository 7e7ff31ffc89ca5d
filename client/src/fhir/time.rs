//! FHIR's partial dates, and RFC 3339.

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate, NaiveTime, SecondsFormat, Utc};

/// A span of unix milliseconds; the end is not included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
	/// First millisecond.
	pub from: i64,
	/// The millisecond after the last.
	pub to: i64,
}

/// A moment as in RFC 3339, in unix milliseconds.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
	DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.timestamp_millis())
}

/// A moment as in RFC 3339, in UTC; `None` if it lies beyond the year 9999, where the format ends.
pub fn to_rfc3339(millis: u64) -> Option<String> {
	let moment = DateTime::<Utc>::from_timestamp_millis(i64::try_from(millis).ok()?)?;
	let format = if millis % 1000 == 0 { SecondsFormat::Secs } else { SecondsFormat::Millis };
	(moment.year() <= 9999).then(|| moment.to_rfc3339_opts(format, true))
}

/// The span that a FHIR `date`, `dateTime` or `instant` stands for: a year, a month, a day, a second or a fraction of
/// one. A date without a time is taken in UTC.
pub fn parse_fhir(text: &str) -> Option<Span> {
	let bytes = text.as_bytes();
	let digits = |range: std::ops::Range<usize>| bytes.get(range)?.iter().all(u8::is_ascii_digit).then_some(());
	digits(0..4)?;
	let year: i32 = text[..4].parse().ok()?;
	if year == 0 {
		return None;
	}
	let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
	match bytes.len() {
		4 => {
			let first = NaiveDate::from_ymd_opt(year, 1, 1)?;
			Some(Span { from: midnight(first), to: midnight(first + Months::new(12)) })
		}
		7 => {
			digits(5..7)?;
			let first = NaiveDate::from_ymd_opt(year, text.get(5..7)?.parse().ok()?, 1)?;
			(bytes[4] == b'-').then_some(())?;
			Some(Span { from: midnight(first), to: midnight(first + Months::new(1)) })
		}
		10 => {
			digits(5..7).and(digits(8..10))?;
			let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
			Some(Span { from: midnight(day), to: midnight(day + Days::new(1)) })
		}
		_ => {
			let moment: DateTime<FixedOffset> = DateTime::parse_from_rfc3339(text).ok()?;
			(bytes[10] == b'T').then_some(())?;
			let from = moment.timestamp_millis();
			// As exact as it is written: whole seconds, or at least milliseconds.
			let length = if bytes.get(19) == Some(&b'.') { 1 } else { 1000 };
			Some(Span { from, to: from + length })
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn text(span: Span) -> (String, String) {
		let show = |millis: i64| DateTime::<Utc>::from_timestamp_millis(millis).unwrap().to_rfc3339();
		(show(span.from), show(span.to))
	}

	#[test]
	fn partial_dates_stand_for_all_they_contain() {
		for (date, from, to) in [
			("2020", "2020-01-01T00:00:00+00:00", "2021-01-01T00:00:00+00:00"),
			("2020-12", "2020-12-01T00:00:00+00:00", "2021-01-01T00:00:00+00:00"),
			("2020-02-29", "2020-02-29T00:00:00+00:00", "2020-03-01T00:00:00+00:00"),
			("2020-02-29T23:30:00-05:00", "2020-03-01T04:30:00+00:00", "2020-03-01T04:30:01+00:00"),
		] {
			assert_eq!(text(parse_fhir(date).unwrap()), (from.into(), to.into()), "{date}");
		}
		let exact = parse_fhir("1969-12-31T23:59:59.999Z").unwrap();
		assert_eq!(exact, Span { from: -1, to: 0 });
	}

	#[test]
	fn what_is_no_date_is_refused() {
		for date in [
			"",
			"20",
			"0000",
			"2020-13",
			"2020-1",
			"2021-02-29",
			"2020-02-29 10:00:00Z",
			"2020-02-29T10:00:00",
			"2020-02-29T10:00Z",
			"yesterday",
			"2020/01/01",
			"２０２０",
			"2020/1",
			"2020-+1",
		] {
			assert_eq!(parse_fhir(date), None, "{date}");
		}
	}

	#[test]
	fn moments_are_written_as_short_as_they_are() {
		assert_eq!(to_rfc3339(0).as_deref(), Some("1970-01-01T00:00:00Z"));
		assert_eq!(to_rfc3339(1).as_deref(), Some("1970-01-01T00:00:00.001Z"));
		assert_eq!(to_rfc3339(u64::MAX), None);
		assert_eq!(parse_rfc3339("1970-01-01T01:00:00+01:00"), Some(0));
	}
}
