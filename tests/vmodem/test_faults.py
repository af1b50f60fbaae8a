# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem's faults: each does what its line in --help says, when it says so, and the same way every time."""

from tests.rigs.virtual_modem import ERROR, OK, Rig
from tools.vmodem.faults import TABLE, Faults

CREG = b"\r\n+CREG: 0,1\r\n" + OK


def refused(spec):
    try:
        Faults([spec])
    except ValueError as error:
        return str(error)
    return None


def test_specifications_when_wrong():
    assert "unknown fault 'nosuch'" in refused("nosuch")
    assert "what is 'x'" in refused("late:x")
    assert "what is 'frobnicate=1'" in refused("late:frobnicate=1")
    for wrong in ("every=x", "every=0", "every=0.5", "every=-1", "ms=-1", "p=1,5"):
        assert "late: what is" in refused("late:" + wrong), wrong
    assert refused("late:p=0.5,every=2") is None
    assert "what is 'every=3'? It takes at= after=" in refused("close:every=3")
    assert "needs at= or after=" in refused("close") and "needs every= or p=" in refused("garble:skip=1")
    from tools.vmodem import faults

    for name in faults._KNOWN:
        assert name in TABLE


def test_occasions_when_counted():
    hits = [Faults(["busy:every=3"]).hit("busy") for _ in range(3)]
    assert hits == [False] * 3
    every = Faults(["busy:every=3,skip=2,times=2"])
    assert [every.hit("busy") for _ in range(12)] == [index in (4, 7) for index in range(12)]
    first, second = (Faults(["busy:p=0.3"], seed=7) for _ in range(2))
    pattern = [first.hit("busy") for _ in range(100)]
    assert pattern == [second.hit("busy") for _ in range(100)] and 15 < sum(pattern) < 45


def test_writes_when_fragmented():
    rig = Rig(faults=["fragment:max=5,gap_ms=2"])
    rig.pass_time(1)
    got = rig.command("AT+CREG?") + rig.pass_time(0.0019)
    assert 1 <= len(got) <= 5
    assert got + rig.pass_time(1) == CREG
    rig.line.heard(b"AT+CREG?\r")
    rig.clock.advance(1)
    pieces = list(rig.port.pieces)
    assert b"".join(pieces) == CREG and max(map(len, pieces)) <= 5 and len(pieces) > 4


def test_bytes_when_lost_or_changed():
    assert Rig(faults=["drop:every=6"]).command("AT") in (b"\r\nOK\r", b"\r\nK\r\n", b"\nOK\r\n", b"\r\nO\r\n", b"\r\nOK\n")
    rig = Rig(faults=["garble:every=4,skip=6"])
    assert rig.command("AT") == b"\r\nO" + bytes([ord("K") ^ 0x55]) + b"\r\n"
    rig = Rig(faults=["drop:every=13,dir=in"])
    assert rig.command("AT+CREG?") in (CREG, ERROR, b"")
    echoed = Rig(faults=["drop:every=3,dir=in"], echo=True).host(b"ATATAT")
    assert len(echoed) == 4 and set(echoed) == set(b"AT")


def test_output_when_it_stalls():
    rig = Rig(faults=["stall:every=10,ms=500"])
    got = rig.command("AT+CREG?")
    assert len(got) < len(CREG)
    assert (got + rig.pass_time(0.49)) == got
    assert got + rig.pass_time(1.5) == CREG


def test_replies_when_late():
    rig = Rig(faults=["late:every=2,ms=1500,cmd=CREG"])
    assert rig.command("AT+CREG?") == CREG
    assert rig.command("AT+CREG?") == b""
    rig.pass_time(1)
    assert rig.command("AT") == b""  # in order: what follows waits too
    assert rig.pass_time(0.4) == b""
    assert rig.pass_time(0.2) == CREG + OK
    assert rig.command("AT+CREG?") == CREG


