"""Transparent mode on a Quectel module: entering, raw data, leaving by +++ and DTR, NO CARRIER. The clock is turned by hand."""

from modem import CommandError, ConnectionClosed, LineBusy, ModemTimeout, SocketTimeout
from tests.conformance import check
from tests.quectel.test_sockets import opening, pulled
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import ERROR, OK, Module
from tests.rigs.scripted_port import modem_of, ready

LOST = b"\r\nNO CARRIER\r\n"


class RawModule(Module):
    """A module with a transparent mode: what the host writes there is in `raw`, with the time of each write."""

    def __init__(self, table=None):
        super().__init__(table)
        self.transparent = False
        self.raw = []
        self.escapes = True  # recognises +++
        self.answer = OK
        self.dtr_log = None
        for name in (b"AT+QIOPEN=", b"AT+QISWTMD=", b"ATO"):
            self.table.setdefault(name, self._connect)
        self.table.setdefault(b"AT+QIRD=", pulled())

    def _connect(self, line):
        self.transparent = True
        return b"\r\nCONNECT\r\n"

    def write(self, buf, off, n):
        if not self.transparent:
            return super().write(buf, off, n)
        self.step()
        data = bytes(memoryview(buf)[off : off + n])
        self.raw.append((self.now, data))
        if data == b"+++" and self.escapes and self.now - self.raw[-2][0] > 1000:
            self.transparent = False
            self.later(1000, self.answer)
        return n

    def payload(self):
        return b"".join([data for _, data in self.raw])


class DtrModule(RawModule):
    def dtr(self, level):
        if self.dtr_log is None:
            self.dtr_log = []
        self.dtr_log.append(level)
        if not level and self.transparent:
            self.transparent = False
            self.later(20, OK)


def opened(port, **options):
    sock = ready(port).socket(access="transparent", **options)
    sock.settimeout(10)
    sock.connect(("10.0.0.1", 80))
    return sock


def test_connect_makes_the_line_transparent_and_everything_is_data():
    port = RawModule()
    sock = opened(port)
    assert port.lines == [b'AT+QIOPEN=1,0,"TCP","10.0.0.1",80,0,2']
    sock.sendall(b"AT\r\x00\x1a\x1b\xff")
    assert port.payload() == b"AT\r\x00\x1a\x1b\xff"
    data = b'\r\nOK\r\n+QIURC: "closed",0\r\n> \r\nERROR\r\n'
    port.later(0, data)
    port.later(5, b"end")
    assert sock.read(len(data) + 3) == data + b"end"
    with raises(LineBusy, "transparent"):
        modem_of(sock).status("rssi")


def test_open_that_is_refused_tells_the_reason_and_leaves_the_line_free():
    port = RawModule({b"AT+QIOPEN=": ERROR, b"AT+QIGETERROR": b"\r\n+QIGETERROR: 566,x\r\n\r\nOK\r\n"})
    with raises(CommandError) as error:
        opened(port)
    assert error.value.code == 566 and port.lines[-1] == b"AT+QICLOSE=0"


def test_escape_keeps_silence_before_and_after():
    port = RawModule()
    sock = opened(port)
    sock.sendall(b"data")
    sock.escape()
    (data_at, _), (plus_at, plus) = port.raw
    check("Q-362", (plus, plus_at - data_at > 1000, port.now - plus_at >= 1000), (b"+++", True, True))
    assert port.payload() == b"data+++" and modem_of(sock).status("rssi") == -57
    port.table[b"AT+QIRD="] = pulled(b"buffered")
    assert sock.recv(10) == b"buffered"


def test_an_escape_after_more_time_than_the_ticks_can_tell_waits_for_nothing():
    for away_ms in (-1000000, -(2**29) + 5000):  # a clock that has gone round shows any of these
        port = RawModule()
        port.now = 2**29 + 10000
        sock = opened(port)
        sock.send(b"data")
        port.now += away_ms
        port.raw.append((port.now - 5000, b""))  # this port cannot count the time itself
        began = port.now
        sock.escape()
        assert port.now - began < 5000, away_ms


