"""The network's end of a PPP link: framing (RFC 1662), LCP (RFC 1661), PAP (RFC 1334), IPCP (RFC 1332, RFC 1877).

Enough for a real PPP stack to come up, stay up and go down: options are negotiated, the host gets an address and name servers,
echo requests of LCP and of ICMP are answered. Other IP packets go nowhere.
"""

import struct

_FLAG, _ESCAPE, _FLIP = 0x7E, 0x7D, 0x20
_GOOD_FCS = 0xF0B8
_SHORTEST_FRAME, _LONGEST_FRAME = 4, 3000
_IP, _IPCP, _LCP, _PAP = 0x0021, 0x8021, 0xC021, 0xC023
_REQUEST, _ACK, _NAK, _REJECT, _TERMINATE, _TERMINATED, _CODE_REJECT, _PROTOCOL_REJECT, _ECHO, _ECHOED, _DISCARD = range(1, 12)
_MRU, _MAP, _AUTHENTICATION, _MAGIC, _SHORT_PROTOCOL, _SHORT_ADDRESS = 1, 2, 3, 5, 7, 8  # options of LCP
_ADDRESS, _DNS_1, _DNS_2 = 3, 129, 131  # options of IPCP
_LCP_TAKEN = (_MRU, _MAP, _MAGIC, _SHORT_PROTOCOL, _SHORT_ADDRESS)
_RETRY_S, _RETRIES = 3.0, 10
_MAGIC_NUMBER = b"vmod"
_OWN_ADDRESS = "10.64.64.64"
_ICMP, _ECHO_REQUEST, _ECHO_REPLY = 1, 8, 0


def _fcs_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x8408 if byte & 1 else 0)
        table.append(byte)
    return table


_FCS = _fcs_table()


def fcs(data):
    """The frame check sequence over `data` (RFC 1662, appendix C), before its last inversion."""
    value = 0xFFFF
    for byte in data:
        value = value >> 8 ^ _FCS[(value ^ byte) & 0xFF]
    return value


def framed(protocol, body):
    """A frame on the wire; every control character is escaped, whatever map has been agreed on."""
    content = b"\xff\x03" + struct.pack(">H", protocol) + body
    content += struct.pack("<H", fcs(content) ^ 0xFFFF)
    out = bytearray([_FLAG])
    for byte in content:
        if byte < _FLIP or byte in (_FLAG, _ESCAPE):
            out += bytes((_ESCAPE, byte ^ _FLIP))
        else:
            out.append(byte)
    out.append(_FLAG)
    return bytes(out)


class Frames:
    """Frames out of a stream of bytes; those with a wrong check sequence are dropped."""

    def __init__(self):
        self._data = bytearray()
        self._escaped = False

    def feed(self, data):
        """The frames that `data` completes: (protocol, body) each."""
        found = []
        for byte in data:
            if byte == _FLAG:
                if len(self._data) >= _SHORTEST_FRAME and fcs(self._data) == _GOOD_FCS:
                    found.append(self._cut(bytes(self._data[:-2])))
                self._data.clear()
                self._escaped = False
            elif byte == _ESCAPE:
                self._escaped = True
            elif len(self._data) < _LONGEST_FRAME:
                self._data.append(byte ^ _FLIP if self._escaped else byte)
                self._escaped = False
        return found

    @staticmethod
    def _cut(frame):
        """Protocol and body; address, control and the first byte of the protocol may be left out (RFC 1661, 6.5 and 6.6)."""
        if frame[:2] == b"\xff\x03":
            frame = frame[2:]
        if frame[0] & 1:
            return frame[0], frame[1:]
        return struct.unpack(">H", frame[:2])[0], frame[2:]


def options(data):
    """The options of a configure packet: (type, value) each. ValueError if they are malformed."""
    found = []
    while data:
        if len(data) < 2 or not 2 <= data[1] <= len(data):
            raise ValueError("malformed option")
        found.append((data[0], data[2 : data[1]]))
        data = data[data[1] :]
    return found


def packed(items):
    """Options as bytes."""
    return b"".join(bytes((kind, 2 + len(value))) + value for kind, value in items)


def _address(text):
    return bytes(map(int, text.split(".")))


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


class _Layer:
    """LCP or IPCP: what we ask for, and whether both sides agree."""

    def __init__(self, protocol, wishes):
        self.protocol = protocol
        self.wishes = wishes
        self.identifier = 0
        self.acknowledged = self.accepted = False  # our request, the host's request

    @property
    def open(self):
        return self.acknowledged and self.accepted


