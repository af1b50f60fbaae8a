"""Questions to a module of which little is known: does it answer at all, several commands in one line, a second try."""

from ..compat import const
from ..errors import CommandError, ModemTimeout
from .command import Command

LOCAL_MS = const(9000)  # for commands that need no network: the longest that a document allows them (A76XX TCPIP 1.04)
_ANSWER_MS = const(300)  # an idle module answers AT within some 10 ms; one that is waking up needs a second try


class Probe(Command):
    """A command with an unmistakable answer: final results count only once its own information line has come."""

    armed = False

    def on_info(self, buf, s, e):
        self.armed = True
        return Command.on_info(self, buf, s, e)


# Answered by every module: command, prefix, response time (V.250, 27.007) with a margin. Each attempt to resynchronise uses the
# next one, so that its answer cannot be an earlier one's.
PROBES = (
    (b"AT+CMEE?\r", b"+CMEE:", 1000),
    (b"AT+CSQ\r", b"+CSQ:", 2000),
    (b"AT+CFUN?\r", b"+CFUN:", 5000),
    (b"AT+COPS?\r", b"+COPS:", 10000),
)


async def joined(session, commands, prefix, deadline, bare=False, last=b""):
    """Run several commands in one command line (V.250, 5.2.1). None where the firmware refuses it, or answers differently.

    Returns their information lines, which begin with `prefix`; `bare`: each command answers with one line, perhaps without
    prefix. What a URC handler takes is none of them. `last`: one more command, which the firmware may refuse: then the lines that
    came before the ERROR show that it has run the others.
    """
    line = b"AT" + b";".join(commands) + (b";" if last else b"") + last + b"\r"
    command = Command(line, prefix, LOCAL_MS, bare=bare)
    command.urcs_first = True
    try:
        await session.run(command, deadline)
    except CommandError:
        return command.lines if last and command.lines else None
    except ModemTimeout:
        if not session.engine.desync:  # the caller's deadline has passed
            raise
        return None
    return command.lines if not bare or len(command.lines) == len(commands) else None


async def sure(session, run, deadline, line, prefix=None, *bare):
    """Have `run` (m.cmd or m.attempt) do a command, and once more when its answer was lost: a line just come up loses bytes."""
    for last in (False, True):
        try:
            return await run(line, prefix, LOCAL_MS, deadline, *bare)
        except ModemTimeout:
            if last or not session.engine.desync:  # not desync: the caller's deadline has passed
                raise


async def answers(session, deadline, n=None):
    """Return whether the module answers AT, or the n-th probe: then no answer of an earlier command is still to come before it.

    What was known of answers that are owed is forgotten.
    """
    engine = session.engine
    engine.desync = False
    command = Command(b"AT\r", None, _ANSWER_MS) if n is None else Probe(PROBES[n][0], PROBES[n][1], PROBES[n][2])
    try:
        await session.run(command, deadline)
        return True
    except CommandError:
        return False
    except ModemTimeout:
        if engine.command is not None:  # the caller's deadline came before the command's own
            session.abort()
        return False
    finally:
        engine.desync = False