def test_data_that_come_during_the_escape_are_delivered():
    port = RawModule()
    sock = opened(port, rxbuf=4096)
    sock.sendall(b"x")
    port.later(500, b"before")
    port.later(1300, b"\r\nOK\r\nbetween")  # 200 ms after +++: too soon for the module's OK
    port.later(1900, b"+++")
    port.answer = b"last" + OK + b'\r\n+QIURC: "recv",0\r\n'
    sock.escape()
    port.table[b"AT+QIRD="] = pulled(b"!")
    got = sock.read(6 + 13 + 3 + 4 + 1)
    check("Q-363", got, b"before\r\nOK\r\nbetween+++last!")
    check("Q-364", modem_of(sock).module.engine.parser.raw, None)


def test_ok_of_the_peer_at_the_moment_of_the_modules_is_told_apart_by_what_follows():
    port = RawModule()
    sock = opened(port, rxbuf=4096)
    sock.sendall(b"x")
    port.later(2090, b"a\r\nOK\r\nb")
    port.answer = b"c" + OK
    sock.escape()
    check("Q-364", sock.read(9), b"a\r\nOK\r\nbc")


def test_escape_that_is_not_recognised_is_tried_again_and_then_reported():
    port = RawModule()
    port.escapes = False
    sock = opened(port)
    sock.sendall(b"data")
    with raises(ModemTimeout, "+++"):
        sock.escape()
    times = [at for at, data in port.raw if data == b"+++"]
    check("Q-365", (len(times), times[1] - times[0] > 3000), (2, True))
    sock.sendall(b"goes on")
    port.later(0, b"back")
    assert sock.recv(10) == b"back"
    port.escapes = True
    sock.escape()
    assert modem_of(sock).status("rssi") == -57


def test_nothing_can_be_sent_while_the_line_is_asked_for():
    port = RawModule()
    sock = opened(port)
    raw = modem_of(sock).module.engine.parser.raw
    raw.leaving = True
    with raises(LineBusy):
        sock.send(b"x")


def test_escape_by_dtr():
    port = DtrModule()
    sock = opened(port)
    assert port.lines[0] == b"AT&D1"
    sock.sendall(b"data")
    before = port.now
    sock.escape(dtr=True)
    assert port.now - before < 1000 and port.dtr_log == [True, False, True] and port.payload() == b"data"
    assert modem_of(sock).status("rssi") == -57


def test_resume_drains_first_and_uses_ato_for_the_connection_that_left_last():
    port = RawModule()
    sock = opened(port, rxbuf=4000)
    sock.sendall(b"x")
    sock.escape()
    port.table[b"AT+QIRD="] = pulled(b"waited")
    sock.resume()
    assert port.lines[-1] == b"ATO" and sock.read(6) == b"waited"
    sock.sendall(b"again")
    sock.escape()
    modem_of(sock).module.suspended = None  # another connection has left the mode meanwhile
    sock.resume()
    assert port.lines[-1] == b"AT+QISWTMD=0,2"


def test_resume_of_a_connection_that_has_ended():
    port = RawModule()
    sock = opened(port)
    sock.sendall(b"x")
    sock.escape()
    port.table[b"ATO"] = LOST
    with raises(ConnectionClosed):
        sock.resume()
    port.later(0, b'\r\n+QIURC: "closed",0\r\n')
    with raises(ConnectionClosed):
        sock.resume()


def test_no_carrier_alone_at_the_end_is_the_end():
    port = RawModule()
    sock = opened(port)
    events = []
    modem_of(sock).on_event(lambda kind, detail: events.append((kind, detail)))
    port.transparent = False
    port.later(10, b"the last data" + LOST)
    assert sock.read() == b"the last data"
    assert events == [("closed", sock)]
    with raises(ConnectionClosed):
        sock.send(b"x")
    sock.close()
    check("Q-369", port.lines[-1], b"AT+QICLOSE=0")
    assert b"AT+CMEE?" in port.lines, "that the module answers is verified first"


