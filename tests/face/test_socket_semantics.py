"""Our sockets behave as Python's do: odd arguments, time-outs of zero, the modem or the line going away."""

import asyncio
import errno
import time

from modem import AsyncModem, ConnectionClosed, Modem, ModemError, NotSupported, SocketTimeout
from tests.quectel.test_sockets import connected, module, pulled
from tests.rigs.assertions import MICROPYTHON, raises
from tests.rigs.scripted_module import OK
from tests.rigs.scripted_port import ScriptedPort, modem_of, ready


def _errno(call, *args):
    """Return the error number of the OSError that `call` raises."""
    with raises(OSError) as error:
        call(*args)
    return error.value.args[0]


def test_reading_nothing_returns_at_once():
    sock = connected(module())
    assert sock.recv(0) == b"" and sock.recv_into(bytearray(0)) == 0 and sock.read(0) == b"" and sock.readline(0) == b""


def test_part_of_a_buffer_when_there_is_less_than_asked_for():
    port = module()
    sock = connected(port)
    for off, n, sent in ((None, None, b"abc"), (2, None, b"ab"), (9, None, b"abc"), (1, 1, b"b"), (1, 9, b"bc")):
        args = [x for x in (off, n) if x is not None]
        assert (sock.write(b"abc", *args), port.payloads.pop()) == (len(sent), sent)
    assert sock.write(b"abc", 5, 2) == 0 and sock.write(b"abc", 3, 1) == 0 and sock.write(b"abc", 0) == 0
    for args in ((-1,), (-1, 2), (1, -1)):
        with raises(ValueError, "negative"):
            sock.write(b"abc", *args)
    assert not port.payloads and port.lines[-1].endswith(b",2")
    assert sock.write(b"xyz") == 3 and port.payloads == [b"xyz"]  # the line is as good as before


def test_a_read_that_times_out_in_the_middle_leaves_what_it_has_to_the_next_one():
    for read, whole in ((lambda sock: sock.readline(), b"one line\n"), (lambda sock: sock.read(9), b"one line\n")):
        port = module()
        port.table[b"AT+QIRD="] = pulled(b"one ")
        sock = connected(port)
        with raises(SocketTimeout):
            read(sock)
        port.table[b"AT+QIRD="] = pulled(b"line\nnext")
        port.later(0, b'\r\n+QIURC: "recv",0\r\n')
        assert read(sock) == whole
        assert sock.recv(9) == b"next"


def test_polling_a_listener_says_readable_when_a_client_waits_and_nothing_else():
    readable, writable = 1, 4  # as MicroPython's select.poll numbers them; request 3 asks for them
    port = module()
    server = ready(port).socket()
    server.bind(("", 80))
    server.listen()
    assert server.ioctl(3, readable | writable) == 0
    port.later(0, b'\r\n+QIURC: "incoming",1,0,"10.0.0.9",5000\r\n')
    assert server.ioctl(3, readable | writable) == readable


def test_sending_without_waiting_is_done_or_not_begun():
    port = module()
    sock = connected(port)
    other = modem_of(sock).socket()
    other.connect(("10.0.0.1", 80))
    sock.settimeout(0)
    port.after = [(30, b"\r\nSEND OK\r\n")]
    assert sock.send(b"abc") == 3 and port.payloads == [b"abc"]
    port.after = [(30, b"\r\nSEND FAIL\r\n")]
    assert _errno(sock.send, b"def") == errno.EAGAIN
    assert sock.write(b"def") is None  # as MicroPython's streams say it
    port.after = [(30, b"\r\nSEND OK\r\n")]
    assert sock.send(b"def") == 3 and port.payloads[-1] == b"def"
    assert sock.send(b"") == 0
    port.table[b"AT+QIRD="] = [(800, b"\r\n+QIRD: 3\r\nxyz\r\n\r\nOK\r\n")]
    assert _errno(other.recv, 3) if other.settimeout(0.1) else True
    with raises(SocketTimeout):
        other.recv(3)
    sent = len(port.payloads)
    assert _errno(sock.send, b"ghi") == errno.EAGAIN and len(port.payloads) == sent  # the line is busy with the read
    other.settimeout(5)
    assert other.recv(3) == b"xyz"
    port.after = [(3000, b"\r\nSEND OK\r\n")]
    with raises(SocketTimeout, "owes"):
        sock.send(b"ghi")
    sock.settimeout(5)
    port.after = OK
    assert sock.send(b"jkl") == 3 and port.payloads[sent:] == [b"ghi", b"jkl"]


