"""A virtual SIM7100 between a host in memory and real servers on loopback. CPython only.

    live(scene, hosts=[...], quirks=[...])      # scene(rig) is a coroutine function

`ServiceRig` has the real core, line, dialect and network on a running event loop. The servers are in tests/rigs/service_servers.py.
"""

import asyncio
import contextlib
import re
import selectors
import time

from tests.rigs.virtual_modem import OK, Port
from tools.vmodem.clock import LoopClock
from tools.vmodem.core import Modem
from tools.vmodem.faults import Faults
from tools.vmodem.files import FileStore
from tools.vmodem.hosts import HostMap
from tools.vmodem.line import Line
from tools.vmodem.models import MODELS
from tools.vmodem.net import Network

LIMIT_S = 60
_FINAL = re.compile(rb"\r\n(OK|ERROR|\+CME ERROR: [^\r]*)\r\n")


class ServiceRig:
    """A virtual modem on the running event loop; its port is in memory."""

    def __init__(self, *, model="sim7100", hosts=(), faults=(), quirks=(), rate=0, files=None):
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop)
        self.notes = []
        self.net = Network(loop, HostMap(hosts), self.notes.append)
        self.faults = Faults(faults)
        self.port = Port()
        self.line = Line(clock, self.faults, rate)
        chosen = MODELS[model].with_quirks(quirks)
        self.modem = Modem(
            chosen, clock, self.net, self.line, faults=self.faults, files=FileStore(files), echo=False, note=self.notes.append
        )
        self.line.attach(self.modem, self.port)
        self.drives = self.modem.dialect.fs.drives
        self.seen = bytearray()

    def write(self, data):
        """Bytes from the host."""
        self.line.heard(data)

    async def until(self, condition, what="", timeout_s=LIMIT_S):
        """Wait until `condition()` is true; what it has given."""
        end = time.monotonic() + timeout_s
        while True:
            self.seen += self.port.take()
            found = condition()
            if found:
                return found
            assert time.monotonic() < end, "waited for %s; got %r; notes %r" % (what, bytes(self.seen[-500:]), self.notes[-5:])
            await asyncio.sleep(0.001)

    async def expect(self, text):
        """Wait for `text` (bytes): everything up to and with it."""
        await self.until(lambda: text in self.seen, repr(text))
        return self.take(self.seen.find(text) + len(text))

    async def exactly(self, count):
        """Wait for so many bytes."""
        await self.until(lambda: len(self.seen) >= count, "%d bytes" % count)
        return self.take(count)

    def take(self, count):
        """So many of the bytes that have come."""
        data = bytes(self.seen[:count])
        del self.seen[:count]
        return data

    async def command(self, line):
        """A command line; what comes up to and with its final result."""
        self.write(line.encode("latin-1") + b"\r")
        final = await self.until(lambda: _FINAL.search(self.seen), "the answer to " + line)
        return self.take(final.end())

    async def commands(self, *lines):
        """Command lines that must all end with OK."""
        for line in lines:
            got = await self.command(line)
            assert got.endswith(OK), (line, got)

    async def result(self, line, name):
        """A command whose result line follows OK: the text after its colon."""
        self.write(line.encode("latin-1") + b"\r")
        got = await self.expect(b"\r\nOK\r\n")
        assert got == OK, got
        return await self.line_of(name)

    async def line_of(self, name):
        """The text after the colon of the next line `name`."""
        await self.expect(b"\r\n%s:" % name.encode())
        return (await self.expect(b"\r\n"))[:-2].strip().decode("latin-1")

    async def blocks(self, name):
        """Blocks `NAME: DATA,<len>` up to the result line: (list of blocks, result)."""
        found = []
        while True:
            text = await self.line_of(name)
            if not text.startswith("DATA"):
                return found, int(text)
            found.append(await self.exactly(int(text[5:].strip(" ,"))))

    async def quiet(self, seconds=0.05):
        """Let `seconds` pass; what has come."""
        await asyncio.sleep(seconds)
        self.seen += self.port.take()
        return self.take(len(self.seen))


def live(scene, **options):
    """Run `scene(rig)` with a `ServiceRig`."""

    failures = []

    async def run():
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))
        rig = ServiceRig(**options)
        try:
            await scene(rig)
        finally:
            with contextlib.suppress(RuntimeError):
                rig.modem.dialect._reset()
            rig.net.close()

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        runner.run(run())
    assert not failures, failures
