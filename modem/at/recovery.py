"""Error reasons, resynchronising after a lost answer, and how a restart of the module is noticed."""

from ..compat import age_ms, const
from ..errors import CommandError, ModemRestarted, ModemTimeout
from .command import DATA_CALL, ERROR, LOST, OK, RESTARTED
from .questions import PROBES, Probe
from .redact import redacted

_MARK_MS = const(5000)
_SILENCE_MS = const(300)  # late answers come one after the other
_MOST_SILENCE_MS = const(3000)
_MARGIN_MS = const(500)  # the module's time begins later, and its last word takes some
_FLUSH_MS = const(20)
_GUARD_MS = const(1100)  # silence around the escape sequence: more than the second that the documents ask for


async def resynchronise(session, deadline):
    """Send commands with unmistakable answers until one is answered; what came late before it is consumed.

    The caller holds the line. Raises ModemTimeout when none of them is answered. A module that has meanwhile lost what start()
    set has restarted: session.check_restart() finds out.
    """
    engine = session.engine
    if engine.unfed is not None:
        if not engine.unfed.has_data():
            await _end_data_phase(session, engine.unfed, deadline)
        engine.unfed = None
    echoes = engine.echoes
    for n in range(len(PROBES)):
        probe = await _probe(session, n, deadline)
        if probe.result == OK and engine.stale:  # perhaps it is no answer to this probe
            await _silence(session, deadline)
            probe = await _probe(session, n, deadline)
        if probe.result == OK:
            engine.stale = False
            engine.desync = False
            await session.check_restart(probe, engine.echoes != echoes, deadline)
            return
    engine.stale = True
    raise ModemTimeout("the module does not answer")


async def _end_data_phase(session, command, deadline):
    """`command` was given up, and the module may still wait for its data: have it listen to commands again.

    Most modules end the wait by themselves. Where one does not, what is typed next would become data of the connection. Before
    the prompt was seen, the right thing to type are the data: a module that does not wait for them ignores lines that are no
    commands. Afterwards some of them are lost on the line: line ends fill the gap, which a module that has all of them ignores,
    too.
    """
    if command.kind == DATA_CALL:
        await _escape(session, command, deadline)
        return
    timeout_ms = session.input_timeout_ms()
    if timeout_ms is not None:
        if not command.written:
            await _wait(session, timeout_ms + _MARGIN_MS, deadline)
        return
    if command.length and not command.open and not _holds_command(command.data):
        await _type(session, command.data + b"\r", 1, deadline)
        command.written = True
    else:
        command.padded = True
        command.written = False
        data, times = command.way_out()
        await _type(session, data, times, deadline)


async def _escape(session, command, deadline):
    """The line may be transparent: leave that mode by +++ between two silences. A module that listens to commands takes it for
    the beginning of a line, which is ended; twice, as the line may begin with an ATO whose end was lost.
    """
    engine = session.engine
    for text in (b"\r",) if command.padded else (b"+++", b"\r") * 2:
        await _wait(session, _GUARD_MS, deadline)
        engine.write(text, 0, len(text))
        engine.limit_at = session.port.ticks_ms()
        command.padded = True


async def _wait(session, ms, deadline):
    """Wait until `ms` have passed since a command was given up. ModemTimeout when `deadline` comes first."""
    ms -= age_ms(session.engine.limit_at, session.port.ticks_ms())
    if ms > 0 and not await session.pause(ms, deadline):
        raise ModemTimeout("the module may still take what is typed for data")


def _holds_command(data):
    data = data.upper()
    return data.find(b"AT") >= 0 or data.find(b"A/") >= 0


async def _type(session, data, times, deadline):
    for _ in range(times):
        session.engine.write(data, 0, len(data))
        while session.engine.unsent() and await session.pause(_FLUSH_MS, deadline):
            pass
    await session.pause(_SILENCE_MS, deadline)


async def _probe(session, n, deadline):
    probe = Probe(*PROBES[n])
    await session.finish(probe, deadline)
    return probe


async def _silence(session, deadline):
    """Let late answers pass: until nothing has come for a moment."""
    until = session.earlier(deadline, _MOST_SILENCE_MS)
    while age_ms(session.engine.heard_at, session.port.ticks_ms()) < _SILENCE_MS:
        if not await session.pause(_SILENCE_MS, until):
            return


async def has_restarted(session, marks, probe, echoed, deadline):
    """Return whether the module has lost what start() set. `probe`: the command that was answered; `echoed`: with an echo.

    `marks`: (command, prefix, answer) of settings that start() has made. The first is AT+CMEE?, which a program may change
    itself, and the echo may be switched on by it; so these two only raise the suspicion, which the other marks confirm where
    the firmware has them. The caller holds the line.
    """
    command, prefix, before = marks[0]
    now = probe.lines[-1] if probe.prefix == prefix else await _ask(session, command, prefix, deadline)
    if not echoed and now in (None, before):
        return False
    for command, prefix, before in marks[1:]:
        shown = await _ask(session, command, prefix, deadline)
        if shown is not None:
            return shown != before
    return True


async def _ask(session, command, prefix, deadline):
    probe = Probe(b"AT" + command + b"\r", prefix, _MARK_MS)
    await session.finish(probe, deadline)
    return probe.lines[-1] if probe.result == OK else None


async def refresh_marks(m, line):
    """The program has run the command line `line`: a setting that it may have changed is no sign of a restart."""
    for n in range(len(m.marks or ())):
        command, prefix, _ = m.marks[n]
        if command[:-1] + b"=" in line:
            lines = await m.attempt(command, prefix)
            if lines:
                m.marks[n] = (command, prefix, lines[-1])


async def failure(session, command):
    """Return the exception for `command`, which has ended, and not well. The caller holds the line."""
    shown = redacted(command.line)
    if command.result == LOST:
        return ModemTimeout("no answer within %d s" % (command.limit_ms // 1000), command=shown)
    if command.result == RESTARTED:
        return ModemRestarted("the module restarted", command=shown)
    code = command.code
    family = command.family or session.error_family()
    if command.explain and command.result == ERROR:
        reason = await _reason(session)
        if reason is not None:
            code = reason
            family = session.error_family()  # the module's own number, whatever came with the ERROR
    return CommandError("command failed", command=shown, code=code, lines=command.lines, family=family)


async def _reason(session):
    """Ask the module for the reason of the last ERROR."""
    ask = session.error_command()
    if session.engine.desync:
        await resynchronise(session, None)
    if ask is None:
        return None
    await session.finish(ask, None)
    return session.error_code(ask.lines) if ask.result == OK else None
