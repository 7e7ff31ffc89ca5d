//! What a consortium relies on, checked one after the other on one network.

use crate::network::{connect, wait_for, wait_for_final, Network, PARA_ID};
use anyhow::{anyhow, bail, ensure, Context, Result};
use futures::future::try_join_all;
use salus_client::{
	chain::{calls, council, Chain},
	cli::consent_online::Grant,
	crypto::LabelKey,
	demo::stage::{self, Hospital, YEAR},
	fhir::labels::LabelTable,
	gateway::now,
	plan::Plan,
	records::{self, Custodian, Reader},
	Error,
};
use salus_primitives::{
	consent::{ActorRef, BreakGlass, DefaultPolicy},
	AccountId, Action, ActionSet, ConsentId, PatientId, Purpose, PurposeSet, RecordId, SensitivitySet, H256,
};
use std::{
	cell::Cell,
	future::Future,
	path::Path,
	process::Stdio,
	time::{Duration, Instant},
};
use subxt_signer::sr25519::{dev, Keypair};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use zombienet_sdk::AddCollatorOptions;

/// Transfers at the same time, and how often so many follow.
const TRANSFERS: usize = 20;
const WAVES: usize = 3;
/// How long the network may take for what takes it a few blocks.
const BLOCKS: Duration = Duration::from_secs(300);
/// `twox128("CollatorSelection") ‖ twox128("LastAuthoredBlock")`.
const LAST_AUTHORED: &str = "0x15464cac3378d46f113cd5b7a4d71c84fb8ec9656ba16ac6223a82470e54837f";

/// The checks' results as they come.
#[derive(Default)]
struct Results {
	/// Only checks with one of these in their names are made; all, if there are none.
	only: Vec<String>,
	passed: Cell<usize>,
	failed: Cell<usize>,
}

impl Results {
	async fn check<T>(&self, name: &str, check: impl Future<Output = Result<T>>) -> Option<T> {
		if !self.only.is_empty() && !self.only.iter().any(|text| name.contains(text)) {
			return None;
		}
		let start = Instant::now();
		let result = check.await;
		let seconds = start.elapsed().as_secs();
		match result {
			Ok(value) => {
				println!("ok      {name} ({seconds} s)");
				self.passed.set(self.passed.get() + 1);
				Some(value)
			}
			Err(error) => {
				println!("FAILED  {name} ({seconds} s): {error:#}");
				self.failed.set(self.failed.get() + 1);
				None
			}
		}
	}
}

/// Runs every check, tells the count, and stops the network. Whether all passed.
///
/// What only waits for blocks goes on at the same time as other such checks: a transaction is final after half a minute.
pub async fn all(mut network: Network, next_runtime: Option<&Path>, only: Vec<String>) -> Result<bool> {
	let results = Results { only, ..Default::default() };
	// One connection for all that is signed by the same accounts: it knows which nonces are taken.
	let (alice, bob) = (connect(&network, "alice").await?, connect(&network, "bob").await?);
	results.check("both collators' blocks are finalised, and are the same", blocks(&alice, &bob)).await;
	let world = async {
		let world = World::new(alice.clone(), bob.clone()).await?;
		world.enforced().await?;
		Ok(world)
	};
	let world = results.check("a consent given through one collator is enforced by a gateway at the other", world);
	let newcomers = async {
		results.check("a third collator joins and makes blocks", join(&mut network, &alice)).await;
		results.check("a full node follows from the first block on", follow(&mut network, &alice)).await;
	};
	let (world, ()) = tokio::join!(world, newcomers);
	let killed = kill(&network, &alice);
	let killed = results.check("a collator killed under load loses nothing final and catches up", killed);
	let strange = strangers(&network);
	let strange = results.check("a node of another parachain, or without a relay chain, says so", strange);
	tokio::join!(killed, strange);
	results
		.check("a relay chain that stops is told, and goes on where it stopped", relay_stops(&network, &alice))
		.await;
	if let Some(wasm) = next_runtime {
		results.check("the council upgrades the runtime while clients stay connected", upgrade(&alice, wasm)).await;
	}
	if let Some(world) = world {
		results.check("the consent still holds, and its withdrawal works", world.still_enforced()).await;
	}
	network.destroy().await?;
	let (passed, failed) = (results.passed.get(), results.failed.get());
	println!("{passed} passed, {failed} failed");
	Ok(failed == 0 && passed > 0)
}

