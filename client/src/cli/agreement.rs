//! `salus org agreement`: data sharing agreements between two organisations.

use super::{
	acting::{done, keys, submit},
	values::{moment, one_of, purpose, show_moment, show_span, span, Statement},
	Context,
};
use crate::{
	chain::{calls, Chain},
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{
	inputs::AgreementInput, views::AgreementView, AgreementId, Moment, Obligation, ObligationSet, OrgId, Purpose,
	PurposeSet, ResourceType, ResourceTypeSet,
};
use serde_json::json;
use std::path::PathBuf;

/// Commands about data sharing agreements.
#[derive(Subcommand, Debug)]
pub enum AgreementCommand {
	/// Propose an agreement for one side; the other has to accept it.
	Propose(ProposeArgs),
	/// Accept an agreement for the side that was asked.
	Accept(NamedArgs),
	/// End an agreement for either side: after its notice, a proposal at once.
	End(NamedArgs),
	/// List the agreements between a custodian and a recipient, proposals among them.
	List(Sides),
}

/// The two sides.
#[derive(Args, Debug)]
pub struct Sides {
	/// The organisation that keeps the data.
	#[arg(long, value_name = "NUMBER")]
	custodian: OrgId,
	/// The organisation to whose members it may go.
	#[arg(long, value_name = "NUMBER")]
	recipient: OrgId,
}

/// Who acts.
#[derive(Args, Debug)]
pub struct Side {
	/// The side that acts: the custodian or the recipient.
	#[arg(long, value_name = "NUMBER")]
	org: OrgId,
	/// The key of an administrator of that side.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
}

/// Arguments of `org agreement propose`.
#[derive(Args, Debug)]
pub struct ProposeArgs {
	#[command(flatten)]
	sides: Sides,
	#[command(flatten)]
	side: Side,
	/// What for, such as TREAT; may be given several times. The default is anything.
	#[arg(long = "purpose", value_name = "CODE", num_args = 1.., value_parser = purpose)]
	purposes: Vec<Purpose>,
	/// FHIR resource type, such as Observation; may be given several times. The default is any.
	#[arg(long = "type", value_name = "TYPE", num_args = 1.., value_parser = resource_type)]
	resource_types: Vec<ResourceType>,
	/// What the recipient is obliged to, such as DEID or NOREUSE; may be given several times.
	#[arg(long = "obligation", value_name = "CODE", num_args = 1.., value_parser = obligation)]
	obligations: Vec<Obligation>,
	/// In force from then on; the default is when it is accepted.
	#[arg(long, value_name = "TIME", value_parser = moment)]
	start: Option<Moment>,
	/// In force until then; the default is without end.
	#[arg(long, value_name = "TIME", value_parser = moment)]
	end: Option<Moment>,
	/// How long before it either side gives notice: days or hours, such as 30d.
	#[arg(long, value_name = "SPAN", value_parser = span, default_value = "30d")]
	notice: Moment,
	/// The contract. Only a salted hash goes to the chain: keep the file and the salt that is printed.
	#[arg(long, value_name = "FILE")]
	terms: PathBuf,
}

/// Arguments of commands about one agreement.
#[derive(Args, Debug)]
pub struct NamedArgs {
	/// The agreement's number.
	agreement: AgreementId,
	#[command(flatten)]
	sides: Sides,
	#[command(flatten)]
	side: Side,
}

/// Runs a command about data sharing agreements.
pub async fn run(context: &Context, chain: &Chain, command: AgreementCommand) -> Result<()> {
	match command {
		AgreementCommand::Propose(args) => propose(context, chain, args).await,
		AgreementCommand::Accept(NamedArgs { agreement, sides, side }) => {
			let call = calls::accept_agreement(side.org, sides.custodian, sides.recipient, agreement);
			submit(context, chain, &side.signer, call).await
		}
		AgreementCommand::End(NamedArgs { agreement, sides, side }) => {
			let call = calls::end_agreement(side.org, sides.custodian, sides.recipient, agreement);
			submit(context, chain, &side.signer, call).await
		}
		AgreementCommand::List(sides) => {
			let agreements = chain.agreements(sides.custodian, sides.recipient).await?;
			context.print(&agreements, || match agreements.is_empty() {
				true => format!("none between {} and {}", sides.custodian, sides.recipient),
				false => agreements.iter().map(show).collect::<Vec<_>>().join("\n"),
			})
		}
	}
}

async fn propose(context: &Context, chain: &Chain, args: ProposeArgs) -> Result<()> {
	let terms = Statement::of(&std::fs::read(&args.terms).map_err(|error| Error::file(&args.terms, error))?);
	let input = AgreementInput {
		custodian: args.sides.custodian,
		recipient: args.sides.recipient,
		purposes: (!args.purposes.is_empty()).then(|| PurposeSet::of(&args.purposes)),
		resource_types: (!args.resource_types.is_empty()).then(|| ResourceTypeSet::of(&args.resource_types)),
		obligations: ObligationSet::of(&args.obligations),
		start: args.start,
		end: args.end,
		notice: args.notice,
		terms: terms.hash,
	};
	let signer = keys(context, &args.side.signer)?;
	let call = calls::propose_agreement(args.side.org, &input);
	let included = chain.submit(&signer.signer, &call).await?;
	let number = included.event("Participants", "AgreementProposed").and_then(|event| event.number("id"));
	done(context, &call, &included, json!({ "agreement": number, "terms": terms }))
}

fn show(view: &AgreementView) -> String {
	let any = |codes: Option<Vec<&str>>| codes.map_or("any".to_owned(), |codes| codes.join(", "));
	let sharing = &view.sharing;
	let state = match (view.awaits, view.in_force) {
		(Some(org), _) => format!("organisation {org} has to accept it"),
		(None, true) => "in force".into(),
		(None, false) => "not in force".into(),
	};
	format!(
		"{}: {state}; for {}; of types {}; from {} until {}; notice {}",
		view.id,
		any(sharing.purposes.map(|set| set.iter().map(Purpose::code).collect())),
		any(sharing.resource_types.map(|set| set.iter().map(ResourceType::code).collect())),
		show_moment(sharing.period.from),
		sharing.period.until.map_or("it is ended".into(), show_moment),
		show_span(view.notice),
	)
}

fn resource_type(code: &str) -> Result<ResourceType, String> {
	ResourceType::from_code(code).ok_or_else(|| format!("{code} is no FHIR resource type that is known here"))
}

fn obligation(code: &str) -> Result<Obligation, String> {
	Obligation::from_code(code).ok_or_else(|| one_of(Obligation::ALL.iter().map(|code| code.code())))
}
