//! Calls of the runtime, by name, with arguments of `salus-primitives`.

use super::to_hex;
use codec::{Compact, Encode};
use salus_primitives::{
	care::{CareAlert, CareRuleId, CareRuleInput},
	consent::{BreakGlass, DefaultPolicy, EmergencyReason, Finding, Relationship},
	inputs::{AgreementInput, ConsentInput, Friend, Gln, GuardianInput, OrganisationInput, RecordInput, SponsorTerms},
	stream::{Batch, StreamInput},
	views::{KeySuite, Locator, Receipt, SealedKey},
	AccountId, AgreementId, ConsentId, GuardianshipId, MemberRoleSet, Moment, OrgId, PatientId, RecordId, StreamId,
	H256,
};
use subxt::{
	ext::scale_encode::{EncodeAsFields, Error, FieldIter, TypeResolver},
	tx::Payload,
};

/// A call: its names, and its arguments as SCALE.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
	pallet: &'static str,
	name: &'static str,
	arguments: Arguments,
}

/// Arguments that are encoded already.
#[derive(Clone, PartialEq, Eq)]
pub struct Arguments {
	count: usize,
	bytes: Vec<u8>,
}

impl EncodeAsFields for Arguments {
	fn encode_as_fields_to<R: TypeResolver>(
		&self,
		fields: &mut dyn FieldIter<'_, R::TypeId>,
		_: &R,
		out: &mut Vec<u8>,
	) -> Result<(), Error> {
		let expected = fields.count();
		if expected != self.count {
			let message = format!("the runtime's call takes {expected} arguments, this client gives {}", self.count);
			return Err(Error::custom_string(message));
		}
		out.extend(&self.bytes);
		Ok(())
	}
}

impl Payload for Call {
	type CallData = Arguments;

	fn pallet_name(&self) -> &str {
		self.pallet
	}

	fn call_name(&self) -> &str {
		self.name
	}

	fn call_data(&self) -> &Arguments {
		&self.arguments
	}
}

impl std::fmt::Display for Call {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "{}.{}", self.pallet, self.name)
	}
}

impl std::fmt::Debug for Call {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		write!(f, "{self}({})", to_hex(&self.arguments.bytes))
	}
}

/// A call with these arguments, in order.
macro_rules! call {
	($pallet:ident . $name:ident ( $($arg:expr),* $(,)? )) => {{
		let parts: Vec<Vec<u8>> = vec![$($arg.encode()),*];
		Call {
			pallet: stringify!($pallet),
			name: stringify!($name),
			arguments: Arguments { count: parts.len(), bytes: parts.concat() },
		}
	}};
}

pub mod drug;
pub mod network;
pub mod research;

/// Gives tokens to an account.
pub fn transfer(to: &AccountId, amount: u128) -> Call {
	// The address form that wallets use: variant 0 is an account.
	call!(Balances.transfer_keep_alive((0u8, to), Compact(amount)))
}

/// Makes several calls in one transaction; one that fails does not stop the others.
pub fn force_batch(encoded_calls: &[Vec<u8>]) -> Call {
	batch("force_batch", encoded_calls)
}

/// Makes several calls in one transaction: all or none.
pub fn batch_all(encoded_calls: &[Vec<u8>]) -> Call {
	batch("batch_all", encoded_calls)
}

fn batch(name: &'static str, encoded_calls: &[Vec<u8>]) -> Call {
	let mut calls = Compact(encoded_calls.len() as u32).encode();
	calls.extend(encoded_calls.concat());
	Call { pallet: "Utility", name, arguments: Arguments { count: 1, bytes: calls } }
}

/// Puts a motion to the council.
pub fn propose(threshold: u32, encoded_call: &[u8]) -> Call {
	let length = encoded_call.len() as u32;
	let bytes = [&Compact(threshold).encode(), encoded_call, &Compact(length).encode()].concat();
	Call { pallet: "Council", name: "propose", arguments: Arguments { count: 3, bytes } }
}

/// Votes on a motion of the council.
pub fn vote(motion: H256, index: u32, approve: bool) -> Call {
	call!(Council.vote(motion, Compact(index), approve))
}