async fn blocks(alice: &Chain, bob: &Chain) -> Result<()> {
	wait_for_final(alice, 4, BLOCKS).await?;
	let height = wait_for_final(bob, 4, BLOCKS).await?.number;
	wait_for_final(alice, height, BLOCKS).await?;
	ensure!(alice.block_hash(height).await? == bob.block_hash(height).await?, "different blocks at height {height}");
	for name in [dev::alice(), dev::bob()] {
		authored(alice, &account(&name)).await?;
	}
	Ok(())
}

fn account(keys: &Keypair) -> AccountId {
	AccountId::from(keys.public_key().0)
}

/// Waits until an account has made a block, and returns its height.
async fn authored(chain: &Chain, account: &AccountId) -> Result<u32> {
	let bytes: &[u8] = account.as_ref();
	let key = format!("{LAST_AUTHORED}{}{}", hex::encode(sp_crypto_hashing::twox_64(bytes)), hex::encode(bytes));
	wait_for(&format!("a block by {account}"), BLOCKS, || async {
		let answer = chain.rpc("state_getStorage", vec![key.clone().into()]).await?;
		let Some(text) = answer.as_str() else { return Ok(None) };
		let bytes: [u8; 4] = hex::decode(text.trim_start_matches("0x"))?
			.try_into()
			.map_err(|_| anyhow!("a height of another length"))?;
		Ok(Some(u32::from_le_bytes(bytes)).filter(|height| *height > 0))
	})
	.await
}

/// A hospital with its gateway at the second collator, and a patient who acts through the first.
struct World {
	alice: Chain,
	bob: Chain,
	_home: TempDir,
	hospital: Hospital,
	reader: Hospital,
	reader_org: u32,
	patient: PatientId,
	patient_keys: salus_client::keys::Keys,
	label_key: LabelKey,
	record: RecordId,
	consent: std::sync::OnceLock<ConsentId>,
}

impl World {
	async fn new(alice: Chain, bob: Chain) -> Result<Self> {
		let home = tempfile::tempdir()?;
		let hospital = Hospital::new("First Hospital", &home.path().join("first"))?;
		let reader = Hospital::new("Second Hospital", &home.path().join("second"))?;
		let patient_keys = stage::fresh("patient")?;
		let everyone: Vec<_> = hospital.people().into_iter().chain(reader.people()).chain([&patient_keys]).collect();
		stage::endow(&alice, &dev::alice(), &everyone).await?;
		let council = [dev::alice(), dev::bob()];
		let keyed = [&hospital.clinician, &hospital.gateway, &reader.clinician, &reader.gateway, &patient_keys];
		let (patient, label_key) = (PatientId(random()), LabelKey::random());
		let signer = &patient_keys.signer;
		let register = calls::register_patient(&patient, DefaultPolicy::Deny, BreakGlass::Allowed);
		let (first, second, _, _) = tokio::try_join!(
			hospital.accredit(&alice, &council),
			reader.accredit(&alice, &council),
			stage::register_keys(&alice, &keyed),
			alice.submit(signer, &register),
		)?;
		let (org, reader_org) = (first.org, second.org);
		let recipient = hospital.gateway.account();
		let sealed = records::seal_label_key(&alice, &patient, &recipient, &label_key).await?;
		alice.submit(signer, &calls::open_care(&patient, org, now() + YEAR, &recipient, &sealed)).await?;

		let plan = Plan::of_bundle(BUNDLE, &LabelTable::from_option(None)?)?;
		let (store, keys) = (hospital.store()?, hospital.data_keys()?);
		let custodian = Custodian {
			chain: &alice,
			author: &hospital.clinician.signer,
			label_secret: &hospital.gateway.encryption,
			store: &store,
			keys: &keys,
			notes: hospital.folders.under_way(),
		};
		let added = custodian.add(&patient, &plan, |_| ()).await?;
		let record = *added.records.first().ok_or_else(|| anyhow!("no record"))?;
		drop((store, keys));
		let consent = Default::default();
		Ok(Self {
			alice,
			bob,
			_home: home,
			hospital,
			reader,
			reader_org,
			patient,
			patient_keys,
			label_key,
			record,
			consent,
		})
	}

