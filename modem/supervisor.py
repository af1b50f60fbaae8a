"""Keeping a connection up, and the documents' rules for restarting a module that does not answer.

    from modem.supervisor import Supervisor, power_key

    supervisor = Supervisor(modem, "internet", restart=power_key(pin))
    while True:
        if supervisor.step():       # brings the connection up where it is not; True: it is up
            ...                     # use sockets; they report what breaks as errors

With AsyncModem `step` is awaited, or `run()` goes on by itself as a task. All times come from the port's clock.

"EC600E-CN & EC800E-CN TCP/IP Application Guide" 1.0, 2.3: the module is restarted when a command has had no answer for 60 s,
AT+QIACT for 150 s, AT+QICLOSE for 10 s or AT+QIDEACT for 40 s; not for an open that takes too long (that is closed). After three
restarts in a row that did not help, the pauses before the next ones are 0, 10 min, 30 min, and longer each time. The text can
also be read so that these pauses begin with the first restart: `free_restarts=0`. What follows 30 min is not said: here 60 and
120 min. "A76XX Series TCPIP Application Note" 1.04, flow charts: restart when the SIM card is not ready within 10 s, the packet
domain not registered within 90 s, context activation unanswered for 150 s, or deactivation refused three times in a row.
"""

from .compat import const, ticks_add, ticks_diff
from .errors import CommandError, LineBusy, ModemError, ModemRestarted
from .request import DIAL, LOST

PAUSES_MIN = (0, 10, 30, 60, 120)
_SILENCE_MS = const(60000)
_NAMED = (b"AT+QICLOSE", b"AT+QIDEACT", b"AT+QSSLCLOSE")  # limits below 60 s that count by themselves
_IDLE_MS = const(250)


