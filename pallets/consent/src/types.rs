//! What the pallet stores.

use codec::{Decode, Encode, MaxEncodedLen};
use salus_primitives::{
	consent::{
		ActorRef, BreakGlass, Capacity, Consent, ConsentStatus, DefaultPolicy, Effect, EmergencyReason, Finding,
		GuardianScope, Period, Relationship, Standing, MAX_ACTIVE_CONSENTS,
	},
	inputs::{ConsentInput, Friend},
	time::{DAY, HOUR},
	views::SealedKey,
	AccountId, ConsentId, GuardianshipId, MemberRole, Moment, OrgId, PatientId, H256,
};
use scale_info::TypeInfo;
use sp_runtime::{traits::ConstU32, BoundedVec};

/// Active consents of one patient that are not a denial: one slot fewer than there are, so that an opt-out fits.
pub const MAX_ORDINARY_CONSENTS: usize = MAX_ACTIVE_CONSENTS as usize - 1;
/// Guardians of one patient.
pub const MAX_GUARDIANS: u32 = 8;
/// How far ahead the majority of a minor may be: longer than childhood anywhere.
pub const MAX_MINORITY: Moment = 25 * 365 * DAY;
/// Proposals to one patient that are not answered.
pub const MAX_PROPOSALS: u32 = 8;
/// Those of them that one organisation may make.
pub const MAX_PROPOSALS_OF_ORG: usize = 2;
/// How long a proposal can be accepted.
pub const PROPOSAL_LIFE: Moment = 30 * DAY;
/// How long an emergency access is open.
pub const GLASS_PERIOD: Moment = 4 * HOUR;
/// How soon the organisation must have reviewed it.
pub const GLASS_REVIEW: Moment = 72 * HOUR;
/// How long it is kept as evidence.
pub const GLASS_RETENTION: Moment = 365 * DAY;
/// Emergency accesses of one member that may await review at a time.
pub const MAX_AWAITING_REVIEW: u32 = 8;
/// Friends of one patient.
pub const MAX_FRIENDS: u32 = 8;
/// The shortest time in which a patient can object to a recovery.
pub const MIN_RECOVERY_DELAY: Moment = DAY;
/// The longest.
pub const MAX_RECOVERY_DELAY: Moment = 90 * DAY;

/// A deposit and who gets it back.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Deposit<Ticket> {
	/// Who paid.
	pub payer: AccountId,
	/// The ticket that returns it.
	pub ticket: Ticket,
}

/// A patient.
///
/// What always holds: guardianships and proposals have distinct numbers below `next_guardian` and `next_consent`, in
/// ascending order; an account has at most one guardianship that has not ended; a proposal is listed exactly as long as
/// its consent is stored as proposed.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Patient<Ticket> {
	/// Who controls the records; of a minor, from `minor_until` on.
	pub controller: AccountId,
	/// The majority of a patient who was registered as a minor. Nobody acts as the patient before it.
	pub minor_until: Option<Moment>,
	/// Counts changes to what is stored for the patient; 1 after registration.
	pub revision: u64,
	/// Whether emergency access is allowed.
	pub break_glass: BreakGlass,
	/// What holds without consent.
	pub default_policy: DefaultPolicy,
	/// Epoch of the label key, from 1.
	pub label_epoch: u32,
	/// The next consent's number.
	pub next_consent: ConsentId,
	/// The consents that are active and may not be over yet, in the order of their numbers.
	pub active: BoundedVec<ActiveConsent, ConstU32<MAX_ACTIVE_CONSENTS>>,
	/// Guardians, in the order of their numbers: those whose time has passed, too, until another is appointed.
	pub guardians: BoundedVec<Guardian, ConstU32<MAX_GUARDIANS>>,
	/// The next guardianship's number. None is given again, so that what an ended guardianship permitted stays ended.
	pub next_guardian: GuardianshipId,
	/// Proposals that are not answered, in the order of their numbers: those whose time has passed, too, until another
	/// is made.
	pub proposals: BoundedVec<Proposal, ConstU32<MAX_PROPOSALS>>,
	/// What was paid for the largest form of this entry.
	pub deposit: Deposit<Ticket>,
}

/// The authority of a guardianship that is no longer listed.
const NO_AUTHORITY: Period = Period { from: 0, until: Some(0) };

impl<Ticket> Patient<Ticket> {
	/// Whether nobody acts as the patient yet.
	pub fn is_minor(&self, now: Moment) -> bool {
		self.minor_until.is_some_and(|majority| now < majority)
	}

