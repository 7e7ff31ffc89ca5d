//! `salus consent`: giving and ending consents.

use super::{
	acting::{account, connect, done, keys, label_key, number_of, submit, Who},
	consent_documents,
	values::{action, member_role, moment, one_of, purpose, show_moment, word, Statement},
	Context,
};
use crate::{
	chain::{calls, Call},
	crypto::LabelKey,
	gateway::now,
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{
	consent::{ActorRef, Conditions, Effect, Rule},
	inputs::ConsentInput,
	Action, ActionSet, Confidentiality, ConsentId, MemberRole, Moment, ObligationSet, OrgId, PatientId, Purpose,
	PurposeSet, Sensitivity, SensitivitySet,
};
use serde_json::json;

/// Commands about consents on a chain.
#[derive(Subcommand, Debug)]
pub enum ConsentOnlineCommand {
	/// Give a consent.
	Grant(GrantArgs),
	/// Ask a patient for a consent, as a member of an organisation; the patient has 30 days to answer.
	Propose(GrantArgs),
	/// Give a consent that was asked for.
	Accept {
		#[command(flatten)]
		#[allow(missing_docs)]
		who: Who,
		/// The consent's number.
		consent: ConsentId,
	},
	/// Refuse a consent that was asked for; a member of the organisation that asked takes the question back so.
	Reject {
		#[command(flatten)]
		#[allow(missing_docs)]
		who: Who,
		/// The consent's number.
		consent: ConsentId,
	},
	/// Withdraw a consent; it ends at once.
	Withdraw {
		#[command(flatten)]
		#[allow(missing_docs)]
		who: Who,
		/// The consent's number.
		consent: ConsentId,
	},
	/// Remove a consent that has ended, and get its deposit back.
	Remove {
		#[command(flatten)]
		#[allow(missing_docs)]
		who: Who,
		/// The consent's number.
		consent: ConsentId,
	},
	/// Write consents as FHIR R4, such that `consent grant --fhir` gives the same again; prints JSON.
	Export(consent_documents::ExportArgs),
	/// List a patient's consents, latest first.
	List {
		/// The patient.
		patient: PatientId,
	},
}

impl ConsentOnlineCommand {
	/// Whether the answer, errors included, is always JSON.
	pub(super) fn always_json(&self) -> bool {
		matches!(self, Self::Export(_))
	}
}

/// Arguments of `consent grant` and `consent propose`.
#[derive(Args, Debug)]
pub struct GrantArgs {
	#[command(flatten)]
	who: Who,
	/// Permit treatment: the purpose TREAT with all below it but emergency access and clinical trials, to access and use.
	#[arg(long)]
	permit_treatment: bool,
	/// Permit this purpose, such as HRESCH; may be given several times.
	#[arg(long = "purpose", value_name = "CODE", num_args = 1.., value_parser = purpose)]
	purposes: Vec<Purpose>,
	/// Permit this action: collect, access, use, disclose, correct. The default is access and use.
	#[arg(long = "action", value_name = "CODE", num_args = 1.., value_parser = action)]
	actions: Vec<Action>,
	/// To the members of this organisation; may be given several times.
	#[arg(long = "org", value_name = "NUMBER", num_args = 1..)]
	orgs: Vec<OrgId>,
	/// To this account: an SS58 address, a public key, or the name of a key; may be given several times.
	#[arg(long = "account", value_name = "ACCOUNT", num_args = 1..)]
	accounts: Vec<String>,
	/// To everyone with this role, in whatever organisation; may be given several times.
	#[arg(long = "role", value_name = "ROLE", num_args = 1.., value_parser = member_role)]
	roles: Vec<MemberRole>,
	/// Not what is labelled with one of these or a code below it, such as PSY,SUD.
	#[arg(long, value_name = "CODES", value_delimiter = ',', value_parser = sensitivity)]
	except_labels: Vec<Sensitivity>,
	/// Only up to this confidentiality: U, L, M, N, R, V.
	#[arg(long, value_name = "CODE", value_parser = confidentiality)]
	up_to: Option<Confidentiality>,
	/// Until when.
	#[arg(long, value_name = "TIME", value_parser = moment, default_value = "365d")]
	until: Moment,
	/// The active consent that this one replaces.
	#[arg(long, value_name = "NUMBER")]
	supersedes: Option<ConsentId>,
	#[command(flatten)]
	document: consent_documents::DocumentArgs,
}

/// A consent in the terms of its giver.
pub struct Grant {
	/// To whom.
	pub to: Vec<ActorRef>,
	/// What for.
	pub purposes: PurposeSet,
	/// To do what.
	pub actions: ActionSet,
	/// Not what carries one of these labels or one below.
	pub except: SensitivitySet,
	/// Only up to this confidentiality.
	pub up_to: Option<Confidentiality>,
	/// Until when.
	pub until: Option<Moment>,
	/// The consent that this one replaces.
	pub supersedes: Option<ConsentId>,
}

impl Grant {
	/// The consent for the chain: first a rule that denies what is excepted, if anything is, then one that permits.
	/// Whom it is given to is permitted nothing else by it.
	pub fn input(&self, label_key: Option<&LabelKey>) -> Result<ConsentInput> {
		let too_many = |_| Error::usage("too-many", "a consent names at most eight actors");
		let actors = Some(self.to.clone().try_into().map_err(too_many)?);
		let mut rules = Vec::new();
		if !self.except.is_empty() {
			let key =
				label_key.ok_or_else(|| Error::Unexpected("labels cannot be blinded without a label key".into()))?;
			let labels = key.permutation().blind(self.except.expanded());
			let conditions = Conditions { actors: actors.clone(), labels, ..Conditions::default() };
			rules.push(Rule { effect: Effect::Deny, conditions, obligations: ObligationSet::EMPTY });
		}
		let conditions = Conditions {
			actors: actors.clone(),
			purposes: Some(self.purposes),
			actions: Some(self.actions),
			confidentiality: self.up_to,
			..Conditions::default()
		};
		rules.push(Rule { effect: Effect::Permit, conditions, obligations: ObligationSet::EMPTY });
		Ok(ConsentInput {
			base: Effect::Deny,
			root: Conditions { actors, ..Conditions::default() },
			rules: rules.try_into().map_err(|_| Error::Unexpected("two rules are too many".into()))?,
			start: None,
			end: self.until,
			supersedes: self.supersedes,
			// No document stands behind a consent that is given here: hashes of nothing, salted as all are.
			policy: Statement::of(b"").hash,
			receipt: Statement::of(b"").hash,
			erase_by: None,
		})
	}
}

/// Runs a command about consents.
pub async fn run(context: &Context, command: ConsentOnlineCommand) -> Result<()> {
	match command {
		ConsentOnlineCommand::Grant(args) => grant(context, args, calls::grant).await,
		ConsentOnlineCommand::Propose(args) => grant(context, args, calls::propose_consent).await,
		ConsentOnlineCommand::Accept { who, consent } => {
			let chain = connect(context).await?;
			submit(context, &chain, &who.signer, calls::accept_consent(&who.patient, consent)).await
		}
		ConsentOnlineCommand::Reject { who, consent } => {
			let chain = connect(context).await?;
			submit(context, &chain, &who.signer, calls::reject_consent(&who.patient, consent)).await
		}
		ConsentOnlineCommand::Withdraw { who, consent } => {
			let chain = connect(context).await?;
			submit(context, &chain, &who.signer, calls::withdraw(&who.patient, consent)).await
		}
		ConsentOnlineCommand::Remove { who, consent } => {
			let chain = connect(context).await?;
			submit(context, &chain, &who.signer, calls::remove_consent(&who.patient, consent)).await
		}
		ConsentOnlineCommand::Export(args) => consent_documents::export(context, args).await,
		ConsentOnlineCommand::List { patient } => {
			let chain = connect(context).await?;
			if chain.patient(&patient).await?.is_none() {
				return Err(Error::not_found(format!("patient {patient}"), ""));
			}
			let consents = chain.consents(&patient).await?;
			context.print(&consents, || {
				let line = |view: &salus_primitives::views::ConsentView| {
					format!(
						"{}: {}, {}, {} rules, until {}",
						view.id,
						word(&view.consent.status),
						if view.in_force { "in force" } else { "not in force" },
						view.consent.rules.len(),
						view.consent.end.map_or("it is withdrawn".into(), show_moment),
					)
				};
				consents.iter().map(line).collect::<Vec<_>>().join("\n")
			})
		}
	}
}

/// Gives a consent, or asks for one: the two differ in the call only.
async fn grant(context: &Context, args: GrantArgs, call: fn(&PatientId, &ConsentInput) -> Call) -> Result<()> {
	if args.document.is_given() {
		return consent_documents::give(context, &args.who, &args.document, args.supersedes, call).await;
	}
	let grant = terms(context, &args)?;
	let signer = keys(context, &args.who.signer)?;
	let chain = connect(context).await?;
	let patient = args.who.patient;
	let label_key = match grant.except.is_empty() {
		true => None,
		false => Some(label_key(context, &chain, &patient, &signer).await?),
	};
	let call = call(&patient, &grant.input(label_key.as_ref())?);
	let included = chain.submit(&signer.signer, &call).await?;
	done(context, &call, &included, json!({ "consent": number_of(&included)? }))
}

/// What the options say.
fn terms(context: &Context, args: &GrantArgs) -> Result<Grant> {
	let mut to: Vec<_> = args.orgs.iter().copied().map(ActorRef::Org).collect();
	to.extend(args.roles.iter().copied().map(ActorRef::Role));
	for text in &args.accounts {
		to.push(ActorRef::Account(account(context, text)?));
	}
	if to.is_empty() {
		return Err(Error::usage("no-actors", "say to whom: --org, --account or --role"));
	}
	let mut purposes = PurposeSet::of(&args.purposes);
	if args.permit_treatment {
		purposes = purposes.with(Purpose::Treat);
	}
	if purposes.is_empty() {
		return Err(Error::usage("no-purpose", "say what for: --permit-treatment or --purpose CODE"));
	}
	if args.until <= now() {
		return Err(Error::usage("bad-time", "--until lies in the past"));
	}
	let actions = match args.actions.is_empty() {
		true => &[Action::Access, Action::Use][..],
		false => &args.actions,
	};
	Ok(Grant {
		to,
		purposes,
		actions: ActionSet::of(actions),
		except: SensitivitySet::of(&args.except_labels),
		up_to: args.up_to,
		until: Some(args.until),
		supersedes: args.supersedes,
	})
}

fn sensitivity(code: &str) -> Result<Sensitivity, String> {
	Sensitivity::from_code(code).ok_or_else(|| one_of(Sensitivity::ALL.iter().map(|code| code.code())))
}

fn confidentiality(code: &str) -> Result<Confidentiality, String> {
	Confidentiality::from_code(code).ok_or_else(|| one_of(Confidentiality::ALL.iter().map(|code| code.code())))
}
