"""One connection of the module: what is known of it, and what its link reports.

"EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.4.9 (states and types of service).
"""

from ..buffers import StreamBuffer

INITIAL, OPENING, CONNECTED, LISTENING, CLOSING = range(5)
BUFFER, PUSH, TRANSPARENT = range(3)
COUNT = 12


class Socket:
    """One connection ID in use. It is the handler of its link."""

    urc = "+QIURC"
    formatted = True  # whether the formats of AT+QICFG hold for its data

    def __init__(self, owner, number, context, service, mode):
        self.owner = owner
        self.number = number
        self.context = context
        self.service = service
        self.mode = mode
        self.state = OPENING
        self.server = number
        self.host = ""  # whom the host has named
        self.address = ""  # what AT+QISTATE shows
        self.remote_port = self.local_port = 0
        self.clients = COUNT
        self.link = None
        self.buffer = StreamBuffer()
        self.announced = False  # a recv URC has been printed and the buffer has not been empty since
        self.ended = False  # the peer has closed; not told to the host yet
        self.sent = 0
        self.stream = bytearray()  # what waits for more (udp/sendmode 1)
        self.active_at = 0.0  # when data last moved
        self.timer = None
        self.job = None

    @property
    def datagrams(self):
        return self.service.startswith("UDP")

    def link_open(self, link):
        self.owner.opened(self, link)

    def link_failed(self, link, reason):
        self.owner.failed(self, reason)

    def link_data(self, link, data, source=None):
        self.owner.arrived(self, data, source)

    def link_room(self, link):
        return self.owner.window - len(self.buffer)

    def link_ended(self, link, reset):
        self.owner.ended(self)

    def link_writable(self, link):
        self.owner.writable(self)

    def link_closed(self, link):
        self.owner.closed(self)

    def link_frozen(self, link):
        self.owner.frozen(self)

    def link_client(self, listener, link):
        self.owner.client(self, link)

    def line(self, port_name):
        """The line of AT+QISTATE."""
        return '+QISTATE: %d,"%s","%s",%d,%d,%d,%d,%d,%d,"%s"' % (
            self.number,
            self.service,
            self.address,
            self.remote_port,
            self.local_port,
            self.state,
            self.context,
            self.server,
            self.mode,
            port_name,
        )
