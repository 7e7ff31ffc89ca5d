//! `salus key`.

use super::{acting::connect, Context};
use crate::{
	chain::calls,
	crypto::EncryptionSecret,
	keys::{parse_secret, ExposedKeys, KeyRing, Keys, PublicKeys},
	Error, Result,
};
use clap::{Args, Subcommand};
use serde_json::json;
use std::{
	io::{IsTerminal, Read},
	path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Commands about keys.
#[derive(Subcommand, Debug)]
pub enum KeyCommand {
	/// Make fresh keys: one that signs (sr25519), one that envelopes are sealed to (X25519).
	New {
		/// What to call them.
		name: String,
		/// Keep the secrets as they are, for development; otherwise under the passphrase in SALUS_PASSPHRASE, or in the
		/// file that SALUS_PASSPHRASE_FILE names.
		#[arg(long)]
		clear_text: bool,
	},
	/// Show an address and a public key.
	Show {
		/// A name, or a development account such as //Alice.
		name: String,
		/// Print the secrets too. Whoever has them can do all that the account can.
		#[arg(long)]
		secret: bool,
	},
	/// List the key files.
	List,
	/// Keep keys that were made elsewhere.
	Import(ImportArgs),
	/// Register the X25519 public key on the chain, or rotate the one that is there: envelopes are sealed to it.
	Register {
		/// A name, or a development account such as //Alice.
		name: String,
	},
}

/// Arguments of `key import`.
#[derive(Args, Debug)]
pub struct ImportArgs {
	/// What to call them.
	name: String,
	/// File with the signing key: a mnemonic phrase, 0x and a seed, or //NAME; standard input if left out.
	#[arg(long, value_name = "FILE", conflicts_with = "uri")]
	secret_file: Option<PathBuf>,
	/// The signing key itself. Other people on this machine may see it: for development accounts such as //Alice.
	#[arg(long, value_name = "URI")]
	uri: Option<String>,
	/// File with the X25519 secret, 0x and 64 hexadecimal digits; a fresh one is made if left out.
	#[arg(long, value_name = "FILE")]
	encryption_secret_file: Option<PathBuf>,
	/// Keep the secrets as they are, for development; otherwise under the passphrase in SALUS_PASSPHRASE, or in the file
	/// that SALUS_PASSPHRASE_FILE names.
	#[arg(long)]
	clear_text: bool,
}

/// Runs a command about keys.
pub async fn run(context: &Context, command: KeyCommand) -> Result<()> {
	let ring = context.key_ring();
	match command {
		KeyCommand::New { name, clear_text } => show(context, &writing(ring, clear_text).create(&name)?, None),
		KeyCommand::Show { name, secret } => {
			if !secret && !name.starts_with("//") {
				return show_public(context, &ring.public(&name)?, None);
			}
			let secrets = if secret { Some(ring.expose(&name)?) } else { None };
			show(context, &ring.load(&name)?, secrets)
		}
		KeyCommand::List => {
			let keys = ring.names()?.iter().map(|name| ring.public(name)).collect::<Result<Vec<_>>>()?;
			let list: Vec<_> = keys.iter().map(describe).collect();
			context.print(&list, || {
				let lines = keys.iter().map(|keys| format!("{:24} {}", keys.name, keys.account));
				let lines: Vec<_> = lines.collect();
				if lines.is_empty() {
					format!("no keys in {}: `salus key new NAME` makes some", ring.dir().display())
				} else {
					lines.join("\n")
				}
			})
		}
		KeyCommand::Register { name } => register(context, &ring.load(&name)?).await,
		KeyCommand::Import(args) => {
			let uri = match (&args.uri, &args.secret_file) {
				(Some(uri), _) => Zeroizing::new(uri.clone()),
				(None, Some(path)) => read_secret(path)?,
				(None, None) => read_standard_input()?,
			};
			let encryption = match &args.encryption_secret_file {
				Some(path) => {
					let secret = parse_secret(&read_secret(path)?).ok_or_else(|| {
						Error::usage("bad-secret", format!("{}: expected 0x and 64 hexadecimal digits", path.display()))
					})?;
					EncryptionSecret::from_bytes(*secret)
				}
				// The well-known accounts have one everywhere.
				None if uri.starts_with("//") => EncryptionSecret::of_dev_uri(uri.trim()),
				None => EncryptionSecret::random(),
			};
			show(context, &writing(ring, args.clear_text).import(&args.name, uri.trim(), encryption)?, None)
		}
	}
}

async fn register(context: &Context, keys: &Keys) -> Result<()> {
	let chain = connect(context).await?;
	let held = keys.encryption.public();
	let present = chain.encryption_key(&keys.account()).await?;
	if let Some(key) = present.filter(|key| key.public_key == held) {
		let json = json!({ "address": keys.address(), "encryption_key": held, "epoch": key.epoch, "block": null });
		return context
			.print(&json, || format!("{} has registered this key already, epoch {}", keys.address(), key.epoch));
	}
	let included = chain.submit(&keys.signer, &calls::set_encryption_key(held.0)).await?;
	let epoch = chain.encryption_key(&keys.account()).await?.map(|key| key.epoch);
	let json =
		json!({ "address": keys.address(), "encryption_key": held, "epoch": epoch, "block": included.block.number });
	context.print(&json, || format!("registered in block {}", included.block.number))
}

fn read_secret(path: &Path) -> Result<Zeroizing<String>> {
	std::fs::read_to_string(path).map(Zeroizing::new).map_err(|e| Error::file(path, e))
}

fn read_standard_input() -> Result<Zeroizing<String>> {
	let mut input = std::io::stdin();
	if input.is_terminal() {
		eprintln!("Type the mnemonic phrase or the seed, then end the input (Ctrl-D):");
	}
	let mut text = Zeroizing::new(String::new());
	input.read_to_string(&mut text).map_err(|e| Error::unexpected("reading standard input", e))?;
	Ok(text)
}

/// The ring that writes as the command line asks.
fn writing(ring: KeyRing, clear_text: bool) -> KeyRing {
	match clear_text {
		true => KeyRing::clear_text(ring.dir().to_owned()),
		false => ring,
	}
}

fn describe(keys: &PublicKeys) -> serde_json::Value {
	json!({
		"name": keys.name,
		"address": keys.account.to_string(),
		"public_key": format!("0x{}", hex::encode(&keys.account)),
		"encryption_key": format!("0x{}", hex::encode(keys.encryption)),
	})
}

fn show(context: &Context, keys: &Keys, secrets: Option<ExposedKeys>) -> Result<()> {
	let (account, encryption) = (keys.account(), keys.encryption.public());
	show_public(context, &PublicKeys { name: keys.name.clone(), account, encryption, encrypted: false }, secrets)
}

fn show_public(context: &Context, keys: &PublicKeys, secrets: Option<ExposedKeys>) -> Result<()> {
	let mut json = describe(keys);
	if let Some(secrets) = &secrets {
		json["secret"] = secrets.sign.as_str().into();
		json["encryption_secret"] = secrets.encrypt.as_str().into();
	}
	context.print(&json, || {
		let mut text = format!(
			"name            {}\naddress         {}\nencryption key  0x{}",
			keys.name,
			keys.account,
			hex::encode(keys.encryption)
		);
		if let Some(secrets) = &secrets {
			text += &format!(
				"\nsecret          {}\nencryption secret  {}",
				secrets.sign.as_str(),
				secrets.encrypt.as_str()
			);
		}
		text
	})
}
