//! The program as its users meet it: options, exit codes, metrics over HTTP, the doctor.
#![cfg(feature = "daemon")]

mod asked;
mod cli;
mod daemon;
mod doctor;
mod doctor_keys;
#[path = "../support/mod.rs"]
mod support;
