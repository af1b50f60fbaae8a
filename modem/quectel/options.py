"""AT+QICFG: the options of the TCP/IP stack ("EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.4.1)."""

from ..at.params import number, plain, split

# option -> (name, lowest, highest) of each value
_OPTIONS = {
    "transpktsize": (("size in bytes", 1, 1460),),
    "transwaittm": (("time in 100 ms", 0, 20),),
    "tcp/accept": (("accept", 0, 1),),
    "tcp/keepalive": (("enable", 0, 1), ("idle time in s", 1, 1800), ("interval in s", 25, 100), ("probes", 3, 10)),
    "tcp/retranscfg": (("count", 3, 12), ("period in s", 1, 60)),
    "send/auto": (("connection id", 0, 11), ("period in s", 0, 65535), ("message", None, 400), ("first send", 0, 1)),
    "qisend/timeout": (("time-out in s", 0, 120),),
    "tcp/delay_ack": (("delayed acknowledgements", 0, 1),),
    "dns/cache": (("cache", 0, 1),),
    "tcp/twrecycle": (("time in ms", 2, 60000),),
    "dns/retry": (("count", 1, 4), ("time-out in ms", 100, 2000)),
}

# options that belong to the driver, and why
_PINNED = {
    "dataformat": "payload would travel as hex digits",
    "viewmode": "payload would follow its header without a line break, so that a block could not be told from a long line",
    "udp/sendmode": "datagrams would lose their boundaries",
    "udp/readmode": "datagrams would lose their boundaries",
    "passiveclosed": "a connection id would be free for another connection before the driver knows",
    "close/mode": "the end of a close would look like a close by the peer",
    "recvind": "the URC for data would look like pushed data",
    "formatcfg": "the prompt for payload would look different",
}


def _refusal(option):
    return ValueError("option %s belongs to the driver: otherwise %s" % (option, _PINNED[option]))


def encode(option, values):
    """Return the parameters of the set form; ValueError or TypeError for what the document does not allow."""
    fields = _OPTIONS[option]
    if len(values) != len(fields):
        raise ValueError("%s takes %d value(s): %s" % (option, len(fields), ", ".join([f[0] for f in fields])))
    out = []
    for i in range(len(fields)):
        name, low, high = fields[i]
        name = option + ": " + name
        if low is None:
            out.append(b'"' + _hex(name, values[i], high) + b'"')
        else:
            out.append(b"%d" % number(name, values[i], low, high))
    if option == "send/auto" and 0 < values[1] < 20:
        raise ValueError("send/auto: period in s must be 0 or 20 to 65535")
    return b",".join(out)


def _hex(name, value, most):
    value = plain(name, value, most)
    for c in value:
        if chr(c) not in "0123456789abcdefABCDEF":
            raise ValueError(name + " must be hex digits")
    if len(value) % 2:
        raise ValueError(name + " must be an even number of hex digits")
    return value


async def configure(m, option, values):
    """See Modem.configure."""
    name = option.lower() if isinstance(option, str) else option
    if name in _PINNED and values:
        raise _refusal(name)
    if name not in _OPTIONS and name not in _PINNED:
        raise ValueError("unknown option %s; known are: %s" % (option, ", ".join(sorted(_OPTIONS))))
    command = b'+QICFG="%s"' % name.encode()
    if name == "send/auto" and len(values) == 1:  # one connection's setting
        return await _read(m, command + b",%d" % number("connection id", values[0], 0, 11))
    if not values:
        return await _read(m, command)
    await m.cmd(command + b"," + encode(name, values), b"+QICFG:", explain=True)
    if name == "qisend/timeout":
        m.dialect.input_timeout_ms = values[0] * 1000
    return None


async def _read(m, command):
    """Return the values that the module has for an option, as a tuple; an answer in brackets is read too."""
    lines = await m.cmd(command, b"+QICFG:", explain=True, bare=True)
    out = []
    for line in lines:
        if line[:1] == b"[":
            line = line[1:].rstrip(b"]")
        out.append(tuple(split(line)[1:]))
    return out[0] if len(out) == 1 else out
