"""What other people's decoders find in a message: telegrams by dsmr-parser, SML files by smllib, DLMS by dlms-cosem.

Each returns a Message, or raises Refused. The tables below say what a code means without looking at ours.
"""

import dataclasses
import datetime
import logging
import re
import zoneinfo
from decimal import Decimal

import dsmr_parser.parsers
from dlms_cosem import dlms_data
from dsmr_parser import telegram_specifications
from dsmr_parser.exceptions import InvalidChecksumError, ParseError
from smllib import SmlStreamReader
from smllib.const import UNITS
from smllib.errors import SmlLibException
from smllib.sml import SmlGetListResponse

import rig


class Refused(Exception):
    """A message that is damaged."""


@dataclasses.dataclass(frozen=True)
class Number:
    """A number of a message. Without a unit it has been sent without one; without a scale, `value` is as sent."""

    obis: str
    value: Decimal
    unit: str | None = None
    time: int | None = None
    is_scaled: bool = True
    scaler: int = 0


@dataclasses.dataclass
class Message:
    """All that is compared. A field that is None is not."""

    numbers: list[Number]
    meter_id: str | None = None
    clock: str | None = None
    media: dict[int, int] = dataclasses.field(default_factory=dict)


# --- Telegrams ------------------------------------------------------------------------------------------------------

PREFIXES = {"k": 3, "M": 6, "G": 9}
BASES = {"w": "W", "wh": "Wh", "var": "var", "varh": "varh", "va": "VA", "v": "V", "a": "A", "hz": "Hz", "j": "J", "m3": "m³"}
AMSTERDAM = zoneinfo.ZoneInfo("Europe/Amsterdam")


class Collected(dsmr_parser.parsers.Telegram):
    """Keeps every object with its code, where the library's own telegram drops a repeated one."""

    def __init__(self):
        super().__init__()
        self.all = []

    def add(self, obis_reference, dsmr_object, obis_name):
        code = re.sub(r"^\^\\d-(\\d|\[1-9\]|[0-9]):|\.\+\?.*", "", obis_reference, flags=re.DOTALL).replace("\\", "")
        self.all.append((code, dsmr_object))


dsmr_parser.parsers.Telegram = Collected
logging.getLogger("dsmr_parser.parsers").setLevel(logging.CRITICAL)


def _everything():
    """Every line that any country's specification of the library knows, the one with the most exact type first."""
    objects = {}
    for specification in vars(telegram_specifications).values():
        if isinstance(specification, dict) and "objects" in specification:
            for item in specification["objects"]:
                objects.setdefault(item["obis_reference"], item)
    # These repeat others under a second name.
    for name in (r"^\d-\d:24\.2\.1.+?\r\n", r"^1-1:31\.4\.0.+?\r\n", r"^\d-[1-9]:96\.3\.10.+?\r\n", r"^\d-\d:24\.1\.0.+?\r\n", r"^\d-\d:24\.4\.0.+?\r\n"):
        objects.pop(name)
    return list(objects.values())


CHECKED, UNCHECKED = (
    dsmr_parser.parsers.TelegramParser({"checksum_support": check, "objects": _everything()}) for check in (True, False)
)


def telegram(data):
    has_check = not data.endswith(b"!\r\n")
    try:
        found = (CHECKED if has_check else UNCHECKED).parse(data.decode("latin-1"))
    except (InvalidChecksumError, ParseError, ValueError) as error:
        raise Refused(type(error).__name__) from None
    message = Message([])
    for code, item in found.all:
        if isinstance(item, list) or type(item).__name__ == "ProfileGenericObject":
            continue
        _take(message, code, item)
    return message


def _take(message, code, item):
    a, channel = item.obis_id_code
    obis = f"{a}-{channel}:{code}"
    if type(item).__name__ == "MBusObject":
        code = "24.2.1" if code.startswith("24.2.") else code
        # The time before 24.3.0 lacks the letter that tells summer from winter.
        time = int(item.datetime.timestamp()) if item.datetime and code != "24.3.0" else None
        message.numbers.append(_number(f"{a}-{channel}:{code}", item.value, item.unit, time))
        return
    value, unit = item.values[0]["value"], item.values[0]["unit"]
    if value is None:
        return
    if code == "24.1.0":
        message.media[channel] = int(value)
    elif obis == "0-0:96.1.1":
        message.meter_id = bytes.fromhex(value).decode()
    elif code == "1.0.0":
        message.clock = value.astimezone(AMSTERDAM).strftime("%Y-%m-%dT%H:%M:%S")
    elif isinstance(value, (Decimal, int)) or code in ("96.14.0", "96.3.10", "24.4.0"):
        message.numbers.append(_number(obis, Decimal(value), unit))


def _number(obis, value, unit, time=None):
    if not unit:
        return Number(obis, value, None, time)
    prefix = unit[0] if unit[0] in PREFIXES and len(unit) > 1 else ""
    base = BASES[unit[len(prefix):].lower()]
    return Number(obis, value.scaleb(PREFIXES.get(prefix, 0)), base, time)


