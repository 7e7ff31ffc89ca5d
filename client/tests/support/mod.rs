//! What tests on a real node share: the node, two hospitals with a patient, the command line.
//!
//! The node is the program named by `SALUS_NODE_BIN`, else `salus-node` beside the tests' folder (where Cargo puts it when it
//! builds with the same profile). It runs with half-second blocks for as long as the tests of one file do. Without a node
//! they fail.

// Each file of tests takes what it needs.
#![allow(dead_code)]

use salus_client::{
	chain::{calls, Chain},
	cli::consent_online::Grant,
	crypto::LabelKey,
	demo::stage::{self, Hospital, Running, YEAR},
	fhir::labels::LabelTable,
	gateway::{now, Health},
	keys::{KeyRing, Keys},
	plan::Plan,
	records::{self, Custodian, Read, Reader},
	Error,
};
use salus_primitives::{
	consent::{ActorRef, BreakGlass, DefaultPolicy},
	Action, ActionSet, ConsentId, Moment, OrgId, PatientId, Purpose, PurposeSet, RecordId, Sensitivity, SensitivitySet,
};
use serde_json::{json, Value};
use std::{
	net::TcpListener,
	path::{Path, PathBuf},
	process::{Command, Stdio},
	sync::OnceLock,
	time::{Duration, Instant},
};
use subxt_signer::sr25519::dev;
use tempfile::TempDir;

pub const BUNDLE: &str = include_str!("../../testdata/bundle.json");

/// The council and the account that pays are shared by all tests, and a nonce can be used once.
pub static COUNCIL: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The node that all tests share. It ends with this process: its shell waits for the end of a pipe.
pub struct Node {
	pub url: String,
	pub folder: PathBuf,
}

pub fn program() -> PathBuf {
	let program = std::env::var_os("SALUS_NODE_BIN").map(PathBuf::from).unwrap_or_else(|| {
		let here = std::env::current_exe().expect("a running test has a path");
		let folder = here.parent().and_then(Path::parent).expect("Cargo puts tests two folders deep");
		folder.join(format!("salus-node{}", std::env::consts::EXE_SUFFIX))
	});
	assert!(
			program.is_file(),
			"there is no node at {}: build one (cargo build --release -p salus-node --no-default-features), or name one in \
			 SALUS_NODE_BIN",
			program.display()
		);
	program
}

pub fn free_port() -> String {
	TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

pub fn node() -> &'static Node {
	static NODE: OnceLock<Node> = OnceLock::new();
	NODE.get_or_init(|| {
		let port = free_port();
		let folder = tempfile::Builder::new().prefix("salus-end-to-end-").tempdir().unwrap().keep();
		let script =
			"\"$0\" \"$@\" >\"$FOLDER/log\" 2>&1 & node=$!; read -r _; kill $node; wait $node; rm -rf \"$FOLDER\"";
		let mut shell = Command::new("sh")
			.args(["-c", script])
			.arg(program())
			.args(["--dev", "--dev-block-time", "500", "--state-pruning", "archive", "--no-prometheus"])
			.args(["--rpc-port", &port, "--port", "0", "--base-path"])
			.arg(folder.join("base"))
			.env("FOLDER", &folder)
			.stdin(Stdio::piped())
			.spawn()
			.unwrap();
		// The pipe stays open until this process ends.
		std::mem::forget(shell.stdin.take());
		Node { url: format!("ws://127.0.0.1:{port}"), folder }
	})
}

pub async fn connect() -> Chain {
	let node = node();
	connect_to(&node.url, &node.folder.join("log"), 1).await
}

/// Waits for a node that starts, until it has so many blocks.
pub async fn connect_to(url: &str, log: &Path, blocks: u32) -> Chain {
	let start = Instant::now();
	loop {
		match Chain::connect(url, None).await {
			// A chain without a block has no time yet.
			Ok(chain) if chain.best().await.is_ok_and(|best| best.number >= blocks) => return chain,
			Ok(_) | Err(Error::NodeUnreachable { .. }) if start.elapsed() < Duration::from_secs(180) => {
				tokio::time::sleep(Duration::from_millis(300)).await;
			}
			Ok(_) => panic!("the node makes no blocks: see {}", log.display()),
			Err(error) => panic!("{error}\n{}", std::fs::read_to_string(log).unwrap_or_default()),
		}
	}
}

/// Milliseconds between blocks that keep pace with the clock as fast as a chain can.
pub const PACE: u64 = 1_500;
/// Milliseconds between blocks of a node that makes none.
pub const STALL: u64 = 3_600_000;

/// A node of a test's own.
pub struct OwnNode {
	pub child: std::process::Child,
	pub port: String,
	pub folder: TempDir,
}

