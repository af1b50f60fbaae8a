"""Connections on Quectel modules, beyond a TCP client in one access mode: modes, datagram peers, counters. See sockets.py."""

from ..answers import fits
from ..errors import ProtocolError
from ..fields import number
from ..params import quoted, split
from ..request import OK, Request
from ..turning import turn


async def switch(m, link, access, deadline):
    """Change the access mode to BUFFER or PUSH (TCP-E 2.4.13)."""
    request = _Switch(m, link, access)
    request.exclusive = True
    await m._run(request, deadline)


class _Switch(Request):
    """AT+QISWTMD: the first pushed block may come right behind its OK."""

    def __init__(self, m, link, access):
        super().__init__(b"AT+QISWTMD=%d,%d\r" % (link.number, access))
        self._modem = m
        self._link = link
        self._access = access

    def on_done(self):
        if self.result == OK:
            turn(self._link, self._access, None)
            self._link.read = self._link.ops.reader(self._modem, self._link)


def resume_line(m, link):
    """Return the command that makes the line transparent for `link`: ATO for the one that left the mode last."""
    return b"ATO" if m._left is link else b"AT+QISWTMD=%d,2" % link.number


def peer(host, port):
    """Return what names the receiver of a datagram in AT+QISEND (TCP-E 2.4.10: an address, no name)."""
    return b",%s,%d" % (quoted("host", host, 45), number("port", port, 1, 65535))


async def counters(m, link, deadline=None):
    """Return (sent, acknowledged, pending) bytes: AT+QISEND=<id>,0 (TCP-E 2.4.10)."""
    lines = await m._cmd(b"+QISEND=%d,0" % link.number, b"+QISEND:", 5000, deadline, explain=True)
    values = split(lines[-1]) if lines else ()
    if len(values) != 3 or not fits(values, "nnn"):
        raise ProtocolError("no counters in the answer", command="AT+QISEND=%d,0" % link.number)
    return tuple(values)
