//! `salus drug dispense`, `upload`, `undo`, `verify`, `serve`.

use super::{tell, By, Desk};
use crate::{
	cli::{
		acting::{connect, keys},
		gateway::{bind, interrupted, HttpArgs},
		values::{moment, show_moment},
		Context,
	},
	drug::{
		dispensing::{Judgement, Outcome, Scan},
		scans,
		serve::Endpoint,
		Book,
	},
	records::trust_gateway_ca,
	Error, Result,
};
use clap::Args;
use salus_primitives::{
	drug::{Verdict, Verification},
	Moment,
};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// Conflicts that are told one by one in words; `--json` tells all.
const TOLD: usize = 50;

/// Arguments of `drug dispense`.
#[derive(Args, Debug)]
pub struct DispenseArgs {
	/// What was scanned: an element string, raw or with brackets, or a Digital Link.
	#[arg(required_unless_present = "file", conflicts_with = "file", allow_hyphen_values = true)]
	scan: Option<String>,
	/// A file with a scan on each line.
	#[arg(long, value_name = "FILE")]
	file: Option<PathBuf>,
	/// When it was handed out, if that was before.
	#[arg(long, value_name = "TIME", value_parser = moment)]
	at: Option<Moment>,
	#[command(flatten)]
	asking: AskingArgs,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug upload`.
#[derive(Args, Debug)]
pub struct UploadArgs {
	/// The file: on each line a scan, a comma and when it was handed out (RFC 3339).
	file: PathBuf,
	#[command(flatten)]
	asking: AskingArgs,
	#[command(flatten)]
	by: By,
}

/// Whom to ask.
#[derive(Args, Debug)]
pub struct AskingArgs {
	/// The manufacturer's endpoint (`salus drug serve`), asked for the proof if nothing is known of the unit here.
	#[arg(long, env = "SALUS_SCAN_ENDPOINT", value_name = "URL")]
	from: Option<String>,
	/// File (PEM) with root certificates that the endpoint's may come from, besides the public ones.
	#[arg(long, env = "SALUS_GATEWAY_CA", value_name = "FILE")]
	gateway_ca: Option<PathBuf>,
}

impl AskingArgs {
	/// The endpoint, whose certificate is trusted from now on.
	fn endpoint(&self) -> Result<Option<&str>> {
		if let Some(path) = &self.gateway_ca {
			trust_gateway_ca(path)?;
		}
		Ok(self.from.as_deref())
	}
}

/// Arguments of `drug undo`.
#[derive(Args, Debug)]
pub struct UndoArgs {
	/// What was scanned.
	#[arg(allow_hyphen_values = true)]
	scan: String,
	#[command(flatten)]
	by: By,
}

/// Arguments of `drug verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
	/// What was scanned: an element string, raw or with brackets, or a Digital Link.
	#[arg(allow_hyphen_values = true)]
	scan: String,
	#[command(flatten)]
	asking: AskingArgs,
}

/// Arguments of `drug serve`.
#[derive(Args, Debug)]
pub struct ServeArgs {
	/// Where to listen. Beyond the local machine use TLS, by --tls-cert or by a proxy.
	#[arg(long, default_value = "127.0.0.1:8090", value_name = "ADDRESS")]
	listen: String,
	#[command(flatten)]
	http: HttpArgs,
	#[command(flatten)]
	by: By,
}

fn lines(path: &Path) -> Result<Vec<(usize, String)>> {
	let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
	let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
	let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
	Ok(lines.map(|(number, line)| (number, line.to_owned())).collect())
}

/// Dispenses a pack, or those of a file.
pub async fn dispense(context: &Context, args: DispenseArgs) -> Result<()> {
	let at = args.at;
	let packs = match (&args.scan, &args.file) {
		(Some(scan), _) => {
			// What is wrong with a single scan is an error of its own.
			scans::read(scan)?;
			vec![Scan { line: 1, text: Ok(scan.clone()), at }]
		}
		(None, Some(file)) => lines(file)?.into_iter().map(|(line, text)| Scan { line, text: Ok(text), at }).collect(),
		(None, None) => return Err(Error::usage("no-scan", "name a scan, or --file")),
	};
	let desk = Desk::open(context, &args.by).await?;
	carry_out(context, &desk, &packs, args.asking.endpoint()?).await
}

/// Uploads dispenses that were made without a line.
pub async fn upload(context: &Context, args: UploadArgs) -> Result<()> {
	let read = |(line, text): (usize, String)| match scans::read_with_time(&text) {
		Ok((scan, at)) => Scan { line, text: Ok(scan.to_owned()), at: Some(at) },
		Err(error) => Scan { line, text: Err(error), at: None },
	};
	let packs: Vec<_> = lines(&args.file)?.into_iter().map(read).collect();
	let desk = Desk::open(context, &args.by).await?;
	carry_out(context, &desk, &packs, args.asking.endpoint()?).await
}

