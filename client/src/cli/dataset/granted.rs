//! `salus dataset status`, `activate`, `close`, `revoke`, `fulfil`, `waive`, `miss`, `access` and their like.

use super::{asking::show_request, document, By};
use crate::{
	chain::{calls::research, Call},
	cli::{
		acting::{account, connect},
		values::{code, show_moment, show_sls},
		Context,
	},
	Error, Result,
};
use clap::Args;
use salus_primitives::{
	research::{CloseReason, GrantView, RequestId, RevokeReason},
	Pseudonym, H256,
};
use serde_json::json;

/// Arguments of commands about a request or a grant.
#[derive(Args, Debug)]
pub struct GrantArgs {
	/// The request's number, which is the grant's too.
	request: RequestId,
	#[command(flatten)]
	by: By,
}

impl GrantArgs {
	/// Submits a call about it.
	pub(super) async fn submit(&self, context: &Context, call: fn(RequestId) -> Call) -> Result<()> {
		self.by.tell(context, call(self.request)).await
	}
}

/// Arguments of `dataset close`.
#[derive(Args, Debug)]
pub struct CloseArgs {
	#[command(flatten)]
	grant: GrantArgs,
	/// Why: completed, moved-institution, transferred.
	#[arg(long, value_name = "CODE", value_parser = code::<CloseReason>, default_value = "completed")]
	reason: CloseReason,
}

/// Arguments of `dataset revoke`.
#[derive(Args, Debug)]
pub struct RevokeArgs {
	#[command(flatten)]
	grant: GrantArgs,
	/// Why: misuse, terms-broken, ethics-withdrawn, dataset-ended, unspecified.
	#[arg(long, value_name = "CODE", value_parser = code::<RevokeReason>)]
	reason: RevokeReason,
}

/// Arguments of `dataset waive`.
#[derive(Args, Debug)]
pub struct ObligationArgs {
	/// The grant.
	grant: RequestId,
	/// The obligation, counted from 0 as `dataset status` lists them.
	obligation: u32,
	#[command(flatten)]
	by: By,
}

/// Arguments of `dataset fulfil` and `dataset miss`.
#[derive(Args, Debug)]
pub struct EvidenceArgs {
	#[command(flatten)]
	obligation: ObligationArgs,
	/// What proves it: a file, of which the chain is told the hash, or that hash.
	#[arg(long, value_name = "FILE|HASH")]
	evidence: String,
}

impl EvidenceArgs {
	/// Submits a call about it.
	pub(super) async fn submit(&self, context: &Context, call: fn(RequestId, u32, H256) -> Call) -> Result<()> {
		let ObligationArgs { grant, obligation, by } = &self.obligation;
		by.tell(context, call(*grant, *obligation, document(&self.evidence)?)).await
	}
}

/// Arguments of `dataset access`.
#[derive(Args, Debug)]
pub struct AccessArgs {
	/// The grant.
	grant: RequestId,
	/// The contribution's pseudonym.
	pseudonym: Pseudonym,
	/// Who would read: an SS58 address, a public key, or the name of a key.
	#[arg(long, value_name = "ACCOUNT")]
	researcher: String,
}

/// `dataset close`.
pub async fn close(context: &Context, args: CloseArgs) -> Result<()> {
	args.grant.by.tell(context, research::close_grant(args.grant.request, args.reason)).await
}

/// `dataset revoke`.
pub async fn revoke(context: &Context, args: RevokeArgs) -> Result<()> {
	args.grant.by.tell(context, research::revoke_grant(args.grant.request, args.reason)).await
}

/// `dataset waive`.
pub async fn waive(context: &Context, args: ObligationArgs) -> Result<()> {
	args.by.tell(context, research::waive_obligation(args.grant, args.obligation)).await
}

/// `dataset access`.
pub async fn access(context: &Context, args: AccessArgs) -> Result<()> {
	let researcher = account(context, &args.researcher)?;
	let chain = connect(context).await?;
	match chain.grant_access(args.grant, &researcher, &args.pseudonym, None).await? {
		Ok(access) => context.print(&access, || {
			format!(
				"may be read under grant {}: group {} of dataset {}, until {}",
				args.grant,
				access.group,
				access.dataset,
				show_moment(access.until)
			)
		}),
		Err(refusal) => Err(Error::Denied { reason: refusal.code().into(), consent: None, rule: None }),
	}
}

/// `dataset status`.
pub async fn status(context: &Context, request: RequestId) -> Result<()> {
	let chain = connect(context).await?;
	let view = chain.request(request).await?;
	let view = view.ok_or_else(|| {
		Error::not_found(format!("request {request}"), "`salus dataset requests` lists those for a dataset")
	})?;
	let grant = chain.grant(request).await?;
	context.print(&json!({ "request": view, "grant": grant }), || {
		let grant = grant.as_ref().map(|grant| format!("\n{}", show_grant(grant))).unwrap_or_default();
		format!("{}{grant}", show_request(&view))
	})
}

fn show_grant(grant: &GrantView) -> String {
	let groups: Vec<_> = grant.groups.iter().map(|group| group.to_string()).collect();
	let mut text = format!(
		"grant: {}, groups {}, from {} until {}",
		grant.state,
		groups.join(", "),
		show_moment(grant.start),
		show_moment(grant.expiry)
	);
	let tightened: Vec<_> = grant.tightened.iter().map(|group| group.to_string()).collect();
	if !tightened.is_empty() {
		text += &format!("; closed to groups {} until it is renewed", tightened.join(", "));
	}
	for (index, owed) in grant.obligations.iter().enumerate() {
		let bond = if owed.bond > 0 { format!(", bond {}", show_sls(owed.bond)) } else { String::new() };
		text += &format!("\n  {index}: {}, {}{bond}", super::asking::show_obligation(&owed.obligation), owed.state);
	}
	text
}
