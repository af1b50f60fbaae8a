"""Made by tools/stubs.py: do not edit."""

from collections.abc import Mapping
from typing import Final, Literal, Self

from modem.simcom.services.response import BlockingResponse, Response
from modem.simcom.services.state import BlockingClient, Client, _Data, _Into

_Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
HOST: Final = 255

class HttpClient(Client):
    """Requests and redirects. Derived classes: `_exchange(host, port, pieces)` sends a request and returns its source.

    A source has `ring`, `more()`, `confirm()`, `give_up()`, `end(keep)` and `ended`: see response.Reader."""

    async def request(
        self,
        method: _Method,
        url: str,
        headers: Mapping[str, object] | None = None,
        body: str | _Data | None = None,
        redirects: int = 0,
    ) -> Response:
        """Send a request; return its Response (response.py) when the headers have come.

        `headers`: a dict (Host, Connection and the length of the body are added). `body`: None, str, bytes, or an object with
        `readinto` or `read`: that is sent in chunks, unless `headers` has its Content-Length. `redirects`: how many to follow
        (none by default, and only to the same sort of URL; Authorization and Cookie stay with their server). The body of the
        response comes at the speed of the line: read it as fast, or have flow control. Raises CommandError with the module's
        number, ConnectionClosed, ProtocolError, ModemTimeout when nothing comes for 150 s, ValueError before anything is sent."""

    async def get(self, url: str, headers: Mapping[str, object] | None = None, redirects: int = 0) -> Response:
        """GET: see `request`."""

    async def post(self, url: str, body: str | _Data, headers: Mapping[str, object] | None = None) -> Response:
        """POST: see `request`."""

    async def raw(self, host: str, port: int, data: _Data, into: _Into) -> int:
        """Send bytes that are a request already (bytes or a stream). Write the response as it comes into `into`; return its size.

        Errors as for `request`."""

    async def close(self) -> None:
        """Pass over the rest of a response; no error when there is none."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...

class BlockingHttpClient(BlockingClient):
    """Requests and redirects. Derived classes: `_exchange(host, port, pieces)` sends a request and returns its source.

    A source has `ring`, `more()`, `confirm()`, `give_up()`, `end(keep)` and `ended`: see response.Reader."""

    operations: HttpClient

    def request(
        self,
        method: _Method,
        url: str,
        headers: Mapping[str, object] | None = None,
        body: str | _Data | None = None,
        redirects: int = 0,
    ) -> BlockingResponse:
        """Send a request; return its Response (response.py) when the headers have come.

        `headers`: a dict (Host, Connection and the length of the body are added). `body`: None, str, bytes, or an object with
        `readinto` or `read`: that is sent in chunks, unless `headers` has its Content-Length. `redirects`: how many to follow
        (none by default, and only to the same sort of URL; Authorization and Cookie stay with their server). The body of the
        response comes at the speed of the line: read it as fast, or have flow control. Raises CommandError with the module's
        number, ConnectionClosed, ProtocolError, ModemTimeout when nothing comes for 150 s, ValueError before anything is sent."""

    def get(self, url: str, headers: Mapping[str, object] | None = None, redirects: int = 0) -> BlockingResponse:
        """GET: see `request`."""

    def post(self, url: str, body: str | _Data, headers: Mapping[str, object] | None = None) -> BlockingResponse:
        """POST: see `request`."""

    def raw(self, host: str, port: int, data: _Data, into: _Into) -> int:
        """Send bytes that are a request already (bytes or a stream). Write the response as it comes into `into`; return its size.

        Errors as for `request`."""

    def close(self) -> None:
        """Pass over the rest of a response; no error when there is none."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...

class Http(HttpClient):
    """The module's HTTP client: one request at a time, each on a connection of its own.

    `rxbuf`: bytes that wait for the program."""

class BlockingHttp(BlockingHttpClient):
    """The module's HTTP client: one request at a time, each on a connection of its own.

    `rxbuf`: bytes that wait for the program."""

    operations: Http
