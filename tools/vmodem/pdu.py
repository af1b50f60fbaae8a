"""Short messages as the network carries them: 3GPP TS 23.038 (alphabets) and TS 23.040 (SMS-SUBMIT, -DELIVER, -STATUS-REPORT).

A message is kept as its TPDU (bytes); `parse` reads one, `deliver`, `submit` and `report` build one.
"""

import calendar
import time

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€"}
_CODES = {char: (code,) for code, char in enumerate(_BASIC) if code != _ESCAPE}
_CODES.update({char: (_ESCAPE, code) for code, char in _EXTENSION.items()})

DELIVER, SUBMIT, REPORT = 0, 1, 2  # TP-MTI: a STATUS-REPORT's when it comes from the network
GSM7, OCTETS, UCS2 = 0, 1, 2
LONGEST = 140  # octets of user data
SEPTETS = 160
_HAS_HEADER, _WANTS_REPORT, _VALIDITY = 0x40, 0x20, 0x18
_CONCATENATION = 6  # octets of a header with an 8-bit reference, its length included
_DIGITS = "0123456789*#abc"
_INTERNATIONAL, _UNKNOWN_NUMBER, _ALPHANUMERIC = 0x91, 0x81, 0xD0


# Alphabets ---------------------------------------------------------------------------------------------------------------


def to_septets(text):
    """The text as GSM 7-bit codes; None if it has other characters."""
    codes = bytearray()
    for char in text:
        if char not in _CODES:
            return None
        codes += bytes(_CODES[char])
    return bytes(codes)


def from_septets(codes):
    """The text of GSM 7-bit codes."""
    text = ""
    escaped = False
    for code in codes:
        if escaped:
            text += _EXTENSION.get(code, _BASIC[code])
        elif code != _ESCAPE:
            text += _BASIC[code]
        escaped = code == _ESCAPE and not escaped
    return text


