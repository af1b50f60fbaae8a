"""connect(): the PIN of the SIM card, which is sent once and never where it could lock the card."""

from modem import Modem, ModemTimeout, SimError
from tests.net.test_start_connect import ATTACH, CEREG, OK, OWED, PIN, REFUSED, SIM_READY, WANTS_PIN, tries
from tests.rigs.assertions import raises
from tests.rigs.scripted_port import ScriptedPort, ready


def test_a_pin_that_was_refused_is_never_sent_again_by_itself():
    port = ScriptedPort([WANTS_PIN, tries(3), REFUSED, tries(2)])
    modem = ready(port, connected=False)
    with raises(SimError, "not accepted", "16", "2 tries left") as error:
        modem.connect("internet", pin="1234")
    assert error.value.tries_left == 2 and "1234" not in str(error.value)
    port.dialogue = [WANTS_PIN, tries(2)]
    with raises(SimError, "pin_retry", "2 tries left"):
        modem.connect("internet", pin="1234")
    # another program, or this one after a restart: it does not know what was sent before
    port = ScriptedPort([WANTS_PIN, tries(2)])
    with raises(SimError, "pin_retry", "2 tries left"):
        ready(port, connected=False).connect("internet", pin="5678")
    port.done()
    port = ScriptedPort([WANTS_PIN, tries(2), (PIN, OK), SIM_READY[0], CEREG] + ATTACH)
    modem = ready(port, connected=False)
    modem.connect("internet", pin="1234", pin_retry=True)
    port.done()
    assert modem.isconnected()


def test_a_pin_whose_answer_is_lost_may_have_been_refused():
    port = ScriptedPort([WANTS_PIN, tries(3), (PIN, b""), OWED])
    modem = ready(port, connected=False)
    with raises(ModemTimeout):
        modem.connect("internet", pin="1234")
    unknown = [(b'AT+QPINC="SC"\r', b"\r\nERROR\r\n"), (b'AT+CPINR="SIM PIN"\r', b"\r\nERROR\r\n")]
    port.dialogue = [(b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK), WANTS_PIN] + unknown
    with raises(SimError, "pin_retry"):
        modem.connect("internet", pin="1234")


def test_a_pin_that_cannot_be_one_is_named_before_anything_is_sent():
    port = ScriptedPort([])
    for wrong, kind in (('12"4', ValueError), ("123456789", ValueError), (1234, TypeError)):
        with raises(kind, "pin"):
            Modem(port, "ec600e").connect("internet", pin=wrong)
    assert not port.sent


def test_the_pin_is_given_once_and_a_sim_card_that_is_still_busy_is_waited_for():
    dialogue = [
        (b"AT+CPIN?\r", b"\r\n+CME ERROR: 14\r\n"),
        (b"AT+CFUN?\r", b"\r\n+CFUN: 4\r\n" + OK),
        (b"AT+CFUN=1\r", OK),
        WANTS_PIN,
        tries(3),
        (PIN, OK),
        (b"AT+CPIN?\r", b"\r\n+CME ERROR: 13\r\n"),
    ]
    port = ScriptedPort(dialogue + SIM_READY + [CEREG] + ATTACH)
    modem = ready(port, connected=False)
    modem.connect("internet", pin="1234")
    assert modem.isconnected()
