//! Does what the command line asks.

use crate::{
	chain_spec,
	cli::{Cli, ExportCmd, Subcommand},
	dev, preflight,
	service::{self, Block, Client, Parts},
};
use codec::Encode;
use sc_cli::{CliConfiguration, Error, Result, SubstrateCli};
use sc_consensus::DefaultImportQueue;
use sc_service::{config::DatabaseSource, Configuration, TaskManager};
use sp_blockchain::HeaderBackend;
use std::{
	io::{self, Write},
	sync::Arc,
};

impl SubstrateCli for Cli {
	fn impl_name() -> String {
		"Salus Node".into()
	}

	fn impl_version() -> String {
		env!("CARGO_PKG_VERSION").into()
	}

	fn description() -> String {
		"The node of the Salus health-data parachain.\n\n\
		 salus-node --dev runs a whole chain in one process, without a relay chain, and forgets it at the end; with \
		 --base-path DIR it is kept."
			.into()
	}

	fn author() -> String {
		env!("CARGO_PKG_AUTHORS").into()
	}

	fn support_url() -> String {
		env!("CARGO_PKG_REPOSITORY").into()
	}

	fn copyright_start_year() -> i32 {
		2026
	}

	fn executable_name() -> String {
		env!("CARGO_PKG_NAME").into()
	}

	fn load_spec(&self, id: &str) -> std::result::Result<Box<dyn sc_service::ChainSpec>, String> {
		chain_spec::load(id).map(|spec| Box::new(spec) as Box<_>)
	}
}

/// Parses the command line and does what it asks.
pub fn run() -> Result<()> {
	let mut cli = Cli::from_args();
	cli.apply_defaults();

	match &cli.subcommand {
		None => run_node(cli),
		Some(Subcommand::Key(cmd)) => cmd.run(&cli),
		Some(Subcommand::BuildSpec(cmd)) => {
			cli.create_runner(cmd)?.sync_run(|config| cmd.run(config.chain_spec, config.network))
		}
		Some(Subcommand::ExportChainSpec(cmd)) => cmd.run(cli.load_spec(&cmd.chain)?),
		Some(Subcommand::ConsortiumSpec(cmd)) => {
			let spec = chain_spec::consortium::load(&cmd.description)?.as_json(cmd.raw)?;
			io::stdout().write_all(spec.as_bytes()).map_err(Into::into)
		}
		Some(Subcommand::CheckBlock(cmd)) => {
			with_chain(&cli, cmd, |chain, _| cmd.run(chain.client, chain.import_queue))
		}
		Some(Subcommand::ExportBlocks(cmd)) => {
			with_chain(&cli, cmd, |chain, config| cmd.run(chain.client, config.database))
		}
		Some(Subcommand::ExportState(cmd)) => {
			with_chain(&cli, cmd, |chain, config| cmd.run(chain.client, config.chain_spec))
		}
		Some(Subcommand::ImportBlocks(cmd)) => {
			with_chain(&cli, cmd, |chain, _| cmd.run(chain.client, chain.import_queue))
		}
		Some(Subcommand::Revert(cmd)) => with_chain(&cli, cmd, |chain, _| cmd.run(chain.client, chain.backend, None)),
		Some(Subcommand::PurgeChain(cmd)) => {
			let mut runner = cli.create_runner(cmd)?;
			prefer_paritydb(cmd, runner.config_mut())?;
			#[cfg(feature = "collator")]
			{
				let relay = crate::collator::RelayChainCli::new(runner.config(), cli.relay_chain_args.iter());
				runner.sync_run(|config| {
					let relay = crate::collator::relay_configuration(&relay, config.tokio_handle.clone())?;
					cmd.run(config, relay)
				})
			}
			#[cfg(not(feature = "collator"))]
			runner.sync_run(|config| cmd.run(config.database))
		}
		Some(Subcommand::ChainInfo(cmd)) => {
			let mut runner = cli.create_runner(cmd)?;
			prefer_paritydb(cmd, runner.config_mut())?;
			runner.sync_run(|config| cmd.run::<Block>(&config))
		}
		Some(Subcommand::ExportGenesisHead(cmd)) => {
			let mut runner = cli.create_runner(cmd)?;
			prefer_paritydb(cmd, runner.config_mut())?;
			runner.sync_run(|config| {
				let client = service::new_parts(&config)?.client;
				let genesis = client.hash(0)?.and_then(|hash| client.header(hash).transpose()).transpose()?;
				let genesis = genesis.ok_or("the chain has no genesis block")?;
				write_export(cmd, genesis.encode())
			})
		}
		Some(Subcommand::ExportGenesisWasm(cmd)) => {
			let spec = cli.load_spec(cmd.shared_params.chain_id(cmd.shared_params.is_dev()).as_str())?;
			let mut genesis = spec.build_storage()?;
			let code = genesis.top.remove(sp_core::storage::well_known_keys::CODE);
			write_export(cmd, code.ok_or("the chain specification has no runtime")?)
		}
		#[cfg(feature = "runtime-benchmarks")]
		Some(Subcommand::Benchmark(cmd)) => benchmark(&cli, cmd),
	}
}

