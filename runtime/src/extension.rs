//! What a signed transaction carries beside its call.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use cumulus_pallet_weight_reclaim::StorageWeightReclaim;
use frame_support::{
	dispatch::{DispatchInfo, PostDispatchInfo},
	pallet_prelude::{TransactionSource, TransactionValidity, TransactionValidityError},
	weights::Weight,
};
use scale_info::TypeInfo;
use sp_runtime::{
	traits::{Implication, TransactionExtension, TransactionExtensionMetadata, ValidateResult},
	DispatchResult,
};

use crate::{Runtime, RuntimeCall, RuntimeOrigin};

/// The extensions, in the order in which wallets encode them.
///
/// Every one of these is known to polkadot.js, PAPI and subxt: a new one that adds bytes would break signing in every
/// wallet that has not heard of it.
pub type Pipeline = (
	frame_system::CheckNonZeroSender<Runtime>,
	frame_system::CheckSpecVersion<Runtime>,
	frame_system::CheckTxVersion<Runtime>,
	frame_system::CheckGenesis<Runtime>,
	frame_system::CheckMortality<Runtime>,
	frame_system::CheckNonce<Runtime>,
	frame_system::CheckWeight<Runtime>,
	pallet_transaction_payment::ChargeTransactionPayment<Runtime>,
	frame_metadata_hash_extension::CheckMetadataHash<Runtime>,
);

type Reclaim = StorageWeightReclaim<Runtime, Pipeline>;

/// The pipeline, enclosed so that it gives back the weight and proof size that a transaction declared but did not use.
///
/// It is [`StorageWeightReclaim`] under another name: the metadata calls it `WeightReclaim`, as `frame_system` calls
/// the extension it replaces, because that name is the one wallets know. Neither adds a byte.
#[derive(Encode, Decode, DecodeWithMemTracking, TypeInfo, Clone, PartialEq, Eq, Debug)]
pub struct TxExtension(Reclaim);

impl TxExtension {
	/// Encloses a pipeline.
	pub fn new(pipeline: Pipeline) -> Self {
		Self(Reclaim::new(pipeline))
	}
}

impl TransactionExtension<RuntimeCall> for TxExtension {
	const IDENTIFIER: &'static str = "WeightReclaim";
	type Implicit = <Reclaim as TransactionExtension<RuntimeCall>>::Implicit;
	type Pre = <Reclaim as TransactionExtension<RuntimeCall>>::Pre;
	type Val = <Reclaim as TransactionExtension<RuntimeCall>>::Val;

	fn metadata() -> Vec<TransactionExtensionMetadata> {
		let mut all = <Pipeline as TransactionExtension<RuntimeCall>>::metadata();
		all.push(TransactionExtensionMetadata {
			identifier: Self::IDENTIFIER,
			ty: scale_info::meta_type::<()>(),
			implicit: scale_info::meta_type::<()>(),
		});
		all
	}

	fn implicit(&self) -> Result<Self::Implicit, TransactionValidityError> {
		TransactionExtension::<RuntimeCall>::implicit(&self.0)
	}

	fn weight(&self, call: &RuntimeCall) -> Weight {
		self.0.weight(call)
	}

	fn validate(
		&self,
		origin: RuntimeOrigin,
		call: &RuntimeCall,
		info: &DispatchInfo,
		len: usize,
		self_implicit: Self::Implicit,
		inherited_implication: &impl Implication,
		source: TransactionSource,
	) -> ValidateResult<Self::Val, RuntimeCall> {
		self.0.validate(origin, call, info, len, self_implicit, inherited_implication, source)
	}

	fn prepare(
		self,
		val: Self::Val,
		origin: &RuntimeOrigin,
		call: &RuntimeCall,
		info: &DispatchInfo,
		len: usize,
	) -> Result<Self::Pre, TransactionValidityError> {
		self.0.prepare(val, origin, call, info, len)
	}

	fn post_dispatch_details(
		pre: Self::Pre,
		info: &DispatchInfo,
		post_info: &PostDispatchInfo,
		len: usize,
		result: &DispatchResult,
	) -> Result<Weight, TransactionValidityError> {
		Reclaim::post_dispatch_details(pre, info, post_info, len, result)
	}

	fn bare_validate(call: &RuntimeCall, info: &DispatchInfo, len: usize) -> TransactionValidity {
		Reclaim::bare_validate(call, info, len)
	}

	fn bare_validate_and_prepare(
		call: &RuntimeCall,
		info: &DispatchInfo,
		len: usize,
	) -> Result<(), TransactionValidityError> {
		Reclaim::bare_validate_and_prepare(call, info, len)
	}

	fn bare_post_dispatch(
		info: &DispatchInfo,
		post_info: &mut PostDispatchInfo,
		len: usize,
		result: &DispatchResult,
	) -> Result<(), TransactionValidityError> {
		Reclaim::bare_post_dispatch(info, post_info, len, result)
	}
}