class Supervisor:
    """Watches one modem.

    `restart`: callable(modem) that restarts the module, plain or a coroutine function; None: AT+CFUN=1,1. `connect`: arguments of
    `modem.connect`. `attempts`: after so many failed connects in a row the module is restarted too. `check_ms`: how often an idle
    connection is looked after, so that also days of silence do not go unnoticed. `retry_ms`: pause after a failed connect.
    `on_change`: callable(state) with "up", "down", "restart", "waiting".
    """

    def __init__(self, modem, *connect, restart=None, free_restarts=3, attempts=3, check_ms=300000, retry_ms=5000, start_ms=40000,
                 on_change=None, **options):  # fmt: skip
        for name, call in (("restart", restart), ("on_change", on_change)):
            if call is not None and not callable(call):
                raise TypeError("%s must be callable" % name)
        if not connect and "apn" not in options:
            raise TypeError("the arguments of modem.connect() are missing: an APN at least")
        self.modem = modem
        self.state = "down"
        self.error = None  # the last thing that went wrong
        self.reason = None  # why the module has to be restarted, as text; None: it has not
        self.restarts = 0  # in a row without success
        self._connect = connect
        self._options = options
        self._restart = restart_by_command if restart is None else restart
        self._free = free_restarts
        self._attempts = attempts
        self._failures = 0
        self._check_ms = check_ms
        self._retry_ms = retry_ms
        self._start_ms = start_ms
        self._on_change = on_change
        self._now = modem._port.ticks_ms
        self._next_at = self._now()  # nothing is tried before
        self._check_at = self._now()
        self._restarted_at = None
        self._silent_at = None  # since when commands go unanswered
        modem._engine.on_lost = self._on_lost

    # --- what tells that a restart is due

    def _on_lost(self, request):
        """The engine has given a command up."""
        now = self._now()
        began = ticks_add(now, -request.limit_ms)
        engine = self.modem._engine
        if self._silent_at is None or ticks_diff(engine._heard_at, self._silent_at) > 0:
            self._silent_at = began
        if request.kind == DIAL:
            return
        name = request.line.split(b"=")[0].strip()
        if name in _NAMED or request.limit_ms >= _SILENCE_MS:
            self._due("no answer to %s in %d s" % (name.decode(), request.limit_ms // 1000))
        elif ticks_diff(now, self._silent_at) >= _SILENCE_MS:
            self._due("no answer in 60 s")

    def _rule(self, error=None):
        """Return why the vendor's own chart wants a restart: for `error`, or for what has happened before; None: it does not."""
        rule = getattr(self.modem.dialect, "restart_reason", None)
        return None if rule is None else rule(error)

    def _due(self, reason):
        if self.reason is None:
            self.reason = reason

    def pause_ms(self):
        """Return how long after the last restart the next one may come."""
        at = self.restarts - self._free
        return 0 if at < 0 else PAUSES_MIN[min(at, len(PAUSES_MIN) - 1)] * 60000

    # --- one step

    def step(self):
        """Do what is due: let URCs in, connect again, restart. Returns whether the connection is up.

        Blocks (or is awaited) while it connects or restarts, never during the pauses between.
        """
        return self.modem._drive(self._step())

    async def _step(self):
        m = self.modem
        try:
            await m._poll(0)
            reason = self._rule()
            if reason is not None:
                self._due(reason)
            if self.reason is not None:
                return await self._try_restart()
            if m._started and m._connected and ticks_diff(self._now(), self._check_at) < 0:
                return self._is("up")
            if ticks_diff(self._now(), self._next_at) < 0:
                return self._is("down")
            await self._bring_up()
            return self._is("up")
        except LineBusy:
            return self.state == "up"  # somebody else uses the line, so it works; or a transparent socket has it
        except ModemError as error:
            return self._failed(error)

    async def _bring_up(self):
        """Start where that is needed, and connect; on a connection that is up this only looks whether it still is."""
        from .network import connect

        m = self.modem
        if not m._started:
            await m._start(self._start_ms, None)
        names = ("apn", "user", "password", "auth", "ip", "pin", "timeout_ms")
        values = dict(zip(names, (None, None, None, None, "ipv4", None, 300000)))
        values.update(zip(names, self._connect))
        values.update(self._options)
        await connect(m, *[values[name] for name in names])
        self._check_at = ticks_add(self._now(), self._check_ms)
        self._failures = self.restarts = 0
        self._silent_at = self._restarted_at = None

    def _failed(self, error):
        """A connect has failed: try again later, or restart the module after several."""
        self.error = error
        self._next_at = ticks_add(self._now(), self._retry_ms)
        if not isinstance(error, ModemRestarted):  # one that restarted by itself needs no further restart
            self._failures += 1
            reason = self._rule(error)
            if reason is not None:
                self._due(reason)
            if self._failures >= self._attempts:
                self._due("%d failures in a row, the last: %s" % (self._failures, error))
        return self._is("down")

    async def _try_restart(self):
        now = self._now()
        if self._restarted_at is not None and ticks_diff(now, ticks_add(self._restarted_at, self.pause_ms())) < 0:
            return self._is("waiting")
        self._is("restart")
        m = self.modem
        self.restarts += 1
        self._restarted_at = now
        self.reason = None
        self._failures = 0
        m._on_boot()  # what was open is lost
        m._engine.stop(LOST)
        m._engine.desync = False
        m._started = False
        done = self._restart(m)
        if hasattr(done, "send"):
            await done
        self._silent_at = None
        try:
            await self._bring_up()
        except ModemError as error:
            self.error = error
            self._due("the restart did not help: %s" % error)
            return self._is("down")
        return self._is("up")

    def _is(self, state):
        if state != self.state:
            self.state = state
            if self._on_change is not None:
                self._on_change(state)
        return state == "up"

    # --- going on by itself

    def run(self):
        """Go on for ever: `await` it as a task with AsyncModem; with Modem it never returns (use `step` in your own loop)."""
        return self.modem._drive(self._run())

    async def _run(self):
        while True:
            await self._step()
            await self.modem._sleep(_IDLE_MS)


# --- ways to restart a module


async def restart_by_command(m):
    """AT+CFUN=1,1: restarts a module that still listens."""
    try:
        await m._cmd(b"+CFUN=1,1", limit_ms=15000)
    except (CommandError, ModemError):
        pass  # a module that hangs does not answer; one that restarts at once does not either


def pulse(pin, ms=500, active=1):
    """Return a restart by a pulse on the module's RESET_N line: `pin.value(active)` for `ms`.

    `active`: the pin's level that pulls the line low (1 with the usual transistor). See the module's hardware manual for `ms`.
    """

    async def restart(m):
        await _press(m, pin, ms, active)

    return restart


def power_key(pin, off_ms=1000, wait_ms=5000, on_ms=1000, active=1):
    """Return a restart by the module's PWRKEY line: pressed for `off_ms`, released for `wait_ms`, pressed for `on_ms`.

    The times differ from module to module: take them from its hardware manual. A module that hangs may ignore its PWRKEY: a pulse
    on RESET_N, or switching its supply, is surer.
    """

    async def restart(m):
        await _press(m, pin, off_ms, active)
        await m._sleep(wait_ms)
        await _press(m, pin, on_ms, active)

    return restart


async def _press(m, pin, ms, active):
    pin.value(active)
    try:
        await m._sleep(ms)
    finally:
        pin.value(1 - active)
