"""One connection of the module, as the driver sees it: its state, what is readable, what the module still holds.

A link belongs to a connection id. Its transport (dialect.py) opens and closes it and makes its read command; the URC table
reports what happens to it; sockets take the data out of its ring. Nothing in here waits, and nothing allocates while data come.
"""

from ..compat import Rare, RingIO, const, is_due, rare, ticks_add
from ..errors import ConnectionClosed, LineBusy, ProtocolError

# access modes: how received data reach the host
BUFFER = const(0)  # the module keeps them, the driver fetches them
PUSH = const(1)  # the module sends them at once, with a header
TRANSPARENT = const(2)  # the line carries the connection's bytes and nothing else
ACCESS = ("buffer", "push", "transparent")  # their names, in the same order

# kinds of connections
STREAM = const(0)
DATAGRAM = const(1)  # one peer, fixed when it is opened
SERVICE = const(2)  # a local port; every datagram names its peer
LISTENER = const(3)

# LinkState: what a link is, in the order in which it comes to be so
NEW = const(0)  # the id is claimed, nothing has been sent
OPENING = const(1)  # the open command has gone out: from here on the module may hold the id
OPEN = const(2)  # data flow
CLOSING = const(3)  # this side has asked for the close
ENDED = const(4)  # the peer or the network has ended it; what the module still holds can be read
DRAINED = const(5)  # ended, and nothing is left in the module
FAILED = const(6)  # ended by `error`: what is in the ring can be read, then the error is raised

# what look() finds
EOF = const(0)
DATA = const(1)
WAIT = const(2)

_MOST_SEND = const(65536)
_PROBE_MS = const(20000)  # a reader that waits this long asks the module, in case a URC was lost on the line


class ByteRing:
    """A stream's ring: `size` bytes in, the same bytes out in the same order.

    `any`, `write` and `readinto` are the C ring's own methods, bound once, so that the receive path makes no detour. `write`
    takes what fits and returns how much that was; the parser counts the rest as lost, so an overflow is never silent.
    """

    def __init__(self, size):
        self.size = size
        io = RingIO(size)
        self._waste = bytearray(32)
        self.any = io.any
        self.next = io.any  # how many bytes a read gets at most
        self.write = io.write
        self.readinto = io.readinto

    def room(self):
        """Return how many more bytes fit. No allocation."""
        return self.size - self.any()

    def clear(self):
        """Forget everything that is stored. No allocation."""
        while self.any():
            self.readinto(self._waste)

    def keep(self, n):
        """Forget all but the oldest `n` bytes."""
        kept = bytearray(n)
        n = self.readinto(kept, n) if n else 0
        self.clear()
        self.write(kept, 0, n)


