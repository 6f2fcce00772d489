//! Room for bytes whose number is known only when they come.

use core::ops::{Deref, DerefMut};

/// Up to `N` bytes. Where there is an allocator it has room for the most that it was asked for: of a thousand meters, few
/// send long telegrams or messages in parts. Without an allocator it has its full size.
pub(crate) struct Buffer<const N: usize> {
    #[cfg(feature = "explain")]
    bytes: alloc::vec::Vec<u8>,
    #[cfg(not(feature = "explain"))]
    bytes: [u8; N],
}

impl<const N: usize> Buffer<N> {
    pub(crate) const fn new() -> Self {
        Buffer {
            #[cfg(feature = "explain")]
            bytes: alloc::vec::Vec::new(),
            #[cfg(not(feature = "explain"))]
            bytes: [0; N],
        }
    }

    /// Makes room for so many bytes, or for `N` if they are more.
    pub(crate) fn reserve(&mut self, length: usize) {
        #[cfg(feature = "explain")]
        if length > self.bytes.len() {
            // Doubled, so that what grows byte by byte is seldom moved.
            let length = length.next_power_of_two().min(N);
            self.bytes.reserve_exact(length.saturating_sub(self.bytes.len()));
            self.bytes.resize(length.max(self.bytes.len()), 0);
        }
        #[cfg(not(feature = "explain"))]
        let _ = length;
    }
}

impl<const N: usize> Deref for Buffer<N> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl<const N: usize> DerefMut for Buffer<N> {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_its_full_size_and_no_further() {
        let mut buffer = Buffer::<100>::new();
        for length in [1, 5, 99, 100, 101, 1000] {
            buffer.reserve(length);
            assert!(buffer.len() >= length.min(100) && buffer.len() <= 100, "{length}: {}", buffer.len());
        }
        buffer[99] = 1;
        buffer.reserve(1);
        assert_eq!((buffer.len(), buffer[99]), (100, 1));
    }
}
