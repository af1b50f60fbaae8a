"""Transparent mode: the line carries one connection's bytes and nothing else. Also: changing the access mode while open.

Signals travel inside the data, which has limits no driver can lift:

- Leaving: `+++`, between more than a second of silence on both sides. A program that itself sends exactly `+++`, alone and
  with such pauses, leaves transparent mode. If the module was not listening, the peer gets the three bytes as data.
- The module's `OK` to it comes among the peer's last bytes. The driver takes the last `OK` line that comes no sooner than the
  guard time allows and is followed by silence or by lines of the module. A peer that sends just that at just that moment
  is taken for the module.
- The end of the connection is the line `NO CARRIER`, which a peer may send as well. The driver holds it back and believes it
  only after a second of silence, after it or after lines of the module that follow it (such as the loss of the context); then
  it verifies that the module answers before the next command. A peer that sends those 14 bytes, pauses, and goes on, is cut
  off. Nothing is sent during that second; what was on its way to the module before is lost, and the module may take it for
  commands. (The first CR LF of the line is held back for 50 ms only, so that lines of text come through at once: if the rest of
  NO CARRIER comes later than that, those two bytes are delivered as data.)
- A restart of the module shows as its boot text among the data. Only the program can tell: use time-outs.

Source: "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 1.1, 2.4.13, 3.3.
"""

from errno import EINVAL, ENOBUFS

from ..at.command import CONNECT, DATA_CALL, Command
from ..at.params import one_of
from ..compat import const, ticks_diff
from ..errors import CommandError, ConnectionClosed, LineBusy, ModemTimeout, SocketTimeout
from .escape import TransparentLine
from .link import ACCESS, BUFFER, TRANSPARENT

_GUARD_MS = const(1100)  # silence around the escape sequence: more than the second that the documents ask for
_OK_MS = const(3500)  # after this, no OK will come
_CHUNK = const(4096)
_TRIES = const(2)
_RESUME_MS = const(60000)
_MOST_WRITE_MS = const(60000)  # a write of another task is over by then


class Dial(Command):
    """A command that makes the line transparent: from the byte after CONNECT on, everything is `link`'s data."""

    def __init__(self, m, link, line, limit_ms):
        super().__init__(line, None, limit_ms, kind=DATA_CALL, explain=True)
        self._module = m
        self._link = link

    def on_done(self):
        link = self._link
        engine = self._module.engine
        if self.result == CONNECT:
            link.on_opened(0)
            link.set_access(TRANSPARENT, None)
            engine.parser.set_raw(TransparentLine(self._module, link))
        elif self.bare_error and not link.open_result:
            engine.unfed = self  # the ERROR may be another command's: then the line becomes transparent
            engine.limit_at = engine.port.ticks_ms()
            engine.desync = True


def _has_dtr(port):
    """Assert DTR; return whether the port has that line."""
    try:
        port.dtr(True)
    except OSError:
        return False
    return True


async def enter(m, link, line, limit_ms, deadline):
    """Run the command `line` (with AT, without CR) that makes the line transparent. CommandError when there is no CONNECT."""
    if _has_dtr(m.port):
        await m.attempt(b"&D1", deadline=deadline)  # DTR shall be able to end the mode; it must be so before it begins
    dial = Dial(m, link, line + b"\r", limit_ms)
    try:
        await m.acquire(dial, deadline)
        if link.error is not None:  # resynchronising has shown that the module had restarted
            raise link.error
        await m.finish(dial, deadline)
        await m.judge(dial)
    finally:
        m.release(dial)


def raw_of(m, link):
    """Return the sink of `link` when it has the line now, else None."""
    raw = m.engine.parser.raw
    return raw if raw is not None and raw.link is link else None


async def send_raw(m, link, data, off, n, deadline):
    """Write `data[off:off+n]` to the line; return how much of it went out before `deadline`, SocketTimeout when nothing did.

    "Sent" means: written to the line. A module that cannot pass it on fast enough needs flow control (RTS/CTS) on the port.
    """
    engine = m.engine
    raw = raw_of(m, link)
    if raw is None:
        raise LineBusy("the socket has left transparent mode: resume() first")
    n = min(n, _CHUNK)
    await m.turn(m.port.ticks_ms())  # what has come may announce the end: data would be taken for commands then
    while raw.writing or raw.ending():
        if not await m.turn(deadline) and (raw.writing or raw.ending()):
            raise SocketTimeout("the line is still busy with an earlier write, or the connection is about to end")
    if engine.parser.raw is not raw:
        raise link.error or ConnectionClosed("the connection has ended")
    if raw.leaving:
        raise LineBusy("the socket is leaving transparent mode")
    raw.writing = True
    try:
        engine.write(data, off, off + n)
        while engine.unsent() and engine.parser.raw is raw:
            if not await m.turn(deadline):
                break
    finally:
        engine.take_unsent()  # never more goes out than what is reported
        done = engine.written()
        raw.wrote(done, m.port)
        raw.writing = False
        m.notify()
    if link.ended() and not done:
        raise ConnectionClosed("the connection has ended")
    if not done and n:
        raise SocketTimeout("the line takes nothing")
    link.sent += done
    return done


