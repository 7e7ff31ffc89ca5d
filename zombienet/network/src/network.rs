//! The network and its nodes.

use anyhow::{anyhow, Context, Result};
use salus_client::chain::{BlockId, Chain};
use std::{
	future::Future,
	path::Path,
	time::{Duration, Instant},
};
use zombienet_sdk::{LocalFileSystem, NetworkConfig, NetworkConfigExt};

/// A network that runs.
pub type Network = zombienet_sdk::Network<LocalFileSystem>;

/// The parachain's id.
pub const PARA_ID: u32 = 2042;

/// Starts the network of a description.
pub async fn start(description: &Path) -> Result<Network> {
	let text = description.to_str().ok_or_else(|| anyhow!("{} is no UTF-8", description.display()))?;
	let config = NetworkConfig::load_from_toml(text).with_context(|| format!("reading {text}"))?;
	config.spawn_native().await.context("starting the network")
}

/// The connection to a node by its name.
pub async fn connect(network: &Network, name: &str) -> Result<Chain> {
	let url = network.get_node(name)?.ws_uri().to_owned();
	wait_for("the node's answer", Duration::from_secs(120), || async { Ok(Chain::connect(&url, None).await.ok()) })
		.await
}

/// Asks until there is an answer; an error, or none in time, ends it.
pub async fn wait_for<T, F: Future<Output = Result<Option<T>>>>(
	what: &str,
	limit: Duration,
	mut ask: impl FnMut() -> F,
) -> Result<T> {
	let start = Instant::now();
	loop {
		if let Some(answer) = ask().await? {
			return Ok(answer);
		}
		if start.elapsed() > limit {
			return Err(anyhow!("{what}: not within {} s", limit.as_secs()));
		}
		tokio::time::sleep(Duration::from_secs(2)).await;
	}
}

/// Waits until the node has finalised a block of this height, and returns its latest final one.
pub async fn wait_for_final(chain: &Chain, height: u32, limit: Duration) -> Result<BlockId> {
	wait_for(&format!("final block {height}"), limit, || async {
		// A node that starts again does not answer for a while.
		Ok(chain.finalised().await.ok().filter(|block| block.number >= height))
	})
	.await
}