class Link(Rare):
    """State of one connection id: `state` (LinkState, above), and the flags that are independent of it:

    ready      the module may hold data: a read is worth while
    promised   the module has said that it holds data, and nothing has shown since that all of it was read
    filling    a block is on its way into the ring; nothing of it is readable yet
    refused    the last read failed or the line needs resynchronising; the socket handles it before reading again
    abandoned  no socket holds it any more, but the module still has it: Module.close_abandoned() closes it
    unclosed   the module was asked to close it and did not confirm: it is asked for the state first
    blocks     the ring knows where blocks begin and end
    """

    backlog = None  # listener: links accepted and not yet handed out
    limit = 0  # listener: most clients at a time
    source = None  # service: the sender last seen, as text of the module and as (host, port)
    source_of = None  # service: the dialect's function that reads it from the header of a pushed datagram

    def __init__(self, session, transport, number, kind, access, size):
        self.session = session
        self.engine = session.engine
        self.transport = transport
        self.number = number  # the connection id in commands and URCs
        self.slot = number  # place in the table of links
        self.kind = kind
        self.access = access
        self.size = size  # of the ring, in bytes
        self.ring = self.ring_for(access)
        self.owner = None  # the socket that holds it
        self.read = None  # the command that fetches a block; None in direct push and transparent mode
        self.open_result = None  # <err> of the open URC
        self.state = NEW
        self.ready = True  # data may have come before the first URC could be seen
        self.filling = False
        self.promised = False
        self.refused = False
        self.refusals = 0  # failed reads in a row
        self.unheard = False  # the answer to a read was lost, or was ERROR: what was it about?
        self.abandoned = False
        self.unclosed = False
        self.error = None
        self.sent = 0  # payload bytes that the module has taken
        self.most = _MOST_SEND  # payload bytes of one send: this firmware has refused more
        self.received = 0
        self.lost = 0  # payload bytes that did not fit into the ring
        self._unreported = 0  # lost bytes that no event has reported yet
        self._overflow_queued = False
        self._whole = 0  # bytes in the ring when the block on its way began
        self.tls = None
        self.port = 0  # local port; 0: the module chooses
        self.context = 0  # the PDP context it was opened in
        self.peer = None  # (host, port) of the other side
        self.waiting = 0  # how many readers wait for data
        self.probe_at = ticks_add(session.port.ticks_ms(), _PROBE_MS)

    def look(self, now):
        """Say what a reader gets: DATA, EOF or WAIT; start the read command when that is what is wanted. No allocation."""
        if (self.blocks or not self.filling) and self.ring.any():
            return DATA
        if self.error is not None:
            raise self.error
        if self.read is None:
            if self.state >= ENDED and not self.filling:
                return EOF
            if self.access == PUSH and not self.filling and self.silent(now):
                self.refused = True  # the URC "closed" may be lost: ask for the state
            return WAIT
        if self.state == DRAINED:
            return EOF
        if not self.filling and not self.refused and (self.ready or self.state >= ENDED or self.silent(now)):
            self._begin_read(now)
        return WAIT

    def _begin_read(self, now):
        engine = self.engine
        if engine.out_of_sync():
            self.refused = True
            self.session.leave(self)
        elif engine.parser.raw is not None:
            raise LineBusy("a socket in transparent mode has the line")
        elif self.session.may_begin(self):
            self.probe_at = ticks_add(now, _PROBE_MS)
            engine.begin(self.read)

    def ended(self):
        """Return whether the connection has ended, at the other side or by an error."""
        return self.state >= ENDED

    def holds_line(self):
        """Return whether commands have to wait for it: it is transparent, and in use."""
        return self.state == OPEN and not self.abandoned

    def silent(self, now):
        """Return whether nothing has been heard of it for so long that the module is to be asked. No allocation."""
        return is_due(self.probe_at, now, _PROBE_MS)

    def on_alive(self):
        """The module says that the connection is open: ask again after a while only."""
        self.refused = False
        self.probe_at = ticks_add(self.engine.port.ticks_ms(), _PROBE_MS)

    # --- what the read command and the URC table report; no allocation

    def on_opened(self, result):
        """The result of the open command: 0, or the module's error number."""
        self.open_result = result
        if not result and self.state <= OPENING:
            self.state = OPEN
        self.session.notify()

    def on_recv(self):
        """The module has data."""
        self.promised = True
        if not self.ready:
            self.ready = True
            self.engine.changed = True

    def on_closed(self, event=True):
        """The connection has ended at the other side. `event`: whether the program is told."""
        if self.state == OPEN:
            self.state = ENDED
            self.ready = True
            self.engine.changed = True
            if event:
                self.engine.event("closed", self)

    @rare
    def on_carrier_lost(self, frees):
        """The end of transparent mode was announced, and with it the end of the connection. `frees`: its id is free, too."""
        self.on_closed()

    @rare
    def on_gone(self):
        """The module no longer has the connection: the end, or an error when data were still promised."""
        self.on_closed()
        if self.state == ENDED:
            self.state = DRAINED
        if self.promised:
            self.fail(ConnectionClosed("connection %d: closed; the module discarded data that were not read yet" % self.number))

    def on_block(self, n, owner, source=None):
        """A header announced `n` bytes of payload (a datagram from `source`)."""
        if self.error is not None:  # what was lost before it leaves a gap
            self.engine.discard(n)
            after = self.session.link_at(self.slot)
            if after is not None and after is not self:  # it was read for this one, when the id had been handed out anew
                after.on_broken(0)
            return
        self.filling = True
        if self.blocks:
            self.ring.begin(n, source)
        else:
            self._whole = self.ring.any()
        self.engine.expect(n, self.ring, owner)
        self.received += n

    def on_empty(self):
        """The module has nothing (more), unless a URC has said so since it was asked."""
        self.promised = self.ready
        if self.state == ENDED and not self.ready:
            self.state = DRAINED
            self.engine.changed = True

    def on_filled(self, lost):
        """The announced block is complete."""
        self.filling = False
        self.probe_at = ticks_add(self.engine.port.ticks_ms(), _PROBE_MS)
        if self.blocks:
            lost += self.ring.end()
        if lost:
            self.overflow(lost)

    def on_payload(self, lost):
        """In direct push mode the link itself is the owner of the block, which is complete."""
        self.engine.parser.expect_line_end()
        self.on_filled(lost)

    def overflow(self, lost):
        """The ring had no room for `lost` bytes. A stream fails at the hole; datagrams and transparent data go on.

        One event reports all bytes that are lost before it is delivered.
        """
        self.lost += lost
        self._unreported += lost
        if not self._overflow_queued:
            self._overflow_queued = self.engine.event("overflow", self)
        if self.kind == STREAM and self.access != TRANSPARENT:
            self.fail(ProtocolError("connection %d: %d bytes did not fit into the ring: read sooner, or use a larger rxbuf" % (
                self.number, lost)))  # fmt: skip

    def overflowed(self):
        """Return how many bytes were lost since the last event reported any."""
        lost = self._unreported
        self._unreported = 0
        self._overflow_queued = False
        return lost

    @rare
    def on_gap(self):
        """Bytes of pushed or transparent data were lost on the line: the last block holds something else in their place."""
        if self.blocks:
            self.ring.cancel_last()
        self.fail(ProtocolError("connection %d: bytes of its data were lost on the line: use RTS/CTS" % self.number))

    @rare
    def on_broken(self, missing):
        """The announced block broke off: none of it is delivered; what came before it stays readable."""
        if self.blocks:
            self.ring.cancel()
        elif self.filling:
            self.ring.keep(self._whole)
        self.filling = False
        missing = missing if missing > 0 else "some"
        self.fail(ProtocolError("connection %d: a block of data broke off, %s bytes are missing" % (self.number, missing)))

    @rare
    def on_lost(self):
        """Received bytes are lost, nobody knows how many: they may be this link's where data may be on their way to it."""
        if self.kind == LISTENER:
            return
        if self.access == TRANSPARENT:
            self.on_gap()
        elif self.access == PUSH or self.filling or self.engine.command is self.read is not None:
            self.on_broken(0)

    # --- rings and access modes

    def ring_for(self, access):
        """Return a ring for this kind of connection in an access mode; `blocks` says which sort it is."""
        size = self.size
        self.blocks = access == PUSH or (self.kind != STREAM and access == BUFFER)
        if not self.blocks:
            return ByteRing(size)
        from .rings import BlockRing, NoRing, PacketRing

        return BlockRing(size) if self.kind == STREAM else NoRing() if self.kind == LISTENER else PacketRing(size)

    @rare
    def set_access(self, access, read):
        """The module has switched to another access mode; what is in the ring stays. `read`: see Transport.reader."""
        from .rings import change_ring

        change_ring(self, access)
        self.access = access
        self.read = read
        self.ready = True
        self.session.notify()

    def fail(self, error):
        """End the link with `error`; complete blocks in the ring stay readable. The first error stays."""
        if self.error is None:
            self.error = error
            self.state = FAILED
        self.session.notify()
