//! Starts the network that `zombienet/network.toml` describes on this machine, and tests it.
//!
//! `salus-network run` tells the addresses and keeps the network until it is interrupted; `salus-network test` runs the
//! checks of [`checks`] one after the other on one network and ends with their count. Both find the programs `polkadot`
//! (with its two workers beside it) and `salus-node` on the path.

mod checks;
mod network;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode, time::Instant};

#[derive(Parser)]
#[command(about = "A local network of Salus under a relay chain")]
struct Cli {
	/// The network's description.
	#[arg(long, default_value = "zombienet/network.toml", value_name = "FILE")]
	network: PathBuf,
	#[command(subcommand)]
	command: Command,
}

#[derive(Subcommand)]
enum Command {
	/// Start the network, tell the addresses, and keep it until interrupted.
	Run,
	/// Start the network, test it, and stop it.
	Test {
		/// A runtime with the next spec version, to upgrade to.
		#[arg(long, value_name = "WASM")]
		next_runtime: Option<PathBuf>,
		/// Make only the checks that have one of these in their names.
		#[arg(long, value_name = "TEXT", num_args = 1..)]
		only: Vec<String>,
	},
}

#[tokio::main]
async fn main() -> ExitCode {
	match run(Cli::parse()).await {
		Ok(true) => ExitCode::SUCCESS,
		Ok(false) => ExitCode::FAILURE,
		Err(error) => {
			eprintln!("error: {error:#}");
			ExitCode::FAILURE
		}
	}
}

async fn run(cli: Cli) -> Result<bool> {
	let start = Instant::now();
	let network = network::start(&cli.network).await?;
	println!("started in {} s; logs and databases in {}", start.elapsed().as_secs(), network.base_dir().unwrap_or("?"));
	for node in network.nodes() {
		println!("  {:<12} {}", node.name(), node.ws_uri());
	}
	match cli.command {
		Command::Run => {
			println!("interrupt (Ctrl-C) to stop it");
			tokio::signal::ctrl_c().await?;
			network.destroy().await?;
			Ok(true)
		}
		Command::Test { next_runtime, only } => {
			let passed = checks::all(network, next_runtime.as_deref(), only).await?;
			Ok(passed)
		}
	}
}
