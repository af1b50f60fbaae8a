"""Short messages as modules send and keep them in PDU mode: 3GPP TS 23.040, clause 9; alphabets: 3GPP TS 23.038, clauses 4 and 6.

Not done: national language shift tables (23.038, annex A), compressed text.
"""

from .compat import const

DELIVER = const(0)  # TP-MTI: to the module, from it, the report of a delivery
SUBMIT = const(1)
REPORT = const(2)
_GSM7 = const(0)
_OCTETS = const(1)
_UCS2 = const(2)
_TYPE = const(3)  # of the first octet
_WANTS_REPORT = const(0x20)
_HAS_HEADER = const(0x40)
_VALIDITY = (0, 7, 1, 7)  # octets of TP-VP by bits 4 and 3 of the first octet
_TIME = const(7)  # octets of a time stamp
_CENTURY = const(90)  # years below are of the 21st century: there are no messages from before 1990

# user data
_SEPTETS = const(160)  # of a message by itself
_SEPTETS_OF_PART = const(153)
_UNITS = const(70)  # UTF-16 units
_UNITS_OF_PART = const(67)
_MOST_OCTETS = const(140)
_MOST_PARTS = const(255)
_PART = const(0)  # element of a header: concatenated messages, 8-bit reference
_PART_16 = const(8)  # the same with 16 bits

# addresses
_INTERNATIONAL = const(0x91)
_UNKNOWN = const(0x81)
_KIND = const(0x70)
_WORDS = const(0x50)  # an alphanumeric address
_PLUS = const(0x10)  # an international one
_DIGITS = "0123456789*#abc"
_MOST_DIGITS = const(20)
_DIALLED = const(12)  # so many of _DIGITS may be sent to
_FILL = const(15)

_ESCAPE = const(0x1B)
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = "\f^{}\\[~]|€"
_EXTENSION_CODES = b"\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65"
_UNREADABLE = "\ufffd"
_HIGH = const(0xD800)  # surrogates
_LOW = const(0xDC00)
_AFTER = const(0xE000)


class Tpdu:
    """A message, a part of a longer one, or a report; fields that its kind does not have keep these values."""

    kind = DELIVER
    number = ""  # the sender; of a message from the module, and of its report, the receiver
    time = None  # (year, month, day, hour, minute, second, minutes east of UTC): when the centre got it, or a report's delivery
    text = ""  # bytes for a message of 8-bit data
    reference = 0  # of the report: the number that sending returned
    status = 0  # of the report: TP-ST, see outcome()
    long = None  # what the parts of a long message have in common
    part = parts = 1  # which of how many parts


# --- alphabets


def to_septets(text):
    """Return `text` in the GSM 7-bit default alphabet, one octet a septet; None where a character is not in it."""
    out = bytearray()
    for char in text:
        code = _BASIC.find(char)
        if code < 0 or code == _ESCAPE:
            code = _EXTENSION.find(char)
            if code < 0:
                return None
            out.append(_ESCAPE)
            code = _EXTENSION_CODES[code]
        out.append(code)
    return bytes(out)


def from_septets(codes):
    """Return the text. An unknown code of the extension table shows as the one of the default alphabet (23.038, 6.2.1.1)."""
    out = []
    escaped = False
    for code in codes:
        at = _EXTENSION_CODES.find(bytes((code,))) if escaped else -1
        if at >= 0:
            out.append(_EXTENSION[at])
        elif code != _ESCAPE:
            out.append(_BASIC[code])
        elif escaped:
            out.append(" ")  # reserved for a second extension table
        escaped = code == _ESCAPE and not escaped
    return "".join(out)


def pack(codes, fill=0):
    """Return septets as octets, after `fill` bits of zero (23.038, 6.1.2.1)."""
    out = bytearray()
    bits, n = 0, fill
    for code in codes:
        bits |= code << n
        n += 7
        while n >= 8:
            out.append(bits & 0xFF)
            bits >>= 8
            n -= 8
    if n:
        out.append(bits)
    return bytes(out)


def unpack(data, count):
    """Return `count` septets out of octets. ValueError when there are fewer."""
    out = bytearray()
    bits = n = 0
    for octet in data:
        bits |= octet << n
        n += 8
        while n >= 7 and len(out) < count:
            out.append(bits & 0x7F)
            bits >>= 7
            n -= 7
    if len(out) < count:
        raise ValueError("the message is cut short")
    return bytes(out)


