"""Finding the module, in whatever state an earlier program has left it, and learning who it is: what `Modem.start()` does.

The line may carry anything when a program starts: a transparent connection, a prompt that waits for payload, data that a module
pushes, answers to commands of an earlier program, boot lines, another baud rate, a module that sleeps or is switched off.
"""

from .at.command import Command
from .at.params import text
from .at.recovery import joined, sure
from .compat import const
from .errors import CommandError, LineBusy, ModemTimeout, NotSupported, ProtocolError
from .models import is_relative, known, vendor_of

_PROBE_MS = const(300)  # an idle module answers AT within some 10 ms; one that is waking up needs a second try
_RATES = (115200, 921600, 460800, 230400, 57600, 38400, 19200, 9600)
_GUARD_MS = const(1100)  # silence around +++: more than the second that the documents ask for
_ESCAPED_MS = const(1500)  # the answer to +++ comes within this time
_DTR_MS = const(200)
_INPUT_MS = const(5500)  # a module that waits for payload gives up after 5 s of silence (TCP-E 2.4.1; QFUPL: the same default)
_SLOW_MS = const(1000)  # pause between probes once everything has been tried
_ESCAPE = b"+++"
# ESC ends the text of a message without sending it (27.005, 3.5.1), Ctrl-Z other data of no fixed length; line ends fill up counted
# data of a module that waits for them for ever
_CANCEL = b"\x1b\x1a" + b"\r" * 2048
_RETRIES = const(5)


async def start(m, timeout_ms, rates):
    """See `Modem.start`."""
    m.started = False
    deadline = m.deadline(timeout_ms)
    while True:
        heard = await _find(m, deadline, rates)
        boots = m.boots
        try:
            await _set_up(m, deadline, heard)
        except (CommandError, ModemTimeout, ProtocolError):
            if m.boots == boots or not m.left_ms(deadline):
                raise
        if m.boots == boots:
            break  # else the module has restarted meanwhile: its settings are gone
    m.started = True


async def _set_up(m, deadline, noisy):
    await sure(m, m.cmd, deadline, b"E0")
    await sure(m, m.cmd, deadline, b"+CMEE=1")
    lines = await sure(m, m.cmd, deadline, b"+CMEE?", b"+CMEE:")
    if noisy:
        await _quieten(m, deadline)
    await _identify(m, deadline)
    model = m.wanted or known(m.identity["model"])
    m.use_model(model)
    if is_relative(model, m.identity["model"]):
        m.engine.event("driven as", model.name)
    told = m.identity["manufacturer"] + " " + m.identity["model"]
    if vendor_of(told.lower()) not in (None, m.dialect.vendor):
        raise NotSupported("the module is no %s: it reports %s" % (m.dialect.model, told))
    if m.port.flow_control:
        await m.attempt(b"+IFC=2,2", deadline=deadline)  # V.250, 6.2.12: RTS/CTS on the module's side too
    marks = await m.dialect.pin(deadline)
    m.marks = [(b"+CMEE?", b"+CMEE:", lines[-1])] + marks if lines else None
    if not [link for link in m.links if link is not None]:
        await m.dialect.close_leftovers(deadline)


# --- finding it


async def _find(m, deadline, rates):
    """Send AT until it is answered; with several rates, at each in turn. Returns whether other data came, too.

    A module that does not answer may be in transparent mode or wait for payload: it gets what ends these states, in pauses in
    which nothing is typed. An OK may be the late answer to a command of an earlier program, so the line is resynchronised then:
    that asks until an unmistakable answer comes.
    """
    engine = m.engine
    tried = _RATES if rates is True else rates or m.rates or (None,)
    rounds = -1 if len(tried) > 1 else 0  # first all rates, without pauses
    before = _noise(m)
    while True:
        for rate in tried:
            if rate is not None:
                m.port.set_baudrate(rate)
            engine.parser.reset()
            for _ in range(2):  # the first may follow what has been typed into something else
                if await _answers(m, deadline) and await _in_sync(m, deadline):
                    m.rate = rate if rates else None
                    return _noise(m) != before
            if m.left_ms(deadline) == 0:
                raise _silent(m, rates, before)
            if m.power is not None and (rounds > 0 or m.power.is_on() is False) and m.power.may_press(m.port.ticks_ms()):
                await m.power.switch_on(m)
            elif rounds >= 0:
                await _free(m, rounds, deadline)
        rounds += 1


async def _free(m, rounds, deadline):
    """End a state in which the module takes what it gets for data: transparent mode, then a prompt; later on just wait."""
    step = rounds % 4
    if step == 0:
        await _escape(m, deadline)
    elif step == 1:
        await m.pause(_INPUT_MS, deadline)
        m.engine.write(_CANCEL, 0, len(_CANCEL))
    else:
        await m.pause(_SLOW_MS, deadline)


async def _escape(m, deadline):
    """Leave transparent mode: by DTR where the port has it, then by +++ between two silences."""
    try:
        m.port.dtr(False)
        await m.pause(_DTR_MS, deadline)
        m.port.dtr(True)
    except OSError:
        pass  # no such line
    await m.pause(_GUARD_MS, deadline)
    if m.left_ms(deadline):
        m.engine.write(_ESCAPE, 0, len(_ESCAPE))
        await m.pause(_ESCAPED_MS, deadline)


def _noise(m):
    """Return how many pieces of what came are no lines of a module: data of a connection, or of another baud rate."""
    return m.engine.suspects + m.engine.parser.overruns


def _silent(m, rates, before):
    if _noise(m) != before:
        hint = "data come, but no answer: another baud rate (start(rates=True) tries the usual ones), or a connection still sends"
    elif rates:
        hint = "check power and wiring, and that RX and TX are crossed"
    else:
        hint = "check power, wiring and baud rate; start(rates=True) tries the usual rates"
    return ModemTimeout("no module answers AT: " + hint)


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


async def _in_sync(m, deadline):
    ticket = Command(b"AT\r")
    m.engine.desync = True
    try:
        await m.acquire(ticket, deadline)
    except (LineBusy, ModemTimeout):
        m.engine.desync = False
        return False
    finally:
        m.release(ticket)
    return True


# --- learning who it is


async def _quieten(m, deadline):
    """Data came that nobody has asked for: end the connections of an earlier program, by whichever vendor's command works."""
    for line in (b"+QIDEACT=1", b"+NETCLOSE", b"+CCHSTOP"):
        await sure(m, m.attempt, deadline, line)


async def _identify(m, deadline):
    """Read manufacturer, model, revision and IMEI into `m.identity`; asked again where data came in between."""
    for _ in range(_RETRIES):
        before = _noise(m)
        await _ask_identity(m, deadline)
        if _noise(m) == before:
            return
    raise ProtocolError("data keep coming: the module's answers cannot be told from them")


_QUESTIONS = (b"+CGMI", b"+CGMM", b"+CGMR", b"+CGSN")


async def _ask_identity(m, deadline):
    found = m.identity
    values = await joined(m, _QUESTIONS, b"+CGM", deadline, True)
    if values is None:
        values = []
        for line in _QUESTIONS:
            run = m.attempt if line == b"+CGSN" else m.cmd  # the IMEI may come later: config("imei") asks again
            lines = await sure(m, run, deadline, line, line + b":", True)
            values.append(lines[0] if lines else b"")
    for name, value in zip(("manufacturer", "model", "revision", "imei"), values):
        value = text(value)
        if ":" in value[:12]:
            value = value[value.find(":") + 1 :]
        found[name] = value.strip(' "')
