//! `salus stream`: what a patient's devices measure.

use super::{
	acting::{account, connect, keys, submit, Who},
	print_json, record_online,
	values::{read_text, rfc3339, word},
	Context,
};
use crate::{
	chain::{calls, Chain},
	gateway::Folders,
	keys::DataKeyStore,
	store::Store,
	stream::{self, genome, proof::ProofFile, Holder, Step, Which},
	Error, Result,
};
use clap::{Args, Subcommand};
use salus_primitives::{
	stream::{DeviceClass, Range, StreamInput, StreamView},
	Confidentiality, Moment, PatientId, StreamId,
};
use serde::Deserialize;
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// Commands about streams.
#[derive(Subcommand, Debug)]
pub enum StreamCommand {
	/// Open a stream for what one device measures; prints its identifier. The patient, or a guardian who may do
	/// everything, may name an account that appends besides; a member of an organisation opens it for that.
	Open(OpenArgs),
	/// Check samples without a node, and print what they say; prints JSON.
	Check {
		/// Files with Open mHealth or IEEE 1752 data points, or FHIR Observations: a document, an array, or one a line.
		#[arg(required = true)]
		files: Vec<PathBuf>,
	},
	/// Check samples, encrypt, store and anchor them, a day to a batch. Nothing is anchored if one of them is bad. The
	/// same command again completes what was interrupted.
	Add(AddArgs),
	/// Write a proof that the stream holds one sample: the sample, the text that it was read from, and nothing else.
	Prove(ProveArgs),
	/// Verify a proof against the chain's peaks, or without a node against peaks that are at hand.
	Verify(VerifyArgs),
	/// List the streams of a patient.
	List {
		/// The patient.
		patient: PatientId,
	},
	/// Close a stream: it takes no samples any more; those that it has are still proved.
	Close(CloseArgs),
	/// Encrypt, store and anchor a genome (VCF) as a whole. It becomes a record: read it with `salus record get`.
	Genome(GenomeArgs),
}

/// Arguments of `stream open`.
#[derive(Args, Debug)]
pub struct OpenArgs {
	#[command(flatten)]
	who: Who,
	/// What carries the sensors: wearable, home-monitor, phone or other.
	#[arg(long, default_value = "wearable", value_parser = word_of::<DeviceClass>)]
	device: DeviceClass,
	/// Confidentiality of the samples.
	#[arg(long, default_value = "N", value_parser = word_of::<Confidentiality>)]
	confidentiality: Confidentiality,
	/// An account that may append besides: a device's, a gateway's.
	#[arg(long, value_name = "ACCOUNT|KEY")]
	writer: Option<String>,
}

/// Arguments of `stream add`.
#[derive(Args, Debug)]
pub struct AddArgs {
	/// The stream.
	stream: StreamId,
	/// Files with Open mHealth or IEEE 1752 data points, or FHIR Observations: a document, an array, or one a line.
	#[arg(required = true)]
	files: Vec<PathBuf>,
	#[command(flatten)]
	who: Who,
}

/// Arguments of `stream prove`.
#[derive(Args, Debug)]
pub struct ProveArgs {
	/// The stream.
	stream: StreamId,
	/// The patient.
	#[arg(long)]
	patient: PatientId,
	/// The sample that was measured at this moment (RFC 3339).
	#[arg(long, value_name = "RFC3339", value_parser = rfc3339, required_unless_present = "batch")]
	at: Option<Moment>,
	/// The batch, from 0.
	#[arg(long, conflicts_with = "at", requires = "index")]
	batch: Option<u64>,
	/// Where in the batch the sample stands, from 0.
	#[arg(long, requires = "batch")]
	index: Option<u32>,
	/// Write the proof here instead of printing it.
	#[arg(long, value_name = "FILE")]
	out: Option<PathBuf>,
}

