"""A port that says that input was lost: what was being received fails, and nothing from behind the hole is delivered."""

import asyncio

from modem import AsyncModem, Modem, ModemError, ProtocolError
from tests.quectel.test_sockets import opening, pulled, push
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import OK, Module
from tests.rigs.scripted_port import ready


class LossyPort(Module):
    """lost() is true with the first bytes that are read after `lose()`; a clock that runs while it is looked at, for asyncio."""

    most_steps = 10**6
    losing = False
    runs = False

    def lose(self):
        self.losing = True

    def readinto(self, buf, n):
        self.now += self.runs
        n = super().readinto(buf, n)
        if n and self.losing:
            self.losing, self.overrun = False, True
        return n


def _modem(model="ec600e", modem_class=Modem, **table):
    port = LossyPort({b"AT+QIOPEN=": opening, b"AT+QIRD=": pulled(), b"AT+CIPOPEN=": OK + b"\r\n+CIPOPEN: 0,0\r\n"})
    port.table[b"AT+CIPCLOSE="] = OK + b"\r\n+CIPCLOSE: 0,0\r\n"
    port.table.update({k.encode(): v for k, v in table.items()})
    return port, ready(port, model, modem_class=modem_class)


def _events(modem):
    found = []
    modem.on_event(lambda kind, detail: found.append(kind))
    return found


def _usable(port, modem):
    """The line is as good as before, soon."""
    began = port.now
    assert modem.status("rssi") == -57 and port.now - began < 10000


PUSHES = (("ec600e", push), ("a76xx", lambda data: b"\r\n+RECEIVE,0,%d:\r\n%s" % (len(data), data)))


def test_a_pushed_stream_ends_at_the_hole_wherever_it_is():
    for model, pushed in PUSHES:
        whole = pushed(b"first") + pushed(b"second") + pushed(b"third")
        for cut in range(len(whole)):
            port, modem = _modem(model)
            found = _events(modem)
            sock = modem.socket(access="push")
            sock.connect(("10.0.0.1", 80))
            sock.settimeout(10)
            port.later(0, whole[:cut])
            modem.poll(5)
            port.lose()
            port.later(0, whole[cut:] + pushed(b"fourth"))
            got = b""
            with raises(ProtocolError):
                while True:
                    got += sock.recv(100)
            assert b"firstsecond".startswith(got) or got == b"firstsecondthird"[: len(got)], (cut, got)
            assert len(got) <= cut, (cut, got)
            sock.close()
            _usable(port, modem)
            assert "input lost" in found, (cut, found)


def test_what_is_in_the_ring_before_the_hole_can_be_read():
    port, modem = _modem()
    sock = modem.socket(access="push")
    sock.connect(("10.0.0.1", 80))
    port.later(0, push(b"before"))
    modem.poll(5)
    port.lose()
    port.later(0, push(b"behind"))
    modem.poll(5)
    assert sock.recv(100) == b"before"
    with raises(ProtocolError):
        sock.recv(100)


def test_a_block_that_is_being_fetched_fails_and_other_connections_do_not():
    reply = b"\r\n+QIRD: 10\r\n0123456789\r\n\r\nOK\r\n"
    for cut in range(len(reply)):
        port, modem = _modem(**{"AT+QIRD=": [(0, reply[:cut]), (5, reply[cut:])]})
        sock, other = modem.socket(), modem.socket()
        for one in (sock, other):
            one.connect(("10.0.0.1", 80))
            one.settimeout(10)
        write = port.write

        def losing(buf, off, n, port=port, write=write):
            if buf.startswith(b"AT+QIRD=0", off):
                port.lose()
            return write(buf, off, n)

        port.write = losing
        with raises(ProtocolError):
            sock.recv(100)
        port.write = write
        port.table[b"AT+QIRD="] = pulled(b"alive")
        sock.close()
        _usable(port, modem)
        assert other.recv(100) == b"alive", cut


def test_connections_that_keep_their_data_in_the_module_lose_nothing_while_idle():
    port, modem = _modem()
    found = _events(modem)
    sock = modem.socket()
    sock.connect(("10.0.0.1", 80))
    sock.settimeout(10)
    port.lose()
    port.later(0, b"\r\n+CSQ")
    modem.poll(5)
    assert found == ["input lost"]
    port.table[b"AT+QIRD="] = pulled(b"alive")
    assert sock.recv(100) == b"alive"


