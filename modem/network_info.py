"""What the module reports about its network: operator, technology, cell, signal; the search for networks. 3GPP TS 27.007.

What only a vendor's commands report is in cell.py of its package.
"""

from .at.command import PENDING, Command
from .at.params import fits, split
from .compat import const, ticks_diff
from .errors import ModemTimeout, ProtocolError

_NAMES = ("operator", "technology", "band", "cell", "rsrp", "rsrq", "sinr")
# <AcT> of 27.007, 7.3; 8 and 9 as modules for LTE-M and NB-IoT use them
_TECHNOLOGIES = (
    "GSM", "GSM", "UMTS", "EDGE", "HSPA", "HSPA", "HSPA", "LTE", "LTE-M", "NB-IoT", "LTE", "5G", "5G", "5G",
)  # fmt: skip
_STATES = ("unknown", "available", "current", "forbidden")
_LIMIT_MS = const(45000)  # of questions about the network; A76XX documents the longest
_SCAN_LIMIT_MS = const(180000)
_LONGEST = const(2048)  # bytes of the answer to a search: some 50 networks
_SECOND_MS = const(1000)
_SCAN = "AT+COPS=?"

# AT+CESQ (27.007, 8.69): <rxlev>,<ber>,<rscp>,<ecno>,<rsrq>,<rsrp>; values: 3GPP TS 36.133, 9.1.4 and 9.1.7
_RSRQ_FIELD = const(4)
_RSRP_FIELD = const(5)
_MOST_RSRQ = const(34)
_MOST_RSRP = const(97)
_QUOTE = const(34)
_OPEN = const(40)
_CLOSE = const(41)


async def status(m, name):
    """See Modem.status."""
    if name not in _NAMES:
        raise ValueError("name must be None or one of registration, rssi, %s" % ", ".join(_NAMES))
    m.known()
    if name in ("operator", "technology"):
        return await _operator(m, name)
    found = await _extended(m, name) if name in ("rsrp", "rsrq") else None
    return await m.part("cell").status(m, name) if found is None else found


async def _operator(m, name):
    """AT+COPS? with long names: <mode>[,<format>,<oper>[,<AcT>]]."""
    lines = await m.attempt(b"+COPS=3,0;+COPS?", b"+COPS:", _LIMIT_MS)
    if not lines:
        lines = await m.attempt(b"+COPS?", b"+COPS:", _LIMIT_MS)
    values = split(lines[-1]) if lines else ()
    if name == "operator":
        return str(values[2]).strip() or None if len(values) > 2 and values[2] is not None else None
    return technology(values[3]) if fits(values, "...n") else None


def technology(act):
    """Return the name of an <AcT>, None for an unknown one."""
    return _TECHNOLOGIES[act] if 0 <= act < len(_TECHNOLOGIES) else None


async def _extended(m, name):
    """RSRP or RSRQ by AT+CESQ: the lower end of the step that the module reports. None: not known."""
    lines = await m.attempt(b"+CESQ", b"+CESQ:", _LIMIT_MS)
    values = split(lines[-1]) if lines else ()
    return level(name, values[_RSRP_FIELD if name == "rsrp" else _RSRQ_FIELD]) if fits(values, "nnnnnn") else None


def level(name, step):
    """Return dBm or dB of a 3GPP step of RSRP (-140 to -44 dBm) or RSRQ (-20 to -3 dB), None for what is none."""
    if name == "rsrp":
        return step - 141 if 0 <= step <= _MOST_RSRP else None
    return (step - 40) / 2 if 0 <= step <= _MOST_RSRQ else None


# --- the search


class _Search(Command):
    """AT+COPS=?: one line that may be longer than any other."""

    def __init__(self, parser, limit_ms):
        super().__init__(_SCAN.encode() + b"\r", b"+COPS:", limit_ms)
        self._parser = parser
        self._cap = 0

    def on_begin(self):
        self._cap = self._parser.take_lines_of(_LONGEST)

    def on_done(self):
        self._parser.take_lines_of(self._cap)


async def scan(m, progress, timeout_ms):
    """See Modem.scan."""
    if progress is not None and not callable(progress):
        raise TypeError("progress must be callable, or None")
    m.known()
    deadline = m.deadline(timeout_ms)
    command = _Search(m.engine.parser, max(timeout_ms, _SCAN_LIMIT_MS))
    try:
        await m.acquire(command, deadline)
        m.engine.begin(command)
        begun = m.port.ticks_ms()
        while command.result == PENDING:
            if not await m.turn(m.earlier(deadline, _SECOND_MS)) and command.result == PENDING:
                if not m.left_ms(deadline):
                    raise ModemTimeout("no answer yet", command=_SCAN)
                if progress is not None:
                    progress(ticks_diff(m.port.ticks_ms(), begun) // _SECOND_MS)
        await m.judge(command)
    finally:
        m.release(command)
    if not command.lines or command.dropped:
        raise ProtocolError("no list of networks, or too long a one", command=_SCAN)
    return [_network(values) for line in command.lines for values in _groups(line) if fits(values, "n..t")]


def _network(values):
    name = values[1] or values[2] or values[3]
    known = technology(values[4]) if fits(values, "n..tn") else None
    state = _STATES[values[0]] if 0 <= values[0] < len(_STATES) else _STATES[0]
    return str(name), values[3], known or "", state


def _groups(line):
    """Yield the fields of each group in parentheses; parentheses in quotes are part of a name."""
    quoted = False
    start = None
    for at in range(len(line)):
        char = line[at]
        if char == _QUOTE:
            quoted = not quoted
        elif not quoted and char == _OPEN:
            start = at + 1
        elif not quoted and char == _CLOSE and start is not None:
            yield split(line[start:at])
            start = None
