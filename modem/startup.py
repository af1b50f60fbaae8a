"""Finding the module, in whatever state an earlier program has left it, and learning who it is: what `Modem.start()` does.

The line may carry anything when a program starts: a transparent connection, a prompt that waits for payload, data that a module
pushes, answers to commands of an earlier program, boot lines, another baud rate, a module that sleeps or is switched off.
"""

from .at.params import number, text
from .at.questions import PROBES, answers, joined, sure
from .compat import const, rare
from .errors import CommandError, ModemTimeout, NotSupported, ProtocolError
from .models import is_relative, known, vendor_of

_SLOWEST, _FASTEST = 300, 4000000
_RATES = (115200, 921600, 460800, 230400, 57600, 38400, 19200, 9600)
_GUARD_MS = const(1100)  # silence around +++: more than the second that the documents ask for
_ESCAPED_MS = const(1500)  # the answer to +++ comes within this time
_DTR_MS = const(200)
_INPUT_MS = const(5500)  # a module that waits for payload gives up after 5 s of silence (TCP-E 2.4.1; QFUPL: the same default)
_SLOW_MS = const(1000)  # pause between probes once everything has been tried
_FILL = const(2048)  # the longest block of most commands
_FILL_MS = const(200)  # at 115200 baud
_MANY = const(7)  # five steps with such a block: as much as the longest prompt of most wants (certificates of A76XX: 10 KiB)
_STEPS = const(14)
_ESCAPE = b"+++"
# ESC ends the text of a message without sending it (27.005, 3.5.1), Ctrl-Z other data of no fixed length
_CANCEL = b"\x1b\x1a"
# V.250, chapter 6.2: result codes are given, in words, with CR and LF. The LF ends the line where LF is its end
_BASICS = b"\nATQ0V1S3=13S4=10\r\n"
_MORE = const(16)
_RETRIES = const(5)


async def start(m, timeout_ms, rates):
    """See `Modem.start`."""
    if rates and rates is not True:
        rates = [number("rates", rate, _SLOWEST, _FASTEST) for rate in rates]
    m.started = False
    deadline = m.deadline(timeout_ms)
    noisy = False
    if m.engine.command is not None:
        m.abort()  # its answer may be minutes away, or was lost
    while True:
        noisy = await _find(m, deadline, rates) or noisy
        boots, noise = m.boots, _noise(m)
        try:
            await _set_up(m, deadline, noisy)
            if m.boots == boots and (noisy or _noise(m) == noise):
                break  # else the module has restarted and lost its settings, or data have perhaps looked like an answer
            noisy = noisy or _noise(m) != noise
        except (CommandError, ModemTimeout, ProtocolError):
            noisy = noisy or _noise(m) != noise  # the data may have looked like an answer
            if not m.left_ms(deadline) or (m.boots == boots and _noise(m) == noise):
                raise
    m.started = True


async def _set_up(m, deadline, noisy):
    lines = await joined(m, (b"E0+CMEE=1", b"+CMEE?"), b"+CMEE:", deadline)
    if not lines:
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
    marks = await m.part("settings").pin(m, deadline)
    m.marks = [(b"+CMEE?", b"+CMEE:", lines[-1])] + marks if lines else None
    if not [link for link in m.links if link is not None]:
        await m.part("settings").close_leftovers(m, deadline)


# --- finding it


async def _find(m, deadline, rates):
    """Send AT until it is answered; with several rates, at each in turn. Returns whether other data came, too.

    The OK may be that of an earlier command, of this program or the one before: a question follows whose answer is unmistakable.
    A module that does not answer may be in transparent mode or wait for payload: it gets what ends these states, in pauses in
    which nothing is typed.
    """
    tried = _RATES if rates is True else rates or m.rates or (None,)
    rounds = -1 if len(tried) > 1 else 0  # first all rates, without pauses
    before = _noise(m)
    probe = 0
    while True:
        for rate in tried:
            if rate is not None:
                m.port.set_baudrate(rate)
            m.engine.parser.reset()
            for _ in range(2):  # the first may follow what has been typed into something else
                if await answers(m, deadline):
                    if await answers(m, deadline, probe % len(PROBES)):
                        m.rate = rate if rates else None
                        return _noise(m) != before
                    probe += 1
            if m.left_ms(deadline) == 0:
                raise _silent(m, rates, before)
            if m.power is not None and (rounds > 0 or m.power.is_on() is False) and m.power.may_press(m.port.ticks_ms()):
                await m.power.switch_on(m)
            elif rounds >= 0:
                await _free(m, rounds, deadline)
        rounds += 1


