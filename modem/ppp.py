"""PPP: the module dials, then the line belongs to a PPP stack, MicroPython's network.PPP, until the session ends.

link = modem.dial_ppp(network.PPP, "internet")
while not link.isconnected():
    link.poll(100)
...                                     # sockets of Python's own
link.close()

The driver reads nothing meanwhile. The PPP stack gets a stream that passes on what the port has and looks for the module's NO
CARRIER in it: PPP ends every frame with a flag, so no frame is followed by that and silence. Other lines of the module may follow
(SIM7600: +PPPD: DISCONNECTED). network.PPP reads by the
UART's interrupts; on a port without them it reads when the driver would. On ESP32 the stack runs in a thread of its own, where no
Python may run: it gets the UART itself, and NO CARRIER shows only by the stack's own state.
"""

from io import IOBase
from sys import platform

from .at.command import CONNECT, DIAL, Command
from .at.params import quoted
from .compat import Operations, RingIO, age_ms, const
from .errors import ModemError, ModemTimeout, NotSupported, ProtocolError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DIAL_MS = const(150000)  # as long as the activation of a context may take
_LIMIT_MS = const(9000)
_LONGEST_APN = const(100)
_LOST = b"\r\nNO CARRIER\r\n"
_FLAG = b"\x7e"
_BELIEVED_MS = const(1000)  # silence after it
_IDLE_MS = const(20000)
_LEFT = const(512)  # bytes that may follow CONNECT at once
_GOODBYE_MS = const(5000)  # for the stack's last words and the module's NO CARRIER
_GUARD_MS = const(1100)  # silence around +++ (V.250, S12: a second)
_ROOM_MS = const(2000)  # a port that takes nothing for so long is stuck
_POLL = const(3)  # requests of ioctl()
_READABLE = const(1)
_WRITABLE = const(4)


async def dial(modem, ppp, apn, timeout_ms, options):
    """See Modem.dial_ppp."""
    if not callable(ppp):
        raise NotSupported("no PPP here: pass network.PPP of a MicroPython that has it")
    m = modem.module
    m.known()
    if not m.started:
        raise ModemError("not started: call start() first")
    if [link for link in m.links if link is not None]:
        raise ModemError("close all sockets first: PPP takes the whole line")
    deadline = m.deadline(timeout_ms)
    context = None if apn is None else quoted("apn", apn, _LONGEST_APN)
    if m.connected:
        await modem.disconnect(timeout_ms)
    if context is not None:
        await m.cmd(b'+CGDCONT=%d,"IP",%s' % (m.context, context), limit_ms=_LIMIT_MS, deadline=deadline)
    link = PppLink(m)
    command = _Dial(b"ATD*99***%d#\r" % m.context, link)
    await m.run(command, deadline)
    if command.result != CONNECT:
        raise ProtocolError("OK without CONNECT", command=command.line.decode().strip())
    try:
        link.hand_over(ppp, options)
    except BaseException:
        await link.close()
        raise
    return link


class _Dial(Command):
    """From the byte after CONNECT on, the line is PPP's."""

    def __init__(self, line, link):
        super().__init__(line, None, _DIAL_MS, kind=DIAL)
        self._link = link

    def on_done(self):
        if self.result == CONNECT:
            self._link.take_line()


class _HandedOver:
    """In place of the port, for the engine, while the line is not its own: where it would read, the PPP stack does."""

    def __init__(self, link, port):
        self._link = link
        self.ticks_ms = port.ticks_ms
        self.write = port.write

    def readinto(self, buf, n):
        self._link.feed()
        return 0

    def lost(self):
        return False  # PPP has checksums


