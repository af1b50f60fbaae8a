"""The rarer URCs: +QIURC incoming, incoming full, pdpdeact (TCP-E 2.5), and the results of context commands in the background."""

from ..at.command import OK, Command
from ..at.params import fits, split
from ..compat import age_ms, const
from ..deferred import DeferredResult
from ..errors import CommandError, ConnectionClosed
from ..net.link import LISTENER

_BOOT_MS = const(30000)
_ACTIVE = const(1)  # state of a context
_STATE_MS = const(5000)
_CLIENT = "TCP INCOMING"


def on_urc(m, line):
    """Deal with a +QIURC that is neither "recv", "closed" nor "dnsgip"; return False when it is none that we know."""
    values = split(line)
    kind = values[0]
    if kind == "pdpdeact" and len(values) > 1 and values[1] in range(1, m.dialect.contexts + 1):
        m.context_lost(ConnectionClosed("the network has deactivated the PDP context"), values[1])
    elif kind == "incoming full":
        m.engine.event("incoming full")
    elif kind == "incoming" and len(values) > 4:
        server = m.link_at(values[2]) if isinstance(values[2], int) else None
        if values[1] not in range(len(m.links)):
            return False
        if server is not None and server.kind == LISTENER:
            from ..net.server import incoming

            incoming(m, server, values[1], values[3], values[4])
        elif values[2] not in m.dialect.closed_listeners or m.link_at(values[1]) is not None:
            return False
        else:
            from ..net.link_recovery import refuse

            refuse(m, values[1])
    else:
        return False
    return True


def app_rdy(m):
    """APP RDY: BG modules end their boot with it, seconds after RDY and after the first answers; over USB there is no RDY.

    Soon after start() it is that of the boot in which the module was found. If it belongs to a later restart, resynchronising
    will detect that.
    """
    if m.started and age_ms(m.dialect.found_at, m.port.ticks_ms()) < _BOOT_MS:
        m.engine.desync = True
    else:
        m.engine.boot(None, 0, 0)


async def in_background(m, name, cid, limit_ms, deadline):
    """OK comes at once, `<name>: <id>,<err>` later; other commands can run meanwhile. CommandError with <err>, ModemTimeout."""
    result = ContextResult(m)
    line = name + b"=%d" % cid
    await result.wait(m, line, name + b": %d," % cid, limit_ms, deadline)
    if result.summary:
        raise CommandError("command failed", command="AT" + line.decode(), code=result.summary, family=m.dialect.error_family)


class ContextResult(DeferredResult):
    """The result of a context command. (The lines of the read form go to the command that asks for them.)"""

    def take(self, values):
        """The fields after the id: <err>, 0 where all is well; in view mode 1 the address follows it. (The read form has the
        state.)"""
        if not isinstance(values[0], int) or (len(values) > 1 and values[0] == _ACTIVE):
            return False
        self.summary = values[0]
        return True


class Clients(Command):
    """AT+QISTATE: all connections. A client that no URC has announced is announced now; `listens`: the server is among them."""

    def __init__(self, server):
        super().__init__(b"AT+QISTATE\r", b"+QISTATE:", _STATE_MS)
        self._server = server
        self.listens = True

    def on_done(self):
        if self.result != OK:
            return
        from ..net.server import incoming

        m = self._server.session
        self.listens = False
        for values in map(split, self.lines):
            if (
                fits(values, "nttnnnnn")
                and m.link_at(values[0]) is None
                and values[1] == _CLIENT
                and values[7] == self._server.number
            ):
                incoming(m, self._server, values[0], values[2], values[3])
            elif values[0] == self._server.number:
                self.listens = True
