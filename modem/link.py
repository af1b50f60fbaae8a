"""One connection of the module, as the driver sees it: what is readable, what the module still holds, whether it has ended.

A link belongs to a connection id. The dialect opens and closes it and makes its read request; the URC table sets its flags;
sockets (sockets.py) take the data out. Nothing in here waits.
"""

from .compat import const, ticks_add, ticks_diff

BUFFER = const(0)
PUSH = const(1)
TRANSPARENT = const(2)

# what look() finds
EOF = const(0)
DATA = const(1)
WAIT = const(2)

_PROBE_MS = const(20000)  # a reader that waits this long asks the module once, in case the URC was lost on the line


class Link:
    """State of one connection id.

    ready     the module may hold data: a read is worth while
    filling   a block is on its way into the ring; nothing of it is readable yet
    closed    the peer or the network has ended the connection; what the module still holds can be read
    drained   closed, and nothing is left in the module
    error     the exception that every further use raises (restart of the module, context lost), or None
    refused   the module answered a read with ERROR: sockets.py finds out why
    """

    def __init__(self, engine, number, kind, access, ring):
        self.engine = engine
        self.number = number  # the connection id in commands and URCs
        self.slot = number  # place in the table of links
        self.kind = kind
        self.access = access
        self.ring = ring
        self.owner = None  # the socket that holds it
        self.ops = None  # the dialect's module that knows this sort of connection
        self.read = None  # the request that fetches a block; None in direct push and transparent mode
        self.open_result = None  # <err> of the open URC
        self.opened = False
        self.ready = True  # data may have come before the first URC could be seen
        self.filling = False
        self.closed = False
        self.drained = False
        self.refused = False
        self.closing = False  # the driver has asked for the close
        self.orphan = False  # nobody holds it any more, but the module still has it
        self.error = None
        self.sent = 0  # payload bytes that the module has taken
        self.received = 0
        self.lost = 0  # payload bytes that did not fit into the ring
        self.backlog = None  # listener: links accepted and not yet handed out
        self.tls = None
        self.port = 0
        self._probe_at = ticks_add(engine.port.ticks_ms(), _PROBE_MS)

    def look(self, now):
        """Say what a reader gets: DATA, EOF or WAIT; start the read command when that is what is wanted. No allocation."""
        if not self.filling and self.ring.any():
            return DATA
        if self.error is not None:
            raise self.error
        if self.read is None:
            return EOF if self.closed and not self.filling else WAIT
        if self.drained:
            return EOF
        if not self.filling and self.engine.free():
            if self.ready or self.closed or ticks_diff(now, self._probe_at) >= 0:
                self._probe_at = ticks_add(now, _PROBE_MS)
                self.engine.begin(self.read)
        return WAIT

    # --- what the read request and the URC table report; no allocation

    def on_recv(self):
        """The module has data."""
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

    def on_block(self, n, owner):
        """A header announced `n` bytes of payload."""
        self.filling = True
        self.engine.expect(n, self.ring, owner)
        self.received += n

    def on_empty(self):
        """The module has nothing (more)."""
        self.ready = False
        if self.closed:
            self.drained = True
            self.engine.changed = True

    def on_filled(self, lost):
        """The announced block is complete."""
        self.filling = False
        if lost:
            self.lost += lost
            self.engine.event("overflow", (self, lost))

    def on_broken(self, missing):
        """The announced block broke off: none of it is delivered."""
        from .errors import ProtocolError

        self.filling = False
        self.ring.clear()
        self.fail(ProtocolError("connection %d: a block of data broke off, %d bytes are missing" % (self.number, missing)))

    def fail(self, error):
        """End the link with `error`; complete blocks in the ring stay readable. The first error stays."""
        if self.error is None:
            self.error = error
            self.closed = True
        self.engine.changed = True
