"""What start() sets on a SIMCom module, so that the driver can read its lines, and what it clears away."""

from ..at.params import digits, split
from ..at.questions import joined, sure
from ..net.link import BUFFER
from .result_command import LOCAL_MS

# not saved (AT manual): "+CIPSEND" when the stack has the data; both push headers on
PINS = b"+CSCLK=0 +CIPSENDMODE=0 +CIPHEAD=1 +CIPSRIP=1"
_NO_ECHO = b'+CIPCFG="DATAECHO",OFF'  # of the payload; later firmware only
_BUFFERED = b"+CIPRXGET=1"
# 10 retries, no delay, numeric errors, header type 1 (+RECEIVE,<link>,<len>), 500 ms
_CONFIG = b"+CIPCCFG=10,0,0,0,1,0,500"
_ONE_A_READ = b",1"  # one datagram a read; older firmware lacks this value
_SHOWN = b"+CIPCCFG?"
_MODES = (b"+NETOPEN?", b"+CIPMODE?")
_SESSIONS = b"+CCHOPEN?"  # of TLS; refused while that service does not run
_OPEN = b"+NETOPEN: 1"
_TRANSPARENT = b"+CIPMODE: 1"
# 27.005: texts are stored and announced; where they are shown, in hexadecimal digits. Refused while the SIM card is not ready:
# sms.py sets it again
_MESSAGES = b"+CMGF=0;+CNMI=2,1,0,0,0"


async def pin(m, deadline):
    """Set the options, in one command line where the firmware takes it; have pushed data name its link and datagrams kept apart,
    where the firmware can.

    Returns the marks: see Dialect.part. The module's own configuration has another header type than the driver's.
    """
    dialect = m.dialect
    pins = PINS.split()
    if not [link for link in m.links if link is not None]:
        pins.append(_BUFFERED)
        dialect.access = BUFFER
    last = b";".join((_MESSAGES, _SHOWN, _NO_ECHO))
    lines = await joined(m, pins + [_CONFIG + _ONE_A_READ, _SHOWN], b"+CIPCCFG:", deadline, last=last)
    dialect.link_headers = bool(lines)
    if lines and len(lines) == 1:  # that about messages was refused
        await sure(m, m.attempt, deadline, _NO_ECHO)
    if not lines:
        for line in pins + [_MESSAGES, _NO_ECHO]:
            await sure(m, m.attempt, deadline, line)
        for line in (_CONFIG + _ONE_A_READ, _CONFIG):
            if await sure(m, m.attempt, deadline, line) is not None:
                dialect.link_headers = True
                lines = await sure(m, m.attempt, deadline, _SHOWN, b"+CIPCCFG:")
                break
    if m.rate is not None:
        # the module found the rate by itself so far: it shall keep it (TCP-S, flow charts). That writes to its flash, so once.
        shown = await sure(m, m.attempt, deadline, b"+IPR?", b"+IPR:") or (b"",)
        if digits(shown[-1], 5, len(shown[-1])) != m.rate:
            await m.attempt(b"+IPR=%d&W" % m.rate, None, LOCAL_MS, deadline)
    return [(_SHOWN, b"+CIPCCFG:", lines[-1])] if lines else []


async def close_leftovers(m, deadline):
    """Where connections are open, or the line may become transparent: close the network service, and with it all its links and
    servers. The same for the TLS service.
    """
    lines = await joined(m, _MODES, b"+", deadline, last=_SESSIONS) or ()
    if _OPEN in lines:
        used = () if _TRANSPARENT in lines else await joined(m, (b"+CIPCLOSE?", b"+SERVERSTART?"), b"+", deadline)
        if used is None or len(used) != 1 or 1 in split(used[0]):
            from .pdp import close_service

            await close_service(m, deadline)
    for line in lines:
        values = split(line)
        if line.startswith(b"+CCHOPEN:") and len(values) > 1 and values[1]:
            await m.dialect.sessions().stop(deadline)
            break
