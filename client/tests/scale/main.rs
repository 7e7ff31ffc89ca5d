//! What is measured, on a real node; apart from the other tests, so that they do not disturb the figures.

#[path = "../support/supply.rs"]
mod supply;
#[path = "../support/mod.rs"]
mod support;

mod drug;
mod streams;
