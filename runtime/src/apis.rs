//! What the node and clients ask of the runtime.

use alloc::vec::Vec;

use frame_support::{
	genesis_builder_helper::{build_state, get_preset},
	view_functions::{ViewFunctionDispatchError, ViewFunctionId},
	weights::Weight,
};
use pallet_transaction_payment::{FeeDetails, RuntimeDispatchInfo};
use salus_primitives::{
	care::{CareAlertView, CareRuleId, CareRuleView},
	drug::{
		AlertView, BatchId, BatchView, CustodyStep, LogisticView, OrderId, OrderView, ParcelView, ProductView,
		StockView, UnitId, UnitQuery, UnitView, Verification,
	},
	duo::Namespace,
	gs1::{Gtin, Lot},
	research::{
		AccessRefusal, ApprovalView, ContributionView, DatasetId, DatasetView, GrantAccess, GrantView, MatchAnswer,
		MatchQuery, MatchRefusal, ReleaseView, RequestId, RequestView,
	},
	stream::StreamView,
	views::{
		AccessAnswer, AccessQuery, AgreementView, CareView, ConsentView, CustodyOfferView, EncryptionKey, GlassView,
		MemberView, OrganisationView, Page, PatientEvent, PatientView, ReceiptBatchView, ReceiptView, RecordView,
		RecoveryView, SponsorView, SponsorshipView,
	},
	ConsentId, OrgId, PatientId, Pseudonym, RecordId, StreamId, H256,
};
use sp_api::impl_runtime_apis;
use sp_consensus_aura::{Slot, SlotDuration};
use sp_core::{crypto::KeyTypeId, OpaqueMetadata};
use sp_inherents::{CheckInherentsResult, InherentData};
use sp_runtime::{
	traits::Block as BlockT,
	transaction_validity::{TransactionSource, TransactionValidity},
	ApplyExtrinsicResult, ExtrinsicInclusionMode,
};
use sp_session::OpaqueGeneratedSessionKeys;
use sp_version::RuntimeVersion;

use crate::{
	configs::{health, system::ConsensusHook},
	constants::time::SLOT_DURATION,
	genesis_config_presets, AccountId, AuraId, Balance, Block, Consent, DrugProvenance, Executive, HealthRecords,
	InherentDataExt, Nonce, ParachainInfo, ParachainSystem, Participants, ResearchDatasets, Runtime, RuntimeCall,
	RuntimeGenesisConfig, SessionKeys, Sponsorship, System, TransactionPayment, VERSION,
};

