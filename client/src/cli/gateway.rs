//! `salus gateway`.

use super::{
	acting::{connect, keys, Who},
	print_json,
	values::{action, purpose, show_moment},
	Context,
};
use crate::{
	chain::Chain,
	gateway::{metrics, receipts::SignedReceipt, Config, Folders, Gateway, Limits, Tls},
	keys::{AtRest, DataKeyStore, Keys},
	records::{trust_gateway_ca, Reader},
	research::Book,
	Error, Result,
};
use clap::{Args, Subcommand};
use futures::try_join;
use salus_primitives::{consent::Effect, Action, Purpose, ResourceType};
use serde_json::{json, value::RawValue};
use std::{path::PathBuf, time::Duration};
use tokio::net::TcpListener;

/// Commands about the custodian's gateway.
#[derive(Subcommand, Debug)]
pub enum GatewayCommand {
	/// Serve the records that are kept here, until interrupted.
	#[command(visible_alias = "serve")]
	Run(RunArgs),
	/// Search for FHIR resources of a type that a custodian's gateway gives; prints a searchset of the opened resources.
	Search(SearchArgs),
	/// List the receipts of a patient that a gateway anchored in batches, each verified against the chain.
	Receipts(AskArgs),
}

/// Who asks which gateway about whom.
#[derive(Args, Debug)]
pub struct AskArgs {
	#[command(flatten)]
	who: Who,
	/// The gateway.
	#[arg(long, env = "SALUS_GATEWAY", default_value = "http://127.0.0.1:8080", value_name = "URL")]
	gateway: String,
	/// File (PEM) with root certificates that the gateway's may come from, besides the public ones.
	#[arg(long, env = "SALUS_GATEWAY_CA", value_name = "FILE")]
	gateway_ca: Option<PathBuf>,
}

/// Arguments of `gateway search`.
#[derive(Args, Debug)]
pub struct SearchArgs {
	/// FHIR resource type, such as Observation.
	#[arg(value_name = "TYPE", value_parser = resource_type)]
	resource_type: ResourceType,
	#[command(flatten)]
	ask: AskArgs,
	/// What for.
	#[arg(long, default_value = "TREAT", value_name = "CODE", value_parser = purpose)]
	purpose: Purpose,
	/// To do what.
	#[arg(long, default_value = "access", value_name = "CODE", value_parser = action)]
	action: Action,
}

fn resource_type(code: &str) -> Result<ResourceType, String> {
	ResourceType::from_code(code).ok_or_else(|| format!("{code} is no type of FHIR resources that is known here"))
}

/// Arguments of `gateway run`.
#[derive(Args, Debug)]
pub struct RunArgs {
	/// The gateway's key: a member of the custodian with the role `gateway`.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
	/// Where to listen. Beyond the local machine use TLS, by --tls-cert or by a proxy.
	#[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
	listen: String,
	#[command(flatten)]
	http: HttpArgs,
	/// Where to serve metrics for Prometheus, in the clear; nowhere if it is not given. Only operators should reach it:
	/// who reads counts while others ask learns when.
	#[arg(long, env = "SALUS_METRICS_LISTEN", value_name = "ADDRESS")]
	metrics_listen: Option<String>,
	/// How long receipts are gathered before one root over them goes to the chain; 0 anchors each by itself.
	#[arg(long, env = "SALUS_RECEIPT_INTERVAL", value_name = "SECONDS", default_value_t = 0)]
	receipt_interval: u64,
	/// Keep a master key that has to be made as it is, for development; otherwise it is kept under the passphrase in
	/// SALUS_PASSPHRASE, or in the file that SALUS_PASSPHRASE_FILE names.
	#[arg(long)]
	clear_text: bool,
}

/// How HTTP is served.
#[derive(Args, Debug)]
pub struct HttpArgs {
	/// File (PEM) with the certificate, and those that lead to its root.
	#[arg(long, env = "SALUS_TLS_CERT", value_name = "FILE", requires = "tls_key")]
	tls_cert: Option<PathBuf>,
	/// File (PEM) with the certificate's key.
	#[arg(long, env = "SALUS_TLS_KEY", value_name = "FILE", requires = "tls_cert")]
	tls_key: Option<PathBuf>,
	/// Requests that are answered at the same time; more are told to come again.
	#[arg(long, env = "SALUS_MAX_IN_FLIGHT", value_name = "NUMBER", default_value_t = 64,
		value_parser = clap::value_parser!(u32).range(1..))]
	max_in_flight: u32,
	/// How long an answer may take.
	#[arg(long, env = "SALUS_REQUEST_TIMEOUT", value_name = "SECONDS", default_value_t = 30,
		value_parser = clap::value_parser!(u64).range(1..))]
	request_timeout: u64,
}

impl HttpArgs {
	/// Certificate and key, if there are any.
	pub(super) fn tls(&self) -> Result<Option<Tls>> {
		self.tls_cert.as_deref().zip(self.tls_key.as_deref()).map(|(cert, key)| Tls::read(cert, key)).transpose()
	}