def test_nothing_is_sent_once_the_end_may_have_come():
    port = RawModule()
    sock = opened(port)
    port.transparent = False
    port.later(0, b"the last data" + LOST)
    with raises(ConnectionClosed):
        sock.send(b"AT+CFUN=0\r")
    assert port.payload() == b"" and b"AT+CFUN=0" not in port.lines and sock.read() == b"the last data"
    port = RawModule()
    sock = opened(port)
    port.later(0, LOST)
    port.later(900, b"no end")
    assert sock.send(b"goes on") == 7 and port.payload() == b"goes on" and port.now >= 900
    assert sock.read(20) == LOST + b"no end"


def test_lines_of_the_module_behind_the_end_are_lines():
    urc = b'\r\n+QIURC: "pdpdeact",1\r\n'
    for k in range(len(LOST + urc) + 1):
        port = RawModule()
        sock = opened(port)
        events = []
        modem_of(sock).on_event(lambda kind, detail, events=events: events.append(kind))
        port.transparent = False
        port.later(0, b"data" + (LOST + urc)[:k])
        port.later(20, (LOST + urc)[k:])
        assert sock.read(4) == b"data", k
        with raises(ConnectionClosed, "context"):
            sock.read(1)
        modem_of(sock).poll()
        assert sorted(events) == ["closed", "context lost"] and not modem_of(sock).isconnected(), (k, events)
        assert modem_of(sock).status("rssi") == -57


def test_an_end_during_the_escape_may_have_lines_behind_it():
    port = RawModule()
    port.escapes = False
    sock = opened(port)
    sock.sendall(b"x")
    port.later(1500, b"last" + LOST + b'\r\n+QIURC: "pdpdeact",1\r\n\r')
    sock.escape()
    assert sock.read(4) == b"last" and not modem_of(sock).isconnected() and sock.link.ended()


def test_what_only_begins_like_a_line_of_the_module_is_data():
    for tail in (b"\r\n+QIUR", b"\r\n+unknown\r\n", b"+Q", b"\r\n\r\nNO", b'\r\n+QIURC: "closed",3\r\ntext', b"\r\nRD"):
        for cut in range(1, len(tail) + 1):
            port = RawModule()
            sock = opened(port, rxbuf=4096)
            port.later(0, LOST + tail[:cut])
            port.later(10, tail[cut:] + b"no line")
            got = LOST + tail + b"no line"
            assert sock.read(len(got)) == got and not sock.link.ended(), (tail, cut)


def test_no_carrier_inside_the_data_is_data():
    port = RawModule()
    sock = opened(port, rxbuf=4096)
    port.later(0, b"a" + LOST + b"b")
    port.later(10, LOST)
    port.later(500, LOST[:9])
    port.later(900, LOST[9:] + b"c")
    got = sock.read(1 + 14 + 1 + 14 + 14 + 1)
    check("Q-370", got, b"a" + LOST + b"b" + LOST + LOST + b"c")
    assert not sock.link.ended()


def test_no_carrier_cut_in_pieces_is_the_end_and_held_back_whole():
    for k in range(1, 14):
        port = RawModule()
        sock = opened(port)
        port.transparent = False
        port.later(0, b"data" + LOST[:k])
        port.later(30, LOST[k:])
        assert sock.read() == b"data", k


def test_line_ends_come_through_at_once():
    port = RawModule()
    sock = opened(port)
    port.later(0, b"login:\r\n")
    before = port.now
    assert sock.readline() == b"login:\r\n" and port.now - before <= 60


def test_what_comes_back_is_unchanged_however_it_is_cut():
    data = (b"\r\n\r\nNO CARR" + LOST + b"\r\nNO\r" + LOST[:-1] + b"\r\r\n" + LOST + b"\rx+++\r\nOK\r\n") * 2
    for size in (1, 2, 3, 5, 7, 11, 13, 14, 15, 16, 31):
        port = RawModule()
        sock = opened(port, rxbuf=4096)
        for at in range(0, len(data), size):
            port.later(1, data[at : at + size])
        assert sock.read(len(data)) == data, size