def test_the_command_in_flight_fails_and_the_line_is_resynchronised():
    port, modem = _modem(**{"AT+COPS?": [(0, b"\r\n+CO"), (5, b"OK\r\n")]})
    write = port.write

    def losing(buf, off, n):
        if buf.startswith(b"AT+COPS?\r", off):
            port.lose()
        return write(buf, off, n)

    port.write = losing
    began = port.now
    with raises(ModemError):
        modem.command("AT+COPS?")
    assert port.now - began < 5000
    _usable(port, modem)


def test_a_transparent_connection_ends_at_the_hole():
    port, modem = _modem(**{"AT+QIOPEN=": b"\r\nCONNECT\r\n"})
    sock = modem.socket(access="transparent")
    sock.connect(("10.0.0.1", 80))
    sock.settimeout(10)
    port.later(0, b"before")
    assert sock.recv(3) == b"bef"
    port.lose()
    port.later(0, b"behind")
    assert sock.recv(100) == b"ore"
    modem.poll(5)
    with raises(ProtocolError):
        while sock.recv(100) != b"":
            pass


def test_a_listener_stays():
    port, modem = _modem()
    server = modem.socket(access="push")
    server.bind(("", 2020))
    server.listen(2)
    server.settimeout(5)
    port.lose()
    port.later(0, b"\r\n+X")
    modem.poll(5)
    port.later(0, b'\r\n+QIURC: "incoming",5,0,"10.0.0.9",4711\r\n')
    client, peer = server.accept()
    assert peer == ("10.0.0.9", 4711)
    port.later(0, push(b"hello", 5))
    client.settimeout(5)
    assert client.recv(100) == b"hello"


async def test_an_awaited_read_gets_the_error_at_once():
    port, modem = _modem(modem_class=AsyncModem)
    port.runs = True
    sock = modem.socket(access="push")
    await sock.connect(("10.0.0.1", 80))
    port.later(0, push(b"before"))
    assert await sock.recv(100) == b"before"
    task = asyncio.create_task(sock.recv(100))
    await asyncio.sleep(0.02)
    port.lose()
    port.later(0, push(b"behind"))
    with raises(ProtocolError):
        await asyncio.wait_for(task, 2)
    await modem.close()


def test_a_transfer_of_the_modules_own_client_fails():
    import io

    data = b"\r\n+CFTPGET: DATA,10\r\n0123456789"
    port, modem = _modem("sim7100", **{"AT+CFTPGET=": [(0, OK + data), (20, data), (40, b"\r\n+CFTPGET: 0\r\n")]})
    into = io.BytesIO()
    write = port.write

    def losing(buf, off, n):
        if buf.startswith(b"AT+CFTPGET=", off):
            port.lose()
        return write(buf, off, n)

    port.write = losing
    with raises(ModemError):
        modem.ftp("srv").retrieve("/file", into)


def test_a_gap_ends_every_pushed_connection_as_nobody_knows_whose_bytes_are_lost():
    port, modem = _modem()
    one, two, buffered = modem.socket(access="push"), modem.socket(access="push"), modem.socket()
    for sock in (one, two, buffered):
        sock.connect(("10.0.0.1", 80))
        sock.settimeout(5)
    port.later(0, push(b"first") + b"the rest of a block for the other one\r\n" + push(b"second"))
    for sock in (one, two):
        with raises(ProtocolError):
            while sock.recv(100) != b"":
                pass
    port.table[b"AT+QIRD="] = pulled(b"alive")
    port.later(0, b'\r\n+QIURC: "recv",2\r\n')
    assert buffered.recv(100) == b"alive"


def test_a_sender_that_no_data_follow_is_a_gap():
    sender = b"\r\nRECV FROM:10.0.0.1:80\r\n"
    block = sender + b"+RECEIVE,0,5:\r\nfirst"
    for lost in (sender + block, sender + b"\r\n+IPCLOSE: 0,1\r\n", sender + b"+RECEIVE,,5:\r\nother" + block):
        port, modem = _modem("a76xx")
        sock = modem.socket(access="push")
        sock.connect(("10.0.0.1", 80))
        sock.settimeout(5)
        port.later(0, block)
        assert sock.recv(100) == b"first"
        port.later(0, lost)
        with raises(ProtocolError):
            while sock.recv(100) != b"":
                pass
