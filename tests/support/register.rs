//! What a check register of sixteen bits makes of wrong bits, whatever they are added to.

/// What each wrong bit of so many bytes adds to the register at their end, by a polynomial written backwards.
pub fn added_by_each_bit(bytes: usize, polynomial: u16) -> Vec<u16> {
    let mut added = vec![0; bytes * 8];
    let mut register = 1_u16;
    for slot in added.iter_mut().rev() {
        register = if register & 1 == 1 { (register >> 1) ^ polynomial } else { register >> 1 };
        *slot = register;
    }
    added
}

/// Whether sixteen wrong bits in a row can ever cancel, whatever they are.
#[track_caller]
pub fn assert_sixteen_independent(added: &[u16], name: &str) {
    for (start, window) in added.windows(16).enumerate() {
        assert_eq!(rank(window), 16, "{name}, bit {start}");
    }
}

/// How many of these numbers are independent sums of bits: Gauss' elimination.
fn rank(numbers: &[u16]) -> usize {
    let mut basis = [0_u16; 16];
    for &number in numbers {
        let mut rest = number;
        while rest != 0 {
            let slot = &mut basis[rest.ilog2() as usize];
            if *slot == 0 {
                *slot = rest;
                break;
            }
            rest ^= *slot;
        }
    }
    basis.iter().filter(|&&number| number != 0).count()
}
