"""What `with` and `async with` do with what the services hand out: sessions with servers, responses."""


class Session:
    """Ended at the end of `with`, or of `async with` where calls are awaited; the other one is a TypeError."""

    _modem = None

    def _exit(self, kind):
        """End it, after an exception of type `kind` or without one (None)."""
        return self.close()

    def _check(self, awaited):
        if hasattr(self._modem, "__aenter__") != awaited:
            raise TypeError("use `with` with Modem and `async with` with AsyncModem")

    def __enter__(self):
        self._check(False)
        return self

    def __exit__(self, *exc):
        self._exit(exc[0])

    async def __aenter__(self):
        self._check(True)
        return self

    async def __aexit__(self, *exc):
        await self._exit(exc[0])
