"""Downloads that end in a restart or have a hole: an error, and nothing after it. Scripted, on both Pythons."""

import io

from modem import ConnectionClosed, ProtocolError
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
