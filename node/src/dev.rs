//! A whole chain in one process, without a relay chain: for demonstrations, tests and people who write clients.
//!
//! Blocks are sealed at intervals or as transactions come, and are final a moment later. The runtime is the parachain's
//! own, so it expects what a relay chain would tell it; [`MockRelay`] makes that up, with a relay chain slot that
//! matches the chain's time (see [`crate::clock`]).

use crate::{
	clock::RELAY_SLOT_MILLIS,
	dev_clock::DevClock,
	rpc::{self, dev::Advance},
	service::{self, Block, Client, Parts},
};
use codec::Encode;
use cumulus_primitives_core::{
	relay_chain::{HeadData, UpgradeGoAhead, MAX_CODE_SIZE, MAX_POV_SIZE},
	CollectCollationInfo, ParaId, PersistedValidationData, RelayParentOffsetApi,
};
use cumulus_primitives_parachain_inherent::ParachainInherentData;
use cumulus_test_relay_sproof_builder::RelayStateSproofBuilder;
use futures::{
	channel::{mpsc, oneshot},
	future,
	prelude::*,
	stream::BoxStream,
};
use salus_runtime::{constants::time::SLOT_DURATION, Hash};
use sc_client_api::{Backend as _, BlockchainEvents, Finalizer};
use sc_consensus::LongestChain;
use sc_consensus_manual_seal::{
	consensus::aura::AuraConsensusDataProvider, run_manual_seal, CreatedBlock, EngineCommand, ManualSealParams,
};
use sc_network::{
	config::{FullNetworkConfiguration, TransportConfig},
	Litep2pNetworkBackend, NotificationMetrics,
};
use sc_service::{Configuration, Error, TaskManager};
use sc_transaction_pool_api::{OffchainTransactionPoolFactory, TransactionPool};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_inherents::{CreateInherentDataProviders, InherentData, InherentDataProvider, InherentIdentifier};
use std::{sync::Arc, time::Duration};

/// How often a development chain makes a block when nothing else is asked, in milliseconds.
pub const DEFAULT_BLOCK_TIME: u64 = 2_000;

/// How often a chain that seals on transactions looks for those that a full block left over.
const LEFTOVERS: Duration = Duration::from_secs(1);

/// How long after a block it is final.
const FINALITY_DELAY: Duration = Duration::from_millis(100);

/// How long to wait for the transaction pool to learn of a block.
const PATIENCE: Duration = Duration::from_secs(5);

/// When a block is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
	/// At this interval.
	Every(Duration),
	/// When there are transactions.
	OnTransactions,
}

// The aura digest, which is derived from the timestamp, must name the slot that the runtime derives from the relay
// chain's.
const _: () = assert!(SLOT_DURATION == RELAY_SLOT_MILLIS);

/// What a relay chain would tell the parachain, made up so that the runtime accepts it.
struct MockRelay {
	para_id: ParaId,
	/// The slot of the relay chain; also its block number, which may not go back either.
	slot: u64,
	/// The parent block, which the relay chain always has included already.
	included: HeadData,
	/// How many descendants of its relay parent the runtime wants to see.
	relay_parent_offset: u32,
	/// Whether a new runtime waits for its turn.
	upgrade: bool,
}

#[async_trait::async_trait]
impl InherentDataProvider for MockRelay {
	async fn provide_inherent_data(&self, inherent_data: &mut InherentData) -> Result<(), sp_inherents::Error> {
		let mut relay = RelayStateSproofBuilder { para_id: self.para_id, ..Default::default() };
		relay.host_config.max_code_size = MAX_CODE_SIZE;
		relay.current_slot = self.slot.into();
		relay.current_epoch = self.slot / 600;
		relay.randomness = sp_crypto_hashing::blake2_256(&self.slot.encode()).into();
		relay.included_para_head = Some(self.included.clone());
		relay.upgrade_go_ahead = self.upgrade.then_some(UpgradeGoAhead::GoAhead);
		relay.num_authorities = 2;
		let (relay_parent_storage_root, relay_chain_state, relay_parent_descendants) =
			relay.into_state_root_proof_and_descendants(self.relay_parent_offset.into());
		ParachainInherentData {
			validation_data: PersistedValidationData {
				parent_head: self.included.clone(),
				relay_parent_number: self.slot as u32,
				relay_parent_storage_root,
				max_pov_size: MAX_POV_SIZE,
			},
			relay_chain_state,
			downward_messages: Vec::new(),
			horizontal_messages: Default::default(),
			relay_parent_descendants,
			collator_peer_id: None,
		}
		.provide_inherent_data(inherent_data)
		.await
	}