def to_units(text):
    """Return `text` as a list of UTF-16 units: other characters than those of the first plane are surrogate pairs."""
    out = []
    for char in text:
        code = ord(char)
        if code > 0xFFFF:
            code -= 0x10000
            out.append(_HIGH | code >> 10)
            code = _LOW | code & 0x3FF
        out.append(code)
    return out


def from_units(data):
    """Return the text of UTF-16 (big-endian); half a surrogate pair shows as U+FFFD."""
    out = []
    high = 0
    for n in range(0, len(data) - 1, 2):
        code = data[n] << 8 | data[n + 1]
        low = _LOW <= code < _AFTER
        if high and low:
            out.append(chr(0x10000 + ((high & 0x3FF) << 10 | code & 0x3FF)))
        elif high or low:
            out.append(_UNREADABLE)
        high = code if _HIGH <= code < _LOW else 0
        if not high and not low:
            out.append(chr(code))
    if high:
        out.append(_UNREADABLE)
    return "".join(out)


def _alphabet(dcs):
    """Return the alphabet of a data coding scheme (23.038, 4); reserved ones count as the default alphabet."""
    if dcs < 0x80:
        return (_GSM7, _OCTETS, _UCS2, _GSM7)[dcs >> 2 & 3] if not dcs & 0x20 else _OCTETS
    if dcs >= 0xF0:
        return _OCTETS if dcs & 4 else _GSM7
    return _UCS2 if dcs >= 0xE0 else _GSM7


# --- addresses


def _semi_octets(digits):
    codes = [_DIGITS.index(digit) for digit in digits]
    if len(codes) & 1:
        codes.append(_FILL)
    return bytes([codes[n] | codes[n + 1] << 4 for n in range(0, len(codes), 2)])


def _typed(name, number):
    """Return (type of number, digits). ValueError or TypeError for what is no number."""
    if not isinstance(number, str):
        raise TypeError("%s must be a str" % name)
    digits = number[1:] if number[:1] == "+" else number
    if not 1 <= len(digits) <= _MOST_DIGITS or [digit for digit in digits if digit not in _DIGITS[:_DIALLED]]:
        raise ValueError("%s must be 1 to %d digits, with + in front for an international number" % (name, _MOST_DIGITS))
    return (_UNKNOWN if digits is number else _INTERNATIONAL), digits


def service_centre(number):
    """Return what stands before the message: the service centre's number, or that the SIM card's own is meant (None)."""
    if number is None:
        return b"\0"
    kind, digits = _typed("centre", number)
    octets = _semi_octets(digits)
    return bytes((1 + len(octets), kind)) + octets


