//! Temperatures of the cold chain: read from EPCIS sensor events or from a logger's table, and when they were outside of
//! what a storage rule allows.

use super::{events, hash::bad_time, not_a, vocabulary::Vocabulary, Placed};
use crate::{
	fhir::{pointer, time::parse_rfc3339},
	Error, Result,
};
use serde_json::Value;

/// A temperature at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
	/// Unix milliseconds.
	pub at: u64,
	/// Degrees Celsius.
	pub celsius: f64,
}

/// A time outside of what is allowed, or without readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Excursion {
	/// Unix milliseconds of the first reading outside, or of the last one before a gap.
	pub from: u64,
	/// Unix milliseconds of the last reading outside, or of the first one after a gap.
	pub to: u64,
	/// The coldest reading of that time, in degrees Celsius.
	pub min: f64,
	/// The warmest, in degrees Celsius.
	pub max: f64,
	/// How long it was, in minutes begun; each reading outside stands for one interval.
	pub minutes: u32,
}

/// Absolute zero, in degrees Celsius: less was not measured.
const ABSOLUTE_ZERO: f64 = -273.15;

fn celsius(value: f64, unit: &str) -> Option<f64> {
	let celsius = match unit {
		"CEL" => value,
		"FAH" => (value - 32.0) * 5.0 / 9.0,
		"KEL" => value + ABSOLUTE_ZERO,
		_ => return None,
	};
	// Conversions leave traces far beyond what a sensor can tell.
	let celsius = (celsius * 1e6).round() / 1e6;
	(celsius.is_finite() && celsius >= ABSOLUTE_ZERO).then_some(celsius)
}

fn no_temperature(at: &str) -> Error {
	Error::refused("BadTemperature", at, "a temperature is a number above absolute zero with the unit CEL, FAH or KEL")
}

/// The temperatures of a document's sensor events, by time. A report's moment is its own, else that of its metadata, else
/// that of the event. Of a summary the coldest and the warmest count at the start and at the end of its time; it tells
/// nothing of what was between them.
pub fn excursion_readings(document: &Value) -> Result<Vec<Reading>> {
	let mut readings = Vec::new();
	for placed in events(document)? {
		let Some(elements) = placed.event.get("sensorElementList") else { continue };
		let at = pointer(&placed.at, "sensorElementList");
		for (number, element) in elements.as_array().ok_or_else(|| not_a(&at, "a list"))?.iter().enumerate() {
			let at = pointer(&at, number);
			let reports =
				element["sensorReport"].as_array().ok_or_else(|| not_a(&pointer(&at, "sensorReport"), "a list"))?;
			for (number, report) in reports.iter().enumerate() {
				let at_report = pointer(&pointer(&at, "sensorReport"), number);
				let kind = report["type"].as_str().unwrap_or_default();
				if Vocabulary::Measurement.word(kind, &placed.context) == Some("Temperature") {
					temperatures(&placed, element, &at, report, &at_report, &mut readings)?;
				}
			}
		}
	}
	// Stable: of one moment they stay in the document's order.
	readings.sort_by_key(|reading| reading.at);
	Ok(readings)
}

fn temperatures(
	placed: &Placed<'_>,
	element: &Value,
	at_element: &str,
	report: &Value,
	at: &str,
	readings: &mut Vec<Reading>,
) -> Result<()> {
	let unit = report["uom"].as_str().unwrap_or_default();
	let value = |name: &str| -> Result<Option<f64>> {
		let Some(value) = report.get(name) else { return Ok(None) };
		let known = value.as_f64().and_then(|value| celsius(value, unit));
		known.map(Some).ok_or_else(|| no_temperature(&pointer(at, name)))
	};
	let moment = |owner: &Value, at: &str, name: &str| -> Result<Option<u64>> {
		let Some(text) = owner.get(name) else { return Ok(None) };
		let text = text.as_str().ok_or_else(|| not_a(&pointer(at, name), "a moment"))?;
		let time = parse_rfc3339(text).and_then(|time| u64::try_from(time).ok());
		time.map(Some).ok_or_else(|| bad_time(&pointer(at, name), text))
	};
	let (metadata, at_metadata) = (&element["sensorMetadata"], pointer(at_element, "sensorMetadata"));
	let time = match (moment(report, at, "time")?, moment(metadata, &at_metadata, "time")?) {
		(Some(time), _) | (None, Some(time)) => Some(time),
		(None, None) => moment(placed.event, &placed.at, "eventTime")?,
	};
	let time =
		time.ok_or_else(|| Error::refused("Missing", pointer(&placed.at, "eventTime"), "an event says its time"))?;
	let (single, coldest, warmest) = (value("value")?, value("minValue")?, value("maxValue")?);
	if single.is_none() && coldest.is_none() && warmest.is_none() {
		return Err(no_temperature(at));
	}
	readings.extend(single.map(|celsius| Reading { at: time, celsius }));
	let start = moment(metadata, &at_metadata, "startTime")?.unwrap_or(time);
	let end = moment(metadata, &at_metadata, "endTime")?.unwrap_or(time);
	readings.extend(coldest.map(|celsius| Reading { at: start, celsius }));
	readings.extend(warmest.map(|celsius| Reading { at: end, celsius }));
	Ok(())
}

