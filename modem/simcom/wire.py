"""What start() sets on a SIMCom module, so that the driver can read what it says. See late.py."""

from ..startup import sure

# not saved (AT manual): "+CIPSEND" when the stack has the data; both push headers on; no echo of the payload
PINS = b'+CSCLK=0 +CIPSENDMODE=0 +CIPHEAD=1 +CIPSRIP=1 +CIPCFG="DATAECHO",OFF'


async def pin(m, deadline):
    """Set the options; have pushed data name its link and datagrams kept apart, where the firmware can.

    AT+CIPCCFG: 10 retries, no delay, numeric errors, header type 1 (+RECEIVE,<link>,<len>), 500 ms, one datagram per read. An
    older firmware lacks the last value, or the command.
    """
    for line in PINS.split():
        await sure(m, m._try, deadline, line)
    m.dialect.link_headers = False
    for tail in (b",1", b""):
        if await sure(m, m._try, deadline, b"+CIPCCFG=10,0,0,0,1,0,500" + tail) is not None:
            m.dialect.link_headers = True
            break
    if m._rate is not None:  # the module found the rate by itself so far: it shall keep it (TCP-S, flow charts)
        await m._try(b"+IPR=%d&W" % m._rate, None, 9000, deadline)
