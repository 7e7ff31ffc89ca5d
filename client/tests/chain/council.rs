//! What the council carries by commands, on a node of its own: a pause stops everybody.

use crate::support::*;
use salus_client::{chain::calls, Error};
use serde_json::json;
use subxt_signer::sr25519::dev;

const VOTES: &str = "--council //Alice //Bob";

#[tokio::test(flavor = "multi_thread")]
async fn the_council_pauses_calls_enters_safe_mode_and_names_collators_by_commands() {
	let node = OwnNode::start(500);
	let chain = node.connect().await;
	let (url, home) = (node.url(), node.folder.path());
	let council = |line: &str| {
		let (url, line) = (url.clone(), format!("council {line} {VOTES}"));
		async move { salus_at(&url, home, &words(&line)).await }
	};
	let transfer = || async {
		let call = calls::transfer(&salus_primitives::AccountId::from(dev::ferdie().public_key().0), 1_000_000_000_000);
		chain.submit(&dev::dave(), &call).await.map(drop)
	};
	let refused = |result: Result<(), Error>| match result {
		Err(Error::TransactionFailed { pallet, error, .. }) => format!("{pallet}.{error}"),
		other => panic!("{other:?}"),
	};

	transfer().await.unwrap();
	let paused = council("pause Balances transfer_keep_alive").await;
	assert_eq!(paused.succeeded()["call"], json!("TxPause.pause"));
	assert_eq!(refused(transfer().await), "System.CallFiltered");
	council("pause Balances transfer_keep_alive").await.failed(12, "transaction-failed");
	// A patient's rights are not the council's to stop.
	let unpausable = council("pause Consent withdraw").await;
	unpausable.failed(12, "transaction-failed");
	assert!(unpausable.json["message"].as_str().unwrap().contains("Unpausable"), "{unpausable:?}");
	council("unpause Balances transfer_keep_alive").await.succeeded();
	transfer().await.unwrap();

	council("safe-mode enter").await.succeeded();
	assert_eq!(refused(transfer().await), "System.CallFiltered");
	council("safe-mode extend").await.succeeded();
	council("safe-mode exit").await.succeeded();
	transfer().await.unwrap();
	council("safe-mode exit").await.failed(12, "transaction-failed");

	// A collator whose node has no keys on the chain makes no blocks.
	let keyless = council("add-collator //Ferdie").await;
	keyless.failed(12, "transaction-failed");
	council("remove-collator //Ferdie").await.failed(12, "transaction-failed");

	// What is no runtime is authorised by its hash, and not taken; neither is a file that is not there.
	let file = home.join("no.wasm");
	std::fs::write(&file, b"no runtime").unwrap();
	let upgraded = council(&format!("upgrade {}", file.display())).await;
	upgraded.failed(12, "transaction-failed");
	assert!(upgraded.json["message"].as_str().unwrap().contains("FailedToExtractRuntimeVersion"), "{upgraded:?}");
	council(&format!("upgrade {}", home.join("none").display())).await.failed(13, "not-found");
	let outsider = "council safe-mode enter --council //Ferdie";
	salus_at(&url, home, &words(outsider)).await.failed(12, "transaction-failed");
}
