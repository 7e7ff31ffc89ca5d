//! Starts the real binary and uses it as clients do.

use codec::Decode;
use jsonrpsee::{
	core::{
		client::{ClientT, Subscription, SubscriptionClientT},
		ClientError,
	},
	rpc_params,
	ws_client::{WsClient, WsClientBuilder},
};
use salus_primitives::drug::{CustodyTrace, StepKind};
use serde_json::{json, Value};
use sp_keyring::Sr25519Keyring::{self, Alice, Bob};
use std::{
	fs::{self, File},
	net::TcpListener,
	path::{Path, PathBuf},
	process::{Child, Command, ExitStatus, Stdio},
	sync::OnceLock,
	thread,
	time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

#[path = "dev_chain/operators.rs"]
mod operators;

const BINARY: &str = env!("CARGO_BIN_EXE_salus-node");
const DAY: u64 = 86_400_000;
/// A pseudonym that nobody has.
const NOBODY: &str = "0x00000000000000000000000000000000000000000000000000000000000000ff";
const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";

/// A running node; it is killed when it goes out of scope.
struct Node {
	child: Child,
	port: u16,
	log: PathBuf,
}

impl Node {
	/// Starts a node that keeps its chain in `base` and waits until it serves.
	async fn start(base: &Path, args: &[&str]) -> (Self, WsClient) {
		let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
		let log = base.join(format!("node-{port}.log"));
		let child = command(base, args)
			.args(["--rpc-port", &port.to_string()])
			.stderr(File::create(&log).unwrap())
			.spawn()
			.expect("the binary starts");
		let mut node = Self { child, port, log };
		let client = node.connect().await;
		(node, client)
	}

	async fn connect(&mut self) -> WsClient {
		let deadline = Instant::now() + Duration::from_secs(240);
		loop {
			if let Some(status) = self.child.try_wait().unwrap() {
				panic!("the node ended with {status}:\n{}", self.log());
			}
			if let Ok(client) = WsClientBuilder::default().build(format!("ws://127.0.0.1:{}", self.port)).await {
				return client;
			}
			assert!(Instant::now() < deadline, "the node does not serve:\n{}", self.log());
			tokio::time::sleep(Duration::from_millis(200)).await;
		}
	}

	fn log(&self) -> String {
		fs::read_to_string(&self.log).unwrap_or_default()
	}

	/// Waits for the node to end by itself.
	fn ended(&mut self, patience: Duration) -> Option<ExitStatus> {
		let start = Instant::now();
		while start.elapsed() < patience {
			if let Some(status) = self.child.try_wait().unwrap() {
				return Some(status);
			}
			thread::sleep(Duration::from_millis(50));
		}
		None
	}

	/// Asks the node to end as a service manager does, and tells how long it took.
	fn terminate(&mut self) -> (ExitStatus, Duration) {
		let asked = Instant::now();
		let kill = format!("kill -TERM {}", self.child.id());
		assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
		while asked.elapsed() < Duration::from_secs(30) {
			if let Some(status) = self.child.try_wait().unwrap() {
				return (status, asked.elapsed());
			}
			thread::sleep(Duration::from_millis(50));
		}
		panic!("the node does not end:\n{}", self.log());
	}
}

impl Drop for Node {
	fn drop(&mut self) {
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

fn command(base: &Path, args: &[&str]) -> Command {
	assert!(salus_runtime::WASM_BINARY.is_some(), "these tests need the runtime's WASM: build without SKIP_WASM_BUILD");
	let mut command = Command::new(BINARY);
	command
		.args(args)
		.arg("--base-path")
		.arg(base)
		.args(["--no-prometheus", "--no-telemetry", "--no-hardware-benchmarks"].iter().filter(|arg| {
			match **arg {
				// Without the collator nothing is measured.
				"--no-hardware-benchmarks" => cfg!(feature = "collator"),
				"--no-prometheus" => !args.contains(&"--prometheus-port"),
				_ => true,
			}
		}))
		.stdin(Stdio::null())
		.stdout(Stdio::null());
	command
}

/// The development chain's specification with its genesis built. Building it takes the runtime seconds, which every
/// node that starts with `--dev` on a new base path spends.
fn dev_chain() -> &'static str {
	static FILE: OnceLock<PathBuf> = OnceLock::new();
	let file = FILE.get_or_init(|| {
		let spec = Command::new(BINARY).args(["export-chain-spec", "--chain", "dev", "--raw"]).output().unwrap();
		assert!(spec.status.success(), "{}", String::from_utf8_lossy(&spec.stderr));
		let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("salus-dev-{}.json", std::process::id()));
		fs::write(&file, spec.stdout).unwrap();
		file
	});
	file.to_str().unwrap()
}

/// What a node that cannot start says.
fn refusal(base: &Path, args: &[&str]) -> String {
	let output = command(base, args).stderr(Stdio::piped()).output().unwrap();
	let said = String::from_utf8_lossy(&output.stderr).into_owned();
	assert_eq!(output.status.code(), Some(1), "{said}");
	assert!(said.lines().any(|line| line.starts_with("Error: ")) && !said.contains("panicked"), "{said}");
	said
}

fn wall_clock() -> u64 {
	SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64
}

async fn call(client: &WsClient, method: &str, params: Vec<Value>) -> Value {
	let mut builder = rpc_params![];
	for param in params {
		builder.insert(param).unwrap();
	}
	client.request(method, builder).await.unwrap_or_else(|error| panic!("{method}: {error}"))
}

/// The code and the name of the error that a call gives.
async fn failure(client: &WsClient, method: &str, params: Vec<Value>) -> (i32, String) {
	let mut builder = rpc_params![];
	for param in params {
		builder.insert(param).unwrap();
	}
	match client.request::<Value, _>(method, builder).await {
		Err(ClientError::Call(error)) => {
			let data: Value = error.data().map_or(Value::Null, |data| serde_json::from_str(data.get()).unwrap());
			(error.code(), data["name"].as_str().unwrap_or_default().into())
		}
		other => panic!("{method} should fail: {other:?}"),
	}
}

fn number(header: &Value) -> u32 {
	u32::from_str_radix(header["number"].as_str().unwrap().trim_start_matches("0x"), 16).unwrap()
}

async fn best(client: &WsClient) -> u32 {
	number(&call(client, "chain_getHeader", vec![]).await)
}

async fn finalized(client: &WsClient) -> u32 {
	let hash = call(client, "chain_getFinalizedHead", vec![]).await;
	number(&call(client, "chain_getHeader", vec![hash]).await)
}

/// The time of the best block.
async fn chain_time(client: &WsClient) -> u64 {
	let key = [sp_crypto_hashing::twox_128(b"Timestamp"), sp_crypto_hashing::twox_128(b"Now")].concat();
	let value = call(client, "state_getStorage", vec![json!(format!("0x{}", hex::encode(key)))]).await;
	let bytes = hex::decode(value.as_str().expect("a block was made").trim_start_matches("0x")).unwrap();
	u64::from_le_bytes(bytes.try_into().unwrap())
}

async fn wait_for_block(client: &WsClient, wanted: u32) {
	wait(wanted, "come", || best(client)).await
}

async fn wait_for_finality(client: &WsClient, wanted: u32) {
	wait(wanted, "become final", || finalized(client)).await
}

async fn wait<F: std::future::Future<Output = u32>>(wanted: u32, what: &str, height: impl Fn() -> F) {
	let deadline = Instant::now() + Duration::from_secs(60);
	while height().await < wanted {
		assert!(Instant::now() < deadline, "block {wanted} does not {what}");
		tokio::time::sleep(Duration::from_millis(50)).await;
	}
}

#[tokio::test]
async fn a_development_chain_serves_clients() {
	let base = tempfile::tempdir().unwrap();
	let (mut node, client) = Node::start(base.path(), &["--dev"]).await;

	let methods = call(&client, "rpc_methods", vec![]).await;
	let methods: Vec<_> = methods["methods"].as_array().unwrap().iter().map(|m| m.as_str().unwrap()).collect();
	for method in [
		"system_health",
		"chain_getBlock",
		"state_call",
		"author_submitAndWatchExtrinsic",
		"payment_queryInfo",
		"system_accountNextIndex",
		"chainHead_v1_follow",
		"transactionWatch_v1_submitAndWatch",
		"chainSpec_v1_genesisHash",
		"archive_v1_body",
		"dev_advanceTime",
		"salus_checkAccess",
		"salus_patient",
		"salus_care",
		"salus_patientConsents",
		"salus_patientRecords",
		"salus_record",
		"salus_accessReceipts",
		"salus_organisation",
		"salus_member",
		"salus_encryptionKey",
		"salus_agreements",
		"salus_sponsor",
		"salus_sponsorship",
		"salus_glasses",
		"salus_recovery",
		"salus_receiptBatch",
		"salus_custodyOffer",
		"salus_stream",
		"salus_streams",
		"salus_careRules",
		"salus_subscribeCareAlerts",
		"salus_unsubscribeCareAlerts",
		"salus_subscribePatient",
		"salus_unsubscribePatient",
		"salus_verifyUnit",
		"salus_product",
		"salus_batch",
		"salus_lot",
		"salus_parcel",
		"salus_parcels",
		"salus_unit",
		"salus_logisticUnit",
		"salus_custody",
		"salus_stock",
		"salus_orders",
		"salus_subscribeAlerts",
		"salus_unsubscribeAlerts",
	] {
		assert!(methods.contains(&method), "{method} is missing");
	}

	let properties = call(&client, "system_properties", vec![]).await;
	assert_eq!(properties, json!({ "tokenSymbol": "SLS", "tokenDecimals": 12, "ss58Format": 42 }));

	// Blocks come every two seconds, are final, and have the time of the wall clock.
	wait_for_block(&client, 2).await;
	let (start, from) = (Instant::now(), finalized(&client).await);
	wait_for_block(&client, from + 4).await;
	let elapsed = start.elapsed();
	wait_for_finality(&client, from + 4).await;
	assert!((4..40).contains(&elapsed.as_secs()), "four blocks took {elapsed:?}");
	let drift = wall_clock().abs_diff(chain_time(&client).await);
	assert!(drift < 15_000, "the chain's time is {drift} ms off");

	let (status, took) = node.terminate();
	assert!(status.success(), "{status}");
	assert!(took < Duration::from_secs(10), "the node took {took:?} to end");
}

#[tokio::test]
async fn salus_methods_answer_and_fail_by_their_codes() {
	let base = tempfile::tempdir().unwrap();
	let (_node, client) = Node::start(base.path(), &["--chain", dev_chain()]).await;
	wait_for_block(&client, 1).await;

	assert_eq!(call(&client, "salus_patient", vec![json!(NOBODY)]).await, Value::Null);
	assert_eq!(call(&client, "salus_record", vec![json!(NOBODY), json!(NOBODY)]).await, Value::Null);
	assert_eq!(call(&client, "salus_organisation", vec![json!(4_000_000)]).await, Value::Null);
	assert_eq!(call(&client, "salus_care", vec![json!(NOBODY), json!(0)]).await, Value::Null);
	assert_eq!(call(&client, "salus_recovery", vec![json!(NOBODY)]).await, Value::Null);
	assert_eq!(call(&client, "salus_receiptBatch", vec![json!(0), json!(0)]).await, Value::Null);
	assert_eq!(call(&client, "salus_custodyOffer", vec![json!(NOBODY), json!(NOBODY)]).await, Value::Null);
	assert_eq!(call(&client, "salus_stream", vec![json!(NOBODY), json!(NOBODY)]).await, Value::Null);
	assert_eq!(call(&client, "salus_careRules", vec![json!(NOBODY)]).await, json!([]));
	assert_eq!(call(&client, "salus_sponsor", vec![json!(0)]).await, Value::Null);
	assert_eq!(call(&client, "salus_sponsorship", vec![json!(ALICE)]).await["sponsor"], Value::Null);
	assert_eq!(call(&client, "salus_agreements", vec![json!(0), json!(1)]).await, json!([]));
	let empty = json!({ "items": [], "next": null });
	assert_eq!(call(&client, "salus_patientConsents", vec![json!(NOBODY)]).await, empty);
	assert_eq!(call(&client, "salus_patientRecords", vec![json!(NOBODY), Value::Null, json!(5)]).await, empty);
	assert_eq!(call(&client, "salus_accessReceipts", vec![json!(NOBODY)]).await, empty);
	assert_eq!(call(&client, "salus_streams", vec![json!(NOBODY), Value::Null, json!(5)]).await, empty);
	assert_eq!(call(&client, "salus_glasses", vec![json!(NOBODY)]).await, empty);

	assert_eq!(call(&client, "salus_product", vec![json!(supply::GTIN)]).await, Value::Null);
	assert_eq!(call(&client, "salus_batch", vec![json!(0)]).await, Value::Null);
	assert_eq!(call(&client, "salus_lot", vec![json!(supply::GTIN), json!("A1")]).await, json!([]));
	assert_eq!(call(&client, "salus_parcel", vec![json!(0), json!(0)]).await, Value::Null);
	assert_eq!(call(&client, "salus_parcels", vec![json!(0)]).await, empty);
	assert_eq!(call(&client, "salus_unit", vec![json!(0), json!(0)]).await, Value::Null);
	assert_eq!(call(&client, "salus_logisticUnit", vec![json!(NOBODY)]).await, Value::Null);
	assert_eq!(call(&client, "salus_custody", vec![json!(0), json!(0)]).await, Value::Null);
	assert_eq!(call(&client, "salus_stock", vec![json!(0), Value::Null, json!(5)]).await, empty);
	assert_eq!(call(&client, "salus_orders", vec![json!(0)]).await, empty);
	let verdict = call(&client, "salus_verifyUnit", vec![supply::scan(0)]).await;
	assert_eq!(verdict["verdict"], "unknown-product", "{verdict}");
	assert_eq!((&verdict["batch"], &verdict["custodian_name"]), (&Value::Null, &Value::Null), "{verdict}");
	assert!(wall_clock().abs_diff(verdict["now"].as_u64().unwrap()) < 15_000, "{verdict}");

	let query = json!({ "actor": ALICE, "patient": NOBODY, "purpose": "TREAT", "action": "access", "record": NOBODY });
	let answer = call(&client, "salus_checkAccess", vec![query.clone()]).await;
	assert_eq!(answer["effect"], "deny", "{answer}");
	assert!(answer["reason"].is_string() && answer["block"].as_u64() >= Some(1), "{answer}");
	assert!(wall_clock().abs_diff(answer["now"].as_u64().unwrap()) < 15_000, "{answer}");
	let genesis = call(&client, "chain_getBlockHash", vec![json!(0)]).await;
	assert_eq!(call(&client, "salus_checkAccess", vec![query, genesis]).await["block"], 0);

	let failed = failure(&client, "salus_patient", vec![json!(NOBODY), json!(NOBODY)]).await;
	assert_eq!(failed, (20_001, "unknown-block".into()));
	let failed = failure(&client, "salus_patientConsents", vec![json!(NOBODY), Value::Null, json!(0)]).await;
	assert_eq!(failed, (20_005, "invalid-limit".into()));
	let failed = failure(&client, "salus_patientRecords", vec![json!(NOBODY), Value::Null, json!(101)]).await;
	assert_eq!(failed, (20_005, "invalid-limit".into()));
	let failed = failure(&client, "salus_parcels", vec![json!(0), Value::Null, json!(101)]).await;
	assert_eq!(failed, (20_005, "invalid-limit".into()));
	let failed = failure(&client, "salus_custody", vec![json!(0), json!(0), json!(257)]).await;
	assert_eq!(failed, (20_005, "invalid-limit".into()));
	assert_eq!(failure(&client, "salus_patient", vec![json!("0x12")]).await.0, -32_602);
	assert_eq!(failure(&client, "salus_product", vec![json!("09506000134353")]).await.0, -32_602);
	assert_eq!(failure(&client, "salus_lot", vec![json!(supply::GTIN), json!("x".repeat(21))]).await.0, -32_602);
	assert_eq!(failure(&client, "salus_checkAccess", vec![json!({ "purpose": "NONE" })]).await.0, -32_602);
}

#[tokio::test]
async fn time_can_be_advanced_and_stays_ahead_after_a_restart() {
	let base = tempfile::tempdir().unwrap();
	let (mut node, client) = Node::start(base.path(), &["--chain", dev_chain(), "--instant-seal"]).await;
	wait_for_block(&client, 1).await;
	let before = chain_time(&client).await;

	let advanced = call(&client, "dev_advanceTime", vec![json!(DAY)]).await;
	let now = advanced["now"].as_u64().unwrap();
	assert_eq!(advanced["block"], 2);
	assert!((before + DAY..before + DAY + 30_000).contains(&now), "{before} {advanced}");
	assert_eq!(chain_time(&client).await, now);
	let again = call(&client, "dev_advanceTime", vec![json!(0)]).await;
	assert!((now..now + 30_000).contains(&again["now"].as_u64().unwrap()), "{again}");
	let failed = failure(&client, "dev_advanceTime", vec![json!(u64::MAX)]).await;
	assert_eq!(failed, (20_101, "time-out-of-range".into()));

	node.terminate();
	let (_node, client) = Node::start(base.path(), &["--chain", dev_chain(), "--instant-seal"]).await;
	wait_for_block(&client, 4).await;
	let after = chain_time(&client).await;
	assert!(after >= now, "time went back by {} ms", now - after);
	assert!(after.abs_diff(wall_clock() + DAY) < 15_000, "the chain is {after}");
}

#[tokio::test]
async fn unsafe_methods_are_refused_where_they_are_exposed() {
	let base = tempfile::tempdir().unwrap();
	let (_node, client) = Node::start(base.path(), &["--chain", dev_chain(), "--rpc-methods", "safe"]).await;
	assert_eq!(failure(&client, "dev_advanceTime", vec![json!(1)]).await.0, -32_601);
}

#[tokio::test]
async fn instant_seal_makes_blocks_for_transactions_only() {
	let base = tempfile::tempdir().unwrap();
	let (_node, client) = Node::start(base.path(), &["--chain", dev_chain(), "--instant-seal"]).await;
	wait_for_block(&client, 1).await;
	tokio::time::sleep(Duration::from_secs(4)).await;
	assert_eq!(best(&client).await, 1);

	// More transactions than one slot of the relay chain admits blocks.
	let genesis = call(&client, "chain_getBlockHash", vec![json!(0)]).await;
	let genesis = genesis.as_str().unwrap().parse().unwrap();
	for nonce in 0..6 {
		let height = best(&client).await;
		call(&client, "author_submitExtrinsic", vec![json!(transaction::remark(genesis, nonce))]).await;
		wait_for_block(&client, height + 1).await;
		let index = call(&client, "system_accountNextIndex", vec![json!(ALICE)]).await;
		assert_eq!(index, json!(nonce + 1));
		wait_for_finality(&client, height + 1).await;
	}
	tokio::time::sleep(Duration::from_secs(3)).await;
	assert_eq!(best(&client).await, 7, "a block was made for nothing");
}

#[tokio::test]
async fn what_happens_to_a_patient_is_told_when_best_and_when_final() {
	let base = tempfile::tempdir().unwrap();
	let (_node, client) = Node::start(base.path(), &["--chain", dev_chain(), "--instant-seal"]).await;
	wait_for_block(&client, 1).await;
	let genesis = call(&client, "chain_getBlockHash", vec![json!(0)]).await;
	let genesis = genesis.as_str().unwrap().parse().unwrap();
	let mut notices: Subscription<Value> =
		client.subscribe("salus_subscribePatient", rpc_params![NOBODY], "salus_unsubscribePatient").await.unwrap();

	// Another patient's events are not told.
	for (nonce, patient) in [[1; 32], hex_id(NOBODY)].into_iter().enumerate() {
		let registration = transaction::registration(genesis, nonce as u32, patient);
		call(&client, "author_submitExtrinsic", vec![json!(registration)]).await;
		wait_for_block(&client, nonce as u32 + 2).await;
	}
	for finalized in [false, true] {
		let notice = tokio::time::timeout(Duration::from_secs(20), notices.next()).await.unwrap().unwrap().unwrap();
		assert_eq!(notice["finalized"], finalized, "{notice}");
		assert_eq!(notice["event"], json!({ "kind": "registered", "controller": ALICE }));
		let hash = call(&client, "chain_getBlockHash", vec![notice["block"].clone()]).await;
		assert_eq!(notice["hash"], hash);
	}
	assert_eq!(call(&client, "salus_patient", vec![json!(NOBODY)]).await["controller"], ALICE);
	assert!(tokio::time::timeout(Duration::from_millis(500), notices.next()).await.is_err());
}

#[tokio::test]
async fn custody_is_replayed_as_long_as_its_blocks_are_kept_and_alerts_are_told() {
	let base = tempfile::tempdir().unwrap();
	let args = ["--chain", dev_chain(), "--instant-seal", "--state-pruning", "16"];
	let (_node, client) = Node::start(base.path(), &args).await;
	wait_for_block(&client, 1).await;
	supply::prepare(&client).await;
	let mut alerts: Subscription<Value> =
		client.subscribe("salus_subscribeAlerts", rpc_params![], "salus_unsubscribeAlerts").await.unwrap();

	supply::commission(&client).await;
	supply::send_packed(&client).await;
	let trace = supply::custody(&client).await.unwrap();
	assert_eq!(
		supply::kinds(&trace),
		[
			(StepKind::Received, true),
			(StepKind::Shipped, true),
			(StepKind::Packed, true),
			(StepKind::Commissioned, false)
		]
	);
	assert!(trace.complete && trace.is_whole());
	let parcel = call(&client, "salus_parcel", vec![json!(0), json!(1)]).await;
	let ends = [&parcel["chain"]["head"], &parcel["chains"][0]["head"]];
	assert_eq!(json!(trace.ends), json!(ends), "{parcel}");
	let first = call(&client, "salus_custody", vec![json!(0), json!(1), json!(1)]).await;
	assert_eq!((&first["complete"], first["steps"].as_array().unwrap().len()), (&json!(false), 1), "{first}");

	supply::unpack(&client).await;
	let trace = supply::custody(&client).await.unwrap();
	assert_eq!(supply::kinds(&trace)[0], (StepKind::Unpacked, false));
	assert_eq!(supply::kinds(&trace)[1], (StepKind::Received, true));
	assert!(trace.steps.len() == 5 && trace.complete && trace.is_whole());

	// A pack is dispensed, and then a clone of it.
	assert_eq!(call(&client, "salus_verifyUnit", vec![supply::scan(1)]).await["verdict"], "genuine");
	for _ in 0..2 {
		supply::dispense(&client, 1).await;
	}
	for finalized in [false, true] {
		let notice = tokio::time::timeout(Duration::from_secs(20), alerts.next()).await.unwrap().unwrap().unwrap();
		assert_eq!(notice["finalized"], finalized, "{notice}");
		assert_eq!((&notice["event"]["batch"], &notice["event"]["index"]), (&json!(0), &json!(1)), "{notice}");
		assert_eq!(notice["event"]["verdict"], "already-dispensed", "{notice}");
		let hash = call(&client, "chain_getBlockHash", vec![notice["block"].clone()]).await;
		assert_eq!(notice["hash"], hash);
	}
	assert_eq!(call(&client, "salus_verifyUnit", vec![supply::scan(1)]).await["verdict"], "already-dispensed");

	for _ in 0..20 {
		supply::submit(&client, Alice, frame_system::Call::remark { remark: vec![] }).await;
	}
	assert_eq!(supply::custody(&client).await.unwrap_err(), (20_007, "history-pruned".into()));
}

fn hex_id(text: &str) -> [u8; 32] {
	hex::decode(text.trim_start_matches("0x")).unwrap().try_into().unwrap()
}

#[tokio::test]
async fn a_restart_keeps_the_chain() {
	let base = tempfile::tempdir().unwrap();
	let args = ["--chain", dev_chain(), "--dev-block-time", "1000"];
	let (mut node, client) = Node::start(base.path(), &args).await;
	wait_for_block(&client, 3).await;
	let genesis = call(&client, "chain_getBlockHash", vec![json!(0)]).await;
	let first = call(&client, "chain_getBlockHash", vec![json!(1)]).await;
	let (height, time) = (best(&client).await, chain_time(&client).await);
	let (status, took) = node.terminate();
	assert!(status.success() && took < Duration::from_secs(10), "{status} after {took:?}");

	let (_node, client) = Node::start(base.path(), &args).await;
	assert_eq!(call(&client, "chain_getBlockHash", vec![json!(0)]).await, genesis);
	assert_eq!(call(&client, "chain_getBlockHash", vec![json!(1)]).await, first);
	assert!(best(&client).await >= height);
	wait_for_block(&client, height + 2).await;
	assert!(chain_time(&client).await >= time);
	wait_for_finality(&client, height + 1).await;
}

#[tokio::test]
async fn starting_fails_with_reasons() {
	let base = tempfile::tempdir().unwrap();
	let taken = TcpListener::bind("127.0.0.1:0").unwrap();
	let port = taken.local_addr().unwrap().port().to_string();
	let said = refusal(base.path(), &["--chain", dev_chain(), "--rpc-port", &port]);
	assert!(said.contains(&format!("JSON-RPC cannot listen on 127.0.0.1:{port}")), "{said}");

	let said = refusal(base.path(), &["--chain", "nowhere.json"]);
	assert!(said.contains("nowhere.json") && said.contains("no such file"), "{said}");

	let said = refusal(base.path(), &["--chain", "local", "--instant-seal"]);
	assert!(said.contains("for development chains"), "{said}");

	// A chain that was started from another specification of the same name.
	let mut spec: Value = serde_json::from_str(&fs::read_to_string(dev_chain()).unwrap()).unwrap();
	let (mut node, client) = Node::start(base.path(), &["--chain", dev_chain()]).await;
	wait_for_block(&client, 1).await;
	node.terminate();
	spec["genesis"]["raw"]["top"]["0x00"] = json!("0x01");
	let file = base.path().join("other.json");
	fs::write(&file, spec.to_string()).unwrap();
	let said = refusal(base.path(), &["--chain", file.to_str().unwrap()]);
	assert!(said.contains("holds another chain") && said.contains("purge-chain"), "{said}");

	// A database that is damaged.
	let metadata = base.path().join("chains/salus_dev/paritydb/full/metadata");
	assert!(metadata.exists());
	fs::write(&metadata, "not a database").unwrap();
	let said = refusal(base.path(), &["--chain", dev_chain()]);
	assert!(said.contains("cannot be opened") && said.contains("purge-chain"), "{said}");
}

#[test]
fn the_genesis_can_be_exported() {
	let export = |what: &str| {
		let output = Command::new(BINARY).args([what, "--chain", dev_chain()]).output().unwrap();
		assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
		hex::decode(String::from_utf8(output.stdout).unwrap().trim_start_matches("0x")).unwrap()
	};
	assert_eq!(Some(export("export-genesis-wasm").as_slice()), salus_runtime::WASM_BINARY);
	let head = salus_runtime::Header::decode(&mut &export("export-genesis-head")[..]).unwrap();
	assert_eq!((head.number, head.parent_hash), (0, salus_runtime::Hash::zero()));
}

#[tokio::test]
async fn blocks_can_be_exported_and_imported() {
	let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
	let (mut node, client) = Node::start(from.path(), &["--chain", dev_chain(), "--dev-block-time", "500"]).await;
	wait_for_block(&client, 4).await;
	let third = call(&client, "chain_getBlockHash", vec![json!(3)]).await;
	node.terminate();

	let file = from.path().join("blocks");
	let run = |base: &Path, args: &[&str]| {
		let output = Command::new(BINARY).args(args).arg("--base-path").arg(base).output().unwrap();
		let said = String::from_utf8_lossy(&output.stderr).into_owned();
		assert!(output.status.success(), "{args:?}: {said}");
		String::from_utf8_lossy(&output.stdout).into_owned()
	};
	run(from.path(), &["export-blocks", "--chain", dev_chain(), "--binary", "--to", "3", file.to_str().unwrap()]);
	run(from.path(), &["check-block", "--chain", dev_chain(), "2"]);
	run(to.path(), &["import-blocks", "--chain", dev_chain(), "--binary", file.to_str().unwrap()]);
	let info: Value = serde_json::from_str(&run(to.path(), &["chain-info", "--chain", dev_chain()])).unwrap();
	assert_eq!((&info["best_number"], &info["best_hash"]), (&json!(3), &third));
	run(to.path(), &["purge-chain", "--chain", dev_chain(), "-y"]);
	assert!(!to.path().join("chains/salus_dev/paritydb").join("full").exists());
}

/// A batch of four packs, a manufacturer that is its own regulator (Alice), and a pharmacy (Bob).
mod supply {
	use super::*;
	use codec::Encode;
	use pallet_drug_provenance::Call as Drug;
	use salus_primitives::{
		drug::{leaf, BatchInput, Dispense, Load, ProductInput, Shipment, UnitId, UnitProof, UnitRange},
		gs1::{Gtin, Lot},
		inputs::OrganisationInput,
		merkle, MemberRole, MemberRoleSet, OrgId, OrgRole, OrgRoleSet, H256,
	};
	use salus_runtime::{constants::block::MAXIMUM_BLOCK_WEIGHT, Runtime, RuntimeCall};
	use sp_runtime::traits::{BlakeTwo256, Hash as _};

	type Council = pallet_collective::Call<Runtime, pallet_collective::Instance1>;

	pub const GTIN: &str = "09506000134352";
	const NUMBER: Gtin = Gtin(9_506_000_134_352);
	const EXPIRY: u64 = 4_000_000_000_000;
	const PACKS: u32 = 4;
	const MAKER: OrgId = 0;
	const PHARMACY: OrgId = 1;
	const CASE: UnitId = UnitId::repeat_byte(0xca);

	fn lot() -> Lot {
		b"A1-2027".to_vec().try_into().unwrap()
	}

	fn mac(index: u32) -> H256 {
		H256::repeat_byte(index as u8 + 1)
	}

	fn leaves() -> Vec<Vec<u8>> {
		(0..PACKS).map(|index| leaf(NUMBER, &lot(), 0, &mac(index))).collect()
	}

	fn proof(index: u32) -> UnitProof {
		let proof = merkle::proof(&leaves(), index).unwrap();
		UnitProof { index, mac: mac(index), proof: proof.try_into().unwrap() }
	}

	/// What `salus_verifyUnit` is asked about a pack.
	pub fn scan(index: u32) -> Value {
		let unit = proof(index);
		json!({
			"gtin": GTIN, "lot": "A1-2027", "run": 0, "expiry": EXPIRY, "other": null,
			"index": index, "mac": unit.mac, "proof": unit.proof,
		})
	}

	/// Sends a call and waits until a block has it.
	pub async fn submit(client: &WsClient, who: Sr25519Keyring, runtime_call: impl Into<RuntimeCall>) {
		let genesis = super::call(client, "chain_getBlockHash", vec![json!(0)]).await;
		let account = json!(who.to_account_id());
		let index = || async { super::call(client, "system_accountNextIndex", vec![account.clone()]).await };
		let nonce = index().await.as_u64().unwrap() as u32;
		let height = best(client).await;
		let signed = transaction::signed(who, runtime_call.into(), genesis.as_str().unwrap().parse().unwrap(), nonce);
		super::call(client, "author_submitExtrinsic", vec![json!(signed)]).await;
		wait_for_block(client, height + 1).await;
		assert_eq!(index().await, nonce + 1);
	}

	/// Has the council admit an organisation, whose administrator handles its goods.
	async fn admit(client: &WsClient, org: OrgId, admin: Sr25519Keyring, roles: &[OrgRole]) {
		let input = OrganisationInput {
			name: format!("Organisation {org}").into_bytes().try_into().unwrap(),
			country: *b"GB",
			roles: OrgRoleSet::of(roles),
			non_profit: false,
			gln: None,
			legal_entity: H256::repeat_byte(org as u8 + 1),
			licence_until: EXPIRY,
			requires_agreement: false,
		};
		let admin_account = admin.to_account_id();
		let admission = RuntimeCall::from(pallet_participants::Call::admit_organisation {
			org: input,
			admin: admin_account.clone(),
		});
		let length_bound = admission.encoded_size() as u32;
		let propose = Council::propose { threshold: 2, proposal: Box::new(admission.clone()), length_bound };
		submit(client, Alice, propose).await;
		// Both admissions are the only motions, so that they have the organisations' numbers.
		let (index, proposal) = (org, BlakeTwo256::hash_of(&admission));
		for member in [Alice, Bob] {
			submit(client, member, Council::vote { proposal, index, approve: true }).await;
		}
		let proposal_weight_bound = MAXIMUM_BLOCK_WEIGHT / 4;
		submit(client, Alice, Council::close { proposal_hash: proposal, index, proposal_weight_bound, length_bound })
			.await;
		let roles = MemberRoleSet::of(&[MemberRole::Logistics, MemberRole::Pharmacist, MemberRole::Quality]);
		let member =
			pallet_participants::Call::add_member { org, who: admin_account, roles, premises: None, until: None };
		submit(client, admin, member).await;
	}

	/// Admits both organisations and registers the product.
	pub async fn prepare(client: &WsClient) {
		admit(client, MAKER, Alice, &[OrgRole::Regulator, OrgRole::Manufacturer]).await;
		admit(client, PHARMACY, Bob, &[OrgRole::Dispenser]).await;
		let product = ProductInput { gtin: NUMBER, owner: MAKER, storage: None, device: false };
		submit(client, Alice, Drug::<Runtime>::register_product { product }).await;
	}

	/// Commissions the batch.
	pub async fn commission(client: &WsClient) {
		let batch = BatchInput {
			gtin: NUMBER,
			lot: lot(),
			run: 0,
			expiry: EXPIRY,
			units: PACKS,
			root: merkle::root(&leaves()),
			meta: H256::repeat_byte(0xee),
			event: H256::repeat_byte(0xe1),
		};
		submit(client, Alice, Drug::<Runtime>::commission { batch }).await;
	}

	/// Packs the batch into a case, and sells that to the pharmacy.
	pub async fn send_packed(client: &WsClient) {
		let everything = Load::Units(UnitRange { batch: 0, start: 0, len: PACKS });
		let contents = vec![everything].try_into().unwrap();
		submit(client, Alice, Drug::<Runtime>::pack { unit: CASE, contents, event: H256::repeat_byte(0xe2) }).await;
		let load = Load::Logistic(CASE);
		let shipment = Shipment {
			load,
			to: PHARMACY,
			carrier: None,
			sale: true,
			deadline: wall_clock() + DAY,
			package: H256::zero(),
			event: H256::repeat_byte(0xe3),
		};
		submit(client, Alice, Drug::<Runtime>::ship { shipment }).await;
		let event = H256::repeat_byte(0xe4);
		submit(client, Bob, Drug::<Runtime>::receive { load, missing: Default::default(), event }).await;
	}

	/// The pharmacy opens the case.
	pub async fn unpack(client: &WsClient) {
		submit(client, Bob, Drug::<Runtime>::unpack { unit: CASE, event: H256::repeat_byte(0xe5) }).await;
	}

	/// The pharmacy hands out a pack.
	pub async fn dispense(client: &WsClient, index: u32) {
		let dispense = Dispense { batch: 0, unit: proof(index), at: None };
		submit(client, Bob, Drug::<Runtime>::dispense { dispense }).await;
	}

	/// How the second pack came to where it is, or the code and name of the error.
	pub async fn custody(client: &WsClient) -> Result<CustodyTrace, (i32, String)> {
		match client.request::<Value, _>("salus_custody", rpc_params![0, 1]).await {
			Ok(trace) => Ok(serde_json::from_value(trace).unwrap()),
			Err(ClientError::Call(_)) => Err(failure(client, "salus_custody", vec![json!(0), json!(1)]).await),
			Err(error) => panic!("{error}"),
		}
	}

	/// What happened, and whether to a unit of logistics.
	pub fn kinds(trace: &CustodyTrace) -> Vec<(StepKind, bool)> {
		trace.steps.iter().map(|traced| (traced.step.kind, traced.within.is_some())).collect()
	}
}

/// Transactions, made with the runtime's own types.
mod transaction {
	use codec::Encode;
	use salus_primitives::{
		consent::{BreakGlass, DefaultPolicy},
		PatientId,
	};
	use salus_runtime::{Address, Hash, RuntimeCall, SignedPayload, TxExtension, UncheckedExtrinsic, VERSION};
	use sp_keyring::Sr25519Keyring::{self, Alice};
	use sp_runtime::{generic::Era, MultiSignature};

	/// A remark of Alice's, as hexadecimal digits.
	pub fn remark(genesis: Hash, nonce: u32) -> String {
		let call = frame_system::Call::remark { remark: vec![nonce as u8] };
		signed(Alice, RuntimeCall::System(call), genesis, nonce)
	}

	/// Alice registers as a patient.
	pub fn registration(genesis: Hash, nonce: u32, patient: [u8; 32]) -> String {
		let call = pallet_consent::Call::register_patient {
			patient: PatientId(patient),
			default_policy: DefaultPolicy::Deny,
			break_glass: BreakGlass::Forbidden,
		};
		signed(Alice, RuntimeCall::Consent(call), genesis, nonce)
	}

	/// A call of anybody's.
	pub fn signed(who: Sr25519Keyring, call: RuntimeCall, genesis: Hash, nonce: u32) -> String {
		let extension = TxExtension::new((
			frame_system::CheckNonZeroSender::new(),
			frame_system::CheckSpecVersion::new(),
			frame_system::CheckTxVersion::new(),
			frame_system::CheckGenesis::new(),
			frame_system::CheckMortality::from(Era::Immortal),
			frame_system::CheckNonce::from(nonce),
			frame_system::CheckWeight::new(),
			pallet_transaction_payment::ChargeTransactionPayment::from(0),
			frame_metadata_hash_extension::CheckMetadataHash::new(false),
		));
		let implicit = ((), VERSION.spec_version, VERSION.transaction_version, genesis, genesis, (), (), (), None);
		let payload = SignedPayload::from_raw(call.clone(), extension.clone(), implicit);
		let signature = MultiSignature::Sr25519(payload.using_encoded(|bytes| who.sign(bytes)));
		let transaction = UncheckedExtrinsic::new_signed(call, Address::Id(who.to_account_id()), signature, extension);
		format!("0x{}", hex::encode(transaction.encode()))
	}
}
