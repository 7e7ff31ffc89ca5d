//! Emergency access: `salus record break-glass`, `salus patient glasses` and `object`, `salus org review-glass`.

use super::{
	acting::{account, done, keys, submit, Who},
	values::{code, show_moment, word, Statement},
	Context,
};
use crate::{
	chain::{calls, Call, Chain},
	Error, Result,
};
use clap::Args;
use salus_primitives::{
	consent::{EmergencyReason, Finding},
	views::GlassView,
	PatientId,
};
use serde_json::json;

/// Arguments of `record break-glass`.
#[derive(Args, Debug)]
pub struct BreakArgs {
	#[command(flatten)]
	who: Who,
	/// Why: OVRER (emergency treatment), OVRPJ (professional judgment), OVRPS (public safety), OVRTPS (safety of another).
	#[arg(long, value_name = "CODE", value_parser = code::<EmergencyReason>, default_value = "OVRER")]
	reason: EmergencyReason,
	#[command(flatten)]
	because: Because,
}

/// What is stated, of which only a salted hash goes to the chain.
#[derive(Args, Debug)]
pub struct Because {
	/// What happened, in words. Only a salted hash goes to the chain: keep the words and the salt that is printed.
	#[arg(long, value_name = "TEXT")]
	because: String,
}

/// Arguments of `patient object`.
#[derive(Args, Debug)]
pub struct ObjectArgs {
	#[command(flatten)]
	who: Who,
	/// Who broke the glass: an SS58 address, a public key, or the name of a key.
	#[arg(long, value_name = "ACCOUNT")]
	actor: String,
	#[command(flatten)]
	because: Because,
}

/// Arguments of `org review-glass`.
#[derive(Args, Debug)]
pub struct ReviewArgs {
	/// The patient.
	#[arg(long)]
	patient: PatientId,
	/// Who broke the glass: an SS58 address, a public key, or the name of a key.
	#[arg(long, value_name = "ACCOUNT")]
	actor: String,
	/// What was found: justified or unjustified.
	#[arg(long, value_name = "FINDING", value_parser = code::<Finding>)]
	finding: Finding,
	#[command(flatten)]
	because: Because,
	/// The key of an administrator of the organisation, or of a member with the role `quality`; not the actor's own.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
}

/// Arguments of `record remove-glass`.
#[derive(Args, Debug)]
pub struct RemoveArgs {
	#[command(flatten)]
	who: Who,
}

/// `record break-glass`.
pub async fn break_glass(context: &Context, chain: &Chain, args: BreakArgs) -> Result<()> {
	let statement = Statement::of(args.because.because.as_bytes());
	let call = calls::break_glass(&args.who.patient, args.reason, statement.hash);
	state(context, chain, &args.who.signer, call, "justification", statement).await
}

/// `record remove-glass`.
pub async fn remove(context: &Context, chain: &Chain, args: RemoveArgs) -> Result<()> {
	let actor = keys(context, &args.who.signer)?.account();
	let call = calls::remove_glass(&args.who.patient, &actor);
	submit(context, chain, &args.who.signer, call).await
}

/// `patient object`.
pub async fn object(context: &Context, chain: &Chain, args: ObjectArgs) -> Result<()> {
	let statement = Statement::of(args.because.because.as_bytes());
	let call = calls::object_to_glass(&args.who.patient, &account(context, &args.actor)?, statement.hash);
	state(context, chain, &args.who.signer, call, "objection", statement).await
}

/// `org review-glass`.
pub async fn review(context: &Context, chain: &Chain, args: ReviewArgs) -> Result<()> {
	let statement = Statement::of(args.because.because.as_bytes());
	let actor = account(context, &args.actor)?;
	let call = calls::review_glass(&args.patient, &actor, args.finding, statement.hash);
	state(context, chain, &args.signer, call, "report", statement).await
}

async fn state(
	context: &Context,
	chain: &Chain,
	signer: &str,
	call: Call,
	name: &str,
	statement: Statement,
) -> Result<()> {
	let signer = keys(context, signer)?;
	let included = chain.submit(&signer.signer, &call).await?;
	done(context, &call, &included, json!({ name: statement }))
}

/// `patient glasses`.
pub async fn list(context: &Context, chain: &Chain, patient: &PatientId) -> Result<()> {
	if chain.patient(patient).await?.is_none() {
		return Err(Error::not_found(format!("patient {patient}"), ""));
	}
	let glasses = chain.glasses(patient).await?;
	context.print(&glasses, || match glasses.is_empty() {
		true => "nobody has broken the glass".into(),
		false => glasses.iter().map(show).collect::<Vec<_>>().join("\n"),
	})
}

fn show(view: &GlassView) -> String {
	let review = match view.review {
		Some((finding, _)) => format!("found {}", word(&finding)),
		None => format!("to be reviewed by {}", show_moment(view.review_due)),
	};
	format!(
		"{} of organisation {} for {}, from {} until {}; {review}{}",
		view.actor,
		view.org,
		word(&view.reason),
		show_moment(view.opened),
		show_moment(view.until),
		if view.objection.is_some() { "; the patient objected" } else { "" },
	)
}