	/// Refused without a consent, read with one.
	async fn enforced(&self) -> Result<()> {
		let gateway = self.hospital.start_gateway(&self.bob).await?;
		self.refused(&gateway.url).await?;
		let grant = Grant {
			to: vec![ActorRef::Org(self.reader_org)],
			purposes: PurposeSet::of(&[Purpose::Treat]),
			actions: ActionSet::of(&[Action::Access]),
			except: SensitivitySet::default(),
			up_to: None,
			until: Some(now() + YEAR),
			supersedes: None,
		};
		let call = calls::grant(&self.patient, &grant.input(Some(&self.label_key))?);
		let given = self.alice.submit(&self.patient_keys.signer, &call).await?;
		let number = given.event("Consent", "ConsentGranted").and_then(|event| event.number("consent"));
		let number = number.and_then(|number| ConsentId::try_from(number).ok()).ok_or_else(|| anyhow!("no consent"))?;
		self.consent.get_or_init(|| number);
		wait_for_final(&self.bob, given.block.number, BLOCKS).await?;
		self.read(&gateway.url).await.context("reading under the consent")?;
		gateway.stop().await?;
		Ok(())
	}

	/// Read again, then withdrawn, then refused.
	async fn still_enforced(&self) -> Result<()> {
		let gateway = self.hospital.start_gateway(&self.bob).await?;
		self.read(&gateway.url).await.context("reading under the consent")?;
		let consent = *self.consent.get().ok_or_else(|| anyhow!("no consent was given"))?;
		let call = calls::withdraw(&self.patient, consent);
		let withdrawn = self.alice.submit(&self.patient_keys.signer, &call).await?;
		wait_for_final(&self.bob, withdrawn.block.number, BLOCKS).await?;
		self.refused(&gateway.url).await?;
		gateway.stop().await?;
		Ok(())
	}

	async fn read(&self, gateway: &str) -> salus_client::Result<()> {
		let clinician = &self.reader.clinician;
		let reader = Reader { chain: &self.bob, signer: &clinician.signer, secret: &clinician.encryption, gateway };
		reader.get(&self.patient, &self.record, Purpose::Treat, Action::Access).await.map(drop)
	}

	async fn refused(&self, gateway: &str) -> Result<()> {
		match self.read(gateway).await {
			Err(Error::Denied { .. }) => Ok(()),
			Err(error) => Err(error).context("a refusal by the chain was expected"),
			Ok(()) => bail!("a record was given without a consent"),
		}
	}
}

/// The bundle of the client's own tests.
const BUNDLE: &str = include_str!("../../../client/testdata/bundle.json");

fn random() -> [u8; 32] {
	let mut bytes = [0; 32];
	bytes[..16].copy_from_slice(H256::random().as_bytes().get(..16).unwrap_or(&[0; 16]));
	bytes[16..].copy_from_slice(H256::random().as_bytes().get(..16).unwrap_or(&[0; 16]));
	bytes
}

/// Charlie's node makes keys, Charlie registers them, the council names Charlie, and Charlie's blocks follow.
async fn join(network: &mut Network, alice: &Chain) -> Result<()> {
	let options = AddCollatorOptions {
		command: Some("salus-node".try_into()?),
		args: vec!["--no-hardware-benchmarks".into()],
		is_validator: true,
		..Default::default()
	};
	network.add_collator("charlie", options, PARA_ID).await?;
	let node = connect(network, "charlie").await?;
	let charlie = dev::charlie();
	let owner = format!("0x{}", hex::encode(charlie.public_key().0));
	let made = node.rpc("author_rotateKeysWithOwner", vec![owner.into()]).await?;
	let field = |name: &str| -> Result<Vec<u8>> {
		let text = made[name].as_str().ok_or_else(|| anyhow!("no {name} in {made}"))?;
		Ok(hex::decode(text.trim_start_matches("0x"))?)
	};
	alice.submit(&charlie, &calls::network::set_session_keys(&field("keys")?, &field("proof")?)).await?;
	let call = calls::network::add_collator(&account(&charlie));
	let named = council::carry(alice, &[dev::alice(), dev::bob()], &call).await?;
	wait_for_final(&node, named.block.number, BLOCKS).await.context("catching up")?;
	let height = authored(alice, &account(&charlie)).await?;
	wait_for_final(alice, height, BLOCKS).await?;
	Ok(())
}