impl_runtime_apis! {
	impl sp_api::Core<Block> for Runtime {
		fn version() -> RuntimeVersion {
			VERSION
		}

		fn execute_block(block: <Block as BlockT>::LazyBlock) {
			Executive::execute_block(block)
		}

		fn initialize_block(header: &<Block as BlockT>::Header) -> ExtrinsicInclusionMode {
			Executive::initialize_block(header)
		}
	}

	impl sp_api::Metadata<Block> for Runtime {
		fn metadata() -> OpaqueMetadata {
			OpaqueMetadata::new(Runtime::metadata().into())
		}

		fn metadata_at_version(version: u32) -> Option<OpaqueMetadata> {
			Runtime::metadata_at_version(version)
		}

		fn metadata_versions() -> Vec<u32> {
			Runtime::metadata_versions()
		}
	}

	impl frame_support::view_functions::runtime_api::RuntimeViewFunction<Block> for Runtime {
		fn execute_view_function(id: ViewFunctionId, input: Vec<u8>) -> Result<Vec<u8>, ViewFunctionDispatchError> {
			Runtime::execute_view_function(id, input)
		}
	}

	impl sp_block_builder::BlockBuilder<Block> for Runtime {
		fn apply_extrinsic(extrinsic: <Block as BlockT>::Extrinsic) -> ApplyExtrinsicResult {
			Executive::apply_extrinsic(extrinsic)
		}

		fn finalize_block() -> <Block as BlockT>::Header {
			Executive::finalize_block()
		}

		fn inherent_extrinsics(data: InherentData) -> Vec<<Block as BlockT>::Extrinsic> {
			data.create_extrinsics()
		}

		fn check_inherents(block: <Block as BlockT>::LazyBlock, data: InherentData) -> CheckInherentsResult {
			data.check_extrinsics(&block)
		}
	}

	impl sp_transaction_pool::runtime_api::TaggedTransactionQueue<Block> for Runtime {
		fn validate_transaction(
			source: TransactionSource,
			tx: <Block as BlockT>::Extrinsic,
			block_hash: <Block as BlockT>::Hash,
		) -> TransactionValidity {
			Executive::validate_transaction(source, tx, block_hash)
		}
	}

	impl sp_offchain::OffchainWorkerApi<Block> for Runtime {
		fn offchain_worker(header: &<Block as BlockT>::Header) {
			Executive::offchain_worker(header)
		}
	}

	impl sp_session::SessionKeys<Block> for Runtime {
		fn generate_session_keys(owner: Vec<u8>, seed: Option<Vec<u8>>) -> OpaqueGeneratedSessionKeys {
			SessionKeys::generate(&owner, seed).into()
		}

		fn decode_session_keys(encoded: Vec<u8>) -> Option<Vec<(Vec<u8>, KeyTypeId)>> {
			SessionKeys::decode_into_raw_public_keys(&encoded)
		}
	}

	impl frame_system_rpc_runtime_api::AccountNonceApi<Block, AccountId, Nonce> for Runtime {
		fn account_nonce(account: AccountId) -> Nonce {
			System::account_nonce(account)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentApi<Block, Balance> for Runtime {
		fn query_info(uxt: <Block as BlockT>::Extrinsic, len: u32) -> RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_info(uxt, len)
		}

		fn query_fee_details(uxt: <Block as BlockT>::Extrinsic, len: u32) -> FeeDetails<Balance> {
			TransactionPayment::query_fee_details(uxt, len)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl pallet_transaction_payment_rpc_runtime_api::TransactionPaymentCallApi<Block, Balance, RuntimeCall> for Runtime {
		fn query_call_info(call: RuntimeCall, len: u32) -> RuntimeDispatchInfo<Balance> {
			TransactionPayment::query_call_info(call, len)
		}

		fn query_call_fee_details(call: RuntimeCall, len: u32) -> FeeDetails<Balance> {
			TransactionPayment::query_call_fee_details(call, len)
		}

		fn query_weight_to_fee(weight: Weight) -> Balance {
			TransactionPayment::weight_to_fee(weight)
		}

		fn query_length_to_fee(length: u32) -> Balance {
			TransactionPayment::length_to_fee(length)
		}
	}

	impl sp_consensus_aura::AuraApi<Block, AuraId> for Runtime {
		fn slot_duration() -> SlotDuration {
			SlotDuration::from_millis(SLOT_DURATION)
		}

		fn authorities() -> Vec<AuraId> {
			pallet_aura::Authorities::<Runtime>::get().into_inner()
		}
	}

	impl cumulus_primitives_aura::AuraUnincludedSegmentApi<Block> for Runtime {
		fn can_build_upon(included_hash: <Block as BlockT>::Hash, slot: Slot) -> bool {
			ConsensusHook::can_build_upon(included_hash, slot)
		}
	}

	impl cumulus_primitives_core::CollectCollationInfo<Block> for Runtime {
		fn collect_collation_info(header: &<Block as BlockT>::Header) -> cumulus_primitives_core::CollationInfo {
			ParachainSystem::collect_collation_info(header)
		}
	}

	impl cumulus_primitives_core::GetParachainInfo<Block> for Runtime {
		fn parachain_id() -> cumulus_primitives_core::ParaId {
			ParachainInfo::parachain_id()
		}
	}

	impl cumulus_primitives_core::RelayParentOffsetApi<Block> for Runtime {
		fn relay_parent_offset() -> u32 {
			0
		}

		fn max_claim_queue_offset() -> u8 {
			ParachainSystem::max_claim_queue_offset()
		}
	}

	impl cumulus_primitives_core::SchedulingV3EnabledApi<Block> for Runtime {
		fn scheduling_v3_enabled() -> bool {
			false
		}
	}

	impl cumulus_primitives_core::KeyToIncludeInRelayProof<Block> for Runtime {
		fn keys_to_prove() -> cumulus_primitives_core::RelayProofRequest {
			Default::default()
		}
	}

	impl cumulus_primitives_core::TargetBlockRate<Block> for Runtime {
		fn target_block_rate() -> u32 {
			1
		}
	}

	impl sp_genesis_builder::GenesisBuilder<Block> for Runtime {
		fn build_state(config: Vec<u8>) -> sp_genesis_builder::Result {
			build_state::<RuntimeGenesisConfig>(config)
		}

		fn get_preset(id: &Option<sp_genesis_builder::PresetId>) -> Option<Vec<u8>> {
			get_preset::<RuntimeGenesisConfig>(id, genesis_config_presets::get_preset)
		}

		fn preset_names() -> Vec<sp_genesis_builder::PresetId> {
			genesis_config_presets::preset_names()
		}
	}

	impl salus_primitives::api::ParticipantsApi<Block> for Runtime {
		fn organisation(org: OrgId) -> Option<OrganisationView> {
			Participants::organisation_view(org)
		}

		fn member(account: AccountId) -> Option<MemberView> {
			Participants::member_view(account)
		}

		fn encryption_key(account: AccountId) -> Option<EncryptionKey> {
			Participants::encryption_key(account)
		}

		fn agreements(custodian: OrgId, recipient: OrgId) -> Vec<AgreementView> {
			Participants::agreements_view(custodian, recipient)
		}
	}

	impl salus_primitives::api::SponsorshipApi<Block> for Runtime {
		fn sponsor(org: OrgId) -> Option<SponsorView> {
			Sponsorship::sponsor_view(org)
		}

		fn sponsorship(account: AccountId) -> SponsorshipView {
			Sponsorship::sponsorship_view(account)
		}
	}

	impl salus_primitives::api::ConsentApi<Block> for Runtime {
		fn check_access(query: AccessQuery) -> AccessAnswer {
			Consent::check_access(query)
		}

		fn patient(patient: PatientId) -> Option<PatientView> {
			Consent::patient_view(patient)
		}

		fn care(patient: PatientId, org: OrgId) -> Option<CareView> {
			Consent::care_view(patient, org)
		}

		fn consents(patient: PatientId, cursor: Option<ConsentId>, limit: u32) -> Page<ConsentView, ConsentId> {
			Consent::consents_page(patient, cursor, limit)
		}

		fn glasses(patient: PatientId, cursor: Option<AccountId>, limit: u32) -> Page<GlassView, AccountId> {
			Consent::glasses_page(patient, cursor, limit)
		}

		fn recovery(patient: PatientId) -> Option<RecoveryView> {
			Consent::recovery_view(patient)
		}

		fn patient_events(patient: PatientId) -> Vec<PatientEvent> {
			health::patient_events(&patient)
		}
	}

	impl salus_primitives::api::RecordsApi<Block> for Runtime {
		fn record(patient: PatientId, record: RecordId) -> Option<RecordView> {
			HealthRecords::record_view(&patient, &record)
		}

		fn records(patient: PatientId, cursor: Option<RecordId>, limit: u32) -> Page<RecordView, RecordId> {
			HealthRecords::records_page(&patient, cursor, limit)
		}

		fn receipts(patient: PatientId, cursor: Option<u64>, limit: u32) -> Page<ReceiptView, u64> {
			HealthRecords::receipts_page(&patient, cursor, limit)
		}

		fn receipt_batch(org: OrgId, index: u64) -> Option<ReceiptBatchView> {
			HealthRecords::receipt_batch_view(org, index)
		}

		fn custody_offer(patient: PatientId, record: RecordId) -> Option<CustodyOfferView> {
			HealthRecords::custody_offer_view(&patient, &record)
		}
	}

	impl salus_primitives::api::StreamsApi<Block> for Runtime {
		fn stream(patient: PatientId, stream: StreamId) -> Option<StreamView> {
			HealthRecords::stream_view(&patient, &stream)
		}

		fn streams(patient: PatientId, cursor: Option<StreamId>, limit: u32) -> Page<StreamView, StreamId> {
			HealthRecords::streams_page(&patient, cursor, limit)
		}
	}

	impl salus_primitives::api::CareApi<Block> for Runtime {
		fn care_rule(patient: PatientId, rule: CareRuleId) -> Option<CareRuleView> {
			HealthRecords::care_rule_view(&patient, rule)
		}

		fn care_rules(patient: PatientId) -> Vec<CareRuleView> {
			HealthRecords::care_rule_views(&patient)
		}

		fn care_alerts() -> Vec<CareAlertView> {
			health::care_alerts()
		}
	}

	impl salus_primitives::api::DrugApi<Block> for Runtime {
		fn verify_unit(query: UnitQuery) -> Verification {
			DrugProvenance::verify(&query)
		}

		fn product(gtin: Gtin) -> Option<ProductView> {
			DrugProvenance::product_view(gtin)
		}

		fn batch(batch: BatchId) -> Option<BatchView> {
			DrugProvenance::batch_view(batch)
		}

		fn lot(gtin: Gtin, lot: Lot) -> Vec<BatchView> {
			DrugProvenance::lot_view(gtin, &lot)
		}

		fn parcel(batch: BatchId, index: u32) -> Option<ParcelView> {
			DrugProvenance::parcel_view(batch, index)
		}

		fn parcels(batch: BatchId, cursor: Option<u32>, limit: u32) -> Page<ParcelView, u32> {
			DrugProvenance::parcels_page(batch, cursor, limit)
		}

		fn unit(batch: BatchId, index: u32) -> Option<UnitView> {
			DrugProvenance::unit_view(batch, index)
		}

		fn logistic_unit(unit: UnitId) -> Option<LogisticView> {
			DrugProvenance::logistic_view(&unit)
		}

		fn custody_step(head: H256) -> Option<CustodyStep> {
			health::drug_events().find_map(|event| DrugProvenance::custody_step_of(&event, &head))
		}

		fn stock(org: OrgId, cursor: Option<Gtin>, limit: u32) -> Page<StockView, Gtin> {
			DrugProvenance::stock_page(org, cursor, limit)
		}

		fn orders(supplier: OrgId, cursor: Option<OrderId>, limit: u32) -> Page<OrderView, OrderId> {
			DrugProvenance::orders_page(supplier, cursor, limit)
		}

		fn alerts() -> Vec<AlertView> {
			health::drug_events().filter_map(|event| DrugProvenance::alert_of(&event)).collect()
		}
	}

	impl salus_primitives::api::ResearchApi<Block> for Runtime {
		fn dataset(dataset: DatasetId) -> Option<DatasetView> {
			ResearchDatasets::dataset_view(dataset)
		}

		fn datasets(cursor: Option<DatasetId>, limit: u32) -> Page<DatasetView, DatasetId> {
			ResearchDatasets::datasets_page(cursor, limit)
		}

		fn match_dataset(query: MatchQuery) -> Result<MatchAnswer, MatchRefusal> {
			ResearchDatasets::match_dataset(query)
		}

		fn request(request: RequestId) -> Option<RequestView> {
			ResearchDatasets::request_view(request)
		}

		fn requests(dataset: DatasetId, cursor: Option<RequestId>, limit: u32) -> Page<RequestView, RequestId> {
			ResearchDatasets::requests_page(dataset, cursor, limit)
		}

		fn grant(grant: RequestId) -> Option<GrantView> {
			ResearchDatasets::grant_view(grant)
		}

		fn contribution(dataset: DatasetId, pseudonym: Pseudonym) -> Option<ContributionView> {
			ResearchDatasets::contribution_view(dataset, &pseudonym)
		}

		fn contributions(
			dataset: DatasetId,
			cursor: Option<Pseudonym>,
			limit: u32,
		) -> Page<ContributionView, Pseudonym> {
			ResearchDatasets::contributions_page(dataset, cursor, limit)
		}

		fn grant_access(
			grant: RequestId,
			researcher: AccountId,
			pseudonym: Pseudonym,
		) -> Result<GrantAccess, AccessRefusal> {
			ResearchDatasets::grant_access(grant, &researcher, &pseudonym)
		}

		fn approval(document: H256) -> Option<ApprovalView> {
			ResearchDatasets::approval_view(document)
		}

		fn release(namespace: Namespace) -> Option<ReleaseView> {
			ResearchDatasets::release_view(namespace)
		}
	}

	#[cfg(feature = "runtime-benchmarks")]
	impl frame_benchmarking::Benchmark<Block> for Runtime {
		fn benchmark_metadata(
			extra: bool,
		) -> (Vec<frame_benchmarking::BenchmarkList>, Vec<frame_support::traits::StorageInfo>) {
			crate::benchmarks::metadata(extra)
		}

		#[allow(non_local_definitions)]
		fn dispatch_benchmark(
			config: frame_benchmarking::BenchmarkConfig,
		) -> Result<Vec<frame_benchmarking::BenchmarkBatch>, alloc::string::String> {
			crate::benchmarks::dispatch(config)
		}
	}

	#[cfg(feature = "try-runtime")]
	impl frame_try_runtime::TryRuntime<Block> for Runtime {
		fn on_runtime_upgrade(checks: frame_try_runtime::UpgradeCheckSelect) -> (Weight, Weight) {
			let weight = Executive::try_runtime_upgrade(checks).expect("an upgrade that fails its checks must stop here");
			(weight, crate::configs::system::RuntimeBlockWeights::get().max_block)
		}

		fn execute_block(
			block: <Block as BlockT>::LazyBlock,
			state_root_check: bool,
			signature_check: bool,
			select: frame_try_runtime::TryStateSelect,
		) -> Weight {
			Executive::try_execute_block(block, state_root_check, signature_check, select)
				.expect("a block that fails its checks must stop here")
		}
	}
}
