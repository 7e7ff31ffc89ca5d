//! The command line.

use crate::dev::{Seal, DEFAULT_BLOCK_TIME};
use sc_cli::SharedParams;
use std::{num::NonZeroU32, path::PathBuf, time::Duration};

/// What runs a node. The collator adds the options of a parachain to those of every Substrate node.
#[cfg(feature = "collator")]
pub type RunCmd = cumulus_client_cli::RunCmd;
/// What runs a node.
#[cfg(not(feature = "collator"))]
pub type RunCmd = sc_cli::RunCmd;

/// The most requests in a JSON-RPC batch, unless `--rpc-max-batch-request-len` says otherwise.
pub const MAX_BATCH: u32 = 100;
/// The most calls a minute and connection on an exposed interface, unless `--rpc-rate-limit` says otherwise.
pub const EXPOSED_RATE_LIMIT: NonZeroU32 = match NonZeroU32::new(1_200) {
	Some(limit) => limit,
	None => unreachable!(),
};

/// What must be free where the database is, in MiB, unless `--db-storage-threshold` says otherwise.
const LEAST_SPACE: u64 = 1_024;
/// The same on a development chain, which is small and often in a small folder.
const LEAST_SPACE_DEV: u64 = 64;

/// The Salus node.
#[derive(Debug, clap::Parser)]
pub struct Cli {
	/// What to do, if not to run a node.
	#[command(subcommand)]
	pub subcommand: Option<Subcommand>,

	/// Options of a running node.
	#[command(flatten)]
	pub run: RunCmd,

	/// Make a block every so many milliseconds, on a development chain. 2000 is the default.
	///
	/// The chain's time is the wall clock's. A relay chain slot of six seconds admits four blocks: when blocks come
	/// faster than every 1500 ms, the chain's time runs ahead of the wall clock.
	#[arg(
		long,
		value_name = "MS",
		value_parser = clap::value_parser!(u64).range(100..=3_600_000),
		conflicts_with = "instant_seal"
	)]
	pub dev_block_time: Option<u64>,

	/// Make a block when there are transactions, and none otherwise, on a development chain.
	#[arg(long)]
	pub instant_seal: bool,

	/// End the node when so many MiB or less are free where its database is; 0 lets it go on.
	///
	/// A database that meets a full disk can only stop. 1024 is the default, and 64 on a development chain.
	#[arg(long, value_name = "MiB")]
	pub db_storage_threshold: Option<u64>,

	/// Do not measure this machine's speed at start.
	#[cfg(feature = "collator")]
	#[arg(long)]
	pub no_hardware_benchmarks: bool,

	/// Options of the relay chain's node, after `--`.
	#[cfg(feature = "collator")]
	#[arg(raw = true)]
	pub relay_chain_args: Vec<String>,
}

impl Cli {
	/// The options that every Substrate node has.
	pub fn base(&self) -> &sc_cli::RunCmd {
		#[cfg(feature = "collator")]
		{
			&self.run.base
		}
		#[cfg(not(feature = "collator"))]
		{
			&self.run
		}
	}

	fn base_mut(&mut self) -> &mut sc_cli::RunCmd {
		#[cfg(feature = "collator")]
		{
			&mut self.run.base
		}
		#[cfg(not(feature = "collator"))]
		{
			&mut self.run
		}
	}

	/// Fills in what nobody set: less of the log's noise, and limits of the JSON-RPC server.
	pub fn apply_defaults(&mut self) {
		let base = self.base_mut();
		// It tells the same as the line about the imported block. What the user asks for comes later and prevails.
		base.shared_params.log.insert(0, "sc_consensus_manual_seal=warn".into());
		let rpc = &mut base.rpc_params;
		// An endpoint that is described in full is taken as it is.
		if !rpc.experimental_rpc_endpoint.is_empty() {
			return;
		}
		if !rpc.rpc_disable_batch_requests {
			rpc.rpc_max_batch_request_len.get_or_insert(MAX_BATCH);
		}
		if rpc.rpc_external || rpc.unsafe_rpc_external {
			rpc.rpc_rate_limit.get_or_insert(EXPOSED_RATE_LIMIT);
		}
	}