def test_prompt_when_late():
    rig = Rig(faults=["late:cmd=QISEND,ms=1000,times=1"]).online()
    rig.open()
    assert rig.command("AT+QISEND=0,1") == b""
    assert rig.pass_time(1) == b"\r\n>"
    assert rig.host(b"x") == b"\r\nSEND OK\r\n"


def test_thinking_when_delayed():
    rig = Rig(faults=["delay:every=2,ms=700"])
    assert rig.command("AT") == b""  # the rig has sent a command before
    assert rig.pass_time(0.69) == b""
    assert rig.pass_time(0.02) == OK
    assert rig.command("AT") == OK


def test_prefix_when_the_same_comes_first():
    rig = Rig(faults=["same-prefix:cmd=+CSQ"])
    assert rig.command("AT+CREG?").count(b"+CREG") == 1, "only for the command that is named"
    rig = Rig(faults=["same-prefix:every=2"]).online()
    rig.open()
    assert rig.command("AT+CREG?") == CREG
    assert rig.command("AT+CREG?") == b"\r\n+CREG: 1\r\n" + CREG
    rig.net.links[-1].send(b"data")
    rig.port.take()
    assert rig.command("AT+QIRD=0") == b"\r\n+QIRD: 4\r\ndata\r\n" + OK
    assert rig.command("AT+QIRD=0") == b'\r\n+QIURC: "recv",0\r\n\r\n+QIRD: 0\r\n' + OK
    rig.command("AT+QISWTMD=0,1")
    assert rig.command("AT+QIRD=0").count(b"recv") == 0 == rig.command("AT+QIRD=0").count(b"recv")  # pushed: no twin
    assert rig.command("AT+CPIN?") == b"\r\n+CPIN: READY\r\n" + OK
    assert rig.command("AT+CPIN?") == b"\r\n+CPIN: READY\r\n" * 2 + OK
    assert rig.command("AT+QIACTEX?").count(b"+QIACTEX") == 1
    assert rig.command("AT+QIACTEX?").startswith(b'\r\n+QIACTEX: 15,0,1,"10.7.157.15"\r\n\r\n+QIACTEX: 1,1,')


def test_storm_when_it_blows():
    rig = Rig(faults=["storm:ms=100,n=5"]).online()
    assert rig.pass_time(0.1).count(b"\r\n+") == 5
    rig.open()
    rig.command("AT+QISEND=0,2")
    assert rig.pass_time(3) == b""  # not between prompt and result
    assert rig.host(b"xx") == b"\r\nSEND OK\r\n"
    assert rig.pass_time(0.2).count(b"\r\n+") == 10


def test_commands_when_busy_or_refused():
    rig = Rig(faults=["busy:every=2"])
    assert rig.command("AT+QIACT=1") == ERROR  # the rig has sent AT+QISDE before
    assert rig.error() == 568
    assert rig.command("AT+QIACT=1") == OK
    rig = Rig(faults=["fail:cmd=+QIACT,code=569,times=1"])
    assert rig.command("AT+QIACT=1") == ERROR
    assert rig.error() == 569
    assert rig.command("AT+QIACT=1") == OK


def test_sends_when_they_fail():
    rig = Rig(faults=["send-fail:every=2"]).online()
    peer = rig.open()
    results = []
    for data in (b"a", b"b", b"c"):
        rig.command("AT+QISEND=0,1")
        results.append(rig.host(data))
    assert results == [b"\r\nSEND OK\r\n", b"\r\nSEND FAIL\r\n", b"\r\nSEND OK\r\n"]
    assert peer.received == b"ac"


def test_connections_when_closed_after_some_bytes():
    rig = Rig(faults=["close:after=1500"]).online()
    peer = rig.open()
    peer.send(bytes(4000))
    rig.port.take()
    got = rig.command("AT+QIRD=0,1500")
    assert got.endswith(OK + b'\r\n+QIURC: "closed",0\r\n')
    assert b"+QIRD: 1500\r\n" in rig.command("AT+QIRD=0,1500")
    assert b"+QIRD: 1000\r\n" in rig.command("AT+QIRD=0,1500")
    assert rig.command("AT+QICLOSE=0") == OK


