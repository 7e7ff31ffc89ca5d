//! The document of a care plan rule, and its evaluation over samples.
//!
//! ```json
//! { "metric": "blood-glucose", "comparison": "above", "threshold": 180, "unit": "mg/dL",
//!   "window_minutes": 60, "aggregation": "count", "count": 3, "tell": { "account": "5…" } }
//! ```
//!
//! At every sample of the metric the *window* holds those that began within `window_minutes` up to it, itself among them.
//! The rule is met there if
//!
//! | `aggregation` | |
//! |---|---|
//! | `count` | at least `count` samples of the window compare so with the threshold |
//! | `mean`, `sum`, `min`, `max` | the window has at least `count` samples, and this of their values compares so |
//!
//! It is *found* at a sample where it is met and was not at the one before, and again once a whole window has gone by since
//! it was found last: a fever is told at its beginning and from time to time, not with every measurement.

use crate::{Error, Result};
use salus_primitives::{
	care::Recipient,
	stream::{Metric, Sample},
	Moment,
};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// Longest window, in minutes: a month.
pub const MAX_WINDOW: u32 = 31 * 24 * 60;
/// Longest document, in bytes.
pub const MAX_DOCUMENT: usize = 4 * 1024;

const MINUTE: Moment = 60_000;

/// How values and the threshold are compared.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
	/// Greater.
	Above,
	/// Greater or equal.
	AtLeast,
	/// Less.
	Below,
	/// Less or equal.
	AtMost,
}

impl Comparison {
	/// Whether a value compares so with the threshold, both multiplied by `scale`.
	fn holds(self, value: i128, threshold: i128) -> bool {
		match self {
			Self::Above => value > threshold,
			Self::AtLeast => value >= threshold,
			Self::Below => value < threshold,
			Self::AtMost => value <= threshold,
		}
	}
}

/// What of a window is compared.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Aggregation {
	/// Each sample.
	Count,
	/// The mean of the values.
	Mean,
	/// Their sum.
	Sum,
	/// The least.
	Min,
	/// The greatest.
	Max,
}

/// A rule, as it is written in its document.
#[derive(Serialize, Deserialize, Clone, PartialEq, Debug)]
#[serde(deny_unknown_fields)]
struct Written {
	metric: Metric,
	comparison: Comparison,
	threshold: f64,
	unit: String,
	window_minutes: u32,
	aggregation: Aggregation,
	#[serde(default = "one")]
	count: u32,
	tell: Recipient,
}

fn one() -> u32 {
	1
}

/// A rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
	/// What is measured.
	pub metric: Metric,
	/// How it is compared.
	pub comparison: Comparison,
	/// With what, in thousandths of the metric's unit.
	pub threshold: i64,
	/// Length of the window, in milliseconds.
	pub window: Moment,
	/// What of the window is compared.
	pub aggregation: Aggregation,
	/// Samples that it takes.
	pub count: u32,
	/// Who is told.
	pub tell: Recipient,
}

/// Where a rule was found to be met.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
pub struct Finding {
	/// What was measured.
	pub metric: Metric,
	/// When the sample began at which it is met (unix milliseconds).
	pub at: Moment,
	/// The value that was compared, in thousandths of the unit: of `count` the sample's own, of `mean` rounded down.
	pub value: i64,
	/// Samples of the window that were compared: of `count` those that compare so, else all.
	pub samples: u32,
}