	/// How blocks are made, on a development chain.
	pub fn seal(&self) -> Seal {
		match self.dev_block_time {
			_ if self.instant_seal => Seal::OnTransactions,
			time => Seal::Every(Duration::from_millis(time.unwrap_or(DEFAULT_BLOCK_TIME))),
		}
	}

	/// How much space, in MiB, must be free where the database is.
	pub fn least_space(&self, is_dev_chain: bool) -> u64 {
		self.db_storage_threshold.unwrap_or(if is_dev_chain { LEAST_SPACE_DEV } else { LEAST_SPACE })
	}

	/// Whether an option was given that only a development chain has.
	pub fn has_dev_options(&self) -> bool {
		self.instant_seal || self.dev_block_time.is_some()
	}
}

/// What the node does besides running.
#[derive(Debug, clap::Subcommand)]
#[allow(clippy::large_enum_variant)]
pub enum Subcommand {
	/// Make, inspect and store keys.
	#[command(subcommand)]
	Key(sc_cli::KeySubcommand),

	/// Write a chain specification, with this machine as boot node.
	BuildSpec(sc_cli::BuildSpecCmd),

	/// Write a chain specification.
	ExportChainSpec(sc_cli::ExportChainSpecCmd),

	/// Write the chain specification of a consortium from its description, a JSON file.
	ConsortiumSpec(ConsortiumSpecCmd),

	/// Execute a block again.
	CheckBlock(sc_cli::CheckBlockCmd),

	/// Write blocks to a file.
	ExportBlocks(sc_cli::ExportBlocksCmd),

	/// Write the state of a block as a chain specification.
	ExportState(sc_cli::ExportStateCmd),

	/// Read blocks from a file.
	ImportBlocks(sc_cli::ImportBlocksCmd),

	/// Take blocks off the chain.
	Revert(sc_cli::RevertCmd),

	/// Remove the chain's database.
	PurgeChain(PurgeChainCmd),

	/// Print what the database holds.
	ChainInfo(sc_cli::ChainInfoCmd),

	/// Write the genesis head of the parachain, to register it.
	#[command(alias = "export-genesis-state")]
	ExportGenesisHead(ExportCmd),

	/// Write the genesis WASM of the parachain, to register it.
	ExportGenesisWasm(ExportCmd),

	/// Measure the runtime and this machine.
	#[cfg(feature = "runtime-benchmarks")]
	#[command(subcommand)]
	Benchmark(frame_benchmarking_cli::BenchmarkCmd),
}

/// Removes the parachain's database and, with the collator, the relay chain's.
#[cfg(feature = "collator")]
pub type PurgeChainCmd = cumulus_client_cli::PurgeChainCmd;
/// Removes the database.
#[cfg(not(feature = "collator"))]
pub type PurgeChainCmd = sc_cli::PurgeChainCmd;

/// Makes a consortium's chain specification.
#[derive(Debug, Clone, clap::Parser)]
pub struct ConsortiumSpecCmd {
	/// The description: see docs/OPERATORS.md.
	pub description: PathBuf,

	/// Write the genesis state in full, as nodes take it, and not the description of it.
	#[arg(long)]
	pub raw: bool,
}

/// Writes a part of the genesis, as registering a parachain needs it.
#[derive(Debug, Clone, clap::Parser)]
pub struct ExportCmd {
	/// The file to write; standard output if it is not given.
	pub output: Option<PathBuf>,

	/// Write bytes, not hexadecimal digits.
	#[arg(short, long)]
	pub raw: bool,

	/// Which chain.
	#[command(flatten)]
	pub shared_params: SharedParams,
}

impl sc_cli::CliConfiguration for ExportCmd {
	fn shared_params(&self) -> &SharedParams {
		&self.shared_params
	}

