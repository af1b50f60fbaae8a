"""Made by tools/stubs.py: do not edit."""

from typing import Any, Self

class PppLink:
    """A PPP session. `interface`: the object that `ppp(...)` has made. Event "ppp closed" when the module ends the session."""

    interface: Any

    def isconnected(self) -> bool:
        """Return whether the PPP stack has a connection. Never awaited."""

    async def poll(self, timeout_ms: int = 0) -> bool:
        """Have the PPP stack read, for `timeout_ms`; return whether the session lasts.

        A stack that reads by interrupts needs it only so that the end of the session is noticed: every second is enough."""

    async def close(self) -> None:
        """End the session and take the line back: the next call of the modem is a command again. Takes up to 10 s.

        Raises ModemTimeout when the module does not leave the data state."""

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *exc: object) -> None: ...

class BlockingPppLink:
    """A PPP session. `interface`: the object that `ppp(...)` has made. Event "ppp closed" when the module ends the session."""

    interface: Any
    operations: PppLink

    def isconnected(self) -> bool:
        """Return whether the PPP stack has a connection. Never awaited."""

    def poll(self, timeout_ms: int = 0) -> bool:
        """Have the PPP stack read, for `timeout_ms`; return whether the session lasts.

        A stack that reads by interrupts needs it only so that the end of the session is noticed: every second is enough."""

    def close(self) -> None:
        """End the session and take the line back: the next call of the modem is a command again. Takes up to 10 s.

        Raises ModemTimeout when the module does not leave the data state."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *exc: object) -> None: ...