/// Closes a motion of the council and carries it out.
pub fn close(motion: H256, index: u32, ref_time: u64, proof_size: u64, length: u32) -> Call {
	call!(Council.close(motion, Compact(index), (Compact(ref_time), Compact(proof_size)), Compact(length)))
}

/// Admits an organisation.
pub fn admit_organisation(org: &OrganisationInput, admin: &AccountId) -> Call {
	call!(Participants.admit_organisation(org, admin))
}

/// Suspends an organisation.
pub fn suspend_organisation(org: OrgId) -> Call {
	call!(Participants.suspend_organisation(org))
}

/// Makes a suspended organisation active again.
pub fn reinstate_organisation(org: OrgId) -> Call {
	call!(Participants.reinstate_organisation(org))
}

/// Ends an organisation's accreditation for good.
pub fn revoke_organisation(org: OrgId) -> Call {
	call!(Participants.revoke_organisation(org))
}

/// Prolongs an organisation's licence.
pub fn renew_licence(org: OrgId, licence_until: Moment) -> Call {
	call!(Participants.renew_licence(org, licence_until))
}

/// Says whether an organisation shares with others under agreements only.
pub fn set_requires_agreement(org: OrgId, requires_agreement: bool) -> Call {
	call!(Participants.set_requires_agreement(org, requires_agreement))
}

/// Adds an administrator of an organisation.
pub fn add_admin(org: OrgId, who: &AccountId) -> Call {
	call!(Participants.add_admin(org, who))
}

/// Removes an administrator of an organisation.
pub fn remove_admin(org: OrgId, who: &AccountId) -> Call {
	call!(Participants.remove_admin(org, who))
}

/// Adds or updates a member of an organisation.
pub fn add_member(
	org: OrgId,
	who: &AccountId,
	roles: MemberRoleSet,
	premises: Option<Gln>,
	until: Option<Moment>,
) -> Call {
	call!(Participants.add_member(org, who, roles, premises, until))
}

/// Removes a member of an organisation.
pub fn remove_member(org: OrgId, who: &AccountId) -> Call {
	call!(Participants.remove_member(org, who))
}

/// Registers or rotates the signer's encryption key.
pub fn set_encryption_key(public_key: [u8; 32]) -> Call {
	call!(Participants.set_encryption_key(KeySuite::HpkeX25519, H256(public_key)))
}

/// Proposes a data sharing agreement for one of its sides.
pub fn propose_agreement(org: OrgId, agreement: &AgreementInput) -> Call {
	call!(Participants.propose_agreement(org, agreement))
}

/// Accepts a data sharing agreement for the side that was asked.
pub fn accept_agreement(org: OrgId, custodian: OrgId, recipient: OrgId, agreement: AgreementId) -> Call {
	call!(Participants.accept_agreement(org, custodian, recipient, agreement))
}

/// Ends a data sharing agreement for one of its sides, or takes a proposal back.
pub fn end_agreement(org: OrgId, custodian: OrgId, recipient: OrgId, agreement: AgreementId) -> Call {
	call!(Participants.end_agreement(org, custodian, recipient, agreement))
}

/// Says what an organisation pays for the accounts that it enrols, out of the signer's balance; `None` ends it.
pub fn set_sponsor_terms(org: OrgId, terms: Option<SponsorTerms>) -> Call {
	call!(Sponsorship.set_terms(org, terms))
}

/// Has an organisation pay for an account.
pub fn enrol(org: OrgId, account: &AccountId) -> Call {
	call!(Sponsorship.enrol(org, account))
}

/// Ends that an organisation pays for an account.
pub fn dismiss(org: OrgId, account: &AccountId) -> Call {
	call!(Sponsorship.dismiss(org, account))
}

/// Ends that an organisation pays for the signer.
pub fn leave_sponsor() -> Call {
	call!(Sponsorship.leave())
}

/// Registers a patient, controlled by the signer.
pub fn register_patient(patient: &PatientId, default_policy: DefaultPolicy, break_glass: BreakGlass) -> Call {
	call!(Consent.register_patient(patient, default_policy, break_glass))
}

