"""AT parameters: checked and quoted going out, split and converted coming in; and the checks of a caller's arguments.

Going out, a text that could end the parameter or the command line early (quote, control characters) is a ValueError that
names the parameter, before a byte is sent. Coming in, everything stays bytes until a named field is wanted as text; numbers
are read where they lie, without allocation.
"""

from ..compat import const

_COMMA = b","
_ZERO = const(48)
_NINE = const(57)
_BLANK = const(32)
_QUOTE = const(34)
_DELETE = const(127)
_IPV6 = "0123456789ABCDEFabcdef:."


# --- arguments of a caller


def number(name, value, low, high):
    """Return `value` when it is an int from `low` to `high`; TypeError or ValueError naming the parameter otherwise."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("%s must be an int" % name)
    if not low <= value <= high:
        raise ValueError("%s must be %d to %d" % (name, low, high))
    return value


def one_of(name, value, values):
    """Return at which place of `values` the parameter `name` is. ValueError naming both where it is none of them."""
    if value not in values:
        raise ValueError("%s must be one of %s" % (name, ", ".join(values)))
    return values.index(value)


def address_of(address):
    """Return `(host, port)` of an address tuple; TypeError or ValueError where it is none."""
    if not isinstance(address, tuple) or len(address) < 2:
        raise TypeError("address must be a tuple (host, port)")
    return address[0], number("port", address[1], 0, 65535)


def is_address(host):
    """Return whether `host` is an address and no name: IPv6 has hex digits and colons, IPv4 four numbers up to 255."""
    if not isinstance(host, str):
        host = text(octets(host))
    if ":" in host:
        return not host.strip(_IPV6)
    parts = host.split(".")
    return len(parts) == 4 and not [part for part in parts if not _is_octet(part)]


def _is_octet(text):
    return 0 < len(text) < 4 and not text.strip("0123456789") and int(text) < 256 and (text[0] != "0" or text == "0")


def octets(data):
    """Return `data` as something whose length is its number of bytes. TypeError where it has none.

    Text has bytes on MicroPython, as for its own sockets; on CPython it is a TypeError.
    """
    return data if isinstance(data, (bytes, bytearray)) else bytes(memoryview(data))


# --- going out


def quoted(name, value, limit=255):
    """Return `value` (str or bytes) as a quoted AT string. `limit`: the most bytes that the module takes.

    Raises TypeError for another type, ValueError for a quote, a control character or too many bytes.
    """
    return b'"' + plain(name, value, limit) + b'"'


def plain(name, value, limit=255):
    """Like `quoted`, without the quotes."""
    if isinstance(value, str):
        value = value.encode()
    elif not isinstance(value, (bytes, bytearray)):
        raise TypeError("%s must be str or bytes" % name)
    for c in value:
        if c == _QUOTE or c < _BLANK or c == _DELETE:
            raise ValueError("%s must not contain a quote or a control character" % name)
    if len(value) > limit:
        raise ValueError("%s is longer than %d bytes" % (name, limit))
    return bytes(value)


# --- coming in


def digits(buf, s, e):
    """Return the decimal number that begins at `buf[s]` (blanks in front are skipped), -1 where there is none. No allocation."""
    while s < e and buf[s] == _BLANK:
        s += 1
    if s >= e or not _ZERO <= buf[s] <= _NINE:
        return -1
    v = 0
    while s < e and _ZERO <= buf[s] <= _NINE:
        v = v * 10 + buf[s] - _ZERO
        s += 1
    return v


def after_comma(buf, s, e):
    """Return the index behind the next comma in `buf[s:e]`, or `e` where there is none. No allocation."""
    s = buf.find(_COMMA, s, e)
    return e if s < 0 else s + 1


def split(line, s=0):
    """Split the parameters of `line[s:]` (bytes) at commas outside quotes.

    A quoted field becomes str, a decimal number int, an empty field None, anything else str as it stands. A prefix such as
    `+QIACT:` is cut off first. Bytes that are no UTF-8 are shown as `\\xNN`.
    """
    line = bytes(line[s:])
    colon = line.find(b":")
    if line[:1] in (b"+", b"*") and 0 < colon:
        line = line[colon + 1 :]
    out = []
    i = 0
    n = len(line)
    while i <= n:
        while i < n and line[i] == _BLANK:
            i += 1
        if i < n and line[i] == _QUOTE:
            j = line.find(b'"', i + 1)
            j = n if j < 0 else j
            out.append(text(line[i + 1 : j]))
            i = line.find(b",", j)
        else:
            j = line.find(b",", i)
            out.append(_plain_field(line[i : n if j < 0 else j].strip()))
            i = j
        if i < 0:
            break
        i += 1
    return out


def _plain_field(field):
    if not field:
        return None
    try:
        return int(field)
    except ValueError:
        return text(field)


def text(data):
    """Return bytes as str; where they are not UTF-8, every byte above 126 is shown as `\\xNN`."""
    try:
        return bytes(data).decode()
    except (UnicodeError, ValueError):
        return "".join([chr(c) if c < _DELETE else "\\x%02x" % c for c in data])


def fits(values, kinds):
    """Return whether the first of `values` are of `kinds`: "n" a number, "t" a text, "." anything; more may follow."""
    if len(values) < len(kinds):
        return False
    for n in range(len(kinds)):
        if kinds[n] != "." and not isinstance(values[n], int if kinds[n] == "n" else str):
            return False
    return True


def fields(lines, kinds, command):
    """Return the fields of the last of `lines` as `split` does. ProtocolError where they are not of `kinds`, or there is no line.

    `command`: for the message (bytes, without AT).
    """
    from ..errors import ProtocolError

    values = split(lines[-1]) if lines else ()
    if not fits(values, kinds):
        shown = text(lines[-1]) if lines else "nothing"
        raise ProtocolError("unexpected answer: %s" % shown, command="AT" + command.decode())
    return values
