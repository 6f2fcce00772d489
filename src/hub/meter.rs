//! A meter as it is configured.

use std::sync::Arc;

use super::age::Limits;

/// The name of a meter, cheap to clone; empty where there is only one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct MeterName(Arc<str>);

impl MeterName {
    /// The value of the label `meter`; `None` where there is only one meter.
    pub fn label(&self) -> Option<&str> {
        Some(&*self.0).filter(|name| !name.is_empty())
    }
}

impl From<&str> for MeterName {
    fn from(name: &str) -> Self {
        MeterName(name.into())
    }
}

/// One meter as it is configured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Meter {
    /// Its name.
    pub name: MeterName,
    /// Whether it is a simulated one.
    pub simulated: bool,
    /// How old its values may grow.
    pub limits: Limits,
}