# --- SML ------------------------------------------------------------------------------------------------------------


def sml(data):
    reader = SmlStreamReader()
    reader.add(data)
    try:
        frame = reader.get_frame()
        if frame is None:
            raise Refused("no file")
        bodies = [message.message_body for message in frame.parse_frame()]
    except (SmlLibException, ValueError, IndexError) as error:
        raise Refused(type(error).__name__) from None
    [response] = [body for body in bodies if isinstance(body, SmlGetListResponse)]
    numbers = []
    for entry in response.val_list:
        if isinstance(entry.value, int) and not isinstance(entry.value, bool):
            code = printed(bytes.fromhex(str(entry.obis)))
            numbers.append(_scaled(code, entry.value, entry.scaler or 0, entry.unit))
    return Message(numbers, _device(bytes.fromhex(response.server_id)))


def _scaled(code, value, scaler, unit):
    return Number(code, Decimal(value).scaleb(scaler), UNITS.get(unit), scaler=scaler)


def _device(server):
    """DIN 43863-5: a medium, three letters, a block in hexadecimal and a decimal number."""
    return f"{server[1]:X}{server[2:5].decode()}{server[5]:02X}{int.from_bytes(server[6:10], 'big'):08}"


def printed(obis):
    a, b, c, d, e, f = obis
    return f"{a}-{b}:{c}.{d}.{e}" + ("" if f == 255 else f"*{f}")


# --- DLMS -----------------------------------------------------------------------------------------------------------

WHOLE = (
    dlms_data.DoubleLongData, dlms_data.DoubleLongUnsignedData, dlms_data.IntegerData, dlms_data.LongData,
    dlms_data.UnsignedIntegerData, dlms_data.UnsignedLongData, dlms_data.Long64Data, dlms_data.UnsignedLong64Data,
)  # fmt: skip


class Text(dlms_data.OctetStringData):
    """The library reads octet strings only; a visible string is one of these for us."""


dlms_data.DlmsDataFactory.MAP[10] = Text


def described(data):
    """A list in one HDLC frame: records of a code and a value, pairs of them, or values behind their description."""
    if rig.check(data[1:-3]) != data[-3:-1]:
        raise Refused("check")
    # Behind flag, format, addresses and control, the check of these, and LLC: a notification, its number and its time.
    apdu = data[1 + 2 + 4 + 2 + 3:-3]
    body = apdu[6 + apdu[5]:] if apdu[5] in (0, 12) else None
    try:
        [tree] = dlms_data.DlmsDataParser().parse(body)
    except (KeyError, NotImplementedError, TypeError, ValueError) as error:
        raise Refused(type(error).__name__) from None
    head = tree.value[0]
    if isinstance(head, dlms_data.DataArray):
        return Message(list(_behind_description(head.value, tree.value)))
    if _is_sequence(head):
        return Message(list(_records(tree.value)))
    codes = [_code(element) for element in tree.value]
    following = zip(codes, tree.value[1:])
    return Message([Number(code, Decimal(it.value), None, None, False) for code, it in following if code and isinstance(it, WHOLE)])


def _records(records):
    for record in records:
        code, value, *scale = record.value
        if isinstance(value, dlms_data.EnumData):
            # The number of a state.
            yield Number(_code(code), Decimal(value.value))
        elif not isinstance(value, WHOLE):
            continue
        elif scale:
            scaler, unit = (element.value for element in scale[0].value)
            yield _scaled(_code(code), value.value, scaler, unit)
        else:
            yield Number(_code(code), Decimal(value.value), None, None, False)


def _behind_description(description, values):
    objects = [(bytes(entry.value[1].value), entry.value[2].value) for entry in description]
    scales = {
        obis: tuple(part.value for part in value.value)
        for (obis, attribute), value in zip(objects, values)
        if attribute == 3 and _is_sequence(value)
    }
    for (obis, attribute), value in zip(objects, values):
        if attribute != 2 or not isinstance(value, WHOLE):
            continue
        if obis in scales:
            yield _scaled(printed(obis), value.value, *scales[obis])
        else:
            yield Number(printed(obis), Decimal(value.value), None, None, False)


def _is_sequence(element):
    return isinstance(element, (dlms_data.DataArray, dlms_data.DataStructure))


def _code(element):
    is_code = type(element) is dlms_data.OctetStringData and len(element.value) == 6
    return printed(element.value) if is_code else None


# --- Meaning --------------------------------------------------------------------------------------------------------

PHASES = {"L1": 0, "L2": 20, "L3": 40}
DIRECTIONS = (("import", 0), ("export", 1))


