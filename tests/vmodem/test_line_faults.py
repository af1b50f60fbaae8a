# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""Faults of single lines, restarts at awkward moments, networks that want the APN first, and habits around restarts."""

from tests.rigs.virtual_a76xx import SimcomRig, frames
from tests.rigs.virtual_modem import ERROR, OK, Rig
from tools.vmodem.faults import Faults

# One line ---------------------------------------------------------------------------------------------------------------


def test_line_when_it_is_lost():
    rig = Rig(faults=["lose-line:line=+QIACT,times=1"]).online()
    assert rig.command("AT+QIACT?") == OK, "the information line is gone, its OK is not"
    assert b"+QIACT: 1,1" in rig.command("AT+QIACT?")
    rig = Rig(faults=["lose-line:line=+QIOPEN"]).online()
    assert rig.command('AT+QIOPEN=1,0,"TCP","192.0.2.1",80') == OK and rig.pass_time(200) == b""
    assert rig.state(0) == 2
    rig = Rig(faults=['lose-line:line=+QIURC: "recv"']).online()
    rig.open().send(b"abc")
    assert rig.port.take() == b"" and b"abc" in rig.command("AT+QIRD=0")


def test_header_of_a_block_when_it_is_lost():
    rig = Rig(faults=["lose-line:line=+QIRD: 3"]).online()
    rig.open().send(b"abc")
    rig.port.take()
    assert rig.command("AT+QIRD=0,3") == b"\r\nabc\r\n" + OK
    rig = SimcomRig(faults=["lose-line:line=+CIPRXGET: 2"]).service()
    rig.command("AT+CIPRXGET=1")
    rig.tcp().send(b"abc")
    rig.port.take()
    assert rig.command("AT+CIPRXGET=2,1") == b"abc\r\n" + OK


def test_line_when_it_comes_twice():
    rig = Rig(faults=["double-line:line=+QIOPEN", "double-line:line=+QIRD"]).online()
    peer = rig.net
    assert rig.command('AT+QIOPEN=1,0,"TCP","192.0.2.1",80') == OK + b"\r\n+QIOPEN: 0,0\r\n" * 2
    peer.links[-1].send(b"abc")
    rig.port.take()
    assert rig.command("AT+QIRD=0") == b"\r\n+QIRD: 3\r\n+QIRD: 3\r\nabc\r\n" + OK
    rig = SimcomRig(faults=["double-line:line=OK,times=1"], quirks=["urc-crlf=after"])
    assert rig.command("AT") == OK + OK and rig.command("AT") == OK


def test_line_when_it_is_late():
    rig = Rig(faults=["delay-line:line=+QIOPEN,ms=6000"]).online()
    assert rig.command('AT+QIOPEN=1,0,"TCP","192.0.2.1",80') == OK
    rig.net.links[-1].send(b"abc")
    assert rig.pass_time(5.9) == b'\r\n+QIURC: "recv",0\r\n', "others pass it"
    assert rig.pass_time(0.2) == b"\r\n+QIOPEN: 0,0\r\n"


def test_lookup_when_it_was_given_up():
    """The answer of the first lookup comes while nothing is asked; a second one is asked for and answered."""
    rig = Rig(faults=["delay:cmd=+QIDNSGIP,urc=1,ms=5000,times=1"]).online()
    assert rig.command('AT+QIDNSGIP=1,"example.com"') == OK
    assert rig.command('AT+QIDNSGIP=1,"192.0.2.77"') == ERROR and rig.error() == 564
    late = rig.pass_time(5.1)
    assert late.startswith(b'\r\n+QIURC: "dnsgip",0,2,') and b"192.0.2.10" in late
    assert b"192.0.2.77" in rig.command('AT+QIDNSGIP=1,"192.0.2.77"')


# Restarts ---------------------------------------------------------------------------------------------------------------


def test_restart_inside_a_start():
    rig = Rig(faults=["reboot:cmd=+CGMM"])
    assert rig.command("ATE0") == OK
    assert rig.command("AT+CGMM") == b"" and rig.command("AT") == b""
    assert b"RDY" in rig.pass_time(3)
    assert b"EC600E" in rig.command("AT+CGMM"), "once unless told otherwise"
    rig = Rig(faults=["reboot:skip=3"])  # the rig's own AT+QISDE=0 is the first
    assert [rig.command("AT") for _ in range(3)] == [OK, OK, b""]
    rig = Rig(faults=["reboot:cmd=+CGMM,times=2,down_ms=100"])
    for _ in range(2):
        assert rig.command("AT+CGMM") == b""
        rig.pass_time(2)
    assert rig.command("AT+CGMM").endswith(OK)