def test_a_socket_that_does_not_wait_is_connected_all_the_same():
    port = module()
    port.table[b"AT+QIOPEN="] = [(0, OK), (900, b"\r\n+QIOPEN: 0,0\r\n")]
    modem = ready(port)
    sock = modem.socket()
    sock.setblocking(False)
    sock.connect(("10.0.0.1", 80))
    assert sock.connection_id() == 0 and port.now >= 900
    assert _errno(sock.recv, 1) == errno.EAGAIN and sock.read(1) is None
    sock.close()
    port.table[b"AT+QIOPEN="] = [(0, OK), (900, b"\r\n+QIOPEN: 0,0\r\n")]
    server = modem.socket()
    server.settimeout(0)
    server.bind(("", 2020))
    server.listen(1)
    assert _errno(server.accept) == errno.EAGAIN
    server.close()
    port.table[b"AT+QIOPEN="] = OK
    before = port.now
    with raises(ModemError, "within the time allowed"):
        modem.create_connection(("10.0.0.1", 80), timeout=0)
    assert port.now - before >= 150000


def test_part_of_a_write_that_does_not_wait():
    port = module()
    sock = connected(port)
    sock.settimeout(0)
    data = bytes(3000)

    def answer(line):
        port.need = int(line.split(b",")[1])
        port.after = b"\r\nSEND OK\r\n" if port.count(line) == 1 else b"\r\nSEND FAIL\r\n"
        return b"\r\n> "

    port.table[b"AT+QISEND="] = answer
    assert sock.write(data) == 1460
    port.after = b"\r\nSEND OK\r\n"
    sock = connected(module())
    sock.settimeout(0)
    assert sock.write(data) == 3000


def test_time_outs_keep_their_meaning_at_both_ends_of_the_range():
    sock = ready(module()).socket()
    assert sock.gettimeout() is None
    for given, kept in ((0, 0), (0.0004, 0.001), (1.5, 1.5), (None, None), (float("inf"), None), (1e12, None), (500000, 500000)):
        sock.settimeout(given)
        assert sock.gettimeout() == kept, (given, sock.gettimeout())
    sock.setblocking(True)
    assert sock.gettimeout() is None
    sock.setblocking(False)
    assert sock.gettimeout() == 0
    for wrong in (-1, float("nan")):
        with raises(ValueError):
            sock.settimeout(wrong)


def test_counters_are_waited_for_as_long_as_the_time_out_says():
    port = module()
    sock = connected(port)
    sock.settimeout(0.5)
    port.table[b"AT+QISEND="] = [(2000, b"\r\n+QISEND: 0,0,0\r\n\r\nOK\r\n")]
    before = port.now
    with raises(ModemError):
        sock.stats()
    assert 500 <= port.now - before < 1000
    sock.settimeout(5)
    assert sock.stats() == (0, 0, 0)


def test_what_only_one_kind_of_socket_can_is_refused_before_anything_is_sent():
    port = module()
    sock = connected(port)
    sent = len(port.sent)
    assert _errno(sock.sendto, b"x", ("10.0.0.1", 80)) == errno.EOPNOTSUPP
    assert _errno(ready(module()).socket().sendto, b"x", ("10.0.0.1", 80)) == errno.EOPNOTSUPP
    for how in (0, 1):
        with raises(NotSupported, "close()"):
            sock.shutdown(how)
    assert not hasattr(sock, "fileno")  # or select would wait for another file
    for wrong in (0, 3, -1):
        with raises(ValueError, "type"):
            modem_of(sock).socket(type=wrong)
    with raises(TypeError, "tls_context"):
        modem_of(sock).create_connection(("srv", 80), tls=True)
    server = ready(module()).socket()
    server.bind(("", 99))
    server.listen(1)
    assert _errno(server.send, b"x") == _errno(server.recv, 1) == errno.ENOTCONN
    with raises(ValueError, "host"):
        ready(module()).socket().connect(("", 80))
    assert len(port.sent) == sent


