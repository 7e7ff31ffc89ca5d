//! `salus care`: rules over what a patient's devices measure, and the alerts that come of them.

use super::{
	acting::{account, connect, keys, submit, Who},
	values::{read_text, rfc3339, show_moment},
	Context,
};
use crate::{
	care::{self, book::CareBook, parcel::HandedRule, rule::Rule, Evaluator},
	chain::{calls, Chain},
	gateway::Folders,
	keys::{write_private, DataKeyStore, Keys},
	records::{trust_gateway_ca, Alerted, Reader},
	store::Store,
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{
	care::{CareAlertView, CareRuleId, CareRuleView},
	Moment, PatientId,
};
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// Commands about care plans.
#[derive(Subcommand, Debug)]
pub enum CareCommand {
	/// Set a rule: the chain has its salted hash, and a file for the gateway that evaluates it is written, which nobody
	/// else can open.
	Rule(RuleArgs),
	/// End a rule: nobody is alerted under it any more.
	End {
		/// The rule's number.
		rule: CareRuleId,
		/// Whose it is, and who ends it.
		#[command(flatten)]
		who: Who,
	},
	/// List the rules of a patient.
	List {
		/// The patient.
		patient: PatientId,
	},
	/// Take on a rule that a patient handed over, with the key of the gateway that evaluates it.
	Accept {
		/// The file that `care rule` wrote.
		file: PathBuf,
		/// The gateway's key.
		#[arg(long = "as", value_name = "KEY")]
		signer: String,
	},
	/// Evaluate the rules that were taken on over samples that are new, and alert whom they tell. What was interrupted is
	/// completed by the next run.
	Evaluate(EvaluateArgs),
	/// Wait for alerts to oneself, and read through the gateway what was found; prints one line each.
	Watch(WatchArgs),
}

/// Arguments of `care rule`.
#[derive(Args, Debug)]
pub struct RuleArgs {
	/// The rule's document (JSON): see docs/CARE.md.
	document: PathBuf,
	#[command(flatten)]
	who: Who,
	/// The account of the gateway that evaluates it.
	#[arg(long, value_name = "ACCOUNT|KEY")]
	evaluator: String,
	/// Evaluated until before this moment (RFC 3339).
	#[arg(long, value_name = "RFC3339", value_parser = rfc3339)]
	until: Moment,
	/// Where to write the file for the gateway.
	#[arg(long, value_name = "FILE")]
	out: PathBuf,
}

/// Arguments of `care evaluate`.
#[derive(Args, Debug)]
pub struct EvaluateArgs {
	/// The gateway's key.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
	/// Who is told under rules that tell an organisation.
	#[arg(long, value_name = "ACCOUNT|KEY")]
	clinician: Option<String>,
}

/// Arguments of `care watch`.
#[derive(Args, Debug)]
pub struct WatchArgs {
	/// The key of who is told.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
	/// The gateway of the organisation that evaluates.
	#[arg(long, env = "SALUS_GATEWAY", default_value = "http://127.0.0.1:8080", value_name = "URL")]
	gateway: String,
	/// File (PEM) with root certificates that the gateway's may come from, besides the public ones.
	#[arg(long, env = "SALUS_GATEWAY_CA", value_name = "FILE")]
	gateway_ca: Option<PathBuf>,
	/// End after so many alerts.
	#[arg(long, value_name = "NUMBER")]
	count: Option<usize>,
}

/// Runs a command about care plans.
pub async fn run(context: &Context, command: CareCommand) -> Result<()> {
	match command {
		CareCommand::Rule(args) => set(context, args).await,
		CareCommand::End { rule, who } => {
			let chain = connect(context).await?;
			submit(context, &chain, &who.signer, calls::end_care_rule(&who.patient, rule)).await
		}
		CareCommand::List { patient } => list(context, &patient).await,
		CareCommand::Accept { file, signer } => accept(context, &file, &signer).await,
		CareCommand::Evaluate(args) => evaluate(context, args).await,
		CareCommand::Watch(args) => watch(context, args).await,
	}
}

async fn set(context: &Context, args: RuleArgs) -> Result<()> {
	let document = read_text(&args.document)?;
	// What is wrong with a rule is told before anything is asked of anyone.
	Rule::read(&document)?;
	let gateway = account(context, &args.evaluator)?;
	let signer = keys(context, &args.who.signer)?.signer;
	let chain = connect(context).await?;
	let (handed, block) = care::set_rule(&chain, &signer, &args.who.patient, document, &gateway, args.until).await?;
	let text = serde_json::to_vec(&handed).map_err(|error| Error::unexpected("writing a rule", error))?;
	write_private(&args.out, &text, true).map_err(|error| Error::file(&args.out, error))?;
	let answer = json!({ "rule": handed.rule, "commitment": handed.commitment, "block": block, "file": args.out });
	context.print(&answer, || {
		format!("rule {} is set: hand {} to the gateway that evaluates it", handed.rule, args.out.display())
	})
}

async fn list(context: &Context, patient: &PatientId) -> Result<()> {
	let chain = connect(context).await?;
	if chain.patient(patient).await?.is_none() {
		return Err(Error::not_found(format!("patient {patient}"), ""));
	}
	let rules = chain.care_rules(patient).await?;
	context.print(&rules, || {
		let line = |rule: &CareRuleView| {
			let state = if rule.in_force { "until" } else { "over since" };
			format!("{} by organisation {}, {state} {}", rule.id, rule.evaluator, show_moment(rule.until))
		};
		rules.iter().map(line).collect::<Vec<_>>().join("\n")
	})
}

/// What rules are evaluated with.
struct Tools {
	chain: Chain,
	keys: Keys,
	store: Store,
	data_keys: DataKeyStore,
	folders: Folders,
}

impl Tools {
	async fn of(context: &Context, signer: &str) -> Result<Self> {
		let folders = Folders::of(&context.home());
		Ok(Self {
			keys: keys(context, signer)?,
			chain: connect(context).await?,
			store: context.open_store()?,
			data_keys: DataKeyStore::open(&folders.data_keys())?,
			folders,
		})
	}

	fn evaluator(&self) -> Evaluator<'_> {
		Evaluator {
			chain: &self.chain,
			signer: &self.keys.signer,
			secret: &self.keys.encryption,
			store: &self.store,
			keys: &self.data_keys,
			streams: self.folders.streams(),
			book: CareBook::new(self.folders.care()),
		}
	}
}

