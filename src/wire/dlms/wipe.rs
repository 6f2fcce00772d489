//! Overwrites what is left of keys on the stack.

use core::hint::black_box;

/// Words that are overwritten: more than reading, preparing or using a key takes.
const WORDS: usize = 16 * 1024 / size_of::<u64>();

/// Overwrites the stack below the caller. A key overwrites itself when it goes, but not where it was before it was moved,
/// nor what a cipher kept beside its registers; so this follows whatever read, moved or used one.
#[inline(never)] // Inlined, it would overwrite a part of the caller's frame, below which the traces are.
pub fn wipe_stack() {
    let mut stack = [0_u64; WORDS];
    // Mutable, because constants are not on the stack.
    black_box(&mut stack);
}
