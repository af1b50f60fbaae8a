"""Power saving by the network: PSM (AT+CPSMS) and eDRX (AT+CEDRXS). 3GPP TS 27.007, 7.38 and 7.40."""

from .at.params import fits, number, split
from .compat import const
from .errors import ProtocolError

_LIMIT_MS = const(9000)
_MOST_STEPS = const(31)  # five bits of a timer
# (seconds of a step, the three bits that say so), the shortest first
_ACTIVE = ((2, 0), (60, 1), (360, 2))  # T3324: 3GPP TS 24.008, 10.5.7.3
_PERIODIC = ((2, 3), (30, 4), (60, 5), (600, 0), (3600, 1), (36000, 2), (1152000, 6))  # T3412 extended: 10.5.7.4a
_OFF = const(7)
# eDRX cycles in units of 5.12 s, by the four bits that say so: 24.008, 10.5.5.32
_CYCLES = (1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 64, 128, 256, 512, 1024, 2048)
_CYCLES_OF_NB_IOT = (2, 3, 5, 9, 10, 11, 12, 13, 14, 15)
_CYCLE_S = 5.12
_LTE = const(4)  # <AcT-type>
_NB_IOT = const(5)


async def psm(m, enable, active_s, period_s):
    """See Modem.psm."""
    number("active_s", active_s, 0, _ACTIVE[-1][0] * _MOST_STEPS)
    number("period_s", period_s, 0, _PERIODIC[-1][0] * _MOST_STEPS)
    m.known()
    if enable is None:
        values = split(await _answer(m, b"+CPSMS?", b"+CPSMS:"))
        timers = [str(value or "") for value in values[3:5]]
        if values[0] not in (0, 1):
            raise ProtocolError("unexpected answer", command="AT+CPSMS?")
        if len(timers) < 2:
            return bool(values[0]), 0, 0
        return bool(values[0]), _seconds(timers[1], _ACTIVE), _seconds(timers[0], _PERIODIC)
    if not enable:
        await m.cmd(b"+CPSMS=0", limit_ms=_LIMIT_MS)
        return False, 0, 0
    active, periodic = _timer(active_s, _ACTIVE), _timer(period_s, _PERIODIC)
    await m.cmd(b'+CPSMS=1,,,"%s","%s"' % (periodic.encode(), active.encode()), limit_ms=_LIMIT_MS)
    return True, _seconds(active, _ACTIVE), _seconds(periodic, _PERIODIC)


async def _answer(m, command, prefix):
    lines = await m.cmd(command, prefix, _LIMIT_MS)
    if not lines:
        raise ProtocolError("OK without a value", command="AT" + command.decode())
    return lines[-1]


def _timer(seconds, units):
    """Return the eight bits of the shortest time that is not shorter than `seconds`."""
    for step, bits in units:
        steps = -(-seconds // step)
        if steps <= _MOST_STEPS:
            return _bits(bits, 3) + _bits(steps, 5)
    raise ValueError("no such time")


def _bits(value, n):
    return "".join(["01"[value >> at & 1] for at in range(n - 1, -1, -1)])


def _seconds(text, units):
    """Return the seconds of a timer's eight bits; 0 where they say that it is off, or nothing."""
    bits = _number(text, 8)
    for step, unit in units:
        if bits >> 5 == unit:
            return step * (bits & _MOST_STEPS)
    return 0


def _number(text, n):
    """Return the number of `n` binary digits; all ones where `text` is something else. A firmware may leave out the quotes."""
    text = "0" * (n - len(text)) + text
    return (1 << n) - 1 if len(text) != n or text.strip("01") else int(text, 2)


async def edrx(m, cycle_s, nb_iot):
    """See Modem.edrx."""
    kind = _NB_IOT if nb_iot else _LTE
    m.known()
    if cycle_s is None:
        for line in await m.cmd(b"+CEDRXS?", b"+CEDRXS:", _LIMIT_MS):
            values = split(line)
            if fits(values, "nnt"):  # EC200 series: the mode comes first
                values = values[1:]
            if values[0] == kind and len(values) > 1:
                return _CYCLE_S * _CYCLES[_number(str(values[1]), 4)]
        return 0
    if not cycle_s:
        await m.cmd(b"+CEDRXS=0,%d" % kind, limit_ms=_LIMIT_MS)
        return 0
    fitting = [n for n in (_CYCLES_OF_NB_IOT if nb_iot else range(len(_CYCLES))) if _CYCLES[n] * _CYCLE_S <= cycle_s]
    if not fitting:
        raise ValueError("cycle_s must be 0, or at least the shortest cycle: %s s" % (_CYCLE_S * (2 if nb_iot else 1)))
    await m.cmd(b'+CEDRXS=1,%d,"%s"' % (kind, _bits(fitting[-1], 4).encode()), limit_ms=_LIMIT_MS)
    return _CYCLE_S * _CYCLES[fitting[-1]]