/// What subcommands need of a chain.
struct Chain {
	client: Arc<Client>,
	backend: Arc<service::Backend>,
	import_queue: DefaultImportQueue<Block>,
}

/// Opens the chain's database and runs a command on it.
fn with_chain<C, F, R>(cli: &Cli, cmd: &C, command: F) -> Result<()>
where
	C: CliConfiguration,
	F: FnOnce(Chain, Configuration) -> R,
	R: std::future::Future<Output = Result<()>>,
{
	let mut runner = cli.create_runner(cmd)?;
	prefer_paritydb(cmd, runner.config_mut())?;
	runner.async_run(|config| {
		let Parts { client, backend, task_manager, .. } = service::new_parts(&config)?;
		let block_import = Box::new(client.clone());
		let import_queue = service::import_queue(&config, client.clone(), block_import, &task_manager, None)?;
		Ok((command(Chain { client, backend, import_queue }, config), task_manager))
	})
}

/// ParityDB is the database we run. Builds that also have RocksDB (its relay chain client brings it) would take that.
fn prefer_paritydb(cmd: &impl CliConfiguration, config: &mut Configuration) -> Result<()> {
	if cmd.database()?.is_none() {
		let path = config.base_path.config_dir(config.chain_spec.id()).join("paritydb").join("full");
		config.database = DatabaseSource::ParityDb { path };
	}
	Ok(())
}

fn write_export(cmd: &ExportCmd, bytes: Vec<u8>) -> Result<()> {
	let bytes = if cmd.raw { bytes } else { format!("0x{}", hex::encode(bytes)).into_bytes() };
	match &cmd.output {
		Some(path) => std::fs::write(path, bytes)
			.map_err(|error| Error::Input(format!("{} cannot be written: {error}", path.display()))),
		None => io::stdout().write_all(&bytes).map_err(Into::into),
	}
}

