"""What start() sets on a Quectel module, so that the driver can read its lines."""

from ..at.params import split
from ..at.questions import joined, sure
from ..compat import const

# Options that change the wire format, set to what the driver reads. None of them is saved (TCP-E 2.4.1); a firmware
# that lacks one answers ERROR and keeps the only format it has.
# One string, to be split: ten small ones take three times the memory.
PINS = (
    b"+QISDE=0 "
    b"+QSCLK=0 "
    b'+QICFG="viewmode",0 '
    b'+QICFG="dataformat",0,0 '
    b'+QICFG="recvind",0 '
    b'+QICFG="close/mode",0 '
    b'+QICFG="formatcfg",0 '
    b'+QICFG="passiveclosed",0 '
    b'+QICFG="udp/readmode",0 '
    b'+QICFG="udp/sendmode",0'
)
_STATE_MS = const(5000)
_CLOSE_MS = const(12000)  # TCP-E 2.4.8: 10 s, and the way over the line
_MESSAGES = b"+CMGF=0;+CNMI=2,1,0,0,0"  # 27.005: texts are stored and announced; where they are shown, in hexadecimal digits
_ECHO = b"+QISDE?"
_URC_PORT = b'+QURCCFG="urcport"'


async def pin(m, deadline):
    """Set the options, in one command line where the firmware takes it; have URCs come on this port; see whether payload is
    echoed.

    Returns the marks: see Dialect.part.
    """
    pins = PINS.split()
    # the last is refused while the SIM card is not ready: sms.py sets it again
    lines = await joined(m, pins + [_ECHO, _URC_PORT], b"+Q", deadline, last=_MESSAGES)
    if lines is None:
        for line in pins + [_MESSAGES]:
            await sure(m, m.attempt, deadline, line)
        lines = []
        for line in (_ECHO, _URC_PORT):
            lines += await sure(m, m.attempt, deadline, line, b"+Q") or []
    echo = [line for line in lines if line.startswith(b"+QISDE:")]
    await _urcs_here(m, [split(line)[-1] for line in lines if line.startswith(b"+QURCCFG:")], deadline)
    m.dialect.found_at = m.port.ticks_ms()
    m.engine.echo_payload = bool(echo) and split(echo[-1])[0] == 1
    return [(_ECHO, b"+QISDE:", echo[-1])] if echo else []


async def _urcs_here(m, ports, deadline):
    """URCs must come on the port that the driver uses, which may be the UART or a USB port of the module: "all" where it is
    known."""
    if ports and ports[-1] not in ("uart1", "all"):
        for port in (b"all", b"uart1"):
            if await sure(m, m.attempt, deadline, _URC_PORT + b',"%s"' % port) is not None:
                return


async def close_leftovers(m, deadline):
    """Close what the module lists as open."""
    for name, close in ((b"+QISTATE", b"+QICLOSE"), (b"+QSSLSTATE", b"+QSSLCLOSE"))[: 2 if m.dialect.tls else 1]:
        for line in await m.attempt(name, name + b":", _STATE_MS, deadline) or ():
            values = split(line)
            if values and isinstance(values[0], int):
                await m.attempt(close + b"=%d" % values[0], None, _CLOSE_MS, deadline)
