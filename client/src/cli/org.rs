//! `salus org`.

use super::{
	acting::{account, connect, done, keys, submit, voters, Council},
	agreement, glass, sponsor,
	values::{member_role, moment, one_of, show_moment, SLS},
	Context,
};
use crate::{
	chain::{calls, council, Chain},
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{
	gs1::is_valid_gln,
	inputs::{Gln, OrganisationInput},
	MemberRole, MemberRoleSet, Moment, OrgId, OrgRole, OrgRoleSet, H256,
};
use serde_json::json;

/// Commands about organisations.
#[derive(Subcommand, Debug)]
pub enum OrgCommand {
	/// Admit an organisation, with the votes of council members.
	Admit(AdmitArgs),
	/// Suspend an organisation, with the votes of council members.
	Suspend(StatusArgs),
	/// End a suspension, with the votes of council members.
	Reinstate(StatusArgs),
	/// End an accreditation for good, with the votes of council members.
	Revoke(StatusArgs),
	/// Prolong a licence, with the votes of council members.
	Renew(RenewArgs),
	/// Say whether the organisation shares with others under data sharing agreements only.
	RequireAgreement {
		/// The organisation's number.
		org: OrgId,
		/// true or false.
		#[arg(action = clap::ArgAction::Set)]
		required: bool,
		/// The key of an administrator of the organisation.
		#[arg(long = "as", value_name = "KEY")]
		signer: String,
	},
	/// Data sharing agreements with other organisations.
	#[command(subcommand)]
	Agreement(agreement::AgreementCommand),
	/// Pay the fees of patients without tokens, within daily allowances.
	Sponsor(sponsor::SponsorArgs),
	/// Have the organisation pay for an account.
	Enrol(sponsor::EnrolArgs),
	/// End that the organisation pays for an account.
	Dismiss(sponsor::EnrolArgs),
	/// Review an emergency access of a member; it is due 72 hours after the glass was broken.
	ReviewGlass(glass::ReviewArgs),
	/// Add an administrator: by another one, or with the votes of council members if the only one lost the key.
	AddAdmin(ChangeAdminArgs),
	/// Remove an administrator: by another one, or with the votes of council members while the organisation is suspended.
	RemoveAdmin(ChangeAdminArgs),
	/// Add a member, or change a member's roles, premises or end.
	AddMember(MemberArgs),
	/// Remove a member.
	RemoveMember(AdminArgs),
	/// Give accounts the tokens that their deposits and fees take.
	Fund(FundArgs),
	/// Show an organisation.
	Show {
		/// Its number.
		org: OrgId,
	},
	/// Show which organisation an account belongs to.
	Member {
		/// An SS58 address, a public key, or the name of a key.
		account: String,
	},
}

/// Arguments of `org admit`.
#[derive(Args, Debug)]
pub struct AdmitArgs {
	/// Its public name.
	#[arg(long)]
	name: String,
	/// ISO 3166-1 alpha-2 country code.
	#[arg(long, default_value = "GB")]
	country: String,
	/// What it is accredited for: provider, dispenser, manufacturer, distributor, carrier, regulator, research-body,
	/// ethics-committee, patient-organisation, auditor.
	#[arg(long = "role", value_name = "ROLE", required = true, num_args = 1.., value_parser = org_role)]
	roles: Vec<OrgRole>,
	/// It works without profit.
	#[arg(long)]
	non_profit: bool,
	/// GS1 Global Location Number, 13 digits.
	#[arg(long, value_parser = gln)]
	gln: Option<Gln>,
	/// Hash of its entry in the register of legal entities.
	#[arg(long, value_name = "HASH")]
	legal_entity: Option<H256>,
	/// When its licence ends.
	#[arg(long, value_name = "TIME", value_parser = moment, default_value = "365d")]
	licence_until: Moment,
	/// It shares with other organisations under agreements only.
	#[arg(long)]
	requires_agreement: bool,
	/// Its first administrator: an SS58 address, a public key, or the name of a key.
	#[arg(long, value_name = "ACCOUNT")]
	admin: String,
	#[command(flatten)]
	council: Council,
}

/// Arguments of commands about an organisation's status.
#[derive(Args, Debug)]
pub struct StatusArgs {
	/// The organisation's number.
	org: OrgId,
	#[command(flatten)]
	council: Council,
}

/// Arguments of `org renew`.
#[derive(Args, Debug)]
pub struct RenewArgs {
	/// The organisation's number.
	org: OrgId,
	/// When its licence ends.
	#[arg(long, value_name = "TIME", value_parser = moment)]
	until: Moment,
	#[command(flatten)]
	council: Council,
}

/// Arguments of commands about an account of an organisation.
#[derive(Args, Debug)]
pub struct AdminArgs {
	/// The organisation's number.
	org: OrgId,
	/// An SS58 address, a public key, or the name of a key.
	account: String,
	/// The key of an administrator of the organisation.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
}

/// Arguments of `org add-admin` and `org remove-admin`.
#[derive(Args, Debug)]
pub struct ChangeAdminArgs {
	/// The organisation's number.
	org: OrgId,
	/// An SS58 address, a public key, or the name of a key.
	account: String,
	/// The key of an administrator of the organisation.
	#[arg(long = "as", value_name = "KEY", required_unless_present = "council")]
	signer: Option<String>,
	/// Instead, keys of council members that vote for it; a majority of the council is needed.
	#[arg(long, value_name = "KEY", num_args = 1.., conflicts_with = "signer")]
	council: Vec<String>,
}

/// Arguments of `org add-member`.
#[derive(Args, Debug)]
pub struct MemberArgs {
	#[command(flatten)]
	account: AdminArgs,
	/// What the member does: clinician, researcher, pharmacist, registrar, gateway, quality, logistics, ethics-reviewer.
	#[arg(long = "role", value_name = "ROLE", required = true, num_args = 1.., value_parser = member_role)]
	roles: Vec<MemberRole>,
	/// GS1 Global Location Number of the premises, 13 digits.
	#[arg(long, value_parser = gln)]
	premises: Option<Gln>,
	/// When the membership ends.
	#[arg(long, value_name = "TIME", value_parser = moment)]
	until: Option<Moment>,
}

/// Arguments of `org fund`.
#[derive(Args, Debug)]
pub struct FundArgs {
	/// SS58 addresses, public keys, or names of keys.
	#[arg(required = true)]
	accounts: Vec<String>,
	/// How much each is given, in SLS.
	#[arg(long, value_name = "SLS", default_value_t = 100)]
	amount: u64,
	/// The key that pays.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
}

/// Runs a command about organisations.
pub async fn run(context: &Context, command: OrgCommand) -> Result<()> {
	let chain = connect(context).await?;
	match command {
		OrgCommand::Admit(args) => {
			let input = OrganisationInput {
				name: args.name.into_bytes().try_into().map_err(|_| too_long("--name", 64))?,
				country: args
					.country
					.as_bytes()
					.try_into()
					.map_err(|_| Error::usage("bad-country", "--country takes two letters, as in ISO 3166-1"))?,
				roles: OrgRoleSet::of(&args.roles),
				non_profit: args.non_profit,
				gln: args.gln,
				legal_entity: args.legal_entity.unwrap_or_default(),
				licence_until: args.licence_until,
				requires_agreement: args.requires_agreement,
			};
			let admin = account(context, &args.admin)?;
			let voters = voters(context, &args.council)?;
			let included = council::carry(&chain, &voters, &calls::admit_organisation(&input, &admin)).await?;
			let org = included.event("Participants", "OrganisationAdmitted").and_then(|event| event.number("org"));
			let org = org.ok_or_else(|| Error::Unexpected("the chain admitted no organisation".into()))?;
			let answer = json!({ "org": org, "block": included.block.number });
			context.print(&answer, || format!("admitted as organisation {org} in block {}", included.block.number))
		}
		OrgCommand::Suspend(args) => carry(context, &chain, &args.council, calls::suspend_organisation(args.org)).await,
		OrgCommand::Reinstate(args) => {
			carry(context, &chain, &args.council, calls::reinstate_organisation(args.org)).await
		}
		OrgCommand::Revoke(args) => carry(context, &chain, &args.council, calls::revoke_organisation(args.org)).await,
		OrgCommand::Renew(args) => {
			carry(context, &chain, &args.council, calls::renew_licence(args.org, args.until)).await
		}
		OrgCommand::RequireAgreement { org, required, signer } => {
			submit(context, &chain, &signer, calls::set_requires_agreement(org, required)).await
		}
		OrgCommand::Agreement(command) => agreement::run(context, &chain, command).await,
		OrgCommand::Sponsor(args) => sponsor::sponsor(context, &chain, args).await,
		OrgCommand::Enrol(args) => sponsor::enrol(context, &chain, args).await,
		OrgCommand::Dismiss(args) => sponsor::dismiss(context, &chain, args).await,
		OrgCommand::ReviewGlass(args) => glass::review(context, &chain, args).await,
		OrgCommand::AddAdmin(args) => {
			let call = calls::add_admin(args.org, &account(context, &args.account)?);
			change_admin(context, &chain, args, call).await
		}
		OrgCommand::RemoveAdmin(args) => {
			let call = calls::remove_admin(args.org, &account(context, &args.account)?);
			change_admin(context, &chain, args, call).await
		}
		OrgCommand::AddMember(MemberArgs { account: args, roles, premises, until }) => {
			let who = account(context, &args.account)?;
			let call = calls::add_member(args.org, &who, MemberRoleSet::of(&roles), premises, until);
			submit(context, &chain, &args.signer, call).await
		}
		OrgCommand::RemoveMember(args) => {
			let call = calls::remove_member(args.org, &account(context, &args.account)?);
			submit(context, &chain, &args.signer, call).await
		}
		OrgCommand::Fund(args) => {
			let mut encoded = Vec::new();
			for text in &args.accounts {
				let call = calls::transfer(&account(context, text)?, u128::from(args.amount) * SLS);
				encoded.push(chain.encode_call(&call).await?);
			}
			let call = calls::force_batch(&encoded);
			let included = chain.submit(&keys(context, &args.signer)?.signer, &call).await?;
			match included.events.iter().find_map(|event| event.failure.clone()) {
				Some(error) => Err(error),
				None => done(context, &call, &included, json!({})),
			}
		}
		OrgCommand::Show { org } => {
			let view = chain.organisation(org).await?;
			let view = view.ok_or_else(|| Error::not_found(format!("organisation {org}"), ""))?;
			context.print(&view, || {
				let roles: Vec<_> = view.roles.iter().map(OrgRole::code).collect();
				format!(
					"{} {} ({}): {}; {}, licence until {}",
					view.id,
					String::from_utf8_lossy(&view.name),
					String::from_utf8_lossy(&view.country),
					roles.join(", "),
					if view.in_standing { "in good standing" } else { "not in good standing" },
					show_moment(view.licence_until),
				)
			})
		}
		OrgCommand::Member { account: text } => {
			let who = account(context, &text)?;
			let view = chain.member(&who).await?;
			let view = view.ok_or_else(|| Error::not_found(format!("a membership of {who}"), ""))?;
			context.print(&view, || {
				let roles: Vec<_> = view.roles.iter().map(MemberRole::code).collect();
				let standing = if view.in_standing { "in good standing" } else { "not in good standing" };
				format!("{who}: member of organisation {}, {}, {standing}", view.org, roles.join(", "))
			})
		}
	}
}

/// Changes the administrators of an organisation, as one of them or with the votes of the council.
async fn change_admin(context: &Context, chain: &Chain, args: ChangeAdminArgs, call: calls::Call) -> Result<()> {
	match &args.signer {
		Some(signer) => submit(context, chain, signer, call).await,
		None => carry(context, chain, &Council { members: args.council }, call).await,
	}
}

async fn carry(context: &Context, chain: &Chain, council: &Council, call: calls::Call) -> Result<()> {
	let included = council::carry(chain, &voters(context, council)?, &call).await?;
	done(context, &call, &included, json!({}))
}

/// An argument that is too long.
pub(super) fn too_long(what: &str, most: usize) -> Error {
	Error::usage("too-long", format!("{what} takes at most {most} bytes"))
}

fn org_role(code: &str) -> Result<OrgRole, String> {
	OrgRole::from_code(code).ok_or_else(|| one_of(OrgRole::ALL.iter().map(|role| role.code())))
}

fn gln(text: &str) -> Result<Gln, String> {
	let digits: Gln = text.as_bytes().try_into().map_err(|_| "expected 13 digits".to_string())?;
	if is_valid_gln(&digits) {
		Ok(digits)
	} else {
		Err("expected 13 digits, the last the check digit of the others".into())
	}
}