def test_errors_of_an_open_have_the_numbers_of_python():
    for code, number in ((566, errno.ECONNREFUSED), (565, -2), (561, errno.EIO)):
        port = module()
        port.table[b"AT+QIOPEN="] = [(0, OK), (5, b"\r\n+QIOPEN: 0,%d\r\n" % code)]
        assert _errno(ready(port).socket().connect, ("srv.test", 80)) == number
    sock = connected(module())
    sock.shutdown(2)
    assert _errno(sock.recv, 1) == errno.EBADF and modem_of(sock).module.links[0] is None


def test_tls_by_micropython_is_not_for_streams():
    async def main():
        modem = ready(module(), modem_class=AsyncModem)
        with raises(NotSupported, "tls_context"):
            await modem.open_connection("srv.test", 443, ssl=True)
        assert not modem.module.port.lines

    if MICROPYTHON:
        asyncio.run(main())


def test_datagrams_to_a_host_given_as_bytes():
    port = module()
    port.table[b"AT+QISEND="] = lambda line: setattr(port, "need", 1) or b"\r\n> "
    sock = ready(port).socket(type=2)
    sock.bind(("", 3030))
    assert sock.sendto(b"x", (b"10.0.0.9", 99)) == 1 and port.lines[-1] == b'AT+QISEND=0,1,"10.0.0.9",99'


def test_calls_before_start_say_what_is_missing():
    modem = Modem(ScriptedPort())
    calls = [
        lambda: modem.ping("srv"),
        lambda: modem.resolve("srv"),
        lambda: modem.dns(),
        lambda: modem.sync_time("srv"),
        lambda: modem.connections(),
        lambda: modem.configure("tcp/keepalive"),
        lambda: modem.http(),
        lambda: modem.files.list(),
        lambda: modem.tls_context(verify=False).read(),
        lambda: modem.socket().connect(("srv", 80)),
        lambda: modem.socket().bind(("", 80)) or modem.socket(type=2).sendto(b"x", ("srv", 80)),
        lambda: modem.create_connection(("srv", 80)),
    ]
    for i in range(len(calls)):
        with raises(ModemError) as error:
            calls[i]()
        assert "start()" in str(error.value) or "connect()" in str(error.value), (i, error.value)
    with raises(TypeError, "callable"):
        modem.on_event("closed")


def test_connect_switches_the_radio_on_again():
    port = module()
    radio = [b"1"]

    def switch(line):
        radio[0] = line[-1:]
        return OK

    port.table[b"AT+CFUN="] = switch
    port.table[b"AT+CFUN?"] = lambda line: b"\r\n+CFUN: " + radio[0] + b"\r\n" + OK
    for name in (b"+CREG", b"+CGREG", b"+CEREG"):
        port.table[b"AT" + name + b"?"] = lambda line, name=name: b"\r\n" + name + b": 0," + radio[0] + b"\r\n" + OK
    modem = Modem(port)
    modem.connect("internet")
    modem.active(False)
    assert not modem.active() and port.lines[-1] == b"AT+CFUN=0" and not port.count(b"AT+CFUN=1")
    modem.connect("internet")
    assert modem.isconnected() and port.count(b"AT+CFUN=1") == 1
    modem.connect("internet")
    assert port.count(b"AT+CFUN=1") == 1


def test_everything_ends_with_the_modem_that_is_closed():
    port = module()
    sock = connected(port)
    port.table[b"AT+QIRD="] = pulled(b"kept")
    modem = modem_of(sock)
    server = modem.socket()
    server.bind(("", 99))
    server.listen(1)
    modem.close()
    modem.close()
    assert [x for x in port.lines if x.startswith(b"AT+QICLOSE")] == [
        b"AT+QICLOSE=0",
        b"AT+QICLOSE=1",
    ] and not modem.isconnected()
    calls = (
        lambda: sock.recv(1),
        lambda: sock.send(b"x"),
        lambda: server.accept(),
        lambda: modem.status("rssi"),
        lambda: modem.start(),
        lambda: modem.poll(),
        lambda: modem.socket().connect(("srv", 80)),
    )
    for call in calls:
        with raises(ModemError, "closed"):
            call()
    sock.close()
    server.close()


