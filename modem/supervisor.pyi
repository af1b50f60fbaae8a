"""Made by tools/stubs.py: do not edit."""

from collections.abc import Awaitable, Callable
from typing import Any, overload

from modem.aio import AsyncModem
from modem.modem import Modem

_Restart = Callable[[Any], Awaitable[object] | object]

@overload
def Supervisor(
    modem: Modem,
    *settings: Any,
    restart: _Restart | None = None,
    free_restarts: int = 3,
    attempts: int = 3,
    failed_opens: int = 3,
    check_ms: int = 300000,
    retry_ms: int = 5000,
    start_ms: int | None = None,
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
    failed_opens: int = 3,
    check_ms: int = 300000,
    retry_ms: int = 5000,
    start_ms: int | None = None,
    on_change: Callable[[str], object] | None = None,
    **options: Any,
) -> AsyncSupervisor:
    """Return what watches one modem: an AsyncSupervisor for an AsyncModem, its blocking face for a Modem.

    The arguments are those of AsyncSupervisor."""

class AsyncSupervisor:
    """Watches one modem. What a callable of the program raises is printed and ends nothing else.

    `settings` and `options`: arguments of `modem.connect`. `restart`: callable(modem) that restarts the module, plain or a
    coroutine function; None: the modem's PowerKey where it has one, otherwise AT+CFUN=1,1. `free_restarts`: restarts for commands
    without answer before the pauses begin. `attempts`: after so many failed connects in a row the module is restarted, too.
    `failed_opens`: after so many failed opens or name lookups in a row the context is deactivated, after as many more the module
    restarted; 0: never. `check_ms`: how often an idle connection is checked, so that days of silence do not go unnoticed.
    `retry_ms`: pause after a failed connect; doubles with each, up to 60 s. `start_ms`: for Modem.start; None: 40 s, 100 s with a
    PowerKey. `on_change`: callable(state) with "up", "down", "restart", "waiting" (a restart is due, its pause is not over),
    "locked" (the SIM card wants a PIN or PUK: see `change`)."""

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
        failed_opens: int = 3,
        check_ms: int = 300000,
        retry_ms: int = 5000,
        start_ms: int | None = None,
        on_change: Callable[[str], object] | None = None,
        **options: Any,
    ) -> None: ...
    def change(self, *settings: Any, **options: Any) -> None:
        """Connect with other arguments from now on, such as another PIN. Never awaited.

        A SIM card that wants a PIN or PUK is left alone until this is called."""

    def useless(self, reason: str) -> None:
        """Report that the connection is of no use, although the module says that it is up. Never awaited.

        The next step() deactivates the context and activates it again; where that has been done since the last success, it
        restarts the module. `reason`: text for `supervisor.reason`. From the first call on only `success()` counts as success,
        not that a connection can be opened."""

    def success(self) -> None:
        """Report that the connection is of use, for example that the server has answered. Never awaited."""

    def request_restart(self, reason: str) -> None:
        """Have the next step() restart the module; `reason`: text for `supervisor.reason`. Never awaited."""

    def pause_ms(self) -> int:
        """Return how long after the last restart the next one may come, in ms. Never awaited."""

    async def step(self) -> bool:
        """Do what is due: let URCs in, connect, deactivate, restart. Returns whether the module is connected.

        Takes as long as connecting or restarting takes; returns at once when nothing is due."""

    async def run(self) -> None:
        """Go on for ever: a task with AsyncModem; with Modem it never returns (use `step` in your own loop)."""

class BlockingSupervisor:
    """Watches one modem. What a callable of the program raises is printed and ends nothing else.

    `settings` and `options`: arguments of `modem.connect`. `restart`: callable(modem) that restarts the module, plain or a
    coroutine function; None: the modem's PowerKey where it has one, otherwise AT+CFUN=1,1. `free_restarts`: restarts for commands
    without answer before the pauses begin. `attempts`: after so many failed connects in a row the module is restarted, too.
    `failed_opens`: after so many failed opens or name lookups in a row the context is deactivated, after as many more the module
    restarted; 0: never. `check_ms`: how often an idle connection is checked, so that days of silence do not go unnoticed.
    `retry_ms`: pause after a failed connect; doubles with each, up to 60 s. `start_ms`: for Modem.start; None: 40 s, 100 s with a
    PowerKey. `on_change`: callable(state) with "up", "down", "restart", "waiting" (a restart is due, its pause is not over),
    "locked" (the SIM card wants a PIN or PUK: see `change`)."""

    modem: Modem | AsyncModem
    state: str
    error: Exception | None
    reason: str | None
    restarts: int
    operations: AsyncSupervisor

    def change(self, *settings: Any, **options: Any) -> None:
        """Connect with other arguments from now on, such as another PIN. Never awaited.

        A SIM card that wants a PIN or PUK is left alone until this is called."""

    def useless(self, reason: str) -> None:
        """Report that the connection is of no use, although the module says that it is up. Never awaited.

        The next step() deactivates the context and activates it again; where that has been done since the last success, it
        restarts the module. `reason`: text for `supervisor.reason`. From the first call on only `success()` counts as success,
        not that a connection can be opened."""

    def success(self) -> None:
        """Report that the connection is of use, for example that the server has answered. Never awaited."""

    def request_restart(self, reason: str) -> None:
        """Have the next step() restart the module; `reason`: text for `supervisor.reason`. Never awaited."""

    def pause_ms(self) -> int:
        """Return how long after the last restart the next one may come, in ms. Never awaited."""

    def step(self) -> bool:
        """Do what is due: let URCs in, connect, deactivate, restart. Returns whether the module is connected.

        Takes as long as connecting or restarting takes; returns at once when nothing is due."""

    def run(self) -> None:
        """Go on for ever: a task with AsyncModem; with Modem it never returns (use `step` in your own loop)."""

async def restart_by_command(modem: Modem | AsyncModem) -> None:
    """AT+CFUN=1,1: restarts a module that still listens. (A PowerKey restarts one that does not.)"""
