# MicroPython only: on CPython nothing is loaded late, and nothing is let go.
"""What a board does about its memory (late.py): modules that have done their work go, methods come when they are called."""

import sys

from modem import Modem
from tests.helpers import ScriptedPort, raises, ready
from tests.test_device import _start


def test_start_is_let_go_and_can_be_called_again():
    port = ScriptedPort(_start())
    modem = Modem(port)
    modem.start()
    dialect = modem.dialect
    assert "modem.startup" not in sys.modules
    port.dialogue += _start()
    modem.start()
    port.done()
    assert modem.dialect is dialect  # the same one: its entries in the URC table are there once
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