fn run_node(cli: Cli) -> Result<()> {
	#[cfg(feature = "collator")]
	let cmd = cli.run.normalize();
	#[cfg(not(feature = "collator"))]
	let cmd = cli.run.clone();

	// What the SDK reads from there fails without the folder's name.
	if let Some(folder) = &cli.base().shared_params.base_path {
		preflight::check_folder(folder)?;
	}
	let mut runner = cli.create_runner(&cmd)?;
	let config = runner.config_mut();
	prefer_paritydb(&cmd, config)?;
	let is_dev_chain = service::is_dev_chain(config);
	preflight::check_folder(&config.base_path.config_dir(config.chain_spec.id()))?;
	preflight::check_rpc_ports(config)?;
	let asked_for_metrics = cli.base().prometheus_params.prometheus_port.is_some();
	preflight::check_prometheus_port(config, is_dev_chain && !asked_for_metrics)?;

	if is_dev_chain {
		// Explorers and tests ask about the past, and a development chain is small.
		if cli.base().import_params.pruning_params.state_pruning.is_none() {
			config.state_pruning = Some(sc_service::PruningMode::ArchiveAll);
		}
		let (seal, least_space) = (cli.seal(), cli.least_space(true));
		return runner.run_node_until_exit(|config| async move {
			dev::start(config, seal, least_space).map_err(Error::Service)
		});
	}
	if cli.has_dev_options() {
		return Err(Error::Input(format!(
			"--dev-block-time and --instant-seal are for development chains, and {:?} is not one: use --dev",
			runner.config().chain_spec.id(),
		)));
	}
	preflight::check_peer_port(runner.config())?;
	run_parachain(cli, runner)
}

#[cfg(feature = "collator")]
fn run_parachain(cli: Cli, runner: sc_cli::Runner<Cli>) -> Result<()> {
	let relay = crate::collator::RelayChainCli::new(runner.config(), cli.relay_chain_args.iter());
	runner.run_node_until_exit(|config| async move { start_parachain(cli, config, relay).await })
}

#[cfg(feature = "collator")]
async fn start_parachain(
	cli: Cli,
	config: Configuration,
	relay: crate::collator::RelayChainCli,
) -> Result<TaskManager> {
	let relay_config = crate::collator::relay_configuration(&relay, config.tokio_handle.clone())?;
	preflight::warn_of_relay_port(&relay_config);
	let options = crate::collator::Options {
		collator: cli.run.collator_options(),
		measure_hardware: !cli.no_hardware_benchmarks,
		least_space: cli.least_space(false),
	};
	crate::collator::start(config, relay_config, options).await.map_err(Error::Service)
}

#[cfg(not(feature = "collator"))]
fn run_parachain(_: Cli, runner: sc_cli::Runner<Cli>) -> Result<()> {
	let refuse = |config: Configuration| -> Result<TaskManager> {
		Err(Error::Input(format!(
			"{:?} is a parachain of a relay chain, and this build has no relay chain client: use --dev, or a build \
			 with the feature \"collator\"",
			config.chain_spec.id(),
		)))
	};
	runner.sync_run(|config| refuse(config).map(drop))
}

#[cfg(feature = "runtime-benchmarks")]
fn benchmark(cli: &Cli, cmd: &frame_benchmarking_cli::BenchmarkCmd) -> Result<()> {
	use frame_benchmarking_cli::{BenchmarkCmd, SUBSTRATE_REFERENCE_HARDWARE};
	use sp_runtime::traits::HashingFor;

	match cmd {
		BenchmarkCmd::Pallet(cmd) => {
			let spec = cmd.shared_params.chain.as_ref().map(|chain| cli.load_spec(chain)).transpose()?;
			cmd.run_with_spec::<HashingFor<Block>, service::HostFunctions>(spec)
		}
		BenchmarkCmd::Block(cmd) => cli.create_runner(cmd)?.sync_run(|config| {
			let client = service::new_parts(&config)?.client;
			cmd.run(client)
		}),
		BenchmarkCmd::Storage(cmd) => cli.create_runner(cmd)?.sync_run(|config| {
			let Parts { client, backend, .. } = service::new_parts(&config)?;
			let (db, storage) = (backend.expose_db(), backend.expose_storage());
			let cache = backend.expose_shared_trie_cache();
			cmd.run(config, client, db, storage, cache)
		}),
		BenchmarkCmd::Machine(cmd) => {
			cli.create_runner(cmd)?.sync_run(|config| cmd.run(&config, SUBSTRATE_REFERENCE_HARDWARE.clone()))
		}
		_ => Err("this benchmark needs transactions of its own, which this node does not make".into()),
	}
}