	async fn try_handle_error(&self, _: &InherentIdentifier, _: &[u8]) -> Option<Result<(), sp_inherents::Error>> {
		None
	}
}

/// Makes the inherents of the next block.
struct Inherents {
	client: Arc<Client>,
	clock: Arc<DevClock>,
	para_id: ParaId,
}

#[async_trait::async_trait]
impl CreateInherentDataProviders<Block, ()> for Inherents {
	type InherentDataProviders = (sp_timestamp::InherentDataProvider, MockRelay);

	async fn create_inherent_data_providers(
		&self,
		parent: Hash,
		(): (),
	) -> Result<Self::InherentDataProviders, Box<dyn std::error::Error + Send + Sync>> {
		let header = self.client.header(parent)?.ok_or("the parent block is not in the database")?;
		let tick = self.clock.next(parent)?;
		let api = self.client.runtime_api();
		let relay = MockRelay {
			para_id: self.para_id,
			slot: tick.relay_slot,
			included: HeadData(header.encode()),
			relay_parent_offset: api.relay_parent_offset(parent)?,
			upgrade: api.collect_collation_info(parent, &header)?.new_validation_code.is_some(),
		};
		Ok((sp_timestamp::InherentDataProvider::new(tick.timestamp.into()), relay))
	}
}

/// Finalises each best block a moment after it came, so that who follows a transaction sees it in a block before seeing
/// it final, as on a real chain.
async fn finalise(client: Arc<Client>) {
	let mut imports = client.import_notification_stream().ready_chunks(1_024);
	while let Some(blocks) = imports.next().await {
		// The last one finalises those before it.
		let Some(block) = blocks.into_iter().rev().find(|block| block.is_new_best) else { continue };
		tokio::time::sleep(FINALITY_DELAY).await;
		if let Err(error) = client.finalize_block(block.hash, None, true) {
			log::error!("Block {:?} cannot be finalised: {error}", block.hash);
		}
	}
}

/// A command to make a block.
fn seal_now(
	sender: Option<oneshot::Sender<Result<CreatedBlock<Hash>, sc_consensus_manual_seal::Error>>>,
) -> EngineCommand<Hash> {
	// Empty blocks are always allowed: what `create_empty: false` refuses is decided by the number of inherents that
	// were offered, not of those that the runtime made, and would also refuse blocks with few transactions.
	EngineCommand::SealNewBlock { create_empty: true, finalize: false, parent_hash: None, sender }
}

fn ticks(period: Duration) -> BoxStream<'static, ()> {
	let mut interval = tokio::time::interval(period);
	interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
	stream::unfold(interval, |mut interval| async move {
		interval.tick().await;
		Some(((), interval))
	})
	.boxed()
}

/// When to seal, by the chosen mode. The first block comes at once: until then the chain would live in the past.
fn seals(mode: Seal, client: Arc<Client>, pool: Arc<service::Pool>) -> BoxStream<'static, EngineCommand<Hash>> {
	match mode {
		Seal::Every(period) => ticks(period).map(|()| seal_now(None)).boxed(),
		Seal::OnTransactions => {
			let arrivals = pool.import_notification_stream().ready_chunks(1_024).map(drop);
			let waiting = stream::select(arrivals, ticks(LEFTOVERS)).filter_map(move |()| {
				let (best, pool) = (client.info().best_hash, pool.clone());
				async move {
					// The pool learns of a block some time after it is made. Asking for what is ready on top of the
					// best block waits for that; counting what is ready would count what the block has taken.
					let any = pool.ready_at_with_timeout(best, PATIENCE).await.next().is_some();
					any.then(|| seal_now(None))
				}
			});
			stream::once(future::ready(seal_now(None))).chain(waiting).boxed()
		}
	}
}

