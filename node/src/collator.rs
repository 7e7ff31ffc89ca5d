//! A node of the consortium's parachain: it follows the relay chain through an embedded node or the JSON-RPC of
//! another, and as a collator builds a block in each of its slots (slot-based, with asynchronous backing).

use crate::{
	chain_spec::Extensions,
	cli::Cli,
	dev_clock, relay_check, rpc,
	service::{self, Backend, Block, Client, Parts, Pool},
};
use clap::{CommandFactory, FromArgMatches};
use codec::Encode;
use cumulus_client_bootnodes::{start_bootnode_tasks, StartBootnodeTasksParams};
use cumulus_client_cli::CollatorOptions;
use cumulus_client_collator::service::CollatorService;
use cumulus_client_consensus_aura::{
	collators::slot_based::{self, SlotBasedBlockImport, SlotBasedBlockImportHandle},
	equivocation_import_queue::Verifier,
};
use cumulus_client_consensus_common::ParachainBlockImport;
use cumulus_client_service::{
	build_network, build_relay_chain_interface, prepare_node_config, start_relay_chain_tasks, BuildNetworkParams,
	DARecoveryProfile, ParachainTracingExecuteBlock, StartRelayChainTasksParams,
};
use cumulus_primitives_core::{
	relay_chain::{OccupiedCoreAssumption, ValidationCode},
	ParaId,
};
use cumulus_relay_chain_interface::RelayChainInterface;
use frame_benchmarking_cli::SUBSTRATE_REFERENCE_HARDWARE;
use futures::{FutureExt, StreamExt};
use polkadot_primitives::CollatorPair;
use salus_runtime::Hash;
use sc_cli::{
	CliConfiguration, DefaultConfigurationValues, ImportParams, KeystoreParams, NetworkParams, RpcEndpoint,
	SharedParams, SubstrateCli,
};
use sc_client_api::Backend as _;
use sc_consensus::{
	import_queue::{BasicQueue, ImportQueue},
	BoxBlockImport, DefaultImportQueue,
};
use sc_network::{
	config::{FullNetworkConfiguration, NetworkBackendType},
	Litep2pNetworkBackend, NetworkBackend, NetworkBlock, NetworkStateInfo, PeerId,
};
use sc_service::{
	config::{PrometheusConfig, RpcBatchRequestConfig, TelemetryEndpoints, TransactionPoolOptions},
	BasePath, Configuration, Error, SpawnEssentialTaskHandle, TaskManager,
};
use sc_telemetry::TelemetryHandle;
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_blockchain::HeaderBackend;
use sp_consensus_aura::sr25519::AuthorityPair;
use sp_keystore::KeystorePtr;
use std::{
	path::PathBuf,
	sync::Arc,
	time::{Duration, Instant},
};
use substrate_prometheus_endpoint::Registry;

/// The length of a relay chain slot.
const RELAY_SLOT: Duration = Duration::from_millis(crate::clock::RELAY_SLOT_MILLIS);
/// How long the relay chain may be silent before somebody is told.
const SILENCE: Duration = Duration::from_secs(60);
/// How often somebody is told that the relay chain does not have this parachain.
const REMINDER: Duration = Duration::from_secs(60);
/// How long into a slot a collator waits, so that the relay chain's block of that slot has arrived.
const SLOT_OFFSET: Duration = Duration::from_secs(1);

/// Imports blocks and tells the collator of those that the relay chain has not taken yet.
type SlotImport = SlotBasedBlockImport<Block, Arc<Client>, Client>;
type BlockImport = ParachainBlockImport<Block, SlotImport, Backend>;

fn application(error: impl std::error::Error + Send + Sync + 'static) -> Error {
	Error::Application(Box::new(error))
}

/// The queue through which a parachain's blocks come: it checks the seal of their author.
pub fn import_queue(
	client: Arc<Client>,
	block_import: BoxBlockImport<Block>,
	spawner: &SpawnEssentialTaskHandle,
	registry: Option<&Registry>,
	telemetry: Option<TelemetryHandle>,
) -> DefaultImportQueue<Block> {
	let verifier = Verifier::<AuthorityPair, _, _, _>::new(
		client,
		|_, ()| async { Ok(sp_timestamp::InherentDataProvider::from_system_time()) },
		telemetry,
	);
	BasicQueue::new(verifier, block_import, None, spawner, registry)
}