def test_contexts_when_lost_after_some_bytes():
    rig = Rig(faults=["context-loss:after=10"]).online()
    rig.open(0, mode=1)
    rig.net.links[-1].send(b"0123456789")
    assert rig.pass_time().endswith(b'0123456789\r\n\r\n+QIURC: "pdpdeact",1\r\n\r\n+QIURC: "closed",0\r\n')


def test_module_when_it_restarts_in_a_transfer():
    rig = Rig(faults=["reboot:after=3000,down_ms=4000"], rate=115200).online()
    peer = rig.open()
    peer.send(bytes(10000))
    rig.pass_time(1)
    assert len(rig.command("AT+QIRD=0,1500")) > 1500
    cut = rig.command("AT+QIRD=0,1500")
    assert len(cut) < 20 and peer.was_reset  # most of the reply never comes
    assert rig.command("AT") == b"" and rig.pass_time(3) == b""
    assert rig.pass_time(2).startswith(b"\r\nRDY\r\n")
    assert rig.notes == ["fault reboot", "reboot"]
    assert rig.command("AT+QISTATE") == OK


def test_module_when_it_restarts_at_the_start():
    rig = Rig(faults=["reboot"])
    rig.pass_time(0)
    assert b"RDY" in rig.pass_time(2.1)


def test_sim_when_missing_or_locked():
    rig = Rig(faults=["no-sim"])
    rig.command("AT+CMEE=1")
    assert rig.command("AT+CPIN?") == rig.command("AT+CIMI") == rig.command("AT+QCCID") == b"\r\n+CME ERROR: 10\r\n"
    assert rig.command("AT+CREG?") == b"\r\n+CREG: 0,0\r\n" + OK
    assert rig.command("AT+QIACT=1") == ERROR
    rig = Rig(faults=["pin:pin=4711"])
    rig.command("AT+CMEE=1")
    assert rig.command("AT+CPIN?") == b"\r\n+CPIN: SIM PIN\r\n" + OK
    assert rig.command("AT+CIMI") == b"\r\n+CME ERROR: 11\r\n"
    assert rig.command('AT+CPIN="0000"') == b"\r\n+CME ERROR: 16\r\n"
    assert rig.command('AT+CPIN="4711"') == OK + b"\r\n+CPIN: READY\r\n"
    assert rig.command("AT+CREG?") == CREG
    assert rig.command("AT+CPIN=4711") == b"\r\n+CME ERROR: 3\r\n"


def test_registration_when_denied_roaming_or_late():
    assert Rig(faults=["denied"]).command("AT+CREG?") == b"\r\n+CREG: 0,3\r\n" + OK
    assert Rig(faults=["roaming"]).command("AT+CEREG?") == b"\r\n+CEREG: 0,5\r\n" + OK
    assert Rig(faults=["roaming"]).command("AT+QIACT=1") == OK
    rig = Rig(faults=["searching:ms=5000"])
    rig.command("AT+CEREG=1")
    assert rig.command("AT+CEREG?") == b"\r\n+CEREG: 1,2\r\n" + OK
    assert [rig.command("AT+QIACT=1"), rig.error()] == [ERROR, 561]
    assert rig.pass_time(5) == b"\r\n+CEREG: 1\r\n"
    assert rig.command("AT+QIACT=1") == OK
    rig = Rig(faults=["denied:at=10,ms=5000"])
    rig.command("AT+CREG=1")
    assert [rig.pass_time(9), rig.pass_time(2), rig.pass_time(5)] == [b"", b"\r\n+CREG: 3\r\n", b"\r\n+CREG: 1\r\n"]


def test_same_seed_when_run_twice():
    def run(seed):
        rig = Rig(faults=["fragment:max=9"])
        rig.faults.rng.seed(seed)
        rig.line.heard(b"ATI\r")
        rig.clock.advance(1)
        return rig.port.pieces

    assert run(1) == run(1) != run(2)
