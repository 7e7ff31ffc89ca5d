//! A logger's readings, measured against what products must be stored at.

use super::holder::{batch, inside};
use crate::{
	chain::Chain,
	epcis::logger::{excursion_readings, excursions, read_table, Reading},
	Error, Result,
};
use salus_primitives::drug::{Load, Readings, StorageRule};
use std::collections::BTreeSet;

/// Milliseconds of a minute.
const MINUTE: u64 = 60_000;

/// Reads a logger's table, or the sensor events of an EPCIS document.
pub fn read(text: &str) -> Result<Vec<Reading>> {
	let readings = match serde_json::from_str(text) {
		Ok(document @ (serde_json::Value::Object(_) | serde_json::Value::Array(_))) => excursion_readings(&document)?,
		_ => read_table(text)?,
	};
	if readings.is_empty() {
		return Err(Error::usage("no-readings", "there is no temperature in the file"));
	}
	Ok(readings)
}

/// What the chain is told of readings under a rule.
pub fn measure(readings: &[Reading], rule: &StorageRule) -> Readings {
	let tenths = |celsius: f64| (celsius * 10.0).clamp(i16::MIN.into(), i16::MAX.into());
	let all = || readings.iter().map(|reading| tenths(reading.celsius));
	let (min, max) = (f64::from(rule.min) / 10.0, f64::from(rule.max) / 10.0);
	let found = excursions(readings, min, max, u64::from(rule.interval) * MINUTE);
	let minutes = found.iter().fold(0u32, |sum, excursion| sum.saturating_add(excursion.minutes));
	let gaps = readings.windows(2).map(|pair| pair[1].at.saturating_sub(pair[0].at).div_ceil(MINUTE));
	Readings {
		// Rounded away from what is allowed: what was too warm by a hundredth is not made good.
		min: all().fold(f64::INFINITY, f64::min).floor() as i16,
		max: all().fold(f64::NEG_INFINITY, f64::max).ceil() as i16,
		minutes,
		longest_gap: gaps.max().map_or(0, |gap| u32::try_from(gap).unwrap_or(u32::MAX)),
	}
}

/// The rules of the products in a load.
pub async fn rules(chain: &Chain, load: &Load) -> Result<Vec<StorageRule>> {
	let mut products = BTreeSet::new();
	for number in inside(chain, load).await?.units.keys() {
		products.insert(batch(chain, *number).await?.gtin);
	}
	let mut rules = Vec::new();
	for gtin in products {
		rules.extend(chain.product(gtin).await?.and_then(|product| product.storage));
	}
	Ok(rules)
}

#[cfg(test)]
mod tests {
	use super::*;

	const RULE: StorageRule = StorageRule { min: 20, max: 80, interval: 10 };

	fn table(celsius: &[(u64, &str)]) -> Vec<Reading> {
		let lines: String = celsius.iter().map(|(minute, value)| format!("{},{value}\n", minute * MINUTE)).collect();
		read(&lines).unwrap()
	}

	#[test]
	fn good_readings_keep_the_rule() {
		let readings = measure(&table(&[(0, "2.0"), (10, "8.0"), (20, "5.31")]), &RULE);
		assert_eq!(readings, Readings { min: 20, max: 80, minutes: 0, longest_gap: 10 });
		assert!(!RULE.is_broken_by(&readings));
	}

	#[test]
	fn what_is_too_warm_or_missing_breaks_it() {
		let warm = measure(&table(&[(0, "5"), (10, "8.01"), (20, "5")]), &RULE);
		assert!(warm.max == 81 && warm.minutes > 0 && RULE.is_broken_by(&warm));
		let gap = measure(&table(&[(0, "5"), (21, "5")]), &RULE);
		assert!(gap.longest_gap == 21 && RULE.is_broken_by(&gap));
	}

	#[test]
	fn epcis_sensor_events_are_read_too() {
		let event = r#"{"type":"ObjectEvent","eventTime":"2026-01-01T00:00:00Z","sensorElementList":[{"sensorReport":[
			{"type":"Temperature","value":9.5,"uom":"CEL"}]}]}"#;
		assert_eq!(measure(&read(event).unwrap(), &RULE).max, 95);
		assert!(read("{}").is_err() && read("").is_err() && read("time,celsius\n").is_err());
	}
}