/// What the command line says of a node beyond its configurations.
pub struct Options {
	/// How the relay chain is followed.
	pub collator: CollatorOptions,
	/// Whether this machine's speed is measured.
	pub measure_hardware: bool,
	/// How much space must be free for the database, in MiB.
	pub least_space: u64,
}

/// Starts a node of the parachain.
pub async fn start(
	config: Configuration,
	relay_config: Configuration,
	Options { collator: options, measure_hardware, least_space }: Options,
) -> Result<TaskManager, Error> {
	if !matches!(config.network.network_backend, NetworkBackendType::Litep2p) {
		return Err(Error::Other("this node has one network backend: leave --network-backend out".into()));
	}
	let config = prepare_node_config(config);
	let collating = config.role.is_authority();
	log::info!("✍️  Collating: {}", if collating { "yes" } else { "no" });

	let hardware = config.database.path().filter(|_| measure_hardware).map(|path| {
		let _ = std::fs::create_dir_all(path);
		sc_sysinfo::gather_hwbench(Some(path), &SUBSTRATE_REFERENCE_HARDWARE)
	});

	let Parts { client, backend, keystore, mut task_manager, pool, mut telemetry, telemetry_worker } =
		service::new_parts(&config)?;
	let para_id = service::para_id(&client, &config)?;
	service::watch_space(&config.database, least_space, &task_manager)?;
	dev_clock::warn_if_behind_network(&client)?;
	let telemetry_handle = telemetry.as_ref().map(|telemetry| telemetry.handle());
	let (slot_import, slot_import_handle) = SlotBasedBlockImport::new(client.clone(), client.clone());
	let block_import = BlockImport::new(slot_import, backend.clone());
	let queue = service::import_queue(
		&config,
		client.clone(),
		Box::new(block_import.clone()),
		&task_manager,
		telemetry_handle.clone(),
	)?;
	let queue_service = queue.service();

	let relay_id = relay_config.chain_spec.id().to_string();
	let relay_fork_id = relay_config.chain_spec.fork_id().map(ToString::to_string);
	let (relay_chain, collator_key, relay_network, bootnode_requests) = build_relay_chain_interface(
		relay_config,
		&config,
		telemetry_worker,
		&mut task_manager,
		options.clone(),
		hardware.clone(),
	)
	.await
	.map_err(|error| {
		Error::Other(format!(
			"the relay chain {relay_id:?} cannot be followed: {error}. Look at --relay-chain-rpc-urls, or at the options of \
			 its node after --"
		))
	})?;

	let registry = config.prometheus_registry().cloned();
	let net_config = FullNetworkConfiguration::<_, _, Litep2pNetworkBackend>::new(&config.network, registry.clone());
	let metrics = <Litep2pNetworkBackend as NetworkBackend<Block, Hash>>::register_notification_metrics(
		config.prometheus_config.as_ref().map(|prometheus| &prometheus.registry),
	);
	let (network, system_rpc_tx, tx_handler_controller, sync_service, _) = build_network(BuildNetworkParams {
		parachain_config: &config,
		net_config,
		client: client.clone(),
		transaction_pool: pool.clone(),
		para_id,
		spawn_handle: task_manager.spawn_handle(),
		spawn_essential_handle: task_manager.spawn_essential_handle(),
		relay_chain_interface: relay_chain.clone(),
		import_queue: queue,
		metrics,
		gap_sync_body_policy: None,
	})
	.await?;

	if config.offchain_worker.enabled {
		let workers = sc_offchain::OffchainWorkers::new(sc_offchain::OffchainWorkerOptions {
			runtime_api_provider: client.clone(),
			keystore: Some(keystore.keystore()),
			offchain_db: backend.offchain_storage(),
			transaction_pool: Some(OffchainTransactionPoolFactory::new(pool.clone())),
			network_provider: Arc::new(network.clone()),
			is_validator: collating,
			enable_http_requests: false,
			custom_extensions: |_| Vec::new(),
		})?;
		task_manager.spawn_handle().spawn(
			"offchain-workers-runner",
			"offchain-worker",
			workers.run(client.clone(), task_manager.spawn_handle()).boxed(),
		);
	}

	let metrics = rpc::metrics::Metrics::of(registry.as_ref())?;
	let rpc_builder = {
		let (client, pool) = (client.clone(), pool.clone());
		Box::new(move |executor| rpc::build(client.clone(), pool.clone(), executor, metrics.clone(), None))
	};
	let bootnode = Bootnode {
		options,
		relay_fork_id,
		fork_id: config.chain_spec.fork_id().map(ToString::to_string),
		public_addresses: config.network.public_addresses.clone(),
		advertise_non_global_ips: config.network.allow_non_globals_in_dht,
	};
	sc_service::spawn_tasks(sc_service::SpawnTasksParams {
		rpc_builder,
		client: client.clone(),
		transaction_pool: pool.clone(),
		task_manager: &mut task_manager,
		config,
		keystore: keystore.keystore(),
		backend: backend.clone(),
		network: network.clone(),
		sync_service: sync_service.clone(),
		system_rpc_tx,
		tx_handler_controller,
		telemetry: telemetry.as_mut(),
		tracing_execute_block: Some(Arc::new(ParachainTracingExecuteBlock::new(client.clone()))),
	})?;

	if let Some(hardware) = hardware {
		sc_sysinfo::print_hwbench(&hardware);
		if let Err(error) = SUBSTRATE_REFERENCE_HARDWARE.check_hardware(&hardware, false) {
			if collating {
				log::warn!("this machine is slower than a collator should be: {error}");
			}
		}
		if let Some(telemetry) = telemetry_handle.clone() {
			task_manager.spawn_handle().spawn(
				"telemetry_hwbench",
				None,
				sc_sysinfo::initialize_hwbench_telemetry(telemetry, hardware),
			);
		}
	}

	let announce_block: Arc<dyn Fn(Hash, Option<Vec<u8>>) + Send + Sync> = {
		let sync_service = sync_service.clone();
		Arc::new(move |hash, data| sync_service.announce_block(hash, data))
	};
	let overseer = relay_chain.overseer_handle().map_err(application)?;
	start_relay_chain_tasks(StartRelayChainTasksParams {
		client: client.clone(),
		announce_block: announce_block.clone(),
		para_id,
		relay_chain_interface: relay_chain.clone(),
		task_manager: &mut task_manager,
		da_recovery_profile: if collating { DARecoveryProfile::Collator } else { DARecoveryProfile::FullNode },
		import_queue: queue_service,
		relay_chain_slot_duration: RELAY_SLOT,
		recovery_handle: Box::new(overseer),
		sync_service,
		prometheus_registry: registry.as_ref(),
	})?;

	task_manager.spawn_handle().spawn(
		"relay-watch",
		None,
		watch_relay(relay_chain.clone(), relay_id, para_id, client.info().genesis_hash),
	);

	let collator_peer_id = relay_network.local_peer_id();
	start_bootnode_tasks(StartBootnodeTasksParams {
		embedded_dht_bootnode: bootnode.options.embedded_dht_bootnode,
		dht_bootnode_discovery: bootnode.options.dht_bootnode_discovery,
		para_id,
		task_manager: &mut task_manager,
		relay_chain_interface: relay_chain.clone(),
		relay_chain_fork_id: bootnode.relay_fork_id,
		relay_chain_network: relay_network,
		request_receiver: bootnode_requests,
		parachain_network: network,
		advertise_non_global_ips: bootnode.advertise_non_global_ips,
		parachain_genesis_hash: client.info().genesis_hash.encode(),
		parachain_fork_id: bootnode.fork_id,
		parachain_public_addresses: bootnode.public_addresses,
	});

	if collating {
		start_authoring(Authoring {
			client,
			backend,
			block_import,
			slot_import_handle,
			pool,
			relay_chain,
			keystore: keystore.keystore(),
			collator_key: collator_key.ok_or_else(|| Error::Other("a collator needs a collator key".into()))?,
			collator_peer_id,
			para_id,
			announce_block,
			registry,
			telemetry: telemetry_handle,
			task_manager: &task_manager,
		});
	}
	Ok(task_manager)
}

