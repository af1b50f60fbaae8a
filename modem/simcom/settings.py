"""What start() sets on a SIMCom module, so that the driver can read its lines."""

from ..at.recovery import sure
from .result_command import LOCAL_MS

# not saved (AT manual): "+CIPSEND" when the stack has the data; both push headers on; no echo of the payload
PINS = b'+CSCLK=0 +CIPSENDMODE=0 +CIPHEAD=1 +CIPSRIP=1 +CIPCFG="DATAECHO",OFF'

_MESSAGES = b"+CMGF=0;+CNMI=2,1,0,0,0"  # 27.005: texts are stored and announced; where they are shown, in hexadecimal digits


async def pin(m, deadline):
    """Set the options; have pushed data name its link and datagrams kept apart, where the firmware can. Returns no marks.

    AT+CIPCCFG: 10 retries, no delay, numeric errors, header type 1 (+RECEIVE,<link>,<len>), 500 ms, one datagram per read. Older
    firmware lacks the last value, or the command.
    """
    for line in PINS.split():
        await sure(m, m.attempt, deadline, line)
    await sure(m, m.attempt, deadline, _MESSAGES)  # refused while the SIM card is not ready: sms.py sets it again
    m.dialect.link_headers = False
    for tail in (b",1", b""):
        if await sure(m, m.attempt, deadline, b"+CIPCCFG=10,0,0,0,1,0,500" + tail) is not None:
            m.dialect.link_headers = True
            break
    if m.rate is not None:  # the module found the rate by itself so far: it shall keep it (TCP-S, flow charts)
        await m.attempt(b"+IPR=%d&W" % m.rate, None, LOCAL_MS, deadline)
    return []


async def close_leftovers(m, deadline):
    """Close what the module lists as open."""
    from .pdp import close_links

    await close_links(m, deadline)