impl OwnNode {
	pub fn start(block_time: u64) -> Self {
		let (port, folder) = (free_port(), tempfile::tempdir().unwrap());
		Self { child: Self::spawn(&port, folder.path(), block_time), port, folder }
	}

	pub fn spawn(port: &str, folder: &Path, block_time: u64) -> std::process::Child {
		let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
		Command::new(program())
			.args(["--dev", "--state-pruning", "archive", "--no-prometheus", "--rpc-port", port, "--port", "0"])
			.args(["--dev-block-time", &block_time.to_string(), "--base-path"])
			.arg(folder.join("base"))
			.stdin(Stdio::null())
			.stdout(log.try_clone().unwrap())
			.stderr(log)
			.spawn()
			.unwrap()
	}

	pub fn stop(&mut self) {
		let killed = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
		assert!(killed.success() && self.child.wait().is_ok());
	}

	pub async fn restart(&mut self, block_time: u64) {
		self.child = Self::spawn(&self.port, self.folder.path(), block_time);
		self.connect().await;
	}

	pub fn url(&self) -> String {
		format!("ws://127.0.0.1:{}", self.port)
	}

	pub async fn connect(&self) -> Chain {
		connect_to(&self.url(), &self.folder.path().join("log"), 1).await
	}
}

impl Drop for OwnNode {
	fn drop(&mut self) {
		// It may have ended already.
		let _ = self.child.kill();
		let _ = self.child.wait();
	}
}

pub fn plan(text: &str) -> Plan {
	Plan::of_bundle(text, &LabelTable::from_option(None).unwrap()).unwrap()
}

/// Two accredited hospitals, and a patient in the care of the first.
pub struct World {
	pub chain: Chain,
	pub home: TempDir,
	pub ring: KeyRing,
	pub first: Hospital,
	pub second: Hospital,
	pub second_org: OrgId,
	pub first_org: OrgId,
	pub patient_keys: Keys,
	pub patient: PatientId,
	pub label_key: LabelKey,
}

impl World {
	pub async fn new() -> Self {
		Self::on(connect().await).await
	}

	pub async fn on(chain: Chain) -> Self {
		let home = tempfile::tempdir().unwrap();
		let ring = KeyRing::clear_text(home.path().join("keys"));
		let hospital = |name, number: &str, home: &Path| Hospital {
			admin: ring.create(&format!("admin-{number}")).unwrap(),
			clinician: ring.create(&format!("clinician-{number}")).unwrap(),
			gateway: ring.create(&format!("gateway-{number}")).unwrap(),
			..Hospital::new(name, home).unwrap()
		};
		let first = hospital("First Hospital", "1", home.path());
		let second = hospital("Second Hospital", "2", &home.path().join("second"));
		let patient_keys = ring.create("patient").unwrap();
		let (first_org, second_org) = {
			let _council = COUNCIL.lock().await;
			let everyone: Vec<_> = first.people().into_iter().chain(second.people()).chain([&patient_keys]).collect();
			stage::endow(&chain, &dev::alice(), &everyone).await.unwrap();
			let council = [dev::alice(), dev::bob()];
			let first = first.accredit(&chain, &council).await.unwrap().org;
			(first, second.accredit(&chain, &council).await.unwrap().org)
		};
		let keyed = [&first.clinician, &first.gateway, &second.clinician, &second.gateway, &patient_keys];
		stage::register_keys(&chain, &keyed).await.unwrap();
		let label_key = LabelKey::random();
		let patient = PatientId([0; 32]);
		let mut world =
			Self { chain, home, ring, first, second, first_org, second_org, patient_keys, patient, label_key };
		world.patient = world.new_patient().await;
		world
	}

	/// One more patient with the same keys.
	pub async fn new_patient(&self) -> PatientId {
		let patient = PatientId(rand::random());
		let call = calls::register_patient(&patient, DefaultPolicy::Deny, BreakGlass::Allowed);
		self.submit(&call).await;
		let recipient = self.first.gateway.account();
		let sealed = records::seal_label_key(&self.chain, &patient, &recipient, &self.label_key).await.unwrap();
		self.submit(&calls::open_care(&patient, self.first_org, now() + YEAR, &recipient, &sealed)).await;
		patient
	}

	pub async fn submit(&self, call: &calls::Call) -> salus_client::chain::Included {
		self.chain.submit(&self.patient_keys.signer, call).await.unwrap()
	}

	pub async fn add(&self, patient: &PatientId, plan: &Plan) -> Result<records::Added, Error> {
		let (store, keys) = (self.first.store()?, self.first.data_keys()?);
		let custodian = Custodian {
			chain: &self.chain,
			author: &self.first.clinician.signer,
			label_secret: &self.first.gateway.encryption,
			store: &store,
			keys: &keys,
			notes: self.first.folders.under_way(),
		};
		custodian.add(patient, plan, |_| ()).await
	}

