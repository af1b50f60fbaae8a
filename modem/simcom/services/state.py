"""What the clients of SIM7100's Internet services share, for as long as the dialect lives; and their base class."""

from ...at.params import digits, quoted
from ...compat import Operations
from ...errors import ModemRestarted, NotSupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    class _Readable(Protocol):
        def read(self, __n: int) -> Any: ...

    class _Readinto(Protocol):
        def readinto(self, __buf: bytearray) -> Any: ...

    class _Into(Protocol):
        def write(self, __data: bytes) -> Any: ...

    _Data = bytes | bytearray | memoryview | _Readable | _Readinto


class ServiceState:
    """The state of a module's services. The dialect holds it as `service_state`, and calls `forget()` when the module restarts
    and when its network service closes.

    flows           prefix of a line: the Inflow (inflow.py) that takes such lines now, or None
    results_follow  error table: True where results of local commands come by a line of their own after OK, False where OK alone
                    is the result; absent: not known yet. A line that comes after all corrects it.
    spelling        what is meant: the form of a name that this firmware takes, where the document prints several
    distances       what follows a block: how many bytes of line ends are between them
    epoch           counts these ends: a session with a server that was opened in an earlier epoch is gone
    ftp_settings    what this program has set the FTP commands to; None: not known
    https           the session that hears of data and of the end (https.py)
    """

    def __init__(self, module):
        self._module = module
        self.flows = {}
        self.results_follow = {}
        self.spelling = {}
        self.distances = {}
        self.epoch = 0
        self.ftp_settings = None
        self.https = None

    def forget(self):
        """Sessions are gone; where the module has restarted, settings and transfers too."""
        self.ftp_settings = None
        self.epoch += 1
        for flow in list(self.flows.values()):
            if flow is not None and not self._module.started:
                flow.cut(ModemRestarted("the module restarted"))
            elif flow is not None and flow.given_up:
                flow.leave()

    def on_lost(self):
        """Received bytes are lost: a transfer that is under way has a hole."""
        for name in self.flows:
            if self.flows[name] is not None:
                self.flows[name].on_gap()

    def on_gap(self):
        """A stray line: it may be a block whose header was lost. Return whether a transfer is under way."""
        found = False
        for name in self.flows:
            flow = self.flows[name]
            if flow is not None and flow.ring is not None:
                flow.on_gap()
                found = True
        return found

    def hear(self, name, family, is_result):
        """Have lines with the prefix `name` go to the flow that listens for them.

        `is_result`: such a line is the result of a command. When it comes after the driver has stopped waiting for it, results of
        this `family` follow OK.
        """
        if name in self.flows:
            return
        self.flows[name] = None

        def on_line(buf, s, e):
            flow = self.flows[name]
            if flow is not None:
                return flow.on_line(buf, s, e)
            if not is_result or digits(buf, s, e) < 0:
                return False
            self.results_follow[family] = True

        self._module.engine.urc(name, on_line)

    async def drained(self, family):
        """Wait until what was given up of a service has ended in the module, which does one thing of a sort at a time."""
        for flow in list(self.flows.values()):
            if flow is not None and flow.given_up and flow.family == family:
                await flow.drain()


def state_of(module):
    """Return the ServiceState of a Module, made on first use."""
    dialect = module.dialect
    if dialect.service_state is None:
        dialect.service_state = ServiceState(module)
    return dialect.service_state


class Client(Operations):
    """Base of the clients of a Module."""

    def __init__(self, module):
        self.module = module
        self.state = state_of(module)
        self._epoch = self.state.epoch

    def _has_restarted(self):
        """Return whether the module has restarted since the last call: what was open in it is gone."""
        before, self._epoch = self._epoch, self.state.epoch
        return before != self._epoch


def filled(what, value, limit):
    """Return `value` as a quoted parameter, as at.params.quoted does; ValueError when it is empty, too."""
    out = quoted(what, value, limit)
    if len(out) == 2:
        raise ValueError("%s must not be empty" % what)
    return out


def refuse_verify(module, verify, what):
    """NotSupported where a program wants the server of a TLS service verified."""
    if verify:
        dialect = module.dialect
        raise NotSupported(
            "this driver cannot verify an %s server with %s: the document (%s) has no command for certificates. Say verify=False "
            "to go without, or use a TLS socket" % (what, dialect.model, dialect.document)
        )
