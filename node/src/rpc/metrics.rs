//! What the node counts of its own answers, for Prometheus. Codes only: no patient, account or pack.

use salus_primitives::{consent::Effect, drug::Verdict};
use substrate_prometheus_endpoint::{register, CounterVec, Opts, PrometheusError, Registry, U64};

/// Counters of answers.
#[derive(Clone)]
pub struct Metrics {
	decisions: CounterVec<U64>,
	verifications: CounterVec<U64>,
}

impl Metrics {
	/// Those of a node that serves metrics. JSON-RPC is built for each address it listens on, counters are registered once.
	pub fn of(registry: Option<&Registry>) -> Result<Option<Self>, sc_service::Error> {
		registry.map(Self::register).transpose().map_err(|error| sc_service::Error::Application(Box::new(error)))
	}

	/// Registers the counters; every label is there from the start, so that rates begin at zero.
	pub fn register(registry: &Registry) -> Result<Self, PrometheusError> {
		let counter =
			|name: &str, help: &str, label: &str| register(CounterVec::new(Opts::new(name, help), &[label])?, registry);
		let metrics = Self {
			decisions: counter("salus_decisions_total", "Access decisions told over JSON-RPC, by effect", "effect")?,
			verifications: counter("salus_verifications_total", "Packs verified over JSON-RPC, by verdict", "verdict")?,
		};
		for effect in [Effect::Permit, Effect::Deny] {
			metrics.decisions.with_label_values(&[name(effect)]);
		}
		for verdict in Verdict::ALL {
			metrics.verifications.with_label_values(&[verdict.code()]);
		}
		Ok(metrics)
	}

	/// Counts a decision.
	pub fn decided(&self, effect: Effect) {
		self.decisions.with_label_values(&[name(effect)]).inc();
	}

	/// Counts a verdict on a pack.
	pub fn verified(&self, verdict: Verdict) {
		self.verifications.with_label_values(&[verdict.code()]).inc();
	}
}

fn name(effect: Effect) -> &'static str {
	match effect {
		Effect::Permit => "permit",
		Effect::Deny => "deny",
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn answers_are_counted_by_their_codes() {
		let registry = Registry::default();
		let metrics = Metrics::register(&registry).unwrap();
		metrics.decided(Effect::Deny);
		metrics.decided(Effect::Deny);
		metrics.verified(Verdict::Genuine);
		let count = |family: &str, label: &str| {
			let families = registry.gather();
			let family = families.iter().find(|found| found.get_name() == family).unwrap();
			let metric = family.get_metric().iter().find(|metric| metric.get_label()[0].get_value() == label);
			metric.unwrap().get_counter().get_value() as u64
		};
		assert_eq!((count("salus_decisions_total", "deny"), count("salus_decisions_total", "permit")), (2, 0));
		assert_eq!(count("salus_verifications_total", "genuine"), 1);
		assert!(Metrics::register(&registry).is_err(), "names are taken once");
	}
}
