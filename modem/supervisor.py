"""Keeping a connection up: when to connect again, to deactivate the context, to restart the module, by the documents' rules.

    from modem.supervisor import Supervisor

    supervisor = Supervisor(modem, "internet")
    while True:
        if supervisor.step():       # connects where the module is not connected; True: it is
            ...                     # use sockets; they report what breaks as errors

With AsyncModem `step` is awaited, or `run()` goes on by itself as a task. All times come from the port's clock.

What counts is that connections come about, not what the module says of itself: three opens or name lookups in a row that fail,
while no connection is open, deactivate the context and activate it again; three more restart the module.

Restarts. "EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.3: when a command has had no answer for 60 s, AT+QIACT for 150
s, AT+QICLOSE for 10 s or AT+QIDEACT for 40 s; not for an open that takes too long (that is closed). "A76XX Series TCPIP
Application Note" 1.04, 1.4, flow charts: when the SIM card is not ready within 10 s, the packet domain not registered within 90
s, AT+CGACT unanswered for 150 s, or deactivation refused three times in a row.

Pauses between restarts. The same 2.3: after three restarts in a row for commands without answer that did not help, the pauses
before the next ones are 0, 10 min, 30 min, and longer each time. The text can also be read so that these pauses begin with the
first restart: `free_restarts=0`. It gives no pause after 30 min: here 60 and 120 min. For all other reasons (no SIM card, no
network, connections that fail) the pauses begin with the first restart, because a restart is unlikely to help. The supervisor
goes on trying to connect during the pauses.
"""

from .at.command import DIAL, LOST
from .at.questions import answers
from .attach import connect
from .compat import Blocking, Coroutine, Operations, age_ms, const, is_due, report, ticks_add
from .errors import LineBusy, ModemError, ModemRestarted, SimError
from .net.link import OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from .aio import AsyncModem
    from .modem import Modem

    _Restart = Callable[[Any], Awaitable[object] | object]

PAUSES_MIN = (0, 10, 30, 60, 120)
_MINUTE_MS = const(60000)
_SILENCE_MS = const(60000)
_IDLE_MS = const(250)
_CFUN_MS = const(15000)
_DOWN_MS = const(10000)  # a module goes on answering for some seconds after AT+CFUN=1,1
_PROBE_PAUSE_MS = const(200)
_RETRY_MOST_MS = const(60000)
_TIMEOUT_MS = const(300000)  # as Modem.connect
_START_MS = const(40000)
# what makes a restart unnecessary that is due
_CONNECT = const(0)  # connect() succeeds
_SUCCESS = const(1)  # a connection comes about
_RESTART = const(2)  # nothing does
_KEY_START_MS = const(100000)  # a press that switched a module that hung off, its wait, and the press that switches it on


def _arguments(apn, user=None, password=None, auth=None, ip="ipv4", pin=None, timeout_ms=_TIMEOUT_MS, pin_retry=False):
    """Return the arguments of Modem.connect() in their order."""
    return apn, user, password, auth, ip, pin, timeout_ms, pin_retry


def Supervisor(modem: "Modem | AsyncModem", *settings: "Any", **options: "Any") -> "AsyncSupervisor":
    """Return what watches one modem: an AsyncSupervisor for an AsyncModem, its blocking face for a Modem.

    The arguments are those of AsyncSupervisor.
    """
    return modem.module.waiter.user(AsyncSupervisor(modem, *settings, **options))


