//! The node as its operators meet it: what it exposes, what they watch, and what goes wrong on their machines.

use super::*;
use std::{
	collections::BTreeSet,
	io::{Read, Write},
	net::TcpStream,
	process::Output,
};
use tempfile::TempDir;

/// A file of this repository.
fn repository(path: &str) -> PathBuf {
	Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn free_port() -> String {
	TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

/// One HTTP request; the body of the answer.
fn http(port: &str, head: &str, body: &str) -> String {
	http_by_name("localhost", port, head, body)
}

/// One HTTP request to a machine that the caller knows by this name.
fn http_by_name(name: &str, port: &str, head: &str, body: &str) -> String {
	let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
	stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
	let length = body.len();
	let request = format!(
		"{head} HTTP/1.1\r\nHost: {name}:{port}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
		 Connection: close\r\n\r\n{body}"
	);
	stream.write_all(request.as_bytes()).unwrap();
	let mut answer = String::new();
	stream.read_to_string(&mut answer).unwrap();
	answer.split_once("\r\n\r\n").map_or(answer.as_str(), |(_, body)| body).into()
}

/// JSON-RPC over HTTP.
fn post(port: &str, body: &Value) -> Value {
	let answer = http(port, "POST /", &body.to_string());
	serde_json::from_str(&answer).unwrap_or_else(|_| panic!("{answer}"))
}

fn request(method: &str, params: Value) -> Value {
	json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

#[tokio::test]
async fn an_exposed_node_serves_safe_methods_in_small_batches_and_not_too_many() {
	let base = tempfile::tempdir().unwrap();
	let args = ["--chain", dev_chain(), "--rpc-external", "--rpc-rate-limit", "3", "--instant-seal"];
	let (node, client) = Node::start(base.path(), &args).await;
	let port = node.port.to_string();

	for (method, params) in [
		("dev_advanceTime", json!([1])),
		("author_insertKey", json!(["aura", "//Alice", NOBODY])),
		("author_rotateKeys", json!([])),
		("system_addReservedPeer", json!(["/ip4/127.0.0.1"])),
		("system_removeReservedPeer", json!(["12D3"])),
		("offchain_localStorageSet", json!(["PERSISTENT", "0x01", "0x02"])),
		("state_traceBlock", json!([NOBODY])),
	] {
		let answer = post(&port, &request(method, params));
		assert_eq!(answer["error"]["message"], "RPC call is unsafe to be called externally", "{method}: {answer}");
	}

	// A page of another site cannot reach it under a name of its own.
	let answer = http_by_name("example.org", &port, "POST /", &request("system_chain", json!([])).to_string());
	assert!(answer.contains("not whitelisted"), "{answer}");

	let batch = |len: usize| post(&port, &Value::Array(vec![request("system_chain", json!([])); len]));
	assert_eq!(batch(101)["error"]["code"], -32_010);
	assert_eq!(batch(3).as_array().unwrap().len(), 3);

	// A connection may make three calls a minute: the fourth waits for its turn, and nobody else does.
	let chain = || call(&client, "system_chain", vec![]);
	for _ in 0..3 {
		chain().await;
	}
	let fourth = tokio::time::timeout(Duration::from_secs(2), chain()).await;
	assert!(fourth.is_err(), "a fourth call was answered at once");
	let other = WsClientBuilder::default().build(format!("ws://127.0.0.1:{port}")).await.unwrap();
	call(&other, "system_chain", vec![]).await;
}

/// Names of metrics in a text: lower-case, and beginning as those of the SDK or our own do.
fn names_in(text: &str) -> BTreeSet<&str> {
	let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.');
	let is_name = |word: &&str| {
		let ours = word.starts_with("salus_") || word.starts_with("substrate_");
		// A point within is a file's, a capital letter a method's.
		ours && !word.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'.')
	};
	words.map(|word| word.trim_end_matches('.')).filter(is_name).collect()
}

/// What a document says outside of blocks of code.
fn prose(text: &str) -> String {
	text.split("```").step_by(2).collect()
}

/// `name{label="value"` for each value that an alert selects by.
fn selections(text: &str) -> Vec<(String, String)> {
	let mut found = Vec::new();
	for (at, _) in text.match_indices('{') {
		let name: String = text[..at].chars().rev().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
		let name: String = name.chars().rev().collect();
		let labels = text[at + 1..].split('}').next().unwrap_or_default();
		for label in labels.split(',').filter(|label| !name.is_empty() && label.contains("=\"")) {
			found.push((name.clone(), label.replace("!=", "=").trim().to_owned()));
		}
	}
	found
}

/// The alerts that a text names.
fn alerts_in(text: &str, before: &str, after: char) -> BTreeSet<String> {
	let parts = text.split(before).skip(1);
	parts.filter_map(|part| part.split(after).next()).map(|name| name.trim().to_owned()).collect()
}

#[tokio::test]
async fn what_operators_watch_is_told_by_a_running_node_and_its_ports_are_its_own() {
	let base = tempfile::tempdir().unwrap();
	let metrics = free_port();
	let args = ["--chain", dev_chain(), "--prometheus-port", &metrics];
	let (node, client) = Node::start(base.path(), &args).await;
	wait_for_finality(&client, 1).await;
	let query = json!({ "actor": ALICE, "patient": NOBODY, "purpose": "TREAT", "action": "access", "record": NOBODY });
	for _ in 0..2 {
		assert_eq!(call(&client, "salus_checkAccess", vec![query.clone()]).await["effect"], "deny");
	}
	assert_eq!(call(&client, "salus_verifyUnit", vec![supply::scan(0)]).await["verdict"], "unknown-product");

	// The node looks every five seconds how high the chain is.
	let start = Instant::now();
	let told = loop {
		let told = http(&metrics, "GET /metrics", "");
		let height = told.lines().find(|line| line.starts_with("substrate_block_height") && line.contains("finalized"));
		if height.is_some_and(|line| !line.ends_with(" 0")) {
			break told;
		}
		assert!(start.elapsed() < Duration::from_secs(20), "no final block is told:\n{told}");
		tokio::time::sleep(Duration::from_millis(200)).await;
	};
	let value = |name: &str, label: &str| {
		let line = told.lines().find(|line| line.starts_with(&format!("{name}{{")) && line.contains(label));
		line.and_then(|line| line.rsplit(' ').next()).and_then(|value| value.parse::<f64>().ok())
	};
	assert_eq!(value("salus_decisions_total", "effect=\"deny\""), Some(2.0), "{told}");
	assert_eq!(value("salus_decisions_total", "effect=\"permit\""), Some(0.0));
	assert_eq!(value("salus_verifications_total", "verdict=\"unknown-product\""), Some(1.0));
	// Counts are of codes: whom they are about is not told.
	assert!(!told.contains(NOBODY.trim_start_matches("0x")) && !told.contains(ALICE));

	// Every metric that an alert or the operators' handbook names is there, with the labels that they select by.
	let alerts = fs::read_to_string(repository("scripts/operators/alerts.yml")).unwrap();
	let handbook = fs::read_to_string(repository("docs/OPERATORS.md")).unwrap();
	let text = prose(&handbook);
	for (file, text) in [("alerts.yml", alerts.as_str()), ("OPERATORS.md", text.as_str())] {
		let named = names_in(text);
		let (of_gateway, of_node): (Vec<_>, Vec<_>) =
			named.into_iter().partition(|name| name.starts_with("salus_gateway_"));
		assert!(!of_node.is_empty() && !of_gateway.is_empty(), "{file} names no metrics");
		for name in of_node {
			assert!(told.contains(&format!("# TYPE {name} ")), "{file} names {name}, which this node does not have");
		}
	}
	for (name, label) in selections(&alerts).into_iter().filter(|(name, _)| !name.starts_with("salus_gateway_")) {
		assert!(value(&name, &label).is_some(), "an alert selects {name}{{{label}}}, which this node does not have");
	}
	let (alerts, rows) = (alerts_in(&alerts, "- alert:", '\n'), alerts_in(&handbook, "| `Salus", '`'));
	let rows: BTreeSet<_> = rows.into_iter().map(|row| format!("Salus{row}")).collect();
	assert!(!alerts.is_empty() && alerts == rows, "alerts {alerts:?}, and what to do about them {rows:?}");

	// Another node on its ports.
	let other = tempfile::tempdir().unwrap();
	let rpc = node.port.to_string();
	let said = refusal(other.path(), &["--chain", dev_chain(), "--rpc-port", &rpc]);
	assert!(
		said.contains(&format!("JSON-RPC cannot listen on 127.0.0.1:{rpc}")) && said.contains("--rpc-port"),
		"{said}"
	);
	let said = refusal(other.path(), &["--chain", dev_chain(), "--rpc-port", "0", "--prometheus-port", &metrics]);
	assert!(said.contains(&format!("metrics cannot be served on 127.0.0.1:{metrics}")), "{said}");
	assert!(said.contains("--prometheus-port"), "{said}");
	// Another node on its database.
	let said = refusal(base.path(), &["--chain", dev_chain(), "--rpc-port", "0"]);
	assert!(said.contains("cannot be opened") && said.contains("another node"), "{said}");
	let height = best(&client).await;
	wait_for_block(&client, height + 1).await;
}

#[test]
fn a_port_for_peers_that_is_taken_ends_the_start() {
	let base = tempfile::tempdir().unwrap();
	let taken = TcpListener::bind("0.0.0.0:0").unwrap();
	let port = taken.local_addr().unwrap().port().to_string();
	let said = refusal(base.path(), &["--chain", "local", "--rpc-port", "0", "--port", &port]);
	assert!(said.contains(&format!(":{port}: ")) && said.contains("another with --port"), "{said}");
}

#[test]
fn specifications_that_are_none_are_refused_by_name() {
	let base = tempfile::tempdir().unwrap();
	let file = base.path().join("chain.json");
	let refused = |text: &str| {
		fs::write(&file, text).unwrap();
		refusal(base.path(), &["--chain", file.to_str().unwrap(), "--rpc-port", "0"])
	};
	let spec = fs::read_to_string(dev_chain()).unwrap();
	for text in ["", "not JSON", "{\"name\":\"Salus\"}", &spec[..spec.len() / 2]] {
		let said = refused(text);
		assert!(said.contains(file.to_str().unwrap()), "{said}");
		assert!(said.contains("is not a specification of a Salus chain") && said.contains("consortium-spec"), "{said}");
	}

	// One whose number is not the genesis' own: its blocks would be taken for another parachain's.
	let mut other: Value = serde_json::from_str(&spec).unwrap();
	assert_eq!(other["para_id"], 2042);
	other["para_id"] = 2000.into();
	let said = refused(&other.to_string());
	assert!(said.contains("says parachain 2000, its genesis 2042"), "{said}");
	// No relay chain is called so, or this build has no client of one.
	other["para_id"] = 2042.into();
	other["chainType"] = "Live".into();
	other["relay_chain"] = "no-such-relay".into();
	let said = refused(&other.to_string());
	assert!(said.contains("no-such-relay") || said.contains("has no relay chain client"), "{said}");
}

#[test]
fn a_base_path_that_cannot_be_written_is_refused_by_name() {
	let base = tempfile::tempdir().unwrap();
	let file = base.path().join("file");
	fs::write(&file, "not a folder").unwrap();
	let said = refusal(&file, &["--chain", dev_chain(), "--rpc-port", "0"]);
	assert!(said.contains(&format!("{} cannot be written", file.display())), "{said}");
	assert!(said.contains("--base-path"), "{said}");
	assert_eq!(fs::read_to_string(&file).unwrap(), "not a folder");
}

/// A disk of so many MiB; it needs root and a kernel that mounts.
struct SmallDisk {
	folder: TempDir,
}

impl SmallDisk {
	fn mount(mib: u32) -> Option<Self> {
		let folder = tempfile::tempdir().unwrap();
		let size = format!("size={mib}m");
		let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
		mounted.is_ok_and(|output| output.status.success()).then_some(Self { folder })
	}

	/// Writes until so many KiB are left at most.
	fn fill(&self, leave: u64) {
		let mut file = File::create(self.filler()).unwrap();
		while file.write_all(&[1; 65_536]).is_ok() {}
		let size = file.metadata().unwrap().len();
		file.set_len(size.saturating_sub(leave * 1_024)).unwrap();
	}

	fn free(&self) {
		fs::remove_file(self.filler()).unwrap();
	}

	fn filler(&self) -> PathBuf {
		self.folder.path().join("filler")
	}

	fn base(&self) -> PathBuf {
		self.folder.path().join("node")
	}
}

impl Drop for SmallDisk {
	fn drop(&mut self) {
		let _ = Command::new("umount").arg("-l").arg(self.folder.path()).status();
	}
}

#[tokio::test]
async fn a_full_disk_ends_a_node_and_takes_no_final_block() {
	let Some(disk) = SmallDisk::mount(128) else {
		eprintln!("skipped: a small disk cannot be mounted here (it takes root)");
		return;
	};
	fs::create_dir(disk.base()).unwrap();
	let base = disk.base();
	let args = ["--chain", dev_chain(), "--dev-block-time", "500"];
	let with = |threshold: &'static str| [&args[..], &["--db-storage-threshold", threshold]].concat();

	// The first run is watched, so that it ends before the disk is full; the second is not, and its database meets the
	// full disk. Each is followed by another on the same database.
	let (mut node, mut client) = Node::start(&base, &with("64")).await;
	for (leave, next) in [(32_768, "0"), (0, "64")] {
		let height = finalized(&client).await;
		wait_for_finality(&client, height + 3).await;
		let last = call(&client, "chain_getFinalizedHead", vec![]).await;
		let last_number = number(&call(&client, "chain_getHeader", vec![last.clone()]).await);

		disk.fill(leave);
		// Not watched, it lives on and fails with each block, or the kernel ends it, which cannot give it a page of a file.
		let status = node.ended(Duration::from_secs(if leave > 0 { 20 } else { 3 }));
		if leave > 0 {
			let log = node.log();
			assert_eq!(status.and_then(|status| status.code()), Some(1), "{log}");
			assert!(log.contains("Available space") && log.contains("dropped below threshold: 64MiB"), "{log}");
			assert!(!log.contains("panicked"), "{log}");
			let said = refusal(&base, &with("64"));
			assert!(said.contains("needs more space") && said.contains("Free space on that disk"), "{said}");
		}
		drop(node);

		disk.free();
		(node, client) = Node::start(&base, &with(next)).await;
		assert_eq!(call(&client, "chain_getBlockHash", vec![json!(last_number)]).await, last, "a final block is lost");
		wait_for_finality(&client, last_number + 2).await;
	}
}

fn run(program: &Path, args: &[&str]) -> Output {
	Command::new(program).args(args).stdin(Stdio::null()).env("SALUS_NODE_BIN", BINARY).output().unwrap()
}

#[test]
fn a_consortium_gets_its_chain_from_its_description() {
	let folder = tempfile::tempdir().unwrap();
	let account = |seed: u8| {
		use sp_core::crypto::Ss58Codec;
		salus_runtime::AccountId::new([seed; 32]).to_ss58check()
	};
	let aura = |seed: u8| format!("0x{}", hex::encode([seed; 32]));
	let description = json!({
		"name": "Salus North", "id": "salus_north", "relay_chain": "rococo-local", "para_id": 2100,
		"council": [account(1), account(2), account(3)],
		"collators": [{ "account": account(4), "aura": aura(104) }, { "account": account(5), "aura": aura(105) }],
		"balances": [{ "account": account(1), "sls": "1000000" }],
	});
	let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
	let (file, out) = (path("north.json"), path("north-spec.json"));
	fs::write(&file, description.to_string()).unwrap();

	let script = repository("scripts/chain-spec");
	let output = run(&script, &[&file]);
	assert!(output.status.success(), "{output:?}");
	let spec: Value = serde_json::from_str(&fs::read_to_string(&out).unwrap()).unwrap();
	assert_eq!(
		(&spec["id"], &spec["para_id"], &spec["chainType"]),
		(&json!("salus_north"), &json!(2100), &json!("Live"))
	);
	// All but the runtime's code, which knows how a development chain begins.
	let mut state = spec["genesis"]["raw"]["top"].clone();
	assert!(state.as_object_mut().unwrap().remove("0x3a636f6465").is_some());
	let state = state.to_string();
	let sudo = hex::encode(sp_crypto_hashing::twox_128(b"Sudo"));
	assert!(!state.contains(&sudo), "there is an administrator");
	for known in Sr25519Keyring::iter() {
		assert!(!state.contains(&hex::encode(known.to_raw_public())), "{known} is there, whose key everybody has");
	}
	for seed in [1, 2, 3, 4, 5, 104, 105] {
		assert!(state.contains(&hex::encode([seed; 32])), "{seed} is not there");
	}

	// The state can be built from the file, and registered.
	let export = |what: &str| {
		let output = run(Path::new(BINARY), &[what, "--chain", &out]);
		assert!(output.status.success(), "{what}: {output:?}");
		hex::decode(String::from_utf8(output.stdout).unwrap().trim_start_matches("0x")).unwrap()
	};
	let head = salus_runtime::Header::decode(&mut &export("export-genesis-head")[..]).unwrap();
	assert_eq!((head.number, head.parent_hash), (0, salus_runtime::Hash::zero()));
	assert_eq!(Some(export("export-genesis-wasm").as_slice()), salus_runtime::WASM_BINARY);

	// What could not work is refused, by name, and no file is written.
	let refused = |change: &dyn Fn(&mut Value)| {
		let mut wrong = description.clone();
		change(&mut wrong);
		let (file, out) = (path("wrong.json"), path("wrong-spec.json"));
		fs::write(&file, wrong.to_string()).unwrap();
		let output = run(&script, &[&file]);
		let said = String::from_utf8_lossy(&output.stderr).into_owned();
		assert_eq!(output.status.code(), Some(1), "{said}");
		assert!(said.contains("wrong.json") && !Path::new(&out).exists(), "{said}");
		said
	};
	assert!(refused(&|wrong| wrong["council"][1] = account(1).into()).contains("is there twice"));
	assert!(refused(&|wrong| wrong["council"][1] = "5Nobody".into()).contains("is no SS58 address"));
	assert!(refused(&|wrong| wrong["council"][1] = ALICE.into()).contains("is a development account"));
	assert!(refused(&|wrong| wrong["council"] = json!([account(1)])).contains("at least 3"));
	assert!(refused(&|wrong| wrong["sudo"] = ALICE.into()).contains("unknown field `sudo`"));
	let output = run(&script, &[&file, &file]);
	assert_eq!((output.status.code(), fs::read_to_string(&file).unwrap()), (Some(1), description.to_string()));
}

#[test]
fn the_unit_for_systemd_is_one_that_systemd_takes() {
	let unit = fs::read_to_string(repository("scripts/operators/salus-node.service")).unwrap();
	// What closes it must not be lost when it is edited.
	for line in ["User=salus", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "UMask=0077"] {
		assert!(unit.lines().any(|there| there == line), "{line} is not in the unit");
	}
	let folder = tempfile::tempdir().unwrap();
	let file = folder.path().join("salus-node.service");
	fs::write(&file, unit.replace("/usr/local/bin/salus-node", BINARY)).unwrap();
	match Command::new("systemd-analyze").arg("verify").arg(&file).output() {
		Ok(output) => {
			let said = String::from_utf8_lossy(&output.stderr);
			assert!(output.status.success() && !said.contains("salus-node.service"), "{said}");
		}
		Err(_) => eprintln!("skipped: there is no systemd-analyze here"),
	}

	// The options that it starts the node with are the node's.
	let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
	let options: Vec<_> = start.split(' ').filter(|word| word.starts_with("--")).collect();
	let help = run(Path::new(BINARY), &["--help"]);
	let help = String::from_utf8_lossy(&help.stdout).into_owned();
	assert!(options.len() > 1 && options.iter().all(|option| help.contains(option)), "{options:?}");
}
