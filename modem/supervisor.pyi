from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, Literal, NoReturn, Protocol, TypeVar, overload

from .aio import AsyncModem
from .device import Modem

_M = TypeVar("_M", Modem, AsyncModem)
_State = Literal["up", "down", "restart", "waiting"]
_Restart = Callable[[Any], Awaitable[object] | object]

class _Pin(Protocol):
    def value(self, level: int, /) -> object: ...

PAUSES_MIN: tuple[int, ...]

class Supervisor(Generic[_M]):
    modem: _M
    state: _State
    error: Exception | None
    reason: str | None
    restarts: int
    def __init__(
        self,
        modem: _M,
        *connect: Any,
        restart: _Restart | None = None,
        free_restarts: int = 3,
        attempts: int = 3,
        check_ms: int = 300000,
        retry_ms: int = 5000,
        start_ms: int = 40000,
        on_change: Callable[[_State], object] | None = None,
        **options: Any,
    ) -> None: ...
    def pause_ms(self) -> int: ...
    @overload
    def step(self: Supervisor[Modem]) -> bool: ...
    @overload
    def step(self: Supervisor[AsyncModem]) -> Coroutine[Any, Any, bool]: ...
    @overload
    def run(self: Supervisor[Modem]) -> NoReturn: ...
    @overload
    def run(self: Supervisor[AsyncModem]) -> Coroutine[Any, Any, NoReturn]: ...

async def restart_by_command(m: Modem | AsyncModem) -> None: ...
def pulse(pin: _Pin, ms: int = 500, active: int = 1) -> _Restart: ...
def power_key(pin: _Pin, off_ms: int = 1000, wait_ms: int = 5000, on_ms: int = 1000, active: int = 1) -> _Restart: ...
