//! What must always hold of the pallet's storage.

use crate::{types::ActiveConsent, types::MAX_ORDINARY_CONSENTS, Cares, Config, Consents, Pallet, Patients};
use alloc::collections::BTreeMap;
use frame_support::ensure;
use salus_primitives::{
	consent::{Consent, ConsentStatus},
	views::SEALED_KEY_LEN,
	ConsentId,
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks that:
	///
	/// 1. consents and care relationships belong to patients, and consents to numbers that were given;
	/// 2. a patient's index lists, in order, stored active consents as they are, and every one that has not expired;
	/// 3. a slot is kept for a denial;
	/// 4. every consent counted in the revision;
	/// 5. a consent ends after it starts and supersedes an earlier one only;
	/// 6. sealed keys have their length, of an epoch that there has been.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let now = Self::now();
		for (patient, entry) in Patients::<T>::iter() {
			ensure!(entry.label_epoch >= 1, "label epochs begin with 1");
			ensure!(entry.revision > u64::from(entry.next_consent), "a consent was given without a revision");
			ensure!(entry.active.windows(2).all(|pair| pair[0].id < pair[1].id), "the index is out of order");
			let ordinary = entry.active.iter().filter(|active| !active.is_denial).count();
			ensure!(ordinary <= MAX_ORDINARY_CONSENTS, "no slot is kept for a denial");

			let stored: BTreeMap<ConsentId, Consent> =
				Consents::<T>::iter_prefix(patient).map(|(id, (consent, _))| (id, consent)).collect();
			for active in &entry.active {
				let consent = stored.get(&active.id).ok_or("an indexed consent is not stored")?;
				ensure!(consent.status == ConsentStatus::Active, "an indexed consent has ended");
				ensure!(*active == ActiveConsent::of(active.id, consent), "the index misdescribes a consent");
			}
			for (id, consent) in stored {
				ensure!(id < entry.next_consent, "a consent has a number that was not given");
				ensure!(consent.end.is_none_or(|end| consent.start < end), "a consent ends before it starts");
				ensure!(consent.supersedes.is_none_or(|old| old < id), "a consent supersedes a later one");
				let live = consent.status == ConsentStatus::Active && consent.end.is_none_or(|end| now < end);
				ensure!(!live || entry.active.iter().any(|active| active.id == id), "a live consent is not indexed");
			}
		}
		for patient in Consents::<T>::iter_keys().map(|(patient, _)| patient) {
			ensure!(Patients::<T>::contains_key(patient), "a consent belongs to nobody");
		}
		for (patient, _, care) in Cares::<T>::iter() {
			let entry = Patients::<T>::get(patient).ok_or("a care relationship belongs to nobody")?;
			ensure!(care.sealed_label_key.len() == SEALED_KEY_LEN as usize, "a sealed key has a wrong length");
			ensure!((1..=entry.label_epoch).contains(&care.label_epoch), "a label key is of an epoch to come");
		}
		Ok(())
	}
}
