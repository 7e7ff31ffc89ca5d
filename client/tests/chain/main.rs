//! What needs a node, and has a real one: most tests share it, and those that move its clock have one of their own.
//!
//! One program for them all: tests that wait for a block leave the machine to others.

#[path = "../support/supply.rs"]
mod supply;
#[path = "../support/mod.rs"]
mod support;

mod care;
mod cases_on_chain;
mod council;
mod datasets;
mod drug;
mod drug_cli;
mod end_to_end;
mod gateway;
mod rights;
mod streams;
