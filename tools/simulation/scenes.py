"""Programs on the public face of the driver. Each runs alike with Modem and with AsyncModem, on a connected module."""

from tools.vmodem.models import MODELS

from . import peers
from .program import ASYNC, POLLED, SYNC

ALL = tuple(MODELS)
BOTH = (SYNC, ASYNC)
ECHO, SOURCE, SINK, CLERK, IMPOSTOR, NOBODY, HALVES = 7, 1000, 9, 2000, 666, 4, 300
SERVER_PORT = 2020  # where a scene listens
_LONG = 30000  # bytes of the longer source


class Scene:
    """`body(program)` is the program; `prepare(world)` sets up who it talks to.

    models, flavours   where it can run
    timed              it must not take much longer with a fault than without
    begins             what is done before the scene's own part: "attached", "started", or "off" (nothing)
    """

    def __init__(
        self, body, models=ALL, flavours=BOTH, prepare=None, begins="attached", timed=True, specs=(), secrets=(), about=(),
        quirks=(),
    ):  # fmt: skip
        self.name = body.__name__
        self.body = body
        self.models = models
        self.flavours = flavours
        self.begins = begins
        self.timed = timed
        self.specs = specs  # conditions of the virtual modem, as for its option --fault
        self.quirks = quirks  # habits of the virtual modem, as for its option --quirk
        self.about = about  # kinds of faults that it is made for: a sample has more of them
        self.secrets = secrets  # words that no error and no trace may show
        self._prepare = prepare

    def prepare(self, world):
        """The peers that every scene has, and its own."""
        net = world.net
        seeds = iter(range(1, 1000))
        net.serve(ECHO, peers.Echo)
        net.serve(SINK, peers.Peer)
        net.serve(IMPOSTOR, peers.Impostor)
        net.serve(HALVES, lambda: peers.Halves(world.clock))
        net.serve(SOURCE, lambda: peers.Source(7000, next(seeds)))
        net.serve(SOURCE + 1, lambda: peers.Source(3000, next(seeds), keep=True))
        net.serve(SOURCE + 2, lambda: peers.Source(_LONG, next(seeds)))
        net.serve(CLERK, lambda: peers.Clerk(100 * next(seeds)))
        net.serve(123, lambda: peers.TimeServer(world.clock.wall))
        if self._prepare:
            self._prepare(world)


SCENES = {}


def scene(**options):
    """Register a scene."""

    def register(body):
        SCENES[body.__name__] = Scene(body, **options)
        return body

    return register


async def _downloaded(p, access, rxbuf=1536):
    stream = await p.open(SOURCE, access=access, rxbuf=rxbuf)
    await stream.read_all()
    if len(stream.got) != 7000 and not p.torn:
        p.violate("a", "the end came after %d of 7000 bytes" % len(stream.got))
    await stream.close()


@scene(flavours=(SYNC, ASYNC, POLLED), about=("interrupted",))
async def download(p):
    """Everything a peer sends before it closes."""
    await _downloaded(p, "buffer")


@scene(about=("interrupted",))
async def push(p):
    """The same, sent on by the module as it comes."""
    await _downloaded(p, "push", 8192)


@scene(about=("byte-lost",))
async def upload(p):
    """Several blocks to a peer, which says at last that it has them."""
    stream = await p.open(CLERK)
    block = peers.seeded(1900, 77)
    await stream.send(b"PUT %d\n" % (2 * len(block)))
    await stream.send(block)
    await stream.send(block)
    await stream.read(9)
    await stream.close()


@scene()
async def echo(p):
    """What is sent comes back."""
    stream = await p.open(ECHO)
    for number in range(2):
        data = peers.seeded(300, 50 + number)
        await stream.send(data)
        await stream.read(300)
    await stream.close()


@scene()
async def rounds(p):
    """A kept connection with several requests and responses."""
    stream = await p.open(CLERK)
    for size in (40, 1600, 3):
        await stream.send(b"GET %d\n" % size)
        await stream.read(size)
        await p.sleep(5)
    await stream.close()
