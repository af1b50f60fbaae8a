# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""ATD*99#: a host's own PPP stack dials in on the virtual modem, comes up, leaves for command mode, and hangs up."""

import struct

from tests.rigs.virtual_modem import ERROR, OK, Rig
from tools.vmodem.ppp import Frames, checksum, fcs, framed, options, packed

LCP, PAP, IPCP, IP = 0xC021, 0xC023, 0x8021, 0x0021
REQUEST, ACK, NAK, REJECT, TERMINATE, TERMINATED = 1, 2, 3, 4, 5, 6
CONNECT = {"ec200u": b"\r\nCONNECT 150000000\r\n", "a76xx": b"\r\nCONNECT 115200\r\n"}


class Host:
    """The host's end: a PPP stack as small as can be, which answers at once."""

    def __init__(self, rig, refuse=()):
        self.rig = rig
        self.frames = Frames()
        self.refuse = refuse  # options of LCP that the host will not have
        self.address = bytes(4)
        self.servers = {}
        self.seen = []
        self.up = set()
        self.text = b""

    def packet(self, protocol, code, identifier, data=b""):
        return framed(protocol, struct.pack(">BBH", code, identifier, 4 + len(data)) + data)

    def talk(self, data=b""):
        """Send `data`, then answer until the module has nothing more to say."""
        got = self.rig.host(data) if data else self.rig.port.take()
        while got:
            self.text += got
            replies = b"".join(self.answer(*frame) for frame in self.frames.feed(got))
            got = self.rig.host(replies) if replies else b""

    def answer(self, protocol, body):
        if protocol == IP:
            self.seen.append((IP, body))
            return b""
        code, identifier, length = struct.unpack(">BBH", body[:4])
        data = body[4:length]
        self.seen.append((protocol, code))
        if code == REQUEST and protocol in (LCP, IPCP):
            refused = [item for item in options(data) if protocol == LCP and item[0] in self.refuse]
            if refused:
                return self.packet(protocol, REJECT, identifier, packed(refused))
            return self.packet(protocol, ACK, identifier, data)
        if code == ACK and protocol in (LCP, IPCP):
            self.up.add(protocol)
            if protocol == LCP and 3 not in self.refuse:
                return self.packet(PAP, REQUEST, 1, b"\x01u\x01p")
        if code == NAK and protocol == IPCP:
            offered = dict(options(data))
            self.address = offered.get(3, self.address)
            self.servers.update(offered)
            return self.packet(IPCP, REQUEST, identifier + 1, data)
        if code == TERMINATE:
            return self.packet(protocol, TERMINATED, identifier)
        return b""

    def come_up(self):
        self.talk()
        self.talk(self.packet(LCP, REQUEST, 1, packed([(2, bytes(4)), (5, b"host"), (7, b""), (8, b"")])))
        self.talk(self.packet(IPCP, REQUEST, 5, packed([(3, bytes(4)), (129, bytes(4)), (131, bytes(4))])))
        return self


def dialled(model="ec200u", line="ATD*99#", **options):
    """A rig on which the session is up, and the host."""
    rig = Rig(model, **options)
    host = Host(rig)
    got = rig.command(line)
    assert got.startswith(CONNECT[model]), got
    rig.port.pieces.append(got[len(CONNECT[model]) :])
    return rig, host.come_up()


def test_frames_as_the_rfc_has_them():
    assert fcs(b"123456789") ^ 0xFFFF == 0x906E, "the check value of CRC-16/X-25"
    wire = framed(LCP, b"\x01\x01\x00\x04")
    assert wire == bytes.fromhex("7eff7d23c0217d217d217d207d24") + wire[14:] and wire[-1] == 0x7E
    assert Frames().feed(wire) == [(LCP, b"\x01\x01\x00\x04")]
    frames = Frames()
    assert [found for byte in wire * 2 for found in frames.feed(bytes((byte,)))] == [(LCP, b"\x01\x01\x00\x04")] * 2
    spoilt = bytearray(wire)
    spoilt[6] ^= 1
    assert Frames().feed(spoilt) == [] and Frames().feed(b"\x7e\x7e\x7e~~" + b"x" * 9000 + b"\x7e") == []
    short = b"\x21\x45"  # address, control and half of the protocol left out
    assert Frames().feed(short + struct.pack("<H", fcs(short) ^ 0xFFFF) + b"\x7e") == [(IP, b"\x45")]


def test_a_session_comes_up():
    for model in CONNECT:
        rig, host = dialled(model)
        assert host.up == {LCP, IPCP} and rig.modem.data_call.up
        assert host.address[0] == 10 and host.servers[129] == bytes((8, 8, 8, 8)) and host.servers[131] == bytes((8, 8, 4, 4))
        assert (PAP, ACK) in host.seen