def test_restart_by_command_when_the_module_stays_up_for_a_while():
    for model, command in (("ec600e", "AT+CFUN=1,1"), ("a76xx", "AT+CRESET")):
        for stays_s in ("0.1", "1", "2"):
            rig = Rig(model, quirks=["restart=" + stays_s], payload_echo=True)
            assert rig.command(command) == OK
            rig.pass_time(float(stays_s) - 0.05)
            assert rig.command("AT") == OK, "it goes on answering"
            rig.pass_time(0.1)
            assert rig.command("AT") == b""
            rig.pass_time(5)
            assert rig.command("AT") == OK or rig.command("AT") == b"AT\r" + OK


def test_radio_when_it_was_switched_off_before_a_restart():
    for model in ("bg96", "a76xx"):
        for value, level in (("reset", b"1"), ("kept", b"0")):
            rig = Rig(model, quirks=["cfun=" + value], payload_echo=True)
            assert OK in rig.command("AT+CFUN=0")
            rig.modem.reboot()
            rig.pass_time(5)
            assert b"+CFUN: " + level in rig.command("AT+CFUN?")
            assert (b"+CREG: 0,1" in rig.command("AT+CREG?")) == (value == "reset")


def test_factory_setting_of_error_reports():
    wants = {"0": ERROR, "1": b"\r\n+CME ERROR: 50\r\n", "2": b"\r\n+CME ERROR: incorrect parameters\r\n"}
    for model in ("ec600e", "bg96", "a76xx", "sim7100"):
        for value, want in wants.items():
            rig = Rig(model, quirks=["cmee=" + value], payload_echo=True)
            assert rig.command("AT+CMEE=9") == want
            rig.command("AT+CMEE=0")
            rig.modem.reboot()
            rig.pass_time(5)
            assert rig.command("AT+CMEE=9") == want and rig.command("AT&F;+CMEE=9") == want


# Network and files ------------------------------------------------------------------------------------------------------


def test_network_when_it_wants_the_apn_first():
    rig = Rig("bg96", faults=["apn-first"])
    assert b"+CEREG: 0,3" in rig.command("AT+CEREG?") and rig.command("AT+QIACT=1") == ERROR
    assert rig.command('AT+QICSGP=1,1,"internet"') == OK
    assert b"+CEREG: 0,1" in rig.command("AT+CEREG?") and rig.command("AT+QIACT=1") == OK
    rig = SimcomRig(faults=["apn-first"])
    assert rig.command("AT+CEREG?") == frames("+CEREG: 0,3", "OK")
    assert rig.command('AT+CGDCONT=1,"IP","internet"') == OK
    assert rig.command("AT+CEREG?") == frames("+CEREG: 0,1", "OK")


def upload(quirks, command, acknowledge):
    """Upload 3000 bytes over a paced line; what the module has kept."""
    rig = Rig("bg96", quirks=quirks, rate=115200)
    rig.pass_time(1)
    rig.command(command)
    data, got = bytes(range(250)) * 12, b""
    for at in range(0, len(data), 1024):
        rig.line.heard(data[at : at + 1024])
        got += rig.pass_time(0.2 if acknowledge else 1024 / 11520)
    assert (b"A" in got.split(b"+QFUPL")[0]) == acknowledge
    rig.pass_time(10)
    return rig.modem.files.read("f") == data, len(rig.modem.files.read("f"))


def test_upload_when_the_module_is_deaf_after_each_kibibyte():
    assert upload((), 'AT+QFUPL="f",3000', False) == (True, 3000)
    whole, kept = upload(["upload=deaf"], 'AT+QFUPL="f",3000', False)
    assert not whole and 1024 <= kept < 2500
    assert upload(["upload=deaf"], 'AT+QFUPL="f",3000,5,1', True) == (True, 3000)


# Descriptions of faults -------------------------------------------------------------------------------------------------


def test_faults_when_they_would_strike_at_everything_or_never():
    for spec in ("drop", "garble:dir=in", "stall", "stall:ms=5", "contexts", "drop:every=5,dir=up"):
        try:
            Faults([spec])
        except ValueError as error:
            assert spec.split(":")[0] in str(error) and "\n" not in str(error), error
        else:
            raise AssertionError(spec)
    Faults(["drop:p=0.1", "garble:every=3,dir=both", "stall:every=9", "contexts:max=1"])
