//! Benchmarks: every call, and charging a fee, at its worst case.
//!
//! They also run as tests, without the `runtime-benchmarks` feature.

use super::*;
use frame_benchmarking::v2::*;
use frame_system::RawOrigin;
use salus_primitives::time::DAY;

const NOW: Moment = 1_800_000_000_000;
const TERMS: SponsorTerms = SponsorTerms { per_account: u128::MAX, per_day: u128::MAX };

/// What benchmarks need of the runtime around the pallet.
pub trait BenchmarkHelper {
	/// Makes this the time of the block.
	fn set_time(now: Moment);
	/// Admits an organisation that the account administers, with a licence until long after the time set.
	fn admit(admin: &AccountId) -> OrgId;
}

fn signed<T: Config>(who: &AccountId) -> T::RuntimeOrigin {
	RawOrigin::Signed(who.clone()).into()
}

/// A sponsor whose payer is this account.
fn sponsor<T: Config>(admin: &AccountId) -> OrgId {
	T::BenchmarkHelper::set_time(NOW);
	let org = T::BenchmarkHelper::admit(admin);
	Pallet::<T>::set_terms(signed::<T>(admin), org, Some(TERMS)).expect("the organisation is in good standing");
	org
}

/// A sponsor and an account that it enrolled.
fn enrolled<T: Config>(admin: &AccountId) -> (OrgId, AccountId) {
	let org = sponsor::<T>(admin);
	let patient: AccountId = account("patient", 0, 0);
	Pallet::<T>::enrol(signed::<T>(admin), org, patient.clone()).expect("the sponsor is paying");
	(org, patient)
}

fn assert_last_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn set_terms() {
		let payer: AccountId = whitelisted_caller();
		let org = sponsor::<T>(&payer);

		#[extrinsic_call]
		_(RawOrigin::Signed(payer.clone()), org, Some(TERMS));

		assert_last_event::<T>(Event::TermsSet { org, payer, terms: TERMS });
	}

	/// Takes an account over from a sponsor that stopped.
	#[benchmark]
	fn enrol() {
		let former: AccountId = account("former", 0, 0);
		let (from, patient) = enrolled::<T>(&former);
		Pallet::<T>::set_terms(signed::<T>(&former), from, None).expect("it has terms");
		let admin: AccountId = whitelisted_caller();
		let org = sponsor::<T>(&admin);

		#[extrinsic_call]
		_(RawOrigin::Signed(admin), org, patient.clone());

		assert_last_event::<T>(Event::Enrolled { org, account: patient });
	}

	#[benchmark]
	fn dismiss() {
		let admin: AccountId = whitelisted_caller();
		let (org, patient) = enrolled::<T>(&admin);

		#[extrinsic_call]
		_(RawOrigin::Signed(admin), org, patient.clone());

		assert_last_event::<T>(Event::Dismissed { org, account: patient });
	}

	#[benchmark]
	fn leave() {
		let (org, patient) = enrolled::<T>(&account("admin", 0, 0));

		#[extrinsic_call]
		_(RawOrigin::Signed(patient.clone()));

		assert_last_event::<T>(Event::Left { org, account: patient });
	}

	/// What it costs to find a sponsor, charge it, and give back what was not used.
	#[benchmark]
	fn sponsored_fee() {
		let admin: AccountId = whitelisted_caller();
		let (org, patient) = enrolled::<T>(&admin);
		let found;

		#[block]
		{
			found = Pallet::<T>::sponsor_for_fee(&patient, 2, T::Time::now());
			Pallet::<T>::spend(&patient, org, day_of(NOW), 2);
			Pallet::<T>::give_back(&patient, org, day_of(NOW), 1);
		}

		assert_eq!(found, Some((org, admin)));
		let spent = Spending { day: day_of(NOW), amount: 1 };
		assert_eq!(Accounts::<T>::get(&patient).map(|account| account.spent), Some(spent));
		assert_eq!(Sponsors::<T>::get(org).map(|sponsor| sponsor.spent), Some(spent));
	}

	/// What it costs to count a waiver, with enough of yesterday's to forget.
	#[benchmark]
	fn waived_fee() {
		let patient: AccountId = whitelisted_caller();
		T::BenchmarkHelper::set_time(NOW + DAY);
		let (yesterday, today) = (day_of(NOW), day_of(NOW + DAY));
		for index in 0..EVICTED_WAIVERS as u32 {
			let other: AccountId = account("other", index, 0);
			Waivers::<T>::insert(yesterday.to_be_bytes(), other, 1);
		}
		let left;

		#[block]
		{
			left = Pallet::<T>::waivers_left(&patient, today);
			Pallet::<T>::use_waiver(&patient, today);
		}

		assert_eq!(left, T::WaiversPerDay::get());
		assert_eq!(Waivers::<T>::iter().collect::<Vec<_>>(), [(today.to_be_bytes(), patient, 1)]);
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