/// Starts a development chain, which ends when less than `least_space` MiB are free for its database.
pub fn start(mut config: Configuration, mode: Seal, least_space: u64) -> Result<TaskManager, Error> {
	let Parts { client, backend, keystore, mut task_manager, pool, mut telemetry, .. } = service::new_parts(&config)?;
	service::watch_space(&config.database, least_space, &task_manager)?;
	let import_queue = service::import_queue(
		&config,
		client.clone(),
		Box::new(client.clone()),
		&task_manager,
		telemetry.as_ref().map(|telemetry| telemetry.handle()),
	)?;
	let para_id = service::para_id(&client, &config)?;

	// Nobody else is on this chain: no port is opened and nobody is looked for.
	config.network.listen_addresses.clear();
	config.network.boot_nodes.clear();
	config.network.default_peers_set.in_peers = 0;
	config.network.default_peers_set.out_peers = 0;
	config.network.transport = TransportConfig::Normal { enable_mdns: false, allow_private_ip: false };
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _) =
		sc_service::build_network(sc_service::BuildNetworkParams {
			net_config: FullNetworkConfiguration::<_, _, Litep2pNetworkBackend>::new(
				&config.network,
				config.prometheus_registry().cloned(),
			),
			config: &config,
			client: client.clone(),
			transaction_pool: pool.clone(),
			spawn_handle: task_manager.spawn_handle(),
			spawn_essential_handle: task_manager.spawn_essential_handle(),
			import_queue,
			block_announce_validator_builder: None,
			warp_sync_config: None,
			block_relay: None,
			metrics: NotificationMetrics::new(None),
			gap_sync_body_policy: None,
		})?;

	if config.offchain_worker.enabled {
		let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			keystore: Some(keystore.keystore()),
			offchain_db: backend.offchain_storage(),
			transaction_pool: Some(OffchainTransactionPoolFactory::new(pool.clone())),
			network_provider: Arc::new(network.clone()),
			is_validator: config.role.is_authority(),
			enable_http_requests: false,
			custom_extensions: |_| Vec::new(),
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			"offchain-worker",
			workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
		);
	}

	let clock = Arc::new(DevClock::new(client.clone())?);
	let (advance_sender, advance_receiver) = mpsc::channel::<Advance>(16);

	let prometheus = config.prometheus_registry().cloned();
	let metrics = rpc::metrics::Metrics::of(prometheus.as_ref())?;
	let rpc_builder = {
		let (client, pool, clock) = (client.clone(), pool.clone(), clock.clone());
		Box::new(move |executor| {
			let dev = rpc::dev::Dev::new(client.clone(), clock.clone(), advance_sender.clone());
			rpc::build(client.clone(), pool.clone(), executor, metrics.clone(), Some(dev))
		})
	};

	sc_service::spawn_tasks(sc_service::SpawnTasksParams {
		rpc_builder,
		client: client.clone(),
		transaction_pool: pool.clone(),
		task_manager: &mut task_manager,
		config,
		keystore: keystore.keystore(),
		backend: backend.clone(),
		network,
		sync_service,
		system_rpc_tx,
		tx_handler_controller,
		telemetry: telemetry.as_mut(),
		tracing_execute_block: None,
	})?;

	let proposer = sc_basic_authorship::ProposerFactory::new(
		task_manager.spawn_handle(),
		client.clone(),
		pool.clone(),
		prometheus.as_ref(),
		telemetry.as_ref().map(|telemetry| telemetry.handle()),
	);
	task_manager.spawn_essential_handle().spawn("dev-finality", "block-authoring", finalise(client.clone()));
	let authorship = async move {
		let asked = advance_receiver.map(|sender| seal_now(Some(sender)));
		run_manual_seal(ManualSealParams {
			block_import: client.clone(),
			env: proposer,
			client: client.clone(),
			commands_stream: stream::select(asked, seals(mode, client.clone(), pool.clone())),
			pool,
			select_chain: LongestChain::new(backend),
			consensus_data_provider: Some(Box::new(AuraConsensusDataProvider::<Block>::new_with_slot_duration(
				sp_consensus_aura::SlotDuration::from_millis(SLOT_DURATION),
			))),
			create_inherent_data_providers: Inherents { client, clock, para_id },
		})
		.await
	};
	task_manager.spawn_essential_handle().spawn_blocking("dev-seal", "block-authoring", authorship);

	match mode {
		Seal::Every(period) => log::info!("⛓  Development chain: a block every {} ms", period.as_millis()),
		Seal::OnTransactions => log::info!("⛓  Development chain: a block when there are transactions"),
	}
	Ok(task_manager)
}
