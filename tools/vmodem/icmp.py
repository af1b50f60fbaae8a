"""Echo requests (ICMP and ICMPv6): real ones where the system permits, otherwise answers made up and noted as such.

Linux lets groups named in net.ipv4.ping_group_range open ICMP datagram sockets; raw sockets need more rights. Where neither can
be had, a loopback address is said to have answered after 1 ms, and the log says that it was made up.
"""

import os
import socket
import struct
import sys

DATA = bytes(range(32))
_ECHO = {4: (8, 0), 6: (128, 129)}  # request, reply
# Linux, per family: level, the option that asks for the TTL, the type under which it comes (Python has no names for all)
_LINUX_TTL = {4: (socket.IPPROTO_IP, 12, 2), 6: (socket.IPPROTO_IPV6, 51, 52)}
_SYNTHETIC_MS, _SYNTHETIC_TTL = 1, 64


def checksum(data):
    """The Internet checksum (RFC 1071)."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


class Pinger:
    """Sends echo requests and matches the replies."""

    def __init__(self, loop, note):
        self._loop = loop
        self._note = note
        self._sockets = {}  # family: (socket, is_raw) or None
        self._waiting = {}  # sequence: (address, sent at, done, timer)
        self._sequence = 0
        self._identity = os.getpid() & 0xFFFF

    def _open(self, family):
        protocol = socket.IPPROTO_ICMP if family == 4 else socket.getprotobyname("ipv6-icmp")
        for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
            try:
                sock = socket.socket(socket.AF_INET if family == 4 else socket.AF_INET6, kind, protocol)
            except OSError:
                continue
            sock.setblocking(False)
            if sys.platform.startswith("linux"):
                level, option, _ = _LINUX_TTL[family]
                sock.setsockopt(level, option, 1)
            self._loop.add_reader(sock, self._readable, sock, family, kind == socket.SOCK_RAW)
            return sock
        self._note("ping: the system permits no ICMP here; answers are synthetic")
        return None

    def send(self, address, real, timeout_s, done):
        """One request to `real`, reported under the name `address`. `done` as in `Network.ping`."""
        family = 6 if ":" in real else 4
        if family not in self._sockets:
            self._sockets[family] = self._open(family)
        sock = self._sockets[family]
        if sock is None:
            self._loop.call_later(_SYNTHETIC_MS / 1000, done, address, _SYNTHETIC_MS, _SYNTHETIC_TTL)
            return
        self._sequence = self._sequence % 0xFFFF + 1
        packet = struct.pack("!BBHHH", _ECHO[family][0], 0, 0, self._identity, self._sequence) + DATA
        if family == 4:
            packet = packet[:2] + struct.pack("!H", checksum(packet)) + packet[4:]
        timer = self._loop.call_later(timeout_s, self._expired, self._sequence)
        self._waiting[self._sequence] = (address, self._loop.time(), done, timer)
        try:
            sock.sendto(packet, (real, 0))
        except OSError:
            timer.cancel()
            del self._waiting[self._sequence]
            self._loop.call_soon(done, None, "unreachable", 0)

    def _expired(self, sequence):
        done = self._waiting.pop(sequence)[2]
        done(None, "timeout", 0)

    def _readable(self, sock, family, is_raw):
        try:
            data, ancillary, _, _ = sock.recvmsg(2048, 256)
        except OSError:
            return
        ttl = 255
        for level, kind, value in ancillary:
            if (level, kind) == _LINUX_TTL[family][::2]:
                ttl = struct.unpack("i", value[:4])[0]
        if family == 4 and is_raw:
            ttl = data[8]
            data = data[(data[0] & 15) * 4 :]
        if len(data) < 8 or data[0] != _ECHO[family][1] or (is_raw and data[4:6] != self._identity.to_bytes(2, "big")):
            return
        entry = self._waiting.pop(int.from_bytes(data[6:8], "big"), None)
        if entry:
            address, sent_at, done, timer = entry
            timer.cancel()
            done(address, max(1, round((self._loop.time() - sent_at) * 1000)), ttl)

    def close(self):
        for sock in self._sockets.values():
            if sock:
                self._loop.remove_reader(sock)
                sock.close()
        for entry in self._waiting.values():
            entry[3].cancel()
        self._waiting.clear()
