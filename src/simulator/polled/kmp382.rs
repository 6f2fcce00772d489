//! Responses of a Kamstrup 685-382: parts of its memory, registers, tariffs.

use crate::simulator::state::MeterState;
use crate::wire::encode::encode;
use crate::wire::kmp382::{Request, Response};

/// Memory beyond its known part is empty.
const EMPTY: u8 = 0xFF;
/// Most bytes of memory in a response.
const MOST: usize = 240;

/// The response to a request; `None` to anything else, and to a request for too much.
pub fn respond(request: &[u8], state: &MeterState<'_>) -> Option<Vec<u8>> {
    let (command, data) = match Request::parse(request).ok()? {
        Request::Hello => (0x00, vec![2, 1, 7, 1]),
        Request::Memory { first, last } => (0x01, memory(first, last, state)?),
        Request::Registers => (0x90, registers(state)),
        Request::Tariffs => (0x95, tariffs(state)),
    };
    Some(encode(|writer| Response { command, data: &data }.emit(writer)))
}

fn memory(first: u16, last: u16, state: &MeterState<'_>) -> Option<Vec<u8>> {
    let known = identity(state);
    let byte = |address: u16| *known.get(usize::from(address).wrapping_sub(1)).unwrap_or(&EMPTY);
    let count = usize::from(last.checked_sub(first)?) + 1;
    (count <= MOST).then(|| (first..=last).map(byte).collect())
}

/// From address 1: type, meter number, customer number. The meaning of the rest is unknown.
fn identity(state: &MeterState<'_>) -> [u8; 44] {
    let mut memory = [0; 44];
    memory.iter_mut().zip(state.type_name.bytes().take(10)).for_each(|(byte, letter)| *byte = letter);
    memory[29..33].copy_from_slice(&state.number().to_le_bytes());
    memory[33..37].copy_from_slice(&customer(state).to_le_bytes());
    memory
}

fn registers(state: &MeterState<'_>) -> Vec<u8> {
    let values = [
        amount(state, [1, 8, 0], 3),
        amount(state, [1, 7, 0], 0),
        amount(state, [96, 8, 0], 0),
        // Hundredths of a kWh.
        amount(state, [1, 8, 0], 1),
        amount(state, [1, 6, 0], 0),
        customer(state),
        0,
        0,
        state.number() + 80_000_000,
    ];
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn tariffs(state: &MeterState<'_>) -> Vec<u8> {
    let values = [0, 1, 2].map(|tariff| amount(state, [1, 8, tariff], 3));
    [1].into_iter().chain(values.iter().flat_map(|value| value.to_be_bytes())).collect()
}

fn amount(state: &MeterState<'_>, code: [u8; 3], exponent: i8) -> u32 {
    state.amount(code).map_or(0, |amount| amount.over(exponent) as u32)
}

fn customer(state: &MeterState<'_>) -> u32 {
    state.number() + 10_000_000
}