async fn accept(context: &Context, file: &Path, signer: &str) -> Result<()> {
	let malformed = |error: serde_json::Error| Error::refused("MalformedRule", "", error.to_string());
	let handed: HandedRule = serde_json::from_str(&read_text(file)?).map_err(malformed)?;
	let tools = Tools::of(context, signer).await?;
	let (patient, number) = (handed.patient, handed.rule);
	let rule = tools.evaluator().accept(handed).await?;
	let answer = json!({ "patient": patient, "rule": number, "metric": rule.metric, "tell": rule.tell });
	context.print(&answer, || format!("rule {number} of patient {patient} is evaluated from now on"))
}

async fn evaluate(context: &Context, args: EvaluateArgs) -> Result<()> {
	let clinician = args.clinician.map(|text| account(context, &text)).transpose()?;
	let tools = Tools::of(context, &args.signer).await?;
	let evaluated = tools.evaluator().run(clinician.as_ref()).await?;
	context.print(&evaluated, || {
		format!(
			"{} rules over {} new batches: {} alerts raised, {} findings silenced, {} postponed, {} rules ended, {} failed",
			evaluated.rules,
			evaluated.batches,
			evaluated.alerts.len(),
			evaluated.silenced,
			evaluated.postponed,
			evaluated.ended,
			evaluated.failed.len(),
		)
	})
}

async fn watch(context: &Context, args: WatchArgs) -> Result<()> {
	if let Some(path) = &args.gateway_ca {
		trust_gateway_ca(path)?;
	}
	let keys = keys(context, &args.signer)?;
	let chain = connect(context).await?;
	let mut notices = chain.subscribe_care_alerts(&keys.account()).await?;
	let reader = Reader { chain: &chain, signer: &keys.signer, secret: &keys.encryption, gateway: &args.gateway };
	// Beside the alerts themselves, which scripts read.
	eprintln!("waiting for alerts to {}", keys.address());
	let mut seen = 0;
	while args.count.is_none_or(|count| seen < count) {
		let notice = notices.next().await?;
		// What is not final may be retracted, and the gateway waits for finality, too.
		if !notice.finalized {
			continue;
		}
		seen += 1;
		// An alert that cannot be read does not keep the next one back.
		let read = reader.alert(&notice.event).await;
		context.print(&line(notice.block, &notice.event, &read), || show(&notice.event, &read))?;
	}
	Ok(())
}

fn line(block: u32, told: &CareAlertView, read: &Result<Alerted>) -> Value {
	let mut line = json!({ "block": block, "alert": told });
	match read {
		Ok(alerted) => {
			line["rule"] = serde_json::from_str(&alerted.document).unwrap_or(Value::Null);
			line["findings"] = json!(alerted.findings);
			line["samples"] = json!(alerted.samples);
			line["obligations"] = json!(alerted.obligations);
		}
		Err(error) => line["error"] = error.to_json(),
	}
	line
}

fn show(told: &CareAlertView, read: &Result<Alerted>) -> String {
	let head = format!("patient {}, rule {}:", told.patient, told.rule);
	match read {
		Ok(alerted) => {
			let found = alerted.findings.iter().map(|found| {
				let (value, unit) = (found.value as f64 / 1_000.0, found.metric.unit());
				format!("\n  {} {} {value} {unit}", show_moment(found.at), found.metric.code())
			});
			format!("{head}{}", found.collect::<String>())
		}
		Err(error) => format!("{head} {error}"),
	}
}
