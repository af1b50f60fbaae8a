"""A virtual modem in simulated time, for tests that play a driver against it. CPython only."""

from tools.simulation import peers, services
from tools.simulation.port import SimulatedPort
from tools.simulation.world import World


class Port(SimulatedPort):
    """With ticks that do not go round: whichever arithmetic the driver was imported with."""

    def ticks_ms(self):
        return int(self._clock.now() * 1000)


def plug_in(world):
    """A new port of the host, in place of the one before."""
    world.port = Port(world)
    world.line.attach(world.modem, world.port)
    return world.port


def served(model, mails=(), files=None):
    """A World with an echo at peer.test:7, an endless source at 1000, a mailbox and a file server."""
    world = World(model)
    world.net.serve(7, peers.Echo)
    world.net.serve(1000, lambda: peers.Source(60000, 1))
    world.net.files = services.FileServer(files or {"/page.bin": b"x" * 30000})
    world.net.mail = services.MailServer(list(mails))
    return world
