//! An offline wallet signs the hash of the metadata by which it showed its owner what they sign (mode 1 of
//! `CheckMetadataHash`). The runtime accepts its own hash only.

use codec::{Decode, Encode};
use cumulus_primitives_proof_size_hostfunction::storage_proof_size;
use frame_metadata::RuntimeMetadataPrefixed;
use frame_metadata_hash_extension::CheckMetadataHash;
use frame_support::traits::fungible::Mutate;
use merkleized_metadata::{generate_metadata_digest, ExtraInfo};
use salus_runtime::{
	constants::currency::{DECIMALS, SYMBOL, UNIT},
	Balances, Hash, Runtime, RuntimeCall, SignedPayload, System, TxExtension, UncheckedExtrinsic, VERSION, WASM_BINARY,
};
use sc_executor::WasmExecutor;
use sp_core::{
	traits::{CallContext, CodeExecutor, RuntimeCode, WrappedRuntimeCode},
	OpaqueMetadata,
};
use sp_keyring::Sr25519Keyring::Alice;
use sp_runtime::{
	generic::Era,
	transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidity},
};

type HostFunctions = (sp_io::SubstrateHostFunctions, storage_proof_size::HostFunctions);

/// Calls the WASM runtime, since only that one knows its hash.
fn call<T: Decode>(ext: &mut sp_io::TestExternalities, api: &str, arguments: &[u8]) -> T {
	let code = WASM_BINARY.expect("the runtime is built to WASM, without SKIP_WASM_BUILD");
	let fetcher = WrappedRuntimeCode(code.into());
	let code =
		RuntimeCode { code_fetcher: &fetcher, heap_pages: None, hash: sp_io::hashing::blake2_256(code).to_vec() };
	let (answer, _) = WasmExecutor::<HostFunctions>::builder().build().call(
		&mut ext.ext(),
		&code,
		api,
		arguments,
		CallContext::Offchain,
	);
	let answer = answer.expect("the runtime exports the function");
	T::decode(&mut &answer[..]).expect("the answer has the declared type")
}

/// A transaction of Alice's that is signed over this hash of the metadata.
fn transaction(hash: [u8; 32]) -> UncheckedExtrinsic {
	let extension = TxExtension::new((
		frame_system::CheckNonZeroSender::new(),
		frame_system::CheckSpecVersion::new(),
		frame_system::CheckTxVersion::new(),
		frame_system::CheckGenesis::new(),
		frame_system::CheckMortality::from(Era::Immortal),
		frame_system::CheckNonce::from(0),
		frame_system::CheckWeight::new(),
		pallet_transaction_payment::ChargeTransactionPayment::<Runtime>::from(0),
		CheckMetadataHash::new_with_custom_hash(hash),
	));
	let call: RuntimeCall = frame_system::Call::remark { remark: b"what I see is what I sign".to_vec() }.into();
	let payload = SignedPayload::new(call, extension).expect("nothing that is signed is missing");
	let signature = payload.using_encoded(|bytes| Alice.sign(bytes));
	let (call, extension, _) = payload.deconstruct();
	UncheckedExtrinsic::new_signed(call, Alice.to_account_id().into(), signature.into(), extension)
}

fn validity(ext: &mut sp_io::TestExternalities, hash: [u8; 32]) -> TransactionValidity {
	let transaction = ext.execute_with(|| transaction(hash));
	let arguments = (TransactionSource::External, transaction, Hash::zero()).encode();
	call(ext, "TaggedTransactionQueue_validate_transaction", &arguments)
}

#[test]
fn a_signature_over_the_right_hash_of_the_metadata_is_accepted_and_over_a_wrong_one_is_not() {
	let mut ext = sp_io::TestExternalities::default();
	ext.execute_with(|| {
		System::set_block_number(1);
		frame_system::BlockHash::<Runtime>::insert(0, Hash::zero());
		Balances::set_balance(&Alice.to_account_id(), UNIT);
	});
	ext.commit_all().expect("no transaction is open");

	let metadata: Option<OpaqueMetadata> = call(&mut ext, "Metadata_metadata_at_version", &15u32.encode());
	let metadata = metadata.expect("the runtime has metadata of version 15");
	let metadata = RuntimeMetadataPrefixed::decode(&mut &metadata[..]).expect("the runtime encoded it");
	let info = ExtraInfo {
		spec_version: VERSION.spec_version,
		spec_name: VERSION.spec_name.to_string(),
		base58_prefix: 42,
		decimals: DECIMALS,
		token_symbol: SYMBOL.into(),
	};
	let hash = generate_metadata_digest(&metadata.1, info).expect("metadata of version 15 has a digest").hash();

	assert!(validity(&mut ext, hash).is_ok());
	assert_eq!(validity(&mut ext, [7; 32]), Err(InvalidTransaction::BadProof.into()));
}
