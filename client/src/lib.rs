//! The client side of Salus: FHIR import, encryption, object storage, transactions, the custodian's gateway.
//!
//! | module | job |
//! |---|---|
//! | [`fhir`] | bundles cut into resources, sensitivity labels, `Consent` documents and requests as the decision takes them |
//! | [`epcis`] | EPCIS events: their hashes, checks, and a parcel's life as events |
//! | [`plan`] | how a bundle becomes records, and what a record's plaintext is |
//! | [`crypto`] | data keys, content, commitments, envelopes, blinded labels |
//! | [`store`] | ciphertext in a local directory or S3 |
//! | [`keys`] | a person's keys, and the gateway's data keys at rest |
//! | [`chain`] | transactions and questions to a node |
//! | [`records`] | adding and reading records: all of the above together |
//! | [`stream`] | what a patient's devices measure: checked, anchored, proved |
//! | [`gateway`] | the custodian's HTTP service |
//! | [`drug`] | medicines and devices: making, moving, dispensing, tracing |
//! | [`research`] | research datasets: contributing, attesting, asking |
//! | [`deid`] | what may be released for research: de-identification |
//! | [`duo`] | data use: datasets and purposes as files, disease ontologies |
//! | [`export`] | all that is kept of a patient in one FHIR Bundle |
//! | [`demo`] | the main job on a running chain, step by step |
//! | [`cli`] | the `salus` command |
//! | [`error`] | every way to fail, with exit codes |

pub mod care;
pub mod chain;
pub mod cli;
pub mod crypto;
pub mod deid;
pub mod demo;
pub mod drug;
pub mod duo;
pub mod epcis;
pub mod error;
pub mod export;
pub mod fhir;
pub mod gateway;
pub mod keys;
pub mod plan;
pub mod records;
pub mod research;
pub mod store;
pub mod stream;

pub use error::{Error, Result};
