"""Random messages as no meter need send them: P1 telegrams, SML files, DLMS lists that describe themselves."""

import datetime
import zoneinfo
from decimal import Decimal

import rig

AMSTERDAM = zoneinfo.ZoneInfo("Europe/Amsterdam")
WATT, VOLTAMPERE, VAR, WATT_HOUR, VAR_HOUR, AMPERE, VOLT, HERTZ, NONE = 27, 28, 29, 30, 32, 33, 35, 44, 255
ELECTRICITY = [
    *((c, 7, 0, WATT) for c in (1, 2, 21, 22, 41, 42, 61, 62)), *((c, 7, 0, VAR) for c in (3, 4, 23, 24, 43, 44, 63, 64)),
    *((c, 7, 0, VOLTAMPERE) for c in (9, 10)), *((c, 7, 0, VOLT) for c in (32, 52, 72)),
    *((c, 7, 0, AMPERE) for c in (31, 51, 71)), *((c, 7, 0, NONE) for c in (13, 33, 53, 73)), (14, 7, 0, HERTZ),
    *((c, 8, e, WATT_HOUR) for c in (1, 2) for e in range(5)), *((c, 8, e, VAR_HOUR) for c in (3, 4) for e in range(3)),
    *((c, 8, 0, VAR_HOUR) for c in range(5, 9)), (15, 8, 0, WATT_HOUR), (1, 4, 0, WATT), (31, 4, 0, AMPERE),
]  # fmt: skip


# --- Telegrams ------------------------------------------------------------------------------------------------------

HEADS = [r"ISk5\2M550T-1012", r"KFM5KAIFA-METER", r"XMX5LGBBFFB231215493", r"Ene5\T210-D ESMR5.0", r"FLU5\253769484_A", "LGF5E360", "QQQ5Nobody 1", "AUX59900"]
SPELLED = {WATT: ("kW", "kW", "W"), VAR: ("kvar", "kVAr", "var"), VOLTAMPERE: ("kVA", "VA"), WATT_HOUR: ("kWh", "kWh", "Wh"), VAR_HOUR: ("kvarh", "kVArh", "varh"), AMPERE: ("A",), VOLT: ("V",), HERTZ: ("Hz",)}  # fmt: skip


def telegram(random):
    head = f"/{random.choice(HEADS)}\r\n\r\n".encode()
    lines = [_electricity(random, *entry) for entry in random.sample(ELECTRICITY, random.randint(1, len(ELECTRICITY)))]
    lines += [line for line in _others(random) if random.random() < 0.7]
    random.shuffle(lines)
    for channel in random.sample(range(1, 5), random.choice((0, 0, 1, 1, 2, 4))):
        lines += _connected(random, channel)
    data = head + "".join(line + "\r\n" for line in lines).encode() + b"!"
    # DSMR 2.2 and 3.0 send no check.
    return data + (b"\r\n" if random.random() < 0.1 else b"%04X\r\n" % crc16(data))


def _electricity(random, c, d, e, unit):
    number = _number(random) if random.random() > 0.05 or d == 8 else "-" + _number(random)
    if random.random() < 0.02:
        return f"1-0:{c}.{d}.{e}()"
    if unit == NONE:
        return f"1-0:{c}.{d}.{e}({number})"
    return f"1-0:{c}.{d}.{e}({number}*{random.choice(SPELLED[unit])})"


def _number(random):
    whole = random.randint(1, 9)
    number = f"{random.randrange(10 ** random.randint(1, whole)):0{whole}}"
    decimals = random.choice((0, 1, 2, 3, 3, 3))
    return number + (f".{random.randrange(10 ** decimals):0{decimals}}" if decimals else "")


