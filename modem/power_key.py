"""Switching a module on, off and off-and-on by its PWRKEY line, and resetting it by RESET_N.

    modem = Modem(uart, power=PowerKey(Pin(4, Pin.OUT)))
    modem.start()                   # switches the module on when it is off

PWRKEY toggles: the same press that switches a module on switches it off when it is on. So it is pressed only when the module does
not answer, or when its STATUS line says that it is off. The times are the model's, from its maker's hardware manual (models.py),
unless they are given here.
"""

from .at.questions import answers
from .compat import const, is_due, ticks_add

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class _Pin(Protocol):
        def value(self, __level: int) -> object: ...  # MicroPython has no "/" among parameters

    class _Input(Protocol):
        def value(self) -> object: ...


_ON_MS = const(2000)  # long enough for every model known, while the model is not known yet
_OFF_MS = const(3000)
_OFF_WAIT_MS = const(30000)  # a module takes up to 25 s to log off from the network (SIM7600)
_RESET_MS = const(500)
_OFF_ON_MS = const(
    2000
)  # between off and on: "SIM7672X Series Hardware Design" 1.01; a BG77 wants 1.3 s ("Hardware Design", 3.6.2.1)
_BOOT_MS = const(30000)  # a module that was switched on answers within this time


class PowerKey:
    """The module's PWRKEY line, and what belongs to it.

    `pin`, `reset`: objects with `value(level)`, such as machine.Pin; `active`: the level that pulls the module's line low (1 with
    the usual transistor). `status`: an object whose `value()` tells whether the module is on (1) where that line is wired.
    `on_ms`, `off_ms`: how long PWRKEY is pressed; `off_wait_ms`: how long the module may take to switch off; None: the model's
    times. `reset_ms`: length of the pulse on RESET_N.
    """

    def __init__(
        self, pin: "_Pin", on_ms: int | None = None, off_ms: int | None = None, active: int = 1, status: "_Input | None" = None,
        reset: "_Pin | None" = None, off_wait_ms: int | None = None, reset_ms: int = _RESET_MS,
    ) -> None:  # fmt: skip
        for name, each in (("pin", pin), ("reset", reset), ("status", status)):
            if each is not None and not callable(getattr(each, "value", None)):
                raise TypeError("%s must be an object with value(), such as machine.Pin" % name)
        if pin is None:
            raise TypeError("pin must be an object with value(), such as machine.Pin")
        self._pin = pin
        self._reset = reset
        self._status = status
        self._active = active
        self._on_ms = on_ms
        self._off_ms = off_ms
        self._off_wait_ms = off_wait_ms
        self._reset_ms = reset_ms
        self._on_at = None  # when the key was pressed to switch the module on
        pin.value(1 - active)
        if reset is not None:
            reset.value(1 - active)

    def _times(self, m):
        facts = m.dialect
        on_ms = self._on_ms or (facts.power_on_ms if facts else 0) or _ON_MS
        off_ms = self._off_ms or (facts.power_off_ms if facts else 0) or _OFF_MS
        wait_ms = self._off_wait_ms or (facts.power_off_wait_ms if facts else 0) or _OFF_WAIT_MS
        return on_ms, off_ms, wait_ms

    def is_on(self):
        """Return whether the STATUS line says that the module is on, None where it is not wired."""
        return None if self._status is None else bool(self._status.value())

    def may_press(self, now):
        """Return whether a module that does not answer may be switched on now: not while it boots after an earlier press."""
        return not self.is_on() and (self._on_at is None or is_due(ticks_add(self._on_at, _BOOT_MS), now, _BOOT_MS))

    async def switch_on(self, m):
        """Press PWRKEY for as long as switches the module on. The caller has found out that it is off."""
        await self._switch_on(m, self._times(m)[0])

    async def _switch_on(self, m, ms):
        await self._press(m, self._pin, ms)
        self._on_at = m.port.ticks_ms()

    async def switch_off(self, m):
        """Press PWRKEY for as long as switches the module off, and wait until it may be switched on again."""
        _, off_ms, wait_ms = self._times(m)
        await self._press(m, self._pin, off_ms)
        until = m.deadline(wait_ms)
        while m.left_ms(until) and self.is_on() is not False:
            await m.turn(m.earlier(until, _RESET_MS))
        await m.pause(_OFF_ON_MS)

    async def restart(self, m):
        """Restart the module: by RESET_N where it is wired, else off and on by PWRKEY.

        Without STATUS line the module is asked whether it is on. One that does not answer is off, or on and hangs: one press,
        long enough for either, switches it on or off; start(), which has to follow, presses again when it stays silent.
        """
        on_ms, off_ms, _ = self._times(m)
        if self._reset is not None:
            await self._press(m, self._reset, self._reset_ms)
            return
        on = self.is_on()
        if on is None:
            on = await answers(m, None) or await answers(m, None)
            if not on:
                on_ms = max(on_ms, off_ms)
        if on:
            await self.switch_off(m)
        await self._switch_on(m, on_ms)

    async def _press(self, m, pin, ms):
        pin.value(self._active)
        try:
            await m.pause(ms)
        finally:
            pin.value(1 - self._active)


def checked(power):
    """Return `power`; TypeError when it is no PowerKey."""
    if not isinstance(power, PowerKey):
        raise TypeError("power must be a PowerKey")
    return power