/// A node that collates nothing, and asks another's relay chain node rather than run one, has every block from the first on.
async fn follow(network: &mut Network, alice: &Chain) -> Result<()> {
	let relay = network.get_node("validator-1")?.ws_uri().to_owned();
	let args = ["--no-hardware-benchmarks", "--state-pruning=archive", &format!("--relay-chain-rpc-urls={relay}")];
	let options = AddCollatorOptions {
		command: Some("salus-node".try_into()?),
		args: args.into_iter().map(Into::into).collect(),
		is_validator: false,
		..Default::default()
	};
	network.add_collator("observer", options, PARA_ID).await?;
	let node = connect(network, "observer").await?;
	let target = alice.finalised().await?;
	wait_for_final(&node, target.number, BLOCKS).await?;
	for height in [0, 1, target.number] {
		ensure!(node.block_hash(height).await? == alice.block_hash(height).await?, "another block at height {height}");
	}
	Ok(())
}

/// Bob's node dies while transfers come in, and comes back.
async fn kill(network: &Network, alice: &Chain) -> Result<()> {
	let before = alice.finalised().await?;
	let load = async {
		let mut accepted = Vec::new();
		for _ in 0..WAVES {
			let calls: Vec<_> =
				(0..TRANSFERS).map(|_| calls::transfer(&AccountId::from(random()), stage::ENDOWMENT / 100)).collect();
			let dave = dev::dave();
			let sent = calls.iter().map(|call| alice.submit(&dave, call));
			accepted.extend(try_join_all(sent).await?.into_iter().map(|included| included.block));
		}
		Ok::<_, anyhow::Error>(accepted)
	};
	let restart = async {
		// In the middle of the first wave.
		tokio::time::sleep(Duration::from_secs(10)).await;
		// Native nodes are killed with SIGKILL.
		network.get_node("bob")?.restart(None).await
	};
	let (accepted, restarted) = tokio::join!(load, restart);
	restarted?;
	let accepted = accepted?;
	let last = accepted.iter().map(|block| block.number).max().unwrap_or(before.number);
	let bob = connect(network, "bob").await?;
	wait_for_final(&bob, last, BLOCKS).await.context("catching up")?;
	for block in accepted.iter().chain([&before]) {
		ensure!(bob.block_hash(block.number).await? == block.hash, "final block {} is lost", block.number);
		ensure!(alice.block_hash(block.number).await? == block.hash, "final block {} is lost", block.number);
	}
	Ok(())
}

/// While no validator works nothing becomes final, and the chain still answers; collators tell their operators.
async fn relay_stops(network: &Network, alice: &Chain) -> Result<()> {
	let validators = [network.get_node("validator-1")?, network.get_node("validator-2")?];
	for validator in validators {
		validator.pause().await?;
	}
	let stopped = async {
		let told = wait_for("what a collator says of it", BLOCKS, || async {
			let log = network.get_node("alice")?.logs().await?;
			Ok(log.contains("no block of the relay chain").then_some(()))
		});
		told.await?;
		let before = alice.finalised().await?;
		tokio::time::sleep(Duration::from_secs(12)).await;
		ensure!(alice.finalised().await? == before, "blocks became final without a relay chain");
		Ok(before)
	};
	let stopped = stopped.await;
	for validator in validators {
		validator.resume().await?;
	}
	let before = stopped?;
	for name in ["alice", "bob"] {
		let chain = connect(network, name).await?;
		wait_for_final(&chain, before.number + 3, BLOCKS).await.context("going on")?;
		ensure!(chain.block_hash(before.number).await? == before.hash, "{name} has another block {}", before.number);
	}
	Ok(())
}