/// Tells operators of a relay chain that is silent, or that does not have this parachain.
async fn watch_relay(relay: Arc<dyn RelayChainInterface>, id: String, para_id: ParaId, genesis: Hash) {
	let Ok(mut blocks) = relay.import_notification_stream().await else { return };
	let (mut agreed, mut told): (bool, Option<Instant>) = (false, None);
	loop {
		let Ok(block) = tokio::time::timeout(SILENCE, blocks.next()).await else {
			if !relay.is_major_syncing().await.unwrap_or(false) {
				log::warn!("{}", relay_check::silence(&id, SILENCE.as_secs()));
			}
			continue;
		};
		let Some(block) = block else { return };
		if agreed || told.is_some_and(|told| told.elapsed() < REMINDER) {
			continue;
		}
		// The past of a relay chain may be before the parachain was registered.
		if relay.is_major_syncing().await.unwrap_or(true) {
			continue;
		}
		let data = relay.persisted_validation_data(block.hash(), para_id, OccupiedCoreAssumption::TimedOut).await;
		let Ok(head) = data.map(|data| data.map(|data| data.parent_head.0)) else { continue };
		match relay_check::compare_head(&id, para_id, head.as_deref(), genesis) {
			Ok(()) => agreed = true,
			Err(problem) => {
				log::error!("{problem}");
				told = Some(Instant::now());
			}
		}
	}
}

