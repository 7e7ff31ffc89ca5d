//! `salus org sponsor`, `enrol` and `dismiss`, `salus patient sponsorship` and `leave-sponsor`: who pays for accounts
//! without tokens.

use super::{
	acting::{account, submit},
	values::{show_sls, sls},
	Context,
};
use crate::{
	chain::{calls, Chain},
	Result,
};
use clap::Args;
use salus_primitives::{inputs::SponsorTerms, OrgId};

/// Arguments of `org sponsor`.
#[derive(Args, Debug)]
pub struct SponsorArgs {
	/// The organisation's number.
	org: OrgId,
	/// Fees of one account in one day (UTC), in SLS such as 0.5.
	#[arg(long, value_name = "SLS", value_parser = sls, required_unless_present = "stop")]
	per_account: Option<u128>,
	/// Fees of all its accounts in one day (UTC), in SLS.
	#[arg(long, value_name = "SLS", value_parser = sls, required_unless_present = "stop")]
	per_day: Option<u128>,
	/// Pay for nobody any more.
	#[arg(long, conflicts_with_all = ["per_account", "per_day"])]
	stop: bool,
	/// The key of an administrator of the organisation, out of whose balance it is paid.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
}

/// Arguments of `org enrol` and `org dismiss`.
#[derive(Args, Debug)]
pub struct EnrolArgs {
	/// The organisation's number.
	org: OrgId,
	/// An SS58 address, a public key, or the name of a key.
	account: String,
	/// The key of an administrator of the organisation, or of a member with the role `registrar`.
	#[arg(long = "as", value_name = "KEY")]
	signer: String,
}

/// `org sponsor`.
pub async fn sponsor(context: &Context, chain: &Chain, args: SponsorArgs) -> Result<()> {
	let terms = args.per_account.zip(args.per_day);
	let terms = terms.map(|(per_account, per_day)| SponsorTerms { per_account, per_day });
	submit(context, chain, &args.signer, calls::set_sponsor_terms(args.org, terms)).await
}

/// `org enrol`.
pub async fn enrol(context: &Context, chain: &Chain, args: EnrolArgs) -> Result<()> {
	let call = calls::enrol(args.org, &account(context, &args.account)?);
	submit(context, chain, &args.signer, call).await
}

/// `org dismiss`.
pub async fn dismiss(context: &Context, chain: &Chain, args: EnrolArgs) -> Result<()> {
	let call = calls::dismiss(args.org, &account(context, &args.account)?);
	submit(context, chain, &args.signer, call).await
}

/// `patient leave-sponsor`.
pub async fn leave(context: &Context, chain: &Chain, signer: &str) -> Result<()> {
	submit(context, chain, signer, calls::leave_sponsor()).await
}

/// `patient sponsorship`.
pub async fn show(context: &Context, chain: &Chain, who: &str) -> Result<()> {
	let who = account(context, who)?;
	let view = chain.sponsorship(&who).await?;
	context.print(&view, || {
		format!(
			"{who}: {}; storage {} of {}; {} calls for the patient's own rights are free today",
			match view.sponsor {
				Some(org) => format!("organisation {org} pays, {} are left today", show_sls(view.left_today)),
				None => "nobody pays".into(),
			},
			show_sls(view.storage),
			show_sls(view.storage_limit),
			view.waivers_left,
		)
	})
}
