"""The module's connection ids: handed out, opened, closed, swept up, and ended when the context or the module is lost."""

from .compat import const
from .errors import CommandError, LineBusy, ModemError, ModemRestarted, ModemTimeout
from .line import Line
from .link import Link

_SETTLE_MS = const(1000)


class Links(Line):
    """The table of connections: `_links[slot]` is a Link or None. Slots are connection ids, where the module counts all alike."""

    def __init__(self, port):
        super().__init__(port)
        self._links = []
        self._connected = False  # the PDP context is up
        self._left = None  # the link that has left transparent mode last
        self._lost = ()  # contexts that the network has taken away, and that the module has not been told to deactivate yet
        self._lookup = None  # list that collects the answers of a name server

    async def _open_link(self, sock, kind, host, port, deadline):
        """Open a connection for `sock` on a free id; an id that the module still has in use is passed over.

        `kind`: see link.py. `sock._bound` and `sock._limit` say which local port and how many clients.
        """
        if not self._connected:
            raise self._gone or ModemError("not connected: call connect() first")
        await self._sweep()
        ops = self.dialect.sockets(sock._tls)
        refused = ()
        while True:
            link = self._new_link(sock, kind, ops, refused)
            try:
                await ops.open(self, link, host, port, deadline)
                return link
            except CommandError as error:
                if error.code != self.dialect.id_in_use:
                    await self._close_link(link)
                    raise
                if self._links[link.slot] is link:  # else the module has given the id to a client of a listener
                    self._links[link.slot] = None
                refused += (link.slot,)
            except (TypeError, ValueError):  # nothing was sent
                self._links[link.slot] = None
                raise
            except BaseException as error:
                link.orphan = True  # the module may go on connecting: closed by _sweep()
                if isinstance(error, ModemTimeout) and self._left_ms(deadline):
                    await self._close_link(link)  # it was the document's limit that has passed, not the caller's
                raise

    def _new_link(self, sock, kind, ops, refused=()):
        first, count = self.dialect.slots(ops, kind)
        for n in range(first, first + count):
            if self._links[n] is None and n not in refused:
                link = Link(self._engine, n - first, kind, sock._access, sock._rxbuf)
                link.slot = n
                link.ops = ops
                link.tls = sock._tls
                link.port = sock._bound[1] if sock._bound else 0
                link.limit = sock._limit
                link.context = self.context
                self._links[n] = link
                return link
        raise ModemError("all %d connections of the module are in use" % count)

    async def _close_link(self, link):
        """Close `link` and free its id, whatever the module says to it; later, while another one is transparent."""
        later = False
        try:
            if link.error is None or not isinstance(link.error, ModemRestarted):
                if self._engine.parser.raw is not None:
                    await self._leave(link)
                await link.ops.close(self, link)
        except LineBusy:
            later = link.orphan = True
        except ModemError:
            pass
        except BaseException:  # cancelled: _sweep() goes on with it
            later = link.orphan = True
            raise
        finally:
            if not later and self._links[link.slot] is link:
                self._links[link.slot] = None

    async def _sweep(self):
        """Close connections that nobody holds any more (an open was cancelled or took too long), clear away lost contexts."""
        raw = self._engine.parser.raw
        if raw is not None and not raw.link.orphan:
            return  # a transparent socket has the line: later
        while self._lost:
            await self.dialect.context_lost(self, self._lost[0])
            self._lost = self._lost[1:]
        for link in self._links:
            if link is not None and link.orphan:
                await self._close_link(link)

    async def _settle_link(self, link, deadline):
        """Find out why a read was refused; False when that is not known by `deadline`, or a second from now."""
        if deadline is not None and self._left_ms(deadline) < _SETTLE_MS:
            deadline = self._deadline(_SETTLE_MS)
        try:
            await link.ops.settle(self, link, deadline)
        except (LineBusy, ModemTimeout):
            if deadline is None or self._left_ms(deadline):
                raise
            return False
        return True

    def _end_links(self, error, context=None):
        """End all connections, or those of one PDP context, with `error`."""
        for link in self._links:
            if link is not None and context in (None, link.context):
                link.fail(error)