class AsyncSupervisor(Operations):
    """Watches one modem. What a callable of the program raises is printed and ends nothing else.

    `settings` and `options`: arguments of `modem.connect`. `restart`: callable(modem) that restarts the module, plain or a
    coroutine function; None: the modem's PowerKey where it has one, otherwise AT+CFUN=1,1. `free_restarts`: restarts for commands
    without answer before the pauses begin. `attempts`: after so many failed connects in a row the module is restarted, too.
    `failed_opens`: after so many failed opens or name lookups in a row the context is deactivated, after as many more the module
    restarted; 0: never. `check_ms`: how often an idle connection is checked, so that days of silence do not go unnoticed.
    `retry_ms`: pause after a failed connect; doubles with each, up to 60 s. `start_ms`: for Modem.start; None: 40 s, 100 s with a
    PowerKey. `on_change`: callable(state) with "up", "down", "restart", "waiting" (a restart is due, its pause is not over),
    "locked" (the SIM card wants a PIN or PUK: see `change`).
    """

    def __init__(
        self, modem: "Modem | AsyncModem", *settings: "Any", restart: "_Restart | None" = None, free_restarts: int = 3,
        attempts: int = 3, failed_opens: int = 3, check_ms: int = 300000, retry_ms: int = 5000, start_ms: int | None = None,
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
        self._restart = restart
        self._free = free_restarts
        self._free_now = 0  # restarts without pause for the present reason
        self._cure = _CONNECT
        self._attempts = attempts
        self._failures = 0  # failed connects in a row
        self._opens = failed_opens
        self._failed_opens = 0
        self._useless = None  # why the connection is of no use, until the context has been activated anew or the module restarted
        self._renewed = False  # the context has been activated anew for that, and nothing has come about since
        self._doubt = False  # that the module is connected is no success: a connection must come about
        self._told = False  # the program reports by itself what is of use
        self._check_ms = check_ms
        self._retry_ms = retry_ms
        self._start_ms = start_ms or (_START_MS if m.power is None else _KEY_START_MS)
        self._on_change = on_change
        self._now = m.port.ticks_ms
        self._check_at = self._now()  # a connection that is up is not checked before
        self._next_at = None  # nothing is tried before; None: at once
        self._restarted_at = None
        self._silent_at = None  # since when commands go unanswered
        m.engine.on_limit = self._on_limit
        m.on_outcome = self._on_outcome

    def change(self, *settings: "Any", **options: "Any") -> None:
        """Connect with other arguments from now on, such as another PIN. Never awaited.

        A SIM card that wants a PIN or PUK is left alone until this is called.
        """
        self._connect = _arguments(*settings, **options)
        self._next_at = None
        if self.state == "locked":
            self._is("down")

    # --- what shows that something is to be done

    def _on_limit(self, command):
        """The engine has given a command up."""
        now = self._now()
        if self._silent_at is None or age_ms(self.module.engine.heard_at, now) < age_ms(self._silent_at, now):
            self._silent_at = ticks_add(now, -command.limit_ms)
        if command.kind == DIAL:
            return
        if self.module.dialect and self.module.dialect.restarts_after(command):
            name = command.line.split(b"=")[0].strip().decode()
            reason = "no answer to %s in %d s" % (name, command.limit_ms // 1000)
        elif age_ms(self._silent_at, now) >= _SILENCE_MS:
            reason = "no answer in 60 s"
        else:
            return
        self._doubt = self._doubt or self.module.connected  # that it connects shows nothing of what went unanswered
        self._due(reason, self._free, _CONNECT)

    def _on_outcome(self, error):
        """A connection or a name lookup has come about (None), or failed."""
        if error is None:
            self._failed_opens = 0
            if not self._told:
                self._succeeded()
            return
        self._failed_opens += 1
        for link in self.module.links:
            if link is not None and link.state == OPEN:
                return  # the network is there
        if self._opens and self._failed_opens >= self._opens:
            self._failed_opens = 0
            self._useless = "%d connections in a row failed, the last: %s" % (self._opens, error)

    def useless(self, reason: str) -> None:
        """Report that the connection is of no use, although the module says that it is up. Never awaited.

        The next step() deactivates the context and activates it again; where that has been done since the last success, it
        restarts the module. `reason`: text for `supervisor.reason`. From the first call on only `success()` counts as success,
        not that a connection can be opened.
        """
        self._told = True
        self._useless = reason

    def success(self) -> None:
        """Report that the connection is of use, for example that the server has answered. Never awaited."""
        self._succeeded()

    def _succeeded(self):
        self._failed_opens = 0
        self._renewed = False
        self._useless = None
        if self._doubt:
            self._doubt = False
            self._cured(_SUCCESS)

    def request_restart(self, reason: str) -> None:
        """Have the next step() restart the module; `reason`: text for `supervisor.reason`. Never awaited."""
        self._due(reason, self._free, _RESTART)

    def _due(self, reason, free, cure):
        """A restart is due. `free`: restarts without pause for such a reason; `cure`: what makes it unnecessary."""
        if self.reason is None:
            self.reason = reason
            self._free_now = free
            self._cure = cure

    def _cured(self, cure):
        """`cure` has happened: a restart is not due any more for what it cures, and the pauses begin anew."""
        self.restarts = 0
        self._restarted_at = None
        if self._cure <= cure:
            self.reason = None

    def pause_ms(self) -> int:
        """Return how long after the last restart the next one may come, in ms. Never awaited."""
        at = self.restarts - self._free_now
        return 0 if at < 0 else PAUSES_MIN[min(at, len(PAUSES_MIN) - 1)] * _MINUTE_MS

    # --- one step

    async def step(self) -> bool:
        """Do what is due: let URCs in, connect, deactivate, restart. Returns whether the module is connected.

        Takes as long as connecting or restarting takes; returns at once when nothing is due.
        """
        m = self.module
        try:
            await self._operations.poll(0)
            if self.state == "locked":
                return False
            await self._use_is_in_doubt()
            reason = m.dialect and m.dialect.restart_reason()
            if reason:
                self._due(reason, 0, _CONNECT)
            now = self._now()
            if self.reason is not None and (self._restarted_at is None or age_ms(self._restarted_at, now) >= self.pause_ms()):
                return await self._try_restart()
            if m.started and m.connected and not is_due(self._check_at, now, self._check_ms):
                return self._is("up")
            if self._next_at is None or is_due(self._next_at, now, _RETRY_MOST_MS):
                await self._bring_up()
                return self._is("up")
            return self._is("waiting" if self.reason is not None else "down")
        except LineBusy:
            return self.state == "up"  # another task uses the line, so it works; or a transparent socket has it
        except ModemError as error:
            return self._failed(error)

    async def _use_is_in_doubt(self):
        """Connections fail although the module is connected: activate the context anew; the second time, restart."""
        why, self._useless = self._useless, None
        if why is None:
            return
        self._doubt = True
        if self._renewed:
            self._due(why, 0, _SUCCESS)
            return
        self._renewed = True
        self._next_at = None
        try:
            await self._operations.disconnect()
        except ModemError as error:  # it is connected all the same, or restarted
            self.error = error

    async def _bring_up(self):
        """Start where that is needed, and connect; a connection that is up is only checked by it."""
        m = self.module
        if not m.started:
            from .startup import start

            await start(m, self._start_ms, None)
        try:
            m.registration_ms = m.dialect.registration_ms
            await connect(m, *self._connect)
        finally:
            m.registration_ms = None
        self._check_at = ticks_add(self._now(), self._check_ms)
        self._failures = 0
        self._silent_at = self._next_at = None
        if self._doubt:
            if self._cure == _CONNECT:
                self.reason = None
        else:
            self._cured(_CONNECT)

    def _failed(self, error):
        """A connect has failed: try again later, or restart the module: at once by the documents' rules, or after several."""
        self.error = error
        self._next_at = ticks_add(self._now(), min(self._retry_ms << min(self._failures, 8), _RETRY_MOST_MS))
        if isinstance(error, SimError) and error.step is None:
            return self._is("locked")  # a PIN that may have been wrong is never sent again by itself
        if not isinstance(error, ModemRestarted):  # one that restarted by itself needs no further restart
            self._failures += 1
            reason = self.module.dialect and self.module.dialect.restart_reason(error)
            if not reason and self._failures >= self._attempts:
                reason = "%d failures in a row, the last: %s" % (self._failures, error)
            if reason:
                self._due(reason, 0, _CONNECT)
        return self._is("waiting" if self.reason is not None else "down")

    async def _try_restart(self):
        self._is("restart")
        m = self.module
        self.restarts += 1
        self._restarted_at = self._now()
        self.reason = None
        self._failures = self._failed_opens = 0
        m.on_boot()  # its connections are lost
        m.engine.stop(LOST)
        m.engine.desync = False
        m.started = False
        boots = m.boots
        try:
            await self._run_restart()
            self._silent_at = None
            await self._see_it_go(boots)
            await self._bring_up()
        except ModemError as error:
            self._failed(error)
            if self.state != "locked" and not isinstance(error, ModemRestarted):
                self._due("the restart did not help: %s" % error, self._free_now, _CONNECT)
                self._is("waiting")
            return False
        return self._is("up")

    async def _run_restart(self):
        m = self.module
        if self._restart is not None:
            try:
                done = self._restart(self.modem)
                if isinstance(done, Coroutine):
                    await done
            except OSError:
                raise
            except Exception as error:
                report(error)
                raise ModemError("the program's restart() failed: %s" % error)
        elif m.power is not None:
            await m.power.restart(m)
        else:
            await restart_by_command(self.modem)

    async def _see_it_go(self, boots):
        """Wait until the module is down, or has booted more than `boots` times: until then it is the old one that answers."""
        m = self.module
        until = m.deadline(_DOWN_MS)
        while m.boots == boots and await answers(m, until):
            if not await m.pause(_PROBE_PAUSE_MS, until):
                break

    def _is(self, state):
        if state != self.state:
            self.state = state
            if self._on_change is not None:
                try:
                    self._on_change(state)
                except Exception as error:  # the program's mistake: it ends nothing else
                    report(error)
        return state == "up"

    # --- going on by itself

    async def run(self) -> None:
        """Go on for ever: a task with AsyncModem; with Modem it never returns (use `step` in your own loop)."""
        while True:
            await self.step()
            await self.module.pause(_IDLE_MS)


async def restart_by_command(modem: "Modem | AsyncModem") -> None:
    """AT+CFUN=1,1: restarts a module that still listens. (A PowerKey restarts one that does not.)"""
    try:
        await modem.module.cmd(b"+CFUN=1,1", limit_ms=_CFUN_MS)
    except ModemError:
        pass  # a module that hangs does not answer; one that restarts at once does not either
