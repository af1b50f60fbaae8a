"""Keeping a connection up, and the documents' rules for restarting a module that does not answer.

    from modem.supervisor import Supervisor, power_key

    supervisor = Supervisor(modem, "internet", restart=power_key(pin))
    while True:
        if supervisor.step():       # connects where the module is not connected; True: it is
            ...                     # use sockets; they report what breaks as errors

With AsyncModem `step` is awaited, or `run()` goes on by itself as a task. All times come from the port's clock.

"EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.3: the module is restarted when a command has had no answer for 60 s,
AT+QIACT for 150 s, AT+QICLOSE for 10 s or AT+QIDEACT for 40 s; not for an open that takes too long (that is closed). After three
restarts in a row that did not help, the pauses before the next ones are 0, 10 min, 30 min, and longer each time. The text can
also be read so that these pauses begin with the first restart: `free_restarts=0`. It gives no pause after 30 min: here 60 and
120 min. "A76XX Series TCPIP Application Note" 1.04, flow charts: restart when the SIM card is not ready within 10 s, the packet
domain not registered within 90 s, context activation unanswered for 150 s, or deactivation refused three times in a row.
"""

from .at.command import DIAL, LOST
from .attach import connect
from .compat import Blocking, Operations, age_ms, const, is_due, ticks_add
from .errors import LineBusy, ModemError, ModemRestarted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any, Protocol

    from .aio import AsyncModem
    from .modem import Modem

    _Restart = Callable[[Any], Awaitable[object] | object]

    class _Pin(Protocol):
        def value(self, level: int) -> object: ...


PAUSES_MIN = (0, 10, 30, 60, 120)
_MINUTE_MS = const(60000)
_SILENCE_MS = const(60000)
_NAMED = (b"AT+QICLOSE", b"AT+QIDEACT", b"AT+QSSLCLOSE")  # limits below 60 s that count by themselves
_IDLE_MS = const(250)
_CFUN_MS = const(15000)
_CONNECT_MS = const(300000)  # as Modem.connect


def _arguments(apn, user=None, password=None, auth=None, ip="ipv4", pin=None, timeout_ms=_CONNECT_MS):
    """Return the arguments of Modem.connect() in their order. The last is `pin_retry`: a refused PIN is never sent again by
    itself."""
    return apn, user, password, auth, ip, pin, timeout_ms, False


def Supervisor(modem: "Modem | AsyncModem", *settings: "Any", **options: "Any") -> "AsyncSupervisor":
    """Return what watches one modem: an AsyncSupervisor for an AsyncModem, its blocking face for a Modem.

    The arguments are those of AsyncSupervisor.
    """
    return modem.module.waiter.user(AsyncSupervisor(modem, *settings, **options))


