//! Every list there is: one file a manufacturer, with its lists and what its meters do differently, as data.
//!
//! To add a list, write it into its manufacturer's file and name it in [`LISTS`].

pub(crate) mod aidon;
mod dzg;
mod emh;
pub(crate) mod general;
pub(crate) mod iskraemeco;
pub(crate) mod kaifa;
pub(crate) mod kamstrup;
pub(crate) mod landis_gyr;

use super::list::List;

/// All lists, those with the more specific signatures first. A message is the first list that it matches, so lists of
/// any manufacturer come last.
pub static LISTS: &[&List] = &[
    &kaifa::LIST_1,
    &kaifa::LIST_2,
    &kaifa::LIST_2_SINGLE,
    &kaifa::LIST_3,
    &kaifa::LIST_3_SINGLE,
    &kaifa::PAIRS,
    &kamstrup::PAIRS,
    &landis_gyr::E450_PAIRS,
    &aidon::NORWAY,
    &aidon::SWEDEN,
    &landis_gyr::EMBRIQ,
    &general::RECORDS,
    &landis_gyr::DESCRIBED,
    &iskraemeco::DESCRIBED,
    &landis_gyr::DESCRIBED_UNNAMED,
    &general::DESCRIBED,
    &iskraemeco::SLOVENIA_18,
    &iskraemeco::SLOVENIA_12,
    &iskraemeco::SLOVENIA_12_ENERGY,
    &iskraemeco::SLOVENIA_12_SWITCH,
    &iskraemeco::SLOVENIA_10,
    &iskraemeco::SLOVENIA_9,
    &iskraemeco::SLOVENIA_9_TARIFFS,
    &iskraemeco::SLOVENIA_4,
    &iskraemeco::CROATIA_33,
    &iskraemeco::KELAG,
    &landis_gyr::BURGENLAND,
    &landis_gyr::KNG,
    &general::VIENNA,
    &general::VIENNA_NAMED,
    &general::PAIRS,
    &dzg::DVS74,
    &general::SML,
    &kamstrup::READOUT_382,
    &kamstrup::READOUT_382C,
    &general::LITHUANIA,
    &emh::EHZ,
    &general::HEAT,
    &general::READOUT,
    &general::P1,
    &kamstrup::kmp382::IDENTITY,
    &kamstrup::kmp382::REGISTERS,
    &kamstrup::kmp382::TARIFFS,
    &kamstrup::kmp::TYPE,
    &kamstrup::kmp::SERIAL,
    &kamstrup::kmp::REGISTERS,
];
