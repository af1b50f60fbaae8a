from collections.abc import Callable
from typing import Any, Literal, Protocol

from . import _OpenPort

class _Out(Protocol):
    def write(self, text: str, /) -> object: ...

class Trace(_OpenPort):
    def __init__(
        self,
        port: Any,
        out: Callable[[str], object] | _Out | None = None,
        data: Literal["count", "hex"] = "count",
        limit: int = 200,
    ) -> None: ...
