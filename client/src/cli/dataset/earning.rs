//! `salus dataset fund`, `payee`.

use super::{contributing::ContributionArgs, By};
use crate::{
	chain::calls::research,
	cli::{acting::account, values::sls, Context},
	Result,
};
use clap::Args;
use salus_primitives::research::DatasetId;

/// Arguments of `dataset fund`.
#[derive(Args, Debug)]
pub struct FundArgs {
	/// The dataset.
	dataset: DatasetId,
	/// How much, in SLS: it is divided among the contributors who count today.
	#[arg(value_name = "SLS", value_parser = sls)]
	amount: u128,
	#[command(flatten)]
	by: By,
}

/// Arguments of `dataset payee`.
#[derive(Args, Debug)]
pub struct PayeeArgs {
	#[command(flatten)]
	contribution: ContributionArgs,
	/// Who is paid: an SS58 address, a public key, or the name of a key.
	#[arg(long, value_name = "ACCOUNT")]
	to: String,
}

/// `dataset fund`.
pub async fn fund(context: &Context, args: FundArgs) -> Result<()> {
	args.by.tell(context, research::fund(args.dataset, args.amount)).await
}

/// `dataset payee`.
pub async fn payee(context: &Context, args: PayeeArgs) -> Result<()> {
	let payee = account(context, &args.to)?;
	args.contribution.submit(context, |dataset, pseudonym| research::set_payee(dataset, pseudonym, &payee)).await
}
