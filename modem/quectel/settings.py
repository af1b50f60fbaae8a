"""What start() sets on a Quectel module, so that the driver can read its lines."""

from ..at.params import split
from ..at.recovery import sure

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
    b'+QICFG="udp/sendmode",0 '
    b'+QURCCFG="urcport","uart1"'
)


async def pin(m, deadline):
    """Set the options; find out whether the payload is echoed after the prompt (firmware without AT+QISDE=0)."""
    for line in PINS.split():
        await sure(m, m.attempt, deadline, line)
    lines = await sure(m, m.attempt, deadline, b"+QISDE?", b"+QISDE:")
    m.dialect.found_at = m.port.ticks_ms()
    m.engine.echo_payload = bool(lines) and split(lines[-1])[0] == 1
    return [(b"+QISDE?", b"+QISDE:", lines[-1])] if lines else []