/// Arguments of `stream verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
	/// The proof.
	proof: PathBuf,
	/// Peaks to verify against, without a node: an answer of `salus_stream`, or any JSON with `batches` and `peaks`.
	#[arg(long, value_name = "FILE", conflicts_with = "offline")]
	peaks: Option<PathBuf>,
	/// Verify against the peaks that the proof itself has, without a node. Whoever made the proof may have made them up:
	/// compare them with the chain's yourself.
	#[arg(long)]
	offline: bool,
}

/// Arguments of `stream close`.
#[derive(Args, Debug)]
pub struct CloseArgs {
	/// The stream.
	stream: StreamId,
	#[command(flatten)]
	who: Who,
}

/// Arguments of `stream genome`.
#[derive(Args, Debug)]
pub struct GenomeArgs {
	/// A VCF file (version 4) of one person.
	file: PathBuf,
	#[command(flatten)]
	who: Who,
	/// The key to which the patient sealed the label key, usually the gateway's; the default is the author's own.
	#[arg(long, value_name = "KEY")]
	label_recipient: Option<String>,
}

/// A code as its official string.
fn word_of<T: for<'de> Deserialize<'de>>(text: &str) -> std::result::Result<T, String> {
	serde_json::from_value(Value::from(text)).map_err(|error| error.to_string())
}

/// Runs a command about streams.
pub async fn run(context: &Context, command: StreamCommand) -> Result<()> {
	match command {
		StreamCommand::Open(args) => open(context, args).await,
		StreamCommand::Check { files } => check(&files),
		StreamCommand::Add(args) => add(context, args).await,
		StreamCommand::Prove(args) => prove(context, args).await,
		StreamCommand::Verify(args) => verify(context, args).await,
		StreamCommand::List { patient } => list(context, &patient).await,
		StreamCommand::Close(CloseArgs { stream, who }) => {
			let chain = connect(context).await?;
			submit(context, &chain, &who.signer, calls::close_stream(&who.patient, &stream)).await
		}
		StreamCommand::Genome(args) => add_genome(context, args).await,
	}
}

/// What streams are held with.
struct Tools {
	chain: Chain,
	store: Store,
	data_keys: DataKeyStore,
	folders: Folders,
}

impl Tools {
	async fn of(context: &Context) -> Result<Self> {
		let folders = Folders::of(&context.home());
		Ok(Self {
			chain: connect(context).await?,
			store: context.open_store()?,
			data_keys: DataKeyStore::open(&folders.data_keys())?,
			folders,
		})
	}

	fn holder(&self) -> Holder<'_> {
		Holder { chain: &self.chain, store: &self.store, keys: &self.data_keys, books: self.folders.streams() }
	}
}

async fn open(context: &Context, args: OpenArgs) -> Result<()> {
	let writer = args.writer.map(|text| account(context, &text)).transpose()?;
	let signer = keys(context, &args.who.signer)?.signer;
	let tools = Tools::of(context).await?;
	let (device, confidentiality) = (args.device, args.confidentiality);
	let input = StreamInput { nonce: rand::random(), device, confidentiality, writer };
	let (stream, block) = tools.holder().open(&signer, &args.who.patient, &input).await?;
	context.print(&json!({ "stream": stream, "block": block }), || stream.to_string())
}

fn check(files: &[PathBuf]) -> Result<()> {
	let samples = stream::read(files)?;
	print_json(&samples.iter().map(|measured| measured.sample).collect::<Vec<_>>())
}

async fn add(context: &Context, args: AddArgs) -> Result<()> {
	// What is wrong with a sample is told before anything is asked of anyone.
	let samples = stream::read(&args.files)?;
	let signer = keys(context, &args.who.signer)?.signer;
	let tools = Tools::of(context).await?;
	let bar = context.progress(samples.len() as u64, "encrypting");
	let step = |step| match step {
		Step::Stored => bar.inc(1),
		Step::Anchored(count) => {
			bar.set_message("anchoring");
			bar.inc(count as u64);
		}
	};
	let added = tools.holder().add(&signer, &args.who.patient, &args.stream, samples, step).await;
	bar.finish_and_clear();
	let added = added?;
	context.print(&added, || {
		format!(
			"{} samples, {} of them there already: {} batches anchored, {} altogether",
			added.samples, added.present, added.batches, added.total
		)
	})
}

