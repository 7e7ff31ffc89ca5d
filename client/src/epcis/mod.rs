//! EPCIS 2.0 and CBV 2.0, GS1's language for what happens to things: hashes of events, checks of documents, and what the
//! chain knows of a parcel as events.

pub mod export;
