# CPython only: the virtual modem needs asyncio's sockets and clocks, and Python's ssl.
"""TLS connections of the virtual EC200U, EG915U and BG96: transparent mode, changes of mode, errors, faults, restarts."""

from tests.conformance import check
from tests.rigs.tls_network import (
    ALL_BYTES,
    CLOSED,
    CONNECT,
    MODELS,
    NO_CARRIER,
    NOW,
    OPEN,
    RECV,
    SEND_OK,
    TlsRig,
    connected,
    got,
    read,
)  # fmt: skip
from tests.rigs.virtual_modem import ERROR, OK

# Transparent mode ------------------------------------------------------------------------------------------------------


def escape(rig):
    rig.pass_time(1.2)
    early = rig.host(b"+++") + rig.pass_time(0.9)
    return early, rig.pass_time(0.2)


def test_transparent_when_bytes_go_both_ways():
    for model in MODELS:
        rig = connected(model, mode=2)
        assert rig.host(ALL_BYTES * 5) == b""
        rig.pass_time(0.3)
        rig.peer.send(ALL_BYTES[::-1] * 5)
        check("Q-352", (bytes(rig.peer.heard), rig.port.take()), (ALL_BYTES * 5, ALL_BYTES[::-1] * 5))
        assert rig.host(b"AT\r") == b""
        rig.pass_time(0.3)
        check("Q-353", bytes(rig.peer.heard[-3:]), b"AT\r")


def test_transparent_when_escaped():
    for model in MODELS:
        rig = connected(model, mode=2)
        early, late = escape(rig)
        check("Q-360", early, b"")
        check("Q-354", (late, rig.command("AT"), rig.tls_state()), (OK, OK, 2))
        check("Q-359", bytes(rig.peer.heard), b"")
        check("Q-366", rig.command("AT+QSSLSTATE=4").split(b",")[8], b"0")
        rig.peer.send(b"later")
        check("Q-367", (rig.port.take(), read(rig)), (RECV, got(b"later")))
        check("Q-175", rig.command("ATO"), CONNECT)
        rig.host(b"again")
        rig.pass_time(0.3)
        assert bytes(rig.peer.heard) == b"again"


def test_transparent_when_it_only_looks_like_an_escape():
    def played(*steps):
        rig = connected("ec200u", mode=2)
        rig.pass_time(1.2)
        for data, wait_s in steps:
            rig.host(data)
            rig.pass_time(wait_s)
        return bytes(rig.peer.heard), rig.port.take()

    check("Q-355", played((b"data", 0.5), (b"+++", 3)), (b"data+++", b""))
    check("Q-356", played((b"+++", 0.5), (b"x", 3)), (b"+++x", b""))
    check("Q-357", played((b"+", 0.6), (b"+", 0.6), (b"+", 3)), (b"+++", b""))
    check("Q-358", played((b"++++", 3)), (b"++++", b""))


def test_transparent_when_dtr_drops():
    for model in MODELS:
        rig = TlsRig(model)
        rig.command("AT&D1")
        assert rig.command(OPEN % (4, 2)) == CONNECT
        rig.modem.dtr(True)
        rig.modem.dtr(False)
        rig.clock.advance()
        check("Q-361", (rig.port.take(), rig.tls_state()), (OK, 2))


def test_transparent_when_the_connection_is_lost():
    for model in MODELS:
        rig = connected(model, mode=2)
        rig.peer.send(b"last words")
        rig.peer.end()
        check("Q-368", (rig.port.take(), rig.command("AT"), rig.tls_state()), (b"last words" + NO_CARRIER, OK, 4))
        check("Q-178", rig.command("ATO"), NO_CARRIER)
        assert rig.command("AT+QSSLCLOSE=4") == OK


def test_transparent_when_something_else_happens():
    for model in MODELS:
        rig = TlsRig(model)
        assert rig.tls_open(3) == 0
        other = rig.peer
        assert rig.command(OPEN % (4, 2)) == CONNECT
        other.send(b"for the other")
        other.close_tls()
        check("Q-371", rig.port.take() + rig.pass_time(5), b"")
        urcs = b'\r\n+QSSLURC: "recv",3\r\n\r\n+QSSLURC: "closed",3\r\n'
        assert escape(rig) == (b"", OK + urcs)


