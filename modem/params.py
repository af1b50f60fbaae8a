"""AT parameters as text: checked and quoted going out, split and converted coming in. See late.py.

Going out, a text that could end the parameter or the command line early (quote, control characters) is a ValueError that
names the parameter, before a byte is sent. Coming in, everything stays bytes until a named field is wanted as text.
"""


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
        if c == 34 or c < 32 or c == 127:
            raise ValueError("%s must not contain a quote or a control character" % name)
    if len(value) > limit:
        raise ValueError("%s is longer than %d bytes" % (name, limit))
    return bytes(value)


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
        while i < n and line[i] == 32:
            i += 1
        if i < n and line[i] == 34:
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
        return "".join([chr(c) if c < 127 else "\\x%02x" % c for c in data])
