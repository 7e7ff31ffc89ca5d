//! Motions of the consortium council: proposed by one member, voted by others, closed and carried out.

use super::{calls, refused, unfit, Call, Chain, Included};
use crate::Result;
use salus_primitives::{AccountId, H256};
use subxt_signer::sr25519::Keypair;

/// More than any call of the council takes; what is not used is not charged.
const REF_TIME: u64 = 10_000_000_000;
const PROOF_SIZE: u64 = 500_000;

/// Carries a call through the council with the votes of these members. Returns where it was carried out.
pub async fn carry(chain: &Chain, members: &[Keypair], call: &Call) -> Result<Included> {
	let council = chain.council_members().await?;
	for member in members {
		let account = AccountId::from(member.public_key().0);
		if !council.contains(&account) {
			return Err(refused(format!("{call}: {account} is not a member of the council")));
		}
	}
	let Some((first, others)) = members.split_first() else {
		return Err(refused(format!("{call}: a motion needs at least one member of the council")));
	};
	let encoded = chain.encode_call(call).await?;
	let proposed = chain.submit(first, &calls::propose(members.len() as u32, &encoded)).await?;
	let Some(event) = proposed.event("Council", "Proposed") else {
		// One vote was enough: it was carried out at once.
		return Ok(proposed);
	};
	let motion = H256(sp_crypto_hashing::blake2_256(&encoded));
	let index = event.number("proposal_index").and_then(|index| u32::try_from(index).ok());
	let index = index.ok_or_else(|| unfit("a motion without a number"))?;
	// The proposer's vote is not implied.
	let votes = std::iter::once(first)
		.chain(others)
		.map(|member| async move { chain.submit(member, &calls::vote(motion, index, true)).await });
	futures::future::try_join_all(votes).await?;
	chain.submit(first, &calls::close(motion, index, REF_TIME, PROOF_SIZE, encoded.len() as u32)).await
}
