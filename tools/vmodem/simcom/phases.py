"""Data phases of SIMCom modules: input with ETX escapes, and the escape sequence with its own times."""

from ..phases import ESCAPE_GUARD_S, CountedPhase, TransparentPhase

ETX, CTRL_Z, ESC = 0x03, 0x1A, 0x1B
_PLUS_GAP_S = 0.901  # 900 ms, and a millisecond for clocks


class EtxPhase(CountedPhase):
    """Bytes up to a bare Ctrl-Z; ETX makes the byte after it an ordinary one. ESC calls `cancelled()`, where there is one.

    Of more than `count` bytes the rest is dropped, and `overlong(data)` is the outcome (AT, "AT+CIPSEND").
    """

    def __init__(self, count, done, *, cancelled=None, overlong=None, **options):
        super().__init__(count, done, **options)
        self._cancelled = cancelled
        self._overlong = overlong or done
        self._escaped = False

    def feed(self, buffer):
        for used, byte in enumerate(buffer, 1):
            if self._escaped:
                self._escaped = False
            elif byte == ETX:
                self._escaped = True
                continue
            elif byte == CTRL_Z:
                outcome = self._done if len(self._data) <= self._count else self._overlong
                self._end(buffer[:used], outcome, bytes(self._data))
                return used
            elif byte == ESC and self._cancelled:
                self._end(buffer[:used], self._cancelled)
                return used
            if len(self._data) <= self._count:
                self._data.append(byte)
        self._repeat(buffer)
        return len(buffer)

    def _repeat(self, shown):
        if self._echo:
            self._modem.send(bytes(shown))

    def _end(self, shown, outcome, *args):
        self._repeat(shown)
        self._modem.end_phase(self, outcome, *args)


class SimcomTransparentPhase(TransparentPhase):
    """`+++` between silences of 1000 ms, with at most 900 ms from one `+` to the next (AN, 1.5.4)."""

    def _escape_goes_on(self, now, silence):
        goes_on = silence <= _PLUS_GAP_S if self._plus else silence >= ESCAPE_GUARD_S
        if goes_on:
            self._after("guard", _PLUS_GAP_S, self._too_slow)
        return goes_on
