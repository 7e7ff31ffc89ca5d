//! Benchmarks: every call, and what other pallets read here, at its worst case.
//!
//! They also run as tests, without the `runtime-benchmarks` feature. What only that feature offers is replaced by what
//! the mock guarantees: root admits, and the accounts used are endowed.

use super::*;
use frame_benchmarking::v2::*;
use frame_support::assert_ok;
use frame_system::RawOrigin;
use salus_primitives::{
	consent::Standing, traits::Directory, MemberRole, Obligation, ObligationSet, OrgRole, OrgRoleSet, Purpose,
	PurposeSet, ResourceType, ResourceTypeSet,
};

const GLN: Gln = *b"9501101020016";

fn admit_origin<T: Config>() -> Result<T::RuntimeOrigin, BenchmarkError> {
	#[cfg(feature = "runtime-benchmarks")]
	let origin = T::AdmitOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless);
	#[cfg(not(feature = "runtime-benchmarks"))]
	let origin = Ok(RawOrigin::Root.into());
	origin
}

fn endow_key_deposit<T: Config>(_who: &AccountId) {
	#[cfg(feature = "runtime-benchmarks")]
	T::KeyConsideration::ensure_successful(_who, Pallet::<T>::key_footprint());
}

/// An organisation whose fields are as long as they may be.
fn application() -> OrganisationInput {
	OrganisationInput {
		name: BoundedVec::truncate_from(alloc::vec![b'n'; salus_primitives::views::MAX_NAME as usize]),
		country: *b"ZZ",
		roles: OrgRoleSet::of(OrgRole::ALL),
		non_profit: true,
		gln: Some(GLN),
		legal_entity: H256::repeat_byte(1),
		licence_until: Moment::MAX,
		requires_agreement: false,
	}
}

fn roles() -> MemberRoleSet {
	MemberRoleSet::of(MemberRole::ALL)
}

fn admin(index: u32) -> AccountId {
	account("admin", index, 0)
}

/// Admits an organisation with `admins` administrators and returns the last of them, who is found last.
fn admitted<T: Config>(admins: u32) -> Result<(OrgId, AccountId), BenchmarkError> {
	let org = NextOrg::<T>::get();
	Pallet::<T>::admit_organisation(admit_origin::<T>()?, application(), admin(0))?;
	for index in 1..admins {
		Pallet::<T>::add_admin(RawOrigin::Signed(admin(0)).into(), org, admin(index))?;
	}
	Ok((org, admin(admins - 1)))
}

/// An agreement whose fields are as long as they may be.
fn sharing(custodian: OrgId, recipient: OrgId) -> AgreementInput {
	AgreementInput {
		custodian,
		recipient,
		purposes: Some(PurposeSet::of(Purpose::ALL)),
		resource_types: Some(ResourceTypeSet::of(ResourceType::ALL)),
		obligations: ObligationSet::of(Obligation::ALL),
		start: Some(0),
		end: Some(Moment::MAX),
		notice: MAX_NOTICE,
		terms: H256::repeat_byte(1),
	}
}

/// Two organisations with `agreements` proposals, each of whose administrators is the one found last.
fn proposed<T: Config>(agreements: u32) -> Result<(OrgId, OrgId, AccountId), BenchmarkError> {
	let (custodian, caller) = admitted::<T>(MAX_ADMINS)?;
	let (recipient, _) = admitted::<T>(MAX_ADMINS)?;
	for _ in 0..agreements {
		let signed: T::RuntimeOrigin = RawOrigin::Signed(caller.clone()).into();
		Pallet::<T>::propose_agreement(signed, custodian, sharing(custodian, recipient))?;
	}
	Ok((custodian, recipient, caller))
}

fn assert_last_event<T: Config>(event: Event<T>) {
	frame_system::Pallet::<T>::assert_last_event(event.into());
}

#[benchmarks]
mod benchmarks {
	use super::*;

	#[benchmark]
	fn admit_organisation() -> Result<(), BenchmarkError> {
		let origin = admit_origin::<T>()?;
		let org = NextOrg::<T>::get();

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, application(), admin(0));

