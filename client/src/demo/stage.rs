//! What the story needs before it can begin: accounts with means, accredited hospitals, gateways that run.

use crate::{
	chain::{calls, council, Chain, Included},
	crypto::EncryptionSecret,
	gateway::{now, Config, Folders, Gateway, Limits},
	keys::{AtRest, DataKeyStore, Keys},
	research::Book,
	store::Store,
	Error, Result,
};
use futures::future::try_join_all;
use salus_primitives::{
	inputs::{OrganisationInput, SponsorTerms},
	time::DAY,
	AccountId, MemberRole, MemberRoleSet, OrgId, OrgRole, OrgRoleSet, H256,
};
use std::{path::Path, time::Duration};
use subxt_signer::sr25519::Keypair;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// What each account starts with: enough for its deposits and fees.
pub const ENDOWMENT: u128 = 100_000_000_000_000;
/// A year, in milliseconds.
pub const YEAR: u64 = 365 * DAY;

/// A hospital: its people, its gateway, and where it keeps what it stores.
pub struct Hospital {
	/// Its public name.
	pub name: &'static str,
	/// Its administrator.
	pub admin: Keys,
	/// A clinician.
	pub clinician: Keys,
	/// Its gateway.
	pub gateway: Keys,
	/// Its object store, data keys and journal.
	pub folders: Folders,
}

/// What accreditation came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Accredited {
	/// The organisation's number.
	pub org: OrgId,
	/// The block that admitted it.
	pub admitted: u32,
	/// The block from which on its people are members.
	pub staffed: u32,
}

impl Hospital {
	/// With fresh keys.
	pub fn new(name: &'static str, home: &Path) -> Result<Self> {
		let folders = Folders::of(home);
		Ok(Self { name, admin: fresh("admin")?, clinician: fresh("clinician")?, gateway: fresh("gateway")?, folders })
	}

	/// Everyone who needs means.
	pub fn people(&self) -> [&Keys; 3] {
		[&self.admin, &self.clinician, &self.gateway]
	}

	/// Has the council admit it, and its administrator add its people.
	pub async fn accredit(&self, chain: &Chain, council: &[Keypair]) -> Result<Accredited> {
		let (orgs, admitted) = admit(chain, council, &[(self.name, OrgRole::Provider, &self.admin)]).await?;
		let org = *orgs.first().ok_or_else(|| too_little("an organisation"))?;
		let members = [(&self.clinician, MemberRole::Clinician), (&self.gateway, MemberRole::Gateway)];
		let added = members.map(|(keys, role)| {
			let call = calls::add_member(org, &keys.account(), MemberRoleSet::of(&[role]), None, None);
			async move { chain.submit(&self.admin.signer, &call).await }
		});
		let staffed = last_block(&try_join_all(added).await?);
		Ok(Accredited { org, admitted, staffed })
	}

	/// Pays for an account: a hundredth of what its administrator starts with a day, at most a tenth for all accounts.
	pub async fn sponsor(&self, chain: &Chain, org: OrgId, account: &AccountId) -> Result<u32> {
		let terms = SponsorTerms { per_account: ENDOWMENT / 100, per_day: ENDOWMENT / 10 };
		chain.submit(&self.admin.signer, &calls::set_sponsor_terms(org, Some(terms))).await?;
		Ok(chain.submit(&self.admin.signer, &calls::enrol(org, account)).await?.block.number)
	}

	/// Its object store.
	pub fn store(&self) -> Result<Store> {
		Store::directory(&self.folders.store())
	}

	/// Its data keys, for as long as the story lasts: their master key lies beside them.
	pub fn data_keys(&self) -> Result<DataKeyStore> {
		DataKeyStore::open_with(&self.folders.data_keys(), &AtRest::ClearText)
	}

	/// Starts its gateway on a free port of this machine.
	pub async fn start_gateway(&self, chain: &Chain) -> Result<Running> {
		Running::start(self.gateway_config(chain)?).await
	}

	/// How its gateway is configured: each receipt is anchored by itself, and HTTP is in the clear.
	pub fn gateway_config(&self, chain: &Chain) -> Result<Config> {
		Ok(Config {
			chain: chain.clone(),
			signer: self.gateway.signer.clone(),
			secret: self.gateway.encryption.clone(),
			store: self.store()?,
			keys: self.data_keys()?,
			book: Book::open_with(self.folders.home(), &AtRest::ClearText)?,
			journal: self.folders.journal(),
			leaving: self.folders.leaving(),
			streams: self.folders.streams(),
			care: self.folders.care(),
			receipt_interval: Duration::ZERO,
			limits: Limits::default(),
			tls: None,
		})
	}
}

