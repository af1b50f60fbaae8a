"""A context that the network took away: it is deactivated before it is activated anew, and no longer than the caller waits."""

from modem import Modem, ModemTimeout
from tests.rigs.assertions import raises
from tests.rigs.scripted_module import Module, SimcomModule

_VENDORS = (
    (Module, b'\r\n+QIURC: "pdpdeact",1\r\n', b"AT+QIDEACT=1", b"AT+QIACT=1"),
    (SimcomModule, b"\r\n+CIPEVENT: NETWORK CLOSED UNEXPECTEDLY\r\n", b"AT+NETCLOSE", b"AT+NETOPEN"),
)


def test_connect_waits_no_longer_than_its_time_out_for_the_deactivation_which_is_made_up_for():
    for kind, notice, deactivate, activate in _VENDORS:
        port = kind()
        modem = Modem(port)
        modem.connect("internet")
        port.later(0, notice)
        modem.command("AT")
        assert not modem.isconnected() and port.count(deactivate) == 0
        port.table[deactivate] = None  # no answer
        began = port.now
        with raises(ModemTimeout):
            modem.connect("internet", timeout_ms=3000)
        assert 2900 <= port.now - began <= 4000, (kind, port.now - began)
        del port.table[deactivate]
        modem.connect("internet")
        order = [line for line in port.lines if line in (deactivate, activate)]
        assert modem.isconnected() and order == [activate, deactivate, deactivate, activate], (kind, order)