impl Rule {
	/// Reads a document. It is taken byte for byte: the commitment is over what the patient wrote.
	pub fn read(document: &str) -> Result<Self> {
		if document.len() > MAX_DOCUMENT {
			return Err(Error::refused("TooLong", "", format!("a rule has at most {MAX_DOCUMENT} bytes")));
		}
		let malformed = |error: serde_json::Error| Error::refused("MalformedRule", "", error.to_string());
		let written: Written = serde_json::from_str(document).map_err(malformed)?;
		let unit = written.metric.unit();
		if written.unit != unit {
			let message = format!("{} is in {unit} here", written.metric.code());
			return Err(Error::refused("WrongUnit", "/unit", message));
		}
		let thousandths = (written.threshold * 1_000.0).round();
		let exact = (thousandths / 1_000.0 - written.threshold).abs() <= f64::EPSILON * written.threshold.abs();
		if !exact || thousandths.abs() > 1e15 {
			return Err(Error::refused("BadThreshold", "/threshold", "a threshold has at most three decimal places"));
		}
		if !(1..=MAX_WINDOW).contains(&written.window_minutes) {
			return Err(Error::refused(
				"BadWindow",
				"/window_minutes",
				format!("a window has 1 to {MAX_WINDOW} minutes"),
			));
		}
		if written.count == 0 {
			return Err(Error::refused("BadCount", "/count", "it takes at least one sample"));
		}
		Ok(Self {
			metric: written.metric,
			comparison: written.comparison,
			threshold: thousandths as i64,
			window: Moment::from(written.window_minutes) * MINUTE,
			aggregation: written.aggregation,
			count: written.count,
			tell: written.tell,
		})
	}

	/// Where the rule is found among samples in whatever order. Those before `since` fill the first windows and are not
	/// told of again.
	pub fn evaluate(&self, samples: &[Sample], since: Moment) -> Vec<Finding> {
		let mut samples: Vec<_> = samples.iter().filter(|sample| sample.metric == self.metric).copied().collect();
		samples.sort_by_key(|sample| (sample.from, sample.to, sample.value));
		let mut window = VecDeque::new();
		let (mut was_met, mut told): (bool, Option<Moment>) = (false, None);
		let mut findings = Vec::new();
		for sample in samples {
			window.push_back(sample);
			while window.front().is_some_and(|first: &Sample| sample.from - first.from >= self.window) {
				window.pop_front();
			}
			let met = self.met(&window, sample);
			let again = told.is_none_or(|told| sample.from - told >= self.window);
			if let Some(finding) = met.filter(|_| !was_met || again) {
				told = Some(sample.from);
				if sample.from >= since {
					findings.push(finding);
				}
			}
			was_met = met.is_some();
		}
		findings
	}

