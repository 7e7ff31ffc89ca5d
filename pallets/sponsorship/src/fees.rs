//! Who pays the fee of a transaction.
//!
//! Wallets sign what they always sign: the payer is resolved from the call and the state, not told by the sender.

use crate::{
	types::{day_of, Day},
	Config, Event, Pallet, WeightInfo,
};
use core::marker::PhantomData;
use frame_support::{
	traits::{Contains, Time},
	unsigned::TransactionValidityError,
	weights::Weight,
};
use pallet_transaction_payment::{OnChargeTransaction, TxCreditHold};
use salus_primitives::{traits::Patients, AccountId, OrgId, PatientId};
use sp_runtime::traits::{DispatchInfoOf, PostDispatchInfoOf};

/// Which calls are a patient's own rights.
pub trait Rights<Call> {
	/// The patient of whom the call is a right; `None` if it is no such call. A call that only contains one, such as
	/// one of a batch or through a proxy, must not be looked into.
	fn patient_of(call: &Call) -> Option<PatientId>;
}

impl<Call> Rights<Call> for () {
	fn patient_of(_: &Call) -> Option<PatientId> {
		None
	}
}

/// Charges fees to the sponsor, to nobody, or to the sender, through `Inner` wherever tokens move.
pub struct SponsoredFees<Inner>(PhantomData<Inner>);

/// How a fee was charged, from before a call until after it.
#[derive(PartialEq, Eq, Debug)]
pub enum Charge<L> {
	/// To the account that signed.
	Own(L),
	/// To nobody: a patient used their own right.
	Waived,
	/// To a sponsor.
	Sponsored {
		/// The sponsor.
		org: OrgId,
		/// Whose balance paid.
		payer: AccountId,
		/// Against the allowances of this day.
		day: Day,
		/// How much, before the call.
		fee: u128,
		/// What `Inner` withdrew.
		withdrawn: L,
	},
}

impl<L: Default> Default for Charge<L> {
	fn default() -> Self {
		Self::Own(L::default())
	}
}

/// Who is to pay.
enum Payer {
	Own,
	Waived,
	Sponsor { org: OrgId, payer: AccountId },
}

/// Finds who is to pay, without changing anything: what the pool asks and what the block does is decided here.
fn resolve<T, Inner>(
	who: &AccountId,
	call: &T::RuntimeCall,
	info: &DispatchInfoOf<T::RuntimeCall>,
	fee_with_tip: u128,
	tip: u128,
) -> Payer
where
	T: Config + pallet_transaction_payment::Config,
	Inner: OnChargeTransaction<T, Balance = u128>,
{
	// Priority comes from the tip: nobody buys it with another's money. And what is free needs nobody's.
	if tip != 0 || fee_with_tip == 0 {
		return Payer::Own;
	}
	let now = T::Time::now();
	if T::Sponsorable::contains(call) {
		if let Some((org, payer)) = Pallet::<T>::sponsor_for_fee(who, fee_with_tip, now) {
			if Inner::can_withdraw_fee(&payer, call, info, fee_with_tip, tip).is_ok() {
				return Payer::Sponsor { org, payer };
			}
		}
	}
	let right_of = T::Rights::patient_of(call);
	let acts = right_of.is_some_and(|patient| T::Patients::capacity(&patient, who, now).is_some());
	if acts && Pallet::<T>::waivers_left(who, day_of(now)) > 0 {
		return Payer::Waived;
	}
	Payer::Own
}