	fn base_path(&self) -> sc_cli::Result<Option<sc_service::BasePath>> {
		// Nothing of it is kept.
		sc_service::BasePath::new_temp_dir().map(Some).map_err(Into::into)
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use clap::{CommandFactory, Parser};

	fn parse(args: &[&str]) -> Result<Cli, clap::Error> {
		use sc_cli::SubstrateCli;
		Cli::try_from_iter(std::iter::once("salus-node").chain(args.iter().copied()))
	}

	#[test]
	fn the_command_line_is_consistent() {
		Cli::command().debug_assert();
	}

	#[test]
	fn a_development_chain_seals_every_two_seconds() {
		let cli = parse(&["--dev"]).unwrap();
		assert_eq!(cli.seal(), Seal::Every(Duration::from_secs(2)));
		assert!(!cli.has_dev_options());
	}

	#[test]
	fn sealing_can_be_chosen() {
		assert_eq!(
			parse(&["--dev", "--dev-block-time", "500"]).unwrap().seal(),
			Seal::Every(Duration::from_millis(500))
		);
		assert_eq!(parse(&["--dev", "--instant-seal"]).unwrap().seal(), Seal::OnTransactions);
		assert!(parse(&["--instant-seal"]).unwrap().has_dev_options());
	}

	#[test]
	fn both_ways_of_sealing_contradict() {
		let error = parse(&["--dev", "--instant-seal", "--dev-block-time", "500"]).unwrap_err();
		assert_eq!(error.kind(), clap::error::ErrorKind::ArgumentConflict);
	}

	#[test]
	fn a_block_time_of_zero_is_refused() {
		let error = parse(&["--dev", "--dev-block-time", "0"]).unwrap_err();
		assert_eq!(error.kind(), clap::error::ErrorKind::ValueValidation);
	}

	#[test]
	fn batches_are_limited_unless_told_otherwise() {
		let limits = |args: &[&str]| {
			let mut cli = parse(args).unwrap();
			cli.apply_defaults();
			let rpc = &cli.base().rpc_params;
			(rpc.rpc_max_batch_request_len, rpc.rpc_rate_limit)
		};
		assert_eq!(limits(&["--dev"]), (Some(MAX_BATCH), None));
		assert_eq!(limits(&["--dev", "--rpc-max-batch-request-len", "7"]), (Some(7), None));
		assert_eq!(limits(&["--dev", "--rpc-disable-batch-requests"]), (None, None));
		assert_eq!(limits(&["--rpc-external"]), (Some(MAX_BATCH), Some(EXPOSED_RATE_LIMIT)));
		assert_eq!(limits(&["--unsafe-rpc-external"]), (Some(MAX_BATCH), Some(EXPOSED_RATE_LIMIT)));
		assert_eq!(limits(&["--rpc-external", "--rpc-rate-limit", "9"]), (Some(MAX_BATCH), NonZeroU32::new(9)));
	}

	#[test]
	fn a_full_disk_ends_a_node_unless_told_otherwise() {
		let least = |args: &[&str], is_dev| parse(args).unwrap().least_space(is_dev);
		assert_eq!((least(&[], false), least(&["--dev"], true)), (LEAST_SPACE, LEAST_SPACE_DEV));
		assert_eq!(least(&["--db-storage-threshold", "0"], false), 0);
		assert_eq!(least(&["--dev", "--db-storage-threshold", "7"], true), 7);
	}

	#[test]
	fn every_standard_subcommand_is_there() {
		for args in [
			&["key", "generate"][..],
			&["build-spec", "--chain", "local"],
			&["export-chain-spec", "--chain", "local"],
			&["check-block", "1"],
			&["export-blocks"],
			&["export-state"],
			&["import-blocks"],
			&["revert"],
			&["purge-chain", "-y"],
			&["chain-info"],
			&["export-genesis-head"],
			&["export-genesis-state", "--raw"],
			&["export-genesis-wasm", "--chain", "local", "file"],
		] {
			let cli = parse(args).unwrap_or_else(|error| panic!("{args:?}: {error}"));
			assert!(cli.subcommand.is_some(), "{args:?}");
		}
	}

	#[test]
	fn the_node_parses_without_the_framework_too() {
		assert!(Cli::try_parse_from(["salus-node", "--dev"]).is_ok());
	}
}
