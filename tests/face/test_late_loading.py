# MicroPython only: a board loads late and unloads to save memory; on CPython earlier tests have loaded everything already.
"""What a board loads late (imports inside functions) and unloads (compat.unload), and that it does neither beside pushed data."""

import gc
import sys

from tests.rigs.assertions import skip
from tests.rigs.scripted_module import OK, Module


class _Module(Module):
    """A module of either vendor whose line can be transparent, and that can keep the result of a send to itself."""

    silent = False
    raw = False

    def write(self, buf, off, n):
        if not self.raw:
            return super().write(buf, off, n)
        if bytes(memoryview(buf)[off : off + n]) == b"+++":
            self.raw = False
            self.later(1200, OK)  # after the guard time
        return n

    def _line(self, line):
        self.raw = line == b"ATO" or (line.startswith(b"AT+QIOPEN=") and line.endswith(b",2"))
        if self.raw:
            self.later(5, b"\r\nCONNECT\r\n")
        elif line.startswith((b"AT+QISEND=", b"AT+CIPSEND=")) and not line.endswith(b",0"):
            number, self.need = [int(part) for part in line.split(b"=")[1].split(b",")]
            self.later(5, b"\r\n> ")
            sent = b"\r\nOK\r\n\r\n+CIPSEND: %d,%d,%d\r\n" % (number, self.need, self.need)
            self.after = b"" if self.silent else b"\r\nSEND OK\r\n" if b"QI" in line else sent
        else:
            super()._line(line)


def _done(name, place):
    """The answer to a command that opens or closes: it succeeds. `place`: of the connection id among the arguments."""
    return lambda line: [(0, OK), (5, b"\r\n%s: %d,0\r\n" % (name, int(line.split(b"=")[1].split(b",")[place])))]


_QUECTEL = {
    b"AT+QIOPEN=": _done(b"+QIOPEN", 1),
    b"AT+QIRD=": b"\r\n+QIRD: 0\r\n\r\nOK\r\n",
    b"AT+QISEND=0,0": b"\r\n+QISEND: 3,3,0\r\n\r\nOK\r\n",
    b"AT+QIDNSGIP=": [(0, OK), (5, b'\r\n+QIURC: "dnsgip",0,1,60\r\n\r\n+QIURC: "dnsgip","10.0.0.7"\r\n')],
    b"AT+QPING=": [(0, OK), (5, b'\r\n+QPING: 0,"10.0.0.7",32,50,64\r\n\r\n+QPING: 0,1,1,0,50,50,50\r\n')],
    b"AT+QNTP=": [(0, OK), (5, b'\r\n+QNTP: 0,"2026/11/30,10:00:00+00"\r\n')],
    b"AT+QISTATE=": b'\r\n+QISTATE: 0,"TCP","10.0.0.1",80,0,2,1,0,1,"uart1"\r\n\r\nOK\r\n',
}
_SIMCOM = {
    b"AT+CGMI": b"\r\nSIMCOM INCORPORATED\r\n\r\nOK\r\n",
    b"AT+CGMM": b"\r\nA7670E\r\n\r\nOK\r\n",
    b"AT+NETOPEN?": b"\r\n+NETOPEN: 0\r\n\r\nOK\r\n",
    b"AT+NETOPEN": [(0, OK), (5, b"\r\n+NETOPEN: 0\r\n")],
    b"AT+IPADDR": b"\r\n+IPADDR: 10.7.157.1\r\n\r\nOK\r\n",
    b"AT+CIPOPEN=": _done(b"+CIPOPEN", 0),
    b"AT+CIPCLOSE=": _done(b"+CIPCLOSE", 0),
    b"AT+CIPRXGET=": b"\r\n+CIPRXGET: 2,0,0,0\r\n\r\nOK\r\n",
    b"AT+CIPACK=": b"\r\n+CIPACK: 3,3,0\r\n\r\nOK\r\n",
    b"AT+CDNSGIP=": b'\r\n+CDNSGIP: 1,"host","10.0.0.7"\r\n\r\nOK\r\n',
    b"AT+CPING=": [(0, OK), (5, b"\r\n+CPING: 1,10.0.0.7,32,50,64\r\n\r\n+CPING: 3,1,1,0,50,50,50\r\n")],
    b"AT+CNTP": [(0, OK), (5, b"\r\n+CNTP: 0\r\n")],
    b"AT+CCLK?": b'\r\n+CCLK: "26/11/30,10:00:00+00"\r\n\r\nOK\r\n',
}
for _table in (_QUECTEL, _SIMCOM):
    _table[b"AT+NONE"] = b"\r\nERROR\r\n"
    _table[b"AT+CIMI"] = b"\r\n460010000000001\r\n\r\nOK\r\n"