/// What is told to others who look for the parachain on the relay chain's network.
struct Bootnode {
	options: CollatorOptions,
	relay_fork_id: Option<String>,
	fork_id: Option<String>,
	public_addresses: Vec<sc_network::Multiaddr>,
	advertise_non_global_ips: bool,
}

struct Authoring<'a> {
	client: Arc<Client>,
	backend: Arc<Backend>,
	block_import: BlockImport,
	slot_import_handle: SlotBasedBlockImportHandle<Block>,
	pool: Arc<Pool>,
	relay_chain: Arc<dyn RelayChainInterface>,
	keystore: KeystorePtr,
	collator_key: CollatorPair,
	collator_peer_id: PeerId,
	para_id: ParaId,
	announce_block: Arc<dyn Fn(Hash, Option<Vec<u8>>) + Send + Sync>,
	registry: Option<Registry>,
	telemetry: Option<TelemetryHandle>,
	task_manager: &'a TaskManager,
}

fn start_authoring(with: Authoring<'_>) {
	let proposer = sc_basic_authorship::ProposerFactory::new(
		with.task_manager.spawn_handle(),
		with.client.clone(),
		with.pool,
		with.registry.as_ref(),
		with.telemetry,
	);
	let code = with.client.clone();
	slot_based::run::<Block, AuthorityPair, _, _, _, _, _, _, _, _, _>(slot_based::Params {
		// The timestamp, the slot and the relay chain's data are added by the collator itself.
		create_inherent_data_providers: |_, ()| async { Ok(()) },
		block_import: with.block_import,
		para_client: with.client.clone(),
		para_backend: with.backend,
		relay_client: with.relay_chain,
		code_hash_provider: move |block| code.code_at(block).ok().map(|code| ValidationCode::from(code).hash()),
		keystore: with.keystore,
		collator_key: with.collator_key,
		collator_peer_id: with.collator_peer_id,
		para_id: with.para_id,
		proposer,
		collator_service: CollatorService::new(with.client.clone(), with.announce_block, with.client),
		reinitialize: false,
		slot_offset: SLOT_OFFSET,
		block_import_handle: with.slot_import_handle,
		spawner: with.task_manager.spawn_essential_handle(),
		relay_chain_slot_duration: RELAY_SLOT,
		export_pov: None,
		max_pov_percentage: None,
	});
}

/// The command line of the relay chain's node: what follows `--`.
#[derive(Debug)]
pub struct RelayChainCli {
	base: polkadot_cli::RunCmd,
	/// The relay chain that the parachain's specification names.
	chain_id: Option<String>,
	base_path: PathBuf,
}

impl RelayChainCli {
	/// Parses the relay chain's options; what they leave out comes from the parachain.
	pub fn new<'a>(para: &Configuration, args: impl Iterator<Item = &'a String>) -> Self {
		let command = polkadot_cli::RunCmd::command().no_binary_name(true).name("salus-node [OPTIONS] --");
		let matches = command.get_matches_from(args);
		Self {
			base: polkadot_cli::RunCmd::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()),
			chain_id: Extensions::try_get(&*para.chain_spec).map(|extensions| extensions.relay_chain.clone()),
			base_path: para.base_path.path().join("relay"),
		}
	}

	fn run(&self) -> &sc_cli::RunCmd {
		&self.base.base
	}
}

/// The configuration of the relay chain's node.
pub fn relay_configuration(cli: &RelayChainCli, tokio: tokio::runtime::Handle) -> sc_cli::Result<Configuration> {
	SubstrateCli::create_configuration(cli, cli, tokio)
		.map_err(|error| sc_cli::Error::Input(format!("the relay chain's options, after --: {error}")))
}

impl SubstrateCli for RelayChainCli {
	fn impl_name() -> String {
		Cli::impl_name()
	}

	fn impl_version() -> String {
		Cli::impl_version()
	}

