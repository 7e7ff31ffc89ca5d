//! `salus patient guardian`, and the registration of a minor.

use super::{
	acting::{account, done, keys, submit, Who},
	patient::{register_with, Policy},
	values::{code, moment, show_moment, word},
	Context,
};
use crate::{
	chain::{calls, Chain},
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{
	consent::{GuardianScope, Relationship},
	inputs::GuardianInput,
	views::GuardianView,
	GuardianshipId, Moment, PatientId,
};
use serde_json::json;

/// Arguments of `patient register-minor`.
#[derive(Args, Debug)]
pub struct RegisterMinorArgs {
	/// The key of the guardian, who acts for the minor until majority.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
	/// The minor's own account, which takes over at majority: an SS58 address, a public key, or the name of a key.
	#[arg(long, value_name = "ACCOUNT")]
	ward: String,
	/// The moment of majority: RFC 3339, or a date (its start in UTC). At most 25 years ahead.
	#[arg(long, value_name = "RFC3339", value_parser = moment)]
	majority: Moment,
	/// What the guardian is to the minor: GUARD, HPOWATT, DPOWATT, PRN (HL7 v3 RoleCode).
	#[arg(long, value_name = "CODE", value_parser = code::<Relationship>, default_value = "PRN")]
	relationship: Relationship,
	#[command(flatten)]
	policy: Policy,
}

/// Commands about guardians.
#[derive(Subcommand, Debug)]
pub enum GuardianCommand {
	/// Appoint a guardian.
	Appoint(AppointArgs),
	/// End a guardianship: by the patient, the guardian, or who appointed them.
	End {
		/// The guardianship's number.
		number: GuardianshipId,
		#[command(flatten)]
		#[allow(missing_docs)]
		who: Who,
	},
	/// List a patient's guardians, in authority or not.
	List {
		/// The patient.
		patient: PatientId,
	},
}

/// Arguments of `patient guardian appoint`.
#[derive(Args, Debug)]
pub struct AppointArgs {
	#[command(flatten)]
	who: Who,
	/// Who is appointed: an SS58 address, a public key, or the name of a key.
	#[arg(long, value_name = "ACCOUNT")]
	account: String,
	/// What they are to the patient: GUARD, HPOWATT, DPOWATT, PRN (HL7 v3 RoleCode).
	#[arg(long, value_name = "CODE", value_parser = code::<Relationship>, default_value = "GUARD")]
	relationship: Relationship,
	/// full (all that the patient may), consent-only (consents, reads nothing), read-only (reads, consents to nothing).
	#[arg(long, value_name = "SCOPE", value_parser = code::<GuardianScope>)]
	scope: GuardianScope,
	/// In authority from then on: RFC 3339, a date, or days from now such as 30d. The default is now.
	#[arg(long, value_name = "TIME", value_parser = moment)]
	from: Option<Moment>,
	/// In authority until then; the default is without end.
	#[arg(long, value_name = "TIME", value_parser = moment)]
	until: Option<Moment>,
}

/// `patient register-minor`.
pub async fn register_minor(context: &Context, chain: &Chain, args: RegisterMinorArgs) -> Result<()> {
	let ward = account(context, &args.ward)?;
	register_with(context, chain, &args.signer, |patient| {
		calls::register_minor(
			patient,
			args.policy.default_policy(),
			args.policy.break_glass(),
			&ward,
			args.majority,
			args.relationship,
		)
	})
	.await
}

/// Runs a command about guardians.
pub async fn run(context: &Context, chain: &Chain, command: GuardianCommand) -> Result<()> {
	match command {
		GuardianCommand::Appoint(args) => {
			let input = GuardianInput {
				account: account(context, &args.account)?,
				relationship: args.relationship,
				scope: args.scope,
				from: args.from,
				until: args.until,
			};
			let signer = keys(context, &args.who.signer)?;
			let call = calls::appoint_guardian(&args.who.patient, &input);
			let included = chain.submit(&signer.signer, &call).await?;
			let number = included.event("Consent", "GuardianAppointed").and_then(|event| event.number("number"));
			done(context, &call, &included, json!({ "number": number }))
		}
		GuardianCommand::End { number, who } => {
			submit(context, chain, &who.signer, calls::end_guardian(&who.patient, number)).await
		}
		GuardianCommand::List { patient } => {
			let view = chain.patient(&patient).await?;
			let view = view.ok_or_else(|| Error::not_found(format!("patient {patient}"), ""))?;
			context.print(&view.guardians, || match view.guardians.is_empty() {
				true => "nobody".into(),
				false => view.guardians.iter().map(show).collect::<Vec<_>>().join("\n"),
			})
		}
	}
}

fn show(view: &GuardianView) -> String {
	format!(
		"{}: {} ({}), {}, from {} until {}, {}",
		view.number,
		view.account,
		word(&view.relationship),
		word(&view.scope),
		show_moment(view.period.from),
		view.period.until.map_or("it is ended".into(), show_moment),
		if view.in_authority { "in authority" } else { "not in authority" },
	)
}
