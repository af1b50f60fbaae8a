"""modem.configure() on SIMCom modules: CIPSENDMODE, CIPTIMEOUT, CIPCCFG, CTCPKA, CIPHEAD, CIPSRIP; CIPCFG of later firmware.

TCP-S 2.1 names them; ranges are the public A76XX AT command manual's (1.09).
"""

from ..at.params import number, split
from ..at.recovery import refresh_marks
from .result_command import LOCAL_MS, Rows, one_field

_WAIT = b'+CIPCFG="transwaittm"'  # how long transparent mode collects bytes before it sends fewer than a packet

# option -> (command, commas in front of the value, (name, lowest, highest) of each value)
_OPTIONS = {
    "cipsendmode": (b"+CIPSENDMODE", 0, (("mode", 0, 1),)),
    "ciptimeout": (b"+CIPTIMEOUT", 0, (("netopen ms", 3000, 120000), ("cipopen ms", 3000, 120000), ("cipsend ms", 3000, 120000))),
    "ctcpka": (b"+CTCPKA", 0, (("enable", 0, 1), ("idle time in min", 1, 120), ("count", 1, 10), ("interval in min", 1, 100))),
    "cipccfg/nmretry": (b"+CIPCCFG", 0, (("retransmissions", 0, 10),)),
    "cipccfg/delaytm": (b"+CIPCCFG", 1, (("delay in ms", 0, 1000),)),
    "cipccfg/timeoutval": (b"+CIPCCFG", 6, (("retransmission time in ms", 500, 120000),)),
    "cipcfg/transwaittm": (_WAIT, 1, (("collecting time in ms", 5, 1000),)),
}
# options that belong to the driver, and why
_PINNED = {
    "ciphead": "pushed data would come without a length",
    "cipsrip": "datagrams would come without their sender",
    "cipccfg": "pushed data might not name its link: use cipccfg/nmretry, cipccfg/delaytm, cipccfg/timeoutval",
    "cipmode": 'the line would become transparent: choose access="transparent" when making the socket',
    "cipcfg/dataecho": "what is sent would come back in between",
    "ciprxget": "received data would come another way: choose the access mode when making the socket",
    "csocksetpn": "it is set by connect(ip=...)",
}


async def configure(m, option, values):
    """See Modem.configure."""
    name = option.lower() if isinstance(option, str) else option
    if name in _PINNED:
        if values:
            raise ValueError("option %s belongs to the driver: otherwise %s" % (option, _PINNED[name]))
        command = b'+CIPCFG="DATAECHO"' if "/" in name else b"+" + name.upper().encode()
        return await _read(m, command)
    if name not in _OPTIONS:
        raise ValueError("unknown option %s; known are: %s" % (option, ", ".join(sorted(_OPTIONS))))
    command, skip, fields = _OPTIONS[name]
    if not values:
        found = await _read(m, command)
        return found[skip : skip + 1] if skip or command == b"+CIPCCFG" else found
    if len(values) != len(fields):
        raise ValueError("%s takes %d value(s): %s" % (option, len(fields), ", ".join([f[0] for f in fields])))
    out = []
    for i in range(len(fields)):
        label, low, high = fields[i]
        out.append(b"%d" % number(option + ": " + label, values[i], low, high))
    command += (b"" if b"=" in command else b"=") + b"," * skip + b",".join(out)
    await m.cmd(command, limit_ms=LOCAL_MS)
    await refresh_marks(m, command)
    return None


async def _read(m, command):
    name, _, item = command.partition(b"=")
    if name == b"+CIPRXGET":  # URCs have the same prefix
        found = await Rows(name, one_field).read(m, None)
        return tuple(found[-1]) if found else ()
    lines = await m.cmd(name + b"?", name + b":", LOCAL_MS)
    lines = [line for line in lines if line[len(name) + 1 :].strip().startswith(item)]
    return tuple(split(lines[-1])) if lines else ()
