# CPython only: the virtual modem needs asyncio's sockets and clocks.
"""The virtual modem switched off and on: by command, by the PWRKEY, by the supply."""

from tests.rigs.virtual_modem import OK, Rig


def is_off(rig):
    """Whether the module hears nothing, for however long."""
    return rig.command("AT") == b"" == rig.pass_time(600) and rig.modem.power.off


def test_off_by_command_on_each_vendor():
    for model, line, said in (
        ("ec200u", "AT+QPOWD", OK + b"\r\nPOWERED DOWN\r\n"),
        ("bg96", "AT+QPOWD=1", OK + b"\r\nPOWERED DOWN\r\n"),
        ("ec600e", "AT+QPOWD=0", OK),
        ("a76xx", "AT+CPOF", OK),
        ("sim7100", "AT+CPOWD=1", b"\r\nNORMAL POWER DOWN\r\n"),
    ):
        rig = Rig(model)
        assert rig.command(line) + rig.pass_time(3) == said, model
        assert is_off(rig), model
    rig = Rig("ec600e", quirks=["off-line=normal"])
    assert rig.command("AT+QPOWD") + rig.pass_time(3) == OK + b"\r\nNORMAL POWER DOWN\r\n"


def test_the_key_has_the_times_of_the_model():
    for model, on_ms, off_ms in (("ec600e", 500, 650), ("eg915u", 2000, 3000), ("a76xx", 50, 2500)):
        rig = Rig(model)
        assert rig.modem.power.press(off_ms - 1).startswith("too short") and rig.pass_time(5) == b"" and rig.command("AT") == OK
        assert rig.modem.power.press(off_ms) == "goes down"
        said = rig.pass_time(5)
        assert said == (b"" if model == "a76xx" else b"\r\nPOWERED DOWN\r\n") and is_off(rig)
        assert rig.modem.power.press(on_ms - 1).startswith("too short") and is_off(rig)
        assert rig.modem.power.press(on_ms) == "starts" and rig.command("AT") == b""
        assert b"+CPIN: READY" in rig.pass_time(5) and OK in rig.command("AT")


def test_a_key_that_is_pressed_on_a_module_that_runs_switches_it_off():
    """The key toggles: whoever presses it to be sure has switched the module off."""
    rig = Rig("a76xx")
    rig.modem.power.press(3000)
    rig.pass_time(5)
    assert is_off(rig)


def test_the_supply():
    rig = Rig().online()
    peer = rig.open()
    rig.command("AT+CREG=1")
    rig.modem.power.cut()
    assert rig.port.take() == b"" and peer.gone and is_off(rig)
    assert rig.modem.power.press(1000) == "no supply" and is_off(rig)
    rig.modem.power.restore()
    assert rig.pass_time(5).startswith(b"\r\nRDY\r\n") and rig.command("AT+QIACT?") == OK


def test_a_module_that_is_off_does_not_restart_by_itself():
    rig = Rig(faults=["reboot:at=10"])
    rig.command("AT+QPOWD=0")
    rig.pass_time(1)
    assert is_off(rig)


def test_what_is_typed_while_it_boots_is_lost():
    rig = Rig()
    rig.command("AT+QPOWD=0")
    rig.pass_time(1)
    rig.modem.power.press(600)
    assert rig.command("AT") == b""
    assert b"RDY" in rig.pass_time(2.5) and rig.command("AT").endswith(OK)
