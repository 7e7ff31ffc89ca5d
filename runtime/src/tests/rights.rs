//! Patients' rights through real transactions: without tokens, and against those who would take a way around.

use super::{
	story::Story,
	transactions::{transaction, transaction_with_tip, validate},
	*,
};
use salus_primitives::{
	api::runtime_decl_for_sponsorship_api::SponsorshipApi,
	inputs::SponsorTerms,
	views::{OrgStatus, SponsorshipView},
	ConsentId,
};
use sp_keyring::Sr25519Keyring::{One, Two};

/// Ferdie's consent and patient, as in the story.
const CONSENT: ConsentId = 0;

/// The first hospital sponsors, and enrols an account that owns nothing.
fn enrol(who: Sr25519Keyring) -> OrgId {
	assert_ok!(council(&[Alice, Bob], admission(Dave)));
	let terms = SponsorTerms { per_account: UNIT, per_day: 100 * UNIT };
	assert_ok!(dispatch(Dave, pallet_sponsorship::Call::set_terms { org: 0, terms: Some(terms) }));
	assert_ok!(dispatch(Dave, pallet_sponsorship::Call::enrol { org: 0, account: who.to_account_id() }));
	0
}

fn registration(patient: PatientId) -> RuntimeCall {
	pallet_consent::Call::register_patient {
		patient,
		default_policy: DefaultPolicy::Deny,
		break_glass: BreakGlass::Allowed,
	}
	.into()
}

fn withdrawal(patient: PatientId) -> RuntimeCall {
	pallet_consent::Call::withdraw { patient, consent: CONSENT }.into()
}

fn for_anybody() -> ConsentInput {
	ConsentInput {
		base: Effect::Permit,
		root: Conditions::default(),
		rules: Default::default(),
		start: None,
		end: None,
		supersedes: None,
		policy: Hash::repeat_byte(2),
		receipt: Hash::repeat_byte(3),
		erase_by: None,
	}
}

fn apply(who: Sr25519Keyring, call: RuntimeCall) {
	assert_ok!(Executive::apply_extrinsic(transaction(who, call)).expect("a transaction that is valid"));
}

fn owns_nothing(who: Sr25519Keyring) -> bool {
	let account = System::account(who.to_account_id()).data;
	(account.free, account.reserved) == (0, 0)
}

fn sponsorship(who: Sr25519Keyring) -> SponsorshipView {
	<Runtime as SponsorshipApi<Block>>::sponsorship(who.to_account_id())
}

#[test]
fn a_patient_without_tokens_registers_consents_and_withdraws() {
	development(|| {
		let patient = PatientId([4; 32]);
		assert!(owns_nothing(One));
		assert_eq!(validate(transaction(One, registration(patient))), Err(InvalidTransaction::Payment.into()));

		enrol(One);
		let payer = Balances::free_balance(Dave.to_account_id());
		apply(One, registration(patient));
		apply(One, pallet_consent::Call::grant { patient, consent: for_anybody() }.into());
		apply(One, withdrawal(patient));

		assert!(owns_nothing(One));
		assert!(Balances::free_balance(Dave.to_account_id()) < payer);
		let view = sponsorship(One);
		assert!(view.storage > 0 && view.left_today < UNIT);
		let consents = Runtime::consents(patient, None, 1).items;
		assert_eq!(consents[0].consent.status, salus_primitives::consent::ConsentStatus::Withdrawn);
	})
}

#[test]
fn who_owns_nothing_can_leave_the_sponsor() {
	development(|| {
		enrol(One);
		apply(One, pallet_sponsorship::Call::leave {}.into());
		assert_eq!(sponsorship(One).sponsor, None);
		assert_eq!(
			validate(transaction(One, registration(PatientId([4; 32])))),
			Err(InvalidTransaction::Payment.into())
		);
	})
}

#[test]
fn what_the_sponsor_paid_reaches_the_pot() {
	development(|| {
		enrol(One);
		let pot = CollatorSelection::account_id();
		let before = (Balances::free_balance(&pot), Balances::free_balance(Dave.to_account_id()));
		apply(One, registration(PatientId([4; 32])));
		let paid = before.1 - Balances::free_balance(Dave.to_account_id());
		assert!(paid > 0);
		assert_eq!(Balances::free_balance(&pot), before.0 + paid);
	})
}

#[test]
fn a_patient_withdraws_for_nothing_without_a_sponsor() {
	development(|| {
		let story = Story::until_consent();
		let before = Balances::free_balance(Ferdie.to_account_id());
		apply(Ferdie, withdrawal(story.patient));
		assert_eq!(Balances::free_balance(Ferdie.to_account_id()), before);
		assert!(!story.eve_may_read());
	})
}

