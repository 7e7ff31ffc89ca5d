//! `salus council`: what the consortium's council carries about the chain itself.

use super::{
	acting::{account, connect, done, voters, Council},
	Context,
};
use crate::{
	chain::{calls::network, council, Call},
	Error, Result,
};
use clap::{Args, Subcommand, ValueEnum};
use salus_primitives::H256;
use serde_json::json;
use std::path::PathBuf;

/// Commands that the council carries, each with the votes of the members whose keys are named.
#[derive(Subcommand, Debug)]
pub enum CouncilCommand {
	/// Pause a call; half of the council is enough. What ends access, recalls and receipts cannot be paused.
	Pause(PauseArgs),
	/// Let a paused call go on; more than half of the council.
	Unpause(PauseArgs),
	/// Enter safe mode for a day (half of the council), stay in it a day more, leave it (more than half).
	SafeMode {
		/// What to do.
		step: SafeModeStep,
		#[command(flatten)]
		#[allow(missing_docs)]
		council: Council,
	},
	/// Name a collator, whose node has registered its keys; more than half of the council.
	AddCollator(CollatorArgs),
	/// Dismiss a collator; more than half of the council.
	RemoveCollator(CollatorArgs),
	/// Authorise a runtime and bring it; two thirds of the council. Compare the file with your own build first.
	Upgrade {
		/// The runtime: compressed WASM.
		wasm: PathBuf,
		#[command(flatten)]
		#[allow(missing_docs)]
		council: Council,
	},
}

/// A call to pause.
#[derive(Args, Debug)]
pub struct PauseArgs {
	/// The pallet, as the metadata names it: HealthRecords.
	pallet: String,
	/// The call: anchor.
	call: String,
	#[command(flatten)]
	council: Council,
}

/// Who makes blocks.
#[derive(Args, Debug)]
pub struct CollatorArgs {
	/// An SS58 address, a public key, or the name of a key.
	account: String,
	#[command(flatten)]
	council: Council,
}

/// What is done about safe mode.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub enum SafeModeStep {
	/// All but what nobody can stop is refused.
	Enter,
	/// A day more.
	Extend,
	/// As before.
	Exit,
}

/// Carries it.
pub async fn run(context: &Context, command: CouncilCommand) -> Result<()> {
	let (call, council) = match command {
		CouncilCommand::Pause(args) => (network::pause(&args.pallet, &args.call), args.council),
		CouncilCommand::Unpause(args) => (network::unpause(&args.pallet, &args.call), args.council),
		CouncilCommand::SafeMode { step, council } => {
			let call = match step {
				SafeModeStep::Enter => network::enter_safe_mode(),
				SafeModeStep::Extend => network::extend_safe_mode(),
				SafeModeStep::Exit => network::exit_safe_mode(),
			};
			(call, council)
		}
		CouncilCommand::AddCollator(args) => (network::add_collator(&account(context, &args.account)?), args.council),
		CouncilCommand::RemoveCollator(args) => {
			(network::remove_collator(&account(context, &args.account)?), args.council)
		}
		CouncilCommand::Upgrade { wasm, council } => return upgrade(context, &wasm, &council).await,
	};
	carry(context, &council, call).await
}

async fn carry(context: &Context, council: &Council, call: Call) -> Result<()> {
	let voters = voters(context, council)?;
	let included = council::carry(&connect(context).await?, &voters, &call).await?;
	done(context, &call, &included, json!({}))
}

/// The first of the voters brings the code.
async fn upgrade(context: &Context, wasm: &PathBuf, council: &Council) -> Result<()> {
	let code = std::fs::read(wasm).map_err(|error| Error::file(wasm, error))?;
	let hash = H256(sp_crypto_hashing::blake2_256(&code));
	let voters = voters(context, council)?;
	let chain = connect(context).await?;
	council::carry(&chain, &voters, &network::authorize_upgrade(hash)).await?;
	let first = voters.first().ok_or_else(|| Error::usage("bad-arguments", "name the keys of council members"))?;
	let call = network::apply_upgrade(&code);
	let included = chain.submit(first, &call).await?;
	done(context, &call, &included, json!({ "code": hash }))
}