	/// Whether the window that ends with this sample meets the rule.
	fn met(&self, window: &VecDeque<Sample>, last: Sample) -> Option<Finding> {
		let threshold = i128::from(self.threshold);
		let values = || window.iter().map(|sample| i128::from(sample.value));
		let all = window.len() as i128;
		let compared = match self.aggregation {
			Aggregation::Count => values().filter(|value| self.comparison.holds(*value, threshold)).count() as i128,
			_ => all,
		};
		if compared < i128::from(self.count) {
			return None;
		}
		let (value, holds) = match self.aggregation {
			// The sample itself is one of them: otherwise nothing happened here.
			Aggregation::Count => {
				let value = i128::from(last.value);
				(value, self.comparison.holds(value, threshold))
			}
			Aggregation::Mean => {
				let sum: i128 = values().sum();
				(sum.div_euclid(all), self.comparison.holds(sum, threshold * all))
			}
			Aggregation::Sum => {
				let sum = values().sum();
				(sum, self.comparison.holds(sum, threshold))
			}
			Aggregation::Min => {
				let least = values().min()?;
				(least, self.comparison.holds(least, threshold))
			}
			Aggregation::Max => {
				let greatest = values().max()?;
				(greatest, self.comparison.holds(greatest, threshold))
			}
		};
		holds.then(|| Finding {
			metric: self.metric,
			at: last.from,
			value: i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX }),
			samples: u32::try_from(compared).unwrap_or(u32::MAX),
		})
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use serde_json::{json, Value};

	fn document() -> Value {
		json!({
			"metric": "blood-glucose",
			"comparison": "above",
			"threshold": 180,
			"unit": "mg/dL",
			"window_minutes": 60,
			"aggregation": "count",
			"count": 2,
			"tell": { "org": 1 },
		})
	}

	fn rule(changes: Value) -> Rule {
		let mut document = document();
		for (name, value) in changes.as_object().unwrap() {
			document[name] = value.clone();
		}
		Rule::read(&document.to_string()).unwrap()
	}

	/// A glucose sample at this minute, in mg/dL.
	fn sample(minute: u64, value: i64) -> Sample {
		let from = minute * MINUTE;
		Sample { metric: Metric::BloodGlucose, value: value * 1_000, from, to: from }
	}

	fn minutes(findings: &[Finding]) -> Vec<u64> {
		findings.iter().map(|finding| finding.at / MINUTE).collect()
	}

	#[test]
	fn so_many_samples_over_the_threshold_within_the_window_are_found() {
		let rule = rule(json!({}));
		assert_eq!(rule.evaluate(&[sample(0, 181)], 0), []);
		assert_eq!(rule.evaluate(&[sample(0, 181), sample(60, 181)], 0), []);
		let found = rule.evaluate(&[sample(59, 190), sample(0, 181), sample(30, 100)], 0);
		let finding = Finding { metric: Metric::BloodGlucose, at: 59 * MINUTE, value: 190_000, samples: 2 };
		assert_eq!(found, [finding]);
		// Equal is not above.
		assert_eq!(rule.evaluate(&[sample(0, 180), sample(1, 180)], 0), []);
	}

	#[test]
	fn what_lasts_is_told_at_its_beginning_and_once_a_window() {
		let rule = rule(json!({ "count": 1 }));
		let samples: Vec<_> = (0..15).map(|n| sample(n * 10, 200)).collect();
		assert_eq!(minutes(&rule.evaluate(&samples, 0)), [0, 60, 120]);
		let samples = [sample(0, 200), sample(10, 100), sample(20, 200), sample(25, 200)];
		assert_eq!(minutes(&rule.evaluate(&samples, 0)), [0, 20]);
	}

	#[test]
	fn old_samples_fill_the_window_and_are_not_told_of_again() {
		let rule = rule(json!({}));
		let samples = [sample(0, 200), sample(10, 200), sample(100, 200), sample(110, 200)];
		assert_eq!(minutes(&rule.evaluate(&samples, 0)), [10, 110]);
		assert_eq!(minutes(&rule.evaluate(&samples, 11 * MINUTE)), [110]);
		assert_eq!(minutes(&rule.evaluate(&samples[..2], 10 * MINUTE)), [10]);
		assert_eq!(minutes(&rule.evaluate(&samples[1..2], 10 * MINUTE)), [0u64; 0]);
	}

	#[test]
	fn aggregates_need_their_number_of_samples() {
		let samples = [sample(0, 100), sample(1, 290), sample(2, 150)];
		let found = |aggregation: &str, comparison: &str, threshold: f64, count: u32| {
			let changes = json!({
				"aggregation": aggregation, "comparison": comparison, "threshold": threshold, "count": count
			});
			let findings = rule(changes).evaluate(&samples, 0);
			findings.iter().map(|finding| (finding.at / MINUTE, finding.value, finding.samples)).collect::<Vec<_>>()
		};
		assert_eq!(found("mean", "above", 180.0, 1), [(1, 195_000, 2)]);
		assert_eq!(found("mean", "at-least", 180.0, 3), [(2, 180_000, 3)]);
		assert_eq!(found("mean", "above", 180.0, 3), []);
		assert_eq!(found("sum", "at-least", 540.0, 1), [(2, 540_000, 3)]);
		assert_eq!(found("max", "at-most", 100.0, 1), [(0, 100_000, 1)]);
		assert_eq!(found("min", "below", 100.001, 2), [(1, 100_000, 2)]);
		assert_eq!(found("min", "below", 100.0, 1), []);
		assert_eq!(found("sum", "above", 0.0, 4), []);
	}

	#[test]
	fn a_mean_is_compared_exactly() {
		let thirds = [sample(0, 180), sample(1, 180), Sample { value: 180_001, ..sample(2, 0) }];
		let rule = rule(json!({ "aggregation": "mean", "count": 3 }));
		assert_eq!(rule.evaluate(&thirds, 0).len(), 1);
		assert_eq!(rule.evaluate(&thirds, 0)[0].value, 180_000);
	}

	#[test]
	fn other_metrics_are_not_looked_at() {
		let heart = Sample { metric: Metric::HeartRate, ..sample(1, 999) };
		assert_eq!(rule(json!({ "count": 1 })).evaluate(&[heart], 0), []);
	}

	#[test]
	fn extreme_samples_do_not_overflow() {
		let extreme = |value| [Sample { value, from: u64::MAX, to: u64::MAX, ..sample(0, 0) }; 3];
		for aggregation in ["count", "mean", "sum", "min", "max"] {
			for value in [i64::MIN, i64::MAX] {
				let rule = rule(json!({ "aggregation": aggregation, "count": 3, "comparison": "at-least" }));
				assert_eq!(rule.evaluate(&extreme(value), 0).len(), usize::from(value > 0), "{aggregation} {value}");
			}
		}
	}

	#[test]
	fn what_is_no_rule_is_refused_by_place() {
		let refused = |name: &str, value: Value| {
			let mut document = document();
			document[name] = value;
			match Rule::read(&document.to_string()) {
				Err(Error::Refused { code, at, .. }) => (code, at.unwrap_or_default()),
				other => panic!("{name}: {other:?}"),
			}
		};
		let at = |code, at: &str| (code, at.to_owned());
		assert_eq!(refused("unit", json!("mmol/L")), at("WrongUnit", "/unit"));
		assert_eq!(refused("threshold", json!(1.0005)), at("BadThreshold", "/threshold"));
		assert_eq!(refused("threshold", json!(1e300)), at("BadThreshold", "/threshold"));
		assert_eq!(refused("window_minutes", json!(0)), at("BadWindow", "/window_minutes"));
		assert_eq!(refused("window_minutes", json!(MAX_WINDOW + 1)), at("BadWindow", "/window_minutes"));
		assert_eq!(refused("count", json!(0)), at("BadCount", "/count"));
		for (name, value) in [
			("metric", json!("mood")),
			("comparison", json!("near")),
			("aggregation", json!("median")),
			("tell", json!("everybody")),
			("note", json!("call me")),
			("threshold", json!("180")),
		] {
			assert_eq!(refused(name, value).0, "MalformedRule", "{name}");
		}
		assert_eq!(refused("unit", json!("x".repeat(MAX_DOCUMENT))).0, "TooLong");
		assert_eq!(rule(json!({ "threshold": 37.005 })).threshold, 37_005);
	}

	proptest! {
		#![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

		/// However the samples are cut into batches, the same is found: each batch is evaluated with what came before it.
		#[test]
		fn cutting_into_batches_changes_nothing(
			steps in prop::collection::vec((1u64..40, 100i64..260), 1..60),
			cut in 0usize..60,
			kind in prop::sample::select(vec!["count", "mean", "sum", "min", "max"]),
			count in 1u32..4,
		) {
			let rule = rule(json!({ "aggregation": kind, "count": count }));
			let mut minute = 0;
			let samples: Vec<_> = steps.iter().map(|(step, value)| {
				minute += step;
				sample(minute, *value)
			}).collect();
			let cut = cut.min(samples.len());
			let whole = rule.evaluate(&samples, 0);
			let mut parts = rule.evaluate(&samples[..cut], 0);
			if let Some(first) = samples.get(cut) {
				parts.extend(rule.evaluate(&samples, first.from));
			}
			prop_assert_eq!(whole, parts);
		}
	}
}
