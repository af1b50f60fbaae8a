"""TLS with AsyncModem: sockets that are opened at the same time share one set of settings, which is written once."""

import asyncio

from modem import AsyncModem, CommandError
from tests.quectel.test_tls_settings import ERROR, NO_REASON, OK, STRICT, cfg, written
from tests.rigs.scripted_port import ScriptedPort, ready


def _opened(n, ident):
    answer = b"\r\nOK\r\n\r\n+QSSLOPEN: %d,0\r\n" % ident
    return (b'AT+QSSLOPEN=1,%d,%d,"srv",8883,0\r' % (n, ident), answer)


PLAIN = written(0, ca=None, level=b"0", more=STRICT[1:])


def _two(port, **settings):
    """Open two connections at the same time; return what became of them."""

    async def main():
        modem = ready(port, "ec200u", modem_class=AsyncModem)

        async def one():
            tls = modem.tls_context(verify=False, **settings)
            try:
                return (await modem.create_connection(("srv", 8883), tls=tls)).connection_id()
            except CommandError:
                return "refused"

        return await asyncio.gather(one(), one())

    return asyncio.run(main())


def test_equal_settings_are_written_once():
    port = ScriptedPort(PLAIN + [_opened(0, 0), _opened(0, 1)])
    assert _two(port) == [0, 1]
    port.done()


def test_who_waited_for_settings_that_were_refused_tries_itself():
    refused = [cfg(b"sslversion", 0, b"3", ERROR), NO_REASON]
    port = ScriptedPort(refused + [(b"AT+QSSLCLOSE=0\r", OK)] + PLAIN + [_opened(0, 1)])
    assert _two(port) == ["refused", 1]
    port.done()
