//! The program as its users meet it: options, exit codes, metrics over HTTP, the doctor.
#![cfg(feature = "daemon")]

mod browser;
mod cli;
mod daemon;
mod doctor;
mod doctor_keys;
mod keys;
mod limits;
mod log;
mod polled;
#[path = "../support/mod.rs"]
mod support;
mod trouble;