	/// In what capacity the account acts for the patient at this moment.
	pub fn capacity(&self, who: &AccountId, now: Moment) -> Option<Capacity> {
		if self.controller == *who && !self.is_minor(now) {
			return Some(Capacity::Patient);
		}
		self.guardianship_of(who, now).filter(|guardian| guardian.period.contains(now)).map(
			|Guardian { number, scope, period, .. }| Capacity::Guardian {
				number: *number,
				scope: *scope,
				period: *period,
			},
		)
	}

	/// The guardianship of an account that holds or is yet to begin. There is one at most.
	pub fn guardianship_of(&self, who: &AccountId, now: Moment) -> Option<&Guardian> {
		self.guardians.iter().find(|guardian| guardian.account == *who && !guardian.has_ended(now))
	}

	/// When a consent of this guardianship has its grantor's authority; `None` is always, since the patient gave it.
	pub fn authority(&self, guardianship: Option<GuardianshipId>) -> Option<Period> {
		let number = guardianship?;
		let listed = self.guardians.iter().find(|guardian| guardian.number == number);
		Some(listed.map_or(NO_AUTHORITY, |guardian| guardian.period))
	}

	/// When an active consent is in force: in its own period, as long as its grantor has authority.
	pub fn period_of(&self, consent: &ActiveConsent) -> Period {
		let own = Period { from: consent.start, until: consent.end };
		self.authority(consent.guardianship).map_or(own, |authority| own.within(authority))
	}

	/// Whether a consent is active and not over.
	pub fn is_live(&self, consent: ConsentId, now: Moment) -> bool {
		self.active.iter().any(|active| active.id == consent && !self.is_over(active, now))
	}

	/// Whether an active consent can never be in force again.
	pub fn is_over(&self, consent: &ActiveConsent, now: Moment) -> bool {
		self.period_of(consent).until.is_some_and(|until| until <= now)
	}
}

/// A guardian of a patient.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Guardian {
	/// The guardianship.
	pub number: GuardianshipId,
	/// Who.
	pub account: AccountId,
	/// Who appointed them; of a minor's first guardian, that guardian.
	pub appointed_by: AccountId,
	/// What they are to the patient.
	pub relationship: Relationship,
	/// How far it reaches.
	pub scope: GuardianScope,
	/// When it holds. One that began before the patient's majority ends with it at the latest.
	pub period: Period,
}

impl Guardian {
	/// Whether its time has passed.
	pub fn has_ended(&self, now: Moment) -> bool {
		self.period.until.is_some_and(|until| until <= now)
	}
}

/// A consent that an organisation asked for.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proposal {
	/// The consent, stored as proposed.
	pub id: ConsentId,
	/// The organisation whose member made it.
	pub org: OrgId,
	/// It can be accepted until before this moment.
	pub until: Moment,
}

/// What a decision must know of an active consent before it reads it.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
pub struct ActiveConsent {
	/// Its number.
	pub id: ConsentId,
	/// In force from this moment.
	pub start: Moment,
	/// In force until before this moment.
	pub end: Option<Moment>,
	/// The guardianship that it ends with.
	pub guardianship: Option<GuardianshipId>,
	/// Whom it may speak of.
	pub concern: Concern,
	/// Whether it only denies; see [`is_denial`].
	pub is_denial: bool,
}

impl ActiveConsent {
	/// The index entry of a consent.
	pub fn of(id: ConsentId, consent: &Consent) -> Self {
		Self {
			id,
			start: consent.start,
			end: consent.end,
			guardianship: consent.guardianship,
			concern: Concern::of_consent(consent),
			is_denial: is_denial(consent.base, consent.rules.iter().map(|rule| rule.effect)),
		}
	}
}

/// A care relationship of a patient with an organisation.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Care<Ticket> {
	/// Open until before this moment.
	pub until: Moment,
	/// The epoch of the label key that is sealed here.
	pub label_epoch: u32,
	/// Whose encryption key it is sealed to.
	pub recipient: AccountId,
	/// The patient's label key, sealed.
	pub sealed_label_key: SealedKey,
	/// What was paid for this entry.
	pub deposit: Deposit<Ticket>,
}