def test_close_leaves_the_mode_first():
    port = RawModule()
    sock = opened(port)
    sock.sendall(b"x")
    sock.close()
    check("Q-372", (port.payload(), port.lines[-1]), (b"x+++", b"AT+QICLOSE=0"))


def test_a_restart_in_transparent_mode_is_found_out_when_the_socket_is_closed():
    port = RawModule()
    sock = opened(port)
    modem = modem_of(sock)
    events = []
    modem.on_event(lambda kind, detail: events.append(kind))
    sock.sendall(b"x")
    port.transparent = False
    port.table[b"AT+CMEE?"] = b"\r\n+CMEE: 0\r\n\r\nOK\r\n"
    port.later(0, b"\r\nRDY\r\n")
    assert sock.read(7) == b"\r\nRDY\r\n"  # nothing tells it from data
    with raises(SocketTimeout):
        sock.recv(1)
    sock.close()
    modem.poll()
    assert not modem.isconnected() and not modem.module.started and "reboot" in events and modem.module.links == [None] * 12
    modem.connect("internet")
    assert modem.isconnected()


def test_overflow_in_transparent_mode_is_an_event():
    port = RawModule()
    sock = opened(port, rxbuf=64)
    events = []
    modem_of(sock).on_event(lambda kind, detail: events.append((kind, detail)))
    port.later(0, b"z" * 100)
    modem_of(sock).poll(10)
    assert events == [("overflow", (sock, 36))] and sock.lost == 36 and sock.read(64) == b"z" * 64


def test_a_socket_that_was_opened_too_late_gives_the_line_back():
    port = RawModule()
    port.table[b"AT+QIOPEN="] = lambda line: port._connect(line) and [(3000, b"\r\nCONNECT\r\n")]
    modem = ready(port)
    sock = modem.socket(access="transparent")
    sock.settimeout(1)
    with raises(OSError):
        sock.connect(("10.0.0.1", 80))
    port.raw.append((port.now, b""))
    modem.poll(3000)
    assert modem.status("rssi") == -57 and port.lines.count(b"AT+QICLOSE=0") <= 1 and port.payload() == b"+++"


def test_another_socket_that_is_closed_meanwhile_is_closed_in_the_module_later():
    port = RawModule()
    port.table[b"AT+QIOPEN="] = lambda line: port._connect(line) if line.endswith(b",2") else opening(line)
    modem = ready(port)
    other = modem.create_connection(("10.0.0.2", 80))
    sock = modem.socket(access="transparent")
    sock.connect(("10.0.0.1", 80))
    sock.sendall(b"x")
    other.close()
    modem.poll(10)
    assert port.payload() == b"x" and modem.module.links[0] is not None
    sock.escape()
    modem.poll(10)
    check("Q-372", (port.count(b"AT+QICLOSE=0"), modem.module.links[0]), (1, None))


def test_context_lost_while_the_line_is_transparent_is_cleared_away_later():
    port = RawModule()
    sock = opened(port)
    modem = modem_of(sock)
    modem.module.lost_contexts = (1,)
    modem.poll(10)
    assert modem.module.lost_contexts == (1,) and port.payload() == b""
    sock.sendall(b"x")
    sock.escape()
    modem.poll(10)
    assert modem.module.lost_contexts == () and port.count(b"AT+QIDEACT=1") == 1


def test_an_ato_whose_end_was_lost_carries_nothing_to_the_peer():
    port = RawModule({b"ATO+++": lambda line: port._connect(line)})
    sock = opened(port)
    sock.sendall(b"x")
    sock.escape()
    write = port.write

    def lossy(buf, off, n):
        if bytes(memoryview(buf)[off : off + n]) == b"ATO\r":
            port.write = write
            return write(buf, off, n - 1) + 1
        return write(buf, off, n)

    port.write = lossy
    with raises(ModemTimeout):
        sock.resume()
    assert modem_of(sock).status("rssi") == -57
    assert port.payload().replace(b"+++", b"") == b"x", port.payload()