class Peer:
    """The network's end.

    clock   see `clock`
    send    callable that takes bytes for the host
    closed  called when the link is over: the host has ended it, or never answered
    address, servers  what the host gets: its IPv4 address and two name servers
    """

    def __init__(self, clock, send, closed, address, servers):
        self._clock = clock
        self._send = send
        self._closed = closed
        self._frames = Frames()
        self._offer = {_ADDRESS: _address(address), _DNS_1: _address(servers[0]), _DNS_2: _address(servers[1])}
        self._lcp = _Layer(_LCP, [(_MAP, bytes(4)), (_AUTHENTICATION, struct.pack(">H", _PAP)), (_MAGIC, _MAGIC_NUMBER)])
        self._ipcp = _Layer(_IPCP, [(_ADDRESS, _address(_OWN_ADDRESS))])
        self._authenticated = False
        self._timer = None
        self._tries = 0

    # What the data call uses -------------------------------------------------------------------------------------------

    @property
    def up(self):
        """Whether IP packets may pass."""
        return self._lcp.open and self._ipcp.open

    def start(self):
        """Begin to negotiate."""
        self._request(self._lcp)

    def stop(self):
        """Stop the timer; nothing more is sent unless the host asks."""
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def terminate(self):
        """Send a terminate request."""
        self._packet(_LCP, _TERMINATE, 1, b"")
        self.stop()

    def feed(self, data):
        """Bytes from the host."""
        for protocol, body in self._frames.feed(data):
            if protocol == _IP:
                self._internet(body)
            elif protocol in (_LCP, _PAP, _IPCP):
                self._control(protocol, body)
            else:
                self._packet(_LCP, _PROTOCOL_REJECT, 1, struct.pack(">H", protocol) + body)

    # Control packets ---------------------------------------------------------------------------------------------------

    def _packet(self, protocol, code, identifier, data):
        self._send(framed(protocol, struct.pack(">BBH", code, identifier, 4 + len(data)) + data))

    def _request(self, layer):
        layer.identifier = (layer.identifier + 1) & 0xFF
        self._packet(layer.protocol, _REQUEST, layer.identifier, packed(layer.wishes))
        self.stop()
        self._timer = self._clock.call_later(_RETRY_S, self._again, layer)

    def _again(self, layer):
        self._tries += 1
        if self._tries >= _RETRIES:
            self._closed()
        else:
            self._request(layer)

    def _control(self, protocol, body):
        if len(body) < 4:
            return
        code, identifier, length = struct.unpack(">BBH", body[:4])
        if not 4 <= length <= len(body):
            return
        data = body[4:length]
        self._tries = 0
        if protocol == _PAP:
            if code == _REQUEST and self._lcp.open:
                self._packet(_PAP, _ACK, identifier, b"\0")
                self._authenticated = True
                self._advance()
            return
        layer = self._lcp if protocol == _LCP else self._ipcp
        if layer is self._ipcp and not self._lcp.open:
            return
        if code == _REQUEST:
            self._asked(layer, identifier, data)
        elif code in (_ACK, _NAK, _REJECT) and identifier == layer.identifier:
            self._answered(layer, code, data)
        elif code == _TERMINATE:
            self._packet(protocol, _TERMINATED, identifier, b"")
            if layer is self._lcp:
                self.stop()
                self._closed()
        elif code == _ECHO and protocol == _LCP and self._lcp.open:
            self._packet(_LCP, _ECHOED, identifier, _MAGIC_NUMBER + data[4:])
        elif code > _DISCARD:
            self._packet(protocol, _CODE_REJECT, 1, body)

    def _asked(self, layer, identifier, data):
        """A configure request of the host."""
        try:
            wanted = options(data)
        except ValueError:
            return
        offer = {} if layer is self._lcp else self._offer
        known = _LCP_TAKEN if layer is self._lcp else offer
        refused = [item for item in wanted if item[0] not in known]
        other = [(kind, offer[kind]) for kind, value in wanted if offer.get(kind, value) != value]
        if refused:
            self._packet(layer.protocol, _REJECT, identifier, packed(refused))
        elif other:
            self._packet(layer.protocol, _NAK, identifier, packed(other))
        else:
            self._packet(layer.protocol, _ACK, identifier, data)
            layer.accepted = True
            self._advance()

    def _answered(self, layer, code, data):
        """The host's answer to our configure request: an option that it refuses is not asked for again."""
        if code == _ACK:
            layer.acknowledged = True
            self._advance()
            return
        try:
            dropped = {kind for kind, _ in options(data)}
        except ValueError:
            return
        layer.wishes = [item for item in layer.wishes if item[0] not in dropped]
        self._request(layer)

    def _advance(self):
        """Start the next layer when the one below is open."""
        wants_name = any(kind == _AUTHENTICATION for kind, _ in self._lcp.wishes)
        if self._lcp.open:
            self.stop()
            if (self._authenticated or not wants_name) and not self._ipcp.acknowledged:
                self._request(self._ipcp)
        if self.up:
            self.stop()

    def _internet(self, packet):
        """Answer an echo request; drop every other packet."""
        if not self.up or len(packet) < 20 or packet[0] >> 4 != 4:
            return
        header = (packet[0] & 15) * 4
        body = packet[header:]
        if packet[9] != _ICMP or len(body) < 8 or body[0] != _ECHO_REQUEST:
            return
        reply = bytes((_ECHO_REPLY, 0, 0, 0)) + body[4:]
        reply = reply[:2] + struct.pack(">H", checksum(reply)) + reply[4:]
        head = packet[:10] + b"\0\0" + packet[16:20] + packet[12:16]
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self._send(framed(_IP, head + reply))
