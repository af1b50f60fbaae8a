# MicroPython only: on CPython nothing is loaded late, and nothing is let go.
"""What a board does about its memory (late.py): modules that have done their work go, methods come when they are called."""

import sys

from modem import Modem
from tests.net.test_start_connect import _start
from tests.quectel.test_sockets import module
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, ready


def test_start_is_let_go_and_can_be_called_again():
    port = ScriptedPort(_start())
    modem = Modem(port)
    modem.start()
    dialect = modem.module.dialect
    assert "modem.startup" not in sys.modules
    port.dialogue += _start()
    modem.start()
    port.done()
    assert modem.module.dialect is dialect  # the same one: its entries in the URC table are there once
    assert "modem.startup" not in sys.modules


def test_a_late_method_is_the_classes_own_from_then_on():
    modem = ready(ScriptedPort([(b"AT+CSQ\r", b"\r\n+CSQ: 20,99\r\n\r\nOK\r\n")] * 2))
    assert modem.command("AT+CSQ") == [b"+CSQ: 20,99"]
    assert "modem.extras" in sys.modules
    del sys.modules["modem.extras"]
    assert modem.command("AT+CSQ") == [b"+CSQ: 20,99"]
    assert "modem.extras" not in sys.modules


def test_what_no_companion_has_is_an_attribute_error():
    modem = ready(ScriptedPort())
    with raises(AttributeError, "no_such_method"):
        modem.no_such_method()
    with raises(AttributeError):
        modem.socket().no_such_method()
    with raises(AttributeError):
        modem.__no_such_method__()


def test_errors_that_are_seldom_met_are_loaded_when_they_are_asked_for():
    import modem

    for name in ("NotSupported", "SimError", "RegistrationDenied"):
        sys.modules.pop("modem.refusals", None)
        for holder in (modem, modem.errors):
            for there in (name, "refusals"):
                if there in holder.__dict__:
                    delattr(holder, there)
        assert issubclass(getattr(modem, name), modem.ModemError)
        assert "modem.refusals" in sys.modules
    with raises(AttributeError):
        modem.errors.no_such_error  # noqa: B018


def _there():
    return [name for name in ("modem.net.connect", "modem.quectel.opening") if name in sys.modules]


def test_what_opens_and_closes_connections_is_let_go_in_buffer_mode():
    sock = ready(module()).socket()
    sock.connect(("10.0.0.1", 80))
    assert not _there()
    assert sock.send(b"abc") == 3 and not _there()
    sock.close()
    assert not _there()


def test_what_opens_and_closes_connections_stays_while_data_may_be_pushed():
    modem = ready(module())
    pushed = modem.socket(access="push")
    pushed.connect(("10.0.0.1", 80))
    assert len(_there()) == 2
    other = modem.socket()
    other.connect(("10.0.0.1", 80))
    other.close()
    assert len(_there()) == 2  # no time to load it again while the first one may receive
    pushed.close()
    assert not _there()


def test_failed_open_lets_go_too():
    modem = ready(module(**{"AT+QIOPEN=": b"\r\nERROR\r\n", "AT+QIGETERROR": b"\r\n+QIGETERROR: 552,x\r\n\r\nOK\r\n"}))
    with raises(OSError):
        modem.create_connection(("10.0.0.1", 80))
    assert not _there()