/// Changes what holds without consent.
pub fn set_policy(patient: &PatientId, default_policy: DefaultPolicy, break_glass: BreakGlass) -> Call {
	call!(Consent.set_policy(patient, default_policy, break_glass))
}

/// Opens or prolongs a care relationship.
pub fn open_care(patient: &PatientId, org: OrgId, until: Moment, recipient: &AccountId, sealed: &SealedKey) -> Call {
	call!(Consent.open_care(patient, org, until, recipient, sealed))
}

/// Closes a care relationship.
pub fn close_care(patient: &PatientId, org: OrgId) -> Call {
	call!(Consent.close_care(patient, org))
}

/// Gives a consent.
pub fn grant(patient: &PatientId, consent: &ConsentInput) -> Call {
	call!(Consent.grant(patient, consent))
}

/// Withdraws a consent.
pub fn withdraw(patient: &PatientId, consent: ConsentId) -> Call {
	call!(Consent.withdraw(patient, consent))
}

/// Marks a consent as one that should never have been.
pub fn enter_consent_in_error(patient: &PatientId, consent: ConsentId) -> Call {
	call!(Consent.enter_consent_in_error(patient, consent))
}

/// Removes a consent that has ended, for its deposit.
pub fn remove_consent(patient: &PatientId, consent: ConsentId) -> Call {
	call!(Consent.remove_consent(patient, consent))
}

/// Registers a minor: the signer is the guardian, `ward` takes over at the moment of majority.
pub fn register_minor(
	patient: &PatientId,
	default_policy: DefaultPolicy,
	break_glass: BreakGlass,
	ward: &AccountId,
	majority: Moment,
	relationship: Relationship,
) -> Call {
	call!(Consent.register_minor(patient, default_policy, break_glass, ward, majority, relationship))
}

/// Appoints a guardian.
pub fn appoint_guardian(patient: &PatientId, guardian: &GuardianInput) -> Call {
	call!(Consent.appoint_guardian(patient, guardian))
}

/// Ends a guardianship.
pub fn end_guardian(patient: &PatientId, number: GuardianshipId) -> Call {
	call!(Consent.end_guardian(patient, number))
}

/// Asks a patient for a consent.
pub fn propose_consent(patient: &PatientId, consent: &ConsentInput) -> Call {
	call!(Consent.propose(patient, consent))
}

/// Gives a consent that was asked for.
pub fn accept_consent(patient: &PatientId, consent: ConsentId) -> Call {
	call!(Consent.accept(patient, consent))
}

/// Refuses a consent that was asked for, or takes the question back.
pub fn reject_consent(patient: &PatientId, consent: ConsentId) -> Call {
	call!(Consent.reject(patient, consent))
}

/// Opens an emergency access.
pub fn break_glass(patient: &PatientId, reason: EmergencyReason, justification: H256) -> Call {
	call!(Consent.break_glass(patient, reason, justification))
}

/// Reviews an emergency access for the organisation whose member opened it.
pub fn review_glass(patient: &PatientId, actor: &AccountId, finding: Finding, report: H256) -> Call {
	call!(Consent.review_glass(patient, actor, finding, report))
}

/// Objects to an emergency access, and so closes it.
pub fn object_to_glass(patient: &PatientId, actor: &AccountId, objection: H256) -> Call {
	call!(Consent.object_to_glass(patient, actor, objection))
}

/// Removes an emergency access that is past its retention, for its deposit.
pub fn remove_glass(patient: &PatientId, actor: &AccountId) -> Call {
	call!(Consent.remove_glass(patient, actor))
}

/// Chooses who may help with a lost key: `threshold` of `friends`, after `delay` milliseconds. None of them ends it.
pub fn set_friends(patient: &PatientId, friends: &[Friend], threshold: u8, delay: Moment) -> Call {
	call!(Consent.set_friends(patient, friends, threshold, delay))
}

/// Vouches, as a friend, for an account to take over.
pub fn vouch(patient: &PatientId, account: &AccountId) -> Call {
	call!(Consent.vouch(patient, account))
}