/// What operators get wrong: the specification of another parachain, of one whose parts disagree, no relay chain.
async fn strangers(network: &Network) -> Result<()> {
	let base = Path::new(network.base_dir().ok_or_else(|| anyhow!("a network without a folder"))?);
	let parachain = network.parachain(PARA_ID).and_then(|parachain| parachain.chain_spec_path());
	let specification = base.join(parachain.ok_or_else(|| anyhow!("a parachain without a specification"))?);
	let known: serde_json::Value = serde_json::from_slice(&std::fs::read(&specification)?)?;
	let home = tempfile::tempdir()?;
	let written = |name: &str, change: &dyn Fn(&mut serde_json::Value)| -> Result<String> {
		let (mut changed, path) = (known.clone(), home.path().join(name));
		change(&mut changed);
		std::fs::write(&path, serde_json::to_vec(&changed)?)?;
		Ok(path.display().to_string())
	};
	let other = PARA_ID + 1;
	let half = written("half.json", &|spec| spec["para_id"] = other.into())?;
	let unknown = written("unknown.json", &|spec| {
		let key = [sp_crypto_hashing::twox_128(b"ParachainInfo"), sp_crypto_hashing::twox_128(b"ParachainId")].concat();
		let value = format!("0x{}", hex::encode(other.to_le_bytes()));
		spec["para_id"] = other.into();
		spec["id"] = "salus_unknown".into();
		spec["genesis"]["raw"]["top"][format!("0x{}", hex::encode(key))] = value.into();
	})?;
	let relay = base.join("rococo-local.json").display().to_string();
	let peer = network.get_node("validator-1")?.multiaddr().to_owned();
	let relay = ["--", "--chain", &relay, "--bootnodes", &peer, "--port", "0", "--no-prometheus"];

	let says = |name: &str, args: &[&str], text: &'static str| {
		let folder = home.path().join(name).display().to_string();
		let usual = ["--base-path", &folder, "--rpc-port", "0", "--port", "0", "--no-prometheus"];
		let mut command = tokio::process::Command::new("salus-node");
		command.args(usual).arg("--no-hardware-benchmarks").args(args).args(relay);
		says(command, text)
	};
	let known = specification.display().to_string();
	let nowhere = ["--chain", known.as_str(), "--relay-chain-rpc-urls", "ws://127.0.0.1:9"];
	tokio::try_join!(
		says("half", &["--chain", &half], "the chain specification says parachain 2043, its genesis 2042"),
		says("unknown", &["--chain", &unknown], "has no parachain 2043"),
		says("nowhere", &nowhere, "cannot be followed"),
	)?;
	Ok(())
}

/// Runs a node until it has said this, and ends it.
async fn says(mut command: tokio::process::Command, text: &str) -> Result<()> {
	let mut node = command.stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn()?;
	let mut lines = BufReader::new(node.stderr.take().ok_or_else(|| anyhow!("no log"))?).lines();
	let mut last = String::new();
	let heard = async {
		while let Some(line) = lines.next_line().await? {
			if line.contains(text) {
				return Ok(());
			}
			last = line;
		}
		bail!("the node ended without saying {text:?}")
	};
	let heard = tokio::time::timeout(BLOCKS, heard).await;
	node.kill().await?;
	heard
		.unwrap_or_else(|_| Err(anyhow!("the node did not say {text:?}")))
		.with_context(|| format!("its last line: {last}"))
}

/// Two thirds of the council authorise a runtime by its hash; anyone brings the code. A polkadot.js client stays connected.
async fn upgrade(alice: &Chain, wasm: &Path) -> Result<()> {
	let script = "client/js/network/upgrade.js";
	let mut client = tokio::process::Command::new("node")
		.args([script, alice.url()])
		.stdout(Stdio::piped())
		.kill_on_drop(true)
		.spawn()
		.with_context(|| format!("starting {script}"))?;
	let mut said = BufReader::new(client.stdout.take().ok_or_else(|| anyhow!("no output"))?).lines();
	// polkadot.js tells of methods that it has no definitions of.
	while said.next_line().await?.ok_or_else(|| anyhow!("{script} ended early"))? != "connected" {}
	let version = || async {
		let version = alice.rpc("state_getRuntimeVersion", vec![]).await?;
		version["specVersion"].as_u64().ok_or_else(|| anyhow!("no version in {version}"))
	};
	let old = version().await?;
	let code = std::fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
	let hash = H256(sp_crypto_hashing::blake2_256(&code));
	council::carry(alice, &[dev::alice(), dev::bob()], &calls::network::authorize_upgrade(hash)).await?;
	alice.submit(&dev::dave(), &calls::network::apply_upgrade(&code)).await?;
	wait_for("the next version", BLOCKS, || async { Ok((version().await? > old).then_some(())) }).await?;
	let height = alice.best().await?.number;
	wait_for_final(alice, height + 3, BLOCKS).await?;
	// The same connection signs for the new runtime, in Rust and in JavaScript.
	alice.submit(&dev::dave(), &calls::transfer(&account(&dev::eve()), stage::ENDOWMENT / 100)).await?;
	let ended = tokio::time::timeout(BLOCKS, client.wait()).await.context("polkadot.js does not see the upgrade")??;
	ensure!(ended.success(), "polkadot.js did not come through the upgrade: {ended}");
	Ok(())
}