def _others(random):
    yield f"0-0:1.0.0({_stamp(random)})"
    # Ten digits and more can only be text.
    yield f"0-0:96.1.1({''.join(random.choices('ABCEXYZ0123456789', k=random.randint(10, 17))).encode().hex()})"
    yield f"1-3:0.2.8({random.choice(('42', '50'))})"
    yield f"0-0:96.14.0({random.randrange(10):04})"
    yield f"0-0:96.3.10({random.randrange(3)})"
    yield f"0-0:17.0.0({random.randrange(1000) / 10:05.1f}*kW)"
    yield f"0-0:96.7.21({random.randrange(100000):05})"
    yield f"0-0:96.7.9({random.randrange(100000):05})"
    for c in (32, 52, 72):
        yield f"1-0:{c}.32.0({random.randrange(100000):05})"
        yield f"1-0:{c}.36.0({random.randrange(100000):05})"
    yield f"1-0:1.6.0({_stamp(random)})({random.randrange(100000) / 1000:06.3f}*kW)"
    yield f"1-0:99.97.0(1)(0-0:96.7.19)({_stamp(random)})({random.randrange(10**6):010}*s)"
    yield f"0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)({_stamp(random)})({_stamp(random)})(03.695*kW)({_stamp(random)})({_stamp(random)})(05.980*kW)"
    yield f"0-0:96.13.0({random.randbytes(random.randint(0, 40)).hex().upper()})"
    yield "0-0:96.13.1()"


def _stamp(random):
    """Local time of the Netherlands, with the letter of its season."""
    moment = datetime.datetime.fromtimestamp(random.randrange(1_400_000_000, 1_900_000_000), AMSTERDAM)
    return moment.strftime("%y%m%d%H%M%S") + ("S" if moment.dst() else "W")


def _connected(random, channel):
    device = random.choice((3, 3, 3, 4, 6, 7, 10, 12, 2))
    unit = random.choice(("GJ", "MJ", "kWh")) if device in (4, 10, 12) else "m3"
    lines = [f"0-{channel}:24.1.0({device:03})", f"0-{channel}:96.1.0({random.randbytes(8).hex()})"]
    if device == 3 and random.random() < 0.2:
        lines.append(f"0-{channel}:24.3.0({_stamp(random)[:-1]})(08)(60)(1)(0-{channel}:24.2.1)(m3)\r\n({random.randrange(10**8) / 1000:09.3f})")
    else:
        code = "24.2.3" if device == 3 and random.random() < 0.3 else "24.2.1"
        lines.append(f"0-{channel}:{code}({_stamp(random)})({random.randrange(10**8) / 1000:09.3f}*{unit})")
    lines.append(f"0-{channel}:24.4.0({random.randrange(2)})")
    return lines


