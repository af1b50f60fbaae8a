"""The module's connection ids: handed out, opened, closed, swept up, and ended when the context or the module is lost."""

from .errors import CommandError, ModemError, ModemRestarted
from .line import Line
from .link import Link
from .ring import ByteRing


class Links(Line):
    """The table of connections: `_links[slot]` is a Link or None. Slots are connection ids, where the module counts all alike."""

    def __init__(self, port):
        super().__init__(port)
        self._links = []
        self._connected = False  # the PDP context is up

    async def _open_link(self, sock, host, port, deadline):
        """Open a connection for `sock` on a free id; an id that the module still has in use is passed over."""
        if not self._connected:
            raise ModemError("not connected: call connect() first")
        await self._sweep()
        ops = self.dialect.sockets(sock._tls)
        refused = ()
        while True:
            link = self._new_link(sock, ops, refused)
            try:
                await ops.open(self, link, host, port, deadline)
                return link
            except CommandError as error:
                if error.code != self.dialect.id_in_use:
                    await self._close_link(link)
                    raise
                self._links[link.slot] = None
                refused += (link.slot,)
            except BaseException:
                link.orphan = True  # the module may go on connecting: closed by _sweep()
                raise

    def _new_link(self, sock, ops, refused=()):
        first, count = self.dialect.slots(ops)
        for n in range(first, first + count):
            if self._links[n] is None and n not in refused:
                link = Link(self._engine, n - first, b"TCP", sock._access, ByteRing(sock._rxbuf))
                link.slot = n
                link.ops = ops
                link.tls = sock._tls
                self._links[n] = link
                return link
        raise ModemError("all %d connections of the module are in use" % count)

    async def _close_link(self, link):
        """Close `link` and free its id, whatever the module says to it."""
        try:
            if link.error is None or not isinstance(link.error, ModemRestarted):
                await link.ops.close(self, link)
        except ModemError:
            pass
        finally:
            if self._links[link.slot] is link:
                self._links[link.slot] = None

    async def _sweep(self):
        """Close connections that nobody holds any more (an open that was cancelled or took too long)."""
        for link in self._links:
            if link is not None and link.orphan:
                await self._close_link(link)

    async def _settle_link(self, link):
        await link.ops.settle(self, link)

    def _end_links(self, error):
        for link in self._links:
            if link is not None:
                link.fail(error)

    def _context_lost(self, error):
        self._connected = False
        self._end_links(error)
        self._engine.event("context lost", self.context)

    def _forget_links(self, error):
        """The module has restarted: end all connections, their ids are free."""
        self._connected = False
        self._end_links(error)
        for n in range(len(self._links)):
            self._links[n] = None
