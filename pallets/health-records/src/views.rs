//! What runtime APIs and other pallets are told.

use super::*;
use salus_primitives::{
	consent::Resource,
	stream::StreamView,
	traits::Records as RecordsApi,
	views::{CustodyOfferView, Page, PatientEvent, ReceiptBatchView, ReceiptView, RecordView, MAX_PAGE},
};

/// What runtime APIs answer.
impl<T: Config> Pallet<T> {
	/// A record.
	pub fn record_view(patient: &PatientId, record: &RecordId) -> Option<RecordView> {
		Records::<T>::get(patient, record).map(|stored| stored.view(*patient, *record))
	}

	/// The patient's records, in the order of storage, those after the cursor; from 1 to [`MAX_PAGE`] of them.
	pub fn records_page(patient: &PatientId, cursor: Option<RecordId>, limit: u32) -> Page<RecordView, RecordId> {
		let mut stored = match cursor {
			Some(cursor) => Records::<T>::iter_prefix_from(patient, Records::<T>::hashed_key_for(patient, cursor)),
			None => Records::<T>::iter_prefix(patient),
		};
		let limit = limit.clamp(1, MAX_PAGE) as usize;
		let items: Vec<_> = stored.by_ref().take(limit).map(|(id, record)| record.view(*patient, id)).collect();
		let next = stored.next().and_then(|_| items.last().map(|record| record.id));
		Page { items, next }
	}

	/// A stream.
	pub fn stream_view(patient: &PatientId, stream: &StreamId) -> Option<StreamView> {
		Streams::<T>::get(patient, stream).map(|stored| stored.view(*patient, *stream))
	}

	/// The patient's streams, in the order of storage, those after the cursor; from 1 to [`MAX_PAGE`] of them.
	pub fn streams_page(patient: &PatientId, cursor: Option<StreamId>, limit: u32) -> Page<StreamView, StreamId> {
		let mut stored = match cursor {
			Some(cursor) => Streams::<T>::iter_prefix_from(patient, Streams::<T>::hashed_key_for(patient, cursor)),
			None => Streams::<T>::iter_prefix(patient),
		};
		let limit = limit.clamp(1, MAX_PAGE) as usize;
		let items: Vec<_> = stored.by_ref().take(limit).map(|(id, stream)| stream.view(*patient, id)).collect();
		let next = stored.next().and_then(|_| items.last().map(|stream| stream.id));
		Page { items, next }
	}

	/// The patient's receipts, latest first, those before the cursor; at most [`MAX_PAGE`] of them.
	///
	/// Pruned receipts leave gaps, and only [`MAX_PROBES`] numbers are looked at: a page may be short or empty although
	/// there is a next one.
	pub fn receipts_page(patient: &PatientId, cursor: Option<u64>, limit: u32) -> Page<ReceiptView, u64> {
		let end = ReceiptLogs::<T>::get(patient).next.min(cursor.unwrap_or(u64::MAX));
		let limit = limit.clamp(1, MAX_PAGE) as usize;
		let mut items = Vec::new();
		let mut next = end;
		for index in (end.saturating_sub(MAX_PROBES)..end).rev() {
			next = index;
			items.extend(Receipts::<T>::get(patient, index).map(|stored| stored.view(index)));
			if items.len() == limit {
				break;
			}
		}
		Page { items, next: Some(next).filter(|next| *next > 0) }
	}

	/// The root of a batch of receipts.
	pub fn receipt_batch_view(org: OrgId, index: u64) -> Option<ReceiptBatchView> {
		ReceiptBatches::<T>::get(org, index).map(|batch| batch.view(org, index))
	}

	/// Another custodian that a record was offered to.
	pub fn custody_offer_view(patient: &PatientId, record: &RecordId) -> Option<CustodyOfferView> {
		let offer = CustodyOffers::<T>::get(patient, record)?;
		let from = Records::<T>::get(patient, record)?.custodian?;
		Some(offer.view(*record, from))
	}

	/// What an event tells a patient's subscribers.
	pub fn patient_event(event: &Event<T>) -> Option<(PatientId, PatientEvent)> {
		Some(match event {
			Event::RecordAnchored { patient, record, .. } => {
				(*patient, PatientEvent::RecordAnchored { record: *record, version: 1 })
			}
			Event::RecordAmended { patient, record, version, .. } => {
				(*patient, PatientEvent::RecordAnchored { record: *record, version: *version })
			}
			Event::RecordStatusChanged { patient, record, status } => {
				(*patient, PatientEvent::RecordStatusChanged { record: *record, status: *status })
			}
			Event::CustodyOffered { patient, record, to, .. } => {
				(*patient, PatientEvent::CustodyOffered { record: *record, to: *to })
			}
			Event::CustodyChanged { patient, record, to, .. } => {
				(*patient, PatientEvent::CustodyChanged { record: *record, custodian: *to })
			}
			Event::AccessLogged { patient, index, actor, record, effect, reason, .. } => (
				*patient,
				PatientEvent::AccessLogged {
					index: *index,
					actor: actor.clone(),
					record: *record,
					effect: *effect,
					reason: *reason,
				},
			),
			Event::StreamOpened { patient, stream } => (*patient, PatientEvent::StreamOpened { stream: *stream }),
			Event::StreamGrown { patient, stream, batches } => {
				(*patient, PatientEvent::StreamGrown { stream: *stream, batches: *batches })
			}
			Event::StreamClosed { patient, stream } => (*patient, PatientEvent::StreamClosed { stream: *stream }),
			Event::CareRuleSet { patient, rule } => (*patient, PatientEvent::CareRuleSet { rule: *rule }),
			Event::CareRuleEnded { patient, rule } => (*patient, PatientEvent::CareRuleEnded { rule: *rule }),
			Event::CareAlertRaised { patient, rule, alert, .. } => (
				*patient,
				PatientEvent::CareAlertRaised {
					rule: *rule,
					stream: alert.stream,
					seq: alert.seq,
					clinician: alert.clinician.clone(),
				},
			),
			_ => return None,
		})
	}
}

impl<T: Config> RecordsApi for Pallet<T> {
	fn resource(patient: &PatientId, record: &RecordId) -> Option<(Resource, RecordStatus)> {
		let stored = Records::<T>::get(patient, record)?;
		Some((stored.resource(*record, T::Patients::label_epoch(patient)), stored.status))
	}

	fn resource_weight() -> Weight {
		T::WeightInfo::resource().saturating_add(T::Patients::lookup_weight())
	}
}