def test_a_line_that_vanishes_ends_every_call_and_leaves_what_was_read():
    port = module()
    port.table[b"AT+QIRD="] = pulled(b"first")
    sock = connected(port)
    assert sock.recv(1) == b"f"
    port.gone = True
    assert sock.recv(10) == b"irst"
    for call in (lambda: sock.recv(1), lambda: sock.send(b"x"), modem_of(sock).poll, lambda: modem_of(sock).status("rssi")):
        with raises(ModemError, "gone"):
            call()
    assert not modem_of(sock).isconnected()
    sock.close()
    modem_of(sock).close()


class _Slow(ScriptedPort):
    """A port under asyncio whose clock is the real one."""

    def ticks_ms(self):
        self.now = time.ticks_ms() if hasattr(time, "ticks_ms") else int(time.monotonic() * 1000)
        return self.now

    def later(self, delay_ms, data):
        self.ticks_ms()
        ScriptedPort.later(self, delay_ms, data)


def test_tasks_that_wait_are_told_when_the_modem_is_closed_or_the_line_gone():
    async def main(end):
        port = _Slow([(b'AT+QIOPEN=1,0,"TCP","srv",80,0,0\r', b"\r\nOK\r\n\r\n+QIOPEN: 0,0\r\n"),
                      (b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 0\r\n\r\nOK\r\n"), (b"AT+QICLOSE=0\r", OK)])  # fmt: skip
        modem = ready(port, modem_class=AsyncModem)
        sock = modem.socket()
        await sock.connect(("srv", 80))
        seen = []

        async def wait(call):
            try:
                await call
            except OSError as error:
                seen.append(isinstance(error, (ModemError, ConnectionClosed)))

        tasks = [asyncio.create_task(wait(call)) for call in (sock.recv(1), sock.readline(), sock.recv_into(bytearray(4)))]
        await asyncio.sleep(0.05)
        if end == "close":
            await modem.close()
        else:
            port.gone = True
        await asyncio.wait_for(asyncio.gather(*tasks), 60)
        assert seen == [True] * 3, seen
        if end != "close":
            await modem.close()

    asyncio.run(main("close"))
    asyncio.run(main("gone"))


def test_tasks_that_use_one_socket_at_the_same_time():
    async def main():
        def opened(n):
            return (b'AT+QIOPEN=1,%d,"TCP","srv",80,0,0\r' % n, [(0, OK), (30, b"\r\n+QIOPEN: %d,0\r\n" % n)])

        def closed(n):
            return (b"AT+QICLOSE=%d\r" % n, OK)

        empty = (b"AT+QIRD=0,1500\r", b"\r\n+QIRD: 0\r\n\r\nOK\r\n")
        port = _Slow([opened(0), opened(1), closed(1), empty, closed(0), opened(0), closed(0)])
        modem = ready(port, modem_class=AsyncModem)

        async def said(call):
            try:
                return await call
            except OSError as error:
                return error

        sock = modem.socket()
        two = await asyncio.gather(said(sock.connect(("srv", 80))), said(sock.connect(("srv", 80))))
        assert two[0] is None and two[1].args[0] == 106, two  # EISCONN, and its connection is closed again
        reader = asyncio.create_task(said(sock.recv(10)))
        await asyncio.sleep(0.05)
        await sock.close()
        assert isinstance(await asyncio.wait_for(reader, 60), ConnectionClosed)
        sock = modem.socket()
        connector = asyncio.create_task(said(sock.connect(("srv", 80))))
        await asyncio.sleep(0.01)
        await sock.close()
        late = await asyncio.wait_for(connector, 60)
        assert late.args[0] == errno.EBADF, late
        port.done()
        assert modem.module.links == [None] * len(modem.module.links)
        await modem.close()

    asyncio.run(main())


def test_every_public_name_comes_with_a_star():
    names = {}
    exec("from modem import *", names)
    assert names["Modem"] is Modem and "SocketTimeout" in names