	fn description() -> String {
		Cli::description()
	}

	fn author() -> String {
		Cli::author()
	}

	fn support_url() -> String {
		Cli::support_url()
	}

	fn copyright_start_year() -> i32 {
		Cli::copyright_start_year()
	}

	fn load_spec(&self, id: &str) -> Result<Box<dyn sc_service::ChainSpec>, String> {
		polkadot_cli::Cli::from_iter([Self::executable_name()].iter()).load_spec(id).map_err(|error| {
			format!(
				"the relay chain \"{id}\" is not known here: {error}. Pass its specification after --, as --chain FILE"
			)
		})
	}
}

impl DefaultConfigurationValues for RelayChainCli {
	fn p2p_listen_port() -> u16 {
		30334
	}

	fn rpc_listen_port() -> u16 {
		9945
	}

	fn prometheus_listen_port() -> u16 {
		9616
	}
}

impl CliConfiguration<Self> for RelayChainCli {
	fn shared_params(&self) -> &SharedParams {
		self.run().shared_params()
	}

	fn import_params(&self) -> Option<&ImportParams> {
		self.run().import_params()
	}

	fn network_params(&self) -> Option<&NetworkParams> {
		self.run().network_params()
	}

	fn keystore_params(&self) -> Option<&KeystoreParams> {
		self.run().keystore_params()
	}

	fn database(&self) -> sc_cli::Result<Option<sc_cli::Database>> {
		Ok(Some(self.run().database()?.unwrap_or(sc_cli::Database::ParityDb)))
	}

	fn base_path(&self) -> sc_cli::Result<Option<BasePath>> {
		Ok(self.shared_params().base_path()?.or_else(|| Some(self.base_path.clone().into())))
	}

	fn rpc_addr(&self, default_listen_port: u16) -> sc_cli::Result<Option<Vec<RpcEndpoint>>> {
		self.run().rpc_addr(default_listen_port)
	}

	fn prometheus_config(
		&self,
		default_listen_port: u16,
		chain_spec: &Box<dyn sc_service::ChainSpec>,
	) -> sc_cli::Result<Option<PrometheusConfig>> {
		self.run().prometheus_config(default_listen_port, chain_spec)
	}

	fn init<F>(&self, _: &String, _: &String, _: F) -> sc_cli::Result<()>
	where
		F: FnOnce(&mut sc_cli::LoggerBuilder),
	{
		// The parachain's command line has set up the process already.
		Ok(())
	}

	fn chain_id(&self, is_dev: bool) -> sc_cli::Result<String> {
		let chain_id = self.run().chain_id(is_dev)?;
		Ok(if chain_id.is_empty() { self.chain_id.clone().unwrap_or_default() } else { chain_id })
	}

	fn role(&self, is_dev: bool) -> sc_cli::Result<sc_service::Role> {
		self.run().role(is_dev)
	}

	fn transaction_pool(&self, is_dev: bool) -> sc_cli::Result<TransactionPoolOptions> {
		self.run().transaction_pool(is_dev)
	}

	fn rpc_methods(&self) -> sc_cli::Result<sc_service::config::RpcMethods> {
		self.run().rpc_methods()
	}

	fn rpc_max_connections(&self) -> sc_cli::Result<u32> {
		self.run().rpc_max_connections()
	}

	fn rpc_cors(&self, is_dev: bool) -> sc_cli::Result<Option<Vec<String>>> {
		self.run().rpc_cors(is_dev)
	}

	fn rpc_batch_config(&self) -> sc_cli::Result<RpcBatchRequestConfig> {
		self.run().rpc_batch_config()
	}

	fn force_authoring(&self) -> sc_cli::Result<bool> {
		self.run().force_authoring()
	}

	fn disable_grandpa(&self) -> sc_cli::Result<bool> {
		self.run().disable_grandpa()
	}

	fn max_runtime_instances(&self) -> sc_cli::Result<Option<usize>> {
		self.run().max_runtime_instances()
	}

	fn runtime_cache_size(&self) -> sc_cli::Result<u8> {
		self.run().runtime_cache_size()
	}

	fn telemetry_endpoints(
		&self,
		chain_spec: &Box<dyn sc_service::ChainSpec>,
	) -> sc_cli::Result<Option<TelemetryEndpoints>> {
		self.run().telemetry_endpoints(chain_spec)
	}

	fn node_name(&self) -> sc_cli::Result<String> {
		self.run().node_name()
	}
}
