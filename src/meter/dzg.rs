//! DZG: what some of its meters mean otherwise than they send it.

use core::ops::RangeInclusive;

/// The letters in the identification.
pub(super) const LETTERS: [u8; 3] = *b"DZG";

/// Numbers of DVS74 meters that send net power of one to three bytes as signed and mean it unsigned: 356.24 W looks like
/// -299.12 W. From four bytes on the sign is one.
pub(super) static NET_POWER_IS_UNSIGNED: [RangeInclusive<u32>; 2] =
    [42_000_000..=48_999_999, 55_000_000..=58_999_999];
