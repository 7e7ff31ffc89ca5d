//! What must always hold of the pallet's storage.

use crate::{
	types::{
		ActiveConsent, Awaiting, GLASS_PERIOD, GLASS_REVIEW, MAX_ORDINARY_CONSENTS, MAX_PROPOSALS_OF_ORG,
		MAX_RECOVERY_DELAY, MIN_RECOVERY_DELAY,
	},
	AwaitingReview, Cares, Config, Consents, GlassRates, Glasses, Pallet, PatientOf, Patients, Recoveries,
};
use alloc::{
	collections::{BTreeMap, BTreeSet},
	vec::Vec,
};
use frame_support::ensure;
use salus_primitives::{
	consent::{Consent, ConsentStatus, Finding},
	time::DAY,
	views::SEALED_KEY_LEN,
	AccountId, ConsentId, Moment, OrgId, PatientId,
};
use sp_runtime::TryRuntimeError;

impl<T: Config> Pallet<T> {
	/// Checks that:
	///
	/// 1. consents and care relationships belong to patients, and consents to numbers that were given;
	/// 2. a patient's index lists, in order, stored active consents as they are, and every one that is not over;
	/// 3. a slot is kept for a denial;
	/// 4. every consent and guardianship counted in the revision;
	/// 5. a consent ends after it starts and supersedes an earlier one only;
	/// 6. sealed keys have their length, of an epoch that there has been;
	/// 7. guardianships are in order, of numbers that were given, one of an account at a time, and over at majority;
	/// 8. proposals are listed, in order, exactly as long as their consents are stored as proposed, and few of one
	///    organisation;
	/// 9. an emergency access is open and due for review no longer than it may be, closed if it was objected to or
	///    unjustified, and on its actor's list exactly as long as nobody reviewed it or objected; each was counted;
	/// 10. friends are distinct, and an account is due exactly if enough of them vouched for it.
	pub(crate) fn do_try_state() -> Result<(), TryRuntimeError> {
		let now = Self::now();
		for (patient, entry) in Patients::<T>::iter() {
			Self::check_patient(&patient, &entry, now)?;
			Self::check_guardians(&entry, now)?;
		}
		for patient in Consents::<T>::iter_keys().map(|(patient, _)| patient) {
			ensure!(Patients::<T>::contains_key(patient), "a consent belongs to nobody");
		}
		for (patient, _, care) in Cares::<T>::iter() {
			let entry = Patients::<T>::get(patient).ok_or("a care relationship belongs to nobody")?;
			ensure!(care.sealed_label_key.len() == SEALED_KEY_LEN as usize, "a sealed key has a wrong length");
			ensure!((1..=entry.label_epoch).contains(&care.label_epoch), "a label key is of an epoch to come");
		}
		Self::check_glasses(now)?;
		Self::check_recoveries()
	}

	/// A patient's own numbers, consents and proposals.
	fn check_patient(patient: &PatientId, entry: &PatientOf<T>, now: Moment) -> Result<(), TryRuntimeError> {
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
		let mut proposed: BTreeSet<ConsentId> = BTreeSet::new();
		for (id, consent) in &stored {
			let id = *id;
			ensure!(id < entry.next_consent, "a consent has a number that was not given");
			ensure!(consent.end.is_none_or(|end| consent.start < end), "a consent ends before it starts");
			ensure!(consent.supersedes.is_none_or(|old| old < id), "a consent supersedes a later one");
			ensure!(
				consent.guardianship.is_none_or(|number| number < entry.next_guardian),
				"a consent was given under a guardianship that there never was"
			);
			match consent.status {
				ConsentStatus::Active => {
					let over = entry.is_over(&ActiveConsent::of(id, consent), now);
					ensure!(over || entry.active.iter().any(|active| active.id == id), "a live consent is not indexed");
				}
				ConsentStatus::Proposed => {
					ensure!(consent.guardianship.is_none(), "a proposal has a guardian's authority");
					ensure!(consent.supersedes.is_none(), "a proposal replaces a consent");
					proposed.insert(id);
				}
				ConsentStatus::Rejected => return Err("a rejected proposal is stored".into()),
				_ => {}
			}
		}
		ensure!(entry.proposals.windows(2).all(|pair| pair[0].id < pair[1].id), "proposals are out of order");
		ensure!(entry.proposals.iter().map(|proposal| proposal.id).eq(proposed), "proposals are not as listed");
		let mut of_orgs: BTreeMap<OrgId, usize> = BTreeMap::new();
		for proposal in &entry.proposals {
			*of_orgs.entry(proposal.org).or_default() += 1;
		}
		ensure!(of_orgs.values().all(|count| *count <= MAX_PROPOSALS_OF_ORG), "too many proposals of an organisation");
		Ok(())
	}