_VENDORS = (("quectel", _QUECTEL, b'+QIURC: "pdpdeact",2'), ("simcom", _SIMCOM, b"+SERVER DISCONNECTED: 5"))


def _loaded():
    return {name for name in sys.modules if name.startswith("modem")}


def _program(table):
    """The library loaded afresh, start() and connect(): (port, modem)."""
    for name in list(_loaded()):
        del sys.modules[name]
    from modem import Modem

    port = _Module(table)
    modem = Modem(port)
    modem.start()
    modem.connect("internet")
    return port, modem


def _use(modem, **options):
    sock = modem.socket(**options)
    sock.settimeout(5)
    sock.connect(("10.0.0.1", 80))
    assert sock.send(b"abc") == 3
    return sock


def test_start_and_connect_are_unloaded_and_can_be_called_again():
    for vendor, table, _ in _VENDORS:
        port, modem = _program(table)
        once = ["modem." + name for name in ("startup", "models", "attach", vendor + ".pdp", vendor + ".settings")]
        dialect = modem.module.dialect
        for _ in range(2):
            assert not [name for name in once if name in sys.modules], vendor
            modem.disconnect()
            modem.start()
            modem.connect("internet")
        assert modem.module.dialect is dialect  # the same one: its entries in the URC table are there once


def test_opening_and_closing_loads_and_unloads_nothing_in_steady_state():
    for vendor, table, _ in _VENDORS:
        port, modem = _program(table)
        sock = _use(modem)
        open_now = _loaded()
        sock.close()
        for _ in range(3):
            assert _loaded() == open_now, vendor
            sock = _use(modem)
            assert _loaded() == open_now, vendor
            sock.close()


def _calls(port, modem, sock, notice, access):
    """What a program may do beside an open connection, and what may happen then: (name, call)."""

    def unanswered():
        port.dead = True
        try:
            modem.command("AT+CSQ", timeout_ms=100)
        finally:
            port.dead = False

    def send_without_result():
        port.silent = True
        sock.settimeout(300)
        try:
            sock.send(b"abc")
        finally:
            port.silent = False

    def seldom_notice():
        port.later(5, b"\r\n" + notice + b"\r\n")
        modem.poll(100)

    return (
        ("status(rssi)", lambda: modem.status("rssi")),
        ("status(registration)", lambda: modem.status("registration")),
        ("command", lambda: modem.command("AT+CSQ")),
        ("an error", lambda: modem.command("AT+NONE")),
        ("a lost answer", unanswered),
        ("the command after it", lambda: modem.command("AT+CSQ")),
        ("resolve", lambda: modem.resolve("host")),
        ("ping", lambda: modem.ping("10.0.0.7", 1)),
        ("sync_time", lambda: modem.sync_time("10.0.0.7")),
        ("config", lambda: modem.config("imsi")),
        ("a seldom notice", seldom_notice),
        ("stats", sock.stats),
        ("readline", sock.readline),
        ("another socket", lambda: _use(modem, access=access).close()),
        ("a send without result", send_without_result),
        ("the send after it", lambda: sock.send(b"abc")),
        ("poll", lambda: modem.poll(100)),
        ("close", sock.close),
    )