def _address(data, at):
    """Return the number at `data[at]` and where it ends."""
    length, kind = data[at], data[at + 1]
    at += 2
    end = at + (length + 1) // 2
    if end > len(data):
        raise ValueError("the number is cut short")
    if kind & _KIND == _WORDS:
        return from_septets(unpack(data[at:end], length * 4 // 7)), end
    digits = "".join([(_DIGITS + "?")[half] for octet in data[at:end] for half in (octet & 15, octet >> 4)])[:length]
    return ("+" if kind & _KIND == _PLUS else "") + digits, end


def _time(data, at):
    """Return the time stamp at `data[at]` (23.040, 9.2.3.11); None where it is no time, as some senders' is not."""
    found = [(octet & 15) * 10 + (octet >> 4) for octet in data[at : at + _TIME]]
    if len(found) < _TIME:
        raise ValueError("the time is cut short")
    if not (1 <= found[1] <= 12 and 1 <= found[2] <= 31 and found[3] < 24 and found[4] < 60 and found[5] < 60):
        return None
    found[0] += 2000 if found[0] < _CENTURY else 1900
    zone = data[at + 6]
    quarters = (zone & 7) * 10 + (zone >> 4)
    return tuple(found[:6]) + ((-quarters if zone & 8 else quarters) * 15,)


# --- messages


def submit(number, text, reference, report):
    """Return the TPDUs that send `text` to `number`: one, or the parts of a long text. `report`: ask for a delivery report.

    `reference`: what the parts have in common, 0 to 255. ValueError or TypeError for what cannot be sent.
    """
    kind, digits = _typed("number", number)
    if not isinstance(text, str):
        raise TypeError("text must be a str")
    codes = to_septets(text)
    if codes is not None:
        pieces, dcs = _cut(codes, _SEPTETS, _SEPTETS_OF_PART, _ESCAPE, _ESCAPE + 1), 0
    else:
        pieces, dcs = _cut(to_units(text), _UNITS, _UNITS_OF_PART, _HIGH, _LOW), _UCS2 << 2
    if len(pieces) > _MOST_PARTS:
        raise ValueError("text takes more than %d messages" % _MOST_PARTS)
    out = []
    for n in range(len(pieces)):
        header = bytes((5, _PART, 3, reference & 0xFF, len(pieces), n + 1)) if len(pieces) > 1 else b""
        first = SUBMIT | (_HAS_HEADER if header else 0) | (_WANTS_REPORT if report else 0)
        head = bytes((first, 0, len(digits), kind)) + _semi_octets(digits) + bytes((0, dcs))
        out.append(head + _user_data(header, pieces[n], dcs))
    return out


def _cut(units, most, most_of_part, first, last):
    """Return `units` in pieces; none ends with a unit from `first` to below `last`, which belongs to the one after it."""
    if len(units) <= most:
        return [units]
    pieces = []
    at = 0
    while at < len(units):
        end = min(at + most_of_part, len(units))
        if end < len(units) and first <= units[end - 1] < last:
            end -= 1
        pieces.append(units[at:end])
        at = end
    return pieces


def _user_data(header, units, dcs):
    if dcs:
        body = header + b"".join([bytes((unit >> 8, unit & 0xFF)) for unit in units])
        return bytes((len(body),)) + body
    before = _septets_of(header)
    return bytes((before + len(units),)) + header + pack(units, 7 * before - 8 * len(header))


def _septets_of(header):
    """Return how many septets a header takes: text begins at a border of septets (23.040, 9.2.3.24)."""
    return (8 * len(header) + 6) // 7


def parse(pdu):
    """Return the Tpdu of `pdu`: what a module shows, the service centre's number in front. ValueError where it is none."""
    try:
        return _parse(pdu[1 + pdu[0] :])
    except IndexError:
        raise ValueError("the message is cut short")


def _parse(data):
    found = Tpdu()
    first = data[0]
    found.kind = first & _TYPE
    if found.kind == REPORT:
        found.reference = data[1]
        found.number, at = _address(data, 2)
        found.time = _time(data, at + _TIME)  # of the delivery; before it stands when it was sent
        found.status = data[at + 2 * _TIME]
        return found
    at = 1
    if found.kind == SUBMIT:
        found.reference = data[1]
        at = 2
    found.number, at = _address(data, at)
    dcs = data[at + 1]
    at += 2
    if found.kind == SUBMIT:
        at += _VALIDITY[first >> 3 & 3]
    else:
        found.time = _time(data, at)
        at += _TIME
    _read(found, _alphabet(dcs), data[at], data[at + 1 : at + 1 + _MOST_OCTETS], first & _HAS_HEADER)
    return found


def _read(found, alphabet, length, data, has_header):
    """Read the user data: header and text."""
    header = data[: 1 + data[0]] if has_header else b""
    if has_header:
        _read_header(found, header)
    if alphabet == _GSM7:
        found.text = from_septets(unpack(data, length)[_septets_of(header) :])
        return
    if len(data) < length or len(header) > length:
        raise ValueError("the message is cut short")
    body = data[len(header) : length]
    found.text = from_units(body) if alphabet == _UCS2 else body


def _read_header(found, header):
    at = 1
    while at + 1 < len(header):
        kind, end = header[at], at + 2 + header[at + 1]
        field = header[at + 2 : end]
        at = end
        if (kind == _PART and len(field) == 3) or (kind == _PART_16 and len(field) == 4):
            parts, part = field[-2], field[-1]
            if 1 <= part <= parts:
                found.long = (found.kind, found.number, kind, bytes(field[:-2]), parts)
                found.part, found.parts = part, parts


_TRYING = const(0x20)
_FAILED = const(0x40)


def outcome(status):
    """Return what a report's TP-ST (23.040, 9.2.3.15) means: "delivered", "pending" (the centre tries on) or "failed"."""
    return "delivered" if status < _TRYING else "pending" if status < _FAILED else "failed"
