"""One connection of the module, as the driver sees it: what is readable, what the module still holds, whether it has ended.

A link belongs to a connection id. The dialect opens and closes it and makes its read request; the URC table sets its flags;
sockets (sockets.py) take the data out. Nothing in here waits.

`link.ops` is the dialect's module (or TLS module) that knows this sort of connection. What the core asks of it:

    async open(m, link, host, port, deadline)   async close(m, link)   async send(m, link, data, off, n, deadline, peer)
    max_send(m)   async counters(m, link, deadline)   async settle(m, link)   on_recv(link, buf, s, e)
    reader(m, link): the request that fetches a block, None where the module pushes
    async switch(m, link, access, deadline): BUFFER or PUSH, the line in command mode; turn(link, ...) in the request's on_done
    resume_line(m, link): the command whose CONNECT makes the line transparent again
    peer(host, port): what send() appends to name a datagram's receiver
"""

from .compat import const, ticks_add, ticks_diff
from .ring import ByteRing

BUFFER = const(0)
PUSH = const(1)
TRANSPARENT = const(2)

# kinds of connections
STREAM = const(0)
DATAGRAM = const(1)  # one peer, fixed when it is opened
SERVICE = const(2)  # a local port; every datagram names its peer
LISTENER = const(3)

# what look() finds
EOF = const(0)
DATA = const(1)
WAIT = const(2)

_PROBE_MS = const(20000)  # a reader that waits this long asks the module once, in case the URC was lost on the line


class Link:
    """State of one connection id.

    ready     the module may hold data: a read is worth while
    promised  the module has said that it holds data, and nothing has shown since that all of it was read
    filling   a block is on its way into the ring; nothing of it is readable yet
    closed    the peer or the network has ended the connection; what the module still holds can be read
    drained   closed, and nothing is left in the module
    error     the exception that every further use raises (restart of the module, context lost), or None
    refused   the module answered a read with ERROR, or the line must be lined up before one: sockets.py sees to it
    """

    backlog = None  # listener: links accepted and not yet handed out
    limit = 0  # listener: most clients at a time
    source = None  # service: the sender last seen, as text of the module and as (host, port)
    source_of = None  # service: the dialect's function that reads it from the header of a pushed datagram

    def __init__(self, engine, number, kind, access, size):
        self.engine = engine
        self.number = number  # the connection id in commands and URCs
        self.slot = number  # place in the table of links
        self.kind = kind
        self.access = access
        self.size = size  # of the ring, in bytes
        self.blocks = False  # the ring knows where blocks begin and end
        self.ring = self.ring_for(access)
        self.owner = None  # the socket that holds it
        self.ops = None  # the dialect's module that knows this sort of connection
        self.read = None  # the request that fetches a block; None in direct push and transparent mode
        self.open_result = None  # <err> of the open URC
        self.opened = False
        self.ready = True  # data may have come before the first URC could be seen
        self.filling = False
        self.promised = False
        self.closed = False
        self.drained = False
        self.refused = False
        self.closing = False  # the driver has asked for the close
        self.orphan = False  # nobody holds it any more, but the module still has it
        self.error = None
        self.sent = 0  # payload bytes that the module has taken
        self.received = 0
        self.lost = 0  # payload bytes that did not fit into the ring
        self._untold = 0  # those of them that no event has told of yet
        self._told = False  # an event that will tell of them is queued
        self._whole = 0  # bytes in the ring when the block on its way began
        self.tls = None
        self.port = 0  # local port; 0: the module chooses
        self.context = 0  # the PDP context it was opened in
        self.peer = None  # (host, port) of the other side
        self._probe_at = ticks_add(engine.port.ticks_ms(), _PROBE_MS)

    def look(self, now):
        """Say what a reader gets: DATA, EOF or WAIT; start the read command when that is what is wanted. No allocation."""
        if (self.blocks or not self.filling) and self.ring.any():
            return DATA
        if self.error is not None:
            raise self.error
        if self.read is None:
            return EOF if self.closed and not self.filling else WAIT
        if self.drained:
            return EOF
        if not self.filling and not self.refused and (self.ready or self.closed or ticks_diff(now, self._probe_at) >= 0):
            if self.engine.free():
                self._probe_at = ticks_add(now, _PROBE_MS)
                self.engine.begin(self.read)
            elif self.engine.adrift():
                self.refused = True
        return WAIT

    # --- what the read request and the URC table report; no allocation

    def on_recv(self):
        """The module has data."""
        self.promised = True
        if not self.ready:
            self.ready = True
            self.engine.changed = True

    def on_closed(self):
        """The connection has ended at the other side."""
        if not self.closed:
            self.closed = True
            self.ready = True
            self.engine.changed = True
            if not self.closing:
                self.engine.event("closed", self)

    def on_gone(self):
        """The connection is gone and the module gives out nothing more: the end, or an error when data were still promised."""
        self.on_closed()
        self.drained = True
        if self.promised:
            from .errors import ConnectionClosed

            self.fail(ConnectionClosed("connection %d: closed; the module gives out no more of what it has" % self.number))

    def on_block(self, n, owner, source=None):
        """A header announced `n` bytes of payload (a datagram from `source`)."""
        if self.error is not None:  # what was lost before it leaves a gap
            self.engine.discard(n)
            return
        self.filling = True
        if self.blocks:
            self.ring.begin(n, source)
        else:
            self._whole = self.ring.any()
        self.engine.expect(n, self.ring, owner)
        self.received += n

    def on_empty(self):
        """The module has nothing (more)."""
        self.ready = self.promised = False
        if self.closed:
            self.drained = True
            self.engine.changed = True

    def on_filled(self, lost):
        """The announced block is complete."""
        self.filling = False
        if self.blocks:
            lost += self.ring.end()
        if lost:
            self.overflow(lost)

    on_payload = on_filled  # in direct push mode the link itself is the owner of the block

    def overflow(self, lost):
        """The ring had no room for `lost` bytes: one event tells of all of them that come before it is delivered."""
        self.lost += lost
        self._untold += lost
        if not self._told:
            self._told = self.engine.event("overflow", self)

    def overflowed(self):
        """Return (link, bytes lost since the last event told of any): what the event "overflow" carries."""
        lost = self._untold
        self._untold = 0
        self._told = False
        return self, lost

    def on_gap(self):
        """Bytes of pushed data were lost on the line: the header of the next block was counted as payload of the last one."""
        from .errors import ProtocolError

        self.fail(ProtocolError("connection %d: bytes of pushed data were lost on the line" % self.number))

    def on_broken(self, missing):
        """The announced block broke off: none of it is delivered; what came before it stays readable."""
        from .errors import ProtocolError

        self.filling = False
        if self.blocks:
            self.ring.cancel()
        else:
            self.ring.keep(self._whole)
        missing = missing if missing > 0 else "some"
        self.fail(ProtocolError("connection %d: a block of data broke off, %s bytes are missing" % (self.number, missing)))

    # --- rings and access modes (how an open link changes its mode: turning.py)

    def ring_for(self, access):
        """Return a ring for this kind of connection in an access mode; `blocks` says which sort it is."""
        size = self.size
        self.blocks = access == PUSH or (self.kind != STREAM and access == BUFFER)
        if not self.blocks:
            return ByteRing(size)
        from .blocks import BlockRing, NoRing, PacketRing

        return BlockRing(size) if self.kind == STREAM else NoRing() if self.kind == LISTENER else PacketRing(size)

    def fail(self, error):
        """End the link with `error`; complete blocks in the ring stay readable. The first error stays."""
        if self.error is None:
            self.error = error
            self.closed = True
        self.engine.changed = True
