//! The relay chain's node.

fn main() -> polkadot_cli::Result<()> {
	polkadot_cli::run()
}