#[test]
fn free_calls_are_for_who_acts_for_the_patient_and_run_out() {
	development(|| {
		let story = Story::until_consent();
		let restriction =
			|| pallet_health_records::Call::restrict { patient: story.patient, record: story.record }.into();
		let paid = |who: Sr25519Keyring, call: RuntimeCall| {
			let before = Balances::free_balance(who.to_account_id());
			let _ = Executive::apply_extrinsic(transaction(who, call)).expect("a transaction that is valid");
			before - Balances::free_balance(who.to_account_id())
		};
		assert!(paid(Eve, restriction()) > 0);
		let free = sponsorship(Ferdie).waivers_left;
		assert!(free > 0);
		// All but the first fail, and count: what fails must not be free without limit.
		for left in (0..free).rev() {
			assert_eq!(paid(Ferdie, restriction()), 0);
			assert_eq!(sponsorship(Ferdie).waivers_left, left);
		}
		assert!(paid(Ferdie, restriction()) > 0);
	})
}

#[test]
fn a_tip_a_wrapper_and_another_call_are_not_sponsored() {
	development(|| {
		enrol(One);
		let refused = Err(InvalidTransaction::Payment.into());
		let call = registration(PatientId([4; 32]));
		assert_eq!(validate(transaction_with_tip(One, call.clone(), 1)), refused);
		assert_eq!(validate(transaction(One, pallet_utility::Call::batch { calls: vec![call] }.into())), refused);
		assert_eq!(validate(transaction(One, transfer())), refused);
	})
}

#[test]
fn a_suspended_sponsor_pays_nothing_more() {
	development(|| {
		let org = enrol(One);
		assert_ok!(council(&[Alice, Bob], pallet_participants::Call::suspend_organisation { org }));
		assert_eq!(Participants::organisation_view(org).map(|view| view.status), Some(OrgStatus::Suspended));
		let call = registration(PatientId([4; 32]));
		assert_eq!(validate(transaction(One, call)), Err(InvalidTransaction::Payment.into()));
	})
}

/// Misuse: revoke then read in the same block.
#[test]
fn a_withdrawal_refuses_the_next_read_in_its_own_block() {
	development(|| {
		let story = Story::until_consent();
		assert!(story.eve_may_read());
		let block = System::block_number();
		apply(Ferdie, withdrawal(story.patient));
		let answer = story.ask_for_eve();
		assert_eq!((answer.decision.reason, answer.block), (Reason::NoConsent, block));
	})
}

/// Misuse: bypass through batch, proxy, multisig or council.
#[test]
fn no_wrapper_acts_for_a_patient_who_did_not_allow_it() {
	let refused: DispatchError = pallet_consent::Error::<Runtime>::NotAuthorized.into();
	development(|| {
		let story = Story::until_record();
		let grant: RuntimeCall = pallet_consent::Call::grant { patient: story.patient, consent: for_anybody() }.into();

		let batch = pallet_utility::Call::batch_all { calls: vec![grant.clone()] };
		assert_eq!(dispatch(Eve, batch), Err(refused));

		let real = Ferdie.to_account_id().into();
		let proxy = pallet_proxy::Call::proxy { real, force_proxy_type: None, call: Box::new(grant.clone()) };
		assert_eq!(dispatch(Eve, proxy), Err(pallet_proxy::Error::<Runtime>::NotProxy.into()));

		let others = vec![Ferdie.to_account_id()];
		let multisig =
			pallet_multisig::Call::as_multi_threshold_1 { other_signatories: others, call: Box::new(grant.clone()) };
		assert_eq!(dispatch(Eve, multisig), Err(refused));

		let derivative = pallet_utility::Call::as_derivative { index: 0, call: Box::new(grant.clone()) };
		assert_eq!(dispatch(Eve, derivative), Err(refused));

		assert_eq!(council(&[Alice, Bob, Charlie], grant), Err(DispatchError::BadOrigin));
		assert!(!story.eve_may_read());
		assert!(Runtime::consents(story.patient, None, 1).items.is_empty());
	})
}

/// Misuse: withdrawal front-run in the pool.
#[test]
fn what_is_put_before_a_withdrawal_does_not_outlive_it() {
	development(|| {
		let story = Story::until_consent();
		let grant =
			transaction(Ferdie, pallet_consent::Call::grant { patient: story.patient, consent: for_anybody() }.into());
		assert_ok!(Executive::apply_extrinsic(grant.clone()).expect("a transaction that is valid"));
		// Who saw the withdrawals coming gets a proposal in before them, and the patient's own old grant after them.
		apply(Eve, pallet_consent::Call::propose { patient: story.patient, consent: for_anybody() }.into());
		apply(Ferdie, withdrawal(story.patient));
		apply(Ferdie, pallet_consent::Call::withdraw { patient: story.patient, consent: 1 }.into());
		assert_eq!(Executive::apply_extrinsic(grant), Err(InvalidTransaction::Stale.into()));
		assert!(!story.eve_may_read());
	})
}

/// An account that nobody enrolled and that owns nothing cannot even be a nuisance.
#[test]
fn who_owns_nothing_and_is_not_enrolled_reaches_no_block() {
	development(|| {
		assert!(owns_nothing(Two));
		for call in [registration(PatientId([5; 32])), withdrawal(PatientId([9; 32]))] {
			assert_eq!(validate(transaction(Two, call)), Err(InvalidTransaction::Payment.into()));
		}
	})
}
