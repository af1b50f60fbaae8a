"""One end of a connection inside the module: what every dialect needs around a network link.

An `Endpoint` is the handler of its link (see `net`) and passes what happens on to its owner, which has the methods

    opened(endpoint, link)   failed(endpoint, reason)   arrived(endpoint, data, source)   ended(endpoint, reset)
    writable(endpoint)       closed(endpoint)           client(endpoint, link)            frozen(endpoint)

and the attribute `window`: how many bytes an endpoint keeps for the host.
"""

from .buffers import StreamBuffer

CLOSE_LIMIT_S = 10  # for the peer's end of a connection that the module has closed; then the module breaks it off
SEND_BUFFER = 10240  # bytes that the module takes from the host before the peer has acknowledged any


class Farewell:
    """The handler of a link that the module has closed: queued data is sent, then FIN; the peer has time to send its own FIN."""

    def __init__(self, modem, link):
        self._timer = modem.clock.call_later(CLOSE_LIMIT_S, link.abort)
        link.handler = self
        link.resume()
        link.close()

    def link_closed(self, link):
        self._timer.cancel()

    def link_data(self, link, data, source=None):
        """Data received after the close is discarded."""

    def link_ended(self, link, reset):
        """`link_closed` follows."""

    def link_writable(self, link):
        """Nothing more is written."""

    def link_frozen(self, link):
        """The time limit ends the link."""


class Endpoint:
    """A numbered connection, session or server of the module."""

    def __init__(self, owner, number, buffer=None):
        self.owner = owner
        self.number = number
        self.buffer = StreamBuffer() if buffer is None else buffer
        self.link = None
        self.timer = None
        self.announced = False  # the host has been told of data, and has not read them all since
        self.ended = False  # the peer has closed, or the connection is lost
        self.sent = 0
        self._paused = False

    def link_open(self, link):
        self.owner.opened(self, link)

    def link_failed(self, link, reason):
        self.owner.failed(self, reason)

    def link_data(self, link, data, source=None):
        self.owner.arrived(self, data, source)

    def link_room(self, link):
        return self.owner.window - len(self.buffer)

    def link_ended(self, link, reset):
        self.owner.ended(self, reset)

    def link_writable(self, link):
        self.owner.writable(self)

    def link_closed(self, link):
        self.owner.closed(self)

    def link_client(self, listener, link):
        self.owner.client(self, link)

    def link_frozen(self, link):
        self.owner.frozen(self)

    def take_over(self, link):
        """Become the handler of an accepted link, and begin to read from it."""
        self.link = link
        link.handler = self
        link.start()

    def throttle(self):
        """Stop reading from the network when much is unread, and go on when it has been read."""
        if self.link is None or self.ended:
            return
        full = len(self.buffer) >= self.owner.window
        if full != self._paused:
            self._paused = full
            if full:
                self.link.pause()
            else:
                self.link.resume()

    def room(self):
        """Bytes that the send buffer still takes."""
        return max(0, SEND_BUFFER - self.link.queued()) if self.link else 0

    def write(self, data):
        """Give as many bytes of a stream to the network as the send buffer takes; how many."""
        part = data[: self.room()]
        if part:
            self.link.write(part)
            self.sent += len(part)
        return len(part)

    def acknowledged(self):
        """Bytes that the peer has acknowledged, as far as the system tells."""
        return self.sent - min(self.sent, self.link.queued() if self.link else 0)

    def part(self, modem):
        """Close the connection in an orderly way without waiting for the peer."""
        link, self.link = self.link, None
        if link and self.ended:
            link.release()
        elif link:
            Farewell(modem, link)

    def stop_timer(self):
        if self.timer:
            self.timer.cancel()
            self.timer = None

    def drop(self, reset=False):
        """Let go of the connection; nothing is heard of it any more. With `reset` what is queued is not sent either."""
        self.stop_timer()
        if self.link:
            if reset:
                self.link.abort()
            else:
                self.link.release()
            self.link = None
