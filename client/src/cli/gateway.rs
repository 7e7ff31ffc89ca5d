//! `salus gateway`.

use super::{
	org::{connect, keys},
	Context,
};
use crate::{
	gateway::{Config, Folders, Gateway},
	keys::DataKeyStore,
	Error, Result,
};
use clap::{Args, Subcommand};
use serde_json::json;
use tokio::net::TcpListener;

/// Commands about the custodian's gateway.
#[derive(Subcommand, Debug)]
pub enum GatewayCommand {
	/// Serve the records that are kept here, until interrupted.
	Run(RunArgs),
}

/// Arguments of `gateway run`.
#[derive(Args, Debug)]
pub struct RunArgs {
	/// The gateway's key: a member of the custodian with the role `gateway`.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
	/// Where to listen. Put a TLS-terminating proxy before anything but the local machine.
	#[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
	listen: String,
}

/// Runs a command about the gateway.
pub async fn run(context: &Context, command: GatewayCommand) -> Result<()> {
	let GatewayCommand::Run(args) = command;
	let keys = keys(context, &args.signer)?;
	let folders = Folders::of(&context.home());
	let config = Config {
		chain: connect(context).await?,
		signer: keys.signer,
		store: context.open_store()?,
		keys: DataKeyStore::open(&folders.data_keys())?,
		journal: folders.journal(),
	};
	let gateway = Gateway::open(config).await?;
	let listener = TcpListener::bind(&args.listen).await;
	let listener = listener.map_err(|error| Error::usage("bad-address", format!("{}: {error}", args.listen)))?;
	let address = listener.local_addr().map_err(|error| Error::unexpected("listening", error))?;
	let answer = json!({ "gateway": gateway.account(), "org": gateway.org(), "listen": address.to_string() });
	context.print(&answer, || {
		format!("gateway {} of organisation {} listens on http://{address}", gateway.account(), gateway.org())
	})?;
	gateway.serve(listener, interrupted()).await
}

/// Ready when the process is asked to end.
async fn interrupted() {
	let interrupt = tokio::signal::ctrl_c();
	#[cfg(unix)]
	if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
		tokio::select! {
			_ = interrupt => (),
			_ = terminate.recv() => (),
		}
		return;
	}
	// Without a handler there is nothing to wait for but the end of the process itself.
	if interrupt.await.is_err() {
		std::future::pending::<()>().await;
	}
}