impl<T, Inner> OnChargeTransaction<T> for SponsoredFees<Inner>
where
	T: Config + pallet_transaction_payment::Config,
	Inner: OnChargeTransaction<T, Balance = u128>,
{
	type Balance = u128;
	type LiquidityInfo = Charge<Inner::LiquidityInfo>;

	fn withdraw_fee(
		who: &AccountId,
		call: &T::RuntimeCall,
		info: &DispatchInfoOf<T::RuntimeCall>,
		fee_with_tip: u128,
		tip: u128,
	) -> Result<Self::LiquidityInfo, TransactionValidityError> {
		let day = day_of(T::Time::now());
		Ok(match resolve::<T, Inner>(who, call, info, fee_with_tip, tip) {
			Payer::Own => Charge::Own(Inner::withdraw_fee(who, call, info, fee_with_tip, tip)?),
			Payer::Waived => {
				Pallet::<T>::use_waiver(who, day);
				Charge::Waived
			}
			Payer::Sponsor { org, payer } => {
				let withdrawn = Inner::withdraw_fee(&payer, call, info, fee_with_tip, tip)?;
				Pallet::<T>::spend(who, org, day, fee_with_tip);
				Charge::Sponsored { org, payer, day, fee: fee_with_tip, withdrawn }
			}
		})
	}

	fn can_withdraw_fee(
		who: &AccountId,
		call: &T::RuntimeCall,
		info: &DispatchInfoOf<T::RuntimeCall>,
		fee_with_tip: u128,
		tip: u128,
	) -> Result<(), TransactionValidityError> {
		match resolve::<T, Inner>(who, call, info, fee_with_tip, tip) {
			Payer::Own => Inner::can_withdraw_fee(who, call, info, fee_with_tip, tip),
			// That the sponsor's balance suffices is part of being resolved.
			Payer::Waived | Payer::Sponsor { .. } => Ok(()),
		}
	}

	fn correct_and_deposit_fee(
		who: &AccountId,
		info: &DispatchInfoOf<T::RuntimeCall>,
		post_info: &PostDispatchInfoOf<T::RuntimeCall>,
		corrected_fee_with_tip: u128,
		tip: u128,
		charge: Self::LiquidityInfo,
	) -> Result<(), TransactionValidityError> {
		match charge {
			Charge::Own(withdrawn) => {
				Inner::correct_and_deposit_fee(who, info, post_info, corrected_fee_with_tip, tip, withdrawn)
			}
			Charge::Waived => {
				Pallet::<T>::deposit_event(Event::FeeWaived { account: who.clone() });
				Ok(())
			}
			Charge::Sponsored { org, payer, day, fee, withdrawn } => {
				Inner::correct_and_deposit_fee(&payer, info, post_info, corrected_fee_with_tip, tip, withdrawn)?;
				Pallet::<T>::give_back(who, org, day, fee.saturating_sub(corrected_fee_with_tip));
				let fee = corrected_fee_with_tip.min(fee);
				Pallet::<T>::deposit_event(Event::FeeSponsored { org, account: who.clone(), fee });
				Ok(())
			}
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn endow_account(who: &AccountId, amount: u128) {
		Inner::endow_account(who, amount)
	}

	#[cfg(feature = "runtime-benchmarks")]
	fn minimum_balance() -> u128 {
		Inner::minimum_balance()
	}
}

impl<T, Inner> TxCreditHold<T> for SponsoredFees<Inner>
where
	T: pallet_transaction_payment::Config,
	Inner: TxCreditHold<T>,
{
	type Credit = Inner::Credit;
}

/// The weight of charging a fee: that of `Inner`, and what finding and charging the payer adds at its worst, which is
/// when a sponsor is looked up in vain before the fee is waived.
pub struct FeeWeights<T, Inner>(PhantomData<(T, Inner)>);

impl<T, Inner> pallet_transaction_payment::WeightInfo for FeeWeights<T, Inner>
where
	T: Config,
	Inner: pallet_transaction_payment::WeightInfo,
{
	fn charge_transaction_payment() -> Weight {
		Inner::charge_transaction_payment()
			.saturating_add(<T as Config>::WeightInfo::sponsored_fee())
			.saturating_add(<T as Config>::WeightInfo::waived_fee())
			.saturating_add(T::Patients::lookup_weight())
	}
}