class PppLink(Operations):
    """A PPP session. `interface`: the object that `ppp(...)` has made. Event "ppp closed" when the module ends the session."""

    abandoned = False

    def __init__(self, module):
        self.module = module
        self.interface: Any = None
        self.link = self  # as others ask the holder of the line
        self._port = module.port
        self._stream = None
        self._rest = RingIO(_LEFT)  # what came in one piece with CONNECT
        self._ended = False
        self._was_up = False
        self._tail = b""  # the last bytes after the last flag
        self._lost = False  # NO CARRIER has come after the last flag
        self._heard_at = 0

    def holds_line(self):
        """See Link.holds_line."""
        return True

    # --- the program's side

    def isconnected(self) -> bool:
        """Return whether the PPP stack has a connection. Never awaited."""
        self.tick(self._port.ticks_ms())
        return not self._ended and bool(self.interface.isconnected())

    async def poll(self, timeout_ms: int = 0) -> bool:
        """Have the PPP stack read, for `timeout_ms`; return whether the session lasts.

        A stack that reads by interrupts needs it only so that the end of the session is noticed: every second is enough.
        """
        m = self.module
        deadline = m.deadline(timeout_ms)
        self.feed()
        while not self._ended and await m.turn(deadline):
            pass
        self.tick(self._port.ticks_ms())
        up = not self._ended and bool(self.interface.isconnected())
        if self._was_up and not up:
            await self.close()  # the stack has given up
        self._was_up = up
        m.deliver()
        return not self._ended

    async def close(self) -> None:
        """End the session and take the line back: the next call of the modem is a command again. Takes up to 10 s.

        Raises ModemTimeout when the module does not leave the data state.
        """
        m = self.module
        if self._ended:
            return
        if self.interface is not None:
            if hasattr(self.interface, "disconnect"):
                self.interface.disconnect()
            else:
                self.interface.active(False)  # ESP32 before 1.24
            if self._stream is None:
                m.engine.port = self._port  # the stack may have stopped reading
            until = m.deadline(_GOODBYE_MS)
            while not self._ended and await m.turn(until):
                pass
        if not self._ended:
            await self._hang_up()

    async def _hang_up(self):
        m = self.module
        self._give_back()  # before the first await: nothing of the stack's may come between
        await m.pause(_GUARD_MS)
        m.engine.write(b"+++", 0, 3)
        await m.pause(_GUARD_MS)
        try:
            await m.attempt(b"H", limit_ms=_LIMIT_MS)
        except ModemTimeout as error:
            error.text = "the module does not leave the data state: " + error.text
            raise

    # --- the line

    def take_line(self):
        """CONNECT has come: the engine reads no more, and no command can begin."""
        engine = self.module.engine
        self._heard_at = self._port.ticks_ms()
        engine.parser.set_raw(self)
        engine.port = _HandedOver(self, self._port)

    def hand_over(self, ppp, options):
        """Make the PPP object, and have it connect."""
        if platform == "esp32":
            stream = self._port.pollable
        else:
            stream = self._stream = _Stream(self, self._port)
        self.interface = ppp(stream)
        if hasattr(self.interface, "active"):
            self.interface.active(True)
        self.interface.connect(**options)

    def feed(self):
        """Have the stack read what there is, where it does not do that by interrupts."""
        if self._stream is not None and self._stream.uart is None and self.interface is not None:
            self.interface.poll()

    def _give_back(self):
        engine = self.module.engine
        self._ended = True
        if self._stream is not None:
            self._stream.end()
        engine.port = self._port
        engine.parser.set_raw(None)
        engine.desync = True  # the next command finds out where the module is
        self.module.notify()

    # --- what the engine and the stream call

    def write(self, buf, off, n):
        """Bytes that came in one piece with CONNECT, or that the stack does not read any more."""
        self._rest.write(buf, off, n)
        self.seen(bytes(memoryview(buf)[off : off + n]))
        return n

    def rest(self, buf, n):
        """Move what came with CONNECT into `buf`, at most `n` bytes; return how many."""
        return self._rest.readinto(buf, n) if self._rest.any() else 0

    def seen(self, data):
        """The stream has passed `data` on."""
        self._heard_at = self._port.ticks_ms()
        flag = data.rfind(_FLAG)
        if flag >= 0:
            data, self._tail, self._lost = data[flag + 1 :], b"", False
        data = self._tail + data
        self._lost = self._lost or _LOST in data
        self._tail = data[1 - len(_LOST) :]
        if self._lost:
            self.module.engine.changed = True  # the end is due sooner than whoever waits believes

    def due_ms(self, now):
        """See TransparentLine: when tick() has something to do."""
        return max(1, _BELIEVED_MS - age_ms(self._heard_at, now)) if self._lost else _IDLE_MS

    def tick(self, now):
        """The module has ended the session if NO CARRIER has come and nothing more for a second."""
        if self._lost and not self._ended and age_ms(self._heard_at, now) >= _BELIEVED_MS:
            self._give_back()
            self.module.engine.event("ppp closed", self.module.waiter.user(self))


class _Stream(IOBase):
    """What the PPP stack reads and writes: the port, with MicroPython's stream protocol and a UART's irq()."""

    def __init__(self, link, port):
        self._link = link
        self._port = port
        self.uart = port.pollable if hasattr(port.pollable, "irq") else None
        self.IRQ_RXIDLE = self.uart.IRQ_RXIDLE if self.uart is not None else 0

    def readinto(self, buf):
        """Return how many bytes were there; None: nothing."""
        if self._link is None:
            return None
        n = self._link.rest(buf, len(buf)) or self._port.readinto(buf, len(buf))
        if n:
            self._link.seen(bytes(memoryview(buf)[:n]))
        return n or None

    def read(self, n=_LEFT):
        """Return up to `n` bytes; None: nothing is there."""
        buf = bytearray(n)
        n = self.readinto(buf)
        return n and bytes(memoryview(buf)[:n])

    def write(self, buf):
        """Write all of `buf`, and say so also when the session has ended: the stack must not fail for that."""
        done, size = 0, len(buf)
        port = self._port
        since = port.ticks_ms()
        while done < size and self._link is not None:
            n = port.write(buf, done, size - done) or 0
            done += n
            if n:
                since = port.ticks_ms()
            elif age_ms(since, port.ticks_ms()) > _ROOM_MS:
                return done
            else:
                port.wait(1)
        return size

    def irq(self, handler=None, trigger=0, hard=False):
        """Have `handler` called when bytes have come, where there is a UART to do that."""
        if self.uart is not None:
            return self.uart.irq(handler, trigger) if handler is not None else self.uart.irq(None)
        return None

    def ioctl(self, request, flags):
        """Poll: readable as far as nobody knows better."""
        return flags & (_READABLE | _WRITABLE) if request == _POLL else 0

    def end(self):
        """The session is over: nothing more goes in or out."""
        self._link = None
        self.irq()
