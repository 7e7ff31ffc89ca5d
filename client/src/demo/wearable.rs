//! A month of a wearable: heart rates anchored day by day, a care plan rule that alerts a clinician, the proof of one
//! measurement, and a consent whose end silences the rule.

use super::{scenes::Cast, stage::YEAR, unexpected, Event, Teller};
use crate::{
	care::{self, book::CareBook, Evaluator},
	chain::{calls, Notices},
	gateway::now,
	stream::{
		samples::{read_text, Measured},
		Holder, Which,
	},
	Error, Result,
};
use chrono::{DateTime, SecondsFormat};
use salus_primitives::{
	care::CareAlertView,
	consent::Reason,
	stream::{DeviceClass, StreamInput},
	time::DAY,
	Confidentiality, ConsentId, Moment, PatientId,
};
use serde::Serialize;
use serde_json::json;
use std::time::Duration;

/// Days that are anchored before the consent ends.
const DAYS: u64 = 30;
/// A heart rate each half an hour.
const INTERVAL: Moment = 30 * 60_000;
/// From this hour of the month's last days on the heart beats fast, for two hours.
const FAST_FROM: u64 = 14;
/// How long an alert may take to reach the clinician.
const ALERT_TIMEOUT: Duration = Duration::from_secs(60);

/// What became of the measurements.
#[derive(Serialize, Clone, PartialEq, Eq, Debug, Default)]
pub struct Measurements {
	/// Heart rates anchored.
	pub samples: usize,
	/// Batches they were anchored in.
	pub batches: u64,
	/// Alerts that a clinician was told of.
	pub alerts: usize,
	/// Findings that nobody was told of, since the consent had ended.
	pub silenced: usize,
}

