"""Finding the module and learning who it is: what `Modem.start()` does."""

from .at.params import text
from .at.recovery import sure
from .compat import const
from .errors import CommandError, ModemTimeout, NotSupported
from .models import known, vendor_of

_PROBE_MS = const(300)  # an idle module answers AT within some 10 ms; one that is waking up needs a second try
_RATES = (115200, 921600, 460800, 230400, 57600, 38400, 19200, 9600)


async def start(m, timeout_ms, rates):
    """See `Modem.start`."""
    m.started = False
    deadline = m.deadline(timeout_ms)
    await _find(m, deadline, rates)
    await sure(m, m.cmd, deadline, b"E0")
    await sure(m, m.cmd, deadline, b"+CMEE=1")
    lines = await sure(m, m.cmd, deadline, b"+CMEE?", b"+CMEE:")
    await identify(m, deadline)
    model = m.wanted or known(m.identity["model"])
    m.use_model(model)
    told = m.identity["manufacturer"] + " " + m.identity["model"]
    if vendor_of(told.lower()) not in (None, m.dialect.vendor):
        raise NotSupported("the module is no %s: it reports %s" % (m.dialect.model, told))
    if m.port.flow_control:
        await m.attempt(b"+IFC=2,2", deadline=deadline)  # V.250, 6.2.12: RTS/CTS on the module's side too
    marks = await m.dialect.pin(deadline)
    m.marks = [(b"+CMEE?", b"+CMEE:", lines[-1])] + marks if lines else None
    m.started = True


async def _find(m, deadline, rates):
    """Send AT until it is answered twice in a row; with several rates, at each in turn.

    A module that was busy answers all of them at last: answers still outstanding are consumed before the next command.
    """
    owed = False
    tried = _RATES if rates is True else rates or m.rates or (None,)
    engine = m.engine
    while True:
        for rate in tried:
            if rate is not None:
                m.port.set_baudrate(rate)
            engine.parser.reset()
            for _ in range(2 if rate else 1):
                if await _answers(m, deadline) and await _answers(m, deadline):
                    m.rate = rate if rates else None
                    engine.desync = owed
                    return
                owed = True
            if m.left_ms(deadline) == 0:
                raise ModemTimeout("no module answers AT: check power, wiring and baud rate")


async def _answers(m, deadline):
    engine = m.engine
    engine.desync = False
    try:
        await m.cmd(b"", limit_ms=_PROBE_MS, deadline=deadline)
        return True
    except CommandError:
        return False
    except ModemTimeout:
        if engine.command is not None:  # the caller's deadline came before the probe's own
            m.abort()
        return False
    finally:
        engine.desync = False


async def identify(m, deadline):
    """Read manufacturer, model, revision and IMEI into `m.identity`."""
    found = m.identity
    for name, line in (("manufacturer", b"+CGMI"), ("model", b"+CGMM"), ("revision", b"+CGMR"), ("imei", b"+CGSN")):
        lines = await sure(m, m.cmd, deadline, line, line + b":", True)
        value = text(lines[0]) if lines else ""
        if ":" in value[:12]:
            value = value[value.find(":") + 1 :]
        found[name] = value.strip(' "')