	/// The second hospital may treat.
	pub async fn consent(&self) -> ConsentId {
		let grant = Grant {
			to: vec![ActorRef::Org(self.second_org)],
			purposes: PurposeSet::of(&[Purpose::Treat]),
			actions: ActionSet::of(&[Action::Access, Action::Use]),
			except: SensitivitySet::of(&[Sensitivity::Psy, Sensitivity::Sud]),
			up_to: None,
			until: Some(now() + YEAR),
			supersedes: None,
		};
		let included = self.submit(&calls::grant(&self.patient, &grant.input(Some(&self.label_key)).unwrap())).await;
		included.event("Consent", "ConsentGranted").unwrap().number("consent").unwrap() as ConsentId
	}

	pub fn reader<'a>(&'a self, keys: &'a Keys, gateway: &'a Running) -> Reader<'a> {
		Reader { chain: &self.chain, signer: &keys.signer, secret: &keys.encryption, gateway: &gateway.url }
	}

	/// Runs the command line in this world.
	pub async fn salus(&self, args: &[&str]) -> Answer {
		salus(self.home.path(), args).await
	}
}

pub async fn read(reader: &Reader<'_>, patient: &PatientId, record: &RecordId) -> Result<Read, Error> {
	reader.get(patient, record, Purpose::Treat, Action::Access).await
}

/// What the command line answered.
#[derive(Debug)]
pub struct Answer {
	pub code: i32,
	pub json: Value,
}

impl Answer {
	#[track_caller]
	pub fn failed(&self, code: i32, error: &str) {
		assert_eq!((self.code, self.json["error"].as_str()), (code, Some(error)), "{self:?}");
		assert!(self.json["message"].as_str().is_some_and(|message| !message.is_empty()), "{self:?}");
	}

	#[track_caller]
	pub fn succeeded(&self) -> &Value {
		assert_eq!(self.code, 0, "{self:?}");
		&self.json
	}
}

pub fn command(home: &Path, args: &[&str]) -> tokio::process::Command {
	let mut command = tokio::process::Command::new("sh");
	// A file that grows beyond LIMIT blocks is an error, as on a full disk, and not a signal.
	command
		.args(["-c", "trap '' XFSZ; [ -z \"$LIMIT\" ] || ulimit -f $LIMIT; exec \"$0\" \"$@\""])
		.arg(env!("CARGO_BIN_EXE_salus"))
		.args(["--json", "--home"])
		.arg(home)
		.args(args)
		.stdin(Stdio::null())
		.env("SALUS_CLEAR_TEXT", "1")
		.env_remove("LIMIT");
	for variable in ["SALUS_NODE", "SALUS_GENESIS", "SALUS_HOME", "SALUS_KEYS", "SALUS_STORE", "SALUS_GATEWAY"] {
		command.env_remove(variable);
	}
	command
}

pub fn answer(output: std::process::Output) -> Answer {
	let text = String::from_utf8_lossy(&output.stdout).into_owned();
	let json = serde_json::from_str(&text).unwrap_or_else(|_| json!({ "text": text }));
	Answer { code: output.status.code().unwrap_or(-1), json }
}

pub async fn salus(home: &Path, args: &[&str]) -> Answer {
	salus_at(&node().url, home, args).await
}

/// Runs the command line with a node of a test's own.
pub async fn salus_at(url: &str, home: &Path, args: &[&str]) -> Answer {
	let args = [&["--node", url], args].concat();
	answer(command(home, &args).output().await.unwrap())
}

/// Words of a command line, as a person types them.
pub fn words(text: &str) -> Vec<&str> {
	text.split_whitespace().collect()
}

/// Moves the chain's time forward, to this moment at least.
pub async fn advance_to(chain: &Chain, moment: Moment) {
	let now = chain.time().await.unwrap();
	if now < moment {
		chain.rpc("dev_advanceTime", vec![(moment - now).into()]).await.unwrap();
	}
	assert!(chain.time().await.unwrap() >= moment);
}

/// All files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
	let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
	let paths = entries.map(|entry| entry.unwrap().path());
	paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Objects of a store; what is being written has another name.
pub fn objects(folder: &Path) -> Vec<PathBuf> {
	let mut files = files(folder);
	files.retain(|path| !path.to_string_lossy().contains('#'));
	files
}

pub async fn wait_for_receipts(reader: &Reader<'_>) -> Health {
	let start = Instant::now();
	loop {
		let health = reader.health().await.unwrap();
		if health.receipts_pending == 0 {
			return health;
		}
		assert!(start.elapsed() < Duration::from_secs(120), "receipts do not reach the chain: {health:?}");
		tokio::time::sleep(Duration::from_millis(200)).await;
	}
}