/// A gateway that runs in this process.
pub struct Running {
	/// Its address.
	pub url: String,
	stop: oneshot::Sender<()>,
	task: JoinHandle<Result<()>>,
}

impl Running {
	/// Starts it on a free port of this machine.
	pub async fn start(config: Config) -> Result<Self> {
		let scheme = if config.tls.is_some() { "https" } else { "http" };
		let gateway = Gateway::open(config).await?;
		let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| Error::unexpected("listening", error))?;
		let address = listener.local_addr().map_err(|error| Error::unexpected("listening", error))?;
		let (stop, stopped) = oneshot::channel();
		let task = tokio::spawn(gateway.serve(listener, async move {
			// An error means that the other end is gone: then, too, it is time to stop.
			let _ = stopped.await;
		}));
		Ok(Self { url: format!("{scheme}://{address}"), stop, task })
	}

	/// Ends it, and tells whether it had ended by itself with an error.
	pub async fn stop(self) -> Result<()> {
		// The gateway may have ended by itself; its result tells why.
		let _ = self.stop.send(());
		self.task.await.map_err(|error| Error::unexpected("stopping a gateway", error))?
	}
}

/// Has the council admit organisations in one motion: each with its name, what it is accredited for, and its
/// administrator. Returns their numbers, in this order, and the block.
pub async fn admit(
	chain: &Chain,
	council: &[Keypair],
	candidates: &[(&str, OrgRole, &Keys)],
) -> Result<(Vec<OrgId>, u32)> {
	let mut motion = Vec::new();
	for (name, role, admin) in candidates {
		let input = OrganisationInput {
			name: name.as_bytes().to_vec().try_into().map_err(|_| too_little("a shorter name"))?,
			country: *b"GB",
			roles: OrgRoleSet::of(&[*role]),
			non_profit: *role == OrgRole::Provider,
			gln: None,
			legal_entity: H256(rand::random()),
			licence_until: now() + 3 * YEAR,
			requires_agreement: false,
		};
		motion.push(chain.encode_call(&calls::admit_organisation(&input, &admin.account())).await?);
	}
	let included = council::carry(chain, council, &calls::batch_all(&motion)).await?;
	let admitted = included.events.iter().filter(|event| event.is("Participants", "OrganisationAdmitted"));
	let orgs: Vec<_> = admitted.filter_map(|event| OrgId::try_from(event.number("org")?).ok()).collect();
	match orgs.len() == candidates.len() {
		true => Ok((orgs, included.block.number)),
		false => Err(too_little("an organisation")),
	}
}

/// Fresh keys that are kept nowhere.
pub fn fresh(name: &str) -> Result<Keys> {
	let seed = format!("0x{}", hex::encode(rand::random::<[u8; 32]>()));
	Keys::of_uri(name, &seed, EncryptionSecret::random())
}

/// Gives accounts what they need, in one transaction.
pub async fn endow(chain: &Chain, payer: &Keypair, accounts: &[&Keys]) -> Result<u32> {
	let mut encoded = Vec::new();
	for keys in accounts {
		encoded.push(chain.encode_call(&calls::transfer(&keys.account(), ENDOWMENT)).await?);
	}
	let included = chain.submit(payer, &calls::force_batch(&encoded)).await?;
	match included.events.into_iter().find_map(|event| event.failure) {
		Some(error) => Err(error),
		None => Ok(included.block.number),
	}
}

/// Registers encryption keys. Returns the last block that took one.
pub async fn register_keys(chain: &Chain, everyone: &[&Keys]) -> Result<u32> {
	let registered = everyone.iter().map(|keys| async move {
		chain.submit(&keys.signer, &calls::set_encryption_key(keys.encryption.public().0)).await
	});
	Ok(last_block(&try_join_all(registered).await?))
}

fn last_block(included: &[Included]) -> u32 {
	included.iter().map(|included| included.block.number).max().unwrap_or(0)
}

fn too_little(what: &str) -> Error {
	Error::Unexpected(format!("accreditation takes {what}"))
}
