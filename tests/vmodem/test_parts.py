# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""Parts of the virtual modem by themselves: host map, log, file store, clock, command lines, ICMP checksum."""

import io
import pathlib
import tempfile

from tests.rigs.virtual_modem import OK, Rig
from tools.vmodem.clock import ManualClock
from tools.vmodem.commands import EXECUTE, READ, TEST, WRITE, ParameterError, Parameters, parse_line
from tools.vmodem.files import CAPACITY, FileStore
from tools.vmodem.hosts import HostMap, Unreachable, split_host
from tools.vmodem.icmp import checksum
from tools.vmodem.log import Log, mask


def fails(call, kind, *args):
    try:
        call(*args)
    except kind as error:
        return str(error) or True
    return False


# Host map --------------------------------------------------------------------------------------------------------------


def test_hosts_when_split():
    assert split_host("example.com") == ("example.com", None)
    assert split_host("example.com:80") == ("example.com", 80)
    assert split_host("[2001:db8::1]:80") == ("2001:db8::1", 80)
    assert split_host("[2001:db8::1]") == split_host("2001:db8::1") == ("2001:db8::1", None)
    assert all(fails(split_host, ValueError, text) for text in (":80", "h:x", "h:65536", "[::1]x:y"[:1]))
    assert fails(HostMap, ValueError, ["no equals sign"])


def test_hosts_when_routed():
    table = HostMap(["example.com=127.0.0.2", "Example.com:80=127.0.0.1:8080", "10.0.0.5:7=[::1]:9", "far=192.0.2.1"])
    assert table.route("EXAMPLE.com", 80) == ("127.0.0.1", 8080)
    assert table.route("example.com", 81) == ("127.0.0.2", 81)
    assert table.route("10.0.0.5", 7) == ("::1", 9)
    assert table.route("localhost", 5) == table.route("127.0.0.1", 5) == ("127.0.0.1", 5)
    for host, reason in (
        ("192.0.2.1", "unreachable"),
        ("far", "unreachable"),
        ("other.example", "dns"),
        ("10.0.0.5", "unreachable"),
    ):
        assert fails(table.route, Unreachable, host, 80) == reason
    assert HostMap(allow_net=True).route("other.example", 80) == ("other.example", 80)


def test_hosts_when_seen_from_inside():
    table = HostMap(["10.0.0.5:7=127.0.0.1:9999", "10.0.0.6=127.0.0.6", "name=127.0.0.7"])
    assert table.seen("127.0.0.1", 9999) == ("10.0.0.5", 7)
    assert table.seen("127.0.0.1", 9998) == ("127.0.0.1", 9998)
    assert table.seen("127.0.0.6", 5) == ("10.0.0.6", 5)
    assert table.seen("127.0.0.7", 5) == ("127.0.0.7", 5)
    assert table.addresses("NAME") == ["127.0.0.7"] and table.addresses("10.0.0.5") == ["10.0.0.5"]
    assert table.addresses("localhost") == ["127.0.0.1"] and table.addresses("other") == []
    assert table.ping_target("10.0.0.5") == "127.0.0.1" and table.ping_target("127.0.0.7") == "127.0.0.7"
    assert fails(table.ping_target, Unreachable, "192.0.2.1")


def test_hosts_when_listening():
    assert HostMap().local(2020) == ("127.0.0.1", 2020)
    assert HostMap(allow_net=True).local(2020) == ("0.0.0.0", 2020)
    assert HostMap(["127.0.0.1:80=127.0.0.1:0"]).local(80) == ("127.0.0.1", 0)


# Log -------------------------------------------------------------------------------------------------------------------


def test_secrets_when_masked():
    assert mask('AT+QICSGP=1,1,"apn","user","pass,word",1\r') == 'AT+QICSGP=1,1,"apn","***","***",1\r'
    assert mask('at+qicsgp=1,1,"apn","",""\r') == 'at+qicsgp=1,1,"apn","",""\r'
    assert mask('+QICSGP: 1,"apn","user","word",1\r\n') == '+QICSGP: 1,"apn","***","***",1\r\n'
    assert mask("AT+CPIN=1234\r") == "AT+CPIN=***\r"
    assert mask('AT+CMEE=1;+CPIN="1234","5678"') == 'AT+CMEE=1;+CPIN="***","***"'
    assert mask("AT+CSQ\r") == "AT+CSQ\r"