async fn prove(context: &Context, args: ProveArgs) -> Result<()> {
	let which = match (args.at, args.batch, args.index) {
		(Some(moment), ..) => Which::At(moment),
		(None, Some(batch), Some(index)) => Which::Place(batch, index),
		_ => return Err(Error::usage("bad-arguments", "name the sample with --at, or with --batch and --index")),
	};
	let tools = Tools::of(context).await?;
	let proof = tools.holder().prove(&args.patient, &args.stream, which).await?;
	let Some(path) = args.out else { return print_json(&proof) };
	let text = serde_json::to_string(&proof).map_err(|error| Error::unexpected("writing a proof", error))?;
	std::fs::write(&path, text).map_err(|error| Error::file(&path, error))?;
	context.print(&json!({ "proof": path }), || format!("the proof is in {}", path.display()))
}

async fn verify(context: &Context, args: VerifyArgs) -> Result<()> {
	let file = ProofFile::read(&read_text(&args.proof)?)?;
	let (range, against) = match &args.peaks {
		Some(path) => (read_peaks(path)?, "file"),
		None if args.offline => (file.range.clone(), "proof"),
		None => (peaks_of_chain(context, &file).await?, "chain"),
	};
	file.verify(&range)?;
	let sample = file.proof.sample;
	let answer = json!({
		"verified": true,
		"against": against,
		"patient": file.patient,
		"stream": file.proof.stream,
		"batches": range.batches,
		"revision": file.proof.batch.revision,
		"sample": sample,
		"unit": sample.metric.unit(),
	});
	context.print(&answer, || {
		format!(
			"verified against the peaks of the {against}: {} {} {}",
			sample.metric.code(),
			sample.value as f64 / 1_000.0,
			sample.metric.unit()
		)
	})
}

/// Peaks from a file: whatever else it tells of the stream is not needed.
fn read_peaks(path: &Path) -> Result<Range> {
	let refused = |error: serde_json::Error| Error::refused("MalformedPeaks", "", error.to_string());
	let value: Value = serde_json::from_str(&read_text(path)?).map_err(refused)?;
	serde_json::from_value(json!({ "batches": value["batches"], "peaks": value["peaks"] })).map_err(refused)
}

/// The chain's peaks: the present ones, or, if the stream has grown since, those of the block that the proof is against.
async fn peaks_of_chain(context: &Context, file: &ProofFile) -> Result<Range> {
	let chain = Chain::connect(&context.node, context.genesis.or(Some(file.genesis))).await?;
	let stream = file.proof.stream;
	let unknown = || Error::not_found(format!("stream {stream} of patient {}", file.patient), "");
	let present = chain.stream(&file.patient, &stream, None).await?.ok_or_else(unknown)?;
	if present.range.batches == file.range.batches {
		return Ok(present.range);
	}
	// A node that is no archive no longer knows; then the proof is against fewer batches than it can check.
	match chain.stream(&file.patient, &stream, Some(file.block.hash)).await {
		Ok(Some(view)) => Ok(view.range),
		_ => Ok(present.range),
	}
}

async fn list(context: &Context, patient: &PatientId) -> Result<()> {
	let chain = connect(context).await?;
	if chain.patient(patient).await?.is_none() {
		return Err(Error::not_found(format!("patient {patient}"), ""));
	}
	let streams = chain.streams(patient).await?;
	context.print(&streams, || {
		let line = |view: &StreamView| {
			format!("{} {}, {}, {} batches", view.id, word(&view.device), word(&view.status), view.range.batches)
		};
		streams.iter().map(line).collect::<Vec<_>>().join("\n")
	})
}

async fn add_genome(context: &Context, args: GenomeArgs) -> Result<()> {
	let plan = genome::to_plan(&read_text(&args.file)?)?;
	record_online::add_plan(context, &plan, &args.who, args.label_recipient.as_deref()).await
}
