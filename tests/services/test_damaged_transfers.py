"""Downloads that end in a restart or have a hole: an error, and nothing after it. Scripted, on both Pythons."""

import io

from modem import ConnectionClosed, ModemTimeout, ProtocolError
from tests.rigs.assertions import raises
from tests.services.test_ftp import OK, block, client, on

_GET = b'AT+CFTPGET="a"\r'


def test_a_restart_of_the_module_ends_a_download_at_once():
    modem, port = on([(_GET, [(0, OK + block(b"CFTPGET", b"abc")), (1000, b"\r\nRDY\r\n")])])
    with raises(ConnectionClosed):
        client(modem).retrieve("a", io.BytesIO())
    assert port.now < 5000


def test_nothing_is_delivered_after_a_block_that_did_not_fit():
    data = bytes(range(256)) * 8
    more = data[1200:] + block(b"CFTPGET", b"later") + b"\r\n+CFTPGET: 0\r\n"
    answer = [(0, OK + b"\r\n+CFTPGET: DATA,2048\r\n" + data[:600]), (5, data[600:1200]), (5, more)]
    modem, port = on([(_GET, answer)])
    got = io.BytesIO()
    with raises(ProtocolError, "did not fit"):
        client(modem, rxbuf=256).retrieve("a", got)
    assert data.startswith(got.getvalue())


def test_a_block_longer_than_any_is_refused():
    modem, port = on([(_GET, OK + b"\r\n+CFTPGET: DATA,99999999999\r\n")])
    with raises(ProtocolError):
        client(modem).retrieve("a", io.BytesIO())


def test_the_last_block_of_a_response_is_handed_out_only_when_nothing_of_it_was_lost():
    from tests.services.test_http import END, TRAP, exchange, get, reply

    whole = OK + reply(TRAP) + END
    at = whole.rfind(TRAP[-6:])
    for n, error in ((1, ProtocolError), (3, ModemTimeout)):  # of three bytes the + of the next line is one
        damaged = whole[:at] + whole[at + n :]
        modem, port = on(exchange(damaged))
        with raises(error):
            get(modem)
    modem, port = on(exchange(OK + reply(TRAP)))  # the line after it never comes
    with raises(ModemTimeout):
        get(modem)


def test_a_command_ends_when_no_task_wants_its_data_although_its_ok_is_lost():
    from tests.services.test_files import entered

    data = b"From: a@peer.test\r\n" + bytes(21)
    answer = b"\r\n+CFTRANTX: DATA,40\r\x0b" + data + b"\r\n+CFTRANTX: 0\r\n" + OK  # of OK only the K is left
    attributes = (b"AT+FSATTRI=a.bin\r", b"\r\n+FSATTRI: 40,2024/05/17 08:01:02\r\n" + OK)
    dialogue = [entered(b"C:/"), attributes, (b'AT+CFTRANTX="C:/a.bin"\r', answer)]
    dialogue += [(b"AT+CMEE?\r", b"\r\n+CMEE: 1\r\n" + OK)] * 2
    modem, port = on(dialogue + [(b"AT+CSQ\r", b"\r\n+CSQ: 9,9\r\n" + OK)])
    with raises(ProtocolError):
        modem.files.get("a.bin")
    assert modem.status("rssi") == -95 and port.now < 300000


def test_a_request_that_is_cancelled_before_the_module_wants_it_has_an_end_for_the_server():
    from tests.services.test_http import ACT, REQUEST, SITE

    nothing = b"HEAD / HTTP/1.0\r\nConnection: close\r\n\r\n\x1a"
    modem, port = on([(ACT, [(100, REQUEST)]), (nothing, OK + b"\r\n+CHTTPACT: 0\r\n"), (b"AT+CSQ\r", b"\r\n+CSQ: 9,9\r\n" + OK)])
    wait = port.wait

    def interrupted(timeout_ms, coming=1):
        port.wait = wait
        raise KeyboardInterrupt

    port.wait = interrupted
    try:
        modem.http().get(SITE + "/a")
        raise AssertionError("not interrupted")
    except KeyboardInterrupt:
        pass
    assert modem.status("rssi") == -95
    port.done()