/// Tells it of a patient, who consents to the second hospital's clinicians seeing what the first hospital has.
pub(super) async fn tell(
	cast: &Cast<'_>,
	patient: &PatientId,
	consent: ConsentId,
	teller: &mut Teller<impl FnMut(&Event)>,
) -> Result<()> {
	let (store, data_keys) = (cast.first.store()?, cast.first.data_keys()?);
	let (chain, gateway) = (cast.chain, &cast.first.gateway);
	let holder = Holder { chain, store: &store, keys: &data_keys, books: cast.first.folders.streams() };
	let evaluator = Evaluator {
		chain,
		signer: &gateway.signer,
		secret: &gateway.encryption,
		store: &store,
		keys: &data_keys,
		streams: cast.first.folders.streams(),
		book: CareBook::new(cast.first.folders.care()),
	};

	let input = StreamInput {
		nonce: rand::random(),
		device: DeviceClass::Wearable,
		confidentiality: Confidentiality::Normal,
		writer: Some(gateway.account()),
	};
	let (stream, block) = holder.open(&cast.keys.signer, patient, &input).await?;
	let what = format!("The patient opens a stream for a wearable, which {}'s gateway fills", cast.first.name);
	teller.step(what, Some(block), None);

	let clinician = &cast.second.clinician;
	let rule = json!({
		"metric": "heart-rate", "comparison": "above", "threshold": 120, "unit": "/min",
		"window_minutes": 90, "aggregation": "count", "count": 3, "tell": { "account": clinician.account() },
	});
	let until = now() + YEAR;
	let set = care::set_rule(chain, &cast.keys.signer, patient, rule.to_string(), &gateway.account(), until).await;
	let (handed, block) = set?;
	evaluator.accept(handed).await?;
	let what = format!(
		"The patient lets {} tell {} when three heart rates in 90 minutes are above 120; the chain has a hash of the rule",
		cast.first.name,
		cast.who()
	);
	teller.step(what, Some(block), None);

	let mut alerts = chain.subscribe_care_alerts(&clinician.account()).await?;
	let midnight = now() / DAY * DAY;
	let month = days(midnight - (DAYS + 1) * DAY, DAYS)?;
	let add = |samples| holder.add(&gateway.signer, patient, &stream, samples, |_| ());
	let added = add(month).await?;
	let what = format!(
		"{DAYS} days of the wearable are anchored: {} heart rates, encrypted, in {} batches",
		added.samples, added.batches
	);
	teller.step(what, added.blocks.last().copied(), None);

	let evaluated = evaluator.run(None).await?;
	let [raised] = evaluated.alerts.as_slice() else {
		return Err(unexpected(format!("one alert was to be raised: {evaluated:?}")));
	};
	let what = format!("The gateway finds the rule met on day {} and raises an alert", raised.alert.seq + 1);
	teller.step(what, Some(raised.block), None);
	let told = tokio::time::timeout(ALERT_TIMEOUT, final_alert(&mut alerts)).await;
	let told = told.map_err(|_| unexpected("the alert does not reach the clinician"))??;
	let alerted = cast.clinician().alert(&told).await?;
	let fast = alerted.samples.iter().filter(|sample| sample.value > 120_000).count();
	let reason = alerted.answer.decision.reason;
	if (told.patient, alerted.findings.is_empty(), reason) != (*patient, false, Reason::Consent) {
		return Err(unexpected(format!("the clinician was told {alerted:?}")));
	}
	let what = format!(
		"{} is alerted and reads that day under consent {consent}: {} heart rates, {fast} of them above 120",
		cast.who(),
		alerted.samples.len()
	);
	teller.step(what, Some(alerted.answer.block), Some(reason.code()));

	let at = midnight - 2 * DAY + FAST_FROM * 3_600_000;
	let mut proof = holder.prove(patient, &stream, Which::At(at)).await?;
	let present = chain.stream(patient, &stream, None).await?.ok_or_else(|| unexpected("the stream is gone"))?;
	proof.verify(&present.range)?;
	let value = proof.proof.sample.value;
	proof.proof.sample.value -= 40_000;
	match proof.verify(&present.range) {
		Err(Error::Corrupted(_)) => (),
		other => return Err(unexpected(format!("an altered measurement was taken for proved: {other:?}"))),
	}
	let what = format!("One measurement ({}/min) is proved against the chain; made lower, it is not", value / 1_000);
	teller.step(what, Some(proof.block.number), None);

	let block = cast.does(&calls::withdraw(patient, consent)).await?.block.number;
	teller.step(format!("The patient withdraws consent {consent}"), Some(block), None);
	let last = add(days(midnight - DAY, 1)?).await?;
	let silent = evaluator.run(None).await?;
	if (silent.alerts.len(), silent.silenced) != (0, 1) {
		return Err(unexpected(format!("the alert was to be silenced: {silent:?}")));
	}
	let block = chain.best().await?.number;
	teller.step("The next day meets the rule, too, and nobody is told", Some(block), Some(Reason::NoConsent.code()));

	teller.story.measurements = Measurements {
		samples: added.samples + last.samples,
		batches: last.total,
		alerts: evaluated.alerts.len(),
		silenced: silent.silenced,
	};
	Ok(())
}

/// The next alert that is final.
async fn final_alert(alerts: &mut Notices<CareAlertView>) -> Result<CareAlertView> {
	loop {
		let notice = alerts.next().await?;
		if notice.finalized {
			return Ok(notice.event);
		}
	}
}

/// Heart rates of days from a midnight (UTC) on, as Open mHealth documents; on the last of them the heart beats fast.
fn days(midnight: Moment, days: u64) -> Result<Vec<Measured>> {
	let mut lines = String::new();
	let end = midnight + days * DAY;
	let fast = end - DAY + FAST_FROM * 3_600_000;
	for at in (midnight..end).step_by(INTERVAL as usize) {
		// Slower by night, with something of a pattern.
		let by_night = at % DAY < DAY / 4;
		let usual = if by_night { 52 } else { 66 } + at / INTERVAL % 11;
		let beats = if (fast..fast + 4 * INTERVAL).contains(&at) { usual + 64 } else { usual };
		let moment = i64::try_from(at).ok().and_then(DateTime::from_timestamp_millis);
		let moment = moment.ok_or_else(|| unexpected("a day that no calendar has"))?;
		let document = json!({
			"heart_rate": { "value": beats, "unit": "beats/min" },
			"effective_time_frame": { "date_time": moment.to_rfc3339_opts(SecondsFormat::Secs, true) },
		});
		lines.push_str(&format!("{document}\n"));
	}
	read_text(&lines, "the wearable", now())
}