@rare
async def _free(m, rounds, deadline):
    """End a state in which the module takes what it gets for data: transparent mode, then a prompt; later on just wait.

    A prompt ends by itself after some seconds, by ESC, or only by as many bytes as were announced: so line ends follow, which
    mean nothing to a module that takes commands; later on many of them, for the rest of a long upload.
    """
    step = rounds % _STEPS
    if step == 0:
        await _escape(m, deadline)
        m.engine.write(_BASICS, 0, len(_BASICS))
    elif step == 1:
        await m.pause(_INPUT_MS, deadline)
        m.engine.write(_CANCEL, 0, len(_CANCEL))
    else:
        for _ in range(1 if step < _MANY else _MORE):
            m.engine.write(b"\r" * _FILL, 0, _FILL)
            while await m.pause(_FILL_MS, deadline) and m.engine.unsent():
                pass
        await m.pause(_SLOW_MS, deadline)


@rare
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


@rare
def _silent(m, rates, before):
    if m.port.flow_control and not m.engine.written():
        hint = "nothing can be sent: CTS stays off. Is the module powered, and is its RTS wired to CTS?"
    elif _noise(m) != before:
        hint = "data come: another baud rate (start(rates=True) tries the usual ones), or a connection that still sends"
    elif rates:
        hint = "check power and wiring, and that RX and TX are crossed"
    else:
        hint = "check power, wiring and baud rate; start(rates=True) tries the usual rates"
    if m.power is None and not rates:
        hint += "; a module in transparent mode that does not hear +++, or in a long upload, needs DTR or a reset"
    return ModemTimeout("no module answers AT: " + hint)


# --- learning who it is


@rare
async def _quieten(m, deadline):
    """Data came that nobody has asked for: end the connections of an earlier program, by whichever vendor's command works."""
    for line in (b"+QIDEACT=1", b"+NETCLOSE", b"+CCHSTOP"):
        await sure(m, m.attempt, deadline, line)
    await answers(m, deadline, 1)  # what ended one of them may have been data


async def _identify(m, deadline):
    """Read manufacturer, model, revision and IMEI into `m.identity`; again where other lines came in between, until the answers
    are the same twice."""
    last = None
    for _ in range(_RETRIES):
        before = _noise(m)
        found, clean = await _ask_identity(m, deadline)
        if found == last or (clean and _noise(m) == before):
            m.identity.update(zip(("manufacturer", "model", "revision", "imei"), found))
            return
        last = found
    raise ProtocolError("data keep coming: the module's answers cannot be told from them")


_QUESTIONS = (b"+CGMI", b"+CGMM", b"+CGMR", b"+CGSN")


async def _ask_identity(m, deadline):
    """Return the answers as texts, and whether each was one line."""
    lines = await joined(m, _QUESTIONS, b"+CGM", deadline, True)
    clean = True
    if lines is None:
        lines = []
        for line in _QUESTIONS:
            run = m.attempt if line == b"+CGSN" else m.cmd  # the IMEI may come later: config("imei") asks again
            answer = await sure(m, run, deadline, line, line + b":", True) or (b"",)
            lines.append(answer[0])
            clean = clean and len(answer) == 1
    found = []
    for line in lines:
        value = text(line)
        if ":" in value[:12]:
            value = value[value.find(":") + 1 :]
        found.append(value.strip(' "'))
    return found, clean