async fn carry_out(context: &Context, desk: &Desk, packs: &[Scan], endpoint: Option<&str>) -> Result<()> {
	let bar = context.progress(packs.len() as u64, "dispensing");
	let outcomes = desk.holder().dispense_asking(packs, endpoint, |count| bar.inc(count as u64)).await;
	bar.finish_and_clear();
	let outcomes = outcomes?;
	if let [Outcome { judgement: Judgement::Failed { cause, .. }, .. }] = outcomes.as_slice() {
		// Of a single pack the chain's refusal speaks for itself; a pack that nothing is known of is a conflict.
		if !matches!(cause, Error::NotFound { .. }) {
			return Err(cause.clone());
		}
	}
	let conflicts: Vec<_> = outcomes.iter().filter(|outcome| !outcome.judgement.is_good()).collect();
	let good = outcomes.len() - conflicts.len();
	let answer = json!({ "dispensed": good, "conflicts": conflicts.len(), "packs": outcomes });
	if conflicts.is_empty() {
		return context.print(&answer, || format!("{good} dispensed"));
	}
	let told: String = conflicts.iter().take(TOLD).map(|outcome| format!("\n{}", show(outcome))).collect();
	let more = match conflicts.len().saturating_sub(TOLD) {
		0 => String::new(),
		more => format!("\nand {more} more: --json tells all"),
	};
	let message = format!("{good} dispensed, {} must not be handed out:{told}{more}", conflicts.len());
	Err(Error::NotGenuine { message, answer })
}

fn show(outcome: &Outcome) -> String {
	let reason = match &outcome.judgement {
		Judgement::Dispensed { block } => format!("dispensed in block {block}"),
		Judgement::DispensedBefore => "dispensed before, at the same moment".into(),
		Judgement::Alert { verdict: Verdict::Genuine, block } => {
			format!("not here: the pack is genuine, but another organisation has it (alert in block {block})")
		}
		Judgement::Alert { verdict, block } => format!("{verdict} (alert in block {block})"),
		Judgement::Contradiction { verdict } => verdict.to_string(),
		Judgement::Failed { message, .. } => message.clone(),
	};
	format!("line {}: {:?}: {reason}", outcome.line, outcome.scan)
}

/// Undoes a dispense.
pub async fn undo(context: &Context, args: UndoArgs) -> Result<()> {
	scans::read(&args.scan)?;
	let desk = Desk::open(context, &args.by).await?;
	let (batch, index, block) = desk.holder().undo(&args.scan).await?;
	tell(context, "the dispense is undone", &json!({ "batch": batch, "index": index, "block": block }))
}

/// Tells what a pack is worth.
pub async fn verify(context: &Context, args: VerifyArgs) -> Result<()> {
	let endpoint = args.asking.endpoint()?;
	scans::read(&args.scan)?;
	let (chain, book) = (connect(context).await?, Book::open(&context.home())?);
	let verification = scans::verify(&chain, &book, &args.scan, endpoint).await?;
	let answer = serde_json::to_value(&verification).map_err(|error| Error::unexpected("writing JSON", error))?;
	match verification.verdict {
		Verdict::Genuine => context.print(&answer, || told(&verification)),
		_ => Err(Error::NotGenuine { message: told(&verification), answer }),
	}
}

/// A verdict in words.
fn told(verification: &Verification) -> String {
	let Verification { verdict, batch, custodian, custodian_name, recall, left, now } = verification;
	let batch = batch.map(|batch| format!(", batch {batch}")).unwrap_or_default();
	let name =
		custodian_name.as_deref().map(|name| format!(" ({})", String::from_utf8_lossy(name))).unwrap_or_default();
	let custodian = custodian.map(|org| format!(", with organisation {org}{name}")).unwrap_or_default();
	let recall =
		recall.map(|recall| format!(", recalled: class {}, {}", recall.class, recall.reason)).unwrap_or_default();
	let left = left.as_ref().map(|left| {
		let at = left.at.map(|at| format!(" on {}", show_moment(at))).unwrap_or_default();
		let org = left.org.map(|org| format!(" by organisation {org}")).unwrap_or_default();
		format!(", {}{org}{at}", left.status)
	});
	format!("{verdict}{batch}{custodian}{recall}{} (at {})", left.unwrap_or_default(), show_moment(*now))
}

/// Answers scans until interrupted.
pub async fn serve(context: &Context, args: ServeArgs) -> Result<()> {
	let account = keys(context, &args.by.signer)?.account();
	let chain = connect(context).await?;
	let member = chain.member(&account).await?;
	let member = member.ok_or_else(|| Error::not_found(format!("a membership of {account}"), ""))?;
	let endpoint = Endpoint::open(chain, Book::open(&context.home())?, member.org).await?;
	let tls = args.http.tls()?;
	let (listener, url) = bind(&args.listen, tls.as_ref()).await?;
	let health = endpoint.health().await;
	let mut answer = serde_json::to_value(&health).map_err(|error| Error::unexpected("writing JSON", error))?;
	answer["url"] = Value::from(url.as_str());
	context.print(&answer, || {
		format!("scans of {} units in {} batches are answered on {url}/scan?scan=…", health.units, health.batches)
	})?;
	endpoint.serve(listener, interrupted(), args.http.limits(), tls.as_ref()).await
}