	fn check_guardians(entry: &PatientOf<T>, now: Moment) -> Result<(), TryRuntimeError> {
		let guardians = &entry.guardians;
		ensure!(guardians.windows(2).all(|pair| pair[0].number < pair[1].number), "guardians are out of order");
		ensure!(
			guardians.iter().all(|guardian| guardian.number < entry.next_guardian),
			"a guardianship has a number that was not given"
		);
		// A minor's first guardian is appointed in the registration.
		ensure!(entry.revision >= u64::from(entry.next_guardian), "a guardian was appointed without a revision");
		let mut accounts: BTreeSet<&AccountId> = BTreeSet::new();
		for guardian in guardians {
			ensure!(
				guardian.period.until.is_none_or(|until| guardian.period.from < until),
				"a guardianship ends before it begins"
			);
			ensure!(
				guardian.has_ended(now) || accounts.insert(&guardian.account),
				"an account has two guardianships at a time"
			);
			if entry.is_minor(now) {
				let ends_in_time = guardian.period.until.is_some_and(|until| Some(until) <= entry.minor_until);
				ensure!(ends_in_time, "a guardianship outlives the minority");
			}
		}
		Ok(())
	}

	fn check_glasses(now: Moment) -> Result<(), TryRuntimeError> {
		let mut awaiting: BTreeMap<AccountId, BTreeSet<Awaiting>> = BTreeMap::new();
		let mut opened: BTreeMap<(OrgId, Moment), u32> = BTreeMap::new();
		for (patient, actor, glass) in Glasses::<T>::iter() {
			ensure!(Patients::<T>::contains_key(patient), "an emergency access to nobody's records");
			ensure!(glass.opened <= now, "an emergency access is of the future");
			ensure!(glass.until <= glass.opened.saturating_add(GLASS_PERIOD), "an emergency access is open too long");
			ensure!(glass.review_due == glass.opened.saturating_add(GLASS_REVIEW), "a review is due at a wrong time");
			ensure!(glass.deposit.payer == actor, "another paid for an emergency access");
			let unjustified = matches!(glass.review, Some((Finding::Unjustified, _)));
			ensure!(
				!unjustified && glass.objection.is_none() || glass.until <= now,
				"an emergency access that was objected to or unjustified is open"
			);
			*opened.entry((glass.org, glass.opened / DAY)).or_default() += 1;
			if glass.review.is_none() && glass.objection.is_none() {
				awaiting.entry(actor).or_default().insert((patient, glass.review_due));
			}
		}
		for (actor, listed) in AwaitingReview::<T>::iter() {
			let stored = awaiting.remove(&actor).unwrap_or_default();
			ensure!(!listed.is_empty(), "an empty list is stored");
			ensure!(listed.len() == stored.len(), "a list differs from what awaits review");
			ensure!(listed.iter().all(|item| stored.contains(item)), "a list differs from what awaits review");
		}
		ensure!(awaiting.is_empty(), "an emergency access awaits review on no list");
		for ((org, day), count) in opened {
			let (counted_day, counted) = GlassRates::<T>::get(org);
			ensure!(day <= u64::from(counted_day), "emergency accesses of a day were not counted");
			ensure!(day < u64::from(counted_day) || count <= counted, "an emergency access was not counted");
		}
		Ok(())
	}

	fn check_recoveries() -> Result<(), TryRuntimeError> {
		for (patient, recovery) in Recoveries::<T>::iter() {
			let entry = Patients::<T>::get(patient).ok_or("friends of nobody")?;
			let distinct: BTreeSet<_> = recovery.friends.iter().collect();
			ensure!(distinct.len() == recovery.friends.len(), "friends are not distinct");
			ensure!(
				(1..=recovery.friends.len()).contains(&usize::from(recovery.threshold)),
				"it takes more friends than there are, or none"
			);
			ensure!(
				(MIN_RECOVERY_DELAY..=MAX_RECOVERY_DELAY).contains(&recovery.delay),
				"the patient cannot object in time"
			);
			ensure!(recovery.votes.len() == recovery.friends.len(), "votes are not as many as friends");
			let votes: Vec<&AccountId> = recovery.votes.iter().flatten().collect();
			ensure!(!votes.contains(&&entry.controller), "a friend vouched for the controller");
			let enough = |account: &AccountId| {
				votes.iter().filter(|vote| **vote == account).count() >= usize::from(recovery.threshold)
			};
			match &recovery.due {
				Some((account, _)) => ensure!(enough(account), "an account is due without enough friends"),
				None => ensure!(!votes.iter().any(|vote| enough(vote)), "an account with enough friends is not due"),
			}
		}
		Ok(())
	}
}