def test_a_host_that_will_not_tell_its_name():
    rig = Rig("ec200u")
    host = Host(rig, refuse=(3,))
    got = rig.command("ATD*99***1#")
    rig.port.pieces.append(got[len(CONNECT["ec200u"]) :])
    host.come_up()
    assert host.up == {LCP, IPCP} and rig.modem.data_call.up and (PAP, ACK) not in host.seen


def test_options_that_are_refused():
    rig, host = dialled()
    host.seen.clear()
    host.talk(host.packet(0x80FD, REQUEST, 1))
    host.talk(host.packet(LCP, 99, 1))
    assert host.seen == [(LCP, 8), (LCP, 7)], "protocol reject, code reject"
    host.seen.clear()
    host.talk(host.packet(IPCP, REQUEST, 9, packed([(2, b"\x00\x2d\x0f\x01")])))
    assert host.seen == [(IPCP, REJECT)]


def test_echo_requests_of_both_layers():
    rig, host = dialled()
    host.seen.clear()
    host.talk(host.packet(LCP, 9, 4, b"host"))
    assert host.seen == [(LCP, 10)]
    body = b"\x08\x00\x00\x00\x12\x34\x00\x01payload!"
    body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, 1, 0, host.address, bytes((192, 0, 2, 1)))
    host.talk(framed(IP, head + body))
    reply = host.seen[-1][1]
    assert reply[12:20] == bytes((192, 0, 2, 1)) + host.address and reply[20] == 0 and reply[24:] == body[4:]
    assert checksum(reply[:20]) == 0 == checksum(reply[20:])


def test_escape_and_resume():
    rig, host = dialled()
    rig.pass_time(1.1)
    assert rig.host(b"+++") + rig.pass_time(1.1) == OK
    assert rig.command("AT+CSQ") == b"\r\n+CSQ: 23,99\r\n" + OK and rig.pass_time(60) == b"", "nothing of PPP in command mode"
    assert rig.command("ATO") == CONNECT["ec200u"]
    host.seen.clear()
    host.talk(host.packet(LCP, 9, 4, b"host"))
    assert host.seen == [(LCP, 10)]
    rig.pass_time(1.1)
    rig.host(b"+++")
    rig.pass_time(1.1)
    assert rig.command("ATH") == OK and rig.command("ATO") == b"\r\nNO CARRIER\r\n" and not rig.modem.data_call.up


def test_both_ways_to_end():
    rig, host = dialled()
    host.talk(host.packet(LCP, TERMINATE, 7))
    assert (LCP, TERMINATED) in host.seen and host.text.endswith(b"\r\nNO CARRIER\r\n") and rig.command("AT") == OK
    rig, host = dialled("a76xx")
    rig.modem.dialect.lose_contexts()
    host.talk()
    assert (LCP, TERMINATE) in host.seen and host.text.endswith(b"\r\nNO CARRIER\r\n\r\n+PPPD: DISCONNECTED\r\n")
    rig, host = dialled()
    rig.command("")
    rig.modem.dtr(False)
    host.talk()
    assert host.text.endswith(b"\r\nNO CARRIER\r\n"), "DTR drops with AT&D2"
    rig, host = dialled()
    rig.modem.dtr_on = True
    rig.modem.general.set("&D", 1)
    rig.modem.dtr(False)
    assert rig.port.take() == OK and rig.command("ATO") == CONNECT["ec200u"]


def test_a_host_that_says_nothing():
    rig = Rig("ec200u")
    rig.command("ATD*99#")
    got = rig.pass_time(60)
    assert len(Frames().feed(got)) == 9 and got.endswith(b"\r\nNO CARRIER\r\n") and rig.command("AT") == OK


def test_every_way_to_dial():
    for line in ("ATD*99#", "ATDT*99#", "ATD*98#", "ATD*99***1#", "ATD*99**PPP*1#", 'AT+CGDATA="PPP",1', "atd*99#"):
        rig = Rig("ec200u")
        assert rig.command(line).startswith(CONNECT["ec200u"]), line
    rig = Rig("ec200u")
    rig.command("ATX0")
    assert rig.command("ATD*99#").startswith(b"\r\nCONNECT\r\n")


def test_when_there_is_nothing_to_dial():
    assert Rig("ec200u").command("ATD*99***9#") == ERROR, "no such context"
    assert Rig("ec200u", faults=["denied"]).command("ATD*99#") == b"\r\nNO CARRIER\r\n"
    assert Rig("ec200u", faults=["no-sim"]).command("ATD*99#") == ERROR
    assert Rig("ec200u").command('AT+CGDATA="SLIP",1') == ERROR


def test_a_restart_ends_the_session():
    rig, host = dialled()
    rig.modem.reboot()
    assert b"RDY" in rig.pass_time(5) and rig.command("ATO") == b"\r\nNO CARRIER\r\n"