/// Reads a logger's table: lines `time,celsius` with times as in RFC 3339 or in unix milliseconds, in order. A first line
/// that names the columns is skipped; nothing else is.
pub fn read_table(text: &str) -> Result<Vec<Reading>> {
	let refuse = |line: usize, what: &str| Error::usage("bad-reading", format!("line {}: {what}", line + 1));
	let mut readings: Vec<Reading> = Vec::new();
	// Spreadsheets begin their files with a mark of the encoding.
	let text = text.strip_prefix('\u{feff}').unwrap_or(text);
	for (number, line) in text.lines().enumerate() {
		let cells: Vec<_> = line.split(',').map(str::trim).collect();
		let [time, value] = cells.as_slice() else {
			return Err(refuse(number, "expected a time, a comma and degrees Celsius"));
		};
		if number == 0 && time.eq_ignore_ascii_case("time") && value.eq_ignore_ascii_case("celsius") {
			continue;
		}
		let digits = !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit());
		let at = if digits { time.parse().ok() } else { parse_rfc3339(time).and_then(|time| u64::try_from(time).ok()) };
		let at = at.ok_or_else(|| refuse(number, &format!("{time:?} is neither RFC 3339 nor unix milliseconds")))?;
		let plain = value.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
		let celsius = value.parse().ok().filter(|_| plain).and_then(|value| celsius(value, "CEL"));
		let celsius =
			celsius.ok_or_else(|| refuse(number, &format!("{value:?} is no temperature in degrees Celsius")))?;
		if readings.last().is_some_and(|before| before.at >= at) {
			return Err(refuse(number, "this time is not after that of the line before"));
		}
		readings.push(Reading { at, celsius });
	}
	Ok(readings)
}

/// The times when readings were below `min` or above `max` (both in degrees Celsius), and those of more than two intervals
/// (in milliseconds) without any reading. Where one follows another without a good reading between them, they are one: a
/// logger that was switched off while it was warm does not end the excursion.
pub fn excursions(readings: &[Reading], min: f64, max: f64, interval_ms: u64) -> Vec<Excursion> {
	let mut sorted = readings.to_vec();
	sorted.sort_by_key(|reading| reading.at);
	let mut found = Vec::new();
	// The one that has not ended, and how long it was until its latest reading.
	let mut open: Option<(Excursion, u64)> = None;
	let mut before: Option<Reading> = None;
	for reading in sorted {
		let gap = before.filter(|before| reading.at - before.at > interval_ms.saturating_mul(2));
		let outside = !(min..=max).contains(&reading.celsius);
		if let Some(before) = gap {
			let (excursion, _) = open.get_or_insert_with(|| (starting(before), 0));
			let until = include(excursion, reading);
			open = open.map(|(excursion, _)| (excursion, until));
		} else if outside {
			match &mut open {
				Some((excursion, length)) => *length = include(excursion, reading),
				None => open = Some((starting(reading), 0)),
			}
		}
		if outside {
			if let Some((excursion, length)) = &mut open {
				*length = (excursion.to - excursion.from).saturating_add(interval_ms);
			}
		} else if let Some(ended) = open.take() {
			found.push(closed(ended));
		}
		before = Some(reading);
	}
	found.extend(open.map(closed));
	found
}

fn starting(reading: Reading) -> Excursion {
	Excursion { from: reading.at, to: reading.at, min: reading.celsius, max: reading.celsius, minutes: 0 }
}

/// Extends an excursion to a reading; how long it is then.
fn include(excursion: &mut Excursion, reading: Reading) -> u64 {
	excursion.to = reading.at;
	excursion.min = excursion.min.min(reading.celsius);
	excursion.max = excursion.max.max(reading.celsius);
	excursion.to - excursion.from
}

fn closed((excursion, length): (Excursion, u64)) -> Excursion {
	let minutes = length.div_ceil(60_000).max(1);
	Excursion { minutes: u32::try_from(minutes).unwrap_or(u32::MAX), ..excursion }
}

#[cfg(test)]
mod tests {
	use super::*;
	use serde_json::json;

	const MINUTE: u64 = 60_000;

	fn every_ten_minutes(celsius: &[f64]) -> Vec<Reading> {
		let reading = |(number, celsius): (usize, &f64)| Reading { at: number as u64 * 10 * MINUTE, celsius: *celsius };
		celsius.iter().enumerate().map(reading).collect()
	}

	fn found(readings: &[Reading]) -> Vec<(u64, u64, f64, f64, u32)> {
		let all = excursions(readings, 2.0, 8.0, 10 * MINUTE);
		all.iter().map(|e| (e.from / MINUTE, e.to / MINUTE, e.min, e.max, e.minutes)).collect()
	}

