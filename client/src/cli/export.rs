//! `salus patient export`: everything that is kept of a patient, in one file.

use super::{
	acting::{keys, Who},
	consent_documents::documents,
	Context,
};
use crate::{
	chain::Chain,
	export::{bundle, Contents, Missing},
	gateway::{now, Folders},
	keys::{write_private, DataKeyStore, Keys},
	records::{open_kept, Reader},
	store::Store,
	Error, Result,
};
use clap::Args;
use futures::{stream, StreamExt};
use salus_primitives::{
	consent::RecordStatus,
	views::{Receipt, RecordView},
	Action, OrgId, PatientId, Purpose,
};
use serde_json::json;
use std::{collections::BTreeMap, path::PathBuf};
use zeroize::Zeroizing;

/// Records that are asked for at a time.
const AT_A_TIME: usize = 8;

/// Arguments of `patient export`.
#[derive(Args, Debug)]
pub struct ExportArgs {
	#[command(flatten)]
	who: Who,
	/// Gateways of the custodians; may be given several times. What none of them keeps is told in the bundle.
	#[arg(long = "gateway", env = "SALUS_GATEWAY", value_name = "URL", num_args = 1..)]
	gateways: Vec<String>,
	/// Where the bundle goes: a new file, or a folder in which one is made. It holds everything in the clear.
	#[arg(long, value_name = "FILE|DIR")]
	out: PathBuf,
	/// At most so many receipts, the latest.
	#[arg(long, default_value_t = 10_000)]
	receipts: usize,
}

/// `patient export`.
pub async fn run(context: &Context, chain: &Chain, args: ExportArgs) -> Result<()> {
	let patient = args.who.patient;
	let keys = keys(context, &args.who.signer)?;
	let out = match args.out.is_dir() {
		true => args.out.join(format!("salus-export-{:.10}-{}.json", patient.to_string(), now())),
		false => args.out,
	};
	if out.exists() {
		return Err(Error::usage("already-exists", format!("{} is there already: name a new file", out.display())));
	}
	if chain.patient(&patient).await?.is_none() {
		return Err(Error::not_found(format!("patient {patient}"), ""));
	}
	let views = chain.records(&patient).await?;
	let sources = Sources::open(context, chain, &keys, &args.gateways).await?;
	let bar = context.progress(views.len() as u64, "reading");
	let read: Vec<_> = stream::iter(&views)
		.map(|view| {
			let (sources, bar) = (&sources, &bar);
			async move {
				let read = sources.read(&patient, view).await;
				bar.inc(1);
				read
			}
		})
		.buffered(AT_A_TIME)
		.collect()
		.await;
	bar.finish_and_clear();
	let mut contents = Contents {
		patient,
		at: now(),
		records: Vec::new(),
		consents: Vec::new(),
		receipts: sources.receipts(&patient, args.receipts).await?,
		missing: Vec::new(),
	};
	for (number, document) in documents(context, chain, &patient, Some(&keys)).await? {
		match document {
			Ok(document) => contents.consents.push(document),
			Err(error) => contents.missing.push(Missing::because_of(format!("consent {number}"), &error)),
		}
	}
	for (view, read) in views.into_iter().zip(read) {
		match read {
			Ok(plaintext) => contents.records.push((view, plaintext)),
			Err(error) => contents.missing.push(Missing::because_of(format!("record {}", view.id), &error)),
		}
	}
	let text = bundle(&contents)?;
	write_private(&out, text.as_bytes(), false).map_err(|error| Error::file(&out, error))?;
	let answer = json!({
		"file": out, "records": contents.records.len(), "consents": contents.consents.len(),
		"receipts": contents.receipts.len(), "missing": contents.missing,
	});
	context.print(&answer, || {
		let mut text = format!(
			"{}: {} records, {} consents, {} receipts",
			out.display(),
			contents.records.len(),
			contents.consents.len(),
			contents.receipts.len()
		);
		for missing in &contents.missing {
			text += &format!("\n{} is not in it: {}", missing.what, missing.why);
		}
		text
	})
}

/// Where records can be had from.
struct Sources<'a> {
	chain: &'a Chain,
	keys: &'a Keys,
	gateways: BTreeMap<OrgId, &'a str>,
	/// The patient's own, for records that the patient keeps.
	store: Store,
	data_keys: DataKeyStore,
}

impl<'a> Sources<'a> {
	async fn open(context: &Context, chain: &'a Chain, keys: &'a Keys, urls: &'a [String]) -> Result<Self> {
		let mut gateways = BTreeMap::new();
		for url in urls {
			let reader = Reader { chain, signer: &keys.signer, secret: &keys.encryption, gateway: url };
			gateways.insert(reader.health().await?.org, url.as_str());
		}
		let data_keys = DataKeyStore::open(&Folders::of(&context.home()).data_keys())?;
		Ok(Self { chain, keys, gateways, store: context.open_store()?, data_keys })
	}

	/// Those on the chain, and those that gateways prove against roots on the chain.
	async fn receipts(&self, patient: &PatientId, at_most: usize) -> Result<Vec<(OrgId, Receipt)>> {
		let on_chain = self.chain.receipts(patient, at_most).await?;
		let mut receipts: Vec<_> = on_chain.into_iter().map(|view| (view.org, view.receipt)).collect();
		for gateway in self.gateways.values() {
			let batched = self.reader(gateway).receipts(patient).await?;
			receipts.extend(batched.into_iter().map(|signed| (signed.proven.org, signed.proven.leaf.receipt)));
		}
		receipts.sort_by_key(|(_, receipt)| std::cmp::Reverse(receipt.at));
		receipts.truncate(at_most);
		Ok(receipts)
	}

	fn reader(&self, gateway: &'a str) -> Reader<'a> {
		Reader { chain: self.chain, signer: &self.keys.signer, secret: &self.keys.encryption, gateway }
	}

	async fn read(&self, patient: &PatientId, view: &RecordView) -> Result<Zeroizing<Vec<u8>>> {
		if view.status == RecordStatus::Shredded {
			return Err(Error::Denied { reason: "shredded".into(), consent: None, rule: None });
		}
		let Some(custodian) = view.custodian else {
			return open_kept(&self.store, &self.data_keys, view).await;
		};
		let hint = "name it with --gateway";
		let gateway = self.gateways.get(&custodian);
		let gateway =
			gateway.ok_or_else(|| Error::not_found(format!("a gateway of organisation {custodian}"), hint))?;
		Ok(self.reader(gateway).get(patient, &view.id, Purpose::Patrqt, Action::Access).await?.plaintext)
	}
}
