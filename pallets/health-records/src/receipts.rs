//! Receipts, and the roots of batches of them.

use super::*;

impl<T: Config> Pallet<T> {
	/// Stores the receipt of one request.
	pub(crate) fn do_log_access(who: AccountId, patient: PatientId, receipt: Receipt) -> DispatchResult {
		let now = Self::now();
		let org = Self::gateway(&who, now)?;
		let (custodian, versions) = Self::reported(&patient, &receipt.record).ok_or(Error::<T>::NotFound)?;
		let may_report = match custodian {
			Some(custodian) => custodian == org.org,
			None => org.org_roles.contains(OrgRole::Provider),
		};
		ensure!(may_report, Error::<T>::NotAuthorized);
		ensure!(is_consistent(&receipt), Error::<T>::InvalidReceipt);
		ensure!((1..=versions).contains(&receipt.version.into()), Error::<T>::UnknownVersion);
		Self::ensure_recent(receipt.at, now)?;

		let index = ReceiptLogs::<T>::try_mutate(patient, |log| {
			log.admit(Self::fingerprint(&receipt)).ok_or(Error::<T>::Replayed)
		})?;
		let ticket = T::Consideration::new(&who, Self::receipt_footprint())?;
		let event = Event::AccessLogged {
			patient,
			index,
			org: org.org,
			actor: receipt.actor.clone(),
			record: receipt.record,
			effect: receipt.effect,
			reason: receipt.reason,
		};
		let stored = StoredReceipt { org: org.org, gateway: who, block: Self::block(), receipt, ticket };
		Receipts::<T>::insert(patient, index, stored);
		Self::deposit_event(event);
		Ok(())
	}

	/// Who keeps the record or stream that a receipt names, and how many versions or batches there have been.
	pub(crate) fn reported(patient: &PatientId, id: &RecordId) -> Option<(Option<OrgId>, u64)> {
		if let Some(record) = Records::<T>::get(patient, id) {
			return Some((record.custodian, record.version.into()));
		}
		let stream = Streams::<T>::get(patient, StreamId(id.0))?;
		Some((stream.custodian, stream.range.batches))
	}

	/// Stores the root of a batch of receipts.
	pub(crate) fn do_log_batch(who: AccountId, root: H256, count: u32, from: Moment, to: Moment) -> DispatchResult {
		let now = Self::now();
		let org = Self::gateway(&who, now)?.org;
		ensure!(count > 0, Error::<T>::Empty);
		ensure!(from <= to, Error::<T>::InvertedPeriod);
		Self::ensure_recent(to, now)?;

		let index = BatchCounts::<T>::get(org);
		let next = index.checked_add(1).ok_or(Error::<T>::TooMany)?;
		let ticket = T::Consideration::new(&who, Self::batch_footprint())?;
		let batch = ReceiptBatch { root, count, from, to, gateway: who, block: Self::block(), ticket };
		ReceiptBatches::<T>::insert(org, index, batch);
		BatchCounts::<T>::insert(org, next);
		Self::deposit_event(Event::AccessBatchLogged { org, index, root, count, from, to });
		Ok(())
	}

	/// Removes an organisation's receipts about a patient that are past their retention.
	pub(crate) fn do_prune_receipts(who: AccountId, patient: PatientId, from_index: u64, count: u32) -> DispatchResult {
		let now = Self::now();
		let org = Self::gateway(&who, now)?.org;
		ensure!(count > 0, Error::<T>::Empty);
		ensure!(count <= MAX_PRUNE, Error::<T>::TooMany);

		let mut removed = 0;
		for index in from_index..from_index.saturating_add(count.into()) {
			let Some(stored) = Receipts::<T>::get(patient, index) else { continue };
			if stored.org != org || !Self::is_past_retention(stored.receipt.at, now) {
				continue;
			}
			stored.ticket.drop(&stored.gateway)?;
			Receipts::<T>::remove(patient, index);
			removed += 1;
		}
		ensure!(removed > 0, Error::<T>::NothingToPrune);
		Self::deposit_event(Event::ReceiptsPruned { patient, org, from_index, count: removed });
		Ok(())
	}

	/// Removes the root of an organisation's batch whose latest receipt is past its retention.
	pub(crate) fn do_prune_batch(who: AccountId, index: u64) -> DispatchResult {
		let now = Self::now();
		let org = Self::gateway(&who, now)?.org;
		let batch = ReceiptBatches::<T>::get(org, index)
			.filter(|batch| Self::is_past_retention(batch.to, now))
			.ok_or(Error::<T>::NothingToPrune)?;
		ReceiptBatches::<T>::remove(org, index);
		batch.ticket.drop(&batch.gateway)?;
		Self::deposit_event(Event::BatchPruned { org, index });
		Ok(())
	}

	fn is_past_retention(decided: Moment, now: Moment) -> bool {
		now >= decided.saturating_add(T::ReceiptRetention::get())
	}

	/// Whether a gateway decided this neither after now nor too long ago.
	fn ensure_recent(at: Moment, now: Moment) -> Result<(), Error<T>> {
		ensure!(at <= now.saturating_add(RECEIPT_AHEAD), Error::InFuture);
		ensure!(at >= now.saturating_sub(RECEIPT_BEHIND), Error::Expired);
		Ok(())
	}

	/// Tells a signed request for a record from every other.
	fn fingerprint(receipt: &Receipt) -> Fingerprint {
		let mut bytes = [0; 64];
		bytes[..32].copy_from_slice(&receipt.record.0);
		bytes[32..].copy_from_slice(receipt.request.as_bytes());
		sp_io::hashing::blake2_128(&bytes)
	}
}

/// Whether what a receipt says can have been decided.
fn is_consistent(receipt: &Receipt) -> bool {
	use Reason::*;
	let permits = matches!(receipt.reason, Patient | BreakGlass | Guardian | Consent | DefaultPolicy);
	let by_consent = matches!(receipt.reason, Consent | Denied | NotPermitted) || receipt.rule.is_some();
	permits == (receipt.effect == Effect::Permit) && (receipt.consent.is_some() || !by_consent)
}