def crc16(data):
    """CRC-16/ARC, bit by bit."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


# --- SML ------------------------------------------------------------------------------------------------------------

ESCAPE = bytes([0x1B] * 4)
SIGNED_POWERS = [(c, 7, 0, WATT) for c in (16, 36, 56, 76)]


def sml(random):
    server = b"\x0a\x01" + bytes(random.choices(b"ABCXYZ", k=3)) + random.randbytes(1) + random.randrange(10**8).to_bytes(4, "big")
    chosen = random.sample(ELECTRICITY + SIGNED_POWERS, random.randint(0, 20))
    entries = [_entry(random, bytes([1, 0, c, d, e, 255]), unit) for c, d, e, unit in chosen]
    entries += [_text(random, bytes([1, 0, 96, random.choice((2, 5, 90)), random.randrange(9), 255])) for _ in range(random.randrange(4))]
    random.shuffle(entries)
    time = random.choice((b"\x01", b"\x72\x62\x01\x65" + random.randbytes(4)))
    body = _list(b"\x01", _octets(server), b"\x01", time, _list(*entries), b"\x01", b"\x01")
    opening = _list(b"\x01", b"\x01", _octets(random.randbytes(4)), _octets(server), b"\x01", b"\x01")
    messages = [_message(random, 0x0101, opening), _message(random, 0x0701, body), _message(random, 0x0201, _list(b"\x01"))]
    plain = b"".join(messages)
    padding = -len(plain) % 4
    content = plain.replace(ESCAPE, ESCAPE + ESCAPE) + bytes(padding)
    file = ESCAPE + b"\x01\x01\x01\x01" + content + ESCAPE + b"\x1a" + bytes([padding])
    return file + rig.check(file)


def _entry(random, name, unit):
    # A negative counter would be a fault of the meter.
    signed = random.random() < 0.5
    size = random.randint(1, 8)
    value = random.randbytes(size)
    if unit in (WATT_HOUR, VAR_HOUR) or random.random() < 0.5:
        value = bytes([value[0] & 0x7F]) + value[1:]
    scaler = random.choice((-4, -3, -2, -1, -1, 0, 0, 1, 2, 3)) if random.random() > 0.02 else random.choice((-30, 20, 100))
    status = random.choice((b"\x01", b"\x62" + random.randbytes(1), b"\x65" + random.randbytes(4)))
    time = random.choice((b"\x01", b"\x01", b"\x72\x62\x01\x65" + random.randbytes(4)))
    sent_unit = b"\x01" if unit == NONE else b"\x62" + bytes([unit])
    if random.random() < 0.03:
        sent_unit = random.choice((b"\x01", b"\x62\xff", b"\x62" + bytes([random.choice((WATT, VOLT, AMPERE))])))
    scaled = b"\x52" + scaler.to_bytes(1, "big", signed=True) if random.random() > 0.03 else b"\x01"
    number = bytes([(0x50 if signed else 0x60) + 1 + size]) + value
    return _list(_octets(name), status, time, sent_unit, scaled, number if random.random() > 0.01 else b"\x42\x01", b"\x01")


def _text(random, name):
    text = random.choice((random.randbytes(random.randint(1, 60)), ESCAPE * 2, b"\x77\x07" + ESCAPE + b"\x1a"))
    return _list(_octets(name), b"\x01", b"\x01", b"\x01", b"\x01", _octets(text), b"\x01")


def _message(random, tag, body):
    message = _list(_octets(random.randbytes(4)), b"\x62\x00", b"\x62\x00", _list(b"\x63" + tag.to_bytes(2, "big"), body))
    # Six elements: these four, the check over them, the end.
    message = b"\x76" + message[1:]
    return message + b"\x63" + rig.check(message) + b"\x00"


def _list(*elements):
    return _length(0x70, len(elements)) + b"".join(elements)


def _octets(data):
    # The length counts itself.
    return _length(0x00, len(data) + 1 if len(data) < 15 else len(data) + 2) + data


def _length(kind, length):
    return bytes([kind | length]) if length < 16 else bytes([0x80 | kind | length >> 4, length & 15])


# --- DLMS -----------------------------------------------------------------------------------------------------------

TYPES = {16: (2, True), 18: (2, False), 5: (4, True), 6: (4, False), 20: (8, True), 21: (8, False)}


def described(random):
    """A list, and the true value of each code in volts, amperes, watts and so on."""
    truth = _truth(random)
    # A meter sends voltage or current of all its phases or of none.
    quantities = random.choice(((), (VOLT,), (AMPERE,), (VOLT, AMPERE), (VOLT, AMPERE)))
    chosen = [key for key in truth if key[1] in quantities]
    others = sorted(key for key in truth if key[1] not in (VOLT, AMPERE))
    chosen += random.sample(others, random.randint(1, len(others)))
    random.shuffle(chosen)
    write = random.choice((_records, _pairs, _behind_description))
    body = write(random, [(obis, unit, truth[obis, unit]) for obis, unit in chosen])
    time = random.choice((b"\x00", b"\x0c" + STAMP))
    data = rig.frame(b"\xe6\xe7\x00\x0f" + random.randbytes(4) + time + body)
    return data, {".".join(map(str, obis)): value for (obis, _), value in truth.items()}


STAMP = bytes.fromhex("07ea010903 0c0f1e00ffc400")


def _truth(random):
    """What a house draws: power, current and voltage agree, or else nothing could be concluded from one about another."""
    truth, total = {}, 0
    import_first = random.random() < 0.7
    for step in (0, 20, 40)[: random.choice((1, 3, 3))]:
        volts = Decimal(random.randrange(2070, 2531)).scaleb(-1)
        amperes = Decimal(random.choice((random.randrange(64), random.randrange(6400), random.randrange(1000)))).scaleb(-2)
        watts = int(volts * amperes * Decimal(random.choice(("1", "0.97", "0.6", "0.2"))))
        total += watts
        truth[(32 + step, 7, 0), VOLT] = volts
        truth[(31 + step, 7, 0), AMPERE] = amperes
        truth[(21 + step, 7, 0), WATT] = Decimal(watts)
    truth[(1, 7, 0), WATT] = Decimal(total if import_first else 0)
    truth[(2, 7, 0), WATT] = Decimal(0 if import_first else total)
    truth[(3, 7, 0), VAR] = Decimal(random.randrange(2000))
    for c in (1, 2):
        truth[(c, 8, 0), WATT_HOUR] = Decimal(random.randrange(10 ** random.randint(1, 8)))
    truth[(3, 8, 0), VAR_HOUR] = Decimal(random.randrange(10**7))
    truth[(14, 7, 0), HERTZ] = Decimal(random.randrange(4990, 5011)).scaleb(-2)
    truth[(13, 7, 0), NONE] = Decimal(random.randrange(1001)).scaleb(-3)
    return truth


def _records(random, values):
    """Structures of a code, a value and mostly its scale, as Aidon sends them."""
    records = [_structure(_code(0, 0, 96, 1, 0), _text_value(random))] if random.random() < 0.7 else []
    habits = _habits(random)
    for obis, unit, value in values:
        is_scaled = random.random() > 0.05
        exponent = _exponent(random, habits[unit]) if is_scaled else habits[unit]
        scale = [_scale(exponent, unit)] if is_scaled else []
        records.append(_structure(_code(1, 0, *obis), _integer(random, value, exponent), *scale))
    if random.random() < 0.3:
        records.append(_structure(_code(0, 0, 96, 3, 10), b"\x16" + bytes([random.randrange(3)])))
    return random.choice((b"\x01", b"\x02")) + bytes([len(records)]) + b"".join(records)


def _pairs(random, values):
    """Codes and values in turn, without any scale."""
    elements, habits = [_code(0, 0, 1, 0, 0), b"\x09\x0c" + STAMP], _habits(random)
    for obis, unit, value in values:
        elements += [_code(1, 0, *obis), _integer(random, value, habits[unit])]
    return _structure(*elements)


def _behind_description(random, values):
    """Values whose codes are in front, some with their scale as attribute 3."""
    objects, elements, habits = [(40, (0, 0, 25, 9, 0), 2)], [], _habits(random)
    for obis, unit, value in values:
        is_scaled = random.random() < 0.6
        exponent = _exponent(random, habits[unit]) if is_scaled else habits[unit]
        both = [((3, (1, 0, *obis), 2), _integer(random, value, exponent))]
        if is_scaled:
            both.append(((3, (1, 0, *obis), 3), _scale(exponent, unit)))
        random.shuffle(both)
        for entry, element in both:
            objects.append(entry)
            elements.append(element)
    entries = [_structure(b"\x12" + c.to_bytes(2, "big"), _code(*obis), b"\x0f" + bytes([attribute]), b"\x12\x00\x00") for c, obis, attribute in objects]
    return _structure(b"\x01" + bytes([len(entries)]) + b"".join(entries), *elements)


def _habits(random):
    """The power of ten in which one maker sends each unit, whether he says so or not."""
    power, energy = random.choice((0, 0, 0, 1, -1)), random.choice((0, 0, 1, 3))
    return {
        VOLT: random.choice((0, -1, -2)), AMPERE: random.choice((-1, -2, -3)), WATT: power, VAR: power, WATT_HOUR: energy,
        VAR_HOUR: energy, HERTZ: random.choice((-1, -2)), NONE: random.choice((-2, -3)),
    }  # fmt: skip


def _exponent(random, usual):
    """Now and then one that no meter uses."""
    return usual if random.random() < 0.99 else random.choice((-40, 12, 60))


def _integer(random, value, exponent):
    """The value in units of a power of ten, rounded down; the smallest type that has room for it, or a larger one."""
    number = int(value.scaleb(-exponent)) if abs(exponent) < 10 else random.randrange(30000)
    fitting = [tag for tag, (size, signed) in TYPES.items() if number < 1 << (8 * size - signed)]
    tag = random.choice(fitting[:3])
    return bytes([tag]) + number.to_bytes(TYPES[tag][0], "big")


def _scale(exponent, unit):
    return _structure(b"\x0f" + exponent.to_bytes(1, "big", signed=True), b"\x16" + bytes([unit]))


def _structure(*elements):
    return b"\x02" + bytes([len(elements)]) + b"".join(elements)


def _code(a, b, c, d, e):
    return bytes([9, 6, a, b, c, d, e, 255])


def _text_value(random):
    text = bytes(random.choices(b"ABCXYZ0123456789", k=random.randint(5, 16)))
    return bytes([random.choice((9, 10)), len(text)]) + text