def late_loads(table, notice, access):
    """(name of a call, its error, modules that it loads) for each call beside a socket in access mode `access`."""
    found = []
    port, modem = _program(table)
    sock = _use(modem, access=access)
    sock.settimeout(5)
    for name, call in _calls(port, modem, sock, notice, access):
        before = _loaded()
        error = None
        try:
            call()
        except OSError as e:
            error = e
        found.append((name, error, sorted(_loaded() - before)))
    return found


def test_nothing_is_loaded_beside_a_push_connection():
    for vendor, table, notice in _VENDORS:
        found = late_loads(table, notice, "push")
        assert [(name, more) for name, _, more in found if more] == [], vendor
        failed = [name for name, error, _ in found if error is not None]
        assert failed == ["an error", "a lost answer", "readline", "a send without result"], (vendor, found)


def test_nothing_is_loaded_while_the_line_is_transparent():
    port, modem = _program(_QUECTEL)
    sock = _use(modem, access="transparent")
    before = _loaded()
    port.later(5, b"data\r\n")
    assert sock.readline() == b"data\r\n"
    sock.escape()
    sock.resume()
    assert sock.send(b"abc") == 3
    port.later(5, b"\r\nNO CARRIER\r\n")
    port.raw = False
    assert sock.recv(10) == b""
    sock.close()
    assert _loaded() - before == set()


def _owners(modem, sock):
    """Objects whose seldom called methods a board keeps in files of their own."""
    m = modem.module
    link = sock.operations.link
    return modem.operations, sock.operations, m, m.engine, m.dialect, link, link.transport


def test_every_seldom_called_method_is_there_and_is_loaded_before_data_are_pushed():
    for vendor, table, _ in _VENDORS:
        port, modem = _program(table)
        sock = _use(modem, access="push")
        before = _loaded()
        names = 0
        for owner in _owners(modem, sock):
            for words in getattr(owner, "rare", ()):
                for name in words.split()[1:]:
                    names += 1
                    try:
                        getattr(owner, name)(no_such_argument=1)
                    except (TypeError, OSError):
                        continue  # it is there, and says what is wrong
                    raise AssertionError(name)
        more = _loaded() - before - {"modem.tls"}  # which says that the model has none
        assert not more, (vendor, more)
        compiled = not hasattr(sys.modules["modem.compat"], "rare")
        assert (names > 60) is compiled, names


def _all_but(left):
    """Take the whole heap but about `left` bytes; returns what holds it."""
    gc.collect()
    held = [None] * 4000
    reserve = bytearray(left)
    n, size = 0, 65536
    while size >= 32 and n < len(held):
        try:
            held[n] = bytearray(size)
            n += 1
        except MemoryError:
            size //= 2
    del reserve
    return held


def test_trouble_without_the_memory_to_load_what_deals_with_it_ends_with_an_error_and_the_next_call_works():
    if hasattr(sys.modules["modem.compat"], "rare"):
        skip("MicroPython ends with a segmentation fault where it compiles a source without memory for it")
    for vendor, table, _ in _VENDORS:
        port, modem = _program(table)
        from modem import ModemTimeout

        sock = _use(modem)
        found = []
        for left in (256, 1024, 2048, 3072, 4096, 6144, 8192, 32768):
            for name in ("modem.rare", "modem.at.recovery", "modem.at.redact"):
                sys.modules.pop(name, None)
            held = _all_but(left)
            port.dead = True
            error = None
            try:
                modem.command("AT+CSQ", timeout_ms=100)
            except (MemoryError, OSError) as e:
                error = e
            held.clear()
            gc.collect()
            port.dead = False
            found.append(type(error))
            assert modem.command("AT+CSQ") == [b"+CSQ: 28,99"], (vendor, left)
            assert sock.send(b"abc") == 3
        assert found[0] is MemoryError and found[-1] is ModemTimeout and None not in found, found
