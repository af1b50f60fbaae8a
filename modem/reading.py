"""Reading a socket as a stream: whole amounts and lines. See late.py."""

from errno import EAGAIN

from .compat import const

_LINE_CAP = const(4096)


class Extra:
    """Methods of BaseSocket; `_data()` and `recv_into()` come with the flavour."""

    async def _some(self, n):
        """Return up to `n` bytes, at least one; b"" at the end; None when nothing is there and the socket does not wait."""
        try:
            if not await self._data():
                return b""
        except OSError as error:
            if error.args[0] == EAGAIN and self._timeout_ms == 0:
                return None
            raise
        ring = self._link.ring
        buf = bytearray(min(n, ring.next()))
        ring.readinto(buf)
        return buf

    def read(self, n=-1):
        """Return exactly `n` bytes (fewer only at the end), or everything up to the end; None: nothing there and non-blocking."""
        return self._modem._drive(self._read(n))

    async def _read(self, n):
        out = bytearray()
        while n < 0 or len(out) < n:
            more = await self._some(n - len(out) if n >= 0 else 1024)
            if more is None and not out:
                return None
            if not more:
                break
            out += more
        return bytes(out)

    def readline(self, limit=-1):
        """Return one line with its LF, or what there is before the end or before `limit` bytes; at most 4096 bytes."""
        return self._modem._drive(self._readline(limit))

    async def _readline(self, limit):
        out = bytearray()
        one = bytearray(1)
        if not 0 <= limit <= _LINE_CAP:
            limit = _LINE_CAP
        while len(out) < limit:
            ring = self._link_open().ring
            if not self._link.filling and ring.any():
                ring.readinto(one)
            else:
                more = await self._some(1)
                if more is None and not out:
                    return None
                if not more:
                    break
                one[0] = more[0]
            out += one
            if one[0] == 10:
                break
        return bytes(out)
