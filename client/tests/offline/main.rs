//! What needs no node: the library's files and formats, and the commands that are pure.
//!
//! One program for them all, since linking the client takes longer than these tests do.

mod cases;
mod cli;
mod decide;
mod deid;
mod duo;
mod epcis;
mod export;
mod plan;
mod research;
mod streams;
mod vectors;
