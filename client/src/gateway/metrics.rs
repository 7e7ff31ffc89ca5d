//! What a gateway counts, for Prometheus.
//!
//! It is served on an address of its own that only the operators' network reaches, never beside what the gateway serves:
//! somebody who could read the counts while others ask would learn when. They are of effects and receipts, and name no
//! patient, record, organisation or account.

use super::{http, journal::Draft, server::Gateway};
use crate::Result;
use axum::{
	extract::State,
	http::{header::CONTENT_TYPE, StatusCode},
	routing::get,
	Router,
};
use salus_primitives::consent::Effect;
use std::{
	fmt::Write,
	future::Future,
	sync::atomic::{AtomicU64, Ordering::Relaxed},
};
use tokio::net::TcpListener;

/// The form that Prometheus reads (its text format 0.0.4).
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Counts since the start.
#[derive(Default, Debug)]
pub(super) struct Counts {
	permitted: AtomicU64,
	refused: AtomicU64,
}

/// What the journal tells.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Receipts {
	/// On the disk and not yet on the chain.
	pub pending: u64,
	/// How long the oldest of these has been waiting, in seconds; 0 if there is none.
	pub oldest: u64,
	/// Not taken by the chain.
	pub failed: u64,
}

impl Counts {
	/// Counts decisions whose receipts are on the disk.
	pub fn count(&self, permitted: u64, refused: u64) {
		self.permitted.fetch_add(permitted, Relaxed);
		self.refused.fetch_add(refused, Relaxed);
	}

	/// The metrics as text: for each its meaning, its type, and its values.
	pub fn text(&self, receipts: Receipts) -> String {
		let (permitted, refused) = (self.permitted.load(Relaxed), self.refused.load(Relaxed));
		let mut text = String::new();
		let mut metric = |name: &str, kind: &str, help: &str, values: &[(&str, u64)]| {
			// Writing to a string cannot fail.
			let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
			for (labels, value) in values {
				let _ = writeln!(text, "{name}{labels} {value}");
			}
		};
		metric(
			"salus_gateway_decisions_total",
			"counter",
			"Decisions of the chain that the gateway carried out, by effect",
			&[("{effect=\"permit\"}", permitted), ("{effect=\"deny\"}", refused)],
		);
		metric(
			"salus_gateway_receipts_written_total",
			"counter",
			"Receipts put on the disk since the start",
			&[("", permitted + refused)],
		);
		metric(
			"salus_gateway_receipts_pending",
			"gauge",
			"Receipts on the disk that are not on the chain yet",
			&[("", receipts.pending)],
		);
		metric(
			"salus_gateway_oldest_pending_receipt_seconds",
			"gauge",
			"How long the oldest of these has been waiting",
			&[("", receipts.oldest)],
		);
		metric(
			"salus_gateway_receipts_failed",
			"gauge",
			"Receipts that the chain did not take",
			&[("", receipts.failed)],
		);
		text
	}
}

/// How many receipts are of permitted requests, and how many of refused ones.
pub(super) fn effects(drafts: &[Draft]) -> (u64, u64) {
	let permitted = drafts.iter().filter(|draft| draft.receipt.effect == Effect::Permit).count();
	(permitted as u64, (drafts.len() - permitted) as u64)
}

/// Serves `GET /metrics`, and nothing else, until `stop` is ready.
pub async fn serve(
	gateway: Gateway,
	listener: TcpListener,
	stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
	let router = Router::new()
		.route(
			"/metrics",
			get(|State(gateway): State<Gateway>| async move { ([(CONTENT_TYPE, TEXT)], gateway.metrics()) }),
		)
		.fallback(|| async { StatusCode::NOT_FOUND })
		.with_state(gateway);
	http::run(router, listener, stop, None).await
}

#[cfg(test)]
mod tests {
	use super::*;
	use crate::gateway::server::tests::draft;

	#[test]
	fn effects_are_counted_and_receipts_told() {
		let counts = Counts::default();
		let drafts = [draft(Effect::Permit), draft(Effect::Deny), draft(Effect::Deny)];
		assert_eq!(effects(&drafts), (1, 2));
		counts.count(1, 2);
		counts.count(0, 1);
		let text = counts.text(Receipts { pending: 5, oldest: 61, failed: 7 });
		for line in [
			"salus_gateway_decisions_total{effect=\"permit\"} 1",
			"salus_gateway_decisions_total{effect=\"deny\"} 3",
			"salus_gateway_receipts_written_total 4",
			"salus_gateway_receipts_pending 5",
			"salus_gateway_oldest_pending_receipt_seconds 61",
			"salus_gateway_receipts_failed 7",
		] {
			assert!(text.lines().any(|there| there == line), "{line} is not in\n{text}");
		}
	}

	#[test]
	fn every_metric_has_a_meaning_and_a_type_and_no_label_but_the_effect() {
		let text = Counts::default().text(Receipts::default());
		let mut described = Vec::new();
		for line in text.lines() {
			match line.strip_prefix("# ").map(|rest| rest.split(' ').collect::<Vec<_>>()) {
				Some(words) => described.push((words[0].to_owned(), words[1].to_owned())),
				None => {
					let name = line.split(['{', ' ']).next().unwrap().to_owned();
					for what in ["HELP", "TYPE"] {
						assert!(described.contains(&(what.to_owned(), name.clone())), "{line}");
					}
					let labels = line.split_once('{').map_or("", |(_, rest)| rest);
					assert!(labels.is_empty() || labels.starts_with("effect=") && !labels.contains(','), "{line}");
				}
			}
		}
	}
}
