"""Results of HTTPS commands that come by a line of their own, or do not, whatever was learnt before. Scripted, on both Pythons."""

from modem import ModemTimeout
from modem.simcom.services.state import state_of
from tests.rigs.assertions import raises
from tests.services.test_ftp import OK, on
from tests.services.test_http import ANSWER, SEND, START, STOP, cached, receive

_URL = "https://www.mywebsite.com/a"
_FAMILY = "simcom-https"
_FETCH = SEND + [cached(len(ANSWER)), receive(ANSWER)]
_OPENED = (START[1][0], [(0, OK), (7000, b"\r\n+CHTTPSOPSE: 0\r\n")])


def test_a_result_that_comes_seconds_after_ok_is_waited_for():
    modem, port = on([(START[0][0], [(0, OK), (2500, b"\r\n+CHTTPSSTART: 0\r\n")]), _OPENED] + _FETCH)
    assert modem.https(verify=False).get(_URL).read() == ANSWER[-40:] and port.now >= 9500
    port.done()


def test_a_line_that_comes_after_all_corrects_what_silence_has_taught():
    modem, port = on(START + _FETCH)
    assert modem.https(verify=False).get(_URL).read() == ANSWER[-40:]
    state = state_of(modem.module)
    assert state.results_follow[_FAMILY] is False
    port.later(0, b"\r\n+CHTTPSSTART: 0\r\n")
    modem.poll(10)
    assert state.results_follow[_FAMILY] is True


def test_a_result_that_does_not_come_is_learnt_anew():
    modem, port = on([(b"AT+CHTTPSSTART\r", OK), STOP[1]])
    state = state_of(modem.module)
    state.results_follow[_FAMILY] = True
    with raises(ModemTimeout):
        modem.https(verify=False).get(_URL)
    assert _FAMILY not in state.results_follow
    port.done()