		assert_last_event::<T>(Event::OrganisationAdmitted { org, admin: admin(0) });
		Ok(())
	}

	#[benchmark]
	fn suspend_organisation() -> Result<(), BenchmarkError> {
		let (org, _) = admitted::<T>(MAX_ADMINS)?;
		let origin = admit_origin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, org);

		assert_last_event::<T>(Event::OrganisationSuspended { org });
		Ok(())
	}

	#[benchmark]
	fn reinstate_organisation() -> Result<(), BenchmarkError> {
		let (org, _) = admitted::<T>(MAX_ADMINS)?;
		Pallet::<T>::suspend_organisation(admit_origin::<T>()?, org)?;
		let origin = admit_origin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, org);

		assert_last_event::<T>(Event::OrganisationReinstated { org });
		Ok(())
	}

	#[benchmark]
	fn revoke_organisation() -> Result<(), BenchmarkError> {
		let (org, _) = admitted::<T>(MAX_ADMINS)?;
		let origin = admit_origin::<T>()?;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, org);

		assert_last_event::<T>(Event::OrganisationRevoked { org });
		Ok(())
	}

	#[benchmark]
	fn renew_licence() -> Result<(), BenchmarkError> {
		let (org, _) = admitted::<T>(MAX_ADMINS)?;
		let origin = admit_origin::<T>()?;
		let licence_until = Moment::MAX - 1;

		#[extrinsic_call]
		_(origin as T::RuntimeOrigin, org, licence_until);

		assert_last_event::<T>(Event::LicenceRenewed { org, licence_until });
		Ok(())
	}

	#[benchmark]
	fn set_requires_agreement() -> Result<(), BenchmarkError> {
		let (org, caller) = admitted::<T>(MAX_ADMINS)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), org, true);

		assert_last_event::<T>(Event::RequiresAgreementSet { org, required: true });
		Ok(())
	}

	#[benchmark]
	fn add_admin() -> Result<(), BenchmarkError> {
		let (org, caller) = admitted::<T>(MAX_ADMINS - 1)?;
		let who = admin(MAX_ADMINS);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), org, who.clone());

		assert_last_event::<T>(Event::AdminAdded { org, who });
		Ok(())
	}

	#[benchmark]
	fn remove_admin() -> Result<(), BenchmarkError> {
		let (org, caller) = admitted::<T>(MAX_ADMINS)?;
		let who = admin(0);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), org, who.clone());

		assert_last_event::<T>(Event::AdminRemoved { org, who });
		Ok(())
	}

	/// Takes on a former member of another organisation: both counts change.
	#[benchmark]
	fn add_member() -> Result<(), BenchmarkError> {
		let (former, its_admin) = admitted::<T>(1)?;
		let (org, caller) = admitted::<T>(MAX_ADMINS)?;
		let who: AccountId = account("member", 0, 0);
		let until = Some(Moment::MAX);
		let signed: T::RuntimeOrigin = RawOrigin::Signed(its_admin).into();
		Pallet::<T>::add_member(signed, former, who.clone(), roles(), Some(GLN), until)?;
		// A member of a revoked organisation: that organisation has to be read, too.
		Pallet::<T>::revoke_organisation(admit_origin::<T>()?, former)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), org, who.clone(), roles(), Some(GLN), until);

		assert_last_event::<T>(Event::MemberAdded { org, who, roles: roles() });
		assert_eq!((MemberCounts::<T>::get(former), MemberCounts::<T>::get(org)), (0, 1));
		Ok(())
	}

	#[benchmark]
	fn remove_member() -> Result<(), BenchmarkError> {
		let (org, caller) = admitted::<T>(MAX_ADMINS)?;
		let who: AccountId = account("member", 0, 0);
		let signed: T::RuntimeOrigin = RawOrigin::Signed(caller.clone()).into();
		Pallet::<T>::add_member(signed, org, who.clone(), roles(), Some(GLN), Some(Moment::MAX))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), org, who.clone());

		assert_last_event::<T>(Event::MemberRemoved { org, who });
		Ok(())
	}

	/// Sets the first key: the deposit is taken.
	#[benchmark]
	fn set_encryption_key() {
		let caller: AccountId = whitelisted_caller();
		endow_key_deposit::<T>(&caller);

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()), KeySuite::HpkeX25519, H256::repeat_byte(1));

		assert_last_event::<T>(Event::EncryptionKeySet { who: caller, epoch: 0 });
	}

	#[benchmark]
	fn remove_encryption_key() -> Result<(), BenchmarkError> {
		let caller: AccountId = whitelisted_caller();
		endow_key_deposit::<T>(&caller);
		let signed: T::RuntimeOrigin = RawOrigin::Signed(caller.clone()).into();
		Pallet::<T>::set_encryption_key(signed, KeySuite::HpkeX25519, H256::repeat_byte(1))?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller.clone()));

		assert_last_event::<T>(Event::EncryptionKeyRemoved { who: caller });
		Ok(())
	}

	#[benchmark]
	fn propose_agreement() -> Result<(), BenchmarkError> {
		let (custodian, recipient, caller) = proposed::<T>(MAX_AGREEMENTS - 1)?;
		let id = NextAgreement::<T>::get();

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), custodian, sharing(custodian, recipient));

		assert_last_event::<T>(Event::AgreementProposed { custodian, recipient, id, awaits: recipient });
		Ok(())
	}

	#[benchmark]
	fn accept_agreement() -> Result<(), BenchmarkError> {
		let (custodian, recipient, caller) = proposed::<T>(MAX_AGREEMENTS)?;
		let id = NextAgreement::<T>::get() - 1;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), recipient, custodian, recipient, id);

		assert_last_event::<T>(Event::AgreementAccepted { custodian, recipient, id });
		Ok(())
	}

	/// Ends one that is in force: the whole list is written again.
	#[benchmark]
	fn end_agreement() -> Result<(), BenchmarkError> {
		let (custodian, recipient, caller) = proposed::<T>(MAX_AGREEMENTS)?;
		let id = NextAgreement::<T>::get() - 1;
		let signed: T::RuntimeOrigin = RawOrigin::Signed(caller.clone()).into();
		Pallet::<T>::accept_agreement(signed, recipient, custodian, recipient, id)?;

		#[extrinsic_call]
		_(RawOrigin::Signed(caller), custodian, custodian, recipient, id);

		let ends = T::Time::now().saturating_add(MAX_NOTICE);
		assert_last_event::<T>(Event::AgreementEnded { custodian, recipient, id, ends });
		assert_eq!(Agreements::<T>::get(custodian, recipient).len(), MAX_AGREEMENTS as usize);
		Ok(())
	}

	/// What `Directory::standing` costs.
	#[benchmark]
	fn standing() -> Result<(), BenchmarkError> {
		let (org, caller) = admitted::<T>(MAX_ADMINS)?;
		let who: AccountId = account("member", 0, 0);
		let signed: T::RuntimeOrigin = RawOrigin::Signed(caller).into();
		assert_ok!(Pallet::<T>::add_member(signed, org, who.clone(), roles(), Some(GLN), Some(Moment::MAX)));
		let answer;

		#[block]
		{
			answer = <Pallet<T> as Directory>::standing(&who, 0);
		}

		assert!(matches!(answer, Standing::Active(_)));
		Ok(())
	}

	/// What `Directory::organisation` costs.
	#[benchmark]
	fn organisation() -> Result<(), BenchmarkError> {
		let (org, _) = admitted::<T>(MAX_ADMINS)?;
		let answer;

		#[block]
		{
			answer = <Pallet<T> as Directory>::organisation(org, 0);
		}

		assert!(answer.is_some());
		Ok(())
	}

	/// What `Directory::is_admin` costs.
	#[benchmark]
	fn is_admin() -> Result<(), BenchmarkError> {
		let (org, who) = admitted::<T>(MAX_ADMINS)?;
		let answer;

		#[block]
		{
			answer = <Pallet<T> as Directory>::is_admin(org, &who);
		}

		assert!(answer);
		Ok(())
	}

	/// What `Directory::agreements` costs.
	#[benchmark]
	fn agreements() -> Result<(), BenchmarkError> {
		let (custodian, recipient, caller) = proposed::<T>(MAX_AGREEMENTS)?;
		let ids = Agreements::<T>::get(custodian, recipient).into_iter().map(|agreement| agreement.id);
		for id in ids {
			let signed: T::RuntimeOrigin = RawOrigin::Signed(caller.clone()).into();
			Pallet::<T>::accept_agreement(signed, recipient, custodian, recipient, id)?;
		}
		let answer;

		#[block]
		{
			answer = <Pallet<T> as Directory>::agreements(custodian, recipient);
		}

		assert_eq!(answer.len(), MAX_AGREEMENTS as usize);
		Ok(())
	}

	impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
