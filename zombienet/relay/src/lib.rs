//! A relay chain's node for local networks, and the two workers that it has validate parachain blocks: the programs of
//! the published `polkadot-cli`, for machines that build them rather than download a release.