def pack(codes, fill=0):
    """Septets in octets, after `fill` bits of zero (TS 23.038, 6.1.2.1)."""
    value = 0
    for position, code in enumerate(codes):
        value |= code << (7 * position + fill)
    return value.to_bytes((7 * len(codes) + fill + 7) // 8, "little")


def unpack(data, count, fill=0):
    """`count` septets out of octets."""
    value = int.from_bytes(data, "little") >> fill
    return bytes(value >> 7 * position & 0x7F for position in range(count))


def alphabet(dcs):
    """The alphabet of a data coding scheme (TS 23.038, 4)."""
    if dcs & 0xC0 == 0 or dcs & 0xC0 == 0x40:
        return (GSM7, OCTETS, UCS2, GSM7)[dcs >> 2 & 3]
    if dcs & 0xF0 == 0xF0:
        return OCTETS if dcs & 4 else GSM7
    return UCS2 if dcs & 0xF0 == 0xE0 else GSM7


# Fields ------------------------------------------------------------------------------------------------------------------


def address(number):
    """An address field with its length in front: digits, or letters for an alphanumeric sender."""
    digits = number.lstrip("+").lower()
    if set(digits) - set(_DIGITS):
        codes = to_septets(number)
        if codes is None:
            raise ValueError("a sender has characters of the GSM alphabet only: %r" % number)
        semi_octets = (7 * len(codes) + 3) // 4
        return bytes((semi_octets, _ALPHANUMERIC)) + pack(codes)
    kind = _INTERNATIONAL if number.startswith("+") else _UNKNOWN_NUMBER
    return bytes((len(digits), kind)) + _semi_octets(digits)


def _semi_octets(digits):
    codes = [_DIGITS.index(digit) for digit in digits] + [15] * (len(digits) % 2)
    return bytes(low | high << 4 for low, high in zip(codes[::2], codes[1::2]))


def _read_address(data, position):
    """The number, its type, and the position after an address field."""
    length, kind = data[position], data[position + 1]
    position += 2
    octets = (length + 1) // 2
    field = data[position : position + octets]
    if len(field) != octets:
        raise ValueError("short address")
    if kind & 0x70 == 0x50:
        text = from_septets(unpack(field, length * 4 // 7))
    else:
        text = "".join((_DIGITS + "?")[min(half, 15)] for octet in field for half in (octet & 15, octet >> 4))[:length]
        text = ("+" if kind & 0x70 == 0x10 else "") + text
    return text, kind, position + octets


def centre(number):
    """The service centre's address as it stands before a TPDU; an empty one is a single zero."""
    if not number:
        return b"\0"
    digits = number.lstrip("+")
    octets = _semi_octets(digits)
    return bytes((1 + len(octets), _INTERNATIONAL if number.startswith("+") else _UNKNOWN_NUMBER)) + octets


def time_stamp(seconds, zone_quarters=0):
    """A TP-SCTS: `seconds` since 1970 of the local clock, and its zone."""
    digits = time.strftime("%y%m%d%H%M%S", time.gmtime(seconds)) + "%02d" % abs(zone_quarters)
    octets = bytearray(int(digits[at]) | int(digits[at + 1]) << 4 for at in range(0, len(digits), 2))
    octets[6] |= 8 if zone_quarters < 0 else 0
    return bytes(octets)


def read_time(octets):
    """A TP-SCTS as `yy/MM/dd,hh:mm:ss+zz`."""
    pairs = ["%d%d" % (octet & 15, octet >> 4) for octet in octets[:6]]
    zone = "%s%d%d" % ("-" if octets[6] & 8 else "+", octets[6] & 7, octets[6] >> 4)
    return "%s/%s/%s,%s:%s:%s" % tuple(pairs) + zone


def seconds_of(octets):
    """A TP-SCTS as seconds since 1970 of the local clock."""
    return calendar.timegm(time.strptime(read_time(octets)[:17], "%y/%m/%d,%H:%M:%S"))


# Messages ----------------------------------------------------------------------------------------------------------------


class Message:
    """What a TPDU says. `content` are septets or octets without the header, as `alphabet` has it."""

    kind = first = reference = pid = dcs = status = 0
    number, number_kind, validity = "", _UNKNOWN_NUMBER, b""
    stamp = discharged = None
    header = content = b""

    @property
    def alphabet(self):
        return alphabet(self.dcs)

    @property
    def wants_report(self):
        """Whether a STATUS-REPORT is asked for (TP-SRR)."""
        return bool(self.first & _WANTS_REPORT)

    def text(self):
        """The text, or hexadecimal digits for octets."""
        if self.alphabet == GSM7:
            return from_septets(self.content)
        if self.alphabet == UCS2:
            return self.content.decode("utf-16-be", "replace")
        return self.content.hex().upper()

    def data_length(self):
        """The `<length>` of text mode: characters of the 7-bit alphabet, else octets."""
        return len(self.content)


def parse(tpdu, outgoing=False):
    """A TPDU as a `Message`; `outgoing`: from the host to the network. ValueError if it is malformed."""
    try:
        return _parse(tpdu, outgoing)
    except IndexError:
        raise ValueError("short TPDU") from None


def _parse(tpdu, outgoing):
    message = Message()
    message.first = tpdu[0]
    message.kind = tpdu[0] & 3
    position = 1
    if outgoing and message.kind != SUBMIT:
        raise ValueError("not an SMS-SUBMIT")
    if message.kind in (SUBMIT, REPORT):
        message.reference = tpdu[position]
        position += 1
    message.number, message.number_kind, position = _read_address(tpdu, position)
    if message.kind == REPORT:
        message.stamp, message.discharged = tpdu[position : position + 7], tpdu[position + 7 : position + 14]
        message.status = tpdu[position + 14]
        return message
    message.pid, message.dcs = tpdu[position], tpdu[position + 1]
    position += 2
    if message.kind == DELIVER:
        message.stamp = tpdu[position : position + 7]
        position += 7
    else:
        width = {0: 0, 0x10: 1}.get(message.first & _VALIDITY, 7)
        message.validity = tpdu[position : position + width]
        position += width
    _read_content(message, tpdu, position)
    return message


def _read_content(message, tpdu, position):
    count, data = tpdu[position], tpdu[position + 1 :]
    skipped = 0
    if message.first & _HAS_HEADER:
        skipped = data[0] + 1
        message.header = data[:skipped]
    if message.alphabet == GSM7:
        septets = (8 * skipped + 6) // 7
        if len(data) != (7 * count + 7) // 8:
            raise ValueError("user data of the wrong length")
        message.content = unpack(data, count)[septets:]
    else:
        if len(data) != count:
            raise ValueError("user data of the wrong length")
        message.content = data[skipped:]
    if len(data) > LONGEST:
        raise ValueError("user data too long")


def _user_data(content, dcs, header=b""):
    """TP-UDL and TP-UD."""
    if alphabet(dcs) != GSM7:
        return bytes((len(header) + len(content),)) + header + content
    septets = (8 * len(header) + 6) // 7
    fill = 7 * septets - 8 * len(header)
    return bytes((septets + len(content),)) + header + pack(content, fill)


def deliver(sender, content, dcs, stamp, header=b""):
    """An SMS-DELIVER."""
    first = DELIVER | 0x04 | (_HAS_HEADER if header else 0)  # TP-MMS: nothing more waits
    return bytes((first,)) + address(sender) + bytes((0, dcs)) + stamp + _user_data(content, dcs, header)


def submit(first, reference, number, pid, dcs, validity, content):
    """An SMS-SUBMIT with a relative validity, if the first octet says that there is one."""
    period = bytes((validity,)) if first & _VALIDITY == 0x10 else b""
    return bytes((first, reference)) + address(number) + bytes((pid, dcs)) + period + _user_data(content, dcs)


def report(reference, number, stamp, discharged, status=0):
    """An SMS-STATUS-REPORT; status 0: received by the addressee."""
    return bytes((REPORT, reference)) + address(number) + stamp + discharged + bytes((status,))


def arrivals(sender, text, stamp, reference):
    """The SMS-DELIVERs that carry `text`: GSM 7-bit where it can be, else UCS-2; several if it is long."""
    codes = to_septets(text)
    dcs = 0 if codes is not None else UCS2 << 2
    content = text.encode("utf-16-be") if codes is None else codes
    whole, part = (SEPTETS, SEPTETS - 7) if codes is not None else (LONGEST, LONGEST - _CONCATENATION)
    if len(content) <= whole:
        return [deliver(sender, content, dcs, stamp)]
    pieces = _pieces(content, part, codes is not None)
    return [
        deliver(sender, piece, dcs, stamp, bytes((5, 0, 3, reference & 0xFF, len(pieces), number + 1)))
        for number, piece in enumerate(pieces)
    ]


def _pieces(content, size, septets):
    """Cut so that no escape sequence and no surrogate pair is torn (TS 23.040, 9.2.3.24.1)."""
    pieces = []
    while content:
        end = size
        if end < len(content):
            if septets and content[end - 1] == _ESCAPE:
                end -= 1
            elif not septets and 0xD8 <= content[end - 2] <= 0xDB:
                end -= 2
        pieces.append(content[:end])
        content = content[end:]
    return pieces
