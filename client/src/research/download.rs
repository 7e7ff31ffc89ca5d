//! The researcher's side of a custodian's gateway: contributions under a grant.

use super::ReleaseContext;
use crate::{
	gateway::contributions::{ContributionRelease, ContributionsPage, Listed},
	records::Reader,
	Error, Result,
};
use salus_primitives::{
	research::{DatasetId, GrantAccess, RequestId},
	AccountId, Action, MemberRole, Pseudonym, Purpose,
};
use zeroize::Zeroizing;

/// A contribution that was downloaded.
#[derive(Debug)]
pub struct Downloaded {
	/// What the gateway says of it.
	pub release: ContributionRelease,
	/// The de-identified resources: a FHIR Bundle as JSON.
	pub bundle: Zeroizing<Vec<u8>>,
}

/// Contributions to a dataset that a gateway may release to this researcher under a grant, in the order of pseudonyms.
pub async fn research_contributions(reader: &Reader<'_>, dataset: DatasetId, grant: RequestId) -> Result<Vec<Listed>> {
	let (mut all, mut cursor) = (Vec::new(), None::<Pseudonym>);
	loop {
		let from = cursor.map(|cursor| format!("&_cursor={cursor}")).unwrap_or_default();
		let target = format!("/datasets/{dataset}/contributions?grant={grant}&purpose=HRESCH&action=access{from}");
		let signed = reader.sign_target(target, Purpose::Hresch, Action::Access).await?;
		let page: ContributionsPage = reader.ask(&signed).await?;
		all.extend(page.contributions);
		match page.next {
			Some(next) if Some(next) > cursor => cursor = Some(next),
			_ => return Ok(all),
		}
	}
}

/// Fetches a contribution under a grant, and decrypts it.
///
/// The researcher's own node is asked first, and says which organisation attested the contribution: only a gateway of
/// that organisation is believed.
pub async fn research_download(
	reader: &Reader<'_>,
	dataset: DatasetId,
	pseudonym: &Pseudonym,
	grant: RequestId,
) -> Result<Downloaded> {
	let account = AccountId::from(reader.signer.public_key().0);
	let refused = |code: &str| Error::Denied { reason: code.into(), consent: None, rule: None };
	let access = reader.chain.grant_access(grant, &account, pseudonym, None).await?;
	let access = access.map_err(|refusal| refused(refusal.code()))?;
	if access.dataset != dataset {
		return Err(refused("unknown-contribution"));
	}
	let target = format!("/datasets/{dataset}/contributions/{pseudonym}?grant={grant}&purpose=HRESCH&action=access");
	let signed = reader.sign_target(target, Purpose::Hresch, Action::Access).await?;
	ensure_attester(reader, &access, &signed.request.gateway).await?;
	let release: ContributionRelease = reader.ask(&signed).await?;
	let told = (release.dataset, release.pseudonym, release.grant, release.commitment);
	if told != (dataset, *pseudonym, grant, access.commitment) {
		return Err(Error::Corrupted(format!("the gateway released another contribution than {pseudonym}")));
	}
	let context = ReleaseContext {
		genesis: reader.chain.genesis(),
		dataset,
		pseudonym: *pseudonym,
		grant,
		recipient: reader.secret.public(),
		epoch: signed.request.key_epoch,
		request: signed.hash(),
	};
	let bundle = context.open(&release.envelope, &release.ciphertext, reader.secret)?;
	Ok(Downloaded { release, bundle })
}

async fn ensure_attester(reader: &Reader<'_>, access: &GrantAccess, gateway: &AccountId) -> Result<()> {
	match reader.chain.member(gateway).await? {
		Some(member) if member.org == access.attester && member.roles.contains(MemberRole::Gateway) => Ok(()),
		_ => Err(Error::Corrupted(format!(
			"gateway {gateway} does not belong to organisation {}, which attested the contribution",
			access.attester
		))),
	}
}
