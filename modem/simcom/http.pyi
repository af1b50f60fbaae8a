from collections.abc import Mapping
from typing import Literal

from .ftp import _Data, _Into
from .response import Response

_Method = Literal["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]
_Headers = Mapping[str, object]

class Client:
    scheme: str
    port: int
    def request(
        self,
        method: _Method,
        url: str,
        headers: _Headers | None = None,
        body: str | _Data | None = None,
        redirects: int = 0,
    ) -> Response: ...
    def get(self, url: str, headers: _Headers | None = None, redirects: int = 0) -> Response: ...
    def post(self, url: str, body: str | _Data, headers: _Headers | None = None) -> Response: ...
    def raw(self, host: str, port: int, data: _Data, into: _Into) -> int: ...

class Http(Client): ...
