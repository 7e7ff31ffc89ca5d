//! What the pallet stores.

use codec::{Decode, Encode, MaxEncodedLen};
use salus_primitives::{
	consent::{ActorRef, BreakGlass, Consent, DefaultPolicy, Effect, Standing, MAX_ACTIVE_CONSENTS},
	inputs::ConsentInput,
	views::SealedKey,
	AccountId, ConsentId, MemberRole, Moment,
};
use scale_info::TypeInfo;
use sp_runtime::{traits::ConstU32, BoundedVec};

/// Active consents of one patient that are not a denial: one slot fewer than there are, so that an opt-out fits.
pub const MAX_ORDINARY_CONSENTS: usize = MAX_ACTIVE_CONSENTS as usize - 1;

/// A deposit and who gets it back.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Deposit<Ticket> {
	/// Who paid.
	pub payer: AccountId,
	/// The ticket that returns it.
	pub ticket: Ticket,
}

/// A patient.
#[derive(Encode, Decode, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct Patient<Ticket> {
	/// Who controls the records.
	pub controller: AccountId,
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
	/// The consents that are active and may not have expired yet, in the order of their numbers.
	pub active: BoundedVec<ActiveConsent, ConstU32<MAX_ACTIVE_CONSENTS>>,
	/// What was paid for the largest form of this entry.
	pub deposit: Deposit<Ticket>,
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
			concern: Concern::of_consent(consent),
			is_denial: is_denial(consent.base, consent.rules.iter().map(|rule| rule.effect)),
		}
	}

	/// Whether it can never be in force again.
	pub fn is_expired(&self, now: Moment) -> bool {
		self.end.is_some_and(|end| end <= now)
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

/// Whether a consent with this base and rules only denies: an opt-out, for which a slot is kept.
pub fn is_denial(base: Effect, mut rules: impl Iterator<Item = Effect>) -> bool {
	base == Effect::Deny && rules.all(|effect| effect == Effect::Deny)
}

/// The consent that a controller gives with this input.
pub fn consent_from(input: ConsentInput, grantor: AccountId, start: Moment) -> Consent {
	Consent {
		grantor,
		guardianship: None,
		base: input.base,
		root: input.root,
		rules: input.rules,
		start,
		end: input.end,
		status: salus_primitives::consent::ConsentStatus::Active,
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
