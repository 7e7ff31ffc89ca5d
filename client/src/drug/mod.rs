//! Medicines and devices, from the factory to the patient: what manufacturers, wholesalers and pharmacies do.
//!
//! | module | job |
//! |---|---|
//! | [`table`] | files that people give: the units of a run, plans of packing |
//! | [`unit_keys`], [`units`] | serial numbers, keys and proofs of the units of a batch |
//! | [`book`] | what is kept: units, units of logistics, events |
//! | [`package`] | what goes with a shipment, sealed for the receiver |
//! | [`holder`] | who acts, and what an EPCIS event says of each step |
//! | [`making`] | commissioning and packing |
//! | [`moving`] | shipping, receiving and what may go wrong between |
//! | [`scans`] | which unit a pack says it is, what proves it, and the verdict |
//! | [`dispensing`] | dispensing, one pack or thousands |
//! | [`tracing`] | how a unit came where it is, as EPCIS steps |
//! | [`sensing`] | a logger's readings against what products must be stored at |
//! | [`serve`] | the manufacturer's endpoint, which answers scans with proofs |

pub mod book;
pub mod dispensing;
pub mod holder;
pub mod making;
pub mod moving;
pub mod package;
pub mod scans;
pub mod sensing;
pub mod serve;
pub mod table;
pub mod tracing;
pub mod unit_keys;
pub mod units;

pub use book::Book;
pub use holder::Holder;
pub use units::Units;
