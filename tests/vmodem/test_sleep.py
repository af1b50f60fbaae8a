# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem's sleep: what comes first is lost, after silence (mode 2) or while DTR is off (mode 1)."""

from tests.rigs.virtual_modem import ERROR, OK, Rig


def test_sleep_when_nothing_is_said():
    for model, name in (("ec600e", "+QSCLK"), ("a76xx", "+CSCLK")):
        rig = Rig(model, payload_echo=True) if model == "a76xx" else Rig(model)
        rig.pass_time(30)
        assert rig.command("AT%s?" % name) == b"\r\n%s: 0\r\n" % name.encode() + OK
        assert rig.command("AT%s=3" % name) != OK and rig.command("AT%s=2" % name) == OK
        assert rig.pass_time(4.9) + rig.command("AT") == OK
        rig.pass_time(5)
        assert rig.command("AT") == b""
        assert rig.pass_time(0.04) + rig.command("AT") == b""
        assert rig.pass_time(0.06) + rig.command("AT") == OK
        assert rig.pass_time(6) + rig.host(b"AT+CR") + rig.pass_time(0.1) + rig.command("EG?") == b""
        assert rig.command("AT%s=0" % name) == OK
        assert rig.pass_time(60) + rig.command("AT") == OK


def test_sleep_when_the_module_speaks_itself():
    rig = Rig()
    assert rig.command("AT+QSCLK=2") == OK
    rig.pass_time(10)
    rig.modem.urc("+CREG: 1")
    assert rig.port.take().endswith(b"+CREG: 1\r\n") and rig.command("AT") == OK


def test_sleep_when_dtr_is_off():
    rig = Rig()
    assert rig.command("AT+QSCLK=1") == OK
    assert rig.pass_time(60) + rig.command("AT") == OK
    rig.modem.dtr(False)
    assert rig.command("AT") + rig.pass_time(1) + rig.command("AT") == b""
    rig.modem.dtr(True)
    assert rig.command("AT") == b""
    assert rig.pass_time(0.1) + rig.command("AT") == OK


def test_sleep_when_an_earlier_program_has_asked_for_it():
    rig = Rig(faults=["asleep:ms=1000,wake_ms=10"])
    assert rig.command("AT") == OK
    rig.pass_time(1)
    assert rig.command("AT") == b"" and rig.pass_time(0.02) + rig.command("AT+QSCLK?") == b"\r\n+QSCLK: 2\r\n" + OK
    assert rig.command("AT+QSCLK=0") == OK
    rig.pass_time(5)
    assert rig.command("AT") == OK
    rig.modem.reboot(0)
    rig.pass_time(10)
    assert rig.command("AT") == b"" and rig.pass_time(0.5) + rig.command("AT+X") == ERROR
