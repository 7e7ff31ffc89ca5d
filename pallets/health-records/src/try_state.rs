//! What always holds of the pallet's storage.

use super::*;
use alloc::collections::BTreeSet;
use salus_primitives::care::MAX_ALERTS_PER_DAY;
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks every invariant.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		Records::<T>::iter_values().try_for_each(|record| Self::check_record(&record))?;
		Self::check_offers()?;
		Self::check_receipts()?;
		Streams::<T>::iter_values().try_for_each(|stream| Self::check_stream(&stream))?;
		CarePlans::<T>::iter_values().try_for_each(|plan| Self::check_care_plan(&plan))?;
		Self::check_batches()
	}

	fn check_stream(stream: &Stream<TicketOf<T>>) -> Result<(), TryRuntimeError> {
		ensure!(stream.range.is_sound(), "a stream has a peak for each bit of the number of its batches");
		ensure!((stream.range.batches > 0) || stream.last_time == 0, "an empty stream has no time");
		ensure!(stream.writer.is_none() || stream.custodian.is_none(), "only patients name a writer");
		Ok(())
	}

	fn check_care_plan(plan: &CarePlan<TicketOf<T>>) -> Result<(), TryRuntimeError> {
		ensure!(plan.rules.windows(2).all(|pair| pair[0].id < pair[1].id), "rules are numbered in their order");
		for rule in &plan.rules {
			ensure!(rule.id < plan.next, "rules are numbered below the next number");
			ensure!(rule.alerts <= MAX_ALERTS_PER_DAY, "no rule causes more alerts in a day than it may");
			ensure!(rule.alerts == 0 || rule.day <= care::day_of(Self::now()), "alerts are of the past");
		}
		Ok(())
	}

	fn check_record(record: &Record<TicketOf<T>>) -> Result<(), TryRuntimeError> {
		ensure!(record.version > 0, "versions count from 1");
		ensure!(record.data_from <= record.data_to, "a record's period begins before it ends");
		match record.status {
			RecordStatus::Active => ensure!(record.version == 1, "an active record is at its first version"),
			RecordStatus::Amended => ensure!(record.version > 1, "an amended record is at a later version"),
			RecordStatus::Restricted | RecordStatus::EnteredInError => (),
			RecordStatus::Shredded => {
				let bare = record.locator.is_empty() && record.labels == 0 && record.episode.is_none();
				ensure!(bare, "a tombstone keeps neither locator nor labels nor episode");
				return Ok(());
			}
		}
		ensure!(valid_locator(&record.locator), "a record that is not shredded has a locator");
		Ok(())
	}

	/// Every offer is of a standing record that an organisation keeps, to another one.
	fn check_offers() -> Result<(), TryRuntimeError> {
		for (patient, id, offer) in CustodyOffers::<T>::iter() {
			let record = Records::<T>::get(patient, id).ok_or("offers are of known records")?;
			ensure!(record.stands(), "what is in error or shredded is not on offer");
			let from = record.custodian.ok_or("what is offered has a custodian")?;
			ensure!(from != offer.to, "a record is offered to another organisation");
		}
		Ok(())
	}

	/// Every receipt is about a known record and version, and numbered below the next number.
	fn check_receipts() -> Result<(), TryRuntimeError> {
		for (patient, index, stored) in Receipts::<T>::iter() {
			ensure!(index < ReceiptLogs::<T>::get(patient).next, "receipts are numbered below the next number");
			let (_, versions) = Self::reported(&patient, &stored.receipt.record)
				.ok_or("receipts are about known records or streams")?;
			ensure!((1..=versions).contains(&stored.receipt.version.into()), "receipts are about known versions");
		}
		for log in ReceiptLogs::<T>::iter_values() {
			let distinct: BTreeSet<_> = log.recent.iter().collect();
			ensure!(distinct.len() == log.recent.len(), "remembered fingerprints differ");
			ensure!(log.next >= log.recent.len() as u64, "every fingerprint is of a numbered receipt");
		}
		Ok(())
	}

	fn check_batches() -> Result<(), TryRuntimeError> {
		for (org, index, batch) in ReceiptBatches::<T>::iter() {
			ensure!(index < BatchCounts::<T>::get(org), "batches are numbered below the next number");
			ensure!(batch.count > 0 && batch.from <= batch.to, "batches have receipts and a period");
		}
		Ok(())
	}
}