async def escape(sock, dtr):
    """See AsyncSocket.escape."""
    link = sock.open_link()
    if raw_of(sock.module, link) is None:
        if link.error is not None:
            raise link.error
        if link.ended():
            return  # NO CARRIER was first
        raise OSError(EINVAL, "the socket is not in transparent mode")
    await leave(sock.module, link, dtr)


async def leave(m, link, dtr=False):
    """Fetch the line back from `link`. ModemTimeout when the module does not let go; then the line is still transparent."""
    raw = raw_of(m, link)
    for _ in range(_TRIES):
        while raw.leaving:  # for another task, or for a call that was interrupted
            await m.turn(None)
        if m.engine.parser.raw is not raw:
            return
        raw.leaving = True
        try:
            await m.until(lambda: not raw.writing, m.deadline(_MOST_WRITE_MS), "+++")
            await _ask(m, raw, dtr)
        except BaseException:
            raw.leaving = raw.watching()  # once asked, the module's answer is seen to by the sink itself
            raise
        while raw.leaving and m.engine.parser.raw is raw:
            await m.turn(None)
        if dtr:
            m.port.dtr(True)
        if m.engine.parser.raw is not raw:
            return
    raise ModemTimeout("the module did not leave transparent mode; the peer may have got +++ as data", command="+++")


async def _ask(m, raw, dtr):
    """Signal to the module that the line is wanted back."""
    port = m.port
    if dtr:
        raw.watch(port.ticks_ms(), False, _OK_MS)
        port.dtr(False)
        return
    while ticks_diff(raw.quiet_at(_GUARD_MS), port.ticks_ms()) > 0:
        await m.turn(raw.quiet_at(_GUARD_MS))
        if m.engine.parser.raw is not raw:
            return
    raw.watch(port.ticks_ms(), True, _OK_MS)
    m.engine.write(b"+++", 0, 3)
    raw.wrote(3, port)


async def leave_for_good(m, link):
    """Before `link` is closed: leave transparent mode, if it has the line. LineBusy when another connection has it."""
    raw = m.engine.parser.raw
    if raw.link is not link:
        raise LineBusy("a socket in transparent mode has the line")
    try:
        await leave(m, link)
    except ModemTimeout:
        m.engine.parser.set_raw(None)  # the next command finds out where the module is
        m.engine.desync = True
        m.engine.write(b"\r", 0, 1)  # a module that is in command mode takes +++ for the beginning of a line


async def switch(sock, access):
    """See AsyncSocket.switch."""
    wanted = one_of("access", access, ACCESS)
    link = sock.open_link()
    m = sock.module
    deadline = m.deadline(sock.timeout_ms or None)
    if link.backlog is not None:
        raise OSError(EINVAL, "a listening socket has no access mode of its own to change")
    if link.access == TRANSPARENT and wanted != TRANSPARENT:
        await escape(sock, False)
    sock.check_alive(link)
    link.transport.check(link.kind, wanted)
    m.prepare(wanted)
    if link.access != wanted:
        if link.access == BUFFER:
            await drain(m, link, deadline)
        if wanted == TRANSPARENT:
            try:
                await enter(m, link, link.transport.resume_line(link), _RESUME_MS, deadline)
            except CommandError as error:
                if not await link.transport.is_open(link, deadline):
                    link.on_gone()
                if link.ended():
                    raise ConnectionClosed("the connection has ended", command=error.command, code=error.code)
                raise
        else:
            await link.transport.switch(link, wanted, deadline)
    sock.access = link.access


async def drain(m, link, deadline):
    """Fetch what the module still holds into the ring. OSError ENOBUFS when it does not fit."""
    while not link.ended() and (link.ready or link.filling):
        if link.filling:
            if not await m.turn(deadline):
                raise SocketTimeout("the line was busy for too long")
        elif link.ring.room() < link.read.nbytes:
            raise OSError(ENOBUFS, "read what has arrived first: the rest does not fit into the socket's ring")
        else:
            try:
                await m.run(link.read, deadline)
            except CommandError:
                if link.refused:
                    raise  # otherwise it was the module's way to say that nothing is left
    link.refused = False