def _meanings():
    known = {}

    def phases(c, de, metric, unit):
        for phase, step in PHASES.items():
            known[f"1-0:{c + step}.{de}"] = (metric, {"phase": phase}, unit)

    for direction, step in DIRECTIONS:
        for c, name, unit in ((1, "active", "W"), (3, "reactive", "var"), (9, "apparent", "VA")):
            suffix = {"W": "watts", "var": "vars", "VA": "voltamperes"}[unit]
            known[f"1-0:{c + step}.7.0"] = (f"han_{name}_power_{direction}_{suffix}", {}, unit)
            if unit != "VA":
                phases(20 + c + step, "7.0", f"han_phase_{name}_power_{direction}_{suffix}", unit)
                suffix = {"W": "joules", "var": "var_seconds"}[unit]
                known[f"1-0:{c + step}.8.0"] = (f"han_{name}_energy_{direction}_{suffix}_total", {}, unit + "h")
                for tariff in map(str, range(1, 9)):
                    metric = f"han_tariff_{name}_energy_{direction}_{suffix}_total"
                    known[f"1-0:{c + step}.8.{tariff}"] = (metric, {"tariff": tariff}, unit + "h")
        phases(21 + step, "8.0", f"han_phase_active_energy_{direction}_joules_total", "Wh")
    for quadrant in range(4):
        metric = "han_quadrant_reactive_energy_var_seconds_total"
        known[f"1-0:{5 + quadrant}.8.0"] = (metric, {"quadrant": str(quadrant + 1)}, "varh")
    phases(32, "7.0", "han_voltage_volts", "V")
    phases(31, "7.0", "han_current_amperes", "A")
    phases(33, "7.0", "han_phase_power_factor_ratio", None)
    phases(32, "32.0", "han_voltage_sags_total", None)
    phases(32, "36.0", "han_voltage_swells_total", None)
    known["1-0:91.7.0"] = ("han_current_amperes", {"phase": "N"}, "A")
    known["1-0:13.7.0"] = ("han_power_factor_ratio", {}, None)
    known["1-0:14.7.0"] = ("han_frequency_hertz", {}, "Hz")
    known["1-0:1.6.0"] = ("han_power_demand_max_watts", {}, "W")
    known["0-0:96.7.21"] = ("han_power_failures_total", {}, None)
    known["0-0:96.7.9"] = ("han_long_power_failures_total", {}, None)
    return known


MEANINGS = _meanings()
# The number of a state is shown as its name.
STATES = {
    "0-0:96.14.0": ("han_tariff_active", "tariff", [str(number) for number in range(9)]),
    "0-0:96.3.10": ("han_breaker_state", "state", ["disconnected", "connected", "ready_for_reconnection"]),
}
# EN 13757-3, table 3.
MEDIA = {
    3: ("gas", "cubic_meters", "m³"), 4: ("heat", "joules", "J"), 12: ("heat", "joules", "J"),
    6: ("warm_water", "cubic_meters", "m³"), 21: ("warm_water", "cubic_meters", "m³"),
    7: ("water", "cubic_meters", "m³"), 22: ("water", "cubic_meters", "m³"),
    10: ("cooling", "joules", "J"), 11: ("cooling", "joules", "J"),
}  # fmt: skip
# One signed number, and the codes of its two directions.
SIGNED = {"1-0:16.7.0": (1, 2), "1-0:36.7.0": (21, 22), "1-0:56.7.0": (41, 42), "1-0:76.7.0": (61, 62)}


def expected(message, number):
    """What may be shown of a number: its series and their values, the number itself under no name apart."""
    a, channel, code = re.fullmatch(r"(\d+)-(\d+):(.*)", number.obis).groups()
    if a == "0" and channel != "0" and code in ("24.2.1", "24.3.0"):
        return _connected(message, number, channel)
    if number.obis in STATES:
        metric, label, names = STATES[number.obis]
        if number.value in range(len(names)):
            return [(metric, {label: names[int(number.value)]}, Decimal(1))]
        return []
    if number.obis in SIGNED and number.unit == "W":
        return _directions(message, number)
    metric, labels, unit = MEANINGS.get(number.obis, (None, None, None))
    if metric is None or unit != number.unit:
        return []
    shown = [(metric, labels, number.value * factor(unit))]
    if code == "1.6.0" and number.time is not None:
        shown.append(("han_power_demand_max_timestamp_seconds", {}, Decimal(number.time)))
    return shown


def factor(unit):
    return 3600 if unit in ("Wh", "varh") else 1


def _connected(message, number, channel):
    name, suffix, unit = MEDIA.get(message.media.get(int(channel)), (None, None, None))
    # A heat meter may count watt-hours.
    value = number.value * factor("Wh") if (unit, number.unit) == ("J", "Wh") else number.value
    if name is None or number.unit not in (unit, "Wh" if unit == "J" else unit):
        return []
    shown = [(f"han_{name}_{suffix}_total", {"channel": channel}, value)]
    if number.time is not None:
        shown.append((f"han_{name}_reading_timestamp_seconds", {"channel": channel}, Decimal(number.time)))
    return shown


def _directions(message, number):
    codes = [f"1-0:{c}.7.0" for c in SIGNED[number.obis]]
    if any(other.obis in codes for other in message.numbers):
        return []
    values = (max(number.value, Decimal(0)), max(-number.value, Decimal(0)))
    return [(MEANINGS[code][0], MEANINGS[code][1], value) for code, value in zip(codes, values)]