def test_log_when_bytes_come_in_pieces():
    clock, file = ManualClock(), io.StringIO()
    log = Log(file, clock)
    clock.advance(1.5)
    for piece in (b'AT+QICSGP=1,1,"a","us', b'er","geh', b'eim",1\r', b"\x00\xff"):
        log.received(piece)
    log.sent(b"\r\nOK\r\n")
    log.note("something")
    log.close()
    lines = file.getvalue().split("\n")
    assert lines[0].startswith("# 2023-11-14 22:13:20 UTC")
    assert lines[1] == '    1.500000 > AT+QICSGP=1,1,"a","***","***",1\\r'
    assert lines[2:6] == [
        "    1.500000 < \\r\\n",
        "    1.500000 < OK\\r\\n",
        "    1.500000 * something",
        "    1.500000 > \\x00\\xff",
    ]


# Files -----------------------------------------------------------------------------------------------------------------


def check_store(store):
    assert store.names() == [] and store.free() == CAPACITY
    store.write("b.pem", b"12345")
    store.write("a.txt", b"")
    assert store.names() == ["a.txt", "b.pem"] and store.read("b.pem") == b"12345" and store.size("b.pem") == 5
    assert store.used() == 5 and store.free() == CAPACITY - 5
    store.write("b.pem", b"1")
    store.remove("a.txt")
    assert store.names() == ["b.pem"] and store.used() == 1
    assert fails(store.read, KeyError, "a.txt") and fails(store.remove, KeyError, "a.txt")
    for name in ("", "..", "a/b", "..\\x", 'quote"', "x" * 121, "nul\0"):
        assert fails(store.write, ValueError, name, b"")


def test_files_when_in_memory_or_in_a_folder():
    check_store(FileStore())
    with tempfile.TemporaryDirectory() as folder:
        store = FileStore(folder + "/new")
        check_store(store)
        assert pathlib.Path(folder, "new", "b.pem").read_bytes() == b"1"


# Command lines ---------------------------------------------------------------------------------------------------------


def shape(text):
    return [(command.name, command.form, command.text) for command in parse_line(text)]


def test_command_lines_when_cut():
    assert shape("") == []
    assert shape("E0") == [("E", WRITE, "0")]
    assert shape("&F&D2S3=13S4?") == [("&F", EXECUTE, ""), ("&D", WRITE, "2"), ("S3", WRITE, "13"), ("S4", READ, "")]
    assert shape("+CREG?;+CREG=?;+CREG=2") == [("+CREG", READ, ""), ("+CREG", TEST, ""), ("+CREG", WRITE, "2")]
    assert shape('+X="a;b";E1+Y') == [("+X", WRITE, '"a;b"'), ("E", WRITE, "1"), ("+Y", EXECUTE, "")]
    assert shape("DT*99#;") == [("D", WRITE, "T*99#;")]
    assert shape("+qiopen=1,0") == [("+QIOPEN", WRITE, "1,0")]


def test_parameters_when_read():
    parameters = Parameters('1, "a,b" ,,x,007')
    assert len(parameters) == 5
    assert parameters.int(0, 0, 5) == 1 and parameters.int(4, 0, 9) == 7
    assert parameters.str(1) == "a,b" and parameters.quoted(1) and not parameters.given(2)
    assert parameters.int(2, 0, 5, 3) == 3 and parameters.str(3, bare=True) == "x" and parameters.str(9, default="d") == "d"
    for call, *args in (
        (parameters.int, 1, 0, 5),
        (parameters.int, 0, 2, 5),
        (parameters.int, 3, 0, 5),
        (parameters.int, 2, 0, 5),
    ):
        assert fails(call, ParameterError, *args)
    assert fails(parameters.str, ParameterError, 3) and fails(parameters.str, ParameterError, 1, 2)
    assert fails(parameters.count, ParameterError, 1, 4) and not fails(parameters.count, ParameterError, 1, 5)
    assert fails(Parameters, ParameterError, '"open') and fails(Parameters, ParameterError, '"a"b')
    assert len(Parameters("")) == 0


# The rest --------------------------------------------------------------------------------------------------------------


def test_clock_when_advanced():
    clock, seen = ManualClock(), []
    clock.call_later(2, lambda: seen.append(("b", clock.now())))
    clock.call_later(1, lambda: clock.call_later(0.5, lambda: seen.append(("a", clock.now()))))
    cancelled = clock.call_later(1.2, seen.append, "never")
    cancelled.cancel()
    clock.call_soon(seen.append, "first")
    clock.advance(1.9)
    assert seen == ["first", ("a", 1.5)] and clock.now() == 1.9
    clock.advance(1)
    assert seen[-1] == ("b", 2.0)


def test_checksum_of_an_echo_request():
    packet = b"\x08\x00\x00\x00\x12\x34\x00\x01abc"
    total = checksum(packet)
    assert checksum(packet[:2] + total.to_bytes(2, "big") + packet[4:]) == 0


def test_identity_of_two_modems_when_side_by_side():
    first, second = Rig(), Rig()
    first.command("AT+CMEE=2")
    assert second.command("AT+CMEE?") == b"\r\n+CMEE: 0\r\n" + OK