def test_access_mode_when_switched():
    for model in MODELS:
        rig = connected(model)
        answers = []
        for mode in (1, 0):
            answers.append((rig.command("AT+QISWTMD=4,%d" % mode), rig.command("AT+QSSLSTATE=4").split(b",")[8]))
        check("Q-172", answers, [(OK, b"1"), (OK, b"0")])
        rig.peer.send(b"waiting")
        rig.port.take()
        assert rig.command("AT+QISWTMD=4,1") == OK + b'\r\n+QSSLURC: "recv",4,7\r\nwaiting\r\n'
        check("Q-173", rig.command("AT+QISWTMD=4,2"), CONNECT)
        rig.host(b"AT\r")
        rig.pass_time(0.3)
        assert bytes(rig.peer.heard) == b"AT\r"


def test_access_mode_when_there_is_nothing_to_switch():
    for model in MODELS:
        rig = TlsRig(model)
        check("Q-174", [rig.command("AT+QISWTMD=4,%d" % mode) for mode in range(3)], [ERROR] * 3)
        check("Q-176", rig.command("ATO"), NO_CARRIER)


def test_ato_when_two_connections_were_transparent():
    for model in MODELS:
        rig = TlsRig(model)
        for number in (4, 5):
            rig.command(OPEN % (number, 2))
            escape(rig)
        first, second = rig.net.links
        assert rig.command("ATO") == CONNECT
        rig.host(b"to the last")
        rig.pass_time(0.3)
        check("Q-177", (bytes(first.heard), bytes(second.heard)), (b"", b"to the last"))


# Errors and delays -----------------------------------------------------------------------------------------------------


def test_last_error_when_commands_fail_and_succeed():
    for model in MODELS:
        rig = TlsRig(model)
        rig.command("AT+QSSLRECV=4,1")
        failed = rig.command("AT+QIGETERROR")
        check("Q-261", (failed.startswith(b"\r\n+QIGETERROR: 567,"), failed.endswith(b"\r\n" + OK)), (True, True))
        rig.command("AT+QSSLSTATE")
        check("Q-262", (failed.split(b",")[0][-3:], rig.error()), (b"567", 0))
        if model != "bg96":
            rig.configure(seclevel=1)
            check("Q-263", (rig.tls_open(), rig.error()), (579, 579))


def test_codes_when_injected():
    for model in MODELS:
        codes = [*range(550, 575), *((579,) if model != "bg96" else ())]
        seen = []
        for code in codes:
            rig = TlsRig(model, faults=["fail:code=%d,cmd=+QSSLSEND" % code, "fail:code=%d,cmd=+QSSLOPEN,urc=1" % code])
            seen.append((rig.tls_open(), rig.error(), rig.command("AT+QSSLSEND=4,1"), rig.error()))
        check("Q-408", seen, [(code, code, ERROR, code) for code in codes])


def test_delays_when_configured():
    rig = TlsRig("ec200u", faults=["delay:ms=450000,cmd=+QSSLOPEN,urc=1", "delay:ms=400,cmd=+QSSLSTATE"])
    opened = rig.command(OPEN % (4, 0)), rig.pass_time(449), rig.pass_time(2)
    listed = rig.command("AT+QSSLSTATE=9"), rig.pass_time(0.39), rig.pass_time(0.02)
    check("Q-392", (opened, listed), ((OK, b"", b"\r\n+QSSLOPEN: 4,0\r\n"), (b"", b"", OK)))


def test_close_fault_when_data_are_unread():
    for model in MODELS:
        rig = connected(model, faults=["close:after=5"])
        rig.peer.send(b"0123456789")
        rig.port.take()
        assert read(rig, 5) == got(b"01234") + CLOSED
        assert read(rig) == got(b"56789") and rig.command("AT+QSSLCLOSE=4") == OK


def test_black_hole_when_data_is_sent():
    rig = connected("ec200u")
    rig.net.freeze()
    rig.command("AT+QSSLSEND=4,4")
    assert rig.host(b"lost") == SEND_OK
    assert rig.pass_time(200) == CLOSED and rig.tls_state() == 4


def test_same_prefix_urcs_when_they_come_before_replies():
    rig = connected("ec200u", faults=["same-prefix"])
    rig.peer.send(b"data")
    rig.port.take()
    assert read(rig) == RECV + got(b"data")


def test_restart_when_connections_are_open():
    rig = connected("bg96")
    rig.command("AT+CFUN=1,1")
    boot = rig.pass_time(10)
    assert rig.peer.gone and boot.startswith(b"\r\nRDY\r\n") and boot.endswith(b"\r\nAPP RDY\r\n")
    rig.command("ATE0")
    assert rig.tls_state() is None and rig.modem.files.exists("ca.pem")
    assert rig.clock.wall() > NOW
