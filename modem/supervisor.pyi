"""Made by tools/stubs.py: do not edit."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol, overload

from modem.aio import AsyncModem
from modem.modem import Modem

_Restart = Callable[[Any], Awaitable[object] | object]

class _Pin(Protocol):
    def value(self, level: int) -> object: ...

@overload
def Supervisor(
    modem: Modem,
    *settings: Any,
    restart: _Restart | None = None,
    free_restarts: int = 3,
    attempts: int = 3,
    check_ms: int = 300000,
    retry_ms: int = 5000,
    start_ms: int = 40000,
    on_change: Callable[[str], object] | None = None,
    **options: Any,
) -> BlockingSupervisor:
    """Return what watches one modem: an AsyncSupervisor for an AsyncModem, its blocking face for a Modem.

    The arguments are those of AsyncSupervisor."""

@overload
def Supervisor(
    modem: AsyncModem,
    *settings: Any,
    restart: _Restart | None = None,
    free_restarts: int = 3,
    attempts: int = 3,
    check_ms: int = 300000,
    retry_ms: int = 5000,
    start_ms: int = 40000,
    on_change: Callable[[str], object] | None = None,
    **options: Any,
) -> AsyncSupervisor:
    """Return what watches one modem: an AsyncSupervisor for an AsyncModem, its blocking face for a Modem.

    The arguments are those of AsyncSupervisor."""

class AsyncSupervisor:
    """Watches one modem.

    `settings` and `options`: arguments of `modem.connect`. `restart`: callable(modem) that restarts the module, plain or a
    coroutine function; None: AT+CFUN=1,1. `free_restarts`: restarts before the pauses begin. `attempts`: after so many failed
    connects in a row the module is restarted too. `check_ms`: how often an idle connection is checked, so that days of silence
    do not go unnoticed. `retry_ms`: pause after a failed connect. `start_ms`: for Modem.start. `on_change`: callable(state) with
    "up", "down", "restart", "waiting"."""

    modem: Modem | AsyncModem
    state: str
    error: Exception | None
    reason: str | None
    restarts: int

    def __init__(
        self,
        modem: Modem | AsyncModem,
        *settings: Any,
        restart: _Restart | None = None,
        free_restarts: int = 3,
        attempts: int = 3,
        check_ms: int = 300000,
        retry_ms: int = 5000,
        start_ms: int = 40000,
        on_change: Callable[[str], object] | None = None,
        **options: Any,
    ) -> None: ...
    def request_restart(self, reason: str) -> None:
        """Have the next step() restart the module; `reason`: for `supervisor.reason`. Never awaited.

        For a program that finds out by itself that the connection is of no use, although the module reports that it is up."""

    def pause_ms(self) -> int:
        """Return how long after the last restart the next one may come, in ms. Never awaited."""

    async def step(self) -> bool:
        """Do what is due: let URCs in, connect again, restart. Returns whether the module is connected.

        Takes as long as connecting or restarting takes; returns at once during the pauses between."""

    async def run(self) -> None:
        """Go on for ever: a task with AsyncModem; with Modem it never returns (use `step` in your own loop)."""

class BlockingSupervisor:
    """Watches one modem.

    `settings` and `options`: arguments of `modem.connect`. `restart`: callable(modem) that restarts the module, plain or a
    coroutine function; None: AT+CFUN=1,1. `free_restarts`: restarts before the pauses begin. `attempts`: after so many failed
    connects in a row the module is restarted too. `check_ms`: how often an idle connection is checked, so that days of silence
    do not go unnoticed. `retry_ms`: pause after a failed connect. `start_ms`: for Modem.start. `on_change`: callable(state) with
    "up", "down", "restart", "waiting"."""

    modem: Modem | AsyncModem
    state: str
    error: Exception | None
    reason: str | None
    restarts: int
    operations: AsyncSupervisor

    def request_restart(self, reason: str) -> None:
        """Have the next step() restart the module; `reason`: for `supervisor.reason`. Never awaited.

        For a program that finds out by itself that the connection is of no use, although the module reports that it is up."""

    def pause_ms(self) -> int:
        """Return how long after the last restart the next one may come, in ms. Never awaited."""

    def step(self) -> bool:
        """Do what is due: let URCs in, connect again, restart. Returns whether the module is connected.

        Takes as long as connecting or restarting takes; returns at once during the pauses between."""

    def run(self) -> None:
        """Go on for ever: a task with AsyncModem; with Modem it never returns (use `step` in your own loop)."""

async def restart_by_command(modem: Modem | AsyncModem) -> None:
    """AT+CFUN=1,1: restarts a module that still listens."""

def pulse(pin: _Pin, ms: int = 500, active: int = 1) -> _Restart:
    """Return a restart by a pulse on the module's RESET_N line: `pin.value(active)` for `ms`.

    `active`: the pin's level that pulls the line low (1 with the usual transistor). See the module's hardware manual for `ms`."""

def power_key(pin: _Pin, off_ms: int = 1000, wait_ms: int = 5000, on_ms: int = 1000, active: int = 1) -> _Restart:
    """Return a restart by the module's PWRKEY line: pressed for `off_ms`, released for `wait_ms`, pressed for `on_ms`.

    The times differ from module to module: take them from its hardware manual. A module that hangs may ignore its PWRKEY: a pulse
    on RESET_N, or switching its supply, is more reliable."""
