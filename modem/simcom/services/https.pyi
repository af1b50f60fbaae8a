"""Made by tools/stubs.py: do not edit."""

from typing import Self

from modem.simcom.services.http import BlockingHttpClient, HttpClient

class Https(HttpClient):
    """The module's HTTPS client. The connection to a server is kept for the next request to it; `close()` gives it back.

    `verify` must be False: the document has no command that gives the module a certificate to check the server by, so anybody
    on the way can pose as the server. Data are fetched when the program reads: it may be as slow as it likes, as long as the
    module's firmware gives no more than is asked for. `rxbuf`: bytes that wait for the program."""

    async def close(self) -> None:
        """Close the connection and stop the service; no error when nothing is open."""

    async def unsent(self) -> int:
        """Return how many bytes of a request wait in the module (AT+CHTTPSSEND?)."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...

class BlockingHttps(BlockingHttpClient):
    """The module's HTTPS client. The connection to a server is kept for the next request to it; `close()` gives it back.

    `verify` must be False: the document has no command that gives the module a certificate to check the server by, so anybody
    on the way can pose as the server. Data are fetched when the program reads: it may be as slow as it likes, as long as the
    module's firmware gives no more than is asked for. `rxbuf`: bytes that wait for the program."""

    operations: Https

    def close(self) -> None:
        """Close the connection and stop the service; no error when nothing is open."""

    def unsent(self) -> int:
        """Return how many bytes of a request wait in the module (AT+CHTTPSSEND?)."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