/// An emergency access of a clinician to a patient's records: a broken glass.
///
/// What always holds: it is open for [`GLASS_PERIOD`] at most and its review due [`GLASS_REVIEW`] after it was opened;
/// it is on its actor's list of those that await review exactly as long as it has neither review nor objection; its
/// deposit is its actor's.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Glass<Ticket> {
	/// The actor was a member of this organisation.
	pub org: OrgId,
	/// Why.
	pub reason: EmergencyReason,
	/// Salted hash of the justification.
	pub justification: H256,
	/// When.
	pub opened: Moment,
	/// Open until before this moment.
	pub until: Moment,
	/// When the organisation must have reviewed it.
	pub review_due: Moment,
	/// What the organisation found, with a salted hash of its report.
	pub review: Option<(Finding, H256)>,
	/// Salted hash of the patient's objection.
	pub objection: Option<H256>,
	/// What was paid for this entry and its place on the list of those that await review.
	pub deposit: Deposit<Ticket>,
}

/// An emergency access that awaits review: whose records, and when the review is due.
pub type Awaiting = (PatientId, Moment);

/// Who may help a patient who lost the controller's key, and what is under way.
///
/// What always holds: friends are distinct and as many as votes; the threshold is from 1 to their number and the delay
/// within its limits; the account that is due has as many votes as the threshold; nobody votes for the controller.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Recovery<Ticket> {
	/// The friends.
	pub friends: BoundedVec<Friend, ConstU32<MAX_FRIENDS>>,
	/// How many of them it takes.
	pub threshold: u8,
	/// How long the patient can object, in milliseconds.
	pub delay: Moment,
	/// For whom each friend vouched, in their order.
	pub votes: BoundedVec<Option<AccountId>, ConstU32<MAX_FRIENDS>>,
	/// The account that enough friends vouched for, and from when on it can take over.
	pub due: Option<(AccountId, Moment)>,
	/// What was paid for the largest form of this entry.
	pub deposit: Deposit<Ticket>,
}

/// Whether a consent with this base and rules only denies: an opt-out, for which a slot is kept.
pub fn is_denial(base: Effect, mut rules: impl Iterator<Item = Effect>) -> bool {
	base == Effect::Deny && rules.all(|effect| effect == Effect::Deny)
}

/// The consent of this input, given or asked for by the grantor.
pub fn consent_from(
	input: ConsentInput,
	grantor: AccountId,
	guardianship: Option<GuardianshipId>,
	start: Moment,
	status: ConsentStatus,
) -> Consent {
	Consent {
		grantor,
		guardianship,
		base: input.base,
		root: input.root,
		rules: input.rules,
		start,
		end: input.end,
		status,
		supersedes: input.supersedes,
		policy: input.policy,
		receipt: input.receipt,
		erase_by: input.erase_by,
	}
}

/// Whom a consent may speak of, as a Bloom filter of 64 bits.
///
/// Each member role has a bit of its own; accounts and organisations share the others by hash. A consent with a part
/// that names nobody speaks of everybody and has every bit. An actor whose bits are all absent from a consent's cannot
/// be named by it, so a decision need not read it; a bit present by chance costs one read and changes nothing.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Concern(u64);

/// Bits that roles have for themselves.
const ROLE_BITS: u32 = 8;
const _: () = assert!(MemberRole::ALL.len() <= ROLE_BITS as usize);

impl Concern {
	/// Of everybody.
	pub const EVERYBODY: Self = Self(u64::MAX);

	/// Whom the consent may speak of.
	pub fn of_consent(consent: &Consent) -> Self {
		consent
			.all_conditions()
			.map(|conditions| match &conditions.actors {
				None => Self::EVERYBODY,
				Some(actors) => actors.iter().map(Self::of_ref).fold(Self(0), Self::union),
			})
			.fold(Self(0), Self::union)
	}

	/// Everything that can name this actor.
	pub fn of_actor(actor: &AccountId, standing: &Standing) -> Self {
		let account = Self::of_ref(&ActorRef::Account(actor.clone()));
		let Standing::Active(member) = standing else { return account };
		member
			.roles
			.iter()
			.map(|role| Self::of_ref(&ActorRef::Role(role)))
			.fold(account.union(Self::of_ref(&ActorRef::Org(member.org))), Self::union)
	}

	/// Whether they share a bit.
	pub fn intersects(self, other: Self) -> bool {
		self.0 & other.0 != 0
	}

	fn union(self, other: Self) -> Self {
		Self(self.0 | other.0)
	}

	fn of_ref(named: &ActorRef) -> Self {
		let bit = match named {
			ActorRef::Role(role) => *role as u32,
			ActorRef::Account(_) | ActorRef::Org(_) => {
				let hash = u64::from_le_bytes(named.using_encoded(sp_io::hashing::twox_64));
				ROLE_BITS + (hash % u64::from(u64::BITS - ROLE_BITS)) as u32
			}
		};
		Self(1 << bit)
	}
}