	/// What is taken at once.
	pub(super) fn limits(&self) -> Limits {
		Limits { in_flight: self.max_in_flight as usize, timeout: Duration::from_secs(self.request_timeout) }
	}
}

/// Listens, and tells the URL.
pub(super) async fn bind(listen: &str, tls: Option<&Tls>) -> Result<(TcpListener, String)> {
	let listener = TcpListener::bind(listen).await;
	let listener = listener.map_err(|error| Error::usage("bad-address", format!("{listen}: {error}")))?;
	let address = listener.local_addr().map_err(|error| Error::unexpected("listening", error))?;
	let scheme = if tls.is_some() { "https" } else { "http" };
	Ok((listener, format!("{scheme}://{address}")))
}

/// Runs a command about the gateway.
pub async fn run(context: &Context, command: GatewayCommand) -> Result<()> {
	match command {
		GatewayCommand::Run(args) => serve(context, args).await,
		GatewayCommand::Search(args) => search(context, args).await,
		GatewayCommand::Receipts(args) => receipts(context, args).await,
	}
}

/// What it takes to ask a gateway.
struct Asking {
	chain: Chain,
	keys: Keys,
}

impl AskArgs {
	async fn open(&self, context: &Context) -> Result<Asking> {
		if let Some(path) = &self.gateway_ca {
			trust_gateway_ca(path)?;
		}
		Ok(Asking { keys: keys(context, &self.who.signer)?, chain: connect(context).await? })
	}

	fn reader<'a>(&'a self, Asking { chain, keys }: &'a Asking) -> Reader<'a> {
		Reader { chain, signer: &keys.signer, secret: &keys.encryption, gateway: &self.gateway }
	}
}

async fn search(context: &Context, SearchArgs { resource_type, ask, purpose, action }: SearchArgs) -> Result<()> {
	let asking = ask.open(context).await?;
	let bundle = ask.reader(&asking).fhir_search(&ask.who.patient, resource_type, purpose, action).await?;
	// The resources go out as they are: a parsed number might not come out as it was written.
	let bundle = RawValue::from_string(bundle).map_err(|error| Error::unexpected("writing a bundle", error))?;
	print_json(&bundle)
}

async fn receipts(context: &Context, ask: AskArgs) -> Result<()> {
	let asking = ask.open(context).await?;
	let receipts = ask.reader(&asking).receipts(&ask.who.patient).await?;
	context.print(&receipts, || {
		let line = |receipt: &SignedReceipt| {
			let (proven, told) = (&receipt.proven, &receipt.proven.leaf.receipt);
			format!(
				"{} {} {} {} for {} ({}; record {}, organisation {}, batch {}, place {})",
				show_moment(told.at),
				told.actor,
				if told.effect == Effect::Permit { "was given" } else { "was refused" },
				told.action,
				told.purpose,
				told.reason.code(),
				told.record,
				proven.org,
				proven.batch,
				proven.index,
			)
		};
		receipts.iter().map(line).collect::<Vec<_>>().join("\n")
	})
}

async fn serve(context: &Context, args: RunArgs) -> Result<()> {
	let keys = keys(context, &args.signer)?;
	let folders = Folders::of(&context.home());
	let tls = args.http.tls()?;
	let at_rest = if args.clear_text { AtRest::ClearText } else { AtRest::Environment };
	let config = Config {
		chain: connect(context).await?,
		signer: keys.signer,
		secret: keys.encryption,
		store: context.open_store()?,
		keys: DataKeyStore::open_with(&folders.data_keys(), &at_rest)?,
		book: Book::open_with(&context.home(), &at_rest)?,
		journal: folders.journal(),
		leaving: folders.leaving(),
		streams: folders.streams(),
		care: folders.care(),
		receipt_interval: Duration::from_secs(args.receipt_interval),
		limits: args.http.limits(),
		tls: tls.clone(),
	};
	let gateway = Gateway::open(config).await?;
	let (listener, url) = bind(&args.listen, tls.as_ref()).await?;
	let listen = url.split_once("://").map_or(url.as_str(), |(_, address)| address);
	let counts = match &args.metrics_listen {
		Some(address) => Some(bind(address, None).await?),
		None => None,
	};
	let counts_url = counts.as_ref().map(|(_, url)| format!("{url}/metrics"));
	let answer = json!({
		"gateway": gateway.account(), "org": gateway.org(), "listen": listen, "url": url, "metrics": counts_url,
	});
	context.print(&answer, || {
		let counts = counts_url.map_or(String::new(), |url| format!(", metrics on {url}"));
		format!("gateway {} of organisation {} listens on {url}{counts}", gateway.account(), gateway.org())
	})?;
	match counts {
		Some((counts, _)) => {
			let both = (gateway.clone().serve(listener, interrupted()), metrics::serve(gateway, counts, interrupted()));
			try_join!(both.0, both.1).map(drop)
		}
		None => gateway.serve(listener, interrupted()).await,
	}
}

/// Ready when the process is asked to end.
pub(super) async fn interrupted() {
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