class AsyncSupervisor(Operations):
    """Watches one modem.

    `settings` and `options`: arguments of `modem.connect`. `restart`: callable(modem) that restarts the module, plain or a
    coroutine function; None: AT+CFUN=1,1. `free_restarts`: restarts before the pauses begin. `attempts`: after so many failed
    connects in a row the module is restarted too. `check_ms`: how often an idle connection is checked, so that days of silence
    do not go unnoticed. `retry_ms`: pause after a failed connect. `start_ms`: for Modem.start. `on_change`: callable(state) with
    "up", "down", "restart", "waiting".
    """

    def __init__(
        self, modem: "Modem | AsyncModem", *settings: "Any", restart: "_Restart | None" = None, free_restarts: int = 3,
        attempts: int = 3, check_ms: int = 300000, retry_ms: int = 5000, start_ms: int = 40000,
        on_change: "Callable[[str], object] | None" = None, **options: "Any",
    ) -> None:  # fmt: skip
        for name, call in (("restart", restart), ("on_change", on_change)):
            if call is not None and not callable(call):
                raise TypeError("%s must be callable" % name)
        if not settings and "apn" not in options:
            raise TypeError("the arguments of modem.connect() are missing: an APN at least")
        self._connect = _arguments(*settings, **options)
        self.module = m = modem.module
        self.modem: Modem | AsyncModem = modem
        self.state: str = "down"
        self.error: Exception | None = None  # the last failure
        self.reason: str | None = None  # why the module has to be restarted, as text; None: it has not
        self.restarts: int = 0  # in a row without success
        self._operations = modem.operations if isinstance(modem, Blocking) else modem
        self._restart = restart_by_command if restart is None else restart
        self._free = free_restarts
        self._attempts = attempts
        self._failures = 0
        self._check_ms = check_ms
        self._retry_ms = retry_ms
        self._start_ms = start_ms
        self._on_change = on_change
        self._now = m.port.ticks_ms
        self._check_at = self._now()  # a connection that is up is not checked before
        self._next_at = None  # nothing is tried before; None: at once
        self._restarted_at = None
        self._silent_at = None  # since when commands go unanswered
        m.engine.on_limit = self._on_limit

    # --- what shows that a restart is due

    def _on_limit(self, command):
        """The engine has given a command up."""
        now = self._now()
        if self._silent_at is None or age_ms(self.module.engine.heard_at, now) < age_ms(self._silent_at, now):
            self._silent_at = ticks_add(now, -command.limit_ms)
        if command.kind == DIAL:
            return
        name = command.line.split(b"=")[0].strip()
        if name in _NAMED or command.limit_ms >= _SILENCE_MS:
            self.request_restart("no answer to %s in %d s" % (name.decode(), command.limit_ms // 1000))
        elif age_ms(self._silent_at, now) >= _SILENCE_MS:
            self.request_restart("no answer in 60 s")

    def _rule(self, error=None):
        """Return why the vendor's flow chart wants a restart: for `error`, or for what came before it; None: it does not."""
        dialect = self.module.dialect
        return None if dialect is None else dialect.restart_reason(error)

    def request_restart(self, reason: str) -> None:
        """Have the next step() restart the module; `reason`: for `supervisor.reason`. Never awaited.

        For a program that finds out by itself that the connection is of no use, although the module reports that it is up.
        """
        if self.reason is None:
            self.reason = reason

    def pause_ms(self) -> int:
        """Return how long after the last restart the next one may come, in ms. Never awaited."""
        at = self.restarts - self._free
        return 0 if at < 0 else PAUSES_MIN[min(at, len(PAUSES_MIN) - 1)] * _MINUTE_MS

    # --- one step

    async def step(self) -> bool:
        """Do what is due: let URCs in, connect again, restart. Returns whether the module is connected.

        Takes as long as connecting or restarting takes; returns at once during the pauses between.
        """
        m = self.module
        try:
            await self._operations.poll(0)
            reason = self._rule()
            if reason is not None:
                self.request_restart(reason)
            if self.reason is not None:
                return await self._try_restart()
            now = self._now()
            if m.started and m.connected and not is_due(self._check_at, now, self._check_ms):
                return self._is("up")
            if self._next_at is not None and not is_due(self._next_at, now, self._retry_ms):
                return self._is("down")
            await self._bring_up()
            return self._is("up")
        except LineBusy:
            return self.state == "up"  # another task uses the line, so it works; or a transparent socket has it
        except ModemError as error:
            return self._failed(error)

    async def _bring_up(self):
        """Start where that is needed, and connect; a connection that is up is only checked by it."""
        if not self.module.started:
            from .startup import start

            await start(self.module, self._start_ms, None)
        await connect(self.module, *self._connect)
        self._check_at = ticks_add(self._now(), self._check_ms)
        self._failures = self.restarts = 0
        self._silent_at = self._restarted_at = self._next_at = None

    def _failed(self, error):
        """A connect has failed: try again later, or restart the module after several."""
        self.error = error
        self._next_at = ticks_add(self._now(), self._retry_ms)
        if not isinstance(error, ModemRestarted):  # one that restarted by itself needs no further restart
            self._failures += 1
            reason = self._rule(error)
            if reason is not None:
                self.request_restart(reason)
            if self._failures >= self._attempts:
                self.request_restart("%d failures in a row, the last: %s" % (self._failures, error))
        return self._is("down")

    async def _try_restart(self):
        now = self._now()
        if self._restarted_at is not None and age_ms(self._restarted_at, now) < self.pause_ms():
            return self._is("waiting")
        self._is("restart")
        m = self.module
        self.restarts += 1
        self._restarted_at = now
        self.reason = None
        self._failures = 0
        m.on_boot()  # its connections are lost
        m.engine.stop(LOST)
        m.engine.desync = False
        m.started = False
        done = self._restart(self.modem)
        if hasattr(done, "send"):
            await done
        self._silent_at = None
        try:
            await self._bring_up()
        except ModemError as error:
            self.error = error
            self.request_restart("the restart did not help: %s" % error)
            return self._is("down")
        return self._is("up")

    def _is(self, state):
        if state != self.state:
            self.state = state
            if self._on_change is not None:
                self._on_change(state)
        return state == "up"

    # --- going on by itself

    async def run(self) -> None:
        """Go on for ever: a task with AsyncModem; with Modem it never returns (use `step` in your own loop)."""
        while True:
            await self.step()
            await self.module.pause(_IDLE_MS)


# --- ways to restart a module


async def restart_by_command(modem: "Modem | AsyncModem") -> None:
    """AT+CFUN=1,1: restarts a module that still listens."""
    try:
        await modem.module.cmd(b"+CFUN=1,1", limit_ms=_CFUN_MS)
    except ModemError:
        pass  # a module that hangs does not answer; one that restarts at once does not either


def pulse(pin: "_Pin", ms: int = 500, active: int = 1) -> "_Restart":
    """Return a restart by a pulse on the module's RESET_N line: `pin.value(active)` for `ms`.

    `active`: the pin's level that pulls the line low (1 with the usual transistor). See the module's hardware manual for `ms`.
    """

    async def restart(modem):
        await _press(modem.module, pin, ms, active)

    return restart


def power_key(pin: "_Pin", off_ms: int = 1000, wait_ms: int = 5000, on_ms: int = 1000, active: int = 1) -> "_Restart":
    """Return a restart by the module's PWRKEY line: pressed for `off_ms`, released for `wait_ms`, pressed for `on_ms`.

    The times differ from module to module: take them from its hardware manual. A module that hangs may ignore its PWRKEY: a pulse
    on RESET_N, or switching its supply, is more reliable.
    """

    async def restart(modem):
        m = modem.module
        await _press(m, pin, off_ms, active)
        await m.pause(wait_ms)
        await _press(m, pin, on_ms, active)

    return restart


async def _press(m, pin, ms, active):
    pin.value(active)
    try:
        await m.pause(ms)
    finally:
        pin.value(1 - active)