/// Stops a recovery.
pub fn stop_recovery(patient: &PatientId) -> Call {
	call!(Consent.stop_recovery(patient))
}

/// Carries out a recovery that is due.
pub fn finish_recovery(patient: &PatientId) -> Call {
	call!(Consent.finish_recovery(patient))
}

/// Anchors records, all or none.
pub fn anchor_many(patient: &PatientId, records: &[RecordInput]) -> Call {
	call!(HealthRecords.anchor_many(patient, records))
}

/// Replaces a record by its next version.
pub fn amend(patient: &PatientId, record: &RecordInput) -> Call {
	call!(HealthRecords.amend(patient, record))
}

/// Keeps a record from everyone but the patient.
pub fn restrict(patient: &PatientId, record: &RecordId) -> Call {
	call!(HealthRecords.restrict(patient, record))
}

/// Lifts a restriction.
pub fn lift_restriction(patient: &PatientId, record: &RecordId) -> Call {
	call!(HealthRecords.lift_restriction(patient, record))
}

/// Marks a record as one that should never have been.
pub fn enter_in_error(patient: &PatientId, record: &RecordId) -> Call {
	call!(HealthRecords.enter_in_error(patient, record))
}

/// Marks a record as destroyed.
pub fn shred(patient: &PatientId, record: &RecordId) -> Call {
	call!(HealthRecords.shred(patient, record))
}

/// Writes who was given or refused a record.
pub fn log_access(patient: &PatientId, receipt: &Receipt) -> Call {
	call!(HealthRecords.log_access(patient, receipt))
}

/// Writes the root of a batch of receipts.
pub fn log_access_batch(root: H256, count: u32, from: Moment, to: Moment) -> Call {
	call!(HealthRecords.log_access_batch(root, count, from, to))
}

/// Removes a batch of receipts of the signer's organisation that is past its retention.
pub fn prune_batch(index: u64) -> Call {
	call!(HealthRecords.prune_batch(index))
}

/// Offers a record to another organisation.
pub fn offer_custody(patient: &PatientId, record: &RecordId, to: OrgId) -> Call {
	call!(HealthRecords.offer_custody(patient, record, to))
}

/// Agrees, as the patient, to a record's offer to this organisation.
pub fn approve_custody(patient: &PatientId, record: &RecordId, to: OrgId) -> Call {
	call!(HealthRecords.approve_custody(patient, record, to))
}

/// Takes over a record that was offered and approved.
pub fn accept_custody(patient: &PatientId, record: &RecordId, locator: &Locator) -> Call {
	call!(HealthRecords.accept_custody(patient, record, locator))
}

/// Takes back or refuses the offer of a record.
pub fn withdraw_offer(patient: &PatientId, record: &RecordId) -> Call {
	call!(HealthRecords.withdraw_offer(patient, record))
}

/// Opens a stream.
pub fn open_stream(patient: &PatientId, stream: &StreamInput) -> Call {
	call!(HealthRecords.open_stream(patient, stream))
}

/// Adds batches to a stream, all or none.
pub fn append_stream(patient: &PatientId, stream: &StreamId, batches: &[Batch]) -> Call {
	call!(HealthRecords.append_stream(patient, stream, batches))
}

/// Closes a stream for good.
pub fn close_stream(patient: &PatientId, stream: &StreamId) -> Call {
	call!(HealthRecords.close_stream(patient, stream))
}

/// Lets an organisation evaluate a rule and alert somebody.
pub fn set_care_rule(patient: &PatientId, rule: &CareRuleInput) -> Call {
	call!(HealthRecords.set_care_rule(patient, rule))
}

/// Ends a rule.
pub fn end_care_rule(patient: &PatientId, rule: CareRuleId) -> Call {
	call!(HealthRecords.end_care_rule(patient, rule))
}

/// Tells somebody that samples meet a rule.
pub fn raise_care_alert(patient: &PatientId, rule: CareRuleId, alert: &CareAlert) -> Call {
	call!(HealthRecords.raise_care_alert(patient, rule, alert))
}
