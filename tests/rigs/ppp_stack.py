"""A PPP stack as small as can be (RFC 1661, 1662, 1332, 1334), with the face of MicroPython's network.PPP. On both Pythons."""

FLAG, ESCAPE, FLIP = 0x7E, 0x7D, 0x20
LCP, PAP, IPCP = 0xC021, 0xC023, 0x8021
REQUEST, ACK, NAK, REJECT, TERMINATE, TERMINATED = 1, 2, 3, 4, 5, 6
ADDRESS = 3
GOOD_FCS = 0xF0B8


def fcs(data):
    value = 0xFFFF
    for octet in data:
        value ^= octet
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
    return value


def frame(protocol, body):
    content = b"\xff\x03" + bytes((protocol >> 8, protocol & 255)) + body
    check = fcs(content) ^ 0xFFFF
    out = bytearray((FLAG,))
    for octet in content + bytes((check & 255, check >> 8)):
        if octet < FLIP or octet in (FLAG, ESCAPE):
            out.append(ESCAPE)
            octet ^= FLIP
        out.append(octet)
    out.append(FLAG)
    return bytes(out)


class PPP:
    """`address` is what IPCP has brought."""

    def __init__(self, stream):
        self._stream = stream
        self._data = bytearray()
        self._escaped = False
        self._open = set()  # protocols whose requests of this side are acknowledged
        self._taken = set()  # and those of the other side
        self._mine = {LCP: b"", IPCP: bytes((ADDRESS, 6, 0, 0, 0, 0))}
        self.address = None
        self.over = False

    def connect(self, user="", key=""):
        self._stream.irq(self.poll, self._stream.IRQ_RXIDLE)
        self._login = bytes((len(user),)) + user.encode() + bytes((len(key),)) + key.encode()
        self._ask(LCP)

    def isconnected(self):
        return IPCP in self._open and IPCP in self._taken and not self.over

    def disconnect(self):
        self._packet(LCP, TERMINATE, 9, b"")

    def poll(self, stream=None):
        buf = bytearray(64)
        while True:
            n = self._stream.readinto(buf)
            if not n:
                return
            for octet in buf[:n]:
                self._octet(octet)

    def _octet(self, octet):
        if octet == FLAG:
            if len(self._data) > 5 and fcs(self._data) == GOOD_FCS:
                body = self._data[2:] if self._data[:2] == b"\xff\x03" else self._data
                self._frame(body[0] << 8 | body[1], bytes(body[2:-2]))
            self._data = bytearray()
            self._escaped = False
        elif octet == ESCAPE:
            self._escaped = True
        else:
            self._data.append(octet ^ FLIP if self._escaped else octet)
            self._escaped = False

    def _packet(self, protocol, code, identifier, data):
        size = 4 + len(data)
        self._stream.write(frame(protocol, bytes((code, identifier, size >> 8, size & 255)) + data))

    def _ask(self, protocol):
        self._packet(protocol, REQUEST, 1, self._mine[protocol])

    def _frame(self, protocol, body):
        code, identifier, data = body[0], body[1], body[4:]
        if code == REQUEST and protocol in self._mine:
            self._packet(protocol, ACK, identifier, data)
            self._taken.add(protocol)
            if protocol == LCP and b"\x03\x04\xc0\x23" in data:
                self._packet(PAP, REQUEST, 1, self._login)
            if protocol == LCP:
                self._ask(IPCP)
        elif code == NAK and protocol == IPCP:
            self._mine[IPCP] = data
            self._ask(IPCP)
        elif code == ACK and protocol in self._mine:
            self._open.add(protocol)
            if protocol == IPCP:
                self.address = ".".join(["%d" % octet for octet in data[2:6]])
        elif code == ACK and protocol == PAP:
            self._ask(IPCP)
        elif protocol == LCP and code in (TERMINATE, TERMINATED):
            self.over = True
            if code == TERMINATE:
                self._packet(LCP, TERMINATED, identifier, b"")