	#[test]
	fn what_is_outside_is_an_excursion() {
		assert_eq!(found(&[]), []);
		assert_eq!(found(&every_ten_minutes(&[2.0, 8.0, 5.0])), []);
		assert_eq!(found(&every_ten_minutes(&[5.0, 8.1, 5.0])), [(10, 10, 8.1, 8.1, 10)]);
		assert_eq!(
			found(&every_ten_minutes(&[1.9, 5.0, 9.0, 12.0, 1.0, 5.0, 9.0])),
			[(0, 0, 1.9, 1.9, 10), (20, 40, 1.0, 12.0, 30), (60, 60, 9.0, 9.0, 10)]
		);
	}

	#[test]
	fn a_gap_of_more_than_two_intervals_is_one_too() {
		let mut readings = every_ten_minutes(&[5.0, 5.0, 5.0]);
		readings.push(Reading { at: 40 * MINUTE, celsius: 6.0 });
		assert_eq!(found(&readings), []);
		readings[3].at += 1;
		assert_eq!(found(&readings), [(20, 40, 5.0, 6.0, 21)]);
		// Warm before and after: one excursion.
		readings[2].celsius = 9.0;
		readings.push(Reading { at: 50 * MINUTE, celsius: 6.0 });
		assert_eq!(found(&readings), [(20, 40, 6.0, 9.0, 21)]);
		readings[3].celsius = 10.0;
		assert_eq!(found(&readings), [(20, 40, 9.0, 10.0, 31)]);
		readings.reverse();
		assert_eq!(found(&readings), [(20, 40, 9.0, 10.0, 31)]);
	}

	#[test]
	fn tables_are_read_line_by_line() {
		let table = "Time,Celsius\r\n1970-01-01T00:00:00Z,5.5\r\n60000, -20\n1970-01-01T01:02:00+01:00,+3.25\n";
		let readings = read_table(table).unwrap();
		assert_eq!(
			readings.iter().map(|r| (r.at, r.celsius)).collect::<Vec<_>>(),
			[(0, 5.5), (60000, -20.0), (120000, 3.25)]
		);
		assert_eq!(read_table(""), Ok(vec![]));
		for (table, line) in [
			("0,5\n1", "line 2"),
			("0,5\n\n1,5", "line 2"),
			("0,5,6", "line 1"),
			("0,5\ntime,celsius", "line 2"),
			("yesterday,5", "line 1"),
			("0,warm", "line 1"),
			("0,nan", "line 1"),
			("0,-300", "line 1"),
			("-1,5", "line 1"),
			("5,5\n5,5", "line 2"),
			("99999999999999999999,5", "line 1"),
		] {
			match read_table(table) {
				Err(Error::Refused { code: "bad-reading", at: None, message }) => {
					assert!(message.starts_with(line), "{message}")
				}
				other => panic!("{table:?}: {other:?}"),
			}
		}
	}

	#[test]
	fn sensor_events_are_read_in_every_unit() {
		let event = json!({"type": "ObjectEvent", "eventTime": "1970-01-01T00:10:00Z", "sensorElementList": [
			{"sensorReport": [{"type": "Temperature", "value": 41, "uom": "FAH"}, {"type": "Speed", "value": 1, "uom": "KMH"},
				{"type": "gs1:Temperature", "time": "1970-01-01T00:01:00Z", "value": 278.15, "uom": "KEL"}]},
			{"sensorMetadata": {"startTime": "1970-01-01T00:02:00Z", "endTime": "1970-01-01T00:03:00Z"},
				"sensorReport": [{"type": "Temperature", "minValue": 2, "maxValue": 4, "uom": "CEL"}]},
			{"sensorMetadata": {"time": "1970-01-01T00:04:00Z"},
				"sensorReport": [{"type": "Temperature", "value": 6.5, "uom": "CEL"}]},
		]});
		let readings = excursion_readings(&event).unwrap();
		let minutes: Vec<_> = readings.iter().map(|reading| (reading.at / MINUTE, reading.celsius)).collect();
		assert_eq!(minutes, [(1, 5.0), (2, 2.0), (3, 4.0), (4, 6.5), (10, 5.0)]);
		assert_eq!(excursion_readings(&json!([])), Ok(vec![]));
		for (report, at) in [
			(json!({"type": "Temperature", "value": 5}), "/sensorElementList/0/sensorReport/0/value"),
			(json!({"type": "Temperature", "value": "5", "uom": "CEL"}), "/sensorElementList/0/sensorReport/0/value"),
			(json!({"type": "Temperature", "uom": "CEL"}), "/sensorElementList/0/sensorReport/0"),
			(
				json!({"type": "Temperature", "value": 5, "uom": "CEL", "time": "x"}),
				"/sensorElementList/0/sensorReport/0/time",
			),
		] {
			let mut event = event.clone();
			event["sensorElementList"] = json!([{"sensorReport": [report]}]);
			match excursion_readings(&event) {
				Err(Error::Refused { at: Some(found), .. }) => assert_eq!(found, at),
				other => panic!("{at}: {other:?}"),
			}
		}
	}
}
